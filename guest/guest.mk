# SPDX-License-Identifier: GPL-2.0-only
# The shared guest: one ELF64 with a PVH note, the same for every host.

GUEST_OBJS := $(patsubst %,$(BUILD)/guest/%.o,start main rows ops_cpu ops_quiet ops_io \
	ops_event ops_task leafmap leaves modes modes_entry measure total bad trap \
	end com1 text exit_acct)
GUEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Iacct -Imachine -Iguest \
	-ffreestanding -fno-pic -mno-red-zone -mgeneral-regs-only -mcmodel=small \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables

$(BUILD)/guest/%.o: guest/%.c guest/guest.mk
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/guest/%.o: guest/%.S guest/guest.mk
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/guest/%.o: acct/%.c guest/guest.mk
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/guest/%.o: machine/%.c guest/guest.mk
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(GUEST_ELF): $(GUEST_OBJS) guest/guest.ld
	$(CC) -nostdlib -static -no-pie -Wl,-T,guest/guest.ld -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -o $@ $(GUEST_OBJS)

-include $(GUEST_OBJS:.o=.d)
