// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/load.c machine/multiboot.c machine/elf_image.c machine/image.c */
/* units: machine/bzimage.c machine/ebda.c machine/mptable.c machine/acpi.c */
/*
 * Multiboot 1 images: good ones are loaded as the specification says, and what is wrong
 * is refused by name, without a byte of guest memory written and without a read outside
 * a file.
 */
#include "machine/machine.h"
#include "machine/multiboot.h"
#include "machine/pvh.h"
#include "tests/unit/tap.h"

#define RAM_SIZE	(MACHINE_MEM_MIN_MIB << 20)
#define FILE_SIZE	0x3000u
#define HEADER		0x100u		/* where the header is in the ELF */
#define CODE		0x100000u
#define CODE_AT		0x1000u
#define CODE_SIZE	0x1800u
#define CODE_MEM	0x2345u
#define BEHIND		0x103000u	/* the next page */
#define MAGIC		0x1badb002u
#define ADDRESSES	0x10000u

static uint8_t file[FILE_SIZE], ram[RAM_SIZE], initrd[0x1234];
static struct machine_start start;
static struct machine_image_error err;
static const char *cmdline = "NR_CPUS=1 x";
static bool with_initrd;

static void put(unsigned int at, unsigned int size, uint64_t value)
{
	memcpy(file + at, &value, size);
}

static uint32_t get32(uint32_t at)
{
	uint32_t value;

	memcpy(&value, ram + at, 4);
	return value;
}

static void header(unsigned int at, uint32_t flags)
{
	put(at, 4, MAGIC);
	put(at + 4, 4, flags);
	put(at + 8, 4, -(MAGIC + flags));
}

static void addresses(unsigned int at, uint32_t header_addr, uint32_t load, uint32_t load_end,
		      uint32_t bss_end, uint32_t entry)
{
	put(at + 12, 4, header_addr);
	put(at + 16, 4, load);
	put(at + 20, 4, load_end);
	put(at + 24, 4, bss_end);
	put(at + 28, 4, entry);
}

/* An ELF32 whose code is linked to run 3 GiB above where it is loaded. */
static void good_elf(void)
{
	memset(file, 0, sizeof(file));
	memcpy(file, "\177ELF\1\1\1", 7);
	put(16, 2, 2);
	put(18, 2, 3);
	put(20, 4, 1);
	put(24, 4, 0xc0000000 + CODE + 0x20);
	put(28, 4, 52);
	put(42, 2, 32);
	put(44, 2, 1);
	put(52, 4, 1);
	put(56, 4, CODE_AT);
	put(60, 4, 0xc0000000 + CODE);
	put(64, 4, CODE);
	put(68, 4, CODE_SIZE);
	put(72, 4, CODE_MEM);
	memset(file + CODE_AT, 0xc0, CODE_SIZE);
	header(HEADER, 3);
}

/* In heap blocks of exactly their size, so that a read past their ends is seen. */
static bool load(uint64_t size)
{
	uint8_t *image = malloc(size + !size), *module = malloc(sizeof(initrd));
	struct machine_files files = {
		.image = image, .image_size = size, .name = "a name.elf",
		.initrd = with_initrd ? module : NULL,
		.initrd_size = with_initrd ? sizeof(initrd) : 0,
		.initrd_name = with_initrd ? "env" : "", .cmdline = cmdline, .cpus = 1,
	};
	bool loaded;

	memcpy(image, file, size);
	memcpy(module, initrd, sizeof(initrd));
	err = (struct machine_image_error) { .field = NULL };
	start = (struct machine_start) { 0 };
	loaded = machine_load(&files, ram, RAM_SIZE, &start, &err);
	free(image);
	free(module);
	return loaded;
}

static void test_information(uint32_t info)
{
	uint32_t map = get32(info + 48), at, length;

	is_u64("EAX", start.eax, 0x2badb002);
	is_u64("EBX", start.ebx, info);
	is_u64("code segment", get32(start.gdt_base + start.cs), 0x0000ffff);
	is_u64("flat, 32-bit", get32(start.gdt_base + start.cs + 4), 0x00cf9b00);
	is_u64("data segment", get32(start.gdt_base + start.ds + 4), 0x00cf9300);
	is_u64("limit of the GDT", start.gdt_limit, 23);
	ok(!start.x2apic, "the APIC is as after a reset");
	is_u64("flags", get32(info), 0x24d);
	is_u64("KiB below", get32(info + 4), MACHINE_EBDA >> 10);
	is_u64("KiB above", get32(info + 8), (RAM_SIZE >> 10) - 1024);
	is_str("command line", (char *)ram + get32(info + 16), "a name.elf NR_CPUS=1 x");
	is_str("loader", (char *)ram + get32(info + 64), "lab");
	for (at = map, length = 0; at < map + get32(info + 44); at += get32(at) + 4)
		length += get32(at + 20) == 1 ? get32(at + 12) : 0;
	is_u64("the map ends where it says", at - map, get32(info + 44));
	is_u64("memory in it", length, RAM_SIZE - MACHINE_RAM_HIGH_START + MACHINE_EBDA);
}

