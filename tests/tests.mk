# SPDX-License-Identifier: GPL-2.0-only
# Tests: one binary for each tests/unit/test_*.c, the scripts tests/*.t, and their guests.

UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
TESTS = $(if $(filter %lab,$@),tests/lab/hand_ins.t,$(sort $(wildcard tests/*.t)) $(UNIT_TESTS))
TEST_HELPERS = $(addprefix $(BUILD)/tests/,badelf debugfs hostile.elf vmcs.elf \
	agree/agree.elf behaviour/behaviour.elf) $(filter-out %/kasan/bzImage,$(LAB_PARTS))

sanitized_FLAGS := -O1 -D_GNU_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all -pthread

# A test names its sources and libraries in comments: /* units: a.c b.c */, /* libs: X Y */.
named = $(shell sed -n 's,^/\* $1: \(.*\) \*/$$,\1,p' tests/unit/$2.c)

.SECONDEXPANSION:
$(UNIT_TESTS): $(BUILD)/tests/unit/%: \
		$$(call objects,sanitized,tests/unit/$$*.c $$(call named,units,$$*)) tests/tests.mk
	$(call link,$(filter -f%,$(sanitized_FLAGS)) -pthread,$(addprefix -l,$(call named,libs,$*)))

$(BUILD)/tests/badelf: $(call objects,host,tests/badelf.c)
	$(link)

# Process 1 of the lab, as the runner is.
$(BUILD)/tests/debugfs: $(call objects,host,tests/debugfs.c $(patsubst %,vmm/%.c,init log host) \
		machine/line.c)
	$(call link,-static)

# The guest of `make agree', and that of behaviour.t: named cases, run by what runs sequences.
# Both have handlers for both sizes of code: guest32 is code for 32 bits, linked with the rest.
guest32_FLAGS := $(FREESTANDING) -O2 -g0 -mgeneral-regs-only -m32 -Wa,--64
AGREE_RUN := $(call objects,guest32,tests/agree/trap.c) $(call objects,guest,machine/text.c \
	$(patsubst %,tests/agree/%,start.S legacy.S peer.S apic.c console.c modes.c peer.c \
	run.c trap.c))

$(BUILD)/tests/agree/agree.elf: $(AGREE_RUN) $(call objects,guest,$(call all_in,tests/agree)) \
		tests/agree/agree.ld tests/agree
	$(call link,$(GUEST_LINK))

$(BUILD)/tests/behaviour/behaviour.elf: $(AGREE_RUN) tests/behaviour/behaviour.ld \
		$(call objects,guest,$(call all_in,tests/behaviour)) tests/behaviour
	$(call link,$(GUEST_LINK))

# hostile.elf: hv, and in the place of its guest, its end and its console a test.
HOSTILE_OBJECTS := $(call objects,hv,$(filter-out hv/boot/guest.c hv/boot/leave.c machine/com1.c, \
	$(HV_SOURCES)) $(filter-out %/kernel.S,$(call all_in,tests/hostile)))

# What a guest runs, flat: KERNEL in layout.h is where.
$(BUILD)/tests/hostile/kernel.bin: tests/hostile/kernel.S tests/hostile/layout.h machine/machine.h
	@mkdir -p $(@D)
	$(CC) -m32 -ffreestanding -iquote . -c -o $(@:.bin=.o) $<
	$(LD) -m elf_i386 -Ttext=0x8000 -e kernel --oformat binary -o $@ $(@:.bin=.o)

BLOB := $(call objects,hv,tests/hostile/blob.S)
$(BLOB): $(BUILD)/tests/hostile/kernel.bin
$(BLOB): hv_FLAGS += -DKERNEL_FILE='"$(BUILD)/tests/hostile/kernel.bin"'

$(BUILD)/tests/hostile.debug: $(HOSTILE_OBJECTS) linker.ld
	$(call link,$(HV_LINK))

# vmcs.elf: hv, and before its guest the self-test of VM entries: it wraps two functions of hv.
VMCS_OBJECTS := $(call objects,hv,$(call all_in,tests/vmcs hv/check))
$(BUILD)/tests/vmcs.debug: $(HV_OBJECTS) $(VMCS_OBJECTS) linker.ld
	$(call link,$(HV_LINK) -Xlinker --wrap=guest_load -Xlinker --wrap=vm_enter_first)
