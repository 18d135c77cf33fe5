#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every count is confirmed by witnesses that we did not write: the emulator's log of
# each VM exit, KVM's tracepoint, KVM's statistics. And a miscount of one is caught,
# in a log, in the emulator's log, and in builds that count in the wrong place.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
witness=$build/tools/witness
patches=$PWD/tests/witness

# judge TARGET: what the tool says of $tmp/TARGET.*, with the options in $how.
how=''
judge() { run "$witness" $how "$tmp/$1.log" "$tmp/$1.exits"; }

# All equal

DETAIL=1 run boot/witness "$tmp/good" "$guest"
is 'the shared guest: every count is equal' "$code" 0
has 'on hv' "$tmp/out" '^VM exits of hv on bochs'
has 'on KVM' "$tmp/out" '^VM exits of KVM on bochs'
is 'not one of them differs' "$(grep -c '^all [0-9]* comparisons are equal$' "$tmp/out")" 2
is 'nor by port, MSR, vector, page' \
	"$(grep -c '^all [0-9]* counts and sums are equal$' "$tmp/out")" 2
for reason in 0 28 29 30 31 32 48 49; do
	is "reason $reason: the emulator tells apart what both have" \
		"$(grep -cE "^ +$reason  [A-Z_]+ +[0-9]+ numbers? .* equal$" "$tmp/out")" 2
done
for reason in 10 18; do
	has "KVM, reason $reason: the tracepoint does" "$tmp/out" \
		"^ +$reason  [A-Z_]+ +[0-9]+ numbers? +([0-9]+) +- +\\1  equal$"
done
has 'CPUID is among them' "$tmp/out" '^ +10  CPUID +[0-9]{4,} +[0-9]{4,}  equal$'
for target in hv kvm; do
	reasons=$(grep -c '^emulator reason=' "$tmp/good/$target.exits")
	ok "$target: at least 25 reasons ($reasons)" test "$reasons" -ge 25
	has "$target: no row failed" "$tmp/good/$target.log" '^done rows=[1-9][0-9]* failed=0'
done
run "$build/tools/compare" --detail "$tmp/good/hv.log" "$tmp/good/kvm.log"
is 'hv and KVM agree on every row, and it is known why not on a number' "$code" 0
has 'they agree on most' "$tmp/out" \
	'^[0-9]+ numbers: [34][0-9]{2} equal, .* 0 without a known reason$'

# What it takes to tell them apart, in emulated ticks of the least exit of each reason: hv's and
# KVM's of another compiler, or another kernel, are not quite those of docs/accounting.md.

# dearer TARGET LIMIT OTHERS: reasons that take more; OTHERS: where no number tells exits apart
dearer()
{
	on "$1" "$guest"
	cp "$log" "$tmp/plain.log"
	on "$1" --detail "$guest"
	least='s/^exits scope=vm reason=\([0-9]*\) name=\([A-Z_]*\) .* min=\([0-9]*\) .*/\1 \2 \3/p'
	sed -n "$least" "$tmp/plain.log" "$log" >"$tmp/least"
	awk -v limit="$2" -v others="$3" '
		BEGIN { split("0 10 18 28 29 30 31 32 48 49", list); for (i in list) told[list[i]] }
		$1 == 1 { next }	# comes when it likes
		!($1 in was) { was[$1] = $3; next }
		$3 - was[$1] > ($1 in told ? limit : others) { print $2, $3 - was[$1] }
		{ pairs += ($1 in told) }
		END { if (pairs != 10) print pairs " reasons are told apart" }' "$tmp/least"
}
is 'hv takes 40 ticks for it, and none without a number' "$(dearer hv 40 0)" ''
is 'KVM hardly more, but for what changes of CR0 and CR4' \
	"$(dearer kvm 60 16 | sed 's/^CR_ACCESS [678][0-9]$/so much/')" 'so much'

# A guest that dies, and lines of the emulator's log to take away and to add.

