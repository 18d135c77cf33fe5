# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The machine `qemu': on real VMX, or with TCG, which has none. Sourced by run, whose
# variables it reads.

# shellcheck source=boot/tracefs.sh
. "$top/boot/tracefs.sh"

qemu_prepare()
{
	[ "$accel" != kvm ] || need_vmx
	qemu_cpu=host
	[ "$accel" = kvm ] || qemu_cpu=max
	[ "$cpu" = "$default_cpu" ] || qemu_cpu=$cpu
	qemu_firmware "$work/OVMF.fd"
	[ "$boot" = direct ] || grub_iso
	qemu_words "$qemu_cpu" "$work" "$hv" "$guest" >"$work/words"
	if [ -n "$trace" ] && [ "$target" = hv ]; then
		# The host's KVM is to count what it hands to hv.
		need_trace
		trace_begin ||
			fail 69 "--trace: the host's tracepoint $trace_event cannot be counted"
	fi
}

# qemu_firmware FILE: UEFI for QEMU, if that is to boot: its code and variables in one file.
qemu_firmware()
{
	[ "$boot" = uefi ] || return 0
	ovmf=${bios:-/usr/share/ovmf/OVMF.fd}
	need_file "--boot uefi needs Debian's package ovmf" "$ovmf"
	install -D -m 644 "$ovmf" "$1"
}

# qemu_words CPU DIR HV GUEST: QEMU's command line, a word on each line, with what is made
# for a run in DIR.
qemu_words()
{
	printf '%s\n' -machine "q35,accel=$accel" -cpu "$1" -m "$host_mem" -smp "$cpus" \
		-name debug-threads=on -nodefaults -display none -monitor none -no-reboot \
		-chardev "file,id=com1,path=$2/com1" -serial chardev:com1 \
		-chardev "file,id=com2,path=$2/com2" -serial chardev:com2 \
		-device isa-debug-exit,iobase=0xf4,iosize=4
	case $boot.$target in
	iso.*)
		printf '%s\n' -cdrom "$2/boot.iso" ;;
	uefi.*)
		printf '%s\n' -cdrom "$2/boot.iso" -bios "$2/OVMF.fd" ;;
	direct.hv)
		printf '%s\n' -kernel "$3" -append "$hv_words -- $cmdline"
		[ -z "$4" ] || printf '%s\n' -initrd "$4"
		;;
	direct.kvm)
		printf '%s\n' -kernel "$kernel" -initrd "$2/initramfs" -append "$kernel_words" ;;
	esac
}

# qemu_pin PID: keep each vCPU of the QEMU that PID starts on one CPU, the first on the last
# that we may use, the others before it: cycles must not depend on where the scheduler
# moves them.
qemu_pin()
{
	cpu_nr=$(taskset -cp "$1" | sed 's/.*[ ,-]//') vcpu=0
	while [ -d "/proc/$1" ] && [ "$vcpu" -lt "$cpus" ]; do
		for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
			for comm in "/proc/$child"/task/*/comm; do
				read -r name 2>/dev/null <"$comm" || continue
				case $name in "CPU $vcpu/"*) ;; *) continue ;; esac
				task=${comm%/comm} core=$((cpu_nr - vcpu))
				taskset -cp "$core" "${task##*/}" >/dev/null &&
					say "vCPU $vcpu is pinned to CPU $core"
				vcpu=$((vcpu + 1))
			done
		done
		[ "$vcpu" -eq "$cpus" ] || sleep 0.1
	done
}

qemu_start()
{
	set --
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <"$work/words"
	pid=$(exec sh -c 'echo $PPID')
	qemu_pin "$pid" </dev/null >/dev/null 2>&9 9>&- &
	exec 9>&-
	exec timeout -k 5 "$limit" qemu-system-x86_64 "$@"
}

qemu_verdict()
{
	cp "$work/machine.out" "$machine_log"
	head -n 3 "$machine_log"
}

qemu_end() { [ -z "$trace_instance" ] || trace_records >"$out/$target.outer"; }
qemu_undo() { trace_end || say "$trace_instance cannot be removed: rmdir does it"; }
