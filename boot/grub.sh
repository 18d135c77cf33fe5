# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The ISO with which GRUB starts what is to run. Sourced by run, whose variables it reads.

# grub_words WORD...: the words, quoted for GRUB's script language.
grub_words() { printf " '%s'" "$@"; }

# grub_name NAME: the same of a file's name. GRUB puts quotes around a word that has
# blanks, and leaves them there, but only a blank between two words.
grub_name() { printf " '%s'" "$(printf %s "$1" | sed "s/ /' '/g")"; }

# grub_config: the lines on stdin, behind --grub's, as what GRUB does.
grub_config()
{
	mkdir -p "$work/iso/boot/grub"
	{ printf '%s\n' "$grub_command"; cat; echo boot; } >"$work/iso/boot/grub/grub.cfg"
}

# grub_iso: $work/boot.iso, which starts the target.
grub_iso()
{
	mkdir -p "$work/iso"
	[ -z "$guest" ] || [ "$target" = kvm ] || cp "$guest" "$work/iso/guest.elf"
	case $target in
	hv)
		grub-file --is-x86-multiboot2 "$hv" ||
			fail $CODE_USAGE "--hv: $hv is not a multiboot 2 kernel"
		cp "$hv" "$work/iso/hv.elf"
		[ -z "$initrd" ] || cp "$initrd" "$work/iso/initrd"
		{
			# shellcheck disable=SC2086 # words are meant
			echo "multiboot2 /hv.elf$(grub_words $hv_words -- $cmdline)"
			[ -z "$guest" ] || echo "module2 /guest.elf$(grub_name "$guest")"
			[ -z "$initrd" ] || echo "module2 /initrd$(grub_name "$initrd")"
		} | grub_config
		grub_pack "$boot"
		;;
	kvm)
		# shellcheck disable=SC2086
		grub_iso_linux "$work/initramfs" $kernel_words
		;;
	bare)
		grub-file --is-x86-multiboot "$guest" ||
			fail $CODE_USAGE "$guest has no Multiboot header"
		# shellcheck disable=SC2086
		echo "multiboot /guest.elf$(grub_words $cmdline)" | grub_config
		grub_pack bios
		;;
	esac
}

# grub_iso_linux INITRAMFS WORD...: an ISO that starts the lab's kernel with these words,
# and an initramfs, or none.
grub_iso_linux()
{
	grub-file --is-x86-linux "$kernel" ||
		fail $CODE_USAGE "--kernel: $kernel is not a Linux kernel for x86"
	mkdir -p "$work/iso"
	cp "$kernel" "$work/iso/bzImage"
	initramfs=$1
	shift
	[ -z "$initramfs" ] || cp "$initramfs" "$work/iso/initramfs"
	{
		echo "linux /bzImage$(grub_words "$@")"
		[ -z "$initramfs" ] || echo "initrd /initramfs"
	} | grub_config
	grub_pack bios
}

# grub_pack BOOT: $work/boot.iso of $work/iso, for UEFI or for a BIOS. The same bytes for the same
# inputs, because a date in it would move the emulated clock's figures. Only the modules that
# are used are put on it: the ISO is built and read in a third of the time.
grub_pack()
{
	grub_files=/usr/lib/grub/i386-pc
	grub_modules="normal iso9660 biosdisk multiboot multiboot2 linux wrmsr"
	if [ "$1" = uefi ]; then
		grub_files=/usr/lib/grub/x86_64-efi grub_modules="normal iso9660 multiboot2 wrmsr"
		need_file "--boot uefi needs Debian's package grub-efi-amd64-bin" \
			$grub_files/multiboot2.mod
	fi
	SOURCE_DATE_EPOCH=946684800 \
	grub-mkrescue -d $grub_files --locales= --fonts= --themes= \
		--install-modules="$grub_modules" \
		-o "$work/boot.iso" "$work/iso" --modification-date=2000010100000000 \
		--set_all_file_dates 2000010100000000 2>"$work/grub.out" || {
		cat "$work/grub.out" >&2
		fail $CODE_NO_END "grub-mkrescue cannot make the ISO"
	}
}
