#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A guest cannot tell: sequences of a fixed seed on the bare emulated processor, on hv, on
# hv with every intercept, and fewer on KVM. What may differ still does, or the list of it
# is wrong; on KVM that takes long.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 18
few=256 listed=hv,hv+
# Where KVM is known to differ, the lab boots again and again until it is known how.
differs=,-step,-flags,-break,-int1,-task,-apic,-align,-cpuid,-protect,-mov_cr4
peers_differ=,-lowest,-send_lowest,-reset,-nmi_in_nmi
! long || few=1024 listed=hv,hv+,kvm differs='' peers_differ=,cpuid

elf=$build/tests/agree/agree.elf
run boot/agree "$tmp/agree" "$elf" --seed 1 --n 20000 --judges hv,hv+ --ops=-hard,-other
is 'hv and hv with every intercept agree with the processor, but for the list' "$code" 0
has 'on 20,000 sequences' "$tmp/out" '^agree seed=1 sequences=20000 differing=0 '
# The page of an xAPIC is drawn alone: x2APIC mode has none.
run boot/agree "$tmp/agree" "$elf" --seed 4 --n 1024 --chunk 1024 --judges hv,hv+ \
	--ops=xapic,step,flags,memory,align,shadow
has 'and 1,024 of the xAPIC page' "$tmp/out" '^agree seed=4 sequences=1024 differing=0 '
# So are two processors.
run boot/agree "$tmp/agree" "$elf" --seed 6 --n 512 --chunk 512 --judges hv,hv+ \
	--ops=peer,cpuid,rdmsr,sti,mov_ss,ipi
has 'and 512 of two processors' "$tmp/out" '^agree seed=6 sequences=512 differing=0 '
# On KVM without vectors that stay in its IRR for good.
run boot/agree "$tmp/agree" "$elf" --seed 6 --n 64 --chunk 64 --judges kvm \
	--ops=peer,rdmsr,sti,mov_ss,ipi,-no_vector$peers_differ
has 'and 64 of them on KVM' "$tmp/out" '^agree seed=6 sequences=64 differing=0 '
# Without what ends a VM of KVM's, on each of which the lab boots again.
run boot/agree "$tmp/agree" "$elf" --seed 1 --n $few --chunk $few --judges kvm \
	--ops=-hard,-other,-task_int,-edge_top,-task16$differs
is 'and so does KVM' "$code" 0
has "on $few" "$tmp/out" "^agree seed=1 sequences=$few differing=0 "
run boot/agree "$tmp/agree" "$elf" --examples --judges $listed
is 'the example of each entry of the list differs as the entry says' "$code" 0
has 'of all' "$tmp/out" '^agree examples=[1-9][0-9]* stale=0$'
# And where one does not, it is said.
cat >"$tmp/known" <<'EOF'
# judge mode operations keys example reason
hv * cpuid.cpuid ax 1/5:1:real+cpuid.cpuid there is no such difference
hv * other.vmcall cr3 1/5:1:long64.0+other.vmcall there is another
hv * other.vmcall * 1/5:1:long64.0+other.vmcall there is this one
EOF
run boot/agree "$tmp/agree" "$elf" --examples --known "$tmp/known" --judges hv
is 'entries that are wrong' "$code" 1
has 'one that does not differ' "$tmp/out" \
	"^the list's line 2: its example 1/5:1:real.cpuid.cpuid no longer differs on hv"
has 'one that differs otherwise' "$tmp/out" \
	"^the list's line 3: its example .* differs otherwise than the line says on hv"
has 'and no other' "$tmp/out" '^agree examples=3 stale=2$'
# One that ends in the middle of an event, alone and behind one that fills the table of events.
looped=453451:6:pae32.0+break.break_code+break.break_data
stepped=72:f:pae32.0+break.break_code+break.break_data+break.break_code+break.break_code
run boot/run bare --quiet --out "$tmp" \
	--cmdline "seed=21 list=$looped seed=5 list=$stepped seed=21 list=$looped say" "$elf"
is 'what one leaves behind is not seen by another' \
	"$(tr -d '\r' <"$tmp/bare.log" | sed -n 's/^hash=//p' | sed -n '1p;3p' | uniq | wc -l)" 1
has 'the table was full' "$tmp/bare.log" '^vector\.2f='
run boot/agree "$tmp/agree" "$elf" --n 64 --judges hv --ops nonsense
is 'an operation that is not there' "$code" 2
run boot/run bare --quiet --out "$tmp" --cmdline 'n=64 nonsense' "$elf"
has 'a word that is none' "$tmp/bare.log" "^agree: 'nonsense' is no word"
run boot/run bare --quiet --out "$tmp" "$build/hv/hv.elf"
is 'a guest without a Multiboot header' "$code" 64
finish
