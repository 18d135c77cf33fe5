#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The judge of behaviour can fail: five faults, planted in hv one after the other, are
# each found by the same few sequences, of which hv as it is passes all.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 21

# judged HV: what boot/agree says of it, in $tmp/out.
judged()
{
	run boot/agree "$tmp/agree" "$build/tests/agree/agree.elf" --seed 3 --n 192 --chunk 192 \
		--judges hv --most 1 --ticks 400 --ops cpuid,rdmsr,invd,wbinvd,sti,ipi,ud2 \
		--modes long64.0,prot32.0,prot16.0 --hv "$1"
}

judged "$build/hv/hv.elf"
is 'hv as it is' "$code" 0
for fault in flag length shadow error stale; do
	spoilt "$PWD/tests/agree/faults/$fault.patch"
	is "$fault: the patch applies" "$code" 0
	run make -C "$tmp/tree" BUILD="$tmp/hv" "$tmp/hv/hv/hv.elf"
	is "$fault: it builds" "$code" 0
	judged "$tmp/hv/hv/hv.elf"
	is "$fault: it is found" "$code" 1
	has "$fault: and shown" "$tmp/out" '^difference judge=hv sequence='
	run patch -d "$tmp/tree" -p1 -R -i "$PWD/tests/agree/faults/$fault.patch"
done
finish
