#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Debian's memtest86+, which is a bzImage and no Linux, tests the guest's memory on both
# targets: its screen comes on COM1, and what it writes to VGA's memory vanishes.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# Debian 12's: the 7.20 of Debian 13 asks COM1 for a key before it has found where that is.
run boot/fetch bookworm memtest86+
[ "$code" -eq 0 ] || skip_all "the package memtest86+ cannot be fetched"
dpkg-deb -x "$(cat "$tmp/out")" "$tmp/memtest"
image=$(find "$tmp/memtest/boot" -name 'memtest86+x64*' ! -name '*.efi' | head -n 1)
plan 12

# Its benchmark and its wait for a key take long where time is instructions.
for target in hv kvm; do
	on $target --mem 16 --ticks 900 --guest-limit 14 --report 0 \
		--append 'nobench nopause console=ttyS0,115200' "$image"
	is "$target: it runs until its time is over" "$code" 124
	has "$target: it comes up" "$log" 'Memtest86\+ v[0-9]'
	has "$target: it finds the memory" "$log" 'Memory *: .*1[56](\.[0-9])?MB'
	has "$target: it tests it" "$log" 'Testing|Address test'
	has "$target: without an error" "$log" 'Errors: 0'
	has "$target: it is counted" "$log" '^exits scope=vm total=[1-9]'
done
finish
