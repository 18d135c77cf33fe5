#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Hand-ins whose kernel does not come to its end, or dies: each is graded all the same, after so
# many emulated ticks, and the verdict says what it did. Takes minutes for each:
# FATES='boot prints' chooses some.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd .. || exit 1
fates=${FATES-boot exit prints dies}
# shellcheck disable=SC2086 # words are meant
[ -z "${FATES+x}" ] && plan 24 || plan $((6 * $(echo $fates | wc -w)))
vmx=arch/x86/kvm/vmx/vmx.c

# graded FATE FUNCTION DECLARATION CODE: what a hand-in is worth whose FUNCTION begins with that
graded()
{
	mkdir "$tmp/$1"
	sed "/^[a-z].*\\<$2(/,/^}/s/^\\t$3/&\\n\\n\\t$4/" "$lab_linux/pristine/$vmx" \
		>"$tmp/$1/vmx.c"
	run lab/grade --only 1 --out "$tmp/graded-$1" "$tmp/$1/vmx.c"
	cp "$tmp/out" "$tmp/verdict"
}

run lab/build base plain
for fate in $fates; do
	handler='vmx_handle_exit' first='int ret = .*;'
	words='the kernel did not come to its end with 1 vCPU: it hangs, loops or'
	case $fate in
	boot) graded boot vmx_init 'int r, cpu;' 'for (;;)\n\t\tcpu_relax();' ;;
	exit) graded exit $handler "$first" 'for (;;)\n\t\tcpu_relax();' ;;
	prints) graded prints $handler "$first" 'for (;;)\n\t\tpr_info("an exit\\n");' ;;
	dies)
		graded dies $handler "$first" '*(volatile int *)8 = ret;'
		words='the kernel complains while a guest runs (1 vCPU): BUG: kernel NULL' ;;
	esac
	out=$tmp/graded-$fate
	is "$fate: it is graded" "$code" 1
	has "$fate: it applies" "$tmp/verdict" '^applies +([0-9]+) of +\1 '
	has "$fate: what it does is said" "$tmp/verdict" \
		"^builds +0 of +[0-9]+ .*$(echo "$words" | sed 's/[()]/\\&/g')"
	lacks "$fate: and nothing else has points" "$tmp/verdict" \
		'^(count|cycles|leaf|report).* [1-9][0-9]* of'
	has "$fate: its run was ended" "$out/run/1/said" '\(--ticks\)'
	ok "$fate: and left little behind" test "$(du -sm "$out" | cut -f 1)" -lt 300
done
finish
