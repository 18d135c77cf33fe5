# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2154
# A guest on patched KVM as users start one, by QEMU, on the lab's kernel in Bochs.
# Sourced by run after nested.sh, of whose parts it needs all but hv.

nested_files()
{
	newc run/limit "$work/limit"
	newc run/guest.elf "$guest"
	[ -z "$initrd" ] || newc run/initrd "$initrd"
}

# vmm_words: QEMU's command line, a word on each line. Devices that a guest finds, and
# whose exits it makes, are those of the machine; nothing is added but what the runner
# has too.
vmm_words()
{
	printf '%s\n' -enable-kvm -cpu host -m "$mem" -smp 1 \
		-nodefaults -display none -monitor none -no-reboot \
		-chardev "file,id=com1,path=$nested_dir/com1" -serial chardev:com1 \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel "$nested_dir/guest.elf"
	[ -z "$cmdline" ] || printf '%s\n' -append "$cmdline"
	[ -z "$initrd" ] || printf '%s\n' -initrd "$nested_dir/initrd"
}

machine_prepare()
{
	vmm_words >"$work/words"
	echo "${guest_limit:-300}" >"$work/limit"
	# shellcheck disable=SC2086 # words are meant
	start_outer $kernel_options
}

machine_end() { :; }
