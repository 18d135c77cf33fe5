# SPDX-License-Identifier: GPL-2.0-only
# Programs for Linux: the tools, and the runner, which is the lab's /init too.

host_FLAGS := -O2 -D_GNU_SOURCE -pthread

# What drives this computer's own COM1 is for those that have it to themselves.
RUNNER_SOURCES := $(filter-out machine/com1.c machine/text.c,$(call all_in,vmm machine acct))
$(RUNNER): $(call objects,host,$(RUNNER_SOURCES)) $(call folders,$(RUNNER_SOURCES))

# A tool is the file of its name, and what all of them share.
OWN := compare witness bench boot_report exits_doc nesting path said
SHARED := $(call all_in,acct) $(filter-out $(OWN:%=tools/%.c) tools/boot_%,$(wildcard tools/*.c))
$(OWN:%=$(TOOL)/%): $(TOOL)/%: $(call objects,host,tools/%.c $(SHARED))
$(TOOL)/boot_report: $(call objects,host,$(wildcard tools/boot_*.c)) tools
$(call objects,host,tools/boot_page.c): boot/boot-report.html
$(TOOL)/vmcs_check: $(call objects,host,tools/record.c tools/tool.c machine/text_nth.c \
	$(call all_in,hv/check hv/check/host) hv/vmx/caps.c hv/vmx/names.c hv/cpu/msr_values.c)
$(TOOL)/agree: $(call objects,host,$(call all_in,tests/agree/host)) tests/agree/host
$(TOOL)/terminal: $(call objects,host,boot/terminal.c)
TOOLS := $(addprefix $(TOOL)/,$(OWN) vmcs_check agree terminal)

# Static: they run in any Linux for x86-64, with nothing else in it.
$(TOOLS) $(RUNNER) $(LINUX)/exitstat $(addprefix $(BUILD)/,lab/judge lab/verdict lab/vms \
		tests/badelf tests/debugfs):
	$(call link,-static -pthread,-lm)

# What the outer hypervisor of MACHINE=nested runs: the QEMU that is installed here.
$(NESTED): boot/pack boot/lib.sh $(shell command -v qemu-system-x86_64)
	boot/pack $@
