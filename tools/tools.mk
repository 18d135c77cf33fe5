# SPDX-License-Identifier: GPL-2.0-only
# Host tools.

COMPARE_OBJS := $(patsubst %,$(BUILD)/tools/%.o,compare log table)
TOOLS_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Iacct -Imachine -Itools

$(BUILD)/tools/%.o: tools/%.c tools/tools.mk
	@mkdir -p $(@D)
	$(CC) $(TOOLS_CFLAGS) -MMD -MP -c -o $@ $<

$(COMPARE): $(COMPARE_OBJS)
	$(CC) -o $@ $(COMPARE_OBJS)

-include $(COMPARE_OBJS:.o=.d)
