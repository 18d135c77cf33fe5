# SPDX-License-Identifier: GPL-2.0-only
# hv.elf: the hypervisor, with the accounting and the machine compiled into it.

# Page tables and stack come first in .bss, beside the code: of a machine with more
# than 2 GiB Bochs swaps out what is far from it.
HV_SOURCES := hv/boot/start.S $(filter-out hv/boot/start.S acct/exit_kvm.c acct/exit_names.c, \
	$(call all_in,hv/boot hv/smp hv/vmx hv/exit hv/cpu machine acct))
HV_OBJECTS := $(call objects,hv,$(HV_SOURCES))
# -Oz without what makes it longer; -Os on the path of an exit. Without SSE no alignment to 16.
LONGER := tree-forwprop expensive-optimizations if-conversion
hv_FLAGS := $(FREESTANDING) -Oz $(LONGER:%=-fno-%) -mno-red-zone -mgeneral-regs-only \
	-fno-strict-aliasing -fno-tree-dominator-opts -fno-jump-tables -ffunction-sections \
	-fdata-sections -malign-data=abi -mpreferred-stack-boundary=3 -Wno-unused-parameter
$(BUILD)/obj/hv/hv/exit/% $(patsubst %,$(BUILD)/obj/hv/%.c.o,machine/cpuid \
	$(addprefix hv/cpu/,cr_rules gmem lapic msr_values)): hv_FLAGS += -Os $(LONGER:%=-f%)
HV_LINK := $(FREESTANDING_LINK) -Wl,--gc-sections,--nmagic # it maps itself: no page alignment

# hv.debug has the symbols; hv.elf is what is loaded; hv.sources names every file of ours
# that is compiled into it, so that its size can be counted. So it is for its kin in tests/.
$(BUILD)/hv/hv.debug: $(HV_OBJECTS) $(call folders,$(HV_SOURCES))
%.debug: linker.ld
	$(call link,$(HV_LINK))
	@cat $(patsubst %.o,%.d,$(filter $(BUILD)/obj/%.o,$^)) | tr ' ' '\n' | \
		grep '\.[chS]$$' | LC_ALL=C sort -u >$*.sources
%.elf: %.debug
	objcopy --strip-all $< $@
