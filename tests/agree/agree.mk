# SPDX-License-Identifier: GPL-2.0-only
# The guest of `make agree': one ELF for three judges.

AGREE_DIR := $(BUILD)/tests/agree
AGREE_ELF := $(AGREE_DIR)/agree.elf
AGREE_OBJS := $(patsubst %,$(AGREE_DIR)/%.o,start legacy main console run modes generate \
	ops_system ops_memory ops_event trap64 trap32 text)
AGREE_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Iacct -Imachine -Itests/agree \
	-ffreestanding -fno-pic -mgeneral-regs-only -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables
AGREE_64 := -m64 -mno-red-zone -mcmodel=small

$(AGREE_DIR)/%.o: tests/agree/%.c tests/agree/agree.mk
	@mkdir -p $(@D)
	$(CC) $(AGREE_CFLAGS) $(AGREE_64) -MMD -MP -c -o $@ $<

$(AGREE_DIR)/%.o: tests/agree/%.S tests/agree/agree.mk
	@mkdir -p $(@D)
	$(CC) $(AGREE_CFLAGS) $(AGREE_64) -MMD -MP -c -o $@ $<

$(AGREE_DIR)/%.o: machine/%.c tests/agree/agree.mk
	@mkdir -p $(@D)
	$(CC) $(AGREE_CFLAGS) $(AGREE_64) -MMD -MP -c -o $@ $<

# The handlers, for both sizes of code.
$(AGREE_DIR)/trap64.o: tests/agree/trap.c tests/agree/agree.mk
	@mkdir -p $(@D)
	$(CC) $(AGREE_CFLAGS) $(AGREE_64) -MMD -MP -c -o $@ $<

# Code for 32 bits, in an object that can be linked with the others.
$(AGREE_DIR)/trap32.o: tests/agree/trap.c tests/agree/agree.mk
	@mkdir -p $(@D)
	$(CC) $(AGREE_CFLAGS) -g0 -m32 -Wa,--64 -MMD -MP -c -o $@ $<

$(AGREE_ELF): $(AGREE_OBJS) tests/agree/agree.ld
	$(CC) -nostdlib -static -no-pie -Wl,-T,tests/agree/agree.ld -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096,--no-warn-rwx-segments -o $@ $(AGREE_OBJS)

-include $(AGREE_OBJS:.o=.d)
