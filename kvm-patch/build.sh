#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build the lab kernel and what is compared with it; kernel.mk runs this.
set -eu

usage()
{
	cat <<'TEXT'
usage: kvm-patch/build.sh patched|unpatched|objects|each|allmod
       kvm-patch/build.sh kvm DIR MAKEFILE

patched    $BUILD/linux/bzImage, with the series and acct/
unpatched  $BUILD/linux-unpatched/bzImage, without; shares all but KVM's objects
objects    build KVM with the series applied and its option off, and compare
           every object with the unpatched one's; exit code 1 if any differs
each       build KVM with the first patch, with the first two, and so on; exit
           code 1 if one of them does not build or the compiler warns
allmod     build KVM as allmodconfig has it: with the option on, off, with
           KVM_AMD alone and without acct/; exit code 1 as above. Takes minutes.
kvm        nothing is built: in DIR/src KVM's source of the very version of Linux that
           MAKEFILE is of (KERNEL must be the same), with the series and acct/

BUILD      build folder (default build), without a blank or a colon in its whole name
KERNEL     Linux' version; another than 6.12 is built in linux-$KERNEL and
           linux-$KERNEL-unpatched
LINUX_SRC  the kernel's source, an archive, a Debian package or a folder; without
           KERNEL its own version says which hooks it gets (default: that of Debian's
           package linux-source-$KERNEL, which is fetched if it is not installed)
JOBS       compilers at a time (default: one for each processor)
TEXT
}

say() { echo "kernel: $*" >&2; }
die() { say "$*"; exit 1; }

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
mkdir -p "${BUILD:=build}"
BUILD=$(cd "$BUILD" && pwd)
# Linux' Makefile refuses such a folder, whatever way leads there.
case $BUILD in
*[[:space:]:]*) die "Linux cannot be built where a name has a blank or a colon: BUILD=$BUILD" ;;
esac
package=linux-source-${KERNEL:-6.12}
source=${LINUX_SRC:-/usr/src/$package.tar.xz}
jobs=${JOBS:-$(nproc)}
linux=$BUILD/linux${KERNEL:+-$KERNEL}
linux=${linux%-6.12}
unpatched=$linux-unpatched
config=$top/kvm-patch/lab.config
acct='acct/*.[ch]'
option=KVM_EXIT_ACCT
# Where there is no series, as in what students are given, both kernels are unpatched.
common=$(ls kvm-patch/0*.patch 2>/dev/null) && except=none || except=$option
series=$common

