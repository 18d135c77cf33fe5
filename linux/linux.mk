# SPDX-License-Identifier: GPL-2.0-only
# What runs inside a Linux guest: exitstat, vmexit, and the initramfs that has them.

EXITSTAT := $(BUILD)/linux-guest/exitstat
VMEXIT := $(BUILD)/linux-guest/vmexit
DEBIAN_KERNEL := $(BUILD)/linux-guest/debian-%.bzImage
LINUX_INITRD := $(BUILD)/linux-guest/initrd.cpio
EXITSTAT_OBJS := $(patsubst %,$(BUILD)/linux-guest/%.o,exitstat leaves check show live command \
	exit_acct)
EXITSTAT_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Iacct -Ilinux

$(BUILD)/linux-guest/%.o: linux/%.c linux/linux.mk
	@mkdir -p $(@D)
	$(CC) $(EXITSTAT_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/linux-guest/%.o: acct/%.c linux/linux.mk
	@mkdir -p $(@D)
	$(CC) $(EXITSTAT_CFLAGS) -MMD -MP -c -o $@ $<

# Static: it runs in any Linux for x86-64, with nothing else in it.
$(EXITSTAT): $(EXITSTAT_OBJS)
	$(CC) -static -s -o $@ $(EXITSTAT_OBJS)

$(VMEXIT).o: EXITSTAT_CFLAGS += -Imachine -ffreestanding -fno-stack-protector
$(VMEXIT): $(VMEXIT).o
	$(CC) -nostdlib -static -no-pie -s -Wl,--build-id=none,-z,noexecstack -o $@ $<

$(LINUX_INITRD): $(EXITSTAT) $(VMEXIT) linux/init linux/initrd.sh
	linux/initrd.sh $@ $(EXITSTAT) $(VMEXIT)

# Up to 110 MB are fetched for each: nothing depends on one but what asks for it.
$(DEBIAN_KERNEL): linux/debian.sh
	linux/debian.sh $* $@

-include $(EXITSTAT_OBJS:.o=.d) $(VMEXIT).d
