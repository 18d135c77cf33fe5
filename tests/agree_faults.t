#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The judge of behaviour can fail: five faults, planted in hv one after the other, are
# each found by the same few sequences, of which hv as it is passes all; and three at once of
# what two vCPUs do to each other.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 25

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
	build_spoilt hv/hv.elf
	is "$fault: it builds" "$code" 0
	judged "$tmp/tree/build/hv/hv.elf"
	is "$fault: it is found" "$code" 1
	has "$fault: and shown" "$tmp/out" '^difference judge=hv sequence='
	run patch -d "$tmp/tree" -p1 -R -i "$PWD/tests/agree/faults/$fault.patch"
done

# peers HV: three sequences for two processors, each of which a fault would have differ.
cat >"$tmp/known" <<'EOF'
# judge mode operations keys example reason
hv * peer.lowest * 1/3:1:long64.0+peer.lowest it is lost
hv * peer.nmi_in_nmi * 1/2:1:real+peer.nmi_in_nmi it does not wait for IRET
hv * peer.reset * 1/1:1:prot32.0+peer.reset the local APIC is not reset
EOF
peers()
{
	run boot/agree "$tmp/agree" "$build/tests/agree/agree.elf" --examples --judges hv \
		--known "$tmp/known" --hv "$1"
}

peers "$build/hv/hv.elf"
has 'two processors: hv as it is differs in none' "$tmp/out" '^agree examples=3 stale=3$'
spoilt "$PWD/tests/agree/faults/peer.patch"
is 'the patch applies' "$code" 0
build_spoilt hv/hv.elf
is 'it builds' "$code" 0
peers "$tmp/tree/build/hv/hv.elf"
has 'with three faults in each' "$tmp/out" '^agree examples=3 stale=0$'
finish