# What neither Kconfig nor this configuration reads: two thirds of the source.
unused="
	*/Documentation/*/*
	*/arch/[!x]*/*.[chS]  */arch/[!x]*/boot/*  */arch/[!x]*/configs/*  */arch/xtensa/*
	*/drivers/gpu/*.[ch]  */drivers/infiniband/*.[ch]  */drivers/media/*.[ch]
	*/drivers/net/*.[ch]  */drivers/scsi/*.[ch]  */drivers/staging/*.[ch]
	*/samples/*.[ch]  */sound/*.[ch]  */tools/perf/*  */tools/testing/*"

need_tools()
{
	for tool in bc bison flex gcc make patch tar xz; do
		command -v "$tool" >/dev/null || die "$tool is missing: install the package $tool"
	done
	echo '#include <gelf.h>' | gcc -E - >/dev/null 2>&1 ||
		die "gelf.h is missing: install the package libelf-dev"
}

# kmake TREE TARGET...: our own make's variables are no business of the kernel's.
# The same names and dates every time, so that the same source gives the same image.
# A line now and then says that it goes on.
kmake()
{
	tree=$1
	shift
	while sleep 15 >/dev/null 2>&1; do
		say "$(grep -c '^  [A-Z]' "$log") files made"
	done &
	ticker=$!
	made=0
	env -i PATH="$PATH" HOME="${HOME-/}" LC_ALL=C \
		KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_TIMESTAMP='2000-01-01 00:00:00 UTC' \
		make -C "$tree" O="$obj" LOCALVERSION= -j"$jobs" "$@" >>"$log" 2>&1 || made=$?
	kill $ticker
	[ $made -eq 0 ] || {
		grep -E '(error|Error|undefined reference)' "$log" | head -n 8 >&2
		die "make $* failed; the whole log is $log"
	}
}

# release_of MAKEFILE: 6.12.118 or the like, without what a distribution adds
release_of() { sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1" | paste -sd.; }

# find_series NAME VERSION: the series ends with the hooks for a version of Linux.
find_series()
{
	[ -n "$series" ] || return 0
	hooks=$(ls "kvm-patch/$2"/0*.patch 2>/dev/null) ||
		die "$1: there are no hooks for this version of Linux, but for" \
		    "$(cd kvm-patch && echo [0-9].*)"
	series="$common $hooks"
}

# The version of Linux that has been unpacked: its hooks, and its part of the configuration,
# which wins.
find_version()
{
	version=$(release_of "$linux/pristine/Makefile" | cut -d. -f1,2)
	[ "${KERNEL:-$version}" = "$version" ] ||
		die "KERNEL=$KERNEL, but $source is Linux $version"
	find_series "$source is Linux $version" "$version"
	own=kvm-patch/$version/lab.config
	[ -f "$own" ] || return 0
	config=$linux/wanted.config
	names=$(grep -o 'CONFIG_[A-Z0-9_]*' "$own" | paste -sd'|')
	grep -vwE "$names" kvm-patch/lab.config | cat - "$own" >"$config"
}

# The suite of Debian that has the source, whatever this computer runs.
fetch_source()
{
	case ${KERNEL:-6.12} in
	6.1) suite=bookworm ;;
	6.12) suite=trixie ;;
	*) suite=sid ;;
	esac
	source=$(BUILD=$BUILD boot/fetch "$suite" "$package") ||
		die "install the package $package, or name a kernel source with LINUX_SRC="
}

# unpack DIR WORD...: of $source what these words of tar(1) choose
unpack()
{
	dir=$1
	shift
	mkdir -p "$dir"
	if [ -d "$source" ]; then
		tar -C "$source" -c --exclude=.git "$@" . | tar -C "$dir" -x
	elif [ "${source%.deb}" != "$source" ]; then
		dpkg-deb --fsys-tarfile "$source" |
			tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
			tar -C "$dir" -I 'xz -T0' -x --strip-components=1 "$@"
	else
		case $source in *.xz) set -- -I 'xz -T0' "$@" ;; esac
		tar -C "$dir" "$@" -x -f "$source" --strip-components=1
	fi || die "$source cannot be unpacked"
}

# The source as it came. Its tree serves as long as the source is the same one.
get_pristine()
{
	[ -e "$source" ] || [ -n "${LINUX_SRC-}" ] || fetch_source
	[ -e "$source" ] || die "$source, which LINUX_SRC= names, does not exist"
	identity="$source $(stat -L -c '%s %Y' "$source")"
	[ "$(cat "$linux/source" 2>/dev/null)" != "$identity" ] || return 0
	say "unpacking $source"
	rm -rf "$linux" "$unpatched"
	# shellcheck disable=SC2046,SC2086 # words are meant, and no file name expansion
	(set -f; unpack "$linux/pristine" $(printf -- "--exclude=%s " $unused)) || exit
	[ -f "$linux/pristine/arch/x86/kvm/x86.c" ] ||
		die "$source is not a kernel source: it has no arch/x86/kvm/x86.c"
	cp -al "$linux/pristine" "$linux/src"
	echo "$identity" >"$linux/source"
}

# sync_kvm TREE PATCH...: give TREE the KVM of the pristine source plus the
# patches. Write only the files that change, and never through a hard link:
# make rebuilds what is newer.
sync_kvm()
{
	tree=$1
	shift
	new=$(mktemp -d)
	mkdir -p "$new/arch/x86"
	cp -a "$linux/pristine/arch/x86/kvm" "$new/arch/x86"
	for p; do
		patch -d "$new" -p1 -s -f --no-backup-if-mismatch <"$p" >>"$log" 2>&1 || {
			tail -n 8 "$log" >&2
			rm -rf "$new"
			die "$p does not apply to arch/x86/kvm of $source"
		}
	done
	# shellcheck disable=SC2086
	[ $# -eq 0 ] || cp $acct "$new/arch/x86/kvm"
	(
		cd "$new"
		find arch/x86/kvm -type f | while read -r f; do
			cmp -s "$f" "$tree/$f" || cp --remove-destination "$f" "$tree/$f"
		done
		cd "$tree"
		find arch/x86/kvm -type f | while read -r f; do
			[ -f "$new/$f" ] || rm "$f"
		done
	)
	rm -rf "$new"
}

# Every line of lab.config must be in the result: what Kconfig drops, for want
# of something else, is a mistake there.
check_config()
{
	grep '^CONFIG' "$config" | grep -v "^CONFIG_$1=" | while read -r line; do
		grep -qxF "$line" "$dot" ||
			die "$config: $line is not possible, a dependency is missing"
	done
	sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/\1/p' "$config" | while read -r name; do
		! grep -q "^$name=" "$dot" || die "$config: $name cannot be unset"
	done
}

configure()
{
	dot=$linux/src/$obj/.config
	! cmp -s "$config" "$linux/lab.config" || return 0
	kmake "$linux/src" tinyconfig
	cat "$config" >>"$dot"
	kmake "$linux/src" olddefconfig
	check_config "$except"
	cp "$config" "$linux/lab.config"
}

deliver()
{
	cmp -s "$1/src/obj/arch/x86/boot/bzImage" "$1/bzImage" ||
		cp "$1/src/obj/arch/x86/boot/bzImage" "$1/bzImage"
	touch "$1/bzImage"
	! grep -E '^[^ ]+\.[chS]:[0-9:]+ warning:' "$log" >&2 ||
		say "the compiler warns; the whole log is $log"
	say "$1/bzImage is ready"
}

build_patched()
{
	need_tools
	get_pristine
	find_version
	log=$linux/build.log
	: >"$log"
	obj=obj
	# shellcheck disable=SC2086 # words are meant
	sync_kvm "$linux/src" $series
	configure
	say "building, see $log"
	kmake "$linux/src" bzImage
	deliver "$linux"
}

# copy_tree FROM TO: source files as hard links, build folders not at all.
copy_tree()
{
	mkdir -p "$2"
	for entry in "$1"/* "$1"/.[!.]*; do
		case $entry in */obj|*/obj-off) ;; *) cp -al "$entry" "$2" ;; esac
	done
}

