# SPDX-License-Identifier: GPL-2.0-only
# Tests: one binary for each tests/unit/test_*.c, the scripts tests/*.t, and their guests.

UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
TESTS = $(if $(filter %lab,$@),$(wildcard tests/lab/*.t),$(wildcard tests/*.t) $(UNIT_TESTS))
TEST_HELPERS = $(filter-out %/kasan/bzImage,$(LAB_PARTS)) $(addprefix $(BUILD)/tests/, \
	badelf debugfs hostile.elf vmcs.elf agree/agree.elf behaviour/behaviour.elf)

sanitized_FLAGS := -O1 -D_GNU_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all -pthread

# A test names its sources and libraries in comments: /* units: a.c b.c */, /* libs: X Y */.
named = $(shell sed -n 's,^/\* $1: \(.*\) \*/$$,\1,p' tests/unit/$2.c)

$(UNIT_TESTS): $(BUILD)/tests/unit/%: \
		$$(call objects,sanitized,tests/unit/$$*.c $$(call named,units,$$*))
	$(call link,$(filter -f%,$(sanitized_FLAGS)) -pthread,$(addprefix -l,$(call named,libs,$*)))

$(BUILD)/tests/badelf $(BUILD)/tests/debugfs: $(BUILD)/tests/%: $(call objects,host,tests/%.c)

# The guest of `make agree', and that of behaviour.t: named cases, run by what runs sequences.
# Both have handlers for both sizes of code: guest32 is code for 32 bits, linked with the rest.
guest32_FLAGS := $(FREESTANDING) -O2 -g0 -mgeneral-regs-only -m32 -Wa,--64
AGREE_RUN := $(call objects,guest32,tests/agree/trap.c) $(call objects,guest,machine/text.c \
	$(patsubst %,tests/agree/%,start.S legacy.S peer.S apic.c console.c modes.c peer.c \
	run.c trap.c))
$(BUILD)/tests/agree/agree.elf: $(AGREE_RUN) $(call objects,guest,$(call all_in,tests/agree)) \
	tests/agree/agree.ld tests/agree
$(BUILD)/tests/behaviour/behaviour.elf: $(AGREE_RUN) tests/behaviour/behaviour.ld \
	$(call objects,guest,$(call all_in,tests/behaviour)) tests/behaviour

# hostile.elf: hv, and in the place of its guest, its end and its console a test.
$(BUILD)/tests/hostile.debug: $(call objects,hv,$(filter-out hv/boot/guest.c hv/boot/leave.c \
	machine/com1.c,$(HV_SOURCES)) $(filter-out %/kernel.S,$(call all_in,tests/hostile))) \
	$(BUILD)/tests/hostile/blob.o

# What its guests run, as data: flat, KERNEL in layout.h is where.
$(BUILD)/tests/hostile/blob.o: tests/hostile/kernel.S tests/hostile/layout.h machine/machine.h
	@mkdir -p $(@D)
	$(CC) -m32 -iquote . -nostdlib -static -Wl,-Ttext=0x8000,-e,kernel,--build-id=none \
		-Wl,--oformat=binary -o $(@D)/kernel $<
	cd $(@D) && $(LD) -r -b binary -o $(@F) kernel

# vmcs.elf: hv, and before its guest the self-test of VM entries: it wraps two functions of hv.
$(BUILD)/tests/vmcs.debug: $(HV_OBJECTS) $(call objects,hv,$(call all_in,tests/vmcs hv/check))
$(BUILD)/tests/vmcs.debug: HV_LINK += -Xlinker --wrap=guest_load -Xlinker --wrap=vm_enter_first
