# SPDX-License-Identifier: GPL-2.0-only
# hv.elf: the hypervisor, with the accounting and the machine compiled into it.

BUILD ?= build
CC ?= gcc
OBJCOPY ?= objcopy

HV_SOURCES := acct/exit_acct.c \
	$(addprefix hv/, start.S trap.S entry.S \
		main.c bootinfo.c guest.c console.c end.c trap.c \
		vmx.c intercept.c vmcs.c exit.c event.c cpuid.c cr.c instr.c task.c io.c msr.c \
		ept.c mem.c mmio.c dump.c) \
	$(addprefix machine/, load.c elf_image.c image.c bzimage.c multiboot.c handover.c \
		ebda.c mptable.c acpi.c ranges.c \
		uart.c pic.c cmos.c io.c lapic.c pit.c stamp.c com1.c text.c \
		msr.c mtrr.c cr.c cpuid.c task.c segment.c debug.c \
		insn.c insn_execute.c gmem.c) \
	$(addprefix vmcs/, names.c check.c breaks.c walk.c)
# trap.S and trap.c would share an object: assembly gets a name of its own.
# Page tables and stack come first in .bss, beside the code: of a machine with more
# than 2 GiB Bochs swaps out what is far from it.
HV_OBJECTS := $(patsubst %.S,$(BUILD)/hv/obj/%_asm.o,$(filter %.S,$(HV_SOURCES))) \
	$(patsubst %.c,$(BUILD)/hv/obj/%.o,$(filter %.c,$(HV_SOURCES)))

# -Os: the hot path is as short as with -O2, and hv stays small. Without
# SSE nothing needs more alignment than 8.
HV_FLAGS := -std=gnu11 -Os -g -Wall -Wextra -Werror -Iacct -Imachine -Ivmcs -Ihv -MMD -MP \
	-ffreestanding -fno-pic -mno-red-zone -mgeneral-regs-only -mcmodel=small \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -ffunction-sections -fdata-sections -malign-data=abi \
	-mpreferred-stack-boundary=3

$(BUILD)/hv/obj/%.o: %.c Makefile hv/hv.mk
	@mkdir -p $(@D)
	$(CC) $(HV_FLAGS) -c -o $@ $<

$(BUILD)/hv/obj/%_asm.o: %.S Makefile hv/hv.mk
	@mkdir -p $(@D)
	$(CC) $(HV_FLAGS) -c -o $@ $<

# hv.debug has the symbols; hv.elf is what is loaded. hv maps everything itself, so
# nothing in the file needs to begin at a page (--nmagic).
HV_LINK := -nostdlib -static -no-pie -Wl,--build-id=none,--gc-sections,-z,noexecstack,--nmagic \
	-Wl,-z,max-page-size=4096 -T linker.ld

$(BUILD)/hv/hv.debug: $(HV_OBJECTS) linker.ld
	$(CC) $(HV_LINK) -o $@ $(HV_OBJECTS)

$(BUILD)/hv/hv.elf: $(BUILD)/hv/hv.debug
	$(OBJCOPY) --strip-all $< $@

-include $(HV_OBJECTS:.o=.d)
