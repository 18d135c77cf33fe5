// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest images: check everything first, then copy.
 *
 * A file may be hostile. Every field that is used as an offset, a size or an
 * address is compared by subtraction from a bound that is known to be larger,
 * so that no sum can wrap. Structures are copied out of the file before use,
 * since a hostile offset need not be aligned.
 */
#include <stddef.h>
#include "image.h"
#include "machine.h"
#include "pvh.h"

/* System V ABI, "ELF Header" and "Program Header". */
enum {
	EI_CLASS = 4, EI_DATA = 5, EI_VERSION = 6,
	CLASS_32 = 1, CLASS_64 = 2, DATA_LSB = 1, VERSION_CURRENT = 1,
	TYPE_EXEC = 2, MACHINE_386 = 3, MACHINE_X86_64 = 62,
	PT_LOAD = 1, PT_NOTE = 4,
};

/* The pairwise test for overlaps stays cheap. */
#define PHNUM_MAX 64

struct elf32_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf64_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf32_segment {
	uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct elf64_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_note {
	uint32_t namesz, descsz, type;
};

_Static_assert(sizeof(struct elf32_header) == 52, "ELF32 header layout");
_Static_assert(sizeof(struct elf64_header) == 64, "ELF64 header layout");
_Static_assert(sizeof(struct elf32_segment) == 32, "ELF32 program header layout");
_Static_assert(sizeof(struct elf64_segment) == 56, "ELF64 program header layout");

/* What is kept of an image while it is checked. */
struct image {
	const uint8_t *file;
	uint64_t size;		/* bytes */
	uint64_t ram_size;	/* bytes */
	bool is64;
	uint64_t phoff;
	unsigned int phnum;
	struct machine_image_error *err;
};

static bool refuse(struct image *im, int index, const char *field, const char *problem,
		   uint64_t value)
{
	*im->err = (struct machine_image_error) {
		.field = field, .problem = problem, .index = index, .value = value,
	};
	return false;
}

/* Is [start, start + len) inside [0, bound)? */
static bool within(uint64_t start, uint64_t len, uint64_t bound)
{
	return start <= bound && len <= bound - start;
}

/* Both ranges must end without wrapping. */
static bool overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b + b_len && b < a + a_len;
}

static bool check_ident(struct image *im, const uint8_t *ident)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };

	if (__builtin_memcmp(ident, magic, sizeof(magic)))
		return refuse(im, -1, "e_ident[EI_MAG]",
			      "is not that of an ELF file, nor is this a bzImage",
			      (uint64_t)ident[0] << 24 | ident[1] << 16 | ident[2] << 8 | ident[3]);
	if (ident[EI_CLASS] != CLASS_32 && ident[EI_CLASS] != CLASS_64)
		return refuse(im, -1, "e_ident[EI_CLASS]", "is neither 32-bit nor 64-bit",
			      ident[EI_CLASS]);
	if (ident[EI_DATA] != DATA_LSB)
		return refuse(im, -1, "e_ident[EI_DATA]", "is not little-endian", ident[EI_DATA]);
	if (ident[EI_VERSION] != VERSION_CURRENT)
		return refuse(im, -1, "e_ident[EI_VERSION]", "is not 1", ident[EI_VERSION]);
	im->is64 = ident[EI_CLASS] == CLASS_64;
	return true;
}

/* Read either header into the 64-bit form. The file is known to hold it. */
static void read_header(const struct image *im, struct elf64_header *h)
{
	struct elf32_header h32;

	if (im->is64) {
		__builtin_memcpy(h, im->file, sizeof(*h));
		return;
	}
	__builtin_memcpy(&h32, im->file, sizeof(h32));
	*h = (struct elf64_header) {
		.type = h32.type, .machine = h32.machine, .version = h32.version,
		.phoff = h32.phoff, .phentsize = h32.phentsize, .phnum = h32.phnum,
	};
}

