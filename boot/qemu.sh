# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# Start something under QEMU: on real VMX, or with TCG, which has none. Sourced
# by run, whose variables it reads.

# shellcheck source=boot/tracefs.sh
. "$top/boot/tracefs.sh"

machine_prepare()
{
	[ "$accel" != kvm ] || need_vmx
	machine_cpu=host
	[ "$accel" = kvm ] || machine_cpu=max
	[ "$cpu" = "$default_cpu" ] || machine_cpu=$cpu
	qemu_choose_boot
	[ "$boot" = direct ] || make_iso
	[ -z "$trace" ] || [ "$target" != hv ] || host_trace
}

# host_trace: have the host's KVM count what it hands to hv.
host_trace()
{
	need_trace
	trace_begin || fail 69 "--trace: the host's tracepoint $trace_event cannot be counted"
}

# PVH has room for modules, but QEMU hands over one.
qemu_choose_boot() { [ "$target.$initrd" = hv. ] || [ "$target" = kvm ] || boot=iso; }

# qemu_words DIR: QEMU's command line, a word on each line, with its files in DIR.
qemu_words()
{
	printf '%s\n' -machine "q35,accel=$accel" -cpu "$machine_cpu" -m "$host_mem" -smp 1 \
		-name debug-threads=on -nodefaults -display none -monitor none -no-reboot \
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
		printf '%s\n' -kernel "$kernel" -initrd "$1/initramfs" -append "$kernel_options" ;;
	esac
}

# pin_vcpu PID: keep the vCPU of the QEMU that PID starts on one CPU, the last one that
# we may use: cycles must not depend on where the scheduler moves it.
pin_vcpu()
{
	cpu_nr=$(taskset -cp "$1" | sed 's/.*[ ,-]//')
	while [ -d "/proc/$1" ]; do
		for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
			for comm in "/proc/$child"/task/*/comm; do
				case $(cat "$comm" 2>/dev/null) in 'CPU 0/'*) ;; *) continue ;; esac
				task=${comm%/comm}
				taskset -cp "$cpu_nr" "${task##*/}" >/dev/null &&
					say "the vCPU is pinned to CPU $cpu_nr"
				return
			done
		done
		sleep 0.1
	done
}

machine_run()
{
	qemu_words "$work" >"$work/qemu-words"
	set --
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <"$work/qemu-words"
	pid=$(exec sh -c 'echo $PPID')
	pin_vcpu "$pid" </dev/null >/dev/null 2>&9 9>&- &
	exec 9>&-
	exec timeout -k 5 "$limit" qemu-system-x86_64 "$@"
}

machine_verdict()
{
	cp "$work/machine.out" "$machine_log"
	head -n 3 "$machine_log"
}

machine_end() { [ -z "$trace_instance" ] || trace_records >"$out/$target.outer"; }
machine_undo() { trace_end || say "$trace_instance cannot be removed: rmdir does it"; }
