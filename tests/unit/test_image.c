// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/elf_image.c machine/image.c */
/*
 * Guest images: a good one loads, and every way to spoil it is refused by name,
 * without a byte of guest memory written and without a read outside the file.
 *
 * Each image is handed over in a heap block of exactly its size, so that
 * AddressSanitizer sees a read past the end.
 */
#include "machine/ebda.h"
#include "machine/load.h"
#include "machine/machine.h"
#include "machine/pvh.h"
#include "tests/unit/tap.h"

#define RAM_SIZE	(MACHINE_MEM_MIN_MIB << 20)
#define CODE		0x100000	/* where segment 1 goes */
#define DATA		0x200000	/* where segment 2 goes */
#define ENTRY		(CODE + 4)
#define FILE_SIZE	0x180u

/* One layout for both classes: headers, then note, code and data. */
enum { NOTE_AT = 0x120, CODE_AT = 0x140, DATA_AT = 0x160 };
enum { NOTE_SIZE = 20, CODE_SIZE = 0x20, DATA_SIZE = 0x10, DATA_MEM = 0x40 };

static uint8_t ram[RAM_SIZE];
static const char *cmdline = "a=b c";

static void put(uint8_t *file, unsigned int at, unsigned int size, uint64_t value)
{
	memcpy(file + at, &value, size);
}

static void put_segment(uint8_t *file, bool is64, unsigned int i, uint32_t type, uint64_t offset,
			uint64_t paddr, uint64_t filesz, uint64_t memsz)
{
	unsigned int at = is64 ? 64 + i * 56 : 52 + i * 32;

	put(file, at, 4, type);
	put(file, at + (is64 ? 8 : 4), is64 ? 8 : 4, offset);
	put(file, at + (is64 ? 24 : 12), is64 ? 8 : 4, paddr);
	put(file, at + (is64 ? 32 : 16), is64 ? 8 : 4, filesz);
	put(file, at + (is64 ? 40 : 20), is64 ? 8 : 4, memsz);
	put(file, at + (is64 ? 48 : 28), is64 ? 8 : 4, 4);
}

static void good_image(uint8_t *file, bool is64)
{
	memset(file, 0, FILE_SIZE);
	memcpy(file, "\177ELF", 4);
	file[4] = is64 ? 2 : 1;
	file[5] = 1;
	file[6] = 1;
	put(file, 16, 2, 2);
	put(file, 18, 2, is64 ? 62 : 3);
	put(file, 20, 4, 1);
	put(file, is64 ? 32 : 28, is64 ? 8 : 4, is64 ? 64 : 52);
	put(file, is64 ? 54 : 42, 2, is64 ? 56 : 32);
	put(file, is64 ? 56 : 44, 2, 3);
	put_segment(file, is64, 0, 4, NOTE_AT, 0, NOTE_SIZE, 0);
	put_segment(file, is64, 1, 1, CODE_AT, CODE, CODE_SIZE, CODE_SIZE);
	put_segment(file, is64, 2, 1, DATA_AT, DATA, DATA_SIZE, DATA_MEM);
	put(file, NOTE_AT, 4, 4);
	put(file, NOTE_AT + 4, 4, 4);
	put(file, NOTE_AT + 8, 4, PVH_NOTE_PHYS32_ENTRY);
	memcpy(file + NOTE_AT + 12, PVH_NOTE_NAME, 4);
	put(file, NOTE_AT + 16, 4, ENTRY);
	memset(file + CODE_AT, 0xc0, CODE_SIZE);
	memset(file + DATA_AT, 0xda, DATA_SIZE);
}

static bool load(const uint8_t *file, size_t size, uint32_t *entry,
		 struct machine_image_error *err)
{
	uint8_t *exact = malloc(size ? size : 1);
	const struct machine_files files = {
		.image = exact, .image_size = size, .cmdline = cmdline,
	};
	struct machine_start start;
	bool loaded;

	if (size)
		memcpy(exact, file, size);
	*err = (struct machine_image_error) { .field = NULL };
	loaded = machine_pvh_load(&files, ram, RAM_SIZE, &start, err);
	free(exact);
	if (loaded)
		*entry = start.ebx == MACHINE_START_INFO ? start.eip : 0;
	return loaded;
}

static bool ram_is(uint8_t byte)
{
	return ram[0] == byte && !memcmp(ram, ram + 1, RAM_SIZE - 1);
}

