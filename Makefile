# SPDX-License-Identifier: GPL-2.0-only
# One guest on two hypervisors that count its VM exits. `make help` lists what
# there is; the folders' own rules are in their fragments, included below.

BUILD := build
MACHINE ?= auto
LEAVES ?= default
MODE ?= ept
REPORT_EVERY ?= 10000
MEM ?=
CMDLINE ?=
INITRD ?=
INPUT ?=
APPEND ?=
DEBIAN ?= bookworm-amd64
SEED ?= 1
N ?= 20000
HOSTILE ?= 200
# Without what KVM cannot do, and what a hypervisor does otherwise by its nature.
OPS ?= -hard,-other
MODES ?=
NO_INSTALL ?= 0
# The folder's scripts and the tests look here too.
export BUILD MACHINE NO_INSTALL

.DELETE_ON_ERROR:
.PHONY: help all compare witness agree bench docs linux-guest debian-kernel run-hv run-kvm
.PHONY: boot-report guest-named built test clean distclean
.DEFAULT_GOAL := help

HV := $(BUILD)/hv/hv.elf
GUEST_ELF := $(BUILD)/guest/guest.elf
RUNNER := $(BUILD)/vmm/runner
KERNEL := $(BUILD)/linux/bzImage
EXITSTAT := $(BUILD)/linux-guest/exitstat
VMEXIT := $(BUILD)/linux-guest/vmexit
LINUX_INITRD := $(BUILD)/linux-guest/initrd.cpio
DEBIAN_KERNEL := $(BUILD)/linux-guest/debian-%.bzImage
AGREE_ELF := $(BUILD)/tests/agree/agree.elf
BEHAVIOUR_ELF := $(BUILD)/tests/behaviour/behaviour.elf
HOSTILE_ELF := $(BUILD)/tests/hostile.elf
COMPARE := $(BUILD)/tools/compare
WITNESS := $(BUILD)/tools/witness
BENCH := $(BUILD)/tools/bench
BOOT_REPORT := $(BUILD)/tools/boot_report
EXITS_DOC := $(BUILD)/tools/exits_doc
NESTING := $(BUILD)/tools/nesting
TRACE_PATH := $(BUILD)/tools/path
AGREE := $(BUILD)/tools/agree
TERMINAL := $(BUILD)/tools/terminal
SAID := $(BUILD)/tools/said
TOOLS := $(COMPARE) $(WITNESS) $(BENCH) $(BOOT_REPORT) $(EXITS_DOC) $(NESTING) $(TRACE_PATH) \
	$(AGREE) $(TERMINAL) $(SAID)
# The QEMU that MACHINE=nested runs on the lab's kernel.
NESTED := $(BUILD)/nested/qemu.cpio
nested = $(if $(filter nested,$(MACHINE)),$(KERNEL) $(NESTED))
PARTS := $(HV) $(GUEST_ELF) $(RUNNER) $(KERNEL) $(COMPARE) $(WITNESS) $(SAID)
BENCH_PARTS := $(BENCH) $(TRACE_PATH) $(NESTING) $(NESTED) $(BUILD)/linux-unpatched/bzImage

# A source becomes an object by its kind: hv is of hv.elf, guest of a guest, host of a program
# for Linux, sanitized of a unit test. $(call objects,KIND,SOURCES) are the objects.
CC ?= gcc
OBJCOPY ?= objcopy
FLAGS := -std=gnu11 -g -Wall -Wextra -Werror -iquote .
FREESTANDING := -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables
objects = $(patsubst %,$(BUILD)/obj/$1/%.o,$2)
define link
	@mkdir -p $(@D)
	$(CC) $1 -o $@ $(filter %.o,$^) $2
endef
define link_guest
	@mkdir -p $(@D)
	$(CC) $(GUEST_LINK) -Wl,-T,$(filter %.ld,$^) -o $@ $(filter %.o,$^)