on hv --exits "$tmp/lines" --option unhandled=13 --cmdline 'rows=cpuid,vmcall,invd' "$guest"
is 'hv: a guest that dies' "$code" 71
count() { run "$witness" --count <"$1" && cp "$tmp/out" "$tmp/hv.exits"; }
count "$tmp/lines"
judge hv
is 'its life is counted to the end' "$code" 0
has 'with the exit that it died of' "$tmp/out" '^ +13  INVD +1 +1  equal$'
vmcall='VMEXIT reason = 18 '
sed "0,/$vmcall/{/$vmcall/d}" "$tmp/lines" >"$tmp/changed"
count "$tmp/changed"
judge hv
is "one line less in the emulator's log" "$code" 1
has 'the reason is named' "$tmp/out" '^ +18  VMCALL .*  DIFFERS: emulator -1$'
has 'the total shows it too' "$tmp/out" '^ +total .*  DIFFERS: emulator -1$'
is 'and no other' "$(grep -c DIFFERS "$tmp/out")" 2
sed "0,/$vmcall/{/$vmcall/{p}}" "$tmp/lines" >"$tmp/changed"
count "$tmp/changed"
judge hv
has 'one line more' "$tmp/out" '^ +18  VMCALL .*  DIFFERS: emulator \+1$'
sed "0,/$vmcall/{s/$vmcall/VMEXIT reason = 10 /}" "$tmp/lines" >"$tmp/changed"
count "$tmp/changed"
judge hv
is 'one exit of another kind' "$(grep -c 'DIFFERS: emulator [-+]1$' "$tmp/out")" 2
head -c -20 "$tmp/lines" >"$tmp/changed"
count "$tmp/changed"
judge hv
is "the emulator's log is cut short" "$code" 2
has 'it says so' "$tmp/err" 'hv.exits:[0-9]*: .*cut short'
sed "0,/$vmcall/{s/$vmcall/VMEXIT reason = what /}" "$tmp/lines" >"$tmp/changed"
run "$witness" --count <"$tmp/changed"
is 'a line that cannot be read' "$code" 2
{ printf 'noise [CPU0  ]\n'; cat "$tmp/lines"; printf '1i[CPU0  ] VMEXIT: I/O port 0x3f8\n'; } |
	"$witness" --lines >"$tmp/changed"
ok 'the rest of the log is passed over' cmp "$tmp/lines" "$tmp/changed"

# What tells exits apart is of the same processor, and of the line in front
cat >"$tmp/told" <<'LOG'
01d[CPU0  ] VMEXIT: WRMSR 0x00000830
01d[CPU1  ] VMEXIT: event vector 0xec type 0 error code=0x0000
01e[CPU2  ] VMEXIT: EPT violation for guest paddr 0x0000fee00300 laddr 0x00000000fee00300
01d[CPU1  ] VMEXIT reason = 1 (x) qualification=0x0
01d[CPU0  ] VMEXIT reason = 32 (x) qualification=0x0
01d[CPU2  ] VMEXIT reason = 48 (x) qualification=0x182
02d[CPU0  ] VMEXIT reason = 32 (x) qualification=0x0
02d[CPU1  ] VMEXIT reason = 1 (x) qualification=0x0
02d[CPU0  ] VMEXIT reason = 28 (x) qualification=0x130f30
02d[CPU0  ] VMEXIT reason = 29 (x) qualification=0xf17
02d[CPU0  ] VMEXIT reason = 30 (x) qualification=0xcfc0013
02d[CPU0  ] VMEXIT reason = 10 (x) qualification=0x0
LOG
{ printf '1d[CPU0  ] EPT walk for guest paddr 0x000000000000\n'; cat "$tmp/told"; } |
	"$witness" --lines >"$tmp/changed"
ok 'its line is passed on' cmp "$tmp/told" "$tmp/changed"
"$witness" --count <"$tmp/told" |
	sed -n "s/^emulator number=\([0-9]*\) reason=\([0-9]*\) .* count=/\2 \1 /p" |
	sed 's/ scope=vcpu/ /' | sort -n >"$tmp/out"
sort -n >"$tmp/wanted" <<LIST
1 0 1 1
1 236 1 1
28 $((0xf30)) 1 0
29 $((0xf17)) 1 0
30 $((0xcfc0003)) 1 0
32 18446744073709551615 1 0
32 $((0x830)) 1 0
48 $((0xfee00002)) 1 2
LIST
ok 'reason, number, count, vCPU' cmp "$tmp/wanted" "$tmp/out"

# Miscounts in the run's log

