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
	MAGIC = 0x464c457f, CLASS_32 = 1, CLASS_64 = 2, DATA_LSB = 1, VERSION_CURRENT = 1,
	TYPE_EXEC = 2, MACHINE_386 = 3, MACHINE_X86_64 = 62,
};

/* The pairwise test for overlaps stays cheap. */
#define PHNUM_MAX 64

/* Of 64 bits; one of 32 bits differs in the size of its three words. */
struct header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

#define WORDS		offsetof(struct header, entry)
#define BEHIND_WORDS	offsetof(struct header, flags)

_Static_assert(sizeof(struct header) == 64 && WORDS == 24, "ELF64 header layout");
_Static_assert(sizeof(struct elf_segment) == 48, "the first words of an ELF64 program header");

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
	return image_check(err, addr >= low, field, "is in low memory that is not for images",
			   addr) &&
	       image_check(err, addr < ram_size, field, "is outside guest memory", addr) &&
	       image_check(err, elf_within(addr, size, ram_size), size_field,
			   "reaches outside guest memory", size) &&
	       image_check(err, addr >= MACHINE_RAM_HIGH_START || addr + size <= MACHINE_EBDA,
			   field, "puts the segment into the firmware's memory below 1 MiB", addr);
}

static bool check_ident(struct elf *e, const uint8_t *ident)
{
	struct machine_image_error *err = e->err;
	uint32_t magic;

	__builtin_memcpy(&magic, ident, sizeof(magic));
	e->is64 = ident[EI_CLASS] == CLASS_64;
	return image_check(err, magic == MAGIC, "e_ident[EI_MAG]", "is not that of an ELF file, "
			   "nor is this a bzImage or Multiboot image", __builtin_bswap32(magic)) &&
	       image_check(err, e->is64 || ident[EI_CLASS] == CLASS_32, "e_ident[EI_CLASS]",
			   "is neither 32-bit nor 64-bit", ident[EI_CLASS]) &&
	       image_check(err, ident[EI_DATA] == DATA_LSB, "e_ident[EI_DATA]",
			   "is not little-endian", ident[EI_DATA]) &&
	       image_check(err, ident[EI_VERSION] == VERSION_CURRENT, "e_ident[EI_VERSION]",
			   "is not 1", ident[EI_VERSION]);
}

/* Words as large as the file's class has them, which it is known to hold, into zeroed ones. */
static void read_words(const struct elf *e, uint64_t at, void *to, unsigned int nr)
{
	const unsigned int size = e->is64 ? 8 : 4;

	for (unsigned int i = 0; i < nr; i++)
		__builtin_memcpy((uint8_t *)to + i * 8, e->file + at + i * size, size);
}

static unsigned int segment_size(const struct elf *e)
{
	return e->is64 ? 56 : 32;
}

static bool check_header(struct elf *e)
{
	struct machine_image_error *err = e->err;
	uint64_t words_end;
	struct header h = { 0 };

	if (!image_check(err, e->size >= sizeof(h.ident), "file size",
			 "is too small for an ELF identification", e->size) ||
	    !check_ident(e, e->file))
		return false;
	words_end = e->is64 ? BEHIND_WORDS : BEHIND_WORDS - 3 * 4;
	if (e->size < words_end + sizeof(h) - BEHIND_WORDS)
		return image_refuse(err, "file size", "is too small for an ELF header", e->size);
	__builtin_memcpy(&h, e->file, WORDS);
	read_words(e, WORDS, (uint8_t *)&h + WORDS, 3);
	__builtin_memcpy(&h.flags, e->file + words_end, sizeof(h) - BEHIND_WORDS);
	e->entry = h.entry;
	e->phoff = h.phoff;
	e->phnum = h.phnum;
	return image_check(err, h.type == TYPE_EXEC, "e_type", "is not ET_EXEC: a guest is linked "
			   "to fixed addresses, see docs/guest.md", h.type) &&
	       image_check(err, h.machine == (e->is64 ? MACHINE_X86_64 : MACHINE_386), "e_machine",
			   e->is64 ? "is not EM_X86_64" : "is not EM_386", h.machine) &&
	       image_check(err, h.version == VERSION_CURRENT, "e_version", "is not 1", h.version) &&
	       image_check(err, e->phnum >= 1 && e->phnum <= PHNUM_MAX, "e_phnum",
			   "is not between 1 and 64", e->phnum) &&
	       image_check(err, h.phentsize == segment_size(e), "e_phentsize",
			   "is not the size of a program header", h.phentsize) &&
	       image_check(err, elf_within(e->phoff, e->phnum * segment_size(e), e->size),
			   "e_phoff", "puts the program headers outside the file", e->phoff);
}

