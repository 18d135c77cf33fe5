#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fetch the kernel that a Debian installs, of any suite and flavour, and take its bzImage
# out of the package.
#
# usage: guest/linux/debian.sh SUITE-FLAVOUR OUT	such as trixie-amd64, bookworm-cloud, sid-rt
# DEBIAN_MIRROR=URL: where to fetch from (see boot/fetch)
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
case $flavour in
amd64) kernel=linux-image-amd64 ;;
*) kernel=linux-image-$flavour-amd64 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

package=$("$top/boot/fetch" "$suite" "$kernel")
dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work" --wildcards './boot/vmlinuz-*'
mkdir -p "$(dirname "$out")"
mv "$work"/boot/vmlinuz-* "$out"
touch "$out"
