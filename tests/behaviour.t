#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What a guest sees of single instructions, case by case (tests/behaviour/): on hv, with
# intercepts and without, the same as on the bare emulated processor. And some of it as
# the SDM has it, in case that the two are wrong in the same way.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 84

elf=$build/tests/behaviour/behaviour.elf
cpu=corei7_icelake_u
all=bp,pf,invlpg,rdtsc,cr0,cr3,cr8,mtf,pause,descriptor,rdtscp,rdrand,invpcid,rdseed,vmfunc

# cases TARGET OPTIONS...: the lines of the cases are in $tmp/cases.
cases()
{
	on "$@" --cpu "$cpu" --report 0 --ticks 1500 "$elf"
	tr -d '\r' <"$log" | grep -a '^case ' >"$tmp/cases"
}

# unknown FILE: the lines without what differs in cases in which the processor is wrong.
version=$(. boot/lib.sh; bochs_version)
sed "s/^@$version //; s/^@${version%.*} //; /^[#@]/d" tests/behaviour/known >"$tmp/known"
names=$(sed -n 's/^\([a-z][a-z0-9_]*\).*/\1/p' "$tmp/known")
rf='s/ flags=1\([0-9a-f]\{4\}\) / flags=\1 /g; s/ flags=0*/ flags=/g'
grep '^[a-z]' "$tmp/known" | while read -r name what _; do
	case $what in
	'*') change=d ;;
	RF) change="{$rf;}" ;;
	*) change="s/ \\($(printf %s "$what" | sed 's/,/\\|/g')\\)=[0-9a-f]*//g" ;;
	esac
	printf '/^case name=%s /%s\n' "$name" "$change"
done >"$tmp/known.sed"
unknown() { sed -f "$tmp/known.sed" "$1"; }

cases bare
is 'the bare processor runs to the end' "$code" 0
mv "$tmp/cases" "$tmp/bare"
cases hv
is 'hv too' "$code" 0
mv "$tmp/cases" "$tmp/hv"
cases hv --option "intercept=$all"
is 'hv with every intercept too' "$code" 0
mv "$tmp/cases" "$tmp/more"
ok 'all the cases' test "$(wc -l <"$tmp/bare")" -ge 560

# same WHAT FILE FILE: without a difference; the first ones are shown.
same()
{
	run diff "$2" "$3"
	is "$1" "$code" 0
}
unknown "$tmp/bare" >"$tmp/bare.unknown"
unknown "$tmp/hv" >"$tmp/hv.unknown"
same 'what hv lets a guest see is what the processor does' "$tmp/bare.unknown" "$tmp/hv.unknown"
same 'with intercepts, too' "$tmp/hv" "$tmp/more"
stale=
for name in $names; do
	for side in bare hv; do
		grep "^case name=$name " "$tmp/$side" >"$tmp/$side.one"
	done
	! cmp -s "$tmp/bare.one" "$tmp/hv.one" || stale="$stale $name"
done
is 'no known difference that is none' "$stale" ''

# first WHAT CASE MODE EVENT: of the events of that case the first is that one.
first() { has "$1" "$tmp/hv" "^case name=$2 mode=$3 (dr[07]=[0-9a-f]+ )*\[0\] $4( |$)"; }
# last WHAT CASE MODE VALUE: among what is left behind is that.
last() { has "$1" "$tmp/hv" "^case name=$2 mode=$3 .* $4( |$)"; }

for name in rdmsr wrmsr rdpmc cr4 cr0 xsetbv; do
	first "real mode: #GP by $name" real_$name real \
		'vector=d error=0 ip=[0-9a-f]+ cs=3000 .*sp=1800'
done
first 'what CPUID does not announce' monitor long64.0 'vector=6 error=0'
first 'a fault pushes RF' rdmsr long64.0 'vector=d error=0 ip=5 cs=8 flags=10002'
first 'a wrap at 4 GiB' top_cpuid long32.0 'vector=6 error=0 ip=fffffffffffcff08 cs=18'
first 'and at CPL 3' top_cpuid_user long32.3 'vector=6 error=0 ip=fffffffffffcff08 cs=63'
has 'and in single steps' "$tmp/hv" \
	'^case name=top_cpuid_step .* \[7\] vector=1 error=0 ip=fffffffffffcff00 '
