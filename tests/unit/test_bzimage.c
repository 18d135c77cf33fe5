// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/load.c machine/bzimage.c machine/multiboot.c machine/elf_image.c */
/* units: machine/image.c */
/* units: machine/ebda.c machine/acpi.c machine/mptable.c */
/*
 * bzImages: a good one is loaded as the boot protocol says, and every field that
 * can be wrong is refused by name, without a byte of guest memory written and
 * without a read outside a file.
 */
#include "machine/bzimage.h"
#include "machine/ebda.h"
#include "machine/machine.h"
#include "tests/unit/tap.h"

#define MIB		(1u << 20)
#define RAM_SIZE	(8 * MIB)
#define SETUP_SECTS	2u
#define CODE_AT		((SETUP_SECTS + 1) * 512)
#define CODE_SIZE	0x400u
#define FILE_SIZE	(CODE_AT + CODE_SIZE)
#define LOAD		MIB
#define PREFERRED	(2 * MIB)
#define INIT_SIZE	(3 * MIB)
#define INITRD_SIZE	0x1800u
#define PARAMS		MACHINE_START_INFO

/* Offsets in file and boot_params; source: boot.rst, "The Real-Mode Kernel Header". */
enum {
	H_SETUP_SECTS = 0x1f1, H_SYSSIZE = 0x1f4, H_BOOT_FLAG = 0x1fe, H_JUMP = 0x200,
	H_JUMP_LENGTH = 0x201, H_HEADER = 0x202, H_VERSION = 0x206, H_LOADER = 0x210,
	H_LOADFLAGS = 0x211, H_CODE32_START = 0x214, H_RAMDISK = 0x218,
	H_RAMDISK_SIZE = 0x21c, H_CMDLINE = 0x228, H_INITRD_MAX = 0x22c,
	H_RELOCATABLE = 0x234, H_CMDLINE_SIZE = 0x238, H_PAYLOAD = 0x248,
	H_PAYLOAD_LENGTH = 0x24c, H_SETUP_DATA = 0x250, H_PREF = 0x258, H_INIT_SIZE = 0x260,
	H_END = 0x268,
};

static uint8_t ram[RAM_SIZE];
static uint8_t file[FILE_SIZE];
static uint8_t initrd[INITRD_SIZE];
static const char *cmdline = "console=ttyS0";
static struct machine_start start;
static struct machine_image_error err;

static void put(unsigned int at, unsigned int size, uint64_t value)
{
	memcpy(file + at, &value, size);
}