/* A field of the image and a value that must be refused. */
struct spoil {
	const char *name;
	unsigned int at64, size64, at32, size32;	/* size 0: not for this class */
	uint64_t value;
	const char *field;	/* that the error must name */
	int index;
};

#define BOTH(at64, at32, size)	at64, size, at32, size
#define WIDE(at64, at32)	at64, 8, at32, 4
#define ONLY64(at64)		at64, 8, 0, 0
/* Fields of program header i. */
#define P_TYPE(i)	BOTH(64 + (i) * 56, 52 + (i) * 32, 4)
#define P_OFFSET(i)	WIDE(64 + (i) * 56 + 8, 52 + (i) * 32 + 4)
#define P_PADDR(i)	WIDE(64 + (i) * 56 + 24, 52 + (i) * 32 + 12)
#define P_FILESZ(i)	WIDE(64 + (i) * 56 + 32, 52 + (i) * 32 + 16)
#define P_MEMSZ(i)	WIDE(64 + (i) * 56 + 40, 52 + (i) * 32 + 20)
#define ALSO64(...)	SECOND(__VA_ARGS__)
#define SECOND(at64, size64, at32, size32) at64, size64, 0, 0

static const struct spoil spoils[] = {
	{ "magic", BOTH(0, 0, 1), 0x7e, "e_ident[EI_MAG]", -1 },
	{ "class 0", BOTH(4, 4, 1), 0, "e_ident[EI_CLASS]", -1 },
	{ "class 3", BOTH(4, 4, 1), 3, "e_ident[EI_CLASS]", -1 },
	{ "big-endian", BOTH(5, 5, 1), 2, "e_ident[EI_DATA]", -1 },
	{ "identification version", BOTH(6, 6, 1), 2, "e_ident[EI_VERSION]", -1 },
	{ "relocatable", BOTH(16, 16, 2), 1, "e_type", -1 },
	{ "shared object", BOTH(16, 16, 2), 3, "e_type", -1 },
	{ "core file", BOTH(16, 16, 2), 4, "e_type", -1 },
	{ "machine: ARM", BOTH(18, 18, 2), 40, "e_machine", -1 },
	{ "64-bit class, 32-bit machine", 18, 2, 0, 0, 3, "e_machine", -1 },
	{ "32-bit class, 64-bit machine", 0, 0, 18, 2, 62, "e_machine", -1 },
	{ "version", BOTH(20, 20, 4), 0, "e_version", -1 },
	{ "table at the end of the file", WIDE(32, 28), FILE_SIZE, "e_phoff", -1 },
	{ "table a byte too far", WIDE(32, 28), FILE_SIZE - 95, "e_phoff", -1 },
	{ "table far outside", WIDE(32, 28), 0xffffffff, "e_phoff", -1 },
	{ "table offset that wraps", ONLY64(32), -8ull, "e_phoff", -1 },
	{ "program header size", BOTH(54, 42, 2), 40, "e_phentsize", -1 },
	{ "no program headers", BOTH(56, 44, 2), 0, "e_phnum", -1 },
	{ "too many program headers", BOTH(56, 44, 2), 65, "e_phnum", -1 },
	{ "as many as can be said", BOTH(56, 44, 2), 0xffff, "e_phnum", -1 },
	{ "more headers than the file holds", BOTH(56, 44, 2), 64, "e_phoff", -1 },
	{ "code offset", P_OFFSET(1), FILE_SIZE + 1, "PT_LOAD p_offset", 1 },
	{ "code offset that wraps", ALSO64(P_OFFSET(1)), -16ull, "PT_LOAD p_offset", 1 },
	{ "code a byte beyond the file", P_OFFSET(1), FILE_SIZE - CODE_SIZE + 1,
	  "PT_LOAD p_filesz", 1 },
	{ "code larger in the file", P_FILESZ(1), CODE_SIZE + 1, "PT_LOAD p_filesz", 1 },
	{ "code size that wraps", ALSO64(P_FILESZ(1)), -0x100ull, "PT_LOAD p_filesz", 1 },
	{ "code without memory", P_MEMSZ(1), 0, "PT_LOAD p_filesz", 1 },
	{ "code in page 0", P_PADDR(1), 0, "PT_LOAD p_paddr", 1 },
	{ "code over the start info", P_PADDR(1), MACHINE_START_INFO, "PT_LOAD p_paddr", 1 },
	{ "code right below what it may use", P_PADDR(1), MACHINE_IMAGE_LOW - 1,
	  "PT_LOAD p_paddr", 1 },
	{ "code reaches into the EBDA", P_PADDR(1), MACHINE_EBDA - CODE_SIZE + 1,
	  "PT_LOAD p_paddr", 1 },
	{ "code in the PC hole", P_PADDR(1), 0xc0000, "PT_LOAD p_paddr", 1 },
	{ "code starts in the PC hole", P_PADDR(1), MACHINE_RAM_HIGH_START - 1,
	  "PT_LOAD p_paddr", 1 },
	{ "code at the end of memory", P_PADDR(1), RAM_SIZE, "PT_LOAD p_paddr", 1 },
	{ "code a byte beyond memory", P_PADDR(1), RAM_SIZE - CODE_SIZE + 1,
	  "PT_LOAD p_memsz", 1 },
	{ "code high up", P_PADDR(1), 0xffffffe0, "PT_LOAD p_paddr", 1 },
	{ "code address that wraps", ALSO64(P_PADDR(1)), -0x10ull, "PT_LOAD p_paddr", 1 },
	{ "code memory size", P_MEMSZ(1), RAM_SIZE, "PT_LOAD p_memsz", 1 },
	{ "code memory size that wraps", ALSO64(P_MEMSZ(1)), -(uint64_t)CODE,
	  "PT_LOAD p_memsz", 1 },
	{ "code memory over the data", P_MEMSZ(1), DATA - CODE + 1, "PT_LOAD p_paddr", 2 },
	{ "data over the code's last byte", P_PADDR(2), CODE + CODE_SIZE - 1,
	  "PT_LOAD p_paddr", 2 },
	{ "data ends on the code's first byte", P_PADDR(2), CODE - DATA_MEM + 1,
	  "PT_LOAD p_paddr", 2 },
	{ "data where the code is", P_PADDR(2), CODE, "PT_LOAD p_paddr", 2 },
	{ "note offset", P_OFFSET(0), FILE_SIZE + 1, "PT_NOTE p_offset", 0 },
	{ "note size", P_FILESZ(0), FILE_SIZE, "PT_NOTE p_filesz", 0 },
	{ "note size that wraps", ALSO64(P_FILESZ(0)), -0x100ull, "PT_NOTE p_filesz", 0 },
	{ "note cut off", P_FILESZ(0), NOTE_SIZE - 1, "PHYS32_ENTRY n_descsz", 0 },
	{ "note cut off in its name", P_FILESZ(0), 15, "PT_NOTE", -1 },
	{ "note header cut off", P_FILESZ(0), 11, "PT_NOTE", -1 },
	{ "no note segment", P_TYPE(0), 0, "PT_NOTE", -1 },
	{ "code not loaded", P_TYPE(1), 0, "PHYS32_ENTRY", -1 },
	{ "note name size", BOTH(NOTE_AT, NOTE_AT, 4), 8, "PT_NOTE", -1 },
	{ "no note name size", BOTH(NOTE_AT, NOTE_AT, 4), 0, "PT_NOTE", -1 },
	{ "note name size that wraps", BOTH(NOTE_AT, NOTE_AT, 4), 0xffffffff, "PT_NOTE", -1 },
	{ "note contents size", BOTH(NOTE_AT + 4, NOTE_AT + 4, 4), 8,
	  "PHYS32_ENTRY n_descsz", 0 },
	{ "note contents size that wraps", BOTH(NOTE_AT + 4, NOTE_AT + 4, 4), 0xfffffffd,
	  "PHYS32_ENTRY n_descsz", 0 },
	{ "note contents too small", BOTH(NOTE_AT + 4, NOTE_AT + 4, 4), 2,
	  "PHYS32_ENTRY n_descsz", 0 },
	{ "note type", BOTH(NOTE_AT + 8, NOTE_AT + 8, 4), 17, "PT_NOTE", -1 },
	{ "note name", BOTH(NOTE_AT + 12, NOTE_AT + 12, 1), 'Y', "PT_NOTE", -1 },
	{ "entry below the code", BOTH(NOTE_AT + 16, NOTE_AT + 16, 4), CODE - 1,
	  "PHYS32_ENTRY", -1 },
	{ "entry behind the code", BOTH(NOTE_AT + 16, NOTE_AT + 16, 4), CODE + CODE_SIZE,
	  "PHYS32_ENTRY", -1 },
	{ "entry in zeroed memory", BOTH(NOTE_AT + 16, NOTE_AT + 16, 4), DATA + DATA_SIZE,
	  "PHYS32_ENTRY", -1 },
	{ "entry 0", BOTH(NOTE_AT + 16, NOTE_AT + 16, 4), 0, "PHYS32_ENTRY", -1 },
};

