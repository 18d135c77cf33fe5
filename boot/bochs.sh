# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# Start something under Bochs: GRUB ISO, bochsrc, time limit. Sourced by run,
# whose variables (target, work, out, …) it reads.

# Later GRUBs and other distributions keep their files elsewhere.
first_file()
{
	for f; do
		[ ! -f "$f" ] || { echo "$f"; return; }
	done
	fail $CODE_USAGE "none of these files exists: $*"
}

# grub_words WORD...: the words, quoted for GRUB's script language.
grub_words() { printf " '%s'" "$@"; }

# grub_name NAME: the same of a file's name. GRUB puts quotes around a word that has
# blanks, and leaves them there, but only a blank between two words.
grub_name() { printf " '%s'" "$(printf %s "$1" | sed "s/ /' '/g")"; }

# make_iso: $work/boot.iso, which starts the target.
make_iso()
{
	mkdir -p "$work/iso/boot/grub"
	case $target in
	hv)
		grub-file --is-x86-multiboot2 "$hv" ||
			fail $CODE_USAGE "--hv: $hv is not a multiboot 2 kernel"
		cp "$hv" "$work/iso/hv.elf"
		[ -z "$guest" ] || cp "$guest" "$work/iso/guest.elf"
		[ -z "$initrd" ] || cp "$initrd" "$work/iso/initrd"
		{
			printf '%s\n' "$grub_command"
			# shellcheck disable=SC2086 # words are meant
			echo "multiboot2 /hv.elf$(grub_words $hv_options -- $cmdline)"
			[ -z "$guest" ] || echo "module2 /guest.elf$(grub_name "$guest")"
			[ -z "$initrd" ] || echo "module2 /initrd$(grub_name "$initrd")"
			echo boot
		} >"$work/iso/boot/grub/grub.cfg"
		;;
	kvm)
		# shellcheck disable=SC2086
		fill_iso_linux "$work/initramfs" $kernel_options
		;;
	bare)
		grub-file --is-x86-multiboot "$guest" ||
			fail $CODE_USAGE "$guest has no Multiboot header"
		cp "$guest" "$work/iso/guest.elf"
		# shellcheck disable=SC2086
		printf '%s\nmultiboot /guest.elf%s\nboot\n' "$grub_command" \
			"$(grub_words $cmdline)" >"$work/iso/boot/grub/grub.cfg"
		;;
	esac
	pack_iso
}

# fill_iso_linux INITRAMFS WORD...: $work/iso starts the lab's kernel with these words,
# and an initramfs, or none.
fill_iso_linux()
{
	grub-file --is-x86-linux "$kernel" ||
		fail $CODE_USAGE "--kernel: $kernel is not a Linux kernel for x86"
	mkdir -p "$work/iso/boot/grub"
	cp "$kernel" "$work/iso/bzImage"
	initramfs=$1
	shift
	[ -z "$initramfs" ] || cp "$initramfs" "$work/iso/initramfs"
	{
		printf '%s\n' "$grub_command"
		echo "linux /bzImage$(grub_words "$@")"
		[ -z "$initramfs" ] || echo "initrd /initramfs"
		echo boot
	} >"$work/iso/boot/grub/grub.cfg"
}

# pack_iso: $work/boot.iso of $work/iso. The same bytes for the same inputs, because
# a date in it would move the emulated clock's figures. Only the modules that are used
# are put on it: the ISO is built and read in a third of the time.
pack_iso()
{
	SOURCE_DATE_EPOCH=946684800 \
	grub-mkrescue -d /usr/lib/grub/i386-pc --locales= --fonts= --themes= \
		--install-modules="normal iso9660 biosdisk multiboot multiboot2 linux wrmsr" \
		-o "$work/boot.iso" "$work/iso" --modification-date=2000010100000000 \
		--set_all_file_dates 2000010100000000 2>"$work/grub.out" || {
		cat "$work/grub.out" >&2
		fail $CODE_NO_END "grub-mkrescue cannot make the ISO"
	}
}

