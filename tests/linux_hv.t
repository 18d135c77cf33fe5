#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# An unmodified Linux on hv: it boots to a shell that somebody types at, all of its
# exits are what the emulator counted, and whatever ends it leaves counts and a code.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
initrd=$build/linux-guest/initrd.cpio
kernel=$build/linux/bzImage
witness=$build/tools/witness

# linux WORDS OPTIONS...: boot with these words on the command line.
linux()
{
	words=$1
	shift
	on hv --initrd "$initrd" --append "console=ttyS0 panic=-1 $words" "$@" "$kernel"
}

ended()
{
	is "$1: code" "$code" "$3"
	is "$1: how it ended" "$(grep -ac "^end target=hv cause=$2 code=$3" "$log")" 1
	has "$1: counts" "$log" '^exits scope=vm total=[1-9]'
}

# Every exit of a boot, by an emulator that was not asked

linux lab.run=exit,7 --detail --exits "$tmp/lines"
ended 'a boot' exit_port 7
has 'Linux came up to a shell' "$log" '^lab: shell'
has 'its clock is the TSC, by CPUID' "$log" 'clocksource: Switched to clocksource tsc'
has 'its timer is the deadline' "$log" 'TSC deadline timer available'
has 'its APIC is in x2APIC mode' "$log" 'x2apic: enabled by BIOS, switching to x2apic ops'
has 'COM1 has its interrupt' "$log" 'ttyS0 at I/O 0x3f8 .irq = 4.* is a 16550A'
lacks 'nothing was odd' "$log" 'WARNING|BUG:|Call Trace|unchecked MSR'
lacks 'no MSR that it knows of is refused' "$log" '^hv: (RD|WR)MSR of MSR .* raises #GP'
"$witness" --count <"$tmp/lines" >"$tmp/hv.exits"
run "$witness" --detail "$log" "$tmp/hv.exits"
is 'our counts are the emulator'\''s' "$code" 0
has 'by port, register, MSR, vector and page, too' "$tmp/out" \
	'^all [1-9][0-9]{3,} counts and sums are equal$'
has 'of pages there are more than there is room for' "$tmp/out" \
	'^ +48  EPT_VIOLATION +1024 numbers, rest ([0-9]+) +([0-9]+) +\2  equal$'
has 'all of them' "$tmp/out" '^all 1[0-9] comparisons are equal$'
cp "$log" "$tmp/first.log"
linux lab.run=exit,7 --detail
ok 'a second boot is the same, byte for byte' cmp "$tmp/first.log" "$log"

# Somebody types

mkfifo "$tmp/keys"
until_seen()
{
	for _ in $(seq 400); do
		! grep -aqE "$1" "$tmp/hv.log" 2>/dev/null || return 0
		sleep 0.2
	done
}
rm -f "$tmp/hv.log"
{
	exec 9>"$tmp/keys"
	until_seen '^lab: shell'
	sleep 2
	echo 'echo $((6*7))' >&9
	until_seen '^42'
	echo 'exit 9' >&9
	until_seen '^end '
} &
linux quiet --input <"$tmp/keys"
wait
ended 'a shell that is typed at' exit_port 9
has 'its answer' "$log" '^42'
has 'it slept meanwhile' "$log" '^exits scope=vm reason=12 name=HLT count=[1-9]'

# Kernels that do not come so far

on hv --append 'console=ttyS0 quiet panic=-1 reboot=k' "$kernel"
ended 'a panic, and a reboot by the keyboard controller' reset 73
has 'the kernel says why' "$log" 'Kernel panic - not syncing: No working init found'
on hv --append 'console=ttyS1 panic=-1 reboot=k' "$kernel"
ended 'a panic that nobody hears' reset 73
has 'how to hear it' "$tmp/err" 'code=73: (.*; )?the kernel printed nothing, .* earlyprintk='
on hv --append 'console=ttyS0 quiet panic=-1 reboot=t' "$kernel"
ended 'a panic, and a reboot by triple fault' triple_fault 71
lacks 'others are not told so' "$tmp/err" 'printed nothing'
linux 'quiet lab.run=while,:;do,:;done' --guest-limit 8
ended 'a guest that never ends' time_limit 124
has 'where it was' "$log" '^hv: time limit: the guest has run for [12][0-9]+ million cycles'

# Bad files: a field, its length, what memory has no room for; LONG has others, which unit tests
# and the runner (linux_kvm.t) refuse by the same rules

# spoil OFFSET BYTES: the kernel with other bytes there, as bad.img
spoil()
{
	cp "$kernel" "$tmp/bad.img"
	printf "$2" | dd of="$tmp/bad.img" bs=1 seek=$(($1)) conv=notrunc 2>/dev/null
}

# refused NAME PATTERN OPTIONS...
refused()
{
	name=$1 pattern=$2
	shift 2
	on hv "$@" "$tmp/bad.img"
	is "$name: code" "$code" 65
	has "$name: file and field" "$log" "^hv: guest image [^ ]*/$pattern"
}
spoil 0x202 XXXX
refused 'no magic' 'bad.img: header is not "HdrS"'
head -c 1000000 "$kernel" >"$tmp/bad.img"
refused 'truncated' 'bad.img: syssize reaches beyond the end of the file: it is truncated'
cp "$kernel" "$tmp/bad.img"
refused 'no room for the initrd' 'initrd.cpio: initrd size is more than' \
	--initrd "$initrd" --mem 34
if long; then
	refused 'no room for the kernel' 'bad.img: init_size is more than' --mem 20
	spoil 0x206 '\002\002'
	refused 'an old protocol' 'bad.img: version of the boot protocol .*0x202'
	spoil 0x238 '\010\0\0\0'
	refused 'a command line that is too long' 'bad.img: cmdline_size is less than' \
		--append a=b
	spoil 0x1f1 '\377'
	head -c 100000 "$tmp/bad.img" >"$tmp/short" && mv "$tmp/short" "$tmp/bad.img"
	refused 'setup beyond the file' \
		'bad.img: setup_sects .*beyond the end of the file'
	yes 'not a kernel' | head -n 100 >"$tmp/bad.img"
	refused 'neither ELF nor bzImage' 'bad.img: .* nor is this a bzImage'
	cp "$guest" "$tmp/bad.img"
	refused 'an initrd for a PVH guest' 'initrd.cpio: initrd goes with a bzImage' \
		--initrd "$initrd"
fi
plan "$test_nr"
finish