static void test_spoiled(bool is64)
{
	const char *class = is64 ? "ELF64" : "ELF32";
	struct machine_image_error err;
	uint8_t file[FILE_SIZE];
	uint32_t entry;
	unsigned int i;
	bool loaded;

	memset(ram, 0x55, sizeof(ram));
	for (i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		const struct spoil *s = &spoils[i];
		unsigned int size = is64 ? s->size64 : s->size32;

		if (!size)
			continue;
		good_image(file, is64);
		put(file, is64 ? s->at64 : s->at32, size, s->value);
		loaded = load(file, sizeof(file), &entry, &err);
		ok(!loaded && err.field && err.problem && !strcmp(err.field, s->field) &&
		   err.index == s->index, "%s, %s: [%d] %s %s", class, s->name, (int)err.index,
		   err.field ? err.field : "(loaded)", err.problem ? err.problem : "");
	}
	ok(ram_is(0x55), "%s: guest memory was not touched", class);
}

static void test_good(bool is64)
{
	const char *class = is64 ? "ELF64" : "ELF32";
	struct machine_image_error err;
	uint8_t file[FILE_SIZE];
	uint32_t entry = 0;

	good_image(file, is64);
	memset(ram, 0x55, sizeof(ram));
	ok(load(file, sizeof(file), &entry, &err), "%s: a good image loads", class);
	is_u64("entry point", entry, ENTRY);
	ok(!memcmp(ram + CODE, file + CODE_AT, CODE_SIZE), "%s: the code is there", class);
	ok(!memcmp(ram + DATA, file + DATA_AT, DATA_SIZE), "%s: the data is there", class);
	is_u64("the rest of the data is zero, first", ram[DATA + DATA_SIZE], 0);
	is_u64("the rest of the data is zero, last", ram[DATA + DATA_MEM - 1], 0);
	is_u64("behind the data nothing changed", ram[DATA + DATA_MEM], 0x55);
	is_u64("behind the code nothing changed", ram[CODE + CODE_SIZE], 0x55);

	/* A segment over all of memory from the kept part on meets the hole. */
	put_segment(file, is64, 1, 1, CODE_AT, MACHINE_IMAGE_LOW, CODE_SIZE, RAM_SIZE / 2);
	ok(!load(file, sizeof(file), &entry, &err) &&
	   !strcmp(err.field, "PT_LOAD p_paddr"), "%s: a segment over the hole", class);

	/* Touching is not overlapping, up to the last byte of memory. */
	good_image(file, is64);
	put_segment(file, is64, 2, 1, DATA_AT, CODE + CODE_SIZE, DATA_SIZE,
		    RAM_SIZE - CODE - CODE_SIZE);
	ok(load(file, sizeof(file), &entry, &err), "%s: segments that touch", class);
	is_u64("zeroed to the end of memory", ram[RAM_SIZE - 1], 0);
	put_segment(file, is64, 2, 1, DATA_AT, MACHINE_EBDA - DATA_MEM, DATA_SIZE, DATA_MEM);
	ok(load(file, sizeof(file), &entry, &err), "%s: a segment up to the EBDA", class);
	put_segment(file, is64, 2, 1, DATA_AT, -1u, 0, 0);
	ok(load(file, sizeof(file), &entry, &err), "%s: an empty segment is nowhere", class);
	put_segment(file, is64, 1, 1, CODE_AT, CODE, 0, 0);
	ok(!load(file, sizeof(file), &entry, &err) && !strcmp(err.field, "program headers"),
	   "%s: nothing but empty segments", class);

	/* Eight bytes, as a linker of 64-bit kernels writes it, behind another note. */
	good_image(file, is64);
	put_segment(file, is64, 0, 4, NOTE_AT - 20, 0, 20 + NOTE_SIZE + 4, 0);
	memcpy(file + NOTE_AT - 20, "\4\0\0\0\4\0\0\0\3\0\0\0GNU\0abcd", 20);
	put(file, NOTE_AT + 4, 4, 8);
	put(file, NOTE_AT + 16, 8, ENTRY);
	ok(load(file, sizeof(file), &entry, &err), "%s: an 8 byte entry, second note", class);
	put(file, NOTE_AT + 16, 8, 1ull << 32 | ENTRY);
	ok(!load(file, sizeof(file), &entry, &err) && !strcmp(err.field, "PHYS32_ENTRY"),
	   "%s: an entry above 4 GiB", class);
}

