// SPDX-License-Identifier: GPL-2.0-only
/*
 * ELF executables: check everything first, then copy.
 *
 * A file may be hostile. Every field that is used as an offset, a size or an
 * address is compared by subtraction from a bound that is known to be larger,
 * so that no sum can wrap. Structures are copied out of the file before use,
 * since a hostile offset need not be aligned.
 */
#include <stddef.h>
#include "machine/elf_image.h"
#include "machine/machine.h"

/* System V ABI, "ELF Header" and "Program Header". */
enum {
	EI_CLASS = 4, EI_DATA = 5, EI_VERSION = 6,
	CLASS_32 = 1, CLASS_64 = 2, DATA_LSB = 1, VERSION_CURRENT = 1,
	TYPE_EXEC = 2, MACHINE_386 = 3, MACHINE_X86_64 = 62,
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

_Static_assert(sizeof(struct elf32_header) == 52, "ELF32 header layout");
_Static_assert(sizeof(struct elf64_header) == 64, "ELF64 header layout");
_Static_assert(sizeof(struct elf32_segment) == 32, "ELF32 program header layout");
_Static_assert(sizeof(struct elf_segment) == 56, "ELF64 program header layout");

bool image_refuse(struct machine_image_error *err, const char *field, const char *problem,
		  uint64_t value)
{
	err->field = field;
	err->problem = problem;
	err->value = value;
	return false;
}

bool image_place(struct machine_image_error *err, const char *field, const char *size_field,
		 uint64_t addr, uint64_t size, uint64_t low, uint64_t ram_size)
{
	if (addr < low)
		return image_refuse(err, field, "is in low memory that is not for images", addr);
	if (addr >= ram_size)
		return image_refuse(err, field, "is outside guest memory", addr);
	if (!elf_within(addr, size, ram_size))
		return image_refuse(err, size_field, "reaches outside guest memory", size);
	if (addr < MACHINE_RAM_HIGH_START && addr + size > MACHINE_EBDA)
		return image_refuse(err, field,
				    "puts the segment into the firmware's memory below 1 MiB",
				    addr);
	return true;
}

static bool check_ident(struct elf *e, const uint8_t *ident)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };

	if (__builtin_memcmp(ident, magic, sizeof(magic)))
		return image_refuse(e->err, "e_ident[EI_MAG]", "is not that of an ELF file, nor is "
				    "this a bzImage or Multiboot image",
				    (uint64_t)ident[0] << 24 | ident[1] << 16 | ident[2] << 8 |
				    ident[3]);
	if (ident[EI_CLASS] != CLASS_32 && ident[EI_CLASS] != CLASS_64)
		return image_refuse(e->err, "e_ident[EI_CLASS]", "is neither 32-bit nor 64-bit",
				    ident[EI_CLASS]);
	if (ident[EI_DATA] != DATA_LSB)
		return image_refuse(e->err, "e_ident[EI_DATA]", "is not little-endian",
				    ident[EI_DATA]);
	if (ident[EI_VERSION] != VERSION_CURRENT)
		return image_refuse(e->err, "e_ident[EI_VERSION]", "is not 1", ident[EI_VERSION]);
	e->is64 = ident[EI_CLASS] == CLASS_64;
	return true;
}

/* Read either header into the 64-bit form. The file is known to hold it. */
static void read_header(const struct elf *e, struct elf64_header *h)
{
	struct elf32_header h32;

	if (e->is64) {
		__builtin_memcpy(h, e->file, sizeof(*h));
		return;
	}
	__builtin_memcpy(&h32, e->file, sizeof(h32));
	*h = (struct elf64_header) {
		.type = h32.type, .machine = h32.machine, .version = h32.version,
		.entry = h32.entry,
		.phoff = h32.phoff, .phentsize = h32.phentsize, .phnum = h32.phnum,
	};
}

