#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hv under QEMU with KVM, on the lab's kernel in Bochs: both ways to start it, every
# row as where hv is alone on the machine, and what the KVM underneath has counted. All rows
# take long, and so does UEFI.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 61
few=empty,cpuid,vmcall,in8,rdmsr,nmi,ept_first_touch

# nested NAME OPTIONS...: hv in QEMU; its logs are $tmp/NAME/hv.*
nested()
{
	dir=$tmp/$1
	shift
	run boot/run hv --machine nested --mem 16 --limit 1800 --out "$dir" "$@" "$guest"
}

# counts LOG: of each synchronous row all that is counted and no time.
counts()
{
	sed -n '/ kind=sync /s/ handler=[0-9-]* round_trip=[0-9-]* tsc=[0-9]*//p' "$1" |
		grep '^row '
}

# own NAME: exits of that reason that hv itself caused. The outer KVM has counted them
# together with those of the guest, some of whose rows try VMX instructions too.
own()
{
	outer=$(sed -n "s/.* name=$1 count=\([0-9]*\) .*/\1/p" "$dir/hv.outer")
	guests=$(sed -n "s/^exits scope=vm .* name=$1 count=\([0-9]*\) .*/\1/p" "$dir/hv.log")
	echo $((outer - ${guests:-0}))
}

# A vCPU of Bochs 2.7 that enters the guest of another VMCS keeps NMIs blocked (its
# VM entry sets that and never clears it): a second NMI does not arrive.
on hv --cmdline list "$guest"
all=$(sed -n 's/^table name=\([^ ]*\) .*/\1/p' "$log" | grep -vx nmi_window | paste -sd, -)

# One more than those with marks, which shows below.
direct=$few,out8
! long || direct=$all
for boot in direct iso; do
	if [ $boot = iso ]; then
		rows="rows=$few marks"
		nested iso --boot iso --exits "$tmp/exits" --cmdline "$rows"
	else
		rows=rows=$direct dir=$build/witness
		run make --no-print-directory BUILD="$build" MACHINE=nested MEM=16 \
			CMDLINE="$rows" witness
		cp "$tmp/out" "$tmp/table"
	fi
	is "$boot: the guest's code arrives" "$code" 0
	has "$boot: hv knows where it is" "$dir/hv.log" \
		'^log .*target=hv machine=qemu clock=emulated'
	has "$boot: no row failed" "$dir/hv.log" '^done rows=[1-9][0-9]* failed=0'
	on hv --mem 16 --cmdline "$rows" "$guest"
	counts "$log" >"$tmp/alone"
	counts "$dir/hv.log" >"$tmp/nested"
	ok "$boot: every synchronous row is as without QEMU and KVM ($(wc -l <"$tmp/nested"))" \
		cmp "$tmp/alone" "$tmp/nested"
	ok "$boot: there are rows" test -s "$tmp/nested"

	# What KVM says that it handed to hv is what hv has counted, reason by reason.
	sed -n 's/^exits scope=vm reason=\([0-9]*\) .* count=\([0-9]*\) .*/\1 \2/p' \
		"$dir/hv.log" | sort >"$tmp/counted"
	sed -n 's/^trace event=kvm_nested_vmexit_inject reason=\([0-9]*\) count=/\1 /p' \
		"$dir/hv.outer" | sort >"$tmp/handed"
	ok "$boot: KVM's tracepoint agrees ($(wc -l <"$tmp/handed") reasons)" \
		cmp "$tmp/counted" "$tmp/handed"

	# Each of the guest's exits is one of KVM's too, and costs one VMRESUME more.
	total=$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$dir/hv.log")
	is "$boot: KVM counts hv's VMRESUMEs" "$(own VMRESUME)" $((total - 1))
	for name in VMON VMPTRLD VMLAUNCH; do
		is "$boot: KVM counts hv's $name" "$(own $name)" 1
	done
	ok "$boot: KVM counts hv's VMWRITEs ($(own VMWRITE))" test "$(own VMWRITE)" -gt 50
done

# The first as a table of make witness MACHINE=nested; an exit more or less is seen.
has 'its table' "$tmp/table" '^reason  name +ours +handed  verdict$'
has 'CPUID is in it' "$tmp/table" '^ +10  CPUID +([0-9]{3,}) +\1  equal$'
has 'all are equal' "$tmp/table" '^all ([89]|[1-9][0-9]) comparisons are equal$'
has "the tracer's instance is removed" "$build/witness/hv.console" \
	'^nested: instances of the tracer left: 0'

