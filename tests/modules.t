#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# KVM as modules for a kernel of Debian's: what cannot be is said in one line. LONG=1 fetches
# Debian's kernel and headers (100 MB), builds the modules, boots that kernel in the emulator, has
# its own KVM replaced there, and lets the runner run the shared guest: every row as with the lab's
# kernel, and every count as in the emulator's log. MODULES='bookworm …' names suites; one whose
# compiler is not here is left out.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
suites=
! long || suites=${MODULES:-bookworm}
plan $((12 + $(echo "$suites" | wc -w) * 15))
modules=kvm-patch/modules.sh
nobody=''
[ "$(id -u)" -ne 0 ] || nobody='setpriv --reuid 65534 --clear-groups'

# refused NAME PATTERN COMMAND...: one line, code 1
refused()
{
	name=$1 pattern=$2
	shift 2
	run "$@"
	is "$name: code" "$code" 1
	has "$name: why" "$tmp/err" "^modules: $pattern"
	is "$name: one line" "$(wc -l <"$tmp/err")" 1
}
refused 'a kernel without hooks' '5.10.0-1-amd64 is Linux 5.10: there are hooks for 6' \
	env KVER=5.10.0-1-amd64 BUILD="$tmp/b" "$modules" build
refused 'no version' "KVER=../x is no kernel's version" env KVER=../x "$modules" build
# shellcheck disable=SC2086 # words are meant
refused 'not root' 'only root may load modules: sudo make load' $nobody sh "$modules" load
run "$modules" --help
is 'help' "$code" 0
run "$modules" lode
is 'a wrong word' "$code" 64
has 'says what there is' "$tmp/err" '^usage: kvm-patch/modules.sh build\|load\|unload'

# pack SUITE IMAGE KVER: what the emulated machine has
pack()
{
	root=$tmp/$1/root kver=$3
	mkdir -p "$root/bin" "$root/lib/modules/$kver" "$root/build/modules/$kver" "$root/runner"
	dpkg-deb --fsys-tarfile "$2" | tar -x -C "$tmp/$1"
	for module in virt/lib/irqbypass arch/x86/kvm/kvm arch/x86/kvm/kvm-intel; do
		file=$(find "$tmp/$1" -path "*/$kver/kernel/$module.ko*")
		case $file in
		*.xz) xz -dc "$file" >"$root/lib/modules/$kver/${module##*/}.ko" ;;
		*) cp "$file" "$root/lib/modules/$kver" ;;
		esac
	done
	cp "$build/modules/$kver/kvm.ko" "$build/modules/$kver/kvm-intel.ko" \
		"$root/build/modules/$kver"
	cp "$modules" "$root"
	strip -o "$root/runner/init" "$build/vmm/runner"
	busybox=$(boot/fetch bookworm busybox-static)
	dpkg-deb --fsys-tarfile "$busybox" | tar -xO --wildcards '*/busybox' >"$root/bin/busybox"
	chmod 755 "$root/bin/busybox"
	(. boot/lib.sh; archive "$root") >"$tmp/$1/archive"
}

for suite in $suites; do
	image=$(boot/fetch "$suite" linux-image-amd64)
	kver=${image##*/linux-image-} kver=${kver%%_*}
	KVER=$kver run "$modules" build
	if [ "$code" -ne 0 ] && grep -q 'is missing: install' "$tmp/err"; then
		for check in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
			skip "$suite: $check" "$(tail -n 1 "$tmp/err")"
		done
		continue
	fi
	is "$suite: modules for $kver are built" "$code" 0
	pack "$suite" "$image" "$kver"
	linux61=''
	[ "${kver#6.1.}" = "$kver" ] || linux61=intercept=linux61
	TARGETS=kvm LINUX_SRC='' run boot/witness "$tmp/$suite/out" "$build/guest/guest.elf" \
		--kernel "$(echo "$tmp/$suite"/boot/vmlinuz-*)" \
		--runner "$PWD/tests/modules-init.sh" --modules "$tmp/$suite/archive" \
		--limit 1800 ${linux61:+--cmdline "$linux61"}
	is "$suite: all counts are those of the emulator's log" "$code" 0
	console=$tmp/$suite/out/kvm.console log=$tmp/$suite/out/kvm.log
	tr -d '\r' <"$console" >"$tmp/told"
	has "$suite: it is Debian's kernel" "$tmp/told" \
		"Linux version $(echo "$kver" | sed 's/+/[+]/g') "
	has "$suite: without KVM there is nothing to take out" "$tmp/told" '^told none code=0'
	has "$suite: its own is put there" "$tmp/told" '^told own code=0'
	has "$suite: which is not ours" "$tmp/told" '^told early code=1'
	has "$suite: ours is loaded" "$tmp/told" '^told load code=0'
	has "$suite: not while somebody uses it" "$tmp/told" \
		'^told busy modules: kvm_intel is in use by 1: is /dev/kvm open'
	has "$suite: and back" "$tmp/told" '^told unload code=0'
	lacks "$suite: that is another one" "$tmp/told" 'still=ours'
	has "$suite: and ours again" "$tmp/told" '^told again code=0'
	has "$suite: with its parameter" "$tmp/told" '^told leaves f22'
	has "$suite: the guest ran" "$log" '^guest version=1 target=kvm leaves=f22'
	has "$suite: each row as it should be" "$log" '^done rows=[0-9]* failed=0'
	has "$suite: the runner came to its end" "$log" '^end target=kvm cause=exit_port .*code=0'
done
finish
