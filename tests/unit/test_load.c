// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/load.c machine/bzimage.c machine/multiboot.c machine/elf_image.c */
/* units: machine/image.c */
/* units: machine/ebda.c machine/acpi.c machine/mptable.c */
/*
 * What every guest is given, whatever kind it is: here one that is entered by PVH.
 * test_bzimage.c and test_image.c load files of one kind.
 */
#include <elf.h>
#include <stddef.h>
#include "machine/ebda.h"
#include "machine/load.h"
#include "machine/machine.h"
#include "machine/pvh.h"
#include "tests/unit/tap.h"

#define RAM_SIZE	(MACHINE_MEM_MIN_MIB << 20)
#define ADDRESS		0x100000u

static uint8_t ram[RAM_SIZE];

static struct {
	Elf32_Ehdr header;
	Elf32_Phdr segments[2];
	struct {
		Elf32_Nhdr header;
		char name[4];
		uint32_t entry;
	} note;
} file = {
	.header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
		.e_phoff = sizeof(file.header), .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 2,
	},
	.segments = {
		{ .p_type = PT_LOAD, .p_paddr = ADDRESS, .p_filesz = sizeof(file),
		  .p_memsz = sizeof(file) },
		{ .p_type = PT_NOTE, .p_offset = offsetof(typeof(file), note),
		  .p_filesz = sizeof(file.note), .p_align = 4 },
	},
	.note = {
		.header = { sizeof(PVH_NOTE_NAME), 4, PVH_NOTE_PHYS32_ENTRY },
		.name = PVH_NOTE_NAME, .entry = ADDRESS,
	},
};

static bool load(struct machine_start *start, struct machine_image_error *err)
{
	const struct machine_files files = {
		.image = &file, .image_size = sizeof(file), .cmdline = "a=b", .cpus = 1,
	};

	return machine_load(&files, ram, RAM_SIZE, start, err);
}

int main(void)
{
	const struct pvh_start_info *info;
	struct machine_image_error err;
	struct machine_start start;
	bool refused;

	if (!ok(load(&start, &err), "a PVH guest loads"))
		return done();
	is_u64("entry", start.eip, ADDRESS);
	ok(!start.x2apic, "its APIC is as reset leaves it");
	info = (void *)(ram + start.ebx);
	is_u64("start info", info->magic, PVH_START_MAGIC);
	ok(!memcmp(ram + info->rsdp, "RSD PTR ", 8), "it leads to ACPI's tables");
	ok(!memcmp(ram + MACHINE_EBDA + 16, "_MP_", 4), "and there is an MP table");
	is_u64("it can be found by search too", ram[0x40e] | ram[0x40f] << 8, MACHINE_EBDA >> 4);

	memset(ram, 0, sizeof(ram));
	file.segments[0].p_paddr = MACHINE_EBDA - 16;
	refused = !load(&start, &err);
	ok(refused, "over the tables: %s %s", err.field, err.problem);
	file.segments[0].p_paddr = MACHINE_EBDA - sizeof(file);
	file.note.entry = MACHINE_EBDA - sizeof(file);
	ok(load(&start, &err), "up to them");
	return done();
}