first 'an interrupt without its gate' interrupt_gate_absent long64.0 \
	'vector=e error=0 .* more=34000'
first 'an interrupt without a stack' interrupt_stack_absent long64.0 \
	'vector=e error=2 .* more=347f8'
first 'an NMI without its gate' nmi_gate_absent long64.0 'vector=e error=0 .* more=34ff0'
first 'an NMI whose gate is outside RAM' nmi_gate_hole long64.0 'vector=d error=13'
first '#AC by the delivery of INT' int_unaligned prot32.3 'vector=11 error=0 ip=5'
first 'an interrupt between STI and CLI' window_cpuid long64.0 'vector=41 error=0 ip=29'
first 'a step over CPUID' step_cpuid long64.0 'vector=1 error=0 ip=2 .*more=ffff4ff0'
has "a step over a load of SS from the APIC's page" "$tmp/hv" \
	'^case name=step_mov_ss_apic .* \[3\] vector=1 error=0 ip=14 '
has 'or a breakpoint on it' "$tmp/hv" \
	'^case name=break_mov_ss_apic .* \[1\] vector=1 error=0 ip=12 .*more=ffff0ff1 \[2\]'
has 'INT1 in single steps' "$tmp/hv" '^case name=step_int1 .* \[1\] .*ip=2 .*more=ffff0ff0 '
has 'a step for each repetition' "$tmp/hv" \
	'^case name=step_rep_ins .* \[2\] .*ip=a .*flags=10102 .* \[3\] .*ip=a .* \[4\] .*ip=c '
has 'and of what is outside RAM' "$tmp/hv" \
	'^case name=step_rep_movs_hole .* \[2\] .*ip=a .* \[3\] .*ip=a .* \[4\] .*ip=d '
first 'a breakpoint on a port' break_io_in long64.0 'vector=1 error=0 ip=b .*more=ffff0ff1'
first 'a breakpoint on data' break_ins_write long64.0 'vector=1 error=0 ip=b .*more=ffff0ff1'
has 'and on one for each repetition' "$tmp/hv" \
	'^case name=break_io_rep_insb .*\[0\] .*ip=a .*flags=10002 .*\[1\] .*ip=a .*\[2\] .*ip=c '
first 'a guarded debug register' gd_read long64.0 \
	'vector=1 error=0 ip=0 cs=8 flags=10002 .*more=ffff2ff0'
first 'with what MOV SS held back' behind_ss_gd prot32.0 'vector=1 error=0 .* more=ffff2ff1'
last 'STR of SP' sp_str long64.0 ax=123456789abc0030
last 'RDRAND of SP' sp_rdrand long64.0 ax=123456789abc
first 'INVPCID by RSP' invpcid_rsp_4 long64.0 'vector=d error=0 .*sp=4'
last 'the base that SGDT stores' sgdt_data16 long32.0 data.2f80=cb950180000000f7
last 'and of which LGDT loads three bytes' lgdt_data16 prot32.0 data.2f80=cb950080000000f7
first 'SGDT by RSP' sgdt_rsp long64.0 'vector=c error=0'
first 'SGDT by RBX' sgdt_rbx long64.0 'vector=d error=0'
first 'a task with a bad code segment' task_code prot32.0 'vector=a error=18 ip=0 cs=1b'
last 'the upper halves in a task of 16 bits' task_16 prot32.0 'ax=ffff1009 cx=ffff100a'
first 'one with a bad LDT, at CPL 3' task_bad_ldt prot32.0 \
	'vector=a error=10 ip=[0-9a-f]+ cs=1b flags=10002 sp=31800'
