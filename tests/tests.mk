# SPDX-License-Identifier: GPL-2.0-only
# Tests: one binary for each tests/unit/test_*.c, and the scripts tests/*.t.

UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/unit/%)
# Among them KVM without the patch, to compare with.
TEST_HELPERS := $(BUILD)/tests/badelf $(BUILD)/tests/debugfs $(BUILD)/linux-unpatched/bzImage \
	$(BUILD)/tests/hostile.elf
TESTS_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE \
	-fsanitize=address,undefined -fno-sanitize-recover=all -pthread \
	-Iacct -Imachine -Ivmcs -Ihv -Itools -Ilinux -Itests/unit
TEST_SCRIPTS := $(sort $(wildcard tests/*.t))

include tests/hostile/hostile.mk

# A test names the sources that it tests in a comment: /* units: a.c b.c */
units = $(shell sed -n 's,^/\* units: \(.*\) \*/$$,\1,p' tests/unit/$(notdir $1).c)
# And the libraries that it takes: /* libs: X Y */
libs = $(addprefix -l,$(shell sed -n 's,^/\* libs: \(.*\) \*/$$,\1,p' tests/unit/$(notdir $1).c))

.SECONDEXPANSION:
$(UNIT_TESTS): $(BUILD)/tests/unit/%: tests/unit/%.c $$(call units,$$*) tests/tests.mk
	@mkdir -p $(@D)
	@# -MMD would leave what the last of several sources depends on.
	@$(CC) $(TESTS_CFLAGS) -MM -MP -MT $@ $< $(call units,$*) >$@.d
	$(CC) $(TESTS_CFLAGS) -o $@ $< $(call units,$*) $(call libs,$*)

$(BUILD)/tests/badelf: tests/badelf.c tests/tests.mk
	@mkdir -p $(@D)
	$(CC) $(TESTS_CFLAGS) -MMD -MP -MF $@.d -o $@ $<

# Process 1 of the lab, as the runner is.
DEBUGFS_OBJS := $(patsubst %,$(BUILD)/runner/%.o,init log host stamp)
$(BUILD)/tests/debugfs: tests/debugfs.c $(DEBUGFS_OBJS) tests/tests.mk
	@mkdir -p $(@D)
	$(CC) $(RUNNER_CFLAGS) -static -MMD -MP -MF $@.d -o $@ $< $(DEBUGFS_OBJS)

-include $(UNIT_TESTS:=.d) $(TEST_HELPERS:=.d)