static void test_elf(void)
{
	uint32_t module;

	good_elf();
	memset(ram, 0x55, sizeof(ram));
	ok(load(FILE_SIZE), "an ELF loads");
	is_u64("entry, by its segment", start.eip, CODE + 0x20);
	ok(!memcmp(ram + CODE, file + CODE_AT, CODE_SIZE), "the code is there");
	is_u64("and zeroes behind it", ram[CODE + CODE_MEM - 1], 0);
	test_information(BEHIND);
	is_u64("no module", get32(BEHIND + 20), 0);

	with_initrd = true;
	memset(initrd, 0x1d, sizeof(initrd));
	ok(load(FILE_SIZE), "with a module");
	test_information(BEHIND);
	is_u64("one module", get32(BEHIND + 20), 1);
	module = get32(BEHIND + 24);
	is_u64("on a page", get32(module), BEHIND + 0x1000);
	is_u64("its size", get32(module + 4) - get32(module), sizeof(initrd));
	ok(!memcmp(ram + get32(module), initrd, sizeof(initrd)), "it is there");
	is_str("its name", (char *)ram + get32(module + 8), "env");

	/* Low images, as those for real mode: what does not fit below the hole is above. */
	put(64, 4, 0x4000);
	ok(load(FILE_SIZE) && start.ebx == 0x7000, "a low image: all of it is low");
	put(64, 4, MACHINE_EBDA - 0x2c00);
	ok(load(FILE_SIZE) && start.ebx == MACHINE_RAM_HIGH_START, "a low image under the hole");
	with_initrd = false;
}

/* Raw images: the header says where all of it goes. */
static void test_raw(void)
{
	memset(file, 0x90, sizeof(file));
	header(0x40, ADDRESSES);
	addresses(0x40, CODE + 0x40, CODE, CODE + 0x2000, CODE + 0x2800, CODE + 8);
	memset(ram, 0x55, sizeof(ram));
	ok(load(FILE_SIZE), "a raw image loads");
	is_u64("entry", start.eip, CODE + 8);
	ok(!memcmp(ram + CODE, file, 0x2000) && !ram[CODE + 0x2000] && !ram[CODE + 0x27ff],
	   "contents and zeroes are there");
	test_information(BEHIND);

	addresses(0x40, CODE, CODE, 0, 0, CODE + 8);
	ok(load(FILE_SIZE) && !memcmp(ram + CODE, file + 0x40, FILE_SIZE - 0x40),
	   "from the header on, to the end of the file");
	memcpy(file, "\177ELF\2\1\1", 7);
	ok(load(FILE_SIZE), "of a file of any other kind");
}

static void test_search(void)
{
	static const struct {
		unsigned int at;
		bool found;
	} places[] = {
		{ 0, true }, { 4, true }, { 2, false }, { 8180, true }, { 8184, false },
		{ 8192, false },
	};
	struct machine_files none = { .image = file, .image_size = 11, .cmdline = "" };

	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		memset(file, 0, sizeof(file));
		header(places[i].at, 0);
		ok(machine_is_multiboot(file, FILE_SIZE) == places[i].found, "a header at %u: %s",
		   places[i].at, places[i].found ? "found" : "not looked at");
	}
	header(0, 0);
	ok(machine_is_multiboot(file, 12), "a file of 12 bytes");
	ok(!machine_is_multiboot(file, 11), "of 11");
	put(8, 1, 0);
	ok(!machine_is_multiboot(file, FILE_SIZE), "a wrong checksum");
	ok(!machine_load(&none, ram, RAM_SIZE, &start, &err), "is no image at all: %s", err.field);
}