static bool check_header(struct elf *e)
{
	uint64_t header_size, segment_size;
	struct elf64_header h;

	if (e->size < sizeof(h.ident))
		return image_refuse(e->err, "file size", "is too small for an ELF identification",
				    e->size);
	if (!check_ident(e, e->file))
		return false;
	header_size = e->is64 ? sizeof(struct elf64_header) : sizeof(struct elf32_header);
	segment_size = e->is64 ? sizeof(struct elf_segment) : sizeof(struct elf32_segment);
	if (e->size < header_size)
		return image_refuse(e->err, "file size", "is too small for an ELF header", e->size);

	read_header(e, &h);
	if (h.type != TYPE_EXEC)
		return image_refuse(e->err, "e_type", "is not ET_EXEC: a guest is linked to fixed "
				    "addresses, see docs/guest.md", h.type);
	if (h.machine != (e->is64 ? MACHINE_X86_64 : MACHINE_386))
		return image_refuse(e->err, "e_machine",
				    e->is64 ? "is not EM_X86_64" : "is not EM_386", h.machine);
	if (h.version != VERSION_CURRENT)
		return image_refuse(e->err, "e_version", "is not 1", h.version);
	if (h.phnum == 0 || h.phnum > PHNUM_MAX)
		return image_refuse(e->err, "e_phnum", "is not between 1 and 64", h.phnum);
	if (h.phentsize != segment_size)
		return image_refuse(e->err, "e_phentsize", "is not the size of a program header",
				    h.phentsize);
	if (!elf_within(h.phoff, h.phnum * segment_size, e->size))
		return image_refuse(e->err, "e_phoff", "puts the program headers outside the file",
				    h.phoff);
	e->entry = h.entry;
	e->phoff = h.phoff;
	e->phnum = h.phnum;
	return true;
}

struct elf_segment elf_get(const struct elf *e, unsigned int i)
{
	struct elf_segment s;
	struct elf32_segment s32;

	if (e->is64) {
		__builtin_memcpy(&s, e->file + e->phoff + i * sizeof(s), sizeof(s));
		return s;
	}
	__builtin_memcpy(&s32, e->file + e->phoff + i * sizeof(s32), sizeof(s32));
	return (struct elf_segment) {
		.type = s32.type, .flags = s32.flags, .offset = s32.offset,
		.vaddr = s32.vaddr, .paddr = s32.paddr,
		.filesz = s32.filesz, .memsz = s32.memsz, .align = s32.align,
	};
}

/* Are the parts that matter in the file? */
static bool check_contents(struct elf *e)
{
	unsigned int i;

	for (i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);
		bool load = s.type == ELF_PT_LOAD;

		e->err->index = i;
		if (!load && s.type != ELF_PT_NOTE)
			continue;
		if (s.offset > e->size)
			return image_refuse(e->err, load ? "PT_LOAD p_offset" : "PT_NOTE p_offset",
					    "is beyond the end of the file", s.offset);
		if (!elf_within(s.offset, s.filesz, e->size))
			return image_refuse(e->err, load ? "PT_LOAD p_filesz" : "PT_NOTE p_filesz",
					    "reaches beyond the end of the file", s.filesz);
	}
	e->err->index = -1;
	return true;
}

bool elf_open(struct elf *e)
{
	*e->err = (struct machine_image_error) { .index = -1 };
	return check_header(e) && check_contents(e);
}

static bool check_load(struct elf *e, unsigned int i, uint64_t low, uint64_t ram_size)
{
	struct elf_segment s = elf_get(e, i), other;
	unsigned int j;

	if (s.filesz > s.memsz)
		return image_refuse(e->err, "PT_LOAD p_filesz", "is larger than p_memsz", s.filesz);
	if (!image_place(e->err, "PT_LOAD p_paddr", "PT_LOAD p_memsz", s.paddr, s.memsz, low,
			 ram_size))
		return false;
	/* Those before this one are known not to wrap. */
	for (j = 0; j < i; j++) {
		other = elf_get(e, j);
		if (other.type == ELF_PT_LOAD && s.paddr < other.paddr + other.memsz &&
		    other.paddr < s.paddr + s.memsz)
			return image_refuse(e->err, "PT_LOAD p_paddr",
					    "puts the segment over an earlier one", s.paddr);
	}
	return true;
}

bool elf_check(struct elf *e, uint64_t low, uint64_t ram_size)
{
	unsigned int i, loads = 0;

	for (i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);

		/* What takes no memory cannot be in the wrong place. */
		if (s.type != ELF_PT_LOAD || (!s.memsz && !s.filesz))
			continue;
		e->err->index = i;
		if (!check_load(e, i, low, ram_size))
			return false;
		loads++;
	}
	e->err->index = -1;
	if (!loads)
		return image_refuse(e->err, "program headers", "have nothing to load (no PT_LOAD)",
				    e->phnum);
	return true;
}

bool elf_code_at(const struct elf *e, uint64_t addr)
{
	unsigned int i;

	for (i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);

		if (s.type == ELF_PT_LOAD && addr >= s.paddr && addr - s.paddr < s.filesz)
			return true;
	}
	return false;
}

void elf_load(const struct elf *e, void *ram)
{
	unsigned int i;

	for (i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);

		if (s.type != ELF_PT_LOAD || !s.memsz)
			continue;
		__builtin_memcpy((uint8_t *)ram + s.paddr, e->file + s.offset, s.filesz);
		__builtin_memset((uint8_t *)ram + s.paddr + s.filesz, 0, s.memsz - s.filesz);
	}
}
