#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hv under QEMU with KVM, on the lab's kernel in Bochs: both ways to start it, every
# row as where hv is alone on the machine, and what the KVM underneath has counted.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 20
few=cpuid,vmcall,in8,rdmsr,nmi,ept_first_touch

# nested NAME OPTIONS...: hv in QEMU; its logs are $tmp/NAME/hv.*
nested()
{
	dir=$tmp/$1
	shift
	run boot/run hv --machine nested --mem 16 --limit 400 --out "$dir" "$@" "$guest"
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

for boot in direct iso; do
	rows=$few
	[ $boot = iso ] || rows=$all
	nested $boot --boot $boot --cmdline "rows=$rows"
	is "$boot: the guest's code arrives" "$code" 0
	has "$boot: hv knows where it is" "$dir/hv.log" \
		'^log .*target=hv machine=qemu clock=emulated'
	has "$boot: no row failed" "$dir/hv.log" '^done rows=[1-9][0-9]* failed=0'
	on hv --mem 16 --cmdline "rows=$rows" "$guest"
	counts "$log" >"$tmp/alone"
	counts "$dir/hv.log" >"$tmp/nested"
	ok "$boot: every synchronous row is as without QEMU and KVM ($(wc -l <"$tmp/nested"))" \
		cmp "$tmp/alone" "$tmp/nested"
	ok "$boot: there are rows" test -s "$tmp/nested"

	# Each of the guest's exits is one of KVM's too, and costs one VMRESUME more.
	total=$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$dir/hv.log")
	is "$boot: KVM counts hv's VMRESUMEs" "$(own VMRESUME)" $((total - 1))
	for name in VMON VMPTRLD VMLAUNCH; do
		is "$boot: KVM counts hv's $name" "$(own $name)" 1
	done
	ok "$boot: KVM counts hv's VMWRITEs ($(own VMWRITE))" test "$(own VMWRITE)" -gt 50
done
finish