endef
define kind
$(BUILD)/obj/$1/%.o: % $2
	@mkdir -p $$(@D)
	$$(CC) $$(FLAGS) $$($1_FLAGS) -MMD -MP -c -o $$@ $$<
endef
$(eval $(call kind,hv,hv/hv.mk))
$(eval $(call kind,guest,guest/guest.mk))
$(eval $(call kind,host,tools/tools.mk))
$(eval $(call kind,sanitized,tests/tests.mk))

include hv/hv.mk guest/guest.mk kvm-patch/kernel.mk tools/tools.mk tests/tests.mk
-include $(shell [ ! -d $(BUILD)/obj ] || find $(BUILD)/obj -name '*.d')

# A goal installs what it misses, builds with what it says on stderr, then runs.
parallel = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
build = @$(MAKE) --no-print-directory $(parallel) built WANTED='$1' </dev/null >&2
run_options = --leaves '$(LEAVES)' --report '$(REPORT_EVERY)' $(if $(MEM),--mem '$(MEM)') \
	--cmdline '$(or $(APPEND),$(CMDLINE))' $(if $(INITRD),--initrd '$(INITRD)') \
	$(if $(INPUT),--input)

built: $(WANTED)
	@:

all:
	@boot/setup build
	$(call build,$(PARTS))

compare:
	@boot/setup compare
	$(call build,$(PARTS))
	@boot/compare $(BUILD)/compare $(GUEST_ELF) --mode '$(MODE)' $(run_options)

witness:
	@boot/setup witness
	$(call build,$(PARTS) $(nested))
	@boot/witness $(BUILD)/witness '$(or $(GUEST),$(GUEST_ELF))' $(run_options)

agree:
	@boot/setup compare
	$(call build,$(PARTS) $(AGREE) $(AGREE_ELF) $(HOSTILE_ELF))
	@boot/agree $(BUILD)/agree $(AGREE_ELF) --seed '$(SEED)' --n '$(N)' --ops '$(OPS)' \
		--modes '$(MODES)'; agree=$$?; \
	boot/hostile $(BUILD)/hostile --seed '$(SEED)' --images '$(HOSTILE)'; hostile=$$?; \
	exit $$((agree > hostile ? agree : hostile))

bench:
	@boot/setup bench
	$(call build,$(PARTS) $(BENCH_PARTS))
	@boot/bench $(BUILD)/bench $(GUEST_ELF)
	@boot/nesting $(BUILD)/bench/nesting $(GUEST_ELF) '$(BENCH_ROWS)'

boot-report:
	@boot/setup boot-report
	$(call build,$(HV) $(RUNNER) $(KERNEL) $(SAID) $(LINUX_INITRD) $(BOOT_REPORT))
	@boot/boot-report $(BUILD)/boot-report $(KERNEL) $(LINUX_INITRD)

# With the kernel's tree at hand, what the page says of KVM is checked against it.
docs:
	@boot/setup build
	$(call build,$(EXITS_DOC))
	@$(EXITS_DOC) hv/exit/exit.c hv/vmx/intercept.c \
		$(wildcard $(BUILD)/linux/pristine/arch/x86/kvm/vmx/vmx.c) >$(BUILD)/exits.md
	@mv $(BUILD)/exits.md docs/exits.md

linux-guest:
	@boot/setup linux
	$(call build,$(LINUX_INITRD))

debian-kernel:
	$(call build,$(DEBIAN:%=$(DEBIAN_KERNEL)))

# What is named as a guest is built if it is ours.
guest_parts = $(filter $(GUEST_ELF) $(KERNEL) $(LINUX_INITRD) $(DEBIAN_KERNEL),$(GUEST) $(INITRD))

# make ends with 2 whenever a recipe fails, and prints the recipe's own code. A
# script that wants the guest's code calls boot/run.
run-hv: guest-named
	@boot/setup compare $(if $(INITRD),linux) </dev/null
	$(call build,$(HV) $(SAID) $(if $(INPUT),$(TERMINAL)) $(guest_parts) $(nested))
	@boot/run hv --out $(BUILD)/run $(run_options) '$(GUEST)'

