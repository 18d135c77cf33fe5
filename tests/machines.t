#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Machines on which there is nothing to run on: what is missing is named, with
# what to do about it, and the code is not 0. And options that cannot be used.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

run boot/run hv --machine qemu --accel tcg --out "$tmp" "$guest"
is 'hv without VMX, by PVH' "$code" 69
has 'it says so' "$tmp/out" '^hv: .*VMX'
run boot/run hv --machine qemu --accel tcg --boot iso --out "$tmp" "$guest"
is 'hv without VMX, by GRUB' "$code" 69
has 'it says so' "$tmp/out" '^hv: .*VMX'
run boot/run hv --machine qemu --accel tcg --boot uefi --out "$tmp" "$guest"
is 'hv without VMX, by UEFI' "$code" 69
has 'it says so' "$tmp/out" '^hv: .*VMX'
has 'what UEFI says is on the other port' "$tmp/hv.console" 'BdsDxe: starting '
is 'and not in the log' "$(sed -n '1s/ .*//p' "$tmp/hv.log")" log
run boot/run hv --machine bochs --boot uefi --out "$tmp" "$guest"
is 'UEFI on Bochs is refused' "$code" 64
has 'it says so' "$tmp/err" '^run: --boot uefi is for hv on qemu or nested$'
run boot/run kvm --machine qemu --accel tcg --cpu qemu64,-svm --out "$tmp" "$guest"
is 'KVM without VMX' "$code" 69
has 'it says so' "$tmp/out" '^runner: .*(KVM|VMX|/dev/kvm)'
has 'it ends its log' "$tmp/out" '^end target=kvm cause=error code=69'

has 'the vCPU is kept on one CPU' "$tmp/err" 'vCPU 0 is pinned to CPU [0-9]+$'

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

# What a host's KVM hands to hv is counted by the host's tracer, for root only.
tracing=$tmp/host/sys/kernel/tracing
event=events/kvm/kvm_nested_vmexit_inject
# no_trace WHY: make witness is refused, in one line.
no_trace()
{
	run env HOST_ROOT="$tmp/host" MACHINE=qemu boot/witness "$tmp/witness" "$guest"
	is "$1" "$code" 69
	ok "$1: one line" test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has "$1: says so" "$tmp/err" "$2"
}
no_trace 'no tracefs to write to' 'must count what it hands to hv: .* run as root'
mkdir -p "$tracing/instances" "$tracing/events/kvm"
no_trace 'no tracepoint' 'no tracepoint kvm_nested_vmexit_inject'
mkdir "$tracing/$event"
echo 'hist:keys=of_others' >"$tracing/$event/trigger"
no_trace 'no histograms' 'CONFIG_HIST_TRIGGERS'
: >"$tracing/$event/hist"
run env HOST_ROOT="$tmp/host" boot/run hv --machine qemu --trace --out "$tmp" "$guest"
is 'a tracer that refuses' "$code" 69
has 'it says so' "$tmp/err" '^run: --trace: .*kvm_nested_vmexit_inject cannot be counted'
is 'nothing is left behind' "$(ls "$tracing/instances")" ''

# A tracer that counts, and what it is told. An instance is full of files from the start.
cat >"$tmp/trace.sh" <<'EOS'
set -eu
. boot/tracefs.sh
mkdir()
{
	command mkdir -p "$1/options" "$1/events/kvm/$trace_event"
	printf '%s\n' '# event histogram' '{ exit_code:         10 } hitcount:          7' \
		'{ exit_code: 2147483681 } hitcount:          1' '' 'Totals:' \
		'    Hits: 8' '    Entries: 2' '    Dropped: 0' >"$1/events/kvm/$trace_event/hist"
}
rmdir() { mv "$1" "$HOST_ROOT/removed"; }
trace_begin
echo $$ >"$HOST_ROOT/pid"
trace_records
trace_end
trace_end
EOS
run env HOST_ROOT="$tmp/host" sh "$tmp/trace.sh"
is 'a tracer that counts' "$code" 0
is 'its records' "$(cut -d' ' -f3- "$tmp/out" | paste -sd,)" \
	'reason=10 count=7,reason=2147483681 count=1,total=8 dropped=0'
is 'set up, and removed' "$(paste -sd' ' "$tmp/host/removed/$event/trigger")" \
	'hist:keys=exit_code:size=256 !hist:keys=exit_code:size=256'
ok 'only what we start is counted' cmp "$tmp/host/pid" "$tmp/host/removed/set_event_pid"
is 'that of others is as it was' "$(cat "$tracing/$event/trigger")" 'hist:keys=of_others'

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

# An unknown word, no such name, a number too small; LONG has more of them.
words='colour=blue leaves=x21 mem=3'
! long || words="$words report=many mem=64k mem=999999999999999999999 machine=abacus clock=sand"
for word in $words; do
	on hv --option $word --cmdline rows=none "$guest"
	is "hv option $word" "$code" 64
	[ $word != colour=blue ] || told hv error 64 "hv: unknown option 'colour'"
done
on hv --option "$(printf '%03000d' 0)" --cmdline rows=none "$guest"
is 'a command line that is too long' "$code" 64
on hv --cmdline foo "$guest"
is 'a bad word for the guest' "$code" 64
told hv exit_port 64 'guest: unknown word on the command line: foo$'
on hv --mem 1856 --cmdline rows=cpuid "$guest"
is 'the largest memory that Bochs has room for' "$code" 0
on hv --mem 2048 --cmdline rows=cpuid "$guest"
is 'the largest memory of all does not fit in Bochs' "$code" 64
has 'which is said' "$tmp/err" '^run: --mem 2048: Bochs has 2048 MiB at most'
on hv --mem 4 --cmdline rows=cpuid "$guest"
is 'the smallest memory' "$code" 0
plan "$test_nr"
finish
