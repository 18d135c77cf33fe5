#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A guest cannot tell: sequences of a fixed seed on the bare emulated processor, on hv, on
# hv with every intercept, and fewer on KVM.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 7

elf=$build/tests/agree/agree.elf
run boot/agree "$tmp/agree" "$elf" --seed 1 --n 20000 --judges hv,hv+ --ops=-hard,-other
is 'hv and hv with every intercept agree with the processor, but for the list' "$code" 0
has 'on 20,000 sequences' "$tmp/out" '^agree seed=1 sequences=20000 differing=0 '
# Without what ends a VM of KVM's, on each of which the lab boots again.
run boot/agree "$tmp/agree" "$elf" --seed 1 --n 1024 --chunk 1024 --judges kvm \
	--ops=-hard,-other,-task_int
is 'and so does KVM' "$code" 0
has 'on 1,024' "$tmp/out" '^agree seed=1 sequences=1024 differing=0 '
run boot/agree "$tmp/agree" "$elf" --n 64 --judges hv --ops nonsense
is 'an operation that is not there' "$code" 2
run boot/run bare --quiet --out "$tmp" --cmdline 'n=64 nonsense' "$elf"
has 'a word that is none' "$tmp/bare.log" "^agree: 'nonsense' is no word"
run boot/run bare --quiet --out "$tmp" "$build/hv/hv.elf"
is 'a guest without a Multiboot header' "$code" 64
finish
