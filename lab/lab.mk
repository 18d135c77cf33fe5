# SPDX-License-Identifier: GPL-2.0-only
# The coursework lab's guest (all but the shared one's own loop), its /init, judge and verdict.
$(BUILD)/lab/guest.elf: $(call objects,guest,lab/guest/main.c $(filter-out \
		$(patsubst %,guest/%.c,main total bad),$(GUEST_SOURCES))) guest/guest.ld
	$(call link,$(GUEST_LINK))
$(addprefix $(BUILD)/lab/,judge verdict vms): $(BUILD)/lab/%: $$(call objects,host, \
		$$(call all_in,lab lab/$$*) acct/exit_reasons.c tools/tool.c tools/emulator.c)
	$(call link,-static)
$(BUILD)/lab/vms: $(call objects,host,machine/line.c $(patsubst %,vmm/%.c,init log host))
