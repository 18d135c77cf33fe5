#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel that Debian installs boots on hv as it is. It takes minutes, and 70 MB
# from a mirror: only where somebody has fetched it (make debian-kernel).
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
kernel=$build/linux-guest/debian.bzImage
[ -f "$kernel" ] || skip_all "$kernel is not there (make debian-kernel)"
plan 6

on hv --mem 256 --ticks 20000 --limit 1500 --report 0 \
	--initrd "$build/linux-guest/initrd.cpio" \
	--append 'console=ttyS0 panic=-1 reboot=t nokaslr nox2apic acpi=off lab.run=exit,7' \
	"$kernel"
is 'it ends with the code of its commands' "$code" 7
has 'it is Debian'\''s' "$log" 'Linux version .*debian-kernel@lists\.debian\.org'
has 'it came up to a shell' "$log" '^lab: shell'
lacks 'nothing was odd' "$log" 'WARNING:|BUG:|Call Trace'
has 'its clock is the TSC' "$log" 'clocksource: Switched to clocksource tsc'
has 'its exits are counted' "$log" '^exits scope=vm total=[1-9][0-9]{5}'
finish
