# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# Start something under QEMU: on real VMX, or with TCG, which has none. Sourced
# by run, whose variables it reads.

machine_prepare()
{
	if [ "$accel" = kvm ] && ! real_vmx; then
		fail 69 "--machine qemu: KVM gives no VMX to a guest here;" \
			"use --machine bochs"
	fi
	machine_cpu=host
	[ "$accel" = kvm ] || machine_cpu=max
	[ "$cpu" = "$default_cpu" ] || machine_cpu=$cpu
	qemu_choose_boot
	[ "$boot" = direct ] || make_iso
}

# PVH has room for modules, but QEMU hands over one.
qemu_choose_boot() { [ "$target.$initrd" = hv. ] || [ "$target" = kvm ] || boot=iso; }

# qemu_words DIR: QEMU's command line, a word on each line, with its files in DIR.
qemu_words()
{
	printf '%s\n' -machine "q35,accel=$accel" -cpu "$machine_cpu" -m "$host_mem" -smp 1 \
		-nodefaults -display none -monitor none -no-reboot \
		-chardev "file,id=com1,path=$1/com1" -serial chardev:com1 \
		-chardev "file,id=com2,path=$1/com2" -serial chardev:com2 \
		-device isa-debug-exit,iobase=0xf4,iosize=4
	case $boot.$target in
	iso.*)
		printf '%s\n' -cdrom "$1/boot.iso" ;;
	direct.hv)
		printf '%s\n' -kernel "$hv" -append "$hv_options -- $cmdline"
		[ -z "$guest" ] || printf '%s\n' -initrd "$guest"
		;;
	direct.kvm)
		[ -z "$cmdline" ] || runner_options="$runner_options --cmdline \"$cmdline\""
		printf '%s\n' -kernel "$kernel" -initrd "$1/initramfs" \
			-append "$kernel_options -- $runner_options /guest.elf"
		;;
	esac
}

machine_run()
{
	qemu_words "$work" >"$work/qemu-words"
	set --
	while read -r word; do
		set -- "$@" "$word"
	done <"$work/qemu-words"
	exec timeout -k 5 "$limit" qemu-system-x86_64 "$@"
}

machine_verdict()
{
	cp "$work/machine.out" "$machine_log"
	head -n 3 "$machine_log"
}
