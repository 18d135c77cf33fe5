# SPDX-License-Identifier: GPL-2.0-only
# The runner: a static program for any Linux with KVM, and the lab's /init.

RUNNER_OBJS := $(patsubst %,$(BUILD)/runner/%.o,main options log host files vm vcpu run \
	input dump stats trace init load bzimage ebda mptable acpi cpuid elf_image multiboot \
	image uart pic cmos io stamp exit_acct)
RUNNER_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Iacct -Imachine -Irunner

$(BUILD)/runner/%.o: runner/%.c runner/runner.mk
	@mkdir -p $(@D)
	$(CC) $(RUNNER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/runner/%.o: machine/%.c runner/runner.mk
	@mkdir -p $(@D)
	$(CC) $(RUNNER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/runner/%.o: acct/%.c runner/runner.mk
	@mkdir -p $(@D)
	$(CC) $(RUNNER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/runner/runner: $(RUNNER_OBJS)
	$(CC) -static -pthread -o $@ $(RUNNER_OBJS)

-include $(RUNNER_OBJS:.o=.d)
