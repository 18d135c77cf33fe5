# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2154
# Start something under QEMU on KVM where there is no VT-x: Bochs runs the lab's
# kernel (the outer hypervisor), and on that QEMU. Sourced by run after qemu.sh
# and bochs.sh, whose parts it puts together.

nested_dir=/run			# where nested-init.sh finds what it starts

# nested_files: what QEMU is to start.
nested_files()
{
	case $boot in
	iso)
		newc run/boot.iso "$work/boot.iso" ;;
	direct)
		newc run/hv.elf "$hv"
		[ -z "$guest" ] || newc run/guest.elf "$guest"
		;;
	esac
}

# start_outer OPTION...: the lab's kernel with these, nested-init.sh, QEMU with its words
# of $work/words, and nested_files.
start_outer()
{
	need_file --kernel "$kernel"
	need_file "QEMU for the lab's kernel" "$build/nested/qemu.cpio"
	{
		newc init "$top/boot/nested-init.sh"
		newc tracefs.sh "$top/boot/tracefs.sh"
		newc_folder run
		newc run/words "$work/words"
		nested_files
		newc_end
		cat "$build/nested/qemu.cpio"
	} >"$work/outer"
	rm -rf "$work/iso"
	host_mem=$((host_mem + 768))
	fill_iso_linux '' "$@" "initrdmem=$outer_address,$(wc -c <"$work/outer")"
	pack_iso
	bochs_prepare
	preload_outer
}

machine_prepare()
{
	# The lab's kernel boots there, but its guest makes no VM entry.
	[ "$target" = hv ] || fail $CODE_USAGE "--machine nested runs hv, not KVM in KVM"
	machine_cpu=host
	qemu_choose_boot
	[ "$boot" = direct ] || make_iso
	(
		hv=$nested_dir/hv.elf
		guest=${guest:+$nested_dir/guest.elf}
		qemu_words "$nested_dir"
	) >"$work/words"
	# shellcheck disable=SC2086 # words are meant
	start_outer console=ttyS1,115200 quiet panic=-1 reboot=t kvm.report=0 $outer_options
}

# To read all this from the CD takes two thirds of the whole run: it is in memory from
# the start. Out of the way: the kernel starts below, and takes early memory from the
# top. Bochs fills its blocks of memory from one end, in the order in which they are
# first used, and loads the file across them: so use them in order, before it runs.
outer_address=$((256 << 20))
preload_outer()
{
	echo "optramimage1: file=\"$work/outer\", address=$(printf '%#x' $outer_address)" \
		>>"$work/bochsrc"
	{
		seq -f 'xp /1bx %.0f' $outer_address $((128 << 10)) \
			$((outer_address + $(wc -c <"$work/outer")))
		cat "$work/debugger"
	} >"$work/debugger.new"
	mv "$work/debugger.new" "$work/debugger"
}

# nested-init.sh sends what the outer KVM has counted behind the consoles.
machine_end()
{
	tr -d '\r' <"$out/$target.console" | grep -aE '^(exits scope=module|trace) ' \
		>"$out/$target.outer" || :
}
