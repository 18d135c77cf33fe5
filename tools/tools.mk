# SPDX-License-Identifier: GPL-2.0-only
# Programs for a host's Linux: the tools, and the runner, which is the lab's /init too.

host_FLAGS := -O2 -D_GNU_SOURCE -pthread

tool = $(patsubst %,$(BUILD)/obj/host/tools/%.c.o,$1)
ACCT := $(call objects,host,acct/exit_acct.c)
RUNNER_SOURCES := $(patsubst %,vmm/%.c,main options log host files vm vcpu run input dump \
	stats trace init) \
	$(patsubst %,machine/%.c,load bzimage ebda mptable acpi cpuid elf_image multiboot image \
	uart pic cmos io stamp) acct/exit_acct.c

$(RUNNER): $(call objects,host,$(RUNNER_SOURCES))
	$(call link,-static -pthread)

$(COMPARE): $(call tool,compare log record table)
$(WITNESS): $(call tool,witness witness_count witness_read record) $(ACCT)
$(EXITS_DOC): $(call tool,exits_doc exits_text)
$(NESTING): $(call tool,nesting record) $(ACCT)
$(BENCH): $(call tool,bench bench_print record)
$(BOOT_REPORT): $(call tool,boot_report boot_read boot_derive boot_why boot_text boot_charts \
	boot_html boot_tables boot_figures boot_style record) $(ACCT)
$(AGREE): $(call tool,agree agree_run agree_part agree_text agree_known)
$(TRACE_PATH): $(call tool,path)
$(SAID): $(call tool,said record)
$(TERMINAL): $(call tool,terminal)
$(TOOLS):
	$(call link,,-lm)

# What the outer hypervisor of MACHINE=nested runs: the QEMU that is installed here.
$(NESTED): boot/pack boot/lib.sh $(shell command -v qemu-system-x86_64)
	boot/pack $@
