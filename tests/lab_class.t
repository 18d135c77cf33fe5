#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A class is graded: what fails costs that hand-in alone, and a grading that was begun goes on.
# The hand-ins here come to no kernel, so that nothing has to be run.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -f "$lab/plain/bzImage" ] || skip_all 'no kernel to build upon is there'
command -v bwrap >/dev/null || skip_all 'bubblewrap is not installed'
plan 34
unset ALLOW BASE JOBS LIMIT
cpuid=arch/x86/kvm/cpuid.c

# patch_of FILE SED: a diff of the kernel's source
patch_of()
{
	sed "$2" "$lab_linux/pristine/$1" | diff -u --label "a/$1" --label "b/$1" \
		"$lab_linux/pristine/$1" -
}

class=$tmp/class out=$tmp/graded
mkdir "$class"
patch_of $cpuid 's/^int kvm_emulate_cpuid(/int wrong = none_such;\n&/' >"$class/compiles not.patch"
sed 's/^ .*/ nothing of it is there/' "$class/compiles not.patch" >"$class/applies-not.patch"
patch_of arch/x86/kvm/Makefile '$a# more' >"$class/forbidden.patch"
echo 'my work' >"$class/words"
mkdir "$class/folder"
cp "$class/forbidden.patch" "$class/folder"
# Names that are the table's own, as long as a name may be, and of two lines.
echo 'my work' >"$class/class.csv"
long_name=$(printf '%0252d' 0)
echo 'my work' >"$class/$long_name"
echo 'my work' >"$class/words
words"

run lab/grade --out "$tmp/one" "$class/compiles not.patch"
is 'one that does not compile has lost points' "$code" 1
has 'applies: that it does' "$tmp/out" '^applies +([0-9]+) of +\1 '
has 'it says what does not compile' "$tmp/out" \
	"^builds +0 of +[0-9]+ .*$cpuid:[0-9]+:[0-9]+: error: .none_such. undeclared"
run jq -e '.points < .of and (.criteria | length > 5)' "$tmp/one/result.json"
is 'there is a result for programs' "$code" 0
run lab/grade --out "$tmp/one" "$class/applies-not.patch"
is 'one that does not apply has lost points' "$code" 1
has 'and it says where' "$tmp/out" "^applies +0 of .*$cpuid: hunk 1: .*nothing of it is there"
run lab/grade --out "$tmp/one" "$class/forbidden.patch"
is 'one that is refused cannot be graded' "$code" 2
has 'in one line that says why' "$tmp/err" 'refused: it changes arch/x86/kvm/Makefile'
ok 'and leaves no result' test ! -e "$tmp/one/result.json"
run lab/grade --rubric none-such "$class/words"
is 'a rubric that is not there is named' "$code" 64
for runs in vms '1 3'; do
	run lab/grade --only "$runs" "$class/words"
	is "so is a run that there is not, or that is not enough: $runs" "$code" 64
	has 'in one line' "$tmp/err" "^grade: --only: .*$runs|^grade: --only: '3' is none"
done

# A folder of somebody else's is not cleared.
mkdir "$tmp/theirs"
echo 'a thesis' >"$tmp/theirs/thesis"
for script in grade grade-acct; do
	run lab/$script --out "$tmp/theirs" acct/exit_acct.c
	is "$script: a folder with other things in it is refused" "$code" 64
	ok "$script: and stays" test -s "$tmp/theirs/thesis"
done
run env SECONDS_TO_TAKE=0.01 lab/grade --out "$tmp/one" "$class/forbidden.patch"
is 'one that is long to read cannot be graded' "$code" 2
has 'which is said' "$tmp/err" 'refused: it takes more than 0.01 seconds to read it$'

run lab/grade-all --out "$out" "$class"
is 'some of a class cannot be graded' "$code" 1
is 'all have a line' "$(sed -n 's/^1,"\([^"]*\)",\([0-9]*\),.*/\1:\2/p' "$out/class.csv" |
	paste -sd' ')" \
	"$long_name:2 applies-not.patch:1 class.csv:2 compiles not.patch:1 folder:2 \
forbidden.patch:2 words:2 words?words:2"
has 'points are in it' "$out/class.csv" '^1,"compiles not.patch",1,5,100,5,0,'
has 'and why there are none' "$out/class.csv" '^1,"words",2,,,.*no unified diff'
has 'the first line names the columns' "$out/class.csv" '^version,name,code,points,of,applies,'
has 'progress is shown' "$tmp/err" 'grade-all: 8 of 8, '
has 'and the time left' "$tmp/err" 'grade-all: [1-7] of 8, .*about [0-9]+ min left'

# One without a result is told as such.
rm "$out/graded/compiles not.patch/result.json"
run lab/grade-all --out "$out" "$class"
has 'a result that is missing is no grade' "$out/class.csv" '^1,"compiles not.patch",2,,,'

# graded_anew FILE: whose FILE is newer than $tmp/before
graded_anew()
{
	(cd "$out/graded" && find . -type f -name "$1" -newer "$tmp/before" | sort | paste -sd' ')
}
echo 'more work' >>"$class/applies-not.patch"
touch "$tmp/before"
sleep 1
run lab/grade-all --out "$out" "$class"
is 'begun again it grades what has changed, and what could not be graded' "$(graded_anew code)" \
	"./$long_name/code ./applies-not.patch/code ./class.csv/code ./folder/code \
./forbidden.patch/code ./words/code ./words?words/code"
touch "$tmp/before"
sleep 1
run env LIMIT=1199 lab/grade-all --out "$out" "$class"
is 'and all if it is told otherwise' "$(graded_anew graded)" \
	'./applies-not.patch/graded ./compiles not.patch/graded'

# An interruption leaves nobody behind, and no table that is not whole.
rm -rf "$out"
setsid lab/grade-all --out "$out" "$class" >"$tmp/out" 2>"$tmp/err" &
pid=$!
for _ in $(seq 600); do
	! grep -qs compiling "$out"/log-* || break
	sleep 0.2
done
kill -TERM $pid
wait $pid
is 'an interruption ends it' "$?" 143
has 'which is said' "$tmp/err" 'grade-all: interrupted: begun again it goes on$'
ok 'without a table' test ! -e "$out/class.csv"
for _ in $(seq 60); do
	pgrep -f "$tmp/(class|graded)/" >/dev/null || break
	sleep 1
done
is 'and leaves nobody' "$(pgrep -af "$tmp/(class|graded)/")" ''
finish
