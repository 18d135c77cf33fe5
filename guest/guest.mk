# SPDX-License-Identifier: GPL-2.0-only
# The shared guest, one ELF64 with a PVH note, the same for every host; and what runs
# inside a Linux guest: exitstat, vmexit, and the initramfs that has them.

GUEST_SOURCES := $(filter-out acct/exit_names.c,$(call all_in,guest acct)) \
	$(addprefix machine/,com1.c option.c text.c)
guest_FLAGS := $(FREESTANDING) -O2 -mno-red-zone -mgeneral-regs-only -mcmodel=small
GUEST_LINK := $(FREESTANDING_LINK) -Wl,--no-warn-rwx-segments
$(GUEST_ELF): $(call objects,guest,$(GUEST_SOURCES)) guest/guest.ld guest acct
# The coursework lab's: all but the shared guest's own loop.
$(BUILD)/lab/guest.elf: $(call objects,guest,lab/guest/main.c $(filter-out \
	$(patsubst %,guest/%.c,main total bad),$(GUEST_SOURCES))) guest/guest.ld
$(LINUX)/exitstat: $(call objects,host,$(filter-out %/vmexit.c,$(call all_in,guest/linux acct)) \
	$(patsubst %,tools/%.c,detail log record tool)) guest/linux acct
$(LINUX)/vmexit: $(call objects,guest,guest/linux/vmexit.c)
$(GUEST_ELF) $(LINUX)/vmexit $(addprefix $(BUILD)/,lab/guest.elf tests/agree/agree.elf \
		tests/behaviour/behaviour.elf):
	$(call link,$(GUEST_LINK))

$(LINUX)/initrd.cpio: $(LINUX)/exitstat $(LINUX)/vmexit guest/linux/init guest/linux/initrd.sh
	guest/linux/initrd.sh $@ $(LINUX)/exitstat $(LINUX)/vmexit

# Up to 110 MB are fetched for each: nothing depends on one but what asks for it.
$(DEBIAN_KERNEL): guest/linux/debian.sh
	guest/linux/debian.sh $* $@
