#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The coursework lab on the real thing: the project's own KVM is a hand-in with every point, and
# a kernel that counts nothing has none for counting.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 28
rubric=lab/rubrics/f22
out=$tmp/own
mkdir -p "$out"
cp "$lab_linux/bzImage" "$out"
printf 'applies=yes\nbuilds=yes\nwarnings=0\n' >"$out/build.txt"
run lab/examine --rubric $rubric --runs '1 vms' "$out"
is 'the own KVM is examined' "$code" 0
run "$build/lab/verdict" --rubric $rubric "$out"
is 'and has every point' "$code" 0
has 'a criterion and its points' "$tmp/out" '^count-reason +15 of  15  the counts of all '
has 'and all of them' "$tmp/out" '^points +90 of  90 +\(10 more are for what was not looked at\)$'
for file in result.json results.json; do
	run jq -e . "$out/$file"
	is "$file is JSON" "$code" 0
done
has 'the page says so too' "$out/report.md" '^90 of 90 points'
for id in vcpus bounds; do
	has "what is not looked at says so: $id" "$out/findings" "^id=$id state=skipped "
done

# The unchanged kernel, whose run examine has made to compare with.
none=$tmp/none
mkdir -p "$none/run"
cp -r "$lab/unpatched" "$none/run/1"
cp "$out/build.txt" "$none"
run "$build/lab/judge" --leaves f22 --unpatched "$lab/unpatched" "$none"
is 'who counts nothing is judged' "$code" 0
for id in count-total count-reason fastpath cycles leaf-registers leaf-undefined report; do
	has "$id is lost" "$none/findings" "^id=$id state=lost "
done
has 'and other leaves are as they were' "$none/findings" '^id=leaf-others state=ok '
run "$build/lab/verdict" --rubric $rubric "$none"
is 'some points are lost' "$code" 1

# A log that was cut is no verdict.
head -n 1000 "$out/run/1/exits" >"$tmp/exits"
mv "$tmp/exits" "$out/run/1/exits"
run "$build/lab/judge" --leaves f22 "$out"
is 'a log without its end is not judged' "$code" 2
has 'and it is said why' "$tmp/err" 'it is not whole$'
# A computer that is too slow is no hand-in's fault.
rm "$out/findings"
run env SECONDS_A_RUN=1 lab/examine --rubric $rubric --runs vms --force "$out"
is 'nor is one on a computer that is too slow' "$code" 2
has 'which is said' "$tmp/err" 'this computer was too slow for run vms$'
ok 'and leaves nothing to be taken for a run' test ! -e "$out/run/vms"
run "$build/lab/verdict" --rubric $rubric "$out"
is 'nor graded' "$code" 2
mkdir "$tmp/bad"
printf 'applies=no\nwhy="hunk 1 of vmx.c"\n' >"$tmp/bad/build.txt"
run lab/examine --rubric $rubric "$tmp/bad"
is 'without a kernel there is a verdict' "$code" 0
has 'which says what does not apply' "$tmp/bad/findings" \
	'^id=applies state=lost .*does not apply: hunk 1 of vmx.c"$'
run "$build/lab/verdict" --rubric $rubric "$tmp/bad"
is 'and all is lost' "$code" 1
finish