# with TARGET SED-SCRIPT [SED-SCRIPT]: spoil the log, and what the emulator counted.
with()
{
	target=$1
	sed "$2" "$tmp/good/$target.log" >"$tmp/$target.log"
	sed "${3-}" "$tmp/good/$target.exits" >"$tmp/$target.exits"
	judge "$target"
}

# counted SCOPE REASON: that count in KVM's log.
counted()
{
	sed -n "s/^exits scope=$1 reason=$2 .* count=\([0-9]*\).*/\1/p" "$tmp/good/kvm.log"
}

differs()
{
	is "$1" "$code" 1
	has "$1: where" "$tmp/out" "$2"
}
hlt=$(counted vm 12)
more="{/reason=12 /s/count=$hlt/count=$((hlt + 1))/}"
with hv "/scope=vm /$more"
differs 'hv: a count too high by one' '^ +12  HLT .*  DIFFERS: emulator -1$'
with kvm "/scope=vm /$more"
differs 'KVM: the VM counts one more' '  HLT .*  DIFFERS: module -1, emulator -1, kvm_exit -1$'
with kvm "/scope=module /$more"
differs 'KVM: the module counts one more' '^ +12  HLT .*  DIFFERS: module \+1$'
with kvm "/^trace /$more"
differs 'KVM: the tracepoint counts one more' '^ +12  HLT .*  DIFFERS: kvm_exit \+1$'
with kvm '' "$more"
differs 'KVM: the emulator counts one more' '^ +12  HLT .*  DIFFERS: emulator \+1$'
with kvm '/^exits scope=vm reason=12 /d'
differs 'KVM: a reason is missing' "^ +12  HLT +0 .*  DIFFERS: module \\+$hlt, "
total=$(sed -n 's/^stats scope=vcpu0 name=exits value=//p' "$tmp/good/kvm.log" | tr -d '\r')
with kvm "/^stats .*name=exits /s/=$total/=$((total - 1))/"
differs "KVM: its statistic is lower by one" '^KVM.s statistic .*: DIFFERS: -1$'
with hv "/^exits scope=vm total=/s/total=[0-9]*/total=1/"
differs 'a total that is wrong' '^ours: the counts add up to [0-9]+, the total says 1$'

# What is no exit is kept apart

stats="/^stats .*name=exits /s/=$total/=$((total + 1))/"
failed='/^exits scope=\(vm\|module\) total/s/^exits scope=\([a-z]*\) .*/'
failed="${failed}exits scope=\1 failed_reason=33 name=INVALID_STATE count=1\n&/"
entry="s/^\(emulator\) total=$total/\1 reason=33 name=x count=1\n\1 total=$((total + 1))/"
exits='trace event=kvm_exit'
with kvm "$failed;$stats;/^$exits .*total=/s/total=$total/total=$((total + 1))/
	s/^$exits .*total=/$exits reason=2147483681 count=1\n&/" "$entry"
is 'a failed entry: equal' "$code" 0
has 'it is none of the exits' "$tmp/out" '^ +33  INVALID_STATE \(no entry\)( +1){4}  equal$'
with kvm "$stats" "$entry"
differs 'a failed entry that we missed' '^ +33  INVALID_STATE .* DIFFERS: emulator \+1$'
with kvm "s/^exits scope=vm total/exits scope=vm synthesised=1\n&/;$stats"
is 'a synthesised exit: equal' "$code" 0
with kvm "s/^exits scope=vm total/exits scope=vm synthesised=1\n&/"
differs "a synthesised exit too many" '^KVM.s statistic .*: DIFFERS: -1$'
with kvm "s/cause=exit_port/cause=entry_failure/;$stats"
is 'an entry that was refused: equal' "$code" 0
with hv "/^exits scope=vm reason=12 /s/reason=12 /reason=other /" 's/reason=12 /reason=60000 /'
is 'a reason beyond the table' "$code" 0

# An exit that is counted for another number, a number that is lost, is seen

