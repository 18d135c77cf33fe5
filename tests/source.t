#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Rules that the tree keeps: size, licences, scripts without warnings.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 6

sources=$(git ls-files -co --exclude-standard |
	grep -E '\.([chSt]|ld|sh|mk|config)$|^Makefile$|^boot/[a-z-]+$|^linux/init$|^\.ci/run$' |
	while read -r f; do [ ! -e "$f" ] || echo "$f"; done)
ok 'hv.elf is at most 96 KiB' test "$(wc -c <"$build/hv/hv.elf")" -le 98304
# An evening's reading: what is left without comments and blank lines.
lines=$(for f in hv/*.[chS]; do ${CC:-gcc} -fpreprocessed -dD -E -P "$f"; done | grep -c '[^ 	]')
ok "hv/ is at most 3300 lines of code ($lines)" test "$lines" -le 3300
# shellcheck disable=SC2086 # words are meant
is 'every source names its licence' "$(grep -L 'SPDX-License-Identifier: GPL-2.0' $sources)" ''
is 'no line is above 100 columns' "$(for f in $sources; do
	expand "$f" | awk -v f="$f" 'length($0) > 100 { print f ":" NR }'; done)" ''
is 'no blanks at the end of a line' "$(grep -nE '[ 	]+$' $sources)" ''
scripts=$(grep -lE '^#!/bin/(ba)?sh|shellcheck shell=' $sources)
# shellcheck disable=SC2086
run shellcheck -x -S warning $scripts
is 'scripts have no warnings' "$code" 0
finish
