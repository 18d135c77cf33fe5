#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# docs/guest.md's first guest: its files and commands, as they stand there, do on both
# targets what stands there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 10
page=docs/guest.md

# file NAME: the block behind the line that names it
file()
{
	awk -v start="\\\`$1\\\`:" '
		$0 ~ "^" start "$" { inside = 1; next }
		inside && /^[^ ]/ { exit }
		inside { sub(/^    /, ""); print }' "$page"
}

# block PATTERN: from the command of the page that matches to the next one, or the block's end
block()
{
	awk -v pattern="$1" '
		/^    [$] / || (inside && /^[^ ]/) { inside = 0 }
		/^    [$] / && $0 ~ pattern { inside = 1 }
		inside && NF { sub(/^    ([$] )?/, ""); print }' "$page"
}

# shown FILE: are all lines of $tmp/wanted there, in this order? `…` stands for anything.
shown()
{
	sed 's/[][\\.*^$]/\\&/g; s/^…$/.*/; s/ …$/ .*/' "$tmp/wanted" >"$tmp/patterns"
	tr -d '\r' <"$1" | awk -v patterns="$tmp/patterns" '
		BEGIN { more = getline pattern <patterns }
		more > 0 && $0 ~ "^" pattern "$" {
			do
				more = getline pattern <patterns
			while (more > 0 && pattern == ".*")
		}
		END { exit more > 0 }'
}

mkdir "$tmp/build" "$tmp/build/first"
for name in first.S first.ld first.c; do
	file $name >"$tmp/build/first/$name"
	ok "$name is there" test -s "$tmp/build/first/$name"
done
{
	echo set -e
	block 'cd build/first'
	block 'gcc '
	block 'objcopy '
} >"$tmp/commands"
run sh -c 'cd "$1" && . ./commands' - "$tmp"
ok 'it compiles without a warning' test "$code" -eq 0 -a ! -s "$tmp/err"
for target in hv kvm; do
	block "make run-$target" >"$tmp/block"
	is "$target: the command" "$(head -n 1 "$tmp/block")" \
		"make run-$target GUEST=build/first/first.elf"
	sed 1d "$tmp/block" >"$tmp/wanted"
	run make --no-print-directory BUILD="$build" run-$target GUEST="$tmp/build/first/first.elf"
	is "$target" "$code" 0
	ok "$target: what is printed stands there" shown "$tmp/out"
done
finish
