#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ACPI's tables, read by somebody else: iasl takes each apart without a complaint, and
# makes the same bytes again of what it understood.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
command -v iasl >/dev/null || skip_all 'there is no iasl (package acpica-tools)'
plan 15

writer=$PWD/$build/tests/unit/test_ebda
cd "$tmp" || exit 1
run "$writer" "$tmp"
is 'the tables are written' "$code" 0
for table in xsdt facp facs apic; do
	run iasl -d "$table"
	is "$table: decoded" "$code" 0
	ok "$table: whole" sh -c '! grep -iE "$1" out err "$2"' - \
		'warning|error|invalid|unknown|incorrect' "$table.dsl"
	run iasl "$table.dsl"
	# Its own name and the checksum over it (bytes 29 to 36, and 10) are its own.
	is "$table: the same bytes again" "$(cmp -l "$table" "$table.aml" 2>&1 |
		awk '!($1 == 10 || $1 > 28 && $1 < 37)')" ''
done
run iasl -d dsdt
is 'dsdt: disassembled' "$code" 0
ok 'dsdt: nothing is in it' sh -c '! grep -E "Scope|Device|Name|External" dsdt.dsl'
finish
