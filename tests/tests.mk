# SPDX-License-Identifier: GPL-2.0-only
# Tests: one binary for each tests/unit/test_*.c, the scripts tests/*.t, and their guests.

UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/unit/%)
TEST_SCRIPTS := $(sort $(wildcard tests/*.t))
# Among them KVM without the patch, to compare with.
TEST_HELPERS := $(addprefix $(BUILD)/tests/,badelf debugfs hostile.elf agree/agree.elf \
	behaviour/behaviour.elf) $(BUILD)/linux-unpatched/bzImage

sanitized_FLAGS := -O1 -D_GNU_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all -pthread

# A test names in comments the sources that it tests, /* units: a.c b.c */, and the libraries
# that it takes, /* libs: X Y */.
units = $(shell sed -n 's,^/\* units: \(.*\) \*/$$,\1,p' tests/unit/$1.c)
libs = $(addprefix -l,$(shell sed -n 's,^/\* libs: \(.*\) \*/$$,\1,p' tests/unit/$1.c))

.SECONDEXPANSION:
$(UNIT_TESTS): $(BUILD)/tests/unit/%: \
		$$(call objects,sanitized,tests/unit/$$*.c $$(call units,$$*)) tests/tests.mk
	$(call link,$(filter -f%,$(sanitized_FLAGS)) -pthread,$(call libs,$*))

$(BUILD)/tests/badelf: $(call objects,host,tests/badelf.c)
	$(link)

# Process 1 of the lab, as the runner is.
$(BUILD)/tests/debugfs: $(call objects,host,tests/debugfs.c $(patsubst %,vmm/%.c,init log host) \
		machine/stamp.c)
	$(call link,-static)

# The guest of `make agree', one ELF for all judges, and that of behaviour.t: named cases,
# run by what runs the sequences. Both have handlers for both sizes of code: trap.32.o is code
# for 32 bits, in an object that can be linked with the others.
AGREE_DIR := tests/agree
AGREE_RUN := $(call objects,guest,$(patsubst %,$(AGREE_DIR)/%,start.S legacy.S console.c run.c \
	modes.c trap.c) machine/text.c) $(BUILD)/obj/guest/$(AGREE_DIR)/trap.32.o

$(BUILD)/obj/guest/$(AGREE_DIR)/trap.32.o: $(AGREE_DIR)/trap.c tests/tests.mk
	@mkdir -p $(@D)
	$(CC) $(filter-out -m% -g,$(FLAGS) $(guest_FLAGS)) -mgeneral-regs-only -m32 -Wa,--64 \
		-MMD -MP -c -o $@ $<

$(AGREE_ELF): $(call objects,guest,$(patsubst %,$(AGREE_DIR)/%.c,main generate ops_system \
		ops_memory ops_event)) $(AGREE_RUN) $(AGREE_DIR)/agree.ld
	$(link_guest)

$(BEHAVIOUR_ELF): $(call objects,guest,$(patsubst %,tests/behaviour/%,main.c before.c memory.S \
		system.S)) $(AGREE_RUN) tests/behaviour/behaviour.ld
	$(link_guest)

# hostile.elf: hv, and in the place of its guest, its end and its console a test.
HOSTILE := $(BUILD)/tests/hostile
HOSTILE_OBJECTS := $(call objects,hv,$(filter-out hv/boot/guest.c hv/exit/end.c machine/com1.c, \
	$(HV_SOURCES)) $(patsubst %,tests/hostile/%,hostile.c image.c code.c values.c console.c \
	blob.S))

# What a guest runs, flat: KERNEL in layout.h is where.
$(HOSTILE)/kernel.bin: tests/hostile/kernel.S tests/hostile/layout.h machine/machine.h
	@mkdir -p $(@D)
	$(CC) -m32 -ffreestanding -iquote . -c -o $(@:.bin=.o) $<
	$(LD) -m elf_i386 -Ttext=0x8000 -e kernel --oformat binary -o $@ $(@:.bin=.o)

$(call objects,hv,tests/hostile/blob.S): $(HOSTILE)/kernel.bin
$(call objects,hv,tests/hostile/blob.S): hv_FLAGS += -DKERNEL_FILE='"$(HOSTILE)/kernel.bin"'

$(HOSTILE)/hostile.debug: $(HOSTILE_OBJECTS) linker.ld
	$(CC) $(HV_LINK) -o $@ $(HOSTILE_OBJECTS)

$(HOSTILE_ELF): $(HOSTILE)/hostile.debug
	$(OBJCOPY) --strip-all $< $@
