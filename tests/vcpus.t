#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Several processors, and a guest with as many vCPUs, each on a processor of its own.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# What cannot be: one line, before any machine runs.

while IFS='|' read -r value text; do
	run boot/run kvm --cpus "$value" --out "$tmp" "$guest"
	is "boot/run --cpus '$value'" "$code" 64
	ok 'one line, no output' test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	ok 'it names option and value' grep -qF -e "$text" "$tmp/err"
done <<'LIST'
0|--cpus: 0 is not from 1 to 8
9|--cpus: 9 is not from 1 to 8
-1|--cpus: '-1' is not a number from 1 to 8
two|--cpus: 'two' is not a number from 1 to 8
|--cpus: '' is not a number from 1 to 8
LIST
run env CPUS=9 boot/run kvm --out "$tmp" "$guest"
is 'CPUS means the same' "$code" 64
has 'and is refused alike' "$tmp/err" '^run: --cpus: 9 is not from 1 to 8$'
run timeout 20 "$build/vmm/runner" --cpus 9 "$guest"
is 'the runner: --cpus 9' "$code" 64
has 'it names option and value' "$tmp/err" '^runner: --cpus: "9" is not a number of .* from 1 to 8$'

# witnessed NAME N: what the emulator, KVM's tracepoint and its statistics say of the VM, and of
# each vCPU alone, is what was counted.
witnessed()
{
	"$witness" --count <"$tmp/lines" >"$tmp/kvm.exits"
	run "$witness" --detail "$log" "$tmp/kvm.exits"
	is "$1: the VM's exits are all equal" "$code" 0
	vcpus=$(tr -d '\r' <"$log" | sed -n 's/^exits scope=\(vcpu[0-9]*\) total=.*/\1/p')
	is "$1: so many are told of" "$(echo "$vcpus" | wc -l)" "$2"
	for vcpu in $vcpus; do
		run "$witness" --detail --scope "$vcpu" "$log" "$tmp/kvm.exits"
		is "$1: those of $vcpu" "$code" 0
	done
	ok "$1: and add up" sums "$log"
}

# reports: is each multiple of 10,000 reported once?
reports()
{
	total=$(tr -d '\r' <"$log" | sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p')
	for nr in $(seq $((total / 10000))); do
		echo "$((nr * 10000))"
	done >"$tmp/wanted"
	tr -d '\r' <"$tmp/kvm.console" |
		sed -n 's/.*=== VM exits: total=\([0-9]*\) .*/\1/p' >"$tmp/seen"
	cmp "$tmp/wanted" "$tmp/seen"
}

# The lab has a Linux with as many processors below. The second vCPU ends its VM.

witness=$build/tools/witness
rows=ipi_halted,ipi_hlt,ipi_running,ipi_kick,nmi_halted,nmi_running,ipi_broadcast
rows=$rows,ipi_logical,ipi_lowest,init_sipi,at_once,read_leaves,same_page,report
on kvm --cpus 2 --detail --trace --exits "$tmp/lines" \
	--cmdline "rows=cpuid,in8,$rows on=1 code=7" "$guest"
is 'KVM: a guest with two vCPUs' "$code" 7
has 'the record names who ended it' "$log" '^end target=kvm cause=exit_port vcpu=1 code=7'
is 'every row is as it should be' "$(tr -d '\r' <"$log" | grep '^done ')" 'done rows=16 failed=0'
witnessed 'two vCPUs' 2
ok 'each multiple of 10,000 is reported once' reports
ok 'some while all run' test "$(wc -l <"$tmp/seen")" -ge 3
more='/^exits scope=vcpu1 reason=12 /s/count=/count=1/'
sed "$more" "$log" >"$tmp/changed.log"
run "$witness" --scope vcpu1 "$tmp/changed.log" "$tmp/kvm.exits"
is 'a count of one vCPU that is wrong' "$code" 1
has 'is found' "$tmp/out" '^ +12  HLT .*  DIFFERS: emulator -1[0-9]*, kvm_exit -1[0-9]*$'
run "$witness" --scope vcpu0 "$tmp/changed.log" "$tmp/kvm.exits"
is 'and not of another' "$code" 0
sed 's/^detail scope=vcpu0 /detail scope=vcpu2 /; s/^detail scope=vcpu1 /detail scope=vcpu0 /
	s/^detail scope=vcpu2 /detail scope=vcpu1 /' "$log" >"$tmp/changed.log"
run "$witness" --detail "$tmp/changed.log" "$tmp/kvm.exits"
is 'MSRs of one vCPU that another is said to have written' "$code" 1
has 'are found' "$tmp/out" \
	'^ +vcpu0 IA32_X2APIC_ICR .* 0 +([0-9]+) +\1  DIFFERS: emulator \+\1, tracepoint \+\1$'
sed "$more" "$log" >"$tmp/changed.log"
sums "$tmp/changed.log" >/dev/null && code=0 || code=1
is 'the sum does not hold any more' "$code" 1

on kvm --cpus 4 --detail --trace --exits "$tmp/lines" \
	--cmdline 'rows=ipi_broadcast,ipi_lowest,at_once,same_page on=3 do=triple_fault' "$guest"
is 'four vCPUs, and one dies' "$code" 71
has 'the record names it' "$log" '^end target=kvm cause=triple_fault vcpu=3 code=71'
has 'it is shown' "$log" '^runner: vcpu=3'
is 'every row is as it should be' "$(tr -d '\r' <"$log" | grep '^done ')" 'done rows=4 failed=0'
witnessed 'four vCPUs' 4

on kvm --cpus 2 --guest-limit 60 --cmdline 'rows=none do=halt_forever' "$guest"
is 'one halts for ever, the other waits for its SIPI' "$code" 71
has 'that is an end' "$log" '^end target=kvm cause=stuck code=71'

# A Linux with work on all at once: CPUID, ports, IPIs, and interrupts of COM1 that go to the
# first one while another writes. It takes long; vcpus_hv.t has it of hv with two.

if long; then
	for nr in 2 4; do
		busy kvm "$nr" --detail --trace
		has 'exitstat tells them apart' "$log" "^VM exits since .*, by vCPU: KVM, $nr vCPUs"
		ok 'and adds them up' awk '/^ *total +[0-9]+ +[0-9]+ +[0-9]+/ {
			sum = 0
			for (i = 3; i <= NF; i++)
				sum += $i
			found = $2 == sum
		} END { exit !found }' "$log"
		witnessed "Linux with $nr" "$nr"
		has 'interrupts of one processor by another are exits' "$log" \
			'^exits scope=vcpu1 reason=1 '
	done
else
	skip 'Linux with two and four processors' 'takes long; vcpus_hv.t has two'
fi
plan "$test_nr"
finish