# Start from the patched kernel's objects: all paths in them are relative to the
# build folder, so that only KVM has to be built.
build_unpatched()
{
	[ -f "$linux/bzImage" ] || build_patched
	find_version
	if ! cmp -s "$config" "$unpatched/lab.config"; then
		rm -rf "$unpatched"
		copy_tree "$linux/src" "$unpatched/src"
		cp -a "$linux/src/obj" "$unpatched/src/obj"
	fi
	log=$unpatched/build.log
	: >"$log"
	obj=obj
	sync_kvm "$unpatched/src"
	kmake "$unpatched/src" olddefconfig
	say "building the unpatched one, see $log"
	kmake "$unpatched/src" bzImage
	cp "$config" "$unpatched/lab.config"
	deliver "$unpatched"
}

# sections OBJECT: all that is in it, with relocations. __bug_table has the source
# line of each WARN, the last but one 16 bits of an entry: those may move.
sections()
{
	objdump -dr "$1" | sed 1,3d
	objdump -s "$1" | sed 1,3d |
		awk '/^Contents of section / { skip = $4 == "__bug_table:" } !skip'
	objcopy -O binary --only-section=__bug_table "$1" "$new"
	od -An -v -tx2 -w$bug_entry "$new" | awk '{ $(NF - 1) = "line" } 1'
}

compare_objects()
{
	[ -f "$unpatched/bzImage" ] || build_unpatched
	log=$linux/objects.log
	: >"$log"
	obj='obj-off'
	find_version
	# shellcheck disable=SC2086
	sync_kvm "$linux/src" $series
	[ -d "$linux/src/$obj" ] || cp -a "$linux/src/obj" "$linux/src/$obj"
	dot=$linux/src/$obj/.config
	sed "s/^CONFIG_$option=y$/# CONFIG_$option is not set/" "$linux/src/obj/.config" >"$dot"
	kmake "$linux/src" olddefconfig
	check_config $option
	say "building KVM with $option off, see $log"
	# Both began as copies of the patched kernel's objects: what is left of the
	# accounting there is nobody's, and what comes back is built by mistake.
	rm -f "$unpatched/src/obj/arch/x86/kvm/"*exit_*.o \
		"$linux/src/$obj/arch/x86/kvm/"*exit_*.o
	kmake "$linux/src" arch/x86/kvm/
	new=$linux/objects.section count=0 differ=0 bug_entry=12
	! grep -q HAVE_ARCH_BUG_FORMAT "$linux/pristine/include/asm-generic/bug.h" || bug_entry=16
	for tree in "$linux/src/$obj" "$unpatched/src/obj"; do
		cd "$tree"
		find arch/x86/kvm virt/kvm -name '*.o'
	done | sort -u >"$linux/objects"
	cd "$unpatched/src/obj"
	while read -r o; do
		sections "$o" >"$linux/objects.unpatched"
		sections "$linux/src/$obj/$o" >"$linux/objects.off"
		count=$((count + 1))
		cmp -s "$linux/objects.unpatched" "$linux/objects.off" && continue
		differ=$((differ + 1))
		echo "differs: $o"
	done <"$linux/objects"
	echo "$count objects of KVM compared, $differ differ"
	[ $differ -eq 0 ] && [ $count -gt 0 ]
}

