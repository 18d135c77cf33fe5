#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fetch the kernel that a Debian installs, of any suite and flavour, and take its bzImage
# out of the package. Needs no root; nothing is installed, and what apt knows of this
# machine's own archives is neither used nor changed.
#
# usage: guest/linux/debian.sh SUITE-FLAVOUR OUT	such as trixie-amd64, bookworm-cloud, sid-rt
# DEBIAN_MIRROR=URL: where to fetch from (default http://deb.debian.org)
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=boot/lib.sh
. "$top/boot/lib.sh"
usage='usage: guest/linux/debian.sh SUITE-FLAVOUR OUT'
[ $# -eq 2 ] || fail $CODE_USAGE "$usage"
case $1 in
*[!a-z0-9.-]*|-*|*-|*--*) fail $CODE_USAGE "$1: $usage" ;;
*-*) suite=${1%-*} flavour=${1##*-} ;;
*) fail $CODE_USAGE "$1: $usage" ;;
esac
out=$2
mirror=${DEBIAN_MIRROR:-http://deb.debian.org}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f $keys ] || fail 1 "no $keys: this needs apt and the package debian-archive-keyring"
# This package is empty and depends on the kernel of today.
case $flavour in
amd64) kernel=linux-image-amd64 ;;
*) kernel=linux-image-$flavour-amd64 ;;
esac
packages=$(mkdir -p "${BUILD:-$top/build}/packages" && cd "${BUILD:-$top/build}/packages" && pwd)
apt=$packages/apt/$suite
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
exec 9>"$apt/lock"
flock 9
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

{
	echo "deb [signed-by=$keys] $mirror/debian $suite main"
	case $suite in
	sid|unstable|experimental|*-backports) ;;
	*) echo "deb [signed-by=$keys] $mirror/debian-security $suite-security main" ;;
	esac
} >"$apt/sources.list"

# own COMMAND WORD...: apt's, with archives, lists and state of its own.
own()
{
	command=$1
	shift
	"$command" -qq -o APT::Architecture=amd64 -o APT::Architectures=amd64 \
		-o APT::Sandbox::User="$(id -un)" -o Dir::Etc::sourcelist="$apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$apt/lists" \
		-o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache" "$@" 2>"$work/err"
}

# find_package: $package, the kernel of today, by what apt knew when it was last asked.
find_package()
{
	package=$(own apt-cache depends "$kernel" |
		sed -n 's/^ *Depends: *\(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
	[ -n "$package" ]
}

fetch()
{
	find_package || return
	set -- "$packages/$package"_*.deb
	[ ! -f "$1" ] || return 0
	say "fetching the package $package"
	(cd "$packages" && own apt-get download "$package")
}

# What was known yesterday may be gone today.
fetch || { say "asking $mirror about $suite"; own apt-get update && fetch; } || {
	cat "$work/err" >&2
	fail 1 "cannot fetch $kernel of $suite from $mirror"
}
set -- "$packages/$package"_*.deb
dpkg-deb --fsys-tarfile "$1" | tar -x -C "$work" --wildcards './boot/vmlinuz-*'
mkdir -p "$(dirname "$out")"
mv "$work"/boot/vmlinuz-* "$out"
touch "$out"
