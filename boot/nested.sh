# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The machine `nested': QEMU on KVM where there is no VT-x. Bochs runs the lab's kernel (the
# outer hypervisor), and on that QEMU runs hv. Sourced by run, whose variables it reads.

nested_dir=/run			# where nested-init.sh finds what it starts

nested_prepare()
{
	# The lab's kernel boots there, but its guest makes no VM entry.
	[ "$target" = hv ] || fail $CODE_USAGE "--machine nested runs hv, not KVM in KVM"
	qemu_firmware "$work/files$nested_dir/OVMF.fd"
	if [ "$boot" != direct ]; then
		grub_iso
		nested_put boot.iso "$work/boot.iso"
		rm -rf "$work/iso"
	else
		nested_put hv.elf "$hv"
		[ -z "$guest" ] || nested_put guest.elf "$guest"
	fi
	qemu_words host "$nested_dir" "$nested_dir/hv.elf" "${guest:+$nested_dir/guest.elf}" \
		>"$work/words"
	# shellcheck disable=SC2086 # words are meant
	nested_outer console=ttyS1,115200 quiet panic=-1 reboot=t kvm.report=0 $outer_options
}

# nested_put NAME FILE: a file of $nested_dir.
nested_put() { install -D -m 755 "$2" "$work/files$nested_dir/$1"; }

# machine_constant NAME: of machine/machine.h.
machine_constant()
{
	sed -n "s/^#define $1[[:space:]]*\"*\([^\"[:space:]]*\).*/\1/p" "$top/machine/machine.h"
}

# nested_outer WORD...: a Bochs that starts the lab's kernel with these, and it nested-init.sh,
# and it QEMU with the words of $work/words.
nested_outer()
{
	need_file --kernel "$kernel"
	need_file "QEMU for the lab's kernel" "$build/nested/qemu.cpio"
	for name in PORT WORD; do
		echo "BOCHS_SHUTDOWN_$name=$(machine_constant BOCHS_SHUTDOWN_$name)"
	done >"$work/machine"
	nested_put machine "$work/machine"
	nested_put words "$work/words"
	install -m 755 "$top/boot/nested-init.sh" "$work/files/init"
	install -m 755 "$top/boot/tracefs.sh" "$work/files/tracefs.sh"
	{ archive "$work/files"; cat "$build/nested/qemu.cpio"; } >"$work/outer"
	grub_iso_linux '' "$@" "initrdmem=$nested_address,$(wc -c <"$work/outer")"
	bochs_configure $((host_mem + 768))
	nested_preload
}

# To read all this from the CD takes two thirds of the whole run: it is in memory from
# the start. Out of the way: the kernel starts below, and takes early memory from the
# top. Bochs fills its blocks of memory from one end, in the order in which they are
# first used, and loads the file across them: so use them in order, before it runs.
nested_address=$((256 << 20))
nested_preload()
{
	echo "optramimage1: file=\"$work/outer\", address=$(printf '%#x' $nested_address)" \
		>>"$work/bochsrc"
	{
		seq -f 'xp /1bx %.0f' $nested_address $((128 << 10)) \
			$((nested_address + $(wc -c <"$work/outer")))
		cat "$work/debugger"
	} >"$work/debugger.new"
	mv "$work/debugger.new" "$work/debugger"
}

nested_start() { bochs_start; }
nested_verdict() { bochs_verdict; }
nested_undo() { :; }

# nested-init.sh sends what the outer KVM has counted behind the consoles.
nested_end()
{
	tr -d '\r' <"$out/$target.console" | grep -aE '^(exits scope=module|trace) ' \
		>"$out/$target.outer" || :
}
