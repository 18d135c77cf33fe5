#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fetch the kernel that Debian installs (linux-image-amd64) and take its bzImage out of
# the package. Needs no root; nothing is installed.
#
# usage: linux/debian.sh OUT
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=boot/lib.sh
. "$top/boot/lib.sh"
[ $# -eq 1 ] || fail $CODE_USAGE "usage: linux/debian.sh OUT"
out=$1
packages=${BUILD:-$top/build}/packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The package of that name is empty and depends on the one of today.
package=$(apt-cache depends linux-image-amd64 2>/dev/null |
	sed -n 's/^ *Depends: *\(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
[ -n "$package" ] ||
	fail 1 "apt knows no linux-image-amd64: this needs Debian, and perhaps apt-get update"
set -- "$packages/$package"_*.deb
if [ ! -f "$1" ]; then
	mkdir -p "$packages"
	say "fetching the package $package"
	(cd "$packages" && apt-get -qq download "$package") >"$work/apt.out" 2>&1 || {
		cat "$work/apt.out" >&2
		fail 1 "cannot fetch $package; perhaps apt-get update helps"
	}
	set -- "$packages/$package"_*.deb
fi
dpkg-deb --fsys-tarfile "$1" | tar -x -C "$work" --wildcards './boot/vmlinuz-*'
mkdir -p "$(dirname "$out")"
mv "$work"/boot/vmlinuz-* "$out"
touch "$out"
