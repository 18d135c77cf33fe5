#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What a guest can find out about its MSRs, APIC, hypercalls, leaves of CPUID and its
# state at the start is the same on hv and on KVM, but for the rows of docs/differences.md.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 36

elf=$tmp/instr.elf
instr_guest "$elf"
is 'the guest builds' "$code" 0

# both WORD MODEL: what the guest prints on hv and on KVM, and the lines that differ
both()
{
	for target in hv kvm; do
		boot/run $target --quiet --report 0 --ticks 60000 --cpu "$2" --cmdline "$1" \
			--out "$tmp/$target" "$elf" 2>"$tmp/$target.err" &
	done
	wait
	for target in hv kvm; do
		has "$1 on $2: $target: it ran" "$tmp/$target/$target.log" \
			"^end target=$target cause=exit_port code=0"
		tr -d '\r' <"$tmp/$target/$target.log" |
			grep -avE '^(log|exits|stats|ran|end|hv:|runner:) ?' >"$tmp/$target.said"
	done
	diff "$tmp/hv.said" "$tmp/kvm.said" | sed -n 's/^[<>] //p' >"$tmp/differ"
}

# known WORD MODEL: the patterns of the page's rows for it
known()
{
	awk -F ' *[|] *' -v word="\`$1\`" -v model="\`$2\`" '$2 == word && ($3 == model ||
		$3 == "`*`") { print $4 }' docs/differences.md | tr -d '`'
}

# same WORD MODEL
same()
{
	both "$1" "$2"
	known "$1" "$2" >"$tmp/known"
	ok "$1 on $2: the guest said something" test "$(wc -l <"$tmp/hv.said")" -gt 20
	is "$1 on $2: what differs is known" \
		"$(grep -vE -f "$tmp/known" "$tmp/differ" | head -n 20)" ''
	while read -r pattern; do
		grep -qE -e "$pattern" "$tmp/differ" || echo "$pattern"
	done <"$tmp/known" >"$tmp/stale"
	is "$1 on $2: what is known differs" "$(cat "$tmp/stale")" ''
}

same start corei7_haswell_4770
# SDM volume 3, table "IA-32 and Intel 64 Processor States Following Power-up, Reset, or
# INIT", but for what PVH and the model say: CR0.PE, selectors, IA32_MISC_ENABLE.
ok 'start: it is what a reset leaves' diff tests/hv/start "$tmp/hv.said"
same calls corei7_haswell_4770
same msrs corei7_haswell_4770
same leaves corei7_haswell_4770
same leaves corei7_sandy_bridge_2600k
same apic corei7_haswell_4770

# 200 us are 5,000 cycles of the emulated TSC.
on hv --cmdline period "$elf"
has 'a masked periodic timer with a count of 1: it ran' "$log" '^apic: it ran'
timer_exits=$(sed -n 's/^exits scope=vm reason=52 .* count=\([0-9]*\) .*/\1/p' "$log")
ok "it takes few exits (${timer_exits:-0})" test "${timer_exits:-0}" -ge 10 \
	-a "${timer_exits:-0}" -le 300

# What a guest has written is in the log though it goes on for ever, and writes no line's end.
on hv --quiet --ticks 300 --cmdline half "$elf"
is 'a guest without an end' "$code" 124
has 'its last words' "$log" '^half a line$'
finish
