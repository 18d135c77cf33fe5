#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The whole guest where more is intercepted than by default: KVM with shadow page
# tables, hv with every name of intercept= that the CPU has. Every row as expected.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 27
names=bp,pf,invlpg,rdtsc,cr0,cr3,cr8,pause,descriptor,rdtscp,rdrand,invpcid
words=intercept=$names,shadow

for target in hv kvm; do
	option=intercept=$names reasons='0 14 16 28 40 46 47 51 57 58'
	[ $target = hv ] || option=kvm_intel.ept=0 reasons='0 14 28 58'
	on $target --option $option --cmdline $words "$guest"
	is "$target: the guest ran" "$code" 0
	has "$target: no row failed" "$log" '^done rows=[1-9][0-9]* failed=0'
	for reason in $reasons; do
		has "$target: there are exits of reason $reason" "$log" \
			"^exits scope=vm reason=$reason name=[A-Z_]* count=[1-9]"
	done
done
lacks 'KVM: none by EPT' "$log" '^exits scope=vm reason=(48|49) '
has 'KVM: the CPUIDs of an emulated real mode are answered, and are no exits' "$log" \
	'^row name=leaf_map_real .* exits=0 .* check=ok'
run "$build/tools/compare" "$tmp/hv.log" "$tmp/kvm.log"
is 'they can be compared' "$code" 0
lacks 'no row differs' "$tmp/out" DIFFERS

run boot/compare "$tmp/mode" "$guest" --mode shadow --cmdline rows=cr3_write,invlpg,page_fault
is 'compare --mode shadow' "$code" 0
is 'three rows, all with exits on both' "$(grep -c ' equal ' "$tmp/mode/table.txt")" 3

# Without them the same words are wrong: the check can fail.
on hv --cmdline "$words rows=rdtsc,cr3_read,invlpg" "$guest"
is 'hv: what is expected and not intercepted' "$code" 1
has 'fails row by row' "$log" '^done rows=3 failed=3'
on hv --cmdline 'intercept=cr3,nonsense' "$guest"
is 'the guest refuses a name that it does not know' "$code" 64
finish
