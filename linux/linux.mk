# SPDX-License-Identifier: GPL-2.0-only
# What runs inside a Linux guest: the initramfs.

LINUX_INITRD := $(BUILD)/linux-guest/initrd.cpio

$(LINUX_INITRD): linux/init linux/initrd.sh
	@mkdir -p $(@D)
	linux/initrd.sh $@