static bool check_header(struct image *im)
{
	uint64_t header_size, segment_size;
	struct elf64_header h;

	if (im->size < sizeof(h.ident))
		return refuse(im, -1, "file size", "is too small for an ELF identification",
			      im->size);
	if (!check_ident(im, im->file))
		return false;
	header_size = im->is64 ? sizeof(struct elf64_header) : sizeof(struct elf32_header);
	segment_size = im->is64 ? sizeof(struct elf64_segment) : sizeof(struct elf32_segment);
	if (im->size < header_size)
		return refuse(im, -1, "file size", "is too small for an ELF header", im->size);

	read_header(im, &h);
	if (h.type != TYPE_EXEC)
		return refuse(im, -1, "e_type", "is not ET_EXEC (an executable at fixed addresses)",
			      h.type);
	if (h.machine != (im->is64 ? MACHINE_X86_64 : MACHINE_386))
		return refuse(im, -1, "e_machine",
			      im->is64 ? "is not EM_X86_64" : "is not EM_386", h.machine);
	if (h.version != VERSION_CURRENT)
		return refuse(im, -1, "e_version", "is not 1", h.version);
	if (h.phnum == 0 || h.phnum > PHNUM_MAX)
		return refuse(im, -1, "e_phnum", "is not between 1 and 64", h.phnum);
	if (h.phentsize != segment_size)
		return refuse(im, -1, "e_phentsize", "is not the size of a program header",
			      h.phentsize);
	if (!within(h.phoff, h.phnum * segment_size, im->size))
		return refuse(im, -1, "e_phoff", "puts the program headers outside the file",
			      h.phoff);
	im->phoff = h.phoff;
	im->phnum = h.phnum;
	return true;
}

/* Read program header @i into the 64-bit form. The table is in the file. */
static struct elf64_segment segment(const struct image *im, unsigned int i)
{
	struct elf64_segment s;
	struct elf32_segment s32;

	if (im->is64) {
		__builtin_memcpy(&s, im->file + im->phoff + i * sizeof(s), sizeof(s));
		return s;
	}
	__builtin_memcpy(&s32, im->file + im->phoff + i * sizeof(s32), sizeof(s32));
	return (struct elf64_segment) {
		.type = s32.type, .offset = s32.offset, .paddr = s32.paddr,
		.filesz = s32.filesz, .memsz = s32.memsz, .align = s32.align,
	};
}

static bool check_load(struct image *im, unsigned int i)
{
	struct elf64_segment s = segment(im, i), other;
	unsigned int j;

	if (s.filesz > s.memsz)
		return refuse(im, i, "PT_LOAD p_filesz", "is larger than p_memsz", s.filesz);
	if (s.paddr < MACHINE_IMAGE_LOW)
		return refuse(im, i, "PT_LOAD p_paddr", "is in the memory kept for the start info",
			      s.paddr);
	if (s.paddr >= im->ram_size)
		return refuse(im, i, "PT_LOAD p_paddr", "is outside guest memory", s.paddr);
	if (!within(s.paddr, s.memsz, im->ram_size))
		return refuse(im, i, "PT_LOAD p_memsz", "reaches outside guest memory", s.memsz);
	if (overlap(s.paddr, s.memsz, MACHINE_RAM_LOW_END,
		    MACHINE_RAM_HIGH_START - MACHINE_RAM_LOW_END))
		return refuse(im, i, "PT_LOAD p_paddr", "puts the segment into the PC memory hole",
			      s.paddr);
	/* Those before this one are known not to wrap. */
	for (j = 0; j < i; j++) {
		other = segment(im, j);
		if (other.type == PT_LOAD && other.memsz &&
		    overlap(s.paddr, s.memsz, other.paddr, other.memsz))
			return refuse(im, i, "PT_LOAD p_paddr",
				      "puts the segment over an earlier one", s.paddr);
	}
	return true;
}

static bool check_segments(struct image *im)
{
	unsigned int i, loads = 0;

	for (i = 0; i < im->phnum; i++) {
		struct elf64_segment s = segment(im, i);

		if (s.type != PT_LOAD && s.type != PT_NOTE)
			continue;
		if (s.offset > im->size)
			return refuse(im, i, s.type == PT_LOAD ? "PT_LOAD p_offset" :
				      "PT_NOTE p_offset", "is beyond the end of the file",
				      s.offset);
		if (!within(s.offset, s.filesz, im->size))
			return refuse(im, i, s.type == PT_LOAD ? "PT_LOAD p_filesz" :
				      "PT_NOTE p_filesz", "reaches beyond the end of the file",
				      s.filesz);
		/* What takes no memory cannot be in the wrong place. */
		if (s.type != PT_LOAD || (!s.memsz && !s.filesz))
			continue;
		if (!check_load(im, i))
			return false;
		loads++;
	}
	if (!loads)
		return refuse(im, -1, "program headers", "have nothing to load (no PT_LOAD)",
			      im->phnum);
	return true;
}

/*
 * Look for the entry point in the notes of program header @i. Returns 1 when
 * found, 0 when not, -1 when refused.
 */