static uint64_t get(const uint8_t *from, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

static void good_image(void)
{
	memset(file, 0x11, sizeof(file));
	memset(file + H_SETUP_SECTS, 0, H_END - H_SETUP_SECTS);
	put(H_SETUP_SECTS, 1, SETUP_SECTS);
	put(H_SYSSIZE, 4, CODE_SIZE / 16);
	put(H_BOOT_FLAG, 2, 0xaa55);
	put(H_JUMP, 1, 0xeb);
	put(H_JUMP_LENGTH, 1, H_END - 0x202);
	put(H_HEADER, 4, 0x53726448);
	put(H_VERSION, 2, 0x20f);
	put(H_LOADFLAGS, 1, 1);
	put(H_CODE32_START, 4, LOAD);
	put(H_INITRD_MAX, 4, 0x7fffffff);
	put(H_CMDLINE_SIZE, 4, 2047);
	put(H_PAYLOAD, 4, 0x100);
	put(H_PAYLOAD_LENGTH, 4, 0x200);
	put(H_SETUP_DATA, 8, 0xdead);
	put(H_PREF, 8, PREFERRED);
	put(H_INIT_SIZE, 4, INIT_SIZE);
	memset(file + CODE_AT, 0xc0, CODE_SIZE);
	memset(initrd, 0x1d, sizeof(initrd));
}

/* In heap blocks of exactly their size, so that a read past their ends is seen. */
static bool load(uint64_t size, uint64_t initrd_size, uint64_t ram_size)
{
	uint8_t *image = malloc(size ? size : 1), *disk = malloc(initrd_size + 1);
	struct machine_files files = { image, size, disk, initrd_size, cmdline, "", "", 1 };
	bool loaded;

	memcpy(image, file, size);
	memcpy(disk, initrd, initrd_size);
	if (!initrd_size)
		files.initrd = NULL;
	err = (struct machine_image_error) { .field = NULL };
	loaded = machine_load(&files, ram, ram_size, &start, &err);
	free(image);
	free(disk);
	return loaded;
}

static bool ram_is(uint8_t byte)
{
	return ram[0] == byte && !memcmp(ram, ram + 1, RAM_SIZE - 1);
}

static void refused(const char *name, bool loaded, const char *field)
{
	ok(!loaded && err.field && !strcmp(err.field, field) && err.index == -1,
	   "%s: %s %s (0x%" PRIx64 ")", name, err.field ? err.field : "(loaded)",
	   err.problem ? err.problem : "", err.value);
}

static void test_good(void)
{
	const uint8_t *p = ram + PARAMS;
	uint64_t at;

	good_image();
	memset(ram, 0, sizeof(ram));
	ok(load(FILE_SIZE, INITRD_SIZE, RAM_SIZE), "a good image loads");
	is_u64("entry", start.eip, LOAD);
	is_u64("ESI", start.esi, PARAMS);
	is_u64("EBX", start.ebx, 0);
	is_u64("CS", start.cs, 0x10);
	is_u64("DS", start.ds, 0x18);
	is_u64("code segment", get(ram + start.gdt_base + start.cs, 8), 0x00cf9b000000ffff);
	is_u64("data segment", get(ram + start.gdt_base + start.ds, 8), 0x00cf93000000ffff);
	is_u64("limit of the GDT", start.gdt_limit, 31);
	ok(start.x2apic, "the APIC is in x2APIC mode");
	ok(!memcmp(ram + LOAD, file + CODE_AT, CODE_SIZE), "the kernel is there");
	is_u64("and no more", ram[LOAD + CODE_SIZE], 0);

	is_u64("what is before the header in the file is not taken", p[0x1f0], 0);
	is_u64("nor what is behind it", p[H_END], 0);
	is_u64("magic", get(p + H_HEADER, 4), 0x53726448);
	is_u64("loader", p[H_LOADER], 0xff);
	is_u64("no setup_data", get(p + H_SETUP_DATA, 8), 0);
	is_u64("the RSDP", get(p + 0x70, 8), MACHINE_RSDP);
	ok(!memcmp(ram + MACHINE_RSDP, "RSD PTR ", 8), "is there");
	at = get(p + H_RAMDISK, 4);
	is_u64("initrd's size", get(p + H_RAMDISK_SIZE, 4), INITRD_SIZE);
	is_u64("initrd is at the end, from a page on", at, RAM_SIZE - 0x2000);
	ok(!memcmp(ram + at, initrd, INITRD_SIZE), "the initrd is there");
	is_str("command line", (char *)ram + get(p + H_CMDLINE, 4), "noapic console=ttyS0");

	is_u64("memory map entries", p[0x1e8], 3);
	is_u64("base memory ends at the EBDA", get(p + 0x2d0 + 8, 8), MACHINE_EBDA);
	is_u64("it is RAM", get(p + 0x2d0 + 16, 4), 1);
	is_u64("what follows is not", get(p + 0x2d0 + 20 + 16, 4), 2);
	is_u64("memory from 1 MiB on", get(p + 0x2d0 + 40, 8), MIB);
	is_u64("to the end", get(p + 0x2d0 + 40 + 8, 8), RAM_SIZE - MIB);

	/* A relocatable kernel goes where it wants to be. */
	put(H_RELOCATABLE, 1, 1);
	ok(load(FILE_SIZE, 0, RAM_SIZE), "a relocatable kernel, no initrd");
	is_u64("entry", start.eip, PREFERRED);
	is_u64("no initrd", get(p + H_RAMDISK, 4), 0);
	is_u64("of no size", get(p + H_RAMDISK_SIZE, 4), 0);
	put(H_INITRD_MAX, 4, 6 * MIB - 1);
	ok(load(FILE_SIZE, INITRD_SIZE, RAM_SIZE), "an initrd that may not be high");
	is_u64("is not", get(p + H_RAMDISK, 4), 6 * MIB - 0x2000);
	put(H_SETUP_SECTS, 1, 0);
	ok(!load(FILE_SIZE, 0, RAM_SIZE), "setup_sects 0 means 4, and the file ends before");
}

/* The size is in units of 16 bytes, and a file need not fill the last. */
static void test_rounded_size(void)
{
	unsigned int missing, good = 0;

	good_image();
	for (missing = 0; missing < 16; missing++) {
		memset(ram, 0, sizeof(ram));
		good += load(FILE_SIZE - missing, 0, RAM_SIZE) &&
			!memcmp(ram + LOAD, file + CODE_AT, CODE_SIZE - missing) &&
			!ram[LOAD + CODE_SIZE - missing];
	}
	is_u64("a file that ends in the last 16 bytes of syssize", good, 16);
	refused("one that ends before", load(FILE_SIZE - 16, 0, RAM_SIZE), "syssize");
}

/* A field, and a value that must be refused. */
static const struct {
	const char *name;
	unsigned int at, size;
	uint64_t value;
	const char *field;
} spoils[] = {
	{ "boot flag", H_BOOT_FLAG, 2, 0, "boot_flag" },
	{ "magic", H_HEADER, 4, 0x53726449, "header" },
	{ "an old protocol", H_VERSION, 2, 0x209, "version" },
	{ "a header that ends early", H_JUMP_LENGTH, 1, 0x264 - 0x202 - 1, "jump" },
	{ "a header beyond its room", H_JUMP_LENGTH, 1, 0xff, "jump" },
	{ "a zImage", H_LOADFLAGS, 1, 0, "loadflags" },
	{ "setup as long as the file", H_SETUP_SECTS, 1, FILE_SIZE / 512 - 1, "setup_sects" },
	{ "setup beyond the file", H_SETUP_SECTS, 1, 255, "setup_sects" },
	{ "no kernel", H_SYSSIZE, 4, 0, "syssize" },
	{ "16 bytes missing", H_SYSSIZE, 4, CODE_SIZE / 16 + 1, "syssize" },
	{ "a size that wraps", H_SYSSIZE, 4, 0xffffffff, "syssize" },
	{ "payload beyond the kernel", H_PAYLOAD_LENGTH, 4, CODE_SIZE - 0xff, "payload_length" },
	{ "payload that wraps", H_PAYLOAD, 4, 0xffffffff, "payload_length" },
	{ "loaded below 1 MiB", H_CODE32_START, 4, MIB - 1, "code32_start" },
	{ "loaded behind the end of memory", H_CODE32_START, 4, RAM_SIZE, "code32_start" },
	{ "no room for the file", H_CODE32_START, 4, RAM_SIZE - CODE_SIZE + 1, "syssize" },
	{ "wants to be below 1 MiB", H_PREF, 8, 0x10000, "pref_address" },
	{ "wants to be behind memory", H_PREF, 8, RAM_SIZE, "pref_address" },
	{ "wants to be nowhere", H_PREF, 8, -1ull, "pref_address" },
	{ "no room to start", H_INIT_SIZE, 4, RAM_SIZE - PREFERRED + 1, "init_size" },
	{ "a short command line", H_CMDLINE_SIZE, 4, 19, "cmdline_size" },
	{ "initrd only in low memory", H_INITRD_MAX, 4, MIB, "initrd size" },
	{ "initrd over the kernel", H_INITRD_MAX, 4, PREFERRED + INIT_SIZE + 0x1fff - 0x1000,
	  "initrd size" },
};

static void test_spoiled(void)
{
	static char long_line[MACHINE_EBDA - PARAMS];
	unsigned int i;
	uint64_t size;
	bool all = true;

	memset(ram, 0x55, sizeof(ram));
	for (i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		good_image();
		put(spoils[i].at, spoils[i].size, spoils[i].value);
		refused(spoils[i].name, load(FILE_SIZE, INITRD_SIZE, RAM_SIZE), spoils[i].field);
	}
	ok(err.initrd, "of an initrd it is said that it is the initrd");
	good_image();
	put(H_RELOCATABLE, 1, 1);
	put(H_PREF, 8, 0x10000);
	refused("relocatable, to below 1 MiB", load(FILE_SIZE, 0, RAM_SIZE), "pref_address");
	good_image();
	refused("an initrd larger than memory", load(FILE_SIZE, INITRD_SIZE, 5 * MIB + 0x1000),
		"initrd size");
	refused("a machine that is too small", load(FILE_SIZE, 0, 4 * MIB), "init_size");
	cmdline = memset(long_line, 'x', sizeof(long_line) - 1);
	put(H_CMDLINE_SIZE, 4, 0xffffffff);
	refused("no room for the command line", load(FILE_SIZE, 0, RAM_SIZE), "command line");
	put(H_CMDLINE_SIZE, 4, 2047);
	refused("a long command line", load(FILE_SIZE, 0, RAM_SIZE), "cmdline_size");
	long_line[2047 - strlen("noapic ")] = '\0';
	ok(load(FILE_SIZE, 0, RAM_SIZE), "the longest command line");
	put(H_CMDLINE_SIZE, 4, 0xffffffff);
	long_line[2047 - strlen("noapic ")] = 'x';
	long_line[sizeof(long_line) / 2] = '\0';
	ok(load(FILE_SIZE, 0, RAM_SIZE), "a longer one, for a kernel that takes it");
	cmdline = "console=ttyS0";

	memset(ram, 0x55, sizeof(ram));
	good_image();
	for (size = 0; size <= FILE_SIZE - 16; size++)
		all &= !load(size, 0, RAM_SIZE) && err.field && err.problem;
	ok(all, "refused at every shorter length");
	memset(file, 0, sizeof(file));
	ok(!load(FILE_SIZE, 0, RAM_SIZE), "zeros: %s %s", err.field, err.problem);
	memcpy(file, "\177ELF", 4);
	ok(!load(FILE_SIZE, INITRD_SIZE, RAM_SIZE) && err.initrd, "an ELF with an initrd: %s %s",
	   err.field, err.problem);
	ok(ram_is(0x55), "guest memory was not touched");
}

/* Every byte of the header, every value: whatever comes, nothing is read or written outside. */
static void test_every_byte(void)
{
	unsigned int at, value, tried = 0, sane = 0;

	for (at = H_SETUP_SECTS; at < H_END; at++) {
		for (value = 0; value < 256; value += at == H_JUMP_LENGTH ? 1 : 17) {
			good_image();
			file[at] = value;
			tried++;
			sane += load(FILE_SIZE, INITRD_SIZE, RAM_SIZE) ? start.eip < RAM_SIZE :
				err.field && err.problem;
		}
	}
	is_u64("values of every byte", sane, tried);
}

int main(void)
{
	test_good();
	test_rounded_size();
	test_spoiled();
	test_every_byte();
	return done();
}
