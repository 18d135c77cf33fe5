#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# intercept= of hv: each name makes exits of its reason, and the guest does not
# notice. And string I/O, against what the SDM says of it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 62

elf=$tmp/instr.elf
small_guest "$elf" -DNO_DEBUG_REGISTERS tests/hv/*.S tests/hv/*.c
is 'the guest builds' "$code" 0

# What the guest itself said.
said() { grep -av '^exits \|^hv: intercept\|^ran \|^end ' "$log"; }
# count REASON: exits of it, 0 if there is no record.
count()
{
	sed -n "s/^exits scope=vm reason=$1 .* count=\([0-9]*\) .*/\1/p" "$log" | grep . || echo 0
}

# A model that has all of the controls.
cpu=corei7_icelake_u
on hv --report 0 --cpu $cpu "$elf"
is 'nothing intercepted' "$code" 0
said >"$tmp/quiet"
is 'exceptions: the single steps after HLT' "$(count 0)" 3
for reason in 14 16 37 40 46 47 51 57 58 61; do
	is "no exits of reason $reason" "$(count $reason)" 0
done
is 'CR accesses' "$(count 28)" 2
has 'a REP INS that faults keeps what it did' "$log" '^rep insw into a fault: index 4, left 7$'
has 'and tells where it stopped' "$log" '^rep insw into a fault: exception 14 error 2 cr2 40001000$'
has 'REP INS downwards' "$log" '^rep insb down: 11 11 11( ff){9}( 11){6}$'
has 'and across a page' "$log" '^rep insw down across: 11 11 11 11( ff){10}( 11){4}$'
has 'no flag of a page that it does not come to' "$log" '^rep insl down from a .* below 0$'
has 'an index that wraps' "$log" '^rep insl down addr32 wraps: index 4294967284, left 0$'
has 'a single step ends a HLT' "$log" '^hlt in a single step: exception 1 error 0 cr2 0$'
has 'REP OUTS in both directions' "$log" '^backwards$'
# One by one, as with breakpoints, comes the same.
grep -a '^rep ins' "$log" >"$tmp/many"
(instr_guest "$tmp/single.elf")
on hv --report 0 --cpu $cpu "$tmp/single.elf"
is 'one by one' "$code" 0
ok 'the guest sees no difference' test "$(grep -a '^rep ins' "$log")" = "$(cat "$tmp/many")"

all=bp,pf,invlpg,rdtsc,cr0,cr3,cr8,mtf,pause,descriptor,rdtscp,rdrand,invpcid,rdseed
on hv --report 0 --cpu $cpu --option intercept=$all "$elf"
is 'everything intercepted' "$code" 0
said >"$tmp/loud"
ok 'the guest sees no difference' diff "$tmp/quiet" "$tmp/loud"
for pair in 14:3 16:1 37:1 40:2 46:26 47:31 51:1 57:24 58:11 61:24; do
	is "exits of reason ${pair%:*}" "$(count "${pair%:*}")" "${pair#*:}"
done
ok 'exceptions' test "$(count 0)" -ge 8
ok 'CR accesses' test "$(count 28)" -ge 60

# Reasons whose control makes the instruction exist in the first place: the model that has
# it, and of the shared guest the rows that then exit.
rows=xsaves,xrstors,vmfunc,vmfunc_exit,getsec,getsec_exit
for pair in tigerlake:xsaves,vmfunc corei5_arrandale_m520:getsec; do
	on hv --cpu "${pair%:*}" --cmdline "rows=$rows" "$guest"
	is "${pair%:*}: quiet" "$code" 0
	lacks 'no such exits' "$log" '^exits scope=vm reason=(11|59|63|64) '
	on hv --cpu "${pair%:*}" --option intercept="${pair#*:}" \
		--cmdline "rows=$rows intercept=${pair#*:}" "$guest"
	is "${pair%:*}: ${pair#*:}" "$code" 0
	mv "$log" "$tmp/${pair%:*}.log"
done
# Once unmeasured, then four times; of VMFUNC and GETSEC two rows.
log=$tmp/tigerlake.log
is 'exits of XSAVES' "$(count 63)" 5
is 'exits of XRSTORS' "$(count 64)" 5
is 'exits of VMFUNC' "$(count 59)" 10
log=$tmp/corei5_arrandale_m520.log
is 'exits of GETSEC' "$(count 11)" 10

# The shared guest's loop of CPUIDs, with a name and without, takes as long.
on hv --cmdline rows=cpuid "$guest"
quiet=$(sed -n 's/^row name=cpuid .* round_trip=\([0-9]*\) .*/\1/p' "$log")
on hv --cmdline rows=cpuid --option intercept=cr3 "$guest"
is 'what is not intercepted costs nothing' \
	"$(sed -n 's/^row name=cpuid .* round_trip=\([0-9]*\) .*/\1/p' "$log")" "$quiet"

# A guest whose timer is set to the end of time has no more of it than others.
on hv --guest-limit 1 --cmdline wait "$elf"
has 'the time limit of a guest that waits' "$log" \
	'^hv: time limit: the guest has run for 2[0-9] million cycles'

# #UD whose delivery is a #PF whose delivery is one: the end is the same.
for names in '' pf; do
	on hv --cmdline triple ${names:+--option intercept=$names} "$elf"
	has "a triple fault, intercept=$names" "$log" '^end target=hv cause=triple_fault code=71'
done

on hv --option intercept=rdrand,rdseed "$elf"
is 'a control that this CPU lacks' "$code" 69
has 'it is named' "$log" '^hv: .*"RDSEED exiting"'
on hv --option intercept=getsec "$elf"
is 'GETSEC without SMX' "$code" 69
has 'is named' "$log" '^hv: intercept= asks for "CR4\.SMXE"'
on hv --cpu $cpu --option intercept=xsaves "$elf"
is 'XSAVES without a supervisor state component' "$code" 69
has 'is named' "$log" '^hv: intercept= asks for ".*IA32_XSS"'
for names in rdtsc,nonsense bp,,pf; do
	on hv --option intercept=$names "$elf"
	is "intercept=$names" "$code" 64
	has 'the names are listed' "$log" '^hv: .*there is no .*: bp pf getsec'
done
finish
