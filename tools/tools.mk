# SPDX-License-Identifier: GPL-2.0-only
# Host tools.

COMPARE_OBJS := $(patsubst %,$(BUILD)/tools/%.o,compare log record table)
WITNESS_OBJS := $(patsubst %,$(BUILD)/tools/%.o,witness witness_count witness_read record exit_acct)
EXITS_DOC_OBJS := $(patsubst %,$(BUILD)/tools/%.o,exits_doc exits_text)
BENCH_OBJS := $(patsubst %,$(BUILD)/tools/%.o,bench bench_print record)
TOOLS_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Iacct -Imachine -Itools

$(BUILD)/tools/%.o: tools/%.c tools/tools.mk
	@mkdir -p $(@D)
	$(CC) $(TOOLS_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tools/%.o: acct/%.c tools/tools.mk
	@mkdir -p $(@D)
	$(CC) $(TOOLS_CFLAGS) -MMD -MP -c -o $@ $<

$(COMPARE): $(COMPARE_OBJS)
	$(CC) -o $@ $(COMPARE_OBJS)

$(WITNESS): $(WITNESS_OBJS)
	$(CC) -o $@ $(WITNESS_OBJS)

$(BENCH): $(BENCH_OBJS)
	$(CC) -o $@ $(BENCH_OBJS)

$(BUILD)/tools/path: $(BUILD)/tools/path.o
	$(CC) -o $@ $<

# It has the guest's rows compiled in.
$(BUILD)/tools/exits_doc.o: TOOLS_CFLAGS += -Iguest
$(EXITS_DOC): $(EXITS_DOC_OBJS)
	$(CC) -o $@ $(EXITS_DOC_OBJS)

-include $(sort $(COMPARE_OBJS:.o=.d) $(WITNESS_OBJS:.o=.d) $(BENCH_OBJS:.o=.d) \
	$(EXITS_DOC_OBJS:.o=.d)) $(BUILD)/tools/path.d
