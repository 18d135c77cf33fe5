# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The machine `vmm': a guest on patched KVM as users start one, by QEMU, on the lab's kernel
# in Bochs. Sourced by run, whose variables it reads; all but hv is as in nested.sh.

vmm_prepare()
{
	vmm_words >"$work/words"
	echo "${guest_limit:-300}" >"$work/limit"
	nested_put limit "$work/limit"
	nested_put guest.elf "$guest"
	[ -z "$initrd" ] || nested_put initrd "$initrd"
	# shellcheck disable=SC2086 # words are meant
	nested_outer $kernel_words
}

# vmm_words: QEMU's command line, a word on each line. Devices that a guest finds, and
# whose exits it makes, are those of the machine; nothing is added but what the runner
# has too.
vmm_words()
{
	printf '%s\n' -enable-kvm -cpu host -m "$mem" -smp "$cpus" \
		-nodefaults -display none -monitor none -no-reboot \
		-chardev "file,id=com1,path=$nested_dir/com1" -serial chardev:com1 \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel "$nested_dir/guest.elf"
	[ -z "$cmdline" ] || printf '%s\n' -append "$cmdline"
	[ -z "$initrd" ] || printf '%s\n' -initrd "$nested_dir/initrd"
}

vmm_start() { bochs_start; }
vmm_verdict() { bochs_verdict; }
vmm_end() { :; }
vmm_undo() { :; }