# Time that does not come from outside (sync=none, fixed time0) makes two runs the
# same, byte for byte. A second has few instructions (ips), because the BIOS, GRUB
# and every byte on a serial port wait by the clock and not by instructions. The
# display that needs no screen serves one TCP port, hence the network namespace of
# its own in machine_run.
write_bochsrc()
{
	# With more than it keeps at once it swaps, and then forgets to where a stack went.
	[ "$host_mem" -le 2048 ] || fail $CODE_USAGE \
		"--mem $mem: Bochs has 2048 MiB at most," \
		"of which $((host_mem - mem)) are for the host"
	bios_file=$(first_file $bios /usr/share/bochs/BIOS-bochs-latest \
		/usr/share/seabios/bios.bin)
	vga_file=$(first_file /usr/share/bochs/VGABIOS-lgpl-latest \
		/usr/share/vgabios/vgabios.bin /usr/share/seabios/vgabios-stdvga.bin)
	# A guest of its own is to see what the processor does.
	ignore_bad=1
	[ "$target" != bare ] || ignore_bad=0
	cat >"$work/bochsrc" <<-EOF
	cpu: model=$cpu, count=1, ips=$ips, reset_on_triple_fault=0, ignore_bad_msrs=$ignore_bad
	clock: sync=none, time0=946681200
	memory: guest=$host_mem, host=$host_mem
	romimage: file=$bios_file
	vgaromimage: file=$vga_file
	display_library: rfb, options="timeout=0"
	plugin_ctrl: unmapped=1, biosdev=1, speaker=0, extfpuirq=1, parallel=0, serial=1, e1000=0
	boot: cdrom
	ata0-master: type=cdrom, path="$work/boot.iso", status=inserted
	com1: enabled=1, $com1
	com2: enabled=1, mode=file, dev="$work/com2"
	log: "$bochs_log"
	panic: action=report
	error: action=ignore
	info: action=ignore
	debug: action=ignore$debug
	EOF
	# The packaged Bochs has its debugger built in. It reads these lines: stop
	# after so many ticks, run, and whatever stopped it, leave.
	printf 'sb %s000000\n%sc\nquit\n' "$ticks" "$trace_on" >"$work/debugger"
}

# log_exits: VM exits are among what the CPU has to say for debugging, which is
# some 60 bytes for every page walk of the host: never store it.
log_exits()
{
	need_file --exits "$build/tools/witness"
	bochs_log=$work/log debug=', cpu0=report'
	mkfifo "$bochs_log"
	exec 5<>"$bochs_log"
	"$build/tools/witness" --lines <"$bochs_log" 3>&- 4>&- 5>&- |
		tee -p "$exits" 3>&- 4>&- 5>&- |
		grep -aF '>>PANIC<<' >"$machine_log" 3>&- 4>&- 5>&- &
}

# log_instructions: the debugger's trace, some 100 bytes for each instruction, from
# hv's first VM entry on. Waiting for a serial port takes a number of instructions
# that goes with ips: the fewest that Bochs takes.
log_instructions()
{
	need_file --instructions "${hv%.elf}.debug"
	address=$(nm "${hv%.elf}.debug" | sed -n 's/^\([0-9a-f]*\) . vm_enter_first$/\1/p')
	# A physical address: the guest may have a function at the same linear one.
	trace_on=$(printf 'pb 0x%s\nc\ntrace on\n.' "$address")
	trace_on=${trace_on%.} ips=1000000
	mkfifo "$work/trace"
	exec 5<>"$work/trace"
	LC_ALL=C awk -v trace="$instructions" '/^\(0\)\.\[/ { print >trace; next } { print }' \
		<"$work/trace" >"$work/machine.out" 3>&- 4>&- 5>&- &
}

bochs_prepare()
{
	bochs_log=$machine_log debug='' trace_on='' ips=25000000
	[ -z "$exits" ] || log_exits
	[ -z "$instructions" ] || log_instructions
	write_bochsrc
}

machine_prepare()
{
	make_iso
	bochs_prepare
}

machine_run()
{
	netns='unshare -n'
	[ "$(id -u)" -eq 0 ] || netns='unshare -rn'
	# A second Bochs on the same host works without one only while no other runs.
	$netns true 2>/dev/null || netns=
	[ -z "$instructions" ] || exec >"$work/trace"
	# In the foreground, since who is not may neither set nor read the user's terminal.
	[ -z "$input" ] || exec <&6 >"$work/com1"
	# shellcheck disable=SC2086
	exec timeout ${input:+--foreground} -k 5 "$limit" $netns \
		${input:+"$terminal"} bochs -q -f "$work/bochsrc" -unlock -rc "$work/debugger" 6<&-
}

# machine_verdict: after the end; prints what Bochs has to say about it.
machine_verdict()
{
	if grep -q 'Caught time breakpoint' "$work/machine.out"; then
		echo "time limit: still running after $ticks million emulated ticks (--ticks)"
		return $CODE_TIME_LIMIT
	fi
	grep '>>PANIC<<' "$machine_log" | grep -v 'Shutdown port' | head -n 3 |
		sed 's/^.*>>PANIC<< /Bochs panics: /'
	[ -s "$machine_log" ] || tail -n 3 "$work/machine.out"
}
