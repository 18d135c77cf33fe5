# SPDX-License-Identifier: GPL-2.0-only
# The coursework lab's judge and verdict, and its /init: process 1, as the runner is.
$(addprefix $(BUILD)/lab/,judge verdict vms): $(BUILD)/lab/%: $$(call objects,host, \
	$$(call all_in,lab lab/$$*) acct/exit_reasons.c tools/tool.c tools/emulator.c)
$(BUILD)/lab/vms $(BUILD)/tests/debugfs: $(call objects,host,machine/line.c \
	$(patsubst %,vmm/%.c,init log host))

# What hand-ins are built upon: kernels without any change, one with KASAN and UBSAN if it is run.
LAB := $(TREE:$(BUILD)/linux%=$(BUILD)/lab%)
LAB_PARTS := $(LAB)/plain/bzImage $(addprefix $(BUILD)/lab/,guest.elf judge verdict vms) \
	$(patsubst kasan,$(LAB)/kasan/bzImage,$(filter kasan,$(or $(ONLY),kasan)))
$(LAB)/%/bzImage: lab/build lab/%.config $(UNPATCHED)
	lab/build base $* >&2

# Each goal is a script's name. Who named a hand-in is not who runs make: it is never expanded.
unexport SUBMISSION DIR
hand_in = $(or $(value SUBMISSION),$(value DIR))
grade grade-acct grade-all:
	@[ $(words $(subst $$,_ _,$(subst $() ,_,$(hand_in)))) = 1 ] || \
		{ echo 'SUBMISSION= or DIR=: no name, or a $$ or line end in it' >&2; exit 64; }
	$(call ready,grade,$(PARTS) $(wordlist 1,$(if $(filter %acct,$@),1,6),$(LAB_PARTS)))
	@lab/$@ $(call option,rubric,RUBRIC) $(call option,only,ONLY) '$(subst ','\'',$(hand_in))'

handout: ; @lab/pack $(BUILD)/handout.tar.xz