build_each()
{
	[ -f "$linux/bzImage" ] || build_patched
	each=$linux-each
	log=$linux/each.log
	: >"$log"
	obj=obj
	rm -rf "$each"
	copy_tree "$linux/src" "$each/src"
	cp -a "$linux/src/obj" "$each/src/obj"
	find_version
	set --
	for p in $series; do
		set -- "$@" "$p"
		sync_kvm "$each/src" "$@"
		kmake "$each/src" olddefconfig
		kmake "$each/src" arch/x86/kvm/
		echo "builds: ${p##*/}"
	done
	rm -rf "$each"
	! grep -E 'warning:' "$log"
}

# What kvm-intel.ko takes of the accounting must be what kvm.ko exports.
check_exports()
{
	cd "$allmod/src/$obj/arch/x86/kvm"
	nm -u kvm-intel.o | sed 's/.* //' | grep -E 'exit_(acct|detail)' >"$linux/symbols" || :
	nm kvm.o | sed -n 's/.* __\(ksymtab\|export_symbol\)_//p' >"$linux/exports"
	[ -s "$linux/symbols" ] || die "kvm-intel.o uses nothing of the accounting"
	! grep -vxFf "$linux/exports" "$linux/symbols" >&2 || die 'kvm.ko does not export these'
	cd "$top"
}

# allmod_variant NAME OPTION...: KVM with these arguments of scripts/config.
allmod_variant()
{
	name=$1
	shift
	[ $# -eq 0 ] || "$allmod/src/scripts/config" --file "$allmod/src/$obj/.config" "$@"
	kmake "$allmod/src" olddefconfig
	say "building KVM, $name, see $log"
	kmake "$allmod/src" arch/x86/kvm/
	present=off
	! grep -q "^CONFIG_$option=y" "$allmod/src/$obj/.config" || present=on
	echo "builds: allmodconfig, $name ($option is $present)"
}

build_allmod()
{
	[ -f "$linux/bzImage" ] || build_patched
	allmod=$linux-allmod
	log=$linux/allmod.log
	: >"$log"
	obj=obj
	rm -rf "$allmod"
	copy_tree "$linux/src" "$allmod/src"
	find_version
	# shellcheck disable=SC2086
	sync_kvm "$allmod/src" $series
	kmake "$allmod/src" allmodconfig
	allmod_variant 'as it is'
	check_exports
	allmod_variant 'without the option' -d $option
	allmod_variant 'KVM_AMD alone' -e $option -d KVM_INTEL
	# As the series alone leaves a tree.
	for file in $acct; do
		rm -f "$allmod/src/arch/x86/kvm/${file##*/}"
	done
	kmake "$allmod/src" allmodconfig
	allmod_variant 'without acct/'
	rm -rf "$allmod"
	! grep -E 'warning:' "$log"
}

# is_kvm_of DIR RELEASE: if $source is of it, DIR has its KVM then.
is_kvm_of()
{
	[ -e "$source" ] || return 1
	say "looking for KVM of Linux $2 in $source"
	rm -rf "$1"
	if [ -d "$source" ]; then
		mkdir -p "$1"
		(cd "$source" && cp -a --parents Makefile arch/x86/kvm virt/kvm "$1")
	else
		(unpack "$1" --wildcards --no-wildcards-match-slash \
			'*/Makefile' '*/arch/x86/kvm' '*/virt/kvm')
	fi
	[ "$(release_of "$1/Makefile")" = "$2" ]
}

# patch_kvm DIR MAKEFILE
patch_kvm()
{
	mkdir -p "$1"
	linux=$(cd "$1" && pwd) log=$linux/series.log release=$(release_of "$2")
	[ "$(cat "$linux/source" 2>/dev/null)" = "$release ${LINUX_SRC-}" ] || {
		rm -rf "$linux/source" "$linux/src"
		is_kvm_of "$linux/pristine" "$release" || {
			[ -n "${LINUX_SRC-}" ] || fetch_source
			is_kvm_of "$linux/pristine" "$release"
		} || die "$source is not Linux $release: name the source of that by LINUX_SRC="
		cp -al "$linux/pristine" "$linux/src"
		echo "$release ${LINUX_SRC-}" >"$linux/source"
	}
	: >"$log"
	# shellcheck disable=SC2086
	sync_kvm "$linux/src" $series
}

[ -z "${KERNEL-}" ] || find_series "KERNEL=$KERNEL" "$KERNEL"
case ${1-} in
patched) build_patched ;;
unpatched) build_unpatched ;;
objects) compare_objects ;;
each) build_each ;;
allmod) build_allmod ;;
kvm)
	[ $# -eq 3 ] && [ -n "${KERNEL-}" ] || { usage >&2; exit 64; }
	patch_kvm "$2" "$3" ;;
-h|--help) usage ;;
*) usage >&2; exit 64 ;;
esac
