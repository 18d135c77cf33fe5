// SPDX-License-Identifier: GPL-2.0-only
/* Guest images that are entered by PVH: the note, and the start info. */
#include <stddef.h>
#include "machine/ebda.h"
#include "machine/elf_image.h"
#include "machine/load.h"
#include "machine/machine.h"
#include "machine/pvh.h"

#define NOTE_PADDING	4u

/* PVH leaves the selectors open and asks for no table behind them. */
#define PVH_CS		0x8
#define PVH_DS		0x10

struct elf_note {
	uint32_t namesz, descsz, type;
};

/*
 * Look for the entry point in the notes of program header @i. Returns 1 when
 * found, 0 when not, -1 when refused.
 *
 * Notes are padded to 4 by those who make kernels and to 8 by the gABI for 64-bit
 * files, and a linker puts both into one segment, whose alignment then says nothing of
 * either. So the note is looked for at each place where one may begin: whatever comes
 * before it, its header and name are 16 bytes that nothing else has.
 */
static int entry_in_notes(struct elf *e, unsigned int i, uint64_t *entry)
{
	static const char name[] = PVH_NOTE_NAME;
	struct elf_segment s = elf_get(e, i);
	struct elf_note n;
	uint64_t at;

	_Static_assert(sizeof(name) % NOTE_PADDING == 0, "the contents follow the name");
	for (at = 0; elf_within(at, sizeof(n) + sizeof(name), s.filesz); at += NOTE_PADDING) {
		const uint8_t *note = e->file + s.offset + at;
		const uint8_t *contents = note + sizeof(n) + sizeof(name);

		__builtin_memcpy(&n, note, sizeof(n));
		if (n.type != PVH_NOTE_PHYS32_ENTRY || n.namesz != sizeof(name) ||
		    __builtin_memcmp(note + sizeof(n), name, sizeof(name)))
			continue;
		if (!image_check(e->err, n.descsz == 4 || n.descsz == 8, "PHYS32_ENTRY n_descsz",
				 "is not 4 or 8", n.descsz) ||
		    !image_check(e->err, elf_within(contents - e->file, n.descsz,
						    s.offset + s.filesz), "PHYS32_ENTRY n_descsz",
				 "reaches beyond the end of the segment", n.descsz))
			return -1;
		*entry = 0;
		__builtin_memcpy(entry, contents, n.descsz);
		return 1;
	}
	return 0;
}

/* As entry_in_notes(), of the whole file. */
static int find_entry(struct elf *e, uint64_t *entry)
{
	int found = 0;

	for (unsigned int i = 0; i < e->phnum && !found; i++) {
		e->err->index = i;
		if (elf_get(e, i).type == ELF_PT_NOTE)
			found = entry_in_notes(e, i, entry);
	}
	if (!found)
		e->err->index = -1;
	return found;
}

bool machine_image_has_entry(const void *file, uint64_t size)
{
	struct machine_image_error err;
	struct elf e = { .file = file, .size = size, .err = &err };
	uint64_t entry;

	return elf_open(&e) && find_entry(&e, &entry);
}

void machine_memory_map(struct pvh_memmap map[MACHINE_MEMORY_RANGES], uint64_t ram_size)
{
	const uint64_t ends[] = { MACHINE_EBDA, MACHINE_RAM_HIGH_START, ram_size };
	uint64_t addr = 0;

	for (unsigned int i = 0; i < MACHINE_MEMORY_RANGES; addr = ends[i++])
		map[i] = (struct pvh_memmap) {
			.addr = addr, .size = ends[i] - addr,
			.type = i == 1 ? PVH_MEMMAP_RESERVED : PVH_MEMMAP_RAM,
		};
}

/* What is in guest memory from MACHINE_START_INFO on. */
struct start_info {
	struct pvh_start_info info;
	struct pvh_memmap map[MACHINE_MEMORY_RANGES];
	char cmdline[MACHINE_CMDLINE_MAX];
};

_Static_assert(sizeof(struct start_info) <= MACHINE_IMAGE_LOW - MACHINE_START_INFO,
	       "start info fits");

bool machine_pvh_load(const struct machine_files *files, void *ram, uint64_t ram_size,
		      struct machine_start *start, struct machine_image_error *err)
{
	struct start_info *at = (void *)((uint8_t *)ram + MACHINE_START_INFO);
	struct elf e = { .file = files->image, .size = files->image_size, .err = err };
	const size_t length = __builtin_strlen(files->cmdline);
	uint64_t entry = 0;
	int found;

	*err = (struct machine_image_error) { .initrd = files->initrd, .index = -1 };
	if (files->initrd)
		return image_refuse(err, "initrd",
				    "goes with a bzImage or a Multiboot image, and this is neither",
				    files->initrd_size);
	if (!elf_open(&e))
		return false;
	/* Before anything is said of its segments: is it a guest at all? */
	found = find_entry(&e, &entry);
	if (found < 0 ||
	    !image_check(err, found, "PT_NOTE", "has no PVH entry point, nor has the file a "
			 "Multiboot header: docs/guest.md says how to make a guest", 0) ||
	    !elf_check(&e, MACHINE_IMAGE_LOW, ram_size) ||
	    !image_check(err, elf_code_at(&e, false, &entry), "PHYS32_ENTRY",
			 "is outside the contents of every PT_LOAD segment", entry) ||
	    !image_check(err, length < MACHINE_CMDLINE_MAX, "command line",
			 "is longer than a PVH guest's may be", length))
		return false;
	elf_load(&e, ram);
	at->info = (struct pvh_start_info) {
		.magic = PVH_START_MAGIC,
		.version = PVH_START_VERSION,
		.cmdline = MACHINE_START_INFO + offsetof(struct start_info, cmdline),
		.memmap = MACHINE_START_INFO + offsetof(struct start_info, map),
		.memmap_entries = MACHINE_MEMORY_RANGES,
		.rsdp = MACHINE_RSDP,
	};
	machine_memory_map(at->map, ram_size);
	__builtin_memcpy(at->cmdline, files->cmdline, length + 1);
	*start = (struct machine_start) {
		.eip = entry, .ebx = MACHINE_START_INFO, .cs = PVH_CS, .ds = PVH_DS,
	};
	return true;
}
