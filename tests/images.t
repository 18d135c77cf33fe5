#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Guest images that hv must refuse: one line with file and field, code 65. One of each part of
# a file; LONG has all that are known, which unit tests have too.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
kinds='not_elf no_note outside'
! long || kinds=$("$build/tests/badelf" list)
# shellcheck disable=SC2086
set -- $kinds
plan $(($# * 3 + 2))

for kind; do
	pattern=$("$build/tests/badelf" "$kind" "$guest" "$tmp/$kind.elf")
	on hv "$tmp/$kind.elf"
	is "$kind: refused" "$code" 65
	has "$kind: file and field are named" "$log" "^hv: .*$kind\\.elf.*$pattern"
	is "$kind: the log ends well" "$(grep -ac '^end target=hv cause=error code=65' "$log")" 1
done
on hv --no-guest
is 'no module: refused' "$code" 65
has 'no module: says so' "$log" '^hv: no guest image'
finish
