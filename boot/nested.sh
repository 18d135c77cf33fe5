# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2154
# Start something under QEMU on KVM where there is no VT-x: Bochs runs the lab's
# kernel (the outer hypervisor), and on that QEMU. Sourced by run after qemu.sh
# and bochs.sh, whose parts it puts together.

nested_dir=/run			# where nested-init.sh finds what it starts

# What Bochs boots: the lab's kernel with nested-init.sh, QEMU, and QEMU's files.
machine_prepare()
{
	need_file --kernel "$kernel"
	need_file "--machine nested" "$build/nested/qemu.cpio"
	machine_cpu=host
	qemu_choose_boot
	[ "$boot" = direct ] || make_iso
	(
		hv=$nested_dir/hv.elf kernel=$nested_dir/bzImage
		[ -z "$guest" ] || guest=$nested_dir/guest.elf
		qemu_words "$nested_dir" >"$work/words"
	)
	{
		newc init "$top/boot/nested-init.sh"
		newc_folder run
		newc run/words "$work/words"
		if [ "$boot" = iso ]; then
			newc run/boot.iso "$work/boot.iso"
		elif [ "$target" = hv ]; then
			newc run/hv.elf "$hv"
			[ -z "$guest" ] || newc run/guest.elf "$guest"
		else
			newc run/bzImage "$kernel"
			newc run/initramfs "$work/initramfs"
		fi
		newc_end
		cat "$build/nested/qemu.cpio"
	} >"$work/outer"
	rm -rf "$work/iso"
	fill_iso_linux "$work/outer" console=ttyS1,115200 panic=-1 reboot=t kvm.report=0
	pack_iso
	host_mem=$((host_mem + 768))
	bochs_prepare
}

# nested-init.sh sends what the outer KVM has counted behind the consoles.
machine_end()
{
	tr -d '\r' <"$out/$target.console" | grep -a '^exits scope=module ' \
		>"$out/$target.outer" || :
}