static int entry_in_notes(struct image *im, unsigned int i, uint64_t *entry)
{
	struct elf64_segment s = segment(im, i);
	uint64_t align = s.align == 8 ? 8 : 4;
	uint64_t left = s.filesz, pos = s.offset;
	struct elf_note n;

	while (left >= sizeof(n)) {
		uint64_t name, desc, skip;

		__builtin_memcpy(&n, im->file + pos, sizeof(n));
		name = (sizeof(n) + (uint64_t)n.namesz + align - 1) & -align;
		desc = ((uint64_t)n.descsz + align - 1) & -align;
		/* The padding after the last note may be missing. */
		if (name > left || n.descsz > left - name) {
			refuse(im, i, "PT_NOTE n_namesz, n_descsz",
			       "reach beyond the end of the segment",
			       (uint64_t)n.namesz + n.descsz);
			return -1;
		}
		if (n.type == PVH_NOTE_PHYS32_ENTRY && n.namesz == sizeof(PVH_NOTE_NAME) &&
		    !__builtin_memcmp(im->file + pos + sizeof(n), PVH_NOTE_NAME,
				      sizeof(PVH_NOTE_NAME))) {
			if (n.descsz != 4 && n.descsz != 8) {
				refuse(im, i, "PHYS32_ENTRY n_descsz", "is not 4 or 8", n.descsz);
				return -1;
			}
			*entry = 0;
			__builtin_memcpy(entry, im->file + pos + name, n.descsz);
			return 1;
		}
		skip = name + desc < left ? name + desc : left;
		pos += skip;
		left -= skip;
	}
	return 0;
}

static bool find_entry(struct image *im, uint32_t *entry)
{
	uint64_t addr = 0;
	unsigned int i;
	int found = 0;

	for (i = 0; i < im->phnum && !found; i++) {
		if (segment(im, i).type == PT_NOTE)
			found = entry_in_notes(im, i, &addr);
	}
	if (found < 0)
		return false;
	if (!found)
		return refuse(im, -1, "PT_NOTE",
			      "has no PVH entry point (note \"Xen\" of type PHYS32_ENTRY)", 0);
	for (i = 0; i < im->phnum; i++) {
		struct elf64_segment s = segment(im, i);

		/* Code comes from the file, never from the zeroes behind it. */
		if (s.type == PT_LOAD && addr >= s.paddr && addr - s.paddr < s.filesz) {
			*entry = addr;
			return true;
		}
	}
	return refuse(im, -1, "PHYS32_ENTRY", "is outside the contents of every PT_LOAD segment",
		      addr);
}

bool machine_image_load(const void *file, uint64_t size, void *ram, uint64_t ram_size,
			uint32_t *entry, struct machine_image_error *err)
{
	struct image im = { .file = file, .size = size, .ram_size = ram_size, .err = err };
	unsigned int i;

	if (!check_header(&im) || !check_segments(&im) || !find_entry(&im, entry))
		return false;
	for (i = 0; i < im.phnum; i++) {
		struct elf64_segment s = segment(&im, i);

		if (s.type != PT_LOAD || !s.memsz)
			continue;
		__builtin_memcpy((uint8_t *)ram + s.paddr, im.file + s.offset, s.filesz);
		__builtin_memset((uint8_t *)ram + s.paddr + s.filesz, 0, s.memsz - s.filesz);
	}
	return true;
}

uint32_t machine_start_info_write(void *ram, uint64_t ram_size, const char *cmdline)
{
	struct {
		struct pvh_start_info info;
		struct pvh_memmap map[3];
		char cmdline[MACHINE_CMDLINE_MAX];
	} *at = (void *)((uint8_t *)ram + MACHINE_START_INFO);
	const uint32_t base = MACHINE_START_INFO;
	size_t len = 0;

	_Static_assert(sizeof(*at) <= MACHINE_IMAGE_LOW - MACHINE_START_INFO, "start info fits");
	while (cmdline[len]) {
		if (++len == MACHINE_CMDLINE_MAX)
			return 0;
	}

	at->info = (struct pvh_start_info) {
		.magic = PVH_START_MAGIC,
		.version = PVH_START_VERSION,
		.cmdline = base + offsetof(__typeof__(*at), cmdline),
		.memmap = base + offsetof(__typeof__(*at), map),
		.memmap_entries = 3,
	};
	at->map[0] = (struct pvh_memmap) {
		.size = MACHINE_RAM_LOW_END, .type = PVH_MEMMAP_RAM,
	};
	at->map[1] = (struct pvh_memmap) {
		.addr = MACHINE_RAM_LOW_END, .type = PVH_MEMMAP_RESERVED,
		.size = MACHINE_RAM_HIGH_START - MACHINE_RAM_LOW_END,
	};
	at->map[2] = (struct pvh_memmap) {
		.addr = MACHINE_RAM_HIGH_START, .type = PVH_MEMMAP_RAM,
		.size = ram_size - MACHINE_RAM_HIGH_START,
	};
	__builtin_memcpy(at->cmdline, cmdline, len + 1);
	return base;
}
