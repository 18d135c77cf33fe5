# SPDX-License-Identifier: GPL-2.0-only
# The guest of behaviour.t: named cases, run by what runs the sequences of `make agree'.

BEHAVIOUR_ELF := $(BUILD)/tests/behaviour/behaviour.elf
BEHAVIOUR_OBJS := $(patsubst %,$(BUILD)/tests/behaviour/%.o,main before memory system) \
	$(patsubst %,$(AGREE_DIR)/%.o,start legacy console run modes trap64 trap32 text)

$(BUILD)/tests/behaviour/%.o: tests/behaviour/%.c tests/behaviour/behaviour.mk
	@mkdir -p $(@D)
	$(CC) $(AGREE_CFLAGS) $(AGREE_64) -MMD -MP -c -o $@ $<

$(BUILD)/tests/behaviour/%.o: tests/behaviour/%.S tests/behaviour/behaviour.mk
	@mkdir -p $(@D)
	$(CC) $(AGREE_CFLAGS) $(AGREE_64) -MMD -MP -c -o $@ $<

$(BEHAVIOUR_ELF): $(BEHAVIOUR_OBJS) tests/behaviour/behaviour.ld
	$(CC) -nostdlib -static -no-pie -Wl,-T,tests/behaviour/behaviour.ld -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096,--no-warn-rwx-segments -o $@ $(BEHAVIOUR_OBJS)

-include $(BEHAVIOUR_OBJS:.o=.d)
