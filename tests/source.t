#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Rules that the tree keeps: size, licences, scripts without warnings.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 19

sources=$(git ls-files -co --exclude-standard |
	grep -E -e '\.([chSt]|ld|sh|mk|awk|config)$' \
		-e '^(Makefile|(boot|lab)/[a-z-]+|guest/linux/init|tests/fresh|\.ci/run)$' |
	while read -r f; do [ ! -e "$f" ] || echo "$f"; done)
size=$(wc -c <"$build/hv/hv.elf")
ok "hv.elf is less than 75 KiB ($size)" test "$size" -lt 76800
# An evening's reading: every file that is compiled into hv.elf, from whatever folder, without
# comments and blank lines. It only goes down, but for what hv could not do before: 360 lines, and
# 3 KiB above, are what tells exits of one reason apart (detail=1).
lines=$(while read -r f; do
	"${CC:-gcc}" -w -fpreprocessed -dD -E -P "$f"
done <"$build/hv/hv.sources" | grep -c '[^ 	]')
ok "hv.elf is made of at most 9924 lines of code ($lines)" test "$lines" -le 9924
lines=$(cat Makefile ./*/*.mk | wc -l)
ok "Makefile and fragments have at most 300 lines ($lines)" test "$lines" -le 300
lines=$(wc -l <README.md)
ok "README.md has at most 100 lines ($lines)" test "$lines" -le 100
# What reads logs and writes pages: 5000 lines, and for what it could not do before 615, compare
# exits of one reason by what tells them apart with what the emulator and KVM say of each; 420,
# show of what numbers each phase of a boot is made, and what remedies save; and 411, put those
# numbers of two hypervisors side by side and say why they differ.
lines=$(git ls-files -co --exclude-standard tools | while read -r f; do
	[ ! -e "$f" ] || cat "$f"
done | wc -l)
ok "tools/ has at most 6446 lines ($lines)" test "$lines" -le 6446
# shellcheck disable=SC2086 # words are meant
is 'every source names its licence' "$(grep -L 'SPDX-License-Identifier: GPL-2.0' $sources)" ''
is 'no line is above 100 columns' "$(for f in $sources; do
	expand "$f" | awk -v f="$f" 'length($0) > 100 { print f ":" NR }'; done)" ''
is 'no blanks at the end of a line' "$(grep -nE '[ 	]+$' $sources)" ''
is 'nothing is left of a merge' "$(git grep -nE '^(<<<<<<<|>>>>>>>)' -- . ':!kvm-patch')" ''
# Only the accounting is flat: the kernel takes it as it is, and the file that students begin with.
is 'every include names its folder' "$(git grep -nE '^#include "[^/]*"' -- '*.[chS]' ':!acct' \
	':!lab/handout')" ''
# A header and what it includes, a file and whose functions or variables it uses: one way only.
# NAME.c and NAME.S are one file, and so are a table and its rows, which it alone knows.
circles() { tsort 2>"$tmp/circles" >/dev/null; cat "$tmp/circles"; }
includes=$(git ls-files '*.h' | xargs awk -F'"' '/^[ \t]*#[ \t]*include "/ {
	folder = FILENAME
	sub("[^/]*$", "", folder)
	print FILENAME, $2 ~ "/" ? $2 : folder $2 }')
is 'no circle of includes' "$(echo "$includes" | circles)" ''
ok 'one would be found' test -n "$( (echo "$includes"; echo hv/vm.h hv/vcpu.h) | circles)"
uses=$(grep -v '\.h$' "$build/hv/hv.sources" | while read -r f; do
	nm "$build/obj/hv/$f.o" | awk -v f="${f%.*}" '{ print f, $(NF - 1), $NF }'
done | awk '$2 == "U" { used[$1 " " $3] } $2 ~ /[TDBR]/ { where[$3] = $1 }
	END { for (u in used) { split(u, p); if (p[2] in where) print p[1], where[p[2]] } }')
is 'no circle of calls in hv.elf' "$(echo "$uses" | circles)" ''
ok 'one would be found, too' test -n "$( (echo "$uses"; echo hv/exit/inject hv/exit/io) | circles)"
# Names of VMX's control bits and accesses to the VMCS: the rest of hv asks by hv/vmx/guest.h.
vmx='\b(PIN|PROC2?|SECONDARY|ENTRY)_[A-Z]|vmcs_(read|write)|vmx/(fields|vmcs|caps|state)\.h'
vmx="$vmx|exit_qualification\(v\) *(>>|&)"
is 'what is of VMX alone is in hv/vmx' "$(grep -nE "$vmx" hv/exit/* hv/cpu/* hv/smp/*)" ''
is 'every test can be started' "$(for f in tests/*.t; do [ -x "$f" ] || echo "$f"; done)" ''
scripts=$(grep -lE '^#!/bin/(ba)?sh|shellcheck shell=' $sources)
# shellcheck disable=SC2086
run shellcheck -x -S warning $scripts
is 'scripts have no warnings' "$code" 0
# What boot/run puts together has each name once, so that the order does not matter, and each
# machine is a whole table.
for f in boot/run boot/lib.sh boot/tracefs.sh boot/grub.sh boot/bochs.sh boot/qemu.sh \
	boot/nested.sh boot/vmm.sh; do
	sed -n 's/^\([a-z_]*\)()$/\1/p; s/^\([a-z_]*\)() .*/\1/p' $f
done | sort >"$tmp/functions"
is 'no function of boot/run replaces another' "$(uniq -d "$tmp/functions")" ''
for machine in bochs qemu nested vmm; do
	for step in prepare start end verdict undo; do
		grep -x "${machine}_$step" "$tmp/functions" || echo "no ${machine}_$step" >&2
	done
done >"$tmp/out" 2>"$tmp/err"
is 'each machine has every step' "$(cat "$tmp/err")" ''
finish
