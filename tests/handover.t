#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Boot loaders that hand over what they should not: hv names it in one line and ends
# with code 64, it neither faults nor waits. What each field may hold is tested on the
# host (tests/unit/test_handover.c); here hv is really started so, in QEMU without VMX,
# where it ends with code 69 if all is well.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

objcopy -O binary "$build/hv/hv.elf" "$tmp/hv.bin"
entry=$(od -A n -t u4 -j 24 -N 4 "$build/hv/hv.elf" | tr -d ' ')

# start DEFINITION...: hv, as that loader starts it.
start()
{
	${CC:-gcc} -m32 -nostdlib -static -no-pie -Wl,--build-id=none,-e,loader,-Ttext=0x1000000 \
		-Wl,--section-start=.hv=0x100000 -Wl,--no-warn-rwx-segments -iquote . \
		-DHV="\"$tmp/hv.bin\"" -DHV_ENTRY="$entry" "$@" -o "$tmp/loader.elf" \
		tests/handover/loader.S
	run timeout 60 boot/run hv --machine qemu --accel tcg --out "$tmp" --no-guest \
		--hv "$tmp/loader.elf"
}

plan 42
while IFS='|' read -r name wanted pattern definitions; do
	# shellcheck disable=SC2086 # words are meant
	start $definitions
	is "$name" "$code" "$wanted"
	has "$name: hv says" "$tmp/hv.log" "^hv: $pattern"
	is "$name: the last line" "$(tr -d '\r' <"$tmp/hv.log" | tail -n 1)" \
		"end target=hv cause=error code=$wanted"
done <<'LIST'
Multiboot 2|69|this CPU has no VMX|
PVH|69|this CPU has no VMX|-DPVH
large entries|69|this CPU has no VMX|-DENTRY_SIZE=40
a tag of size 0|64|Multiboot 2: tag at byte 32: size is less|-DTAG_SIZE=0
a tag too large|64|Multiboot 2: tag at byte 32: size reaches beyond|-DTAG_SIZE=0xfffffff9
entries of size 0|64|Multiboot 2: tag at byte 72: entry_size is not|-DENTRY_SIZE=0
a short memory map|64|Multiboot 2: tag at byte 72: size is less|-DMAP_SIZE=12
a module that ends early|64|Multiboot 2: tag at byte 48: mod_end lies before|-DMODULE_END=module-1
a module over hv|64|Multiboot 2: tag at byte 48: module lies over hv|-DMODULE=0x101000
a module without memory|64|Multiboot 2: .* not in memory|-DMODULE_END=0x7000000
no end tag|64|Multiboot 2: header at byte 0: total_size ends|-DEND_TAG=99
PVH: 4 G modules|64|PVH: start info at byte 0: nr_modules is more|-DPVH -DNR_MODULES=0xffffffff
PVH: modules nowhere|64|PVH: module 0: modlist reaches beyond|-DPVH -DMODLIST_HIGH=1
PVH: a module nowhere|64|PVH: module 0: module reaches beyond|-DPVH -DHIGH=1
LIST
finish
