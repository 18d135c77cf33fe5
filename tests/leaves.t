#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The guest on hv and on KVM under every map of the leaves: every row as
# expected, both logs whole, the rules of the map met in every mode of the
# processor, and every other leaf as without the accounting. The rows of the leaves
# with each map; all rows, which witness.t has with the default map, take long.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
unpatched=$lab_linux-unpatched/bzImage
missing="$unpatched is not built (make kernel-unpatched)"
modes='leaf_map leaf_map_cpl3 leaf_map_32 leaf_map_32_cpl3 leaf_map_16 leaf_map_16_cpl3
	leaf_map_protected leaf_map_real leaf_map_v86 leaf_other leaf_extension'
plan 64

# records DIR TARGET: what the guest printed of leaves that are not the accounting's.
records() { tr -d '\r' <"$tmp/$1/$2.log" | grep -a '^cpuid leaf=' >"$tmp/$1/$2.cpuid"; }

# model DIR TARGET: family, model and stepping.
model() { sed -n 's/^cpuid leaf=1 subleaf=0 eax=\([0-9]*\) .*/\1/p' "$tmp/$1/$2.cpuid"; }

# every_mode LOG: modes that were not checked, or whose count of exits is wrong.
every_mode()
{
	for row in $modes; do
		grep -aE "^row name=$row " "$1" | grep -a ' check=ok' |
			sed -n 's/.* reps=1 expect_hv=\([0-9]*\) expect_kvm=\1 exits=\1 .*/ok/p' |
			grep -q ok || echo "$row"
	done
}

if [ -f "$unpatched" ]; then
	mkdir "$tmp/unpatched"
	run boot/run kvm --kernel "$unpatched" --out "$tmp/unpatched" \
		--cmdline 'cpuid rows=cpuid,leaf_map,leaf_other' "$guest"
	is 'the guest runs on KVM without the patch' "$code" 0
	has 'nobody answers the leaves there' "$tmp/unpatched/kvm.log" \
		'^guest .*target=none leaves=none'
	has 'their check is skipped' "$tmp/unpatched/kvm.log" '^row name=leaf_map .* check=skip'
	records unpatched kvm
else
	for check in runs answers skips; do
		skip "KVM without the patch: $check" "$missing"
	done
fi

mkdir "$tmp/denied"
run boot/run kvm --no-leaves --out "$tmp/denied" --cmdline 'cpuid rows=cpuid,leaf_map,leaf_other' \
	"$guest"
is 'KVM whose userspace denies the leaves: the guest runs' "$code" 0
has 'nobody answers them' "$tmp/denied/kvm.log" '^guest .*target=none leaves=none'
has 'the host counts all the same' "$tmp/denied/kvm.log" '^exits scope=vm reason=10 .* count=[1-9]'
records denied kvm
if [ -f "$unpatched" ]; then
	ok 'every leaf is what it is without the patch' \
		cmp "$tmp/unpatched/kvm.cpuid" "$tmp/denied/kvm.cpuid"
else
	skip 'every leaf is what it is without the patch' "$missing"
fi
run boot/run hv --no-leaves "$guest"
is 'hv has no userspace that could' "$code" 64

for map in default s21 f21 f22; do
	rows=cpuid
	long || rows="cpuid rows=$(echo "$modes" | tr -s '\n\t ' ',')"
	run boot/compare "$tmp/$map" "$guest" --leaves $map --cmdline "$rows"
	is "$map: hv and KVM agree" "$code" 0
	lacks "$map: no row differs" "$tmp/out" DIFFERS
	for target in hv kvm; do
		log=$tmp/$map/$target.log
		has "$map: $target used this map" "$log" "^guest .*target=$target leaves=$map( |$)"
		has "$map: $target: no row failed" "$log" '^done rows=[1-9][0-9]* failed=0'
		has "$map: $target: counts of the whole VM follow" "$log" \
			'^exits scope=vm total=[1-9]'
		wrong=$(every_mode "$log")
		ok "$map: $target: every rule in every mode $wrong" test -z "$wrong"
		records $map $target
	done
	ok "$map: there are other leaves" test "$(wc -l <"$tmp/$map/kvm.cpuid")" -gt 100
	ok "$map: hv: other leaves do not depend on the map" \
		cmp "$tmp/default/hv.cpuid" "$tmp/$map/hv.cpuid"
	if [ -f "$unpatched" ]; then
		ok "$map: KVM: other leaves are what they are without the patch" \
			cmp "$tmp/unpatched/kvm.cpuid" "$tmp/$map/kvm.cpuid"
	else
		skip "$map: KVM: other leaves" "$missing"
	fi
	# hv and KVM hide features of their own, but the vendor, the model and the rest
	# of what identifies a CPU are the machine's.
	is "$map: hv and KVM are the same CPU" "$(model $map hv)" "$(model $map kvm)"
done
finish
