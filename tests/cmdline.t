#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the user gave reaches the guest and the messages: command lines as long as they
# may be, the same on both targets, and the names of files, with blanks.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# line LENGTH: a command line of so many bytes for the shared guest, which its last word
# alone makes end with 9.
line()
{
	printf 'rows=none'
	n=$(($1 - 16))
	while [ "$n" -ge 7 ]; do
		printf ' code=3'
		n=$((n - 7))
	done
	# Zeroes in front of the number make up for the rest.
	printf ' code=%0*d' $((n + 1)) 9
}
for length in 1600 2047; do
	targets='hv kvm'
	[ $length -eq 2047 ] || long || targets=hv
	is 'the line is as long as it should be' "$(line $length | wc -c)" $length
	for target in $targets; do
		on "$target" --cmdline "$(line $length)" "$guest"
		is "$target: $length bytes, its last word" "$code" 9
	done
done
for target in hv kvm; do
	on $target --cmdline "$(line 2048)" "$guest"
	is "$target: 2048 bytes" "$code" 64
	has 'are too many' "$tmp/err" '^run: --cmdline: 2048 bytes are more than the 2047 '
done
# hv itself, as others start it.
run boot/run hv --machine qemu --accel tcg --out "$tmp" --option "-- $(line 2046)" "$guest"
is 'hv: 2,050 bytes' "$code" 64
has 'are too many' "$tmp/out" \
	"^hv: the guest's command line: 2050 bytes are more than 2047$"

echo 'not an image' >"$tmp/my  own image.elf"
for target in hv kvm; do
	on $target "$tmp/my  own image.elf"
	is "$target: no image" "$code" 65
	has 'by its own name' "$log" '^(hv: guest image|runner:) .*/my  own image\.elf: file '
	told $target error 65 '(hv: guest image|runner:) .*/my  own image\.elf: '
done
cp "$build/linux/bzImage" "$tmp/own kernel"
: >"$tmp/own initrd"
on kvm --initrd "$tmp/own initrd" "$tmp/own kernel"
is 'KVM: an initrd that is none' "$code" 65
has 'by its own name' "$log" '^runner: .*/own initrd: '
plan "$test_nr"
finish
