#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# KVM with the series as modules for a kernel that is not ours: build them, load them, go back.
set -eu

usage()
{
	cat <<'TEXT'
usage: kvm-patch/modules.sh build|load|unload

build      kvm.ko and kvm-intel.ko for a Debian kernel, in $BUILD/modules/$KVER. Its headers
           and its source are fetched if they are not installed
load       as root: take KVM out of the running kernel, and put these in; not while a VM runs
unload     as root: put the kernel's own KVM back

BUILD      build folder (default build)
KVER       which kernel, as `uname -r' has it (default: the running one)
LINUX_SRC  that kernel's source, an archive, a Debian package or a folder
LEAVES, REPORT_EVERY   load: parameters of kvm.ko; those of /etc/modprobe.d hold too
Exit code: 0 done, 1 it cannot be done, and the last line says why.
TEXT
}

say() { echo "modules: $*" >&2; }
die() { say "$*"; exit 1; }

running=$(uname -r)

# find_headers: $headers, the folder to build in. Debian's packages of them are of several parts.
find_headers()
{
	headers=/lib/modules/$kver/build
	[ ! -f "$headers/Makefile" ] || return 0
	root=$dir/headers headers=$dir/headers/usr/src/linux-headers-$kver
	# It was unpacked whole, and here: a name of the folder is in it.
	[ "$(cat "$root/whole" 2>/dev/null)" != "$root" ] || return 0
	say "the headers of $kver are not installed: fetching them"
	case $kver in
	6.1.*) suite=bookworm ;;
	6.12.*deb12*|6.12.*bpo*) suite=bookworm-backports ;;
	6.12.*) suite=trixie ;;
	*deb13*) suite=trixie-backports ;;
	*) suite=sid ;;
	esac
	package=$("$top/boot/fetch" "$suite" "linux-headers-$kver") ||
		die "Debian's $suite has no linux-headers-$kver (any more): install that package"
	rm -rf "$root"
	mkdir -p "$root"
	dpkg-deb -x "$package" "$root"
	for part in $(dpkg-deb -f "$package" Depends | grep -oE 'linux-(headers|kbuild)-[^ ,]+'); do
		dpkg-deb -x "$("$top/boot/fetch" "$suite" "$part")" "$root"
	done
	# It names the folder in which it would be installed.
	sed -i "s,^include /usr/,include $root/usr/," "$headers/Makefile"
	echo "$root" >"$root/whole"
}

# The compiler that the kernel was built with: others may not know its options.
find_compiler()
{
	cc=gcc variables=$headers/.kernelvariables
	[ ! -f "$variables" ] || cc=$(sed -n 's/^CC = .*[ )]\([a-z0-9._-]*\)$/\1/p' "$variables")
	for tool in "$cc" make patch xz; do
		command -v "$tool" >/dev/null || die "$tool is missing: install the package $tool"
	done
}

# makefile_of HEADERS: where it says of what version of Linux they are; Debian's includes it
makefile_of() { sed -n 's/^include \(\/.*\)/\1/p' "$1/Makefile" | grep . || echo "$1/Makefile"; }

# copy_kvm: $kvm, the folder to build, of the source with the series. Only what has changed is
# written, so that only that is compiled. The headers' tree has no KVM in it, and its configuration
# no option of ours: the Makefile says so.
copy_kvm()
{
	kvm=$dir/build/arch/x86/kvm
	sed -i 's,\$(srctree)/virt,$(src)/../../../virt,
		s,-I \$(srctree)/arch/x86/kvm,-I $(src) -I $(src)/../../../virt/kvm,
		$a ccflags-y += -DCONFIG_KVM_EXIT_ACCT=1' "$dir/src/arch/x86/kvm/Makefile"
	(cd "$dir/src" && find arch/x86/kvm virt/kvm -type f) | while read -r f; do
		cmp -s "$dir/src/$f" "$dir/build/$f" || {
			mkdir -p "$dir/build/${f%/*}"
			cp "$dir/src/$f" "$dir/build/$f"
		}
	done
}

build()
{
	kver=${KVER:-$running}
	case $kver in
	*[!A-Za-z0-9.+~_-]*|.*|-*) die "KVER=$kver is no kernel's version" ;;
	esac
	KERNEL=$(echo "$kver" | cut -d. -f1,2)
	export KERNEL
	[ -d "$top/kvm-patch/$KERNEL" ] ||
		die "$kver is Linux $KERNEL: there are hooks for" \
			"$(cd "$top/kvm-patch" && echo [0-9].*)"
	mkdir -p "$build/modules/$kver"
	dir=$(cd "$build/modules/$kver" && pwd) log=$build/modules/$kver/build.log
	case $dir in
	*[[:space:]:]*) die "Linux cannot be built where a name has a blank or a colon: $dir" ;;
	esac
	find_headers
	[ -f "$headers/.config" ] || die "$headers is no folder of a kernel's headers: no .config"
	! grep -q ^CONFIG_KVM=y "$headers/.config" ||
		die "KVM is built into $kver, and is no module that another could replace"
	find_compiler
	"$top/kvm-patch/build.sh" kvm "$dir" "$(makefile_of "$headers")"
	copy_kvm
	say "building for $kver, see $log"
	env -i PATH="$PATH" HOME="${HOME-/}" LC_ALL=C make -C "$headers" M="$kvm" \
		-j"${JOBS:-$(nproc)}" CONFIG_KVM_EXIT_ACCT=y CONFIG_KVM_AMD= \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules \
		>"$log" 2>&1 || {
		grep -E '(error|Error|undefined|No such)' "$log" | head -n 8 >&2
		die "KVM for $kver cannot be built; the whole log is $log"
	}
	for module in kvm kvm-intel; do
		strip -g -o "$dir/$module.ko" "$kvm/$module.ko"
	done
	say "$dir/kvm.ko and kvm-intel.ko are ready${1-}"
}

# is_loaded MODULE
is_loaded() { grep -q "^$1 " /proc/modules; }

# vms: processes that have a VM
vms()
{
	for fd in /proc/[0-9]*/fd/*; do
		case $(readlink "$fd" 2>/dev/null) in
		anon_inode:kvm-vm)
			pid=${fd#/proc/}
			echo "${pid%%/*}" ;;
		esac
	done | sort -nu | paste -sd' '
}

# users MODULE: how many hold it
users() { sed -n "s/^$1 [0-9]* \([0-9]*\) .*/\1/p" /proc/modules; }

need_root() { [ "$(id -u)" -eq 0 ] || die "only root may load modules: sudo make $1"; }

# take_out: KVM, whoever's it is
take_out()
{
	! is_loaded kvm_amd || die "kvm_amd is loaded: on AMD's processors nothing is counted"
	[ -z "$(vms)" ] || die "a VM runs (process $(vms)): end it first"
	[ "$(users kvm_intel)" = 0 ] || ! is_loaded kvm_intel ||
		die "kvm_intel is in use by $(users kvm_intel): is /dev/kvm open?"
	# Found out only when kvm_intel is gone it would leave the computer without KVM.
	for holder in /sys/module/kvm/holders/*; do
		holder=${holder##*/}
		case $holder in
		kvm_intel|'*') ;;
		*) die "kvm is in use by the module $holder: take that out first" ;;
		esac
	done
	for module in kvm_intel kvm; do
		! is_loaded $module || rmmod $module || die "$module cannot be removed"
	done
}

# go_back: the kernel's own
go_back() { modprobe kvm_intel || die "the kernel's own KVM cannot be loaded: modprobe kvm_intel"; }

# options MODULE: of /etc/modprobe.d
options() { modprobe -c 2>/dev/null | sed -n "s/^options $1 //p" | paste -sd' '; }

load()
{
	need_root load
	dir=$build/modules/$running
	for module in kvm kvm-intel; do
		[ -f "$dir/$module.ko" ] || die "there is no $dir/$module.ko: make modules first"
	done
	[ ! -d /sys/module/kvm ] || is_loaded kvm ||
		die "KVM is built into this kernel, and is no module that another could replace"
	! grep -qE '\[(integrity|confidentiality)\]' /sys/kernel/security/lockdown 2>/dev/null ||
		die "this kernel takes signed modules alone (Secure Boot): sign these, or" \
			"switch that off"
	grep -qw vmx /proc/cpuinfo || die "this processor has no VMX, or its firmware hides it"
	take_out
	modprobe irqbypass 2>/dev/null || :
	# shellcheck disable=SC2046 # words are meant
	insmod "$dir/kvm.ko" $(options kvm) ${LEAVES:+"leaves=$LEAVES"} \
		${REPORT_EVERY:+"report=$REPORT_EVERY"} &&
		insmod "$dir/kvm-intel.ko" $(options kvm_intel) || {
		! is_loaded kvm || rmmod kvm || :
		go_back
		die "these modules cannot be loaded (dmesg says why); the kernel's own are back"
	}
	say "KVM counts exits now; sudo make unload puts the kernel's own KVM back"
}

unload()
{
	need_root unload
	[ -d /sys/module/kvm/parameters ] && [ -e /sys/module/kvm/parameters/leaves ] ||
		die "KVM with the series is not loaded"
	take_out
	go_back
	say "the kernel's own KVM is back"
}

build=${BUILD:-build}
case ${1-} in
build|load|unload)
	[ "$1" != build ] || top=$(cd "$(dirname "$0")/.." && pwd)
	"$1" ;;
-h|--help) usage ;;
*) usage >&2; exit 64 ;;
esac
