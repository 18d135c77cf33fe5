#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A Linux finds the same processors on hv and on KVM: what CPUID says differs where it
# must and nowhere else, on the first of two as on the second. Its timer is the APIC's, at the
# frequency that CPUID tells.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 24

# leaf FILE LEAF SUBLEAF: its registers
leaf() { sed -n "s/^ *$2 $3: //p" "$tmp/$1.leaves"; }

# differ LEAF SUBLEAF REGISTER: the bits of a register that hv and KVM say differently
differ()
{
	hv=$(leaf hv "$1" "$2" | grep -o "$3=0x[0-9a-f]*")
	kvm=$(leaf kvm "$1" "$2" | grep -o "$3=0x[0-9a-f]*")
	printf '%#x\n' $((${hv#*=} ^ ${kvm#*=}))
}

commands='lab.run=taskset,1,cpuid,-1,-r;taskset,2,cpuid,-1,-r'
for target in hv kvm; do
	boot/run $target --quiet --out "$tmp/$target" --report 0 --cpus 2 --limit 1800 \
		--initrd "$build/linux-guest/initrd.cpio" \
		--append "console=ttyS0 quiet lapic=notscdeadline $commands" \
		"$build/linux/bzImage" 2>"$tmp/$target.err" &
done
wait
for target in hv kvm; do
	log=$tmp/$target/$target.log
	has "$target: it ran" "$log" "^end target=$target cause=exit_port vcpu=[01] code=0"
	# Each processor's begin with the same line.
	tr -d '\r' <"$log" | grep -aE '^CPU:$|^ *0x[0-9a-f]{8} 0x[0-9a-f]{2}: eax=' |
		awk -v base="$tmp/$target" '/^CPU/ { file = base "." n++; next } { print >file }'
	# The frequency is each host's own figure, and the hypervisors have names of their own.
	for vcpu in 0 1; do
		grep -vE '^ *0x(0000001[56]|40000[0-9a-f]{3}) ' "$tmp/$target.$vcpu" \
			>"$tmp/$target.$vcpu.same"
	done
	cp "$tmp/$target.0" "$tmp/$target.leaves"
	# APIC ids, and what is as many as there are processors
	for vcpu in 0 1; do
		cp "$tmp/$target.$vcpu" "$tmp/one.leaves"
		is "$target: leaf 1 of vCPU $vcpu: two, and its APIC id" \
			"$(leaf one 0x00000001 0x00 | grep -o 'ebx=0x....')" "ebx=0x0${vcpu}02"
		is "$target: leaf 0xb of it: its x2APIC id" \
			"$(leaf one 0x0000000b 0x01 | sed 's/.*edx=//')" "0x0000000$vcpu"
	done
done
for vcpu in 0 1; do
	is "vCPU $vcpu: these leaves differ, and no other" \
		"$(diff "$tmp/hv.$vcpu.same" "$tmp/kvm.$vcpu.same" |
		sed -n 's/^[<>] *\(0x[0-9a-f]*\) .*/\1/p' | sort -u | tr '\n' ' ')" \
		'0x00000001 0x00000007 '
done
is 'leaf 1: RDRAND, which the lab kernel is told to hide' "$(differ 0x00000001 0x00 ecx)" 0x40000000
is 'leaf 1: nothing else' "$(differ 0x00000001 0x00 edx)" 0
is 'leaf 7: ERMS, which the lab kernel hides' "$(differ 0x00000007 0x00 ebx)" 0x200
is 'leaf 7: UMIP, which KVM emulates' "$(differ 0x00000007 0x00 ecx)" 0x4
# Both measure the same TSC, by clocks of their own; the crystal's is that of the APIC timer.
frequency()
{
	leaf "$1" 0x00000015 0x00 | {
		read -r eax ebx ecx _
		echo $((${ecx#*=} * ${ebx#*=} / ${eax#*=}))
	}
}
hv=$(frequency hv) kvm=$(frequency kvm)
is "hv: its APIC timer counts the TSC's clock" "$(leaf hv 0x00000015 0x00)" \
	"$(printf 'eax=0x00000001 ebx=0x00000001 ecx=%#010x edx=0x00000000' "$hv")"
has "KVM: its own counts nanoseconds" "$tmp/kvm.leaves" '^ *0x00000015 .* ecx=0x3b9aca00 '
ok "the frequency is the same within 1 % ($hv, $kvm)" \
	test $((hv - kvm)) -lt $((hv / 100)) -a $((kvm - hv)) -lt $((hv / 100))
is 'KVM offers nothing paravirtual' "$(leaf kvm 0x40000001 0x00)" \
	'eax=0x00000000 ebx=0x00000000 ecx=0x00000000 edx=0x00000000'
run boot/run kvm --quiet --kvm-clock --until-line 40 --out "$tmp/clock" \
	--append 'console=ttyS0 earlyprintk=serial,ttyS0' "$build/linux/bzImage"
has 'but a clock, if it is to' "$tmp/clock/kvm.log" 'kvm-clock: Using msrs 4b564d01 and 4b564d00'
run boot/run hv --kvm-clock "$build/linux/bzImage"
is 'which hv has not' "$code" 64

# Bochs' tigerlake announces XSAVEC, and gives a size of the area that is not the sum of
# its components. What the guest is told adds up, else Linux warns and does without. (With 2.8's
# its state is refused later on, in Linux on the bare processor as well.)
boot/run hv --quiet --out "$tmp/tigerlake" --report 0 --cpu tigerlake \
	--initrd "$build/linux-guest/initrd.cpio" \
	--append 'console=ttyS0 lab.run=cpuid,-1,-r' "$build/linux/bzImage" 2>"$tmp/err"
log=$tmp/tigerlake/hv.log
has 'Linux uses XSAVE of a processor with XSAVEC' "$log" 'x86/fpu: Enabled xstate features 0xe7'
lacks 'and does not warn' "$log" 'XSAVE consistency problem|WARNING:.* arch/x86/kernel/'
finish
