# SPDX-License-Identifier: GPL-2.0-only
# Host tools.

COMPARE_OBJS := $(patsubst %,$(BUILD)/tools/%.o,compare log record table)
WITNESS_OBJS := $(patsubst %,$(BUILD)/tools/%.o,witness witness_count witness_read record exit_acct)
EXITS_DOC_OBJS := $(patsubst %,$(BUILD)/tools/%.o,exits_doc exits_text)
NESTING_OBJS := $(patsubst %,$(BUILD)/tools/%.o,nesting record exit_acct)
BENCH_OBJS := $(patsubst %,$(BUILD)/tools/%.o,bench bench_print record)
BOOT_REPORT_OBJS := $(patsubst %,$(BUILD)/tools/%.o,boot_report boot_read boot_derive boot_why \
	boot_text boot_charts boot_html boot_tables boot_figures boot_style record exit_acct)
AGREE_TOOL_OBJS := $(patsubst %,$(BUILD)/tools/%.o,agree agree_run agree_text agree_known)
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

$(BUILD)/tools/nesting: $(NESTING_OBJS)
	$(CC) -o $@ $(NESTING_OBJS)

$(AGREE): $(AGREE_TOOL_OBJS)
	$(CC) -o $@ $(AGREE_TOOL_OBJS)

$(BENCH): $(BENCH_OBJS)
	$(CC) -o $@ $(BENCH_OBJS)

$(BOOT_REPORT): $(BOOT_REPORT_OBJS)
	$(CC) -o $@ $(BOOT_REPORT_OBJS) -lm

$(BUILD)/tools/path: $(BUILD)/tools/path.o
	$(CC) -o $@ $<

$(SAID): $(BUILD)/tools/said.o $(BUILD)/tools/record.o
	$(CC) -o $@ $^

$(TERMINAL): $(BUILD)/tools/terminal.o
	$(CC) -o $@ $<

# It has the guest's rows compiled in.
$(BUILD)/tools/exits_doc.o: TOOLS_CFLAGS += -Iguest
$(EXITS_DOC): $(EXITS_DOC_OBJS)
	$(CC) -o $@ $(EXITS_DOC_OBJS)

-include $(sort $(COMPARE_OBJS:.o=.d) $(WITNESS_OBJS:.o=.d) $(BENCH_OBJS:.o=.d) \
	$(EXITS_DOC_OBJS:.o=.d) $(NESTING_OBJS:.o=.d) $(BOOT_REPORT_OBJS:.o=.d) \
	$(AGREE_TOOL_OBJS:.o=.d)) \
	$(BUILD)/tools/path.d $(TERMINAL).d $(SAID).d
