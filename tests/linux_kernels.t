#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Kernels that Debian installs boot as they are on both targets, with no word on the
# command line but the console's. They are fetched, some 30 MB each: the flavour that knows
# least, without MP tables and /dev/port, and boots in half the time: 6.12 on hv. LONG brings
# both targets, 6.1, and two processors for 6.12. LINUX_KERNELS='SUITE-FLAVOUR:CPUS …' names
# others; `all` is those that are known to boot, each with two.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
kernels=trixie-cloud:1
! long || kernels='bookworm-cloud:1 trixie-cloud:2'
kernels=${LINUX_KERNELS:-$kernels} targets='hv kvm'
long || [ -n "${LINUX_KERNELS-}" ] || targets=hv
[ "$kernels" != all ] || kernels='bookworm-amd64:2 bookworm-cloud:2 bookworm-rt:2
	trixie-amd64:2 trixie-cloud:2 trixie-rt:2'
# shellcheck disable=SC2086 # words are meant
set -- $kernels

# boot TARGET KERNEL CPUS: in a folder of its own
boot()
{
	mkdir -p "$tmp/$2"
	code=0
	boot/run "$1" --quiet --mem 256 --ticks 20000 --limit 1500 --report 0 --out "$tmp/$2" \
		--cpus "$3" --initrd "$build/linux-guest/initrd.cpio" \
		--append 'console=ttyS0 lab.run=nproc;exit,7' \
		"$build/linux-guest/debian-$2.bzImage" 2>"$tmp/$2/$1.err" || code=$?
	echo "$code" >"$tmp/$2/$1.code"
}

# booted TARGET KERNEL CPUS: what came of it
booted()
{
	log=$tmp/$2/$1.log
	cp "$tmp/$2/$1.err" "$tmp/err"
	name="$2 on $1, $3"
	is "$name: ends with the code of its commands" "$(cat "$tmp/$2/$1.code")" 7
	has "$name: boot/run says so" "$tmp/err" "^run: $1: target=$1 cause=exit_port .*code=7"
	is "$name: nproc" "$(tr -d '\r' <"$log" | grep -axE '[0-9]+')" "$3"
	has "$name: it is Debian's" "$log" 'Linux version .*debian-kernel@lists\.debian\.org'
	has "$name: came up to a shell" "$log" '^lab: shell'
	has "$name: no word more" "$log" 'Kernel command line: noapic console=ttyS0 lab.run'
	has "$name: its APIC is in x2APIC mode" "$log" 'x2apic: enabled by BIOS'
	has "$name: its clock is the TSC" "$log" 'clocksource: Switched to clocksource tsc'
	lacks "$name: nothing was odd" "$log" 'WARNING:|BUG|Call Trace|ACPI.*[Ee]rror|unchecked MSR'
	has "$name: its exits are counted" "$log" '^exits scope=vm total=[1-9][0-9]{5}'
	is "$name: of each vCPU" "$(grep -ac '^exits scope=vcpu[0-9] total=[1-9]' "$log")" \
		$(($3 == 1 ? 0 : $3))
}

for kernel; do
	cpus=${kernel#*:} kernel=${kernel%:*}
	[ "$cpus" != "$kernel" ] || cpus=1
	file=$build/linux-guest/debian-$kernel.bzImage
	if [ ! -f "$file" ] &&
	   ! timeout 600 guest/linux/debian.sh "$kernel" "$file" 2>"$tmp/err"; then
		skip "$kernel" "$(tail -n 1 "$tmp/err")"
		continue
	fi
	for target in $targets; do
		boot "$target" "$kernel" "$cpus" &
	done
	wait
	for target in $targets; do
		booted "$target" "$kernel" "$cpus"
	done
done
plan "$test_nr"
finish
