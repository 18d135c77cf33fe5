#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Multiboot 1 images run on hv and on KVM as they run under `qemu-system-x86_64 -kernel`,
# which is the judge: an ELF32, and a raw image by the addresses in its header.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 26

# build NAME DEFINITION...
build()
{
	name=$1
	shift
	run "${CC:-gcc}" -m32 -std=gnu11 -O1 -Wall -Wextra -Werror -ffreestanding -fno-pic \
		-mgeneral-regs-only -fno-stack-protector -fcf-protection=none -nostdlib -static \
		-no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-Wl,-T,tests/multiboot/image.ld "$@" -o "$tmp/$name.flat" tests/multiboot/image.c
	is "$name builds" "$code" 0
}

# judge IMAGE MODULE WORDS: what the image prints under QEMU goes to $tmp/judge.
judge()
{
	run timeout 60 qemu-system-x86_64 -machine q35,accel=tcg -m 64 -display none -monitor none \
		-nodefaults -no-reboot -serial "file:$tmp/judge" -kernel "$1" ${2:+-initrd "$2"} \
		-device isa-debug-exit,iobase=0xf4,iosize=4 -append "$3"
	is 'QEMU: its code' $((code / 2)) 7
}

# What the image says of itself; QEMU's memory ends a little earlier.
said() { tr -d '\r' <"$1" | grep -aE '^(magic|zeroes|if|paging|known|cmdline|module|memory)'; }

printf 'NR_CPUS=1\ncode=7\n' >"$tmp/env"
build elf
build raw -DRAW_IMAGE
objcopy -O binary "$tmp/raw.flat" "$tmp/raw.bin"
for image in elf.flat raw.bin; do
	judge "$tmp/$image" "$tmp/env" 'code=9 a b'
	for target in hv kvm; do
		on $target --initrd "$tmp/env" --cmdline 'code=9 a b' "$tmp/$image"
		is "$image on $target: the code is that of its module" "$code" 7
		said "$log" >"$tmp/said"
		said "$tmp/judge" >"$tmp/wanted"
		ok "$image on $target: it says the same" cmp "$tmp/wanted" "$tmp/said"
		has "$image on $target: all memory" "$log" '^upper=0000fc00'
	done
done
for target in hv kvm; do
	on $target --cmdline 'code=8' "$tmp/elf.flat"
	is "without a module, $target: the code is that of its command line" "$code" 8
	has "$target: its name comes first" "$log" '^cmdline=.*elf\.flat code=8'
	has "$target: it is counted" "$log" '^exits scope=vm reason=30 name=IO_INSTRUCTION '
	objcopy -I elf32-i386 -O elf64-x86-64 "$tmp/elf.flat" "$tmp/elf64.flat"
	on $target "$tmp/elf64.flat"
	is "a 64-bit ELF on $target: refused" "$code" 65
	has "and why" "$log" '^(hv|runner): .*elf64\.flat: e_machine .*objcopy'
done
finish
