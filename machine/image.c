// SPDX-License-Identifier: GPL-2.0-only
/* Guest images that are entered by PVH: the note, and the start info. */
#include <stddef.h>
#include "machine/ebda.h"
#include "machine/elf_image.h"
#include "machine/machine.h"
#include "machine/pvh.h"

#define NOTE_PADDING	4u

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

bool machine_image_load(const void *file, uint64_t size, void *ram, uint64_t ram_size,
			uint32_t *entry, struct machine_image_error *err)
{
	struct elf e = { .file = file, .size = size, .err = err };
	uint64_t addr = 0;
	int found;

	if (!elf_open(&e))
		return false;
	/* Before anything is said of its segments: is it a guest at all? */
	found = find_entry(&e, &addr);
	if (found < 0 ||
	    !image_check(err, found, "PT_NOTE", "has no PVH entry point, nor has the file a "
			 "Multiboot header: docs/guest.md says how to make a guest", 0) ||
	    !elf_check(&e, MACHINE_IMAGE_LOW, ram_size) ||
	    !image_check(err, elf_code_at(&e, false, &addr), "PHYS32_ENTRY",
			 "is outside the contents of every PT_LOAD segment", addr))
		return false;
	elf_load(&e, ram);
	*entry = addr;
	return true;
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

uint32_t machine_start_info_write(void *ram, uint64_t ram_size, const char *cmdline)
{
	struct {
		struct pvh_start_info info;
		struct pvh_memmap map[MACHINE_MEMORY_RANGES];
		char cmdline[MACHINE_CMDLINE_MAX];
	} *at = (void *)((uint8_t *)ram + MACHINE_START_INFO);
	const uint32_t base = MACHINE_START_INFO;
	const size_t len = __builtin_strlen(cmdline);

	_Static_assert(sizeof(*at) <= MACHINE_IMAGE_LOW - MACHINE_START_INFO, "start info fits");
	if (len >= MACHINE_CMDLINE_MAX)
		return 0;
	at->info = (struct pvh_start_info) {
		.magic = PVH_START_MAGIC,
		.version = PVH_START_VERSION,
		.cmdline = base + offsetof(__typeof__(*at), cmdline),
		.memmap = base + offsetof(__typeof__(*at), map),
		.memmap_entries = MACHINE_MEMORY_RANGES,
		.rsdp = MACHINE_RSDP,
	};
	machine_memory_map(at->map, ram_size);
	__builtin_memcpy(at->cmdline, cmdline, len + 1);
	return base;
}
