# SPDX-License-Identifier: GPL-2.0-only
# The coursework lab's guest (all but the shared one's own loop), the judge and the verdict.
$(BUILD)/lab/guest.elf: $(call objects,guest,lab/guest/main.c $(filter-out \
		$(patsubst %,guest/%.c,main total bad),$(GUEST_SOURCES))) guest/guest.ld
	$(call link,$(GUEST_LINK))

$(BUILD)/lab/judge $(BUILD)/lab/verdict: $(BUILD)/lab/%: $$(call objects,host,acct/exit_reasons.c \
		tools/tool.c tools/emulator.c $$(call all_in,lab lab/$$*))
	$(call link)