struct elf_segment elf_get(const struct elf *e, unsigned int i)
{
	struct elf_segment s = { 0 };

	read_words(e, e->phoff + i * segment_size(e), &s, sizeof(s) / 8);
	return s;
}

/* Are the parts that matter in the file? */
static bool check_contents(struct elf *e)
{
	for (unsigned int i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);
		bool load = s.type == ELF_PT_LOAD;

		e->err->index = i;
		if ((load || s.type == ELF_PT_NOTE) &&
		    (!image_check(e->err, s.offset <= e->size,
				  load ? "PT_LOAD p_offset" : "PT_NOTE p_offset",
				  "is beyond the end of the file", s.offset) ||
		     !image_check(e->err, elf_within(s.offset, s.filesz, e->size),
				  load ? "PT_LOAD p_filesz" : "PT_NOTE p_filesz",
				  "reaches beyond the end of the file", s.filesz)))
			return false;
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

	if (!image_check(e->err, s.filesz <= s.memsz, "PT_LOAD p_filesz",
			 "is larger than p_memsz", s.filesz) ||
	    !image_place(e->err, "PT_LOAD p_paddr", "PT_LOAD p_memsz", s.paddr, s.memsz, low,
			 ram_size))
		return false;
	/* Those before this one are known not to wrap. */
	while (i--) {
		other = elf_get(e, i);
		if (other.type == ELF_PT_LOAD && s.paddr < other.paddr + other.memsz &&
		    other.paddr < s.paddr + s.memsz)
			return image_refuse(e->err, "PT_LOAD p_paddr",
					    "puts the segment over an earlier one", s.paddr);
	}
	if (e->end < s.paddr + s.memsz)
		e->end = s.paddr + s.memsz;
	return true;
}

bool elf_check(struct elf *e, uint64_t low, uint64_t ram_size)
{
	for (unsigned int i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);

		/* What takes no memory cannot be in the wrong place. */
		e->err->index = i;
		if (s.type == ELF_PT_LOAD && (s.memsz || s.filesz) &&
		    !check_load(e, i, low, ram_size))
			return false;
	}
	e->err->index = -1;
	return image_check(e->err, e->end, "program headers", "have nothing to load (no PT_LOAD)",
			   e->phnum);
}

bool elf_code_at(const struct elf *e, bool is_virtual, uint64_t *addr)
{
	for (unsigned int i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);
		uint64_t offset = *addr - (is_virtual ? s.vaddr : s.paddr);

		if (s.type == ELF_PT_LOAD && offset < s.filesz) {
			*addr = s.paddr + offset;
			return true;
		}
	}
	return false;
}

void elf_load(const struct elf *e, void *ram)
{
	for (unsigned int i = 0; i < e->phnum; i++) {
		struct elf_segment s = elf_get(e, i);

		if (s.type != ELF_PT_LOAD || !s.memsz)
			continue;
		__builtin_memcpy((uint8_t *)ram + s.paddr, e->file + s.offset, s.filesz);
		__builtin_memset((uint8_t *)ram + s.paddr + s.filesz, 0, s.memsz - s.filesz);
	}
}