/* Append a note, padded to @padding, to the notes of a file that has @at bytes; returns its end. */
static unsigned int add_note(uint8_t *file, unsigned int at, unsigned int padding,
			     const char *name, uint32_t type, const void *desc, uint32_t descsz)
{
	uint32_t namesz = name ? strlen(name) + 1 : 0;

	put(file, at, 4, namesz);
	put(file, at + 4, 4, descsz);
	put(file, at + 8, 4, type);
	if (name)
		memcpy(file + at + 12, name, namesz);
	at = (at + 12 + namesz + 3) & -4;
	if (descsz)
		memcpy(file + at, desc, descsz);
	return (at + descsz + padding - 1) & -padding;
}

/*
 * Notes in front of the one that counts, as linkers put them together: padded to 4 or
 * to 8, in a segment of any alignment, with and without name and contents.
 */
static void test_notes(bool is64)
{
	static const uint8_t bytes[24] = { 3, 0, 0, 0, 4, 0, 0, 0, 18, 0, 0, 0, 'X', 'e', 'n' };
	static const struct {
		const char *name;
		uint32_t descsz;
	} before[] = {
		{ "GNU", 20 }, { "GNU", 16 }, { "GNU", 0 }, { "", 4 }, { NULL, 0 }, { NULL, 4 },
		{ "Linux", 4 }, { "Xen", 24 }, { "Xen", 1 },
	};
	const unsigned int notes = 0x180, count = sizeof(before) / sizeof(before[0]);
	const uint64_t entry_bytes = ENTRY;
	unsigned int i, j, p, align, at, first, second, found = 0, tried = 0;
	struct machine_image_error err;
	uint8_t file[0x280];
	uint32_t entry;

	memset(ram, 0, sizeof(ram));
	for (i = 0; i < count * count * 4 * 5 * 2; i++) {
		first = 4 << (i & 1);
		second = 4 << (i >> 1 & 1);
		j = i / 4 % 5;
		align = j ? 1 << (j - 1) : 0;
		p = i / 20 % (count * count);
		memset(file, 0, sizeof(file));
		good_image(file, is64);
		at = add_note(file, notes, first, before[p % count].name, 5, bytes,
			      before[p % count].descsz);
		at = add_note(file, at, second, before[p / count].name, 2, bytes,
			      before[p / count].descsz);
		at = add_note(file, at, 4, PVH_NOTE_NAME, PVH_NOTE_PHYS32_ENTRY, &entry_bytes,
			      i & 1 ? 8 : 4);
		put_segment(file, is64, 0, 4, notes, 0, at - notes, 0);
		put(file, is64 ? 64 + 48 : 52 + 28, is64 ? 8 : 4, align);
		entry = 0;
		tried++;
		found += load(file, sizeof(file), &entry, &err) && entry == ENTRY;
	}
	is_u64(is64 ? "ELF64: the note is found behind any two others" :
	       "ELF32: the note is found behind any two others", found, tried);

	/* In the second of two segments. */
	good_image(file, is64);
	put(file, is64 ? 56 : 44, 2, 4);
	put_segment(file, is64, 3, 4, NOTE_AT, 0, NOTE_SIZE, 0);
	at = add_note(file, notes, 4, "GNU", 3, bytes, 20);
	put_segment(file, is64, 0, 4, notes, 0, at - notes, 0);
	ok(load(file, sizeof(file), &entry, &err) && entry == ENTRY,
	   "%s: the note is in the second segment of notes", is64 ? "ELF64" : "ELF32");
}