first 'a TSS without room for the old task' task_old_limit_0x5e prot32.0 'vector=a error=48'
first 'one of 16 bits, too' task_old_limit_0x28 prot32.0 'vector=a error=48'
first 'an error code beyond its stack' task_error_limit prot32.0 'vector=8 error=0'
first 'one that is not aligned' task_error_unaligned prot32.0 'vector=11 error=1'
first 'a bad task for NMIs' task_nmi_code prot32.0 'vector=a error=19'
last 'the IRET of a good one lets in the next NMI' task_nmi_iret prot32.0 bx=44
first 'a breakpoint on a busy flag' task_break_busy prot32.0 'vector=1 .*more=ffff0ff1'
first 'one on a descriptor' break_lldt long64.0 'vector=1 error=0 ip=8 .*more=ffff0ff1'
last 'the other half of a slot in which a selector is saved' task_saved prot32.0 \
	'data.2fc8=cab000189ef80010'
last 'PDPTEs of a CR3 that stays' task_pdptes pae32.0 bx=55
first 'a TSS in a page of the user' smap_task prot32.0 'vector=e error=1 ip=10 .*more=39800'
first 'PDPTEs outside RAM' cr3_pae_hole pae32.0 'vector=d error=0'
last 'the APIC as one of ten pages' apic_gather long64.0 \
	'dx=50 .* data.2f90=5000000050'
last 'a read of what is no register of the APIC' apic_esr_from_0x40 long64.0 si=80
last 'a write likewise' apic_esr_to_0x3f0 long64.0 si=80
last 'a shift by nothing, which is no write' apic_esr_shld_imm_0 long64.0 si=80
last 'SYSCALL in 64-bit mode' syscall_bit long64.0 si=800
last 'and in no other' syscall_bit long32.0 si=0
first 'behind the last byte of the lower half' canonical_cpuid long64.0 \
	'vector=d error=0 ip=7ffffffcff00 cs=8 flags=10002'
last 'the APIC by STOS' apic_stos prot32.0 dx=35
last 'the APIC by PUSH' apic_push prot32.3 ax=50
last 'a byte of a register of the APIC' apic_byte long64.0 ax=50
first 'an interrupt by STOS to the ICR' apic_ipi_stos prot32.0 'vector=41 error=0 ip=18'
last 'the APIC by OR' apic_or long64.0 dx=55
last 'what INS left to the device' ins_fault long64.0 data.2f80=cb95eb9e64636261
first 'INS by a null ES' ins_null long32.0 'vector=d error=0'
first 'INS in real mode' real_insw real 'vector=d error=0'
last 'MOVUPS from outside RAM' outside_movups_from long64.3 fpu.a0=ffffffffffffffff
first 'an interrupt on a stack that is not aligned' interrupt_unaligned prot32.3 'vector=11 error=1'
first 'LGDT beyond the limit of real mode' real_sgdt_limit real 'vector=d error=0 ip=3'
first 'PDPTEs that are bad, by CR4.PGE' pae_bad_pdptes pae32.0 'vector=d error=0 ip=25'
first 'a page table outside RAM' outside_table long64.0 'vector=e error=9 .*more=80000000'

for name in apic_odd apic_odd_step; do
	cases hv --cmdline $name
	has "odd accesses to the APIC's page: $name" "$tmp/cases" \
		"^case name=$name .* cx=0 dx=50 .* si=ffffffff00000050 di=ffffffff00000050$"
done
cases hv --cmdline nmi_hlt
has 'an NMI does not end the HLT of another' "$log" '^end target=hv cause=stuck '
cases hv --cmdline nmi_iret
has 'nor its IRET, at a second touch outside RAM' "$tmp/cases" \
	'^case name=nmi_iret mode=long64.0 \[0\] vector=6 .* bx=0 '
cases hv --cmdline outside_idt
has 'an IDT outside RAM' "$log" '^end target=hv cause=triple_fault '
cases hv --cmdline task_pdptes_bad
has "a new task's PDPTEs that cannot be" "$log" '^end target=hv cause=triple_fault '
cases hv --cmdline outside_code
has 'code outside RAM' "$tmp/cases" '^case name=outside_code mode=long64.0 \[0\] vector=6 error=0 '
finish
