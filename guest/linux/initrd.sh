#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Make the initramfs of the Linux guest: Debian's static busybox and its `cpuid` with
# the libraries that it needs, guest/linux/init, and programs of ours, which must be static.
# Needs no root. The packages are fetched, not installed, because busybox-static would
# replace a busybox.
#
# usage: guest/linux/initrd.sh OUT.cpio [PROGRAM]...
# The archive is plain newc: the lab kernel unpacks no other. The same inputs give
# the same bytes.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=boot/lib.sh
. "$top/boot/lib.sh"
[ $# -ge 1 ] || fail $CODE_USAGE "usage: guest/linux/initrd.sh OUT.cpio [PROGRAM]..."
out=$1
shift
packages=$build/packages
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fetch() { (cd "$packages" && apt-get -qq download "$1") >"$work/apt.out" 2>&1; }

# What apt knows of its archives may be too old, or nothing.
update()
{
	sudo=''
	[ "$(id -u)" -eq 0 ] || sudo=sudo
	[ "${NO_INSTALL:-0}" = 0 ] && $sudo apt-get -qq update >&2
}

# unpack PACKAGE: into $work/PACKAGE; fetched if it was not before.
unpack()
{
	set -- "$1" "$packages/$1"_*.deb
	if [ ! -f "$2" ]; then
		mkdir -p "$packages"
		say "fetching the package $1"
		fetch "$1" || { update && fetch "$1"; } || {
			cat "$work/apt.out" >&2
			fail 1 "cannot fetch $1; if apt knows no packages: apt-get update"
		}
		set -- "$1" "$packages/$1"_*.deb
	fi
	dpkg-deb -x "$2" "$work/$1"
}

unpack busybox-static
unpack cpuid
root=$work/root
mkdir -p "$root/bin" "$root/dev" "$root/etc" "$root/proc" "$root/root" "$root/sys" "$root/tmp"
chmod 1777 "$root/tmp"
install -m 755 "$top/guest/linux/init" "$root/init"
# Since Debian 13 a package has none of its files in /bin, which is a link to usr/bin.
for name in busybox-static/usr/bin/busybox busybox-static/bin/busybox cpuid/usr/bin/cpuid; do
	[ ! -f "$work/$name" ] || install -m 755 "$work/$name" "$root/bin"
done
for program; do
	need_file PROGRAM "$program"
	install -s -m 755 "$program" "$root/bin"
done
# The shell knows its own commands; what is started by others wants files.
for applet in $("$root/bin/busybox" --list); do
	[ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
done
# The loader and each library, where the program looks for them.
for library in $(ldd "$root/bin/cpuid" | grep -o '/[^ ]*'); do
	install -D -m 755 "$library" "$root$library"
done
echo 'root:x:0:0::/root:/bin/sh
nobody:x:65534:65534::/:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:
nogroup:x:65534:' >"$root/etc/group"

archive "$root" >"$work/initrd.cpio"
mv "$work/initrd.cpio" "$out"
