# SPDX-License-Identifier: GPL-2.0-only
# Programs for a host's Linux: the tools, and the runner, which is the lab's /init too.

host_FLAGS := -O2 -D_GNU_SOURCE -pthread

# What drives this computer's own COM1 is for those that have it to themselves.
RUNNER_SOURCES := $(filter-out machine/com1.c machine/text.c,$(call all_in,vmm machine acct))

$(RUNNER): $(call objects,host,$(RUNNER_SOURCES)) $(call folders,$(RUNNER_SOURCES))
	$(call link,-static -pthread)

tool = $(patsubst %,$(BUILD)/obj/host/tools/%.c.o,$1)
reader = $(call tool,$1 log record table tool) $(call objects,host,acct/exit_reasons.c)

$(TOOL)/compare $(TOOL)/bench: $(TOOL)/%: $(call tool,%) $(call reader,)
$(TOOL)/witness $(TOOL)/nesting: $(TOOL)/%: $(call tool,%) $(call reader,emulator)
$(TOOL)/boot_report: $(call reader,boot_report boot_read boot_derive boot_tables \
	boot_html boot_page boot_charts)
$(call tool,boot_page): boot/boot-report.html
$(TOOL)/exits_doc $(TOOL)/path $(TOOL)/said: $(TOOL)/%: $(call tool,% record tool)
$(TOOL)/vmcs_check: $(call tool,record tool) $(call objects,host,machine/text_nth.c \
	$(call all_in,hv/check hv/check/host) hv/vmx/caps.c hv/vmx/names.c hv/cpu/msr_values.c)
$(TOOL)/agree: $(call objects,host,$(call all_in,tests/agree/host))
$(TOOL)/terminal: $(call objects,host,boot/terminal.c)
$(TOOLS):
	$(call link,,-lm)

# What the outer hypervisor of MACHINE=nested runs: the QEMU that is installed here.
$(NESTED): boot/pack boot/lib.sh $(shell command -v qemu-system-x86_64)
	boot/pack $@