run-kvm: guest-named
	@boot/setup compare $(if $(INITRD),linux) </dev/null
	$(call build,$(RUNNER) $(KERNEL) $(SAID) $(if $(INPUT),$(TERMINAL)) $(guest_parts))
	@boot/run kvm --out $(BUILD)/run $(run_options) '$(GUEST)'

guest-named:
	@[ -n '$(GUEST)' ] || { echo 'name a guest: make run-hv GUEST=x.elf' >&2; exit 64; }

# T=tests/x.t runs one of them.
test:
	@boot/setup test
	$(call build,$(PARTS) $(TOOLS) $(BENCH_PARTS) $(LINUX_INITRD) $(UNIT_TESTS) $(TEST_HELPERS))
	@prove -j 2 --timer --exec '' $(or $(T),$(TEST_SCRIPTS) $(UNIT_TESTS))

# What took long to get stays: the kernels' trees and fetched packages.
clean:
	rm -rf $(filter-out $(addprefix $(BUILD)/,linux linux-unpatched packages), \
		$(wildcard $(BUILD)/*))

distclean:
	rm -rf $(BUILD)

define help
make compare          run the shared guest on hv and on patched KVM, print the table,
                      leave logs, table, CSV and JSON in $(BUILD)/compare/
make witness [GUEST=x]  check our counts of VM exits against the emulator's log and
                      KVM's tracepoint, exit for exit; on qemu (as root) and nested
                      against what the KVM under QEMU handed to hv
make agree [SEED=S N=n]  run n sequences of instructions from a seed on the bare emulated
                      processor, on hv, on hv with every intercept and on KVM, and
                      print the smallest ones on which they differ (docs/agree.md);
                      then HOSTILE=n guests that attack hv (docs/hostile.md)
make bench            time every row on hv and on KVM unpatched, patched and traced:
                      table, CSV and chart in $(BUILD)/bench/ (some minutes); then count
                      what each exit costs the hypervisor under a nested hv
make boot-report      boot a Linux on both in several ways, explain its exits: a page
                      with charts, $(BUILD)/boot-report.html (some minutes)
make run-hv GUEST=x   run a PVH ELF, Multiboot image or bzImage on hv; COM1 on stdout
make run-kvm GUEST=x  the same on patched KVM
make linux-guest      exitstat and an initramfs for a Linux guest, in $(BUILD)/linux-guest/
make debian-kernel    a kernel that Debian installs, fetched, as a guest: debian-*.bzImage there
make test             every test
make all              build everything, run nothing
make docs             write docs/exits.md: every exit reason, and who does what with it
make clean            remove what was built, but for the kernels
make distclean        remove those too

MACHINE=auto|bochs|qemu|nested  where to run; auto: qemu where KVM gives guests VMX, else
                                bochs; nested: of run-hv and witness, qemu on the lab's
                                KVM in Bochs
LEAVES=default|s21|f21|f22      map of the CPUID leaves
MODE=ept|shadow                 of compare; shadow: KVM without EPT, hv with the
                                intercepts that this brings
REPORT_EVERY=N                  exits between two reports, 0: never (default 10000)
MEM=MIB                         memory of the guest (default 64, of a bzImage 128)
CMDLINE='word word'             command line of the guest; APPEND= is the same
INITRD=FILE                     initrd of a bzImage, module of a Multiboot image
DEBIAN=SUITE-FLAVOUR            of debian-kernel: trixie-cloud, bookworm-rt (default
                                bookworm-amd64)
INPUT=1                         type at the guest, or pipe to it (Bochs): stdin is its COM1
BENCH_BOOTS=N BENCH_ROUNDS=N    boots of each, samples of a row in a boot (10, 3)
NO_INSTALL=1                    print the command that installs what is missing

boot/run --help tells more about one run. Everything that is missing is installed
with apt-get; messages go to stderr, results to stdout.
endef
export help
help:
	@printf '%s\n' "$$help"
