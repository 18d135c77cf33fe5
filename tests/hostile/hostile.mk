# SPDX-License-Identifier: GPL-2.0-only
# hostile.elf: hv, and in the place of its guest, its end and its console a test.

HOSTILE_ELF := $(BUILD)/tests/hostile.elf
HOSTILE_FLAGS = $(HV_FLAGS) -Itests/hostile
HOSTILE_DIR := $(BUILD)/tests/hostile
HOSTILE_OBJECTS := $(patsubst %,$(HOSTILE_DIR)/%.o,hostile image code values console blob_asm)
HOSTILE_REPLACED := $(patsubst %,$(BUILD)/hv/obj/%.o,hv/guest hv/end machine/com1)

$(HOSTILE_DIR)/%.o: tests/hostile/%.c tests/hostile/hostile.mk hv/hv.mk
	@mkdir -p $(@D)
	$(CC) $(HOSTILE_FLAGS) -c -o $@ $<

# What a guest runs, flat: KERNEL in layout.h is where.
$(HOSTILE_DIR)/kernel.bin: tests/hostile/kernel.S tests/hostile/layout.h machine/machine.h
	@mkdir -p $(@D)
	$(CC) -m32 -ffreestanding -Imachine -Itests/hostile -c -o $(@:.bin=.o) $<
	$(LD) -m elf_i386 -Ttext=0x8000 -e kernel --oformat binary -o $@ $(@:.bin=.o)

$(HOSTILE_DIR)/blob_asm.o: tests/hostile/blob.S $(HOSTILE_DIR)/kernel.bin
	$(CC) $(HOSTILE_FLAGS) -DKERNEL_FILE='"$(HOSTILE_DIR)/kernel.bin"' -c -o $@ $<

$(HOSTILE_DIR)/hostile.debug: $(HV_OBJECTS) $(HOSTILE_OBJECTS) linker.ld
	$(CC) $(HV_LINK) -o $@ $(filter-out $(HOSTILE_REPLACED),$(HV_OBJECTS)) $(HOSTILE_OBJECTS)

$(HOSTILE_ELF): $(HOSTILE_DIR)/hostile.debug
	$(OBJCOPY) --strip-all $< $@

-include $(HOSTILE_OBJECTS:.o=.d)
