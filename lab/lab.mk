# SPDX-License-Identifier: GPL-2.0-only
# The coursework lab's guest (all but the shared one's own loop), its /init, judge and verdict.
$(BUILD)/lab/guest.elf: $(call objects,guest,lab/guest/main.c $(filter-out \
		$(patsubst %,guest/%.c,main total bad),$(GUEST_SOURCES))) guest/guest.ld
	$(call link,$(GUEST_LINK))
$(addprefix $(BUILD)/lab/,judge verdict vms): $(BUILD)/lab/%: $$(call objects,host, \
		$$(call all_in,lab lab/$$*) acct/exit_reasons.c tools/tool.c tools/emulator.c)
	$(call link,-static)
$(BUILD)/lab/vms: $(call objects,host,machine/line.c $(patsubst %,vmm/%.c,init log host))
LAB_PARTS := $(addprefix $(BUILD)/lab/,plain/bzImage guest.elf judge verdict vms \
	$(addsuffix /bzImage,$(filter kasan,$(or $(ONLY),kasan)))) # if it is run
$(BUILD)/lab/%/bzImage: lab/build lab/%.config $(UNPATCHED) ; lab/build base $* >&2
unexport SUBMISSION DIR # who named them is not who runs make: they are never expanded
hand_in = $(or $(value SUBMISSION),$(value DIR))
grade grade-acct grade-all: # the script of the goal's name
	@[ $(words $(subst $$,_ _,$(subst $() ,_,$(hand_in)))) = 1 ] || \
		{ echo 'SUBMISSION= or DIR=: no name, or a $$ or line end in it' >&2; exit 64; }
	$(call ready,grade,$(PARTS) $(wordlist 1,$(if $(filter %acct,$@),1,6),$(LAB_PARTS)))
	@lab/$@ $(call option,rubric,RUBRIC) $(call option,only,ONLY) '$(subst ','\'',$(hand_in))'
handout: ; @lab/pack $(BUILD)/handout.tar.xz