/* A program of the host's is none, wherever its segments are: that is what to say of it. */
static void test_hosted(bool is64)
{
	struct machine_image_error err;
	uint8_t file[FILE_SIZE];
	uint32_t entry;

	good_image(file, is64);
	put_segment(file, is64, 0, 0, 0, 0, 0, 0);
	put_segment(file, is64, 1, 1, CODE_AT, 0xff000, CODE_SIZE, CODE_SIZE);
	ok(!load(file, sizeof(file), &entry, &err) && strstr(err.problem, "docs/guest.md"),
	   "%s: a program of the host's: %s %s", is64 ? "ELF64" : "ELF32", err.field, err.problem);
	good_image(file, is64);
	put(file, 16, 2, 3);
	ok(!load(file, sizeof(file), &entry, &err) && strstr(err.problem, "docs/guest.md"),
	   "%s: as gcc makes it: %s %s", is64 ? "ELF64" : "ELF32", err.field, err.problem);
}

static void test_truncated(bool is64)
{
	unsigned int size, refused = 0, limit = DATA_AT + DATA_SIZE;
	struct machine_image_error err;
	uint8_t file[FILE_SIZE];
	uint32_t entry;

	good_image(file, is64);
	memset(ram, 0x55, sizeof(ram));
	for (size = 0; size < limit; size++) {
		if (!load(file, size, &entry, &err) && err.field && err.problem)
			refused++;
		else
			diag("%u bytes were taken for an image", size);
	}
	is_u64(is64 ? "ELF64: refused at every shorter length" :
	       "ELF32: refused at every shorter length", refused, limit);
	ok(ram_is(0x55), "guest memory was not touched");
	ok(load(file, limit, &entry, &err), "the last byte that is needed is enough");
}

