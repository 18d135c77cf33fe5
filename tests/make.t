#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The commands: two runs make the same table, nothing is built twice, codes come
# through, and stdout has results only.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 31

# A folder for the results of its own, beside what is built already. All rows take long.
rows=rows=cpuid,rdmsr,in8,rep_outsb,cr0_ts,ud2,mmio_read,ept_first_touch,hlt,hlt_timer
! long || rows=
mkdir "$tmp/a" "$tmp/b"
for dir in a b; do
	run boot/compare "$tmp/$dir" "$guest" ${rows:+--cmdline "$rows"}
	is "run $dir" "$code" 0
	cp "$tmp/out" "$tmp/$dir/out"
done
for file in out table.txt table.csv table.json hv.log kvm.log; do
	ok "two runs: the same $file" cmp "$tmp/a/$file" "$tmp/b/$file"
done
ok 'what is printed is the table' cmp "$tmp/a/out" "$tmp/a/table.txt"
has 'whose KVM it is' "$tmp/out" "^KVM .* linux=${KERNEL:-6.12}\.[0-9]+$"
run jq -e '.summary.differs == 0' "$tmp/a/table.json"
is 'JSON' "$code" 0

# Sleep is in the round trip, and in no handler's time (emulated ticks, exact).
for target in hv kvm; do
	run jq -e ".rows[] | select(.name == \"hlt\") | .$target | .handler * 10 < .round_trip" \
		"$tmp/a/table.json"
	is "$target: HLT's sleep is not its handler's" "$code" 0
done

make="make --no-print-directory BUILD=$build"
run $make all
is 'make all again' "$code" 0
ok 'builds nothing' sh -c '! grep -E "(^| )(cc|gcc|ld|objcopy|prove) " "$1/out" "$1/err"' - "$tmp"
run $make run-hv GUEST="$guest" CMDLINE='rows=cpuid code=7'
is 'make run-hv fails as the guest does' "$code" 2
has 'the code is named' "$tmp/err" 'Error 7'
has 'COM1 is on stdout' "$tmp/out" '^row name=cpuid '
lacks 'and nothing else' "$tmp/out" '^(make|cc|run:)'
run $make run-hv
is 'make run-hv without a guest' "$code" 2
run $make run-kvm GUEST="$guest" CMDLINE=rows=cpuid LEAVES=f22 REPORT_EVERY=0
is 'make run-kvm' "$code" 0
has 'LEAVES is passed on' "$tmp/out" '^guest .*leaves=f22'
run $make help
has 'make help' "$tmp/out" '^make compare '
for goal in $(sed -n 's/^\.PHONY: //p' Makefile | sed 's/built\|other-source//'); do
	grep -qE "^make $goal( |$)|[ ;]$goal:" docs/make.txt || echo "$goal"
done >"$tmp/unsaid"
is 'it has every goal' "$(cat "$tmp/unsaid")" 'help'
run $make -n agree SEED=7 HOSTILE=3
has 'make agree attacks hv too' "$tmp/out" "^boot/hostile .* --seed '7' --images '3'"
run $make -n grade KERNEL=6.1 SUBMISSION=x
has 'make grade has kernels of its own for another Linux' "$tmp/out" \
	"$build/linux-6\.1/bzImage .*$build/lab-6\.1/plain/bzImage .*$build/lab-6\.1/kasan/bzImage"
lacks 'and none of 6.12' "$tmp/out" "$build/(linux|linux-unpatched|lab/plain|lab/kasan)/bzImage"

# Every version of Linux, by a make that does nothing.
mkdir "$tmp/bin"
ln -s /bin/true "$tmp/bin/make"
run env PATH="$tmp/bin:$PATH" tests/kernels.sh
is 'make test-kernels' "$code" 0
versions=$(find kvm-patch -name '[0-9]*' -type d -printf '%f\n' | sort -V | paste -sd' ')
is 'takes each version that there are hooks for' \
	"$(sed -n 's/^# Linux //p' "$tmp/out" | paste -sd' ')" "$versions"

# What is made of all sources of a folder is made anew when one has gone.
spoilt /dev/null
build_spoilt hv/hv.elf
run make -C "$tmp/tree" -q BUILD=build build/hv/hv.elf
is 'a copy is up to date' "$code" 0
touch "$tmp/tree/hv/exit"
run make -C "$tmp/tree" -q BUILD=build build/hv/hv.elf
is 'a source has come or gone' "$code" 1
finish
