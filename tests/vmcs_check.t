#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A VMCS that is broken on purpose, in every way of tests/vmcs/breaks.h: the CPU refuses
# the entry, the rules name the field that was broken and no other, hv stays in control, and
# the guest then runs as if nothing had been. On Bochs, and on KVM under QEMU.
# What runs is hv with the rules and tests/vmcs/walk.c before its first entry.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 69
breaker=$build/tests/vmcs.elf

# judged PLATFORM DIFFERING LACKING: what came of the breaks in $log. A later Bochs has controls
# that one before lacks: at most so many cannot be tried.
judged()
{
	awk -v platform="$1" -f tests/vmcs/judge.awk tests/vmcs/known "$log" >"$tmp/out"
	lacking=$(sed -n 's/^breaks=.* lacking=//p' "$tmp/out")
	[ "${lacking:-161}" -le "$3" ] || lacking=$3
	is "$1: every break is answered as expected, or as known" "$(cat "$tmp/out")" \
		"breaks=161 refused=$((161 - $2 - lacking)) differing=$2 lacking=$lacking"
	ok "$1: each field named has its value and the rule" test \
		"$(grep -ac '^hv: vmcs field=[A-Z0-9_]* value=0x[0-9a-f]* rule=".*"$' "$log")" \
		-eq "$(grep -ac '^break .* named=[A-Z]' "$log")"
	# Failed entries are counted apart, VMfail not at all, and an entry as one exit.
	for reason in 33 34; do
		is "$1: failed entries $reason" \
			"$(sed -n "s/^exits scope=vm failed_reason=$reason .*count=//p" "$log")" \
			"$(grep -ac "^break .* got=failed:$reason " "$log")"
	done
	lacks "$1: no other failed entry" "$log" '^exits scope=vm failed_reason=(other|[^3]|3[^34])'
	has "$1: the guest runs after it" "$log" '^done rows=[1-9][0-9]* failed=0'
}

log_of() { log=$tmp/$1.log; cp "$tmp/hv.log" "$log"; }

exits=$tmp/exits
on hv --hv "$breaker" --cmdline 'break=all rows=cpuid,rdmsr,ept_first_touch' --exits "$exits" \
	"$guest"
is 'the code is the guest'"'"'s' "$code" 0
log_of haswell
judged bochs 8 6
"$build/tools/witness" --count <"$exits" >"$tmp/counted"
run "$build/tools/witness" "$log" "$tmp/counted"
is 'the emulator counts the same exits and failed entries' "$code" 0
has 'qualification of a bad link pointer' "$log" \
	'^break .*field=VMCS_LINK_POINTER value=0x8 .*got=failed:33 qualification=4 '
has 'qualification of a bad PDPTE' "$log" \
	'^break .*field=GUEST_PDPTE0 .*got=failed:33 qualification=2 '
has 'qualification of an MSR that is not loaded' "$log" \
	'^break .*field=VM_ENTRY_MSR_LOAD_ADDR .*got=failed:34 qualification=1 '

on hv --hv "$breaker" --cmdline 'break=all rows=cpuid,rdmsr,ept_first_touch' "$guest"
ok 'a second run is the same' cmp "$log" "$tmp/hv.log"
sed -n '/^row /s/ handler=.*//p' "$log" >"$tmp/rows"
on hv --cmdline rows=cpuid,rdmsr,ept_first_touch "$guest"
sed -n '/^row /s/ handler=.*//p' "$tmp/hv.log" >"$tmp/expected"
ok 'the guest sees no difference' cmp "$tmp/expected" "$tmp/rows"
lacks 'hv itself breaks nothing' "$tmp/hv.log" '^break |failed_reason'

# A CPU that has more controls.
on hv --cpu corei7_icelake_u --hv "$breaker" --cmdline 'break=all rows=cpuid' "$guest"
is 'on a newer CPU: code' "$code" 0
log_of icelake
judged bochs 8 4

