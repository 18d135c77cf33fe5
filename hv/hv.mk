# SPDX-License-Identifier: GPL-2.0-only
# hv.elf: the hypervisor, with the accounting and the machine compiled into it.

# Page tables and stack come first in .bss, beside the code: of a machine with more
# than 2 GiB Bochs swaps out what is far from it.
HV_SOURCES := hv/boot/start.S $(filter-out hv/boot/start.S, \
	$(call all_in,hv/boot hv/smp hv/vmx hv/exit hv/cpu machine acct))
HV_OBJECTS := $(call objects,hv,$(HV_SOURCES))

# -Oz, but for what is on the path of each exit: there -Os is as short as -O2. No jump is followed
# into a copy of where it leads, or read from a table. Without SSE nothing is aligned to 16.
hv_FLAGS := $(FREESTANDING) -Oz -mno-red-zone -mgeneral-regs-only -mcmodel=small \
	-fno-strict-aliasing -fno-tree-dominator-opts -fno-jump-tables -ffunction-sections \
	-fdata-sections -malign-data=abi -mpreferred-stack-boundary=3 -Wno-unused-parameter
$(addprefix $(BUILD)/obj/hv/,hv/exit/% hv/cpu/% machine/cpuid%): hv_FLAGS += -Os
HV_LINK := $(FREESTANDING_LINK) -Wl,--gc-sections,--nmagic # it maps itself: no page alignment

# hv.debug has the symbols; hv.elf is what is loaded; `sources' names every file of ours
# that is compiled into it, so that its size can be counted.
$(BUILD)/hv/hv.debug: $(HV_OBJECTS) linker.ld $(call folders,$(HV_SOURCES))
	$(call link,$(HV_LINK))
	@cat $(HV_OBJECTS:.o=.d) | tr ' ' '\n' | grep '\.[chS]$$' | LC_ALL=C sort -u >$(@D)/sources

%.elf: %.debug
	objcopy --strip-all $< $@
