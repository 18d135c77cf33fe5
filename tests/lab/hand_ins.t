#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Hand-ins, compiled, run and judged: right ones and variants of them lose nothing, each fault
# that is planted into one its own criterion and no other, with a sentence that names the cause,
# and five after published solutions what their verdicts say. Two minutes for each, all on two
# processors in little more than an hour: JOBS at a time, HAND_INS='swapped words seed3' chooses.
# It goes on where it was ended: see judged.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd .. || exit 1
folder=$build/tests/${lab##*/}
all="count-total count-reason fastpath no-double cycles leaf-registers \
leaf-undefined leaf-disabled leaf-others bounds report"
mkdir -p "$folder"
: >"$tmp/list"
: >"$tmp/wanted"
: >"$tmp/planted"

# Where KERNEL has other lines beside those that are changed.
context=tests/lab/linux-${KERNEL:-6.12}.sed
[ -f "$context" ] || context=/dev/null

# hand_in NAME RUBRIC RUN...: its patch is on stdin
hand_in()
{
	case " ${HAND_INS-$1} " in
	*" $1 "*) sed -f "$context" >"$folder/$1.patch" ;;
	*) cat >/dev/null; return 1 ;;
	esac
	echo "$@" >>"$tmp/list"
}

# want NAME CRITERION STATE WORDS...: and no other is lost
want() { echo "$@" >>"$tmp/wanted"; }

# planted NAME RIGHT: did the expression change something? For an ok of its own.
planted()
{
	cmp -s "$tmp/patch" "tests/lab/right/${2# }.patch" || echo "$1" >>"$tmp/planted"
}

for right in change files per_cpu per_vm; do
	hand_in "right_$right" f22 1 2 vms kasan <"tests/lab/right/$right.patch"
done
grep -v '^#' tests/lab/variants >"$tmp/lines"
while IFS=';' read -r name right expression; do
	sed "${expression# }" "tests/lab/right/${right# }.patch" >"$tmp/patch"
	hand_in "$name" f22 1 2 vms <"$tmp/patch" || continue
	planted "$name" "$right"
done <"$tmp/lines"
grep -v '^#' tests/lab/faults >"$tmp/lines"
while IFS=';' read -r name right lost words expression; do
	sed "${expression# }" "tests/lab/right/${right# }.patch" >"$tmp/patch"
	# shellcheck disable=SC2086 # words are meant
	set -- $lost
	case $1,$words in
	*,*KASAN*) run=kasan ;;
	bounds,*|cycles,*|life,*) run=vms ;;
	vcpus,*) run=2 ;;
	*) run='' ;;
	esac
	# shellcheck disable=SC2086
	hand_in "$name" f22 1 $run <"$tmp/patch" || continue
	planted "$name" "$right"
	want "$name" "$1" lost "${words# }"
	shift
	for id in $([ "$*" = all ] && echo "$all" || echo "$*"); do
		want "$name" "$id" lost
	done
done <"$tmp/lines"
for seed in tests/lab/seed*; do
	name=${seed##*/}
	rubric=$(sed -n 's/^rubric //p' "$seed/verdict")
	hand_in "$name" "$rubric" 1 <"$seed/change.patch" || continue
	grep -v -e '^#' -e '^rubric ' "$seed/verdict" | sed "s/^/$name /" >>"$tmp/wanted"
done

# All of them are so many checks: one that is lost from a list is missed.
[ -z "${HAND_INS+x}" ] && plan 363 ||
	plan $((3 * $(wc -l <"$tmp/list") + $(wc -l <"$tmp/wanted")))
# What hand-ins are built upon, if it is not there yet.
run lab/build base plain
! grep -qw kasan "$tmp/list" || run lab/build base kasan
jobs=${JOBS:-$(nproc)}
export JOBS=1
xargs -r -P "$jobs" -L 1 tests/lab/judged <"$tmp/list"
while read -r name _; do
	cp "$folder/$name/said" "$tmp/err"
	case $name in
	right_*|seed*) ok "$name is there" test -s "$folder/$name.patch" ;;
	*) ok "$name is another than what it was made of" grep -qxF "$name" "$tmp/planted" ;;
	esac
	ok "$name is judged" test -s "$folder/$name/findings"
	grep -v ' state=ok ' "$folder/$name/findings" >"$tmp/out" 2>"$tmp/err"
	is "$name loses what it should" \
		"$(sed -n 's/^id=\([a-z-]*\) state=lost .*/\1/p' "$tmp/out" | sort | xargs)" \
		"$(sed -n "s/^$name \([a-z-]*\) lost.*/\1/p" "$tmp/wanted" | sort | xargs)"
	sed -n "s/^$name //p" "$tmp/wanted" >"$tmp/lines"
	while read -r id state words; do
		has "$name: $id is $state${words:+: $words}" "$folder/$name/findings" \
			"^id=$id state=$state sentence=.*$(echo "$words" | sed 's/[()^]/\\&/g')"
	done <"$tmp/lines"
done <"$tmp/list"
finish