# And one to which an error code may come with any vector.
on hv --cpu tigerlake --hv "$breaker" --cmdline 'break=all rows=cpuid' "$guest"
is 'where the vector does not matter to error codes: code' "$code" 0
log_of tigerlake
judged 'bochs|tigerlake' 9 6

# The outer KVM refuses, or leaves it to its CPU, which is Bochs.
run boot/run hv --machine nested --mem 16 --limit 1800 --out "$tmp/nested" --hv "$breaker" \
	--cmdline 'break=all rows=cpuid' "$guest"
is 'on KVM under QEMU: code' "$code" 0
log=$tmp/nested/hv.log
judged kvm 9 6
tried=$(grep -a '^break ' "$log" | grep -vc 'got=lacking')
launches=$(sed -n 's/.* name=VMLAUNCH count=\([0-9]*\) .*/\1/p' "$tmp/nested/hv.outer")
is 'KVM counts a VMLAUNCH for each break, and the guest'"'"'s' "$launches" $((tried + 1))

# One break, and hv's ordinary way to its end: it has no rules, and boot/run has its dump read.
one()
{
	on hv --hv "$breaker" --cmdline "break=$1" "$guest"
	is "break=$1: code" "$code" 72
	has "break=$1: the reason" "$tmp/hv.log" "^hv: VM entry $2"
	has "break=$1: what to do with the log" "$tmp/hv.log" '^hv: build/tools/vmcs_check LOG '
	has "break=$1: field, value and rule" "$tmp/err" "^hv: vmcs field=$1 $3\"\$"
	is "break=$1: no other field" "$(grep -c '^hv: vmcs' "$tmp/err")" 1
	lacks "break=$1: not in the log" "$tmp/hv.log" '^hv: vmcs'
	has "break=$1: the end" "$tmp/hv.log" '^end target=hv cause=entry_failure code=72'
}
one CR3_TARGET_COUNT \
	'refused: VM-instruction error 7 \(VM entry with invalid control field\(s\)\)$' \
	'value=0x5 rule="more than this CPU has CR3-target values'
one HOST_CR4 'refused: VM-instruction error 8 \(VM entry with invalid host-state field\(s\)\)$' \
	'value=0x[0-9a-f]* rule="bits 0x2000 must have the other value on this CPU'
lacks 'VMfail is not counted' "$tmp/hv.log" '^exits scope=vm (reason|failed_reason)'
one GUEST_RFLAGS \
	'failed: 33 \(VM-entry failure due to invalid guest state\), exit qualification 0x0$' \
	'value=0x0 rule="bit 1 must be 1'
told hv entry_failure 72 'hv: VM entry failed: 33 '
has 'a failed entry is, apart' "$tmp/hv.log" \
	'^exits scope=vm failed_reason=33 name=INVALID_STATE count=1$'
has 'and is no exit' "$tmp/hv.log" '^exits scope=vm total=0 '

# The program that has the rules.
grep '^hv: vmcs' "$tmp/err" >"$tmp/named"
run "$build/tools/vmcs_check" "$tmp/hv.log"
is 'a rule is broken: code' "$code" 1
ok 'by itself it says what boot/run had it say' cmp "$tmp/named" "$tmp/out"
sed 's/ GUEST_RFLAGS=0x0*/&2/' "$tmp/hv.log" | "$build/tools/vmcs_check" >"$tmp/out"
is 'none is, on stdin: code' $? 0
is 'and that it says' "$(cat "$tmp/out")" 'hv: vmcs: none of the rules that are known is broken'
run "$build/tools/vmcs_check" "$tmp/haswell.log"
is 'no entry of the guest was refused: code' "$code" 2
sed '/^hv: .*GUEST_RFLAGS/,$d' "$tmp/hv.log" >"$tmp/cut.log"
run "$build/tools/vmcs_check" "$tmp/cut.log"
is 'cut short: code' "$code" 2
for word in nonsense GUEST_PHYSICAL_ADDRESS; do
	on hv --hv "$breaker" --cmdline break=$word "$guest"
	is "break=$word" "$code" 64
done
finish
