#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Machines on which there is nothing to run on: what is missing is named, with
# what to do about it, and the code is not 0. And options that cannot be used.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 42

run boot/run hv --machine qemu --accel tcg --out "$tmp" "$guest"
is 'hv without VMX, by PVH' "$code" 69
has 'it says so' "$tmp/out" '^hv: .*VMX'
run boot/run hv --machine qemu --accel tcg --boot iso --out "$tmp" "$guest"
is 'hv without VMX, by GRUB' "$code" 69
has 'it says so' "$tmp/out" '^hv: .*VMX'
run boot/run kvm --machine qemu --accel tcg --cpu qemu64,-svm --out "$tmp" "$guest"
is 'KVM without VMX' "$code" 69
has 'it says so' "$tmp/out" '^runner: .*(KVM|VMX|/dev/kvm)'
has 'it ends its log' "$tmp/out" '^end target=kvm cause=error code=69'

has 'the vCPU is kept on one CPU' "$tmp/err" 'vCPU is pinned to CPU [0-9]+$'

# host FLAGS NESTED: a host's files; NESTED is that of kvm_intel, or none.
host()
{
	rm -rf "$tmp/host"
	mkdir -p "$tmp/host/proc" "$tmp/host/dev" "$tmp/host/sys/module/kvm_intel/parameters" \
		"$tmp/host/sys/devices/system/cpu/vulnerabilities"
	printf 'model name\t: A CPU\nflags\t\t: fpu %s\n' "$1" >"$tmp/host/proc/cpuinfo"
	: >"$tmp/host/dev/kvm"
	[ "$2" = none ] || echo "$2" >"$tmp/host/sys/module/kvm_intel/parameters/nested"
}
# chosen PATTERN: what is chosen on that host, and why.
chosen()
{
	run env HOST_ROOT="$tmp/host" sh -c '. boot/lib.sh; choose_machine auto'
	has "$host_is: $1" "$tmp/err" "$1"
}
host_is='nested VMX'
host 'vmx hypervisor' Y
chosen 'machine: qemu \('
host_is='vmx, nested off'
host vmx N
chosen 'bochs .*nested is off'
host_is='vmx, no kvm_intel'
host vmx none
chosen 'bochs .*kvm_intel is not loaded'
host_is='AMD'
host 'svm vmxx' Y
chosen 'bochs .*SVM, not VMX'
host_is='a /dev/kvm that is not VMX'
host 'vmxx hypervisor' none
chosen 'bochs .*no vmx; /dev/kvm belongs to a KVM that does without'
is 'in one line' "$(wc -l <"$tmp/err")" 1
host_is='no KVM at all'
rm "$tmp/host/dev/kvm"
chosen 'bochs .*shows no vmx\)'
host_is='no device'
host vmx 1
rm "$tmp/host/dev/kvm"
chosen 'bochs .*/dev/kvm cannot be opened'
host 'vmx hypervisor' Y
echo 'Mitigation: PTI' >"$tmp/host/sys/devices/system/cpu/vulnerabilities/meltdown"
echo 'Not affected' >"$tmp/host/sys/devices/system/cpu/vulnerabilities/tsx_async_abort"
run env HOST_ROOT="$tmp/host" sh -c '. boot/lib.sh; host_label'
has 'cycles are labelled with the CPU' "$tmp/out" '^hardware: A CPU$'
has 'with how deep it is nested' "$tmp/out" '^nesting: .*in a virtual machine'
has 'with its mitigations' "$tmp/out" '^mitigations: meltdown \(PTI\)$'

# IA32_FEATURE_CONTROL: locked, VMX off, as a firmware may leave it. Bochs's own
# BIOS locks it with VMX on; SeaBIOS leaves it to us.
off="--bios /usr/share/seabios/bios.bin"
# shellcheck disable=SC2086 # words are meant
on hv $off --grub 'wrmsr 0x3a 1' "$guest"
is 'hv with VMX locked off' "$code" 69
has 'it says so' "$log" '^hv: .*(locked|IA32_FEATURE_CONTROL)'
# shellcheck disable=SC2086
on kvm $off --grub 'wrmsr 0x3a 1' "$guest"
is 'KVM with VMX locked off' "$code" 69
has 'it says so' "$log" '^runner: .*(VMX|KVM)'

# And unlocked: hv turns it on itself.
on hv --bios /usr/share/seabios/bios.bin --cmdline rows=cpuid "$guest"
is 'hv with VMX left open' "$code" 0

on hv --cpu core2_penryn_t9600 "$guest"
is 'hv on a CPU without EPT' "$code" 69
has 'the control is named' "$log" '^hv: this CPU cannot run hv.*"enable EPT"'
is 'in one line' "$(grep -ac '^hv: this CPU' "$log")" 1

for word in colour=blue leaves=x21 report=many mem=3 mem=64k mem=999999999999999999999 \
	machine=abacus clock=sand; do
	on hv --option $word --cmdline rows=none "$guest"
	is "hv option $word" "$code" 64
done
on hv --option "$(printf '%03000d' 0)" --cmdline rows=none "$guest"
is 'a command line that is too long' "$code" 64
on hv --cmdline colour=blue "$guest"
is 'a bad word for the guest' "$code" 64
has 'the guest says which' "$log" '^guest: .*colour=blue'
on hv --mem 1856 --cmdline rows=cpuid "$guest"
is 'the largest memory that Bochs has room for' "$code" 0
on hv --mem 2048 --cmdline rows=cpuid "$guest"
is 'the largest memory of all does not fit in Bochs' "$code" 64
has 'which is said' "$tmp/err" '^run: --mem 2048: Bochs has 2048 MiB at most'
on hv --mem 4 --cmdline rows=cpuid "$guest"
is 'the smallest memory' "$code" 0
finish
