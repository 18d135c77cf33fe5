# SPDX-License-Identifier: GPL-2.0-only
# One guest on two hypervisors that count its VM exits. `make help' prints docs/make.txt,
# where every goal and variable is explained; the folders' own rules are in their fragments.

BUILD := build
# Without what KVM cannot do, and what a hypervisor does otherwise by its nature.
OPS ?= -hard,-other
# The folder's scripts look here too; they have the defaults of what is not set.
export BUILD MACHINE CPUS NO_INSTALL LINUX_SRC KERNEL

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help all compare witness agree bench boot-report docs linux-guest debian-kernel built
.PHONY: run-hv run-kvm kernel kernel-unpatched kernel-objects modules load unload clean distclean
.PHONY: grade grade-acct grade-all handout test test-lab test-kernels other-source

HV := $(BUILD)/hv/hv.elf
GUEST_ELF := $(BUILD)/guest/guest.elf
RUNNER := $(BUILD)/vmm/runner
TREE := $(patsubst %-6.12,%,$(BUILD)/linux$(KERNEL:%=-%))
BZIMAGE := $(TREE)/bzImage
UNPATCHED := $(TREE)-unpatched/bzImage
LINUX := $(BUILD)/linux-guest
DEBIAN_KERNEL := $(LINUX)/debian-%.bzImage
TOOL := $(BUILD)/tools
# The QEMU that MACHINE=nested runs on the lab's kernel.
NESTED := $(BUILD)/nested/qemu.cpio
nested = $(if $(filter nested,$(MACHINE)),$(NESTED))
PARTS = $(HV) $(GUEST_ELF) $(RUNNER) $(BZIMAGE) $(TOOLS)

# A source becomes an object by its kind: hv is of hv.elf, guest of a guest, host of a program
# for Linux, sanitized of a unit test. $(call objects,KIND,SOURCES) are the objects.
FLAGS := -std=gnu11 -g -Wall -Wextra -Werror -iquote .
FREESTANDING := -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables
FREESTANDING_LINK := -nostdlib -static -no-pie -Wl,--build-id=none,-z,noexecstack \
	-Wl,-z,max-page-size=4096
objects = $(patsubst %,$(BUILD)/obj/$1/%.o,$2)
# $(call all_in,FOLDERS): every source there. What is made of them all depends on the
# $(call folders,SOURCES) too: one is newer when a file has come or gone.
all_in = $(sort $(wildcard $(addsuffix /*.[cS],$1)))
folders = $(sort $(patsubst %/,%,$(dir $1)))
# $(call link,OPTIONS,LIBRARIES): the objects that the target depends on, by its script if any.
define link
	@mkdir -p $(@D)
	$(CC) $1 $(patsubst %,-T %,$(filter %.ld,$^)) -o $@ $(filter %.o,$^) $2
endef

.SECONDEXPANSION:
include hv/hv.mk guest/guest.mk kvm-patch/kernel.mk tools/tools.mk lab/lab.mk tests/tests.mk
kind = $(firstword $(subst /, ,$*))
source = $(patsubst $(kind)/%,%,$*)
$(BUILD)/obj/%.o: $$(source) $(MAKEFILE_LIST)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $($(kind)_FLAGS) -MMD -MP -c -o $@ $<
-include $(shell [ ! -d $(BUILD)/obj ] || find $(BUILD)/obj -name '*.d')

# $(call ready,PURPOSE,FILES): a goal installs what it misses, and builds with what that says
# on stderr; then it runs.
define ready
	@boot/setup $1 </dev/null
	+@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) \
		built WANTED='$2' </dev/null >&2
endef
option = $(if $($2),--$1 '$($2)')
run_options = $(call option,leaves,LEAVES) $(call option,report,REPORT_EVERY) \
	$(call option,mem,MEM) $(call option,cmdline,CMDLINE) $(call option,append,APPEND) \
	$(call option,initrd,INITRD) $(if $(INPUT),--input)

help: ; @cat docs/make.txt

built: $(WANTED) ; @:

all:
	$(call ready,build,$(PARTS))

compare:
	$(call ready,compare,$(PARTS))
	@boot/compare $(BUILD)/compare $(GUEST_ELF) $(call option,mode,MODE) $(run_options)

witness:
	$(call ready,witness,$(PARTS) $(nested))
	@boot/witness $(BUILD)/witness '$(or $(GUEST),$(GUEST_ELF))' $(run_options)

agree:
	$(call ready,compare,$(PARTS) $(BUILD)/tests/agree/agree.elf $(BUILD)/tests/hostile.elf)
	@boot/agree $(BUILD)/agree $(BUILD)/tests/agree/agree.elf $(call option,seed,SEED) \
		$(call option,n,N) $(call option,ops,OPS) $(call option,modes,MODES); agree=$$?; \
	boot/hostile $(BUILD)/hostile $(call option,seed,SEED) $(call option,images,HOSTILE) && \
		exit $$agree

bench:
	$(call ready,bench,$(PARTS) $(UNPATCHED) $(NESTED))
	@boot/bench $(BUILD)/bench $(GUEST_ELF)
	@boot/nesting $(BUILD)/bench/nesting $(GUEST_ELF) '$(BENCH_ROWS)'

boot-report:
	$(call ready,boot-report,$(PARTS) $(LINUX)/initrd.cpio)
	@boot/boot-report $(BUILD)/boot-report $(BZIMAGE) $(LINUX)/initrd.cpio

# With the kernel's tree at hand, what the page says of KVM is checked against it.
docs:
	$(call ready,build,$(TOOLS))
	@$(TOOL)/exits_doc docs/exits.in hv/exit/exit.c hv/vmx/intercept.c \
		$(wildcard $(BUILD)/linux/pristine/arch/x86/kvm/vmx/vmx.c) >$(BUILD)/exits.md
	@mv $(BUILD)/exits.md docs/exits.md

linux-guest:
	$(call ready,linux,$(LINUX)/initrd.cpio)

debian-kernel:
	$(call ready,,$(patsubst %,$(DEBIAN_KERNEL),$(or $(DEBIAN),bookworm-amd64)))

# What is named as a guest is built if it is ours. make ends with 2 whenever a recipe fails,
# and prints the recipe's own code: a script that wants the guest's code calls boot/run.
run-hv run-kvm: run-%:
	@[ -n '$(GUEST)' ] || { echo 'name a guest: make $@ GUEST=x.elf' >&2; exit 64; }
	$(call ready,compare $(if $(INITRD),linux),$(PARTS) $(nested) \
		$(filter $(BUILD)/%,$(GUEST) $(INITRD)))
	@boot/run $* --out $(BUILD)/run $(run_options) '$(GUEST)'

# Whatever version KVM is of, the Linux that some tests boot is 6.12.
test test-lab:
	$(call ready,test,$(PARTS) $(UNPATCHED) $(NESTED) $(LINUX)/initrd.cpio $(UNIT_TESTS) \
		$(TEST_HELPERS))
	@[ -f $(BUILD)/linux/bzImage ] || LINUX_SRC= KERNEL=6.12 kvm-patch/build.sh patched >&2
	@prove -j 2 --timer --exec '' $(or $(T),$(TESTS))

test-kernels: ; @tests/kernels.sh $(KERNEL)

# What took long to get stays: the kernels' trees, fetched packages, fresh systems.
clean:
	rm -rf $(LINUX) $(filter-out $(BUILD)/linux% %/packages %/fresh,$(wildcard $(BUILD)/*))

distclean: ; rm -rf $(BUILD)