/* Fields of the ELF, or of the raw image, and what must be said of them. */
static const struct {
	const char *name;
	bool raw;
	unsigned int at, size;
	uint64_t value;
	const char *field;
} spoils[] = {
	{ "an ELF for others", false, 18, 2, 40, "e_machine" },
	{ "entry outside", false, 24, 4, CODE + 0x20, "e_entry" },
	{ "entry in the zeroes", false, 24, 4, 0xc0000000 + CODE + CODE_SIZE, "e_entry" },
	{ "in page 0", false, 64, 4, 0xfff, "PT_LOAD p_paddr" },
	{ "in the hole", false, 64, 4, 0xb8000, "PT_LOAD p_paddr" },
	{ "outside memory", false, 64, 4, RAM_SIZE, "PT_LOAD p_paddr" },
	{ "to the end of memory", false, 72, 4, RAM_SIZE - CODE, "image" },
	{ "header_addr before load_addr", true, 12, 4, CODE - 1, "header_addr" },
	{ "header_addr too far", true, 12, 4, CODE + 0x41, "header_addr" },
	{ "load_addr 0", true, 16, 4, 0, "header_addr" },
	{ "load_end_addr before", true, 20, 4, CODE - 1, "load_end_addr" },
	{ "load_end_addr behind the file", true, 20, 4, CODE + FILE_SIZE + 1, "load_end_addr" },
	{ "bss_end_addr in the contents", true, 24, 4, CODE + 0x1fff, "bss_end_addr" },
	{ "bss_end_addr outside memory", true, 24, 4, 0xffffffff, "bss_end_addr" },
	{ "entry below", true, 28, 4, CODE - 1, "entry_addr" },
	{ "entry in the zeroes", true, 28, 4, CODE + 0x2000, "entry_addr" },
};

static bool ram_is(uint8_t byte)
{
	return ram[0] == byte && !memcmp(ram, ram + 1, RAM_SIZE - 1);
}

static void good_raw(void)
{
	memset(file, 0, sizeof(file));
	header(0x40, ADDRESSES);
	addresses(0x40, CODE + 0x40, CODE, CODE + 0x2000, CODE + 0x2800, CODE + 8);
}

static void test_spoiled(void)
{
	bool loaded;

	memset(ram, 0x55, sizeof(ram));
	for (unsigned int i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		if (spoils[i].raw)
			good_raw();
		else
			good_elf();
		put(spoils[i].at + (spoils[i].raw ? 0x40 : 0), spoils[i].size, spoils[i].value);
		loaded = load(FILE_SIZE);
		ok(!loaded && !strcmp(err.field, spoils[i].field), "%s: %s %s", spoils[i].name,
		   err.field, err.problem);
	}
	good_elf();
	header(HEADER, 8);
	ok(!load(FILE_SIZE) && !strcmp(err.field, "Multiboot flags"), "a flag that nobody knows");
	good_elf();
	put(72, 4, RAM_SIZE - CODE - 0x1800);
	with_initrd = true;
	ok(!load(FILE_SIZE) && err.initrd, "no room for a module: %s %s", err.field, err.problem);
	with_initrd = false;
	ok(ram_is(0x55), "guest memory was not touched");
}

/* What is entered by PVH on every host stays so, with a Multiboot header beside the note. */
static void test_both(void)
{
	good_elf();
	put(44, 2, 2);
	put(84, 4, 4);
	put(88, 4, 0xc0);
	put(100, 4, 20);
	put(0xc0, 4, 4);
	put(0xc4, 4, 4);
	put(0xc8, 4, PVH_NOTE_PHYS32_ENTRY);
	memcpy(file + 0xcc, "Xen", 4);
	put(0xd0, 4, CODE + 0x40);
	memset(ram, 0, sizeof(ram));
	ok(load(FILE_SIZE) && start.eip == CODE + 0x40 && !start.eax, "PVH comes first");

	memset(file, 0, sizeof(file));
	memcpy(file, "\177ELF\2\1\1", 7);
	put(16, 2, 2);
	put(18, 2, 62);
	put(20, 4, 1);
	put(32, 8, 64);
	put(54, 2, 56);
	put(56, 2, 1);
	header(HEADER, 0);
	ok(!load(FILE_SIZE) && strstr(err.problem, "objcopy"), "an ELF64: %s %s", err.field,
	   err.problem);
}

/* Every value of every byte that says something: refused by name, or entered in memory. */
static void test_every_byte(void)
{
	unsigned int at, value, raw, tried = 0, sane = 0;

	for (raw = 0; raw < 2; raw++) {
		for (at = raw ? 0x40 : 0; at < (raw ? 0x60 : HEADER + 12); at++) {
			for (value = 0; value < 256; value += raw ? 1 : 15) {
				if (raw)
					good_raw();
				else
					good_elf();
				file[at] = value;
				tried++;
				sane += load(FILE_SIZE) ? start.eip < RAM_SIZE :
					err.field && err.problem;
			}
		}
	}
	is_u64("values of every byte", sane, tried);
	for (value = 0, sane = 0; value < FILE_SIZE; value += 13, sane++) {
		if (value & 1)
			good_elf();
		else
			good_raw();
		load(value);
	}
	ok(sane, "files of every length");
}

int main(void)
{
	test_elf();
	test_raw();
	test_search();
	test_spoiled();
	test_both();
	test_every_byte();
	return done();
}
