# SPDX-License-Identifier: GPL-2.0-only
# The shared guest, one ELF64 with a PVH note, the same for every host; and what runs
# inside a Linux guest: exitstat, vmexit, and the initramfs that has them.

GUEST_SOURCES := $(addprefix guest/,start.S main.c rows.c ops_cpu.c ops_quiet.c ops_io.c \
	ops_event.c ops_task.c leafmap.c leaves.c modes.c modes_entry.S measure.c total.c bad.c \
	trap.c end.c) machine/com1.c machine/text.c acct/exit_acct.c
EXITSTAT_SOURCES := $(patsubst %,guest/linux/%.c,exitstat leaves check show live command) \
	acct/exit_acct.c

guest_FLAGS := $(FREESTANDING) -O2 -mno-red-zone -mgeneral-regs-only -mcmodel=small
# Guests that a script of theirs places.
GUEST_LINK := -nostdlib -static -no-pie -Wl,--build-id=none,-z,max-page-size=4096 \
	-Wl,-z,noexecstack,--no-warn-rwx-segments

$(GUEST_ELF): $(call objects,guest,$(GUEST_SOURCES)) guest/guest.ld
	$(link_guest)

# Static: it runs in any Linux for x86-64, with nothing else in it.
$(EXITSTAT): $(call objects,host,$(EXITSTAT_SOURCES))
	$(call link,-static -s)

$(VMEXIT): $(call objects,guest,guest/linux/vmexit.c)
	$(CC) -nostdlib -static -no-pie -s -Wl,--build-id=none,-z,noexecstack -o $@ $^

$(LINUX_INITRD): $(EXITSTAT) $(VMEXIT) guest/linux/init guest/linux/initrd.sh
	guest/linux/initrd.sh $@ $(EXITSTAT) $(VMEXIT)

# Up to 110 MB are fetched for each: nothing depends on one but what asks for it.
$(DEBIAN_KERNEL): guest/linux/debian.sh
	guest/linux/debian.sh $* $@