/* Every byte of all headers, every value: whatever comes, nothing reads outside. */
static void test_every_byte(bool is64)
{
	struct machine_image_error err;
	unsigned int at, value, named = 0, tried = 0;
	uint8_t file[FILE_SIZE];
	uint32_t entry;

	for (at = 0; at < NOTE_AT + NOTE_SIZE; at++) {
		for (value = 0; value < 256; value++) {
			good_image(file, is64);
			file[at] = value;
			tried++;
			named += load(file, sizeof(file), &entry, &err) ?
				 entry < RAM_SIZE : err.field && err.problem;
		}
	}
	is_u64(is64 ? "ELF64: every value of every byte" : "ELF32: every value of every byte",
	       named, tried);
}

static void test_start_info(void)
{
	static char longest[MACHINE_CMDLINE_MAX + 1];
	struct machine_image_error err;
	uint8_t file[FILE_SIZE];
	uint32_t entry = 0;
	const struct pvh_start_info *info = (void *)(ram + MACHINE_START_INFO);
	const struct pvh_memmap *map;

	memset(ram, 0x55, sizeof(ram));
	good_image(file, true);
	ok(load(file, sizeof(file), &entry, &err), "start info");
	is_u64("magic", info->magic, 0x336ec578);
	is_u64("version", info->version, 1);
	is_u64("flags", info->flags, 0);
	is_u64("modules", info->nr_modules, 0);
	is_u64("ACPI", info->rsdp, MACHINE_RSDP);
	is_str("command line", (char *)ram + info->cmdline, "a=b c");
	is_u64("memory map entries", info->memmap_entries, 3);
	map = (void *)(ram + info->memmap);
	is_u64("low memory starts", map[0].addr, 0);
	is_u64("low memory ends at the EBDA", map[0].size, MACHINE_EBDA);
	is_u64("low memory is RAM", map[0].type, PVH_MEMMAP_RAM);
	is_u64("which with the hole", map[1].addr, MACHINE_EBDA);
	is_u64("ends at 1 MiB", map[1].addr + map[1].size, MACHINE_RAM_HIGH_START);
	is_u64("is reserved", map[1].type, PVH_MEMMAP_RESERVED);
	is_u64("high memory starts", map[2].addr, MACHINE_RAM_HIGH_START);
	is_u64("high memory ends", map[2].addr + map[2].size, RAM_SIZE);
	is_u64("high memory is RAM", map[2].type, PVH_MEMMAP_RAM);

	cmdline = memset(longest, 'x', MACHINE_CMDLINE_MAX);
	ok(!load(file, sizeof(file), &entry, &err) && !strcmp(err.field, "command line"),
	   "a command line that is too long");
	longest[MACHINE_CMDLINE_MAX - 1] = 0;
	ok(load(file, sizeof(file), &entry, &err), "the longest command line");
	is_str("is all there", (char *)ram + info->cmdline, longest);
	is_u64("images start behind it", ram[MACHINE_IMAGE_LOW], 0x55);
	is_u64("and memory below is left alone", ram[MACHINE_START_INFO - 1], 0x55);
}

int main(void)
{
	int is64;

	for (is64 = 0; is64 < 2; is64++) {
		test_good(is64);
		test_notes(is64);
		test_hosted(is64);
		test_spoiled(is64);
		test_truncated(is64);
		test_every_byte(is64);
	}
	test_start_info();
	return done();
}
