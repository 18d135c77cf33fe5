# SPDX-License-Identifier: GPL-2.0-only
# hv.elf: the hypervisor, with the accounting and the machine compiled into it.

# Page tables and stack come first in .bss, beside the code: of a machine with more
# than 2 GiB Bochs swaps out what is far from it.
HV_SOURCES := hv/boot/start.S \
	hv/boot/trap.S \
	hv/vmx/entry.S \
	acct/exit_acct.c \
	$(addprefix hv/, \
		boot/main.c \
		boot/bootinfo.c \
		boot/guest.c \
		boot/console.c \
		exit/end.c \
		boot/trap.c \
		vmx/vmx.c \
		vmx/intercept.c \
		vmx/vmcs.c \
		exit/exit.c \
		exit/event.c \
		exit/cpuid.c \
		exit/cr.c \
		exit/instr.c \
		exit/task.c \
		exit/io.c \
		exit/msr.c \
		exit/ept.c \
		exit/mem.c \
		exit/mmio.c \
		exit/dump.c) \
	$(addprefix machine/, \
		load.c \
		elf_image.c \
		image.c \
		bzimage.c \
		multiboot.c) \
	hv/boot/handover.c \
	$(addprefix machine/, \
		ebda.c \
		mptable.c \
		acpi.c) \
	hv/boot/ranges.c \
	$(addprefix machine/, \
		uart.c \
		pic.c \
		cmos.c \
		io.c) \
	hv/cpu/lapic.c \
	hv/cpu/pit.c \
	$(addprefix machine/, \
		stamp.c \
		com1.c \
		text.c) \
	$(addprefix hv/cpu/, \
		msr_values.c \
		mtrr.c \
		cr_rules.c) \
	machine/cpuid.c \
	$(addprefix hv/cpu/, \
		task_switch.c \
		segment.c \
		debug.c \
		insn.c \
		insn_execute.c \
		gmem.c) \
	$(addprefix hv/vmx/, \
		names.c \
		check.c \
		breaks.c \
		walk.c)
HV_OBJECTS := $(call objects,hv,$(HV_SOURCES))

# -Os: the hot path is as short as with -O2, and hv stays small. Without
# SSE nothing needs more alignment than 8.
hv_FLAGS := $(FREESTANDING) -Os -mno-red-zone -mgeneral-regs-only -mcmodel=small \
	-fno-strict-aliasing -ffunction-sections -fdata-sections -malign-data=abi \
	-mpreferred-stack-boundary=3
# hv maps everything itself, so nothing in the file needs to begin at a page (--nmagic).
HV_LINK := -nostdlib -static -no-pie -Wl,--build-id=none,--gc-sections,-z,noexecstack,--nmagic \
	-Wl,-z,max-page-size=4096 -T linker.ld

# hv.debug has the symbols; hv.elf is what is loaded; `sources' names every file of ours
# that is compiled into it, so that its size can be counted.
$(BUILD)/hv/hv.debug: $(HV_OBJECTS) linker.ld
	@mkdir -p $(@D)
	@cat $(HV_OBJECTS:.o=.d) | tr ' ' '\n' | grep '\.[chS]$$' | LC_ALL=C sort -u >$(@D)/sources
	$(CC) $(HV_LINK) -o $@ $(HV_OBJECTS)

$(HV): $(BUILD)/hv/hv.debug
	$(OBJCOPY) --strip-all $< $@
