#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The whole guest on hv and on KVM under every map of the leaves: every row as
# expected, both logs whole.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 36

for map in default s21 f21 f22; do
	run boot/compare "$tmp/$map" "$guest" --leaves $map
	is "$map: hv and KVM agree" "$code" 0
	lacks "$map: no row differs" "$tmp/out" DIFFERS
	for target in hv kvm; do
		log=$tmp/$map/$target.log
		has "$map: $target used this map" "$log" "^guest .*target=$target leaves=$map( |$)"
		has "$map: $target: no row failed" "$log" '^done rows=[1-9][0-9]* failed=0'
		has "$map: $target: counts of the whole VM follow" "$log" \
			'^exits scope=vm total=[1-9]'
	done
	row=$(grep -a '^row name=leaf_map ' "$tmp/$map/hv.log" "$tmp/$map/kvm.log" |
		grep -c 'check=ok')
	is "$map: every rule of the map was checked, on both" "$row" 2
done
finish