how=--detail
with hv ''
is 'told apart: all is equal' "$code" 0
port='^detail scope=vcpu0 reason=30 .* number=66584576 '	# OUT to COM1, 8 bit
count=$(sed -n "s/$port.*count=\([0-9]*\) .*/\1/p" "$tmp/good/hv.log")
with hv "/$port/s/ count=$count / count=$((count - 1)) /"
differs 'a port: one less' '^ +OUT 8 bit to 0x3f8 .* [0-9]+  DIFFERS: emulator \+1$'
has 'it does not add up' "$tmp/out" '^ +exits +[0-9]+ +-  DIFFERS: the reason has [0-9]+$'
is 'and nothing else differs' "$(grep -c DIFFERS "$tmp/out")" 3
with hv "/$port/s/number=66584576/number=66584584/"
differs 'a port: for another direction' '^ +IN 8 bit from 0x3f8 .*  DIFFERS: emulator -[0-9]+$'
has 'it is missed' "$tmp/out" '^ +OUT 8 bit to 0x3f8 .* 0 +[0-9]+  DIFFERS: emulator \+[0-9]+$'
with hv "/$port/s/number=66584576/number=rest/"
is 'a port in the rest of them: equal' "$code" 0
with hv "/$port/s/handler=/handler=1/"
differs 'cycles' '^ +cycles +[0-9]+ +-  DIFFERS: the reason has [0-9]+$'
with hv '' '/number=66584576 /s/count=/count=1/'
differs 'the emulator has more' '^ +OUT 8 bit to 0x3f8 .*  DIFFERS: emulator \+1[0-9]*$'
with hv '' '/number=.*reason=48 /s/number=\([0-9]*\)[0-9] /number=\17 /'
differs 'other pages' '^ +page 0x[0-9a-f]+: .*  DIFFERS: emulator [-+][0-9]+$'
with kvm '/^trace event=kvm_msr .*number=/s/count=/count=1/'
differs 'the tracepoint has more MSRs' '^ +[A-Z].*  DIFFERS: tracepoint \+[0-9]+$'
with kvm '/^trace event=kvm_cpuid .*number=0 /s/number=0 /number=12884901891 /'
differs 'or another leaf' '  DIFFERS: tracepoint -[0-9]+$'

# Real ones: without unrestricted guest, KVM emulates what real mode's segments do not
# allow, and makes exits up for it.
how=''
on kvm --option kvm_intel.unrestricted_guest=0 --trace --exits "$tmp/lines" \
	--cmdline rows=leaf_map_real "$guest"
"$witness" --count <"$tmp/lines" >"$tmp/kvm.exits"
judge kvm
is 'exits that KVM made up' "$code" 0
has 'are in its statistic only' "$tmp/out" '^KVM.s statistic .* [1-9][0-9]* synthesised .*: equal$'

# What cannot be compared

refused()
{
	ok "$1" test "$code" -eq 2 -a ! -s "$tmp/out" -a "$(wc -l <"$tmp/err")" -eq 1
	has "$1: says so" "$tmp/err" "$2"
}
with hv '/^exits scope=vm/d'
refused 'no counts' 'no .exits scope=vm. records'
with hv '/^end /d'
refused 'a log that is cut short' 'hv.log:[0-9]*: cut short: no .end. record'
with hv '' '/total=/d'
refused 'emulator counts that are cut short' 'hv.exits:[0-9]*: cut short'
with kvm '/^trace /d'
refused 'no tracepoint' 'no .trace. records'
with kvm '/^exits scope=module/d'
refused 'no module' 'no .exits scope=module. records'
with kvm '/^stats /d'
refused 'no statistics' 'no .stats. record'
with kvm '/^trace event=kvm_exit /s/dropped=0/dropped=3/'
refused 'a histogram that was full' 'dropped 3 exits'
how=--detail
with hv '/^detail /d'
refused 'no numbers' 'no .detail. records'
with hv '0,/^detail /{/^detail /d}'
refused 'a number that got lost' 'hv.log:[0-9]*: lines are missing: lines='
with hv "/$port/p"
refused 'a number in two places' 'hv.log:[0-9]*: a second number=66584576 of reason 30'
with hv '0,/^detail .* reason=28 /{/^detail .* reason=28 /p}'
refused 'and one of a control register' 'hv.log:[0-9]*: a second number=[0-9]* of reason 28'
with kvm '/^trace event=kvm_cpuid/d'
refused 'no tracepoint of CPUID' 'no .trace. records with event=kvm_cpuid'
with kvm '/^trace event=kvm_msr total/s/dropped=0/dropped=3/'
refused 'a histogram of numbers that was full' 'dropped 3 exits'
how=''
with hv '1s/version=1/version=2/'
refused 'another version' 'hv.log:1: version=2'
cat "$tmp/good/hv.log" "$tmp/good/hv.log" >"$tmp/hv.log"
judge hv
refused 'two runs' 'a record after the .end. record'
run "$witness" "$tmp/good/hv.log" "$tmp/nothing"
refused 'a file that is not there' 'nothing: '
run "$witness" "$tmp/good/hv.log"
refused 'only one file' 'needed'
run boot/run hv --machine qemu --accel tcg --exits "$tmp/x" "$guest"
is 'QEMU keeps no log' "$code" 2
has 'it says so' "$tmp/err" 'keeps no log of VM exits'