# judge SED-SCRIPT [SED-SCRIPT]: spoil the log, and what KVM has counted.
judge()
{
	sed "$1" "$build/witness/hv.log" >"$tmp/hv.log"
	sed "${2-}" "$build/witness/hv.outer" >"$tmp/hv.outer"
	run "$build/tools/witness" "$tmp/hv.log" "$tmp/hv.outer"
}
vmcalls=$(sed -n 's/^exits scope=vm reason=18 .* count=\([0-9]*\) .*/\1/p' "$build/witness/hv.log")
judge "/^exits scope=vm reason=18 /s/ count=$vmcalls / count=$((vmcalls + 1)) /"
is 'hv counts one more' "$code" 1
has 'where' "$tmp/out" '^ +18  VMCALL .*  DIFFERS: handed -1$'
judge '' "/reason=18 /s/count=$vmcalls\$/count=$((vmcalls + 1))/"
is 'KVM has handed one more' "$code" 1
has 'where' "$tmp/out" '^ +18  VMCALL .*  DIFFERS: handed \+1$'
judge '' '/^trace .*reason=18 /d'
is 'KVM has handed none' "$code" 1
judge '' '/^trace .*total=/d'
is 'a trace that is cut short' "$code" 2
has 'it says so' "$tmp/err" 'hv.outer:[0-9]*: cut short'
judge '' '/^trace /s/dropped=0/dropped=1/'
is 'a histogram that was full' "$code" 2
judge '' '1s/^/noise /'
is 'something else' "$code" 2
has 'it says so' "$tmp/err" 'hv.outer:1: not what the KVM under hv has counted'
run "$build/tools/witness" "$tmp/hv.log"
is 'no trace at all' "$code" 2
has 'it says so' "$tmp/err" 'the KVM underneath counted are needed'

# What an exit costs the KVM underneath, exactly.
nesting=$build/tools/nesting
# cost NAME NUMBERS: that row of the table has, per exit of the guest, that many exits
# in all, and of VMRESUME, VMREAD and VMWRITE.
cost()
{
	is "$1 costs KVM" "$(awk -v row="$1" '$1 == row { print $6, $7, $8, $9 }' "$tmp/out")" "$2"
}
run "$nesting" --csv "$tmp/csv" hv "$dir/hv.log" "$tmp/exits"
is 'a table of exits' "$code" 0
for row in cpuid vmcall in8 rdmsr nmi; do
	cost $row '2.00 1.00 0.00 0.00'
done
is 'the CSV has each reason' "$(grep -c '^1,hv,cpuid,10,CPUID,64,64,' "$tmp/csv")" 2
has 'and its count' "$tmp/csv" '^1,hv,cpuid,10,CPUID,64,64,24,VMRESUME,64$'

# What the machines have in files is in a folder whose name has blanks.
mkdir "$tmp/with two blanks"
export TMPDIR="$tmp/with two blanks"
nested bare --outer kvm_intel.enable_shadow_vmcs=0 --exits "$tmp/exits-bare" \
	--cmdline 'marks rows=empty,cpuid'
is 'without VMCS shadowing the code arrives too' "$code" 0
run "$nesting" hv "$dir/hv.log" "$tmp/exits-bare"
is 'a table of that' "$code" 0
cost cpuid '8.00 1.00 5.00 1.00'

# By UEFI, which has had the second processor before: the guest ends there.
if long; then
	nested uefi --boot uefi --cpus 2 --limit 3600 \
		--cmdline 'rows=cpuid,in8,ipi_running,init_sipi,at_once on=1 code=7'
	is 'by UEFI, with two vCPUs: the code arrives' "$code" 7
	has 'by UEFI: no row failed' "$dir/hv.log" '^done rows=5 failed=0'
	has 'by UEFI: the second has ended the guest' "$dir/hv.log" \
		'^end target=hv cause=exit_port vcpu=1 code=7'
	ok 'by UEFI: the counts of both add up' sums "$dir/hv.log"
	is "by UEFI: that is what KVM's tracepoint says" \
		"$(sed -n 's/^trace .* total=\([0-9]*\) .*/\1/p' "$dir/hv.outer")" \
		"$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$dir/hv.log")"
else
	for check in 'the code' 'the rows' 'the end' 'the counts' 'the tracepoint'; do
		skip "by UEFI, with two vCPUs: $check" 'takes long'
	done
fi

run boot/run kvm --machine nested --out "$tmp" "$guest"
is 'KVM in KVM is refused' "$code" 64

# What cannot be put together
run "$nesting" hv "$build/witness/hv.log" "$tmp/exits"
is 'a guest that was not told to mark' "$code" 2
has 'it says so' "$tmp/err" 'told .marks'
sed '/^row name=empty /d; s/^row name=cpuid /row name=empty /
	s/^row name=empty \(.*\)/&\nrow name=more \1/' "$dir/hv.log" >"$tmp/other"
run "$nesting" hv "$tmp/other" "$tmp/exits"
is 'exits of another run' "$code" 2
sed 's/^row name=empty /row name=full /' "$dir/hv.log" >"$tmp/other"
run "$nesting" hv "$tmp/other" "$tmp/exits-bare"
is 'no empty row' "$code" 2
sed '/^end /d' "$dir/hv.log" >"$tmp/other"
run "$nesting" hv "$tmp/other" "$tmp/exits-bare"
is 'a log cut short' "$code" 2
run "$nesting" hv "$dir/hv.log"
is 'a word is missing' "$code" 2
finish
