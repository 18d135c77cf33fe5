#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hv with several vCPUs, each on a processor of its own: IPIs, exits of all at once, ends by
# any of them, what cannot be; each vCPU's counts against the emulator's log of its processor.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
vcpus=$tmp/vcpus.elf

small_guest "$vcpus" tests/vcpus/*.S tests/vcpus/*.c machine/com1.c
is 'the guest is built' "$code" 0

# cases NAME CHECKS OPTIONS...: the guest's cases, all of which have to be good.
cases()
{
	name=$1 checks=$2
	shift 2
	on hv --limit 1800 --ticks 3000 "$@" "$vcpus"
	is "$name: code" "$code" 0
	is "$name: checks" "$(grep -ac '^case .* check=ok' "$log")" "$checks"
	lacks "$name: none failed" "$log" '^case .* check=fail'
}

# as_emulated NR: is what each vCPU counted what the emulator logged of its processor?
as_emulated()
{
	[ "$1" -gt 1 ] && [ -s "$tmp/lines" ] || return
	for vcpu in $(seq 0 $(($1 - 1))); do
		sed -n "s/.*\[CPU$vcpu .*reason = \([0-9]*\).*/\1/p" "$tmp/lines" | sort -n |
			uniq -c | awk '{ print $2, $1 }' >"$tmp/emulator"
		tr -d '\r' <"$log" | sed -n "s/^exits scope=vcpu$vcpu reason=//p" |
			sed 's/ .* count=\([0-9]*\) .*/ \1/' >"$tmp/ours"
		cmp "$tmp/emulator" "$tmp/ours" || return
	done
}

# ends NAME VCPU CAUSE CODE OPTIONS...: how a VM ended, by whom, and its counts.
ends()
{
	name=$1 vcpu=$2 cause=$3 wanted=$4
	shift 4
	on hv --limit 1800 --ticks 3000 --exits "$tmp/lines" "$@" "$vcpus"
	is "$name: code" "$code" "$wanted"
	has "$name: who ended it" "$log" "^end target=hv cause=$cause vcpu=$vcpu code=$wanted"
	ok "$name: no exit is lost" as_emulated "$(grep -ac '^exits scope=vcpu. total' "$log")"
	ok "$name: the counts of the vCPUs add up" sums "$log"
}

# What several do to each other

cases '2 vCPUs' 26 --cpus 2 --cmdline 'ipis reads which touch outside storm odd_sipis'
cases '4 vCPUs' 26 --cpus 4 --cmdline 'ipis reads which touch outside storm odd_sipis'
cases 'rare ones' 6 --cpus 4 --cmdline 'outside_ram nmi_masked init_awake lowest_waits'
cases 'by the page of the APIC' 22 --cpus 4 --cmdline 'xapic ipis touch storm'

# Exits of four at once, as the emulator counts them; and the reports

cases '400,000 exits' 3 --cpus 4 --detail --exits "$tmp/lines" --cmdline exits
ok 'each vCPU counted what its processor made' as_emulated 4
"$build/tools/witness" --count <"$tmp/lines" >"$tmp/hv.exits"
run "$build/tools/witness" --detail "$log" "$tmp/hv.exits"
is 'and told apart as the emulator does' "$code" 0
ok 'and they add up, reason by reason' sums "$log"
total=$(tr -d '\r' <"$log" | sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p')
ok "there were as many ($total)" test "$total" -ge 400000
tr -d '\r' <"$log" | sed -n 's/^=== VM exits: total=\([0-9]*\) .*/\1/p' | sort -n >"$tmp/reports"
seq 10000 10000 "$total" >"$tmp/multiples"
ok 'each multiple was reported once' cmp "$tmp/reports" "$tmp/multiples"

# The shared guest's rows with others idle: the counts are those with one vCPU

for cpus in 1 2; do
	on hv --cpus $cpus --report 0 "$guest"
	is "the shared guest, $cpus: code" "$code" 0
	tr -d '\r' <"$log" | sed -n 's/^row \(name=.* kind=sync .* exits=[0-9]*\) .*/\1/p' \
		>"$tmp/rows.$cpus"
done
ok 'rows' test -s "$tmp/rows.1"
is 'the same number of exits' "$(grep -vxFf "$tmp/rows.2" "$tmp/rows.1")" ''
has 'and none has failed' "$log" '^done rows=[0-9]* failed=0'

# Ends

ends 'the last writes the exit port' 3 exit_port 5 --cpus 4 --cmdline other_ends
ends 'the first does, others loop' 0 exit_port 5 --cpus 4 --cmdline first_ends
ends 'all do' '[0-3]' exit_port 5 --cpus 4 --cmdline all_end
ends 'a triple fault' 1 triple_fault 71 --cpus 2 --cmdline triple_fault
ends 'of the last of four' 3 triple_fault 71 --cpus 4 --cmdline triple_fault
ends 'all halt' '[0-3]' stuck 71 --cpus 4 --cmdline all_halt
ends 'the first halts, the others have not begun' 0 stuck 71 --cpus 4 --cmdline alone
ends 'all loop' '[01]' time_limit 124 --cpus 2 --guest-limit 2 --cmdline loop
spoilt tests/vcpus/fault.patch
is 'hv is spoilt' "$code" 0
build_spoilt hv/hv.elf
is 'and built' "$code" 0
on hv --cpus 2 --hv "$tmp/tree/build/hv/hv.elf" --cmdline other_faults "$vcpus"
is 'a fault in hv: code' "$code" 70
has 'which vCPU' "$log" '^end target=hv cause=fault vcpu=1 code=70'
has 'it says on which processor' "$log" '^hv:   on processor 1'

# What cannot be: one line

refused()
{
	name=$1 text=$2
	shift 2
	on hv "$@" "$vcpus"
	is "$name: code" "$code" 64
	is "$name: one line" "$(grep -ac '^hv: cpus=[0-9]*[: ]' "$log")" 1
	has "$name: says so" "$log" "$text"
}
refused 'more than there are' '^hv: cpus=2: the firmware.s tables name 1 processors' \
	--option cpus=2
refused 'none' '^hv: cpus=0 is not a number from 1 to 8' --option cpus=0
refused 'nine' '^hv: cpus=9 is not a number from 1 to 8' --option cpus=9
for how in not-ready no-answer; do
	spoilt "tests/vcpus/$how.patch"
	is "$how: hv is spoilt" "$code" 0
	build_spoilt hv/hv.elf
	is 'and built' "$code" 0
	refused "$how" '^hv: cpus=2: the processor with APIC id 1 does not answer' \
		--cpus 2 --hv "$tmp/tree/build/hv/hv.elf"
done

# Linux, with work on all processors at once; with four LONG

! long && numbers=2 || numbers='2 4'
for nr in $numbers; do
	busy hv "$nr" --report 0
	ok 'each vCPU counted what its processor made' as_emulated "$nr"
	ok 'and they add up' sums "$log"
done
plan "$test_nr"
finish
