#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A right hand-in, variants of it, and faults planted into it, compiled and run: the first ones
# lose nothing, each of the last its own criterion and no other, with a sentence that names
# the cause. Takes minutes for each: FAULTS='swapped late_by_one' VARIANTS=words chooses some.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd .. || exit 1
folder=tests/lab/right
names() { sed -n 's/^\([a-z0-9_]*\);.*/\1/p' "$folder/$1"; }
unreached="count-total count-reason fastpath no-double cycles leaf-registers leaf-undefined \
leaf-disabled leaf-others bounds report"
faults=${FAULTS-$(names faults)} variants=${VARIANTS-$(names variants)}
# shellcheck disable=SC2086 # words are meant
plan $((2 * ($(echo $faults | wc -w) + $(echo $variants | wc -w) + 1)))

# judged NAME PATCH: is it, with one vCPU? What is lost is in $tmp/out, by its id.
judged()
{
	out=$tmp/$1
	mkdir -p "$out"
	run lab/take "$2" "$out"
	[ "$code" -ne 0 ] || run lab/build "$out"
	[ "$code" -ne 0 ] || run lab/examine --rubric lab/rubrics/f22 --runs '1 vms' "$out"
	[ "$code" -eq 0 ] || return
	cp "$out/findings" "$tmp/findings"
	rm -rf "$out"
	sed -n 's/^id=\([a-z-]*\) state=lost .*/\1/p' "$tmp/findings" >"$tmp/out"
}

# What hand-ins are built upon, if it is not there yet.
run lab/build base plain
ok 'the right one is judged' judged right $folder/change.patch
is 'and loses nothing' "$(cat "$tmp/out")" ''
for variant in $variants; do
	sed "$(sed -n "s/^$variant; //p" $folder/variants)" $folder/change.patch >"$tmp/patch"
	ok "$variant is judged" judged "$variant" "$tmp/patch"
	is "$variant loses nothing" "$(cat "$tmp/out")" ''
done
for fault in $faults; do
	sed -n "s/^$fault; //p" $folder/faults >"$tmp/fault"
	IFS=';' read -r criterion words expression <"$tmp/fault"
	sed "${expression# }" $folder/change.patch >"$tmp/$fault.patch"
	judged "$fault" "$tmp/$fault.patch"
	case $criterion in
	*' unreached') criterion=${criterion% *} all="$criterion $unreached" ;;
	*) all=$criterion ;;
	esac
	is "$fault is lost, and nothing else" "$(paste -sd' ' "$tmp/out")" "$all"
	has "$fault: ${words# }" "$tmp/findings" \
		"^id=$criterion .*$(echo "${words# }" | sed 's/[()]/\\&/g')"
done
finish