# KVM on QEMU has its own tracepoint for a witness.
with kvm '1s/machine=bochs/machine=qemu/'
refused 'a witness that QEMU has not' 'of KVM on QEMU nobody else counts'
run "$witness" "$tmp/kvm.log"
is 'KVM on QEMU: equal' "$code" 0
has 'by three that count' "$tmp/out" '^reason  name +ours +module +kvm_exit  verdict$'

# Builds that tell exits apart in a wrong way

how=--detail
while IFS='|' read -r patch what pattern; do
	spoilt "$patches/$patch.patch"
	is "hv, $what: the patch applies" "$code" 0
	build_spoilt hv/hv.elf
	is 'it builds' "$code" 0
	on hv --hv "$tmp/tree/build/hv/hv.elf" --detail --exits "$tmp/lines" \
		--cmdline rows=cpuid,in8,out8,hlt "$guest"
	count "$tmp/lines"
	judge hv
	differs 'it is caught' "$pattern"
	run patch -d "$tmp/tree" -p1 -R -i "$patches/$patch.patch"
done <<'LIST'
detail-merged|two numbers are one|^ +IN 8 bit from .*  DIFFERS: emulator
detail-dropped|one entry is not there|^ +exits +[0-9]+ +-  DIFFERS: the reason has
LIST
how=''

# Builds that count in the wrong place

spoilt "$patches/hv-hook-missing.patch"
is 'hv with one hook missing: the patch applies' "$code" 0
build_spoilt hv/hv.elf
is 'it builds' "$code" 0
on hv --hv "$tmp/tree/build/hv/hv.elf" --exits "$tmp/lines" --cmdline rows=cpuid,hlt "$guest"
count "$tmp/lines"
judge hv
differs 'it is caught' '^ +12  HLT +0 +[1-9][0-9]*  DIFFERS: emulator \+'
is 'and nothing else differs but the total' "$(grep -c DIFFERS "$tmp/out")" 2

# Of KVM too, which takes long to build and boot: only what the patch changes is built,
# the rest comes with the copy.
long || {
	skip 'KVM with a hook that comes late' 'takes long'
	plan "$test_nr"
	finish
}
full=$(realpath "$lab_linux")
late=$(realpath "$build")/tests/witness
kernel=$late/${full##*/}
[ -d "$kernel" ] || {
	mkdir -p "$kernel/src"
	cp -al "$full/pristine" "$full/source" "$full/lab.config" "$kernel"
	for entry in "$full"/src/* "$full"/src/.[!.]*; do
		case $entry in
		*/obj) cp -a "$entry" "$kernel/src" ;;
		*/obj-*) ;;
		*) cp -al "$entry" "$kernel/src" ;;
		esac
	done
}
cp "$patches/kvm-hook-late.patch" "$tmp/tree/kvm-patch/${KERNEL:-6.12}/0999-hook-late.patch"
run make -C "$tmp/tree" BUILD="$late" "$kernel/bzImage"
is 'KVM with a hook that comes late: it builds' "$code" 0
on kvm --kernel "$kernel/bzImage" --trace --exits "$tmp/lines" \
	--cmdline rows=cpuid,wrmsr_tsc_deadline,running_timer "$guest"
"$witness" --count <"$tmp/lines" >"$tmp/kvm.exits"
judge kvm
differs 'it is caught' '^ +32  MSR_WRITE .*  DIFFERS: emulator \+[0-9]+, kvm_exit \+[0-9]+$'
has 'by the statistic too' "$tmp/out" '^KVM.s statistic .*: DIFFERS: \+'
plan "$test_nr"
finish
