// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux bzImages: check everything first, then copy. As in image.c, a file may
 * be hostile, and no sum of its fields is made that could wrap.
 */
#include <stddef.h>
#include "machine/bzimage.h"
#include "machine/ebda.h"
#include "machine/elf_image.h"
#include "machine/machine.h"

#define SECTOR			512u
#define HEADER			0x1f1u		/* of the setup header, in file and boot_params */
#define HEADER_MAX		(0x290u - HEADER)
#define BOOT_FLAG		0xaa55
#define MAGIC			0x53726448u	/* "HdrS" */
#define VERSION_MIN		0x020au		/* has pref_address and init_size */
#define LOADED_HIGH		0x01
#define LOADER_UNDEFINED	0xff
#define VIDEO_NORMAL		0xffff
#define SYSSIZE_UNIT		16u

/*
 * In front of the command line. Without it a Linux that reads MP tables masks LINT0,
 * where the PICs are, once it has found one, though neither that nor ACPI's MADT names
 * an I/O APIC.
 */
#define CMDLINE_MACHINE		"noapic "
#define CMDLINE_MACHINE_LENGTH	(sizeof(CMDLINE_MACHINE) - 1)

/* As the protocol asks: __BOOT_CS and __BOOT_DS, flat. */
#define BOOT_CS			0x10
#define BOOT_DS			0x18

/* "The Real-Mode Kernel Header", from offset 0x1f1; what nobody here asks has no name. */
struct setup_header {
	uint8_t setup_sects, unused0[2];
	uint32_t syssize;		/* in units of 16 bytes */
	uint16_t unused1, vid_mode, unused2, boot_flag;
	uint8_t jump, jump_length;	/* the header ends jump_length behind 0x202 */
	uint32_t header;
	uint16_t version, unused3[4];
	uint8_t type_of_loader, loadflags, unused4[2];
	uint32_t code32_start, ramdisk_image, ramdisk_size, unused5[2];
	uint32_t cmd_line_ptr, initrd_addr_max, unused6;
	uint8_t relocatable_kernel, unused7[3];
	uint32_t cmdline_size, unused8[3], payload_offset, payload_length;
	uint64_t setup_data, pref_address;
	uint32_t init_size;
} __attribute__((packed));

#define HEADER_FIXED	(0x202u - HEADER)	/* what jump_length does not count */

_Static_assert(offsetof(struct setup_header, header) == 0x202 - HEADER, "setup header layout");
_Static_assert(sizeof(struct setup_header) == 0x264 - HEADER, "setup header layout");

struct e820_entry {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((packed));

/* "Zero Page"; only what a loader fills in has a name. */
struct boot_params {
	uint8_t unused0[0x70];
	uint64_t acpi_rsdp_addr;
	uint8_t unused1[0x1e8 - 0x78];
	uint8_t e820_entries;
	uint8_t unused2[HEADER - 0x1e9];
	union {
		uint8_t bytes[HEADER_MAX];
		struct setup_header h;
	} setup;
	uint8_t unused3[0x2d0 - 0x290];
	struct e820_entry e820[128];
	uint8_t unused4[0x1000 - 0xcd0];
} __attribute__((packed));

_Static_assert(sizeof(struct boot_params) == MACHINE_PAGE_SIZE, "zero page layout");

/* Below the EBDA, from MACHINE_START_INFO on. */
struct low_memory {
	struct boot_params params;
	uint64_t gdt[4];
	char cmdline[];
};

/* What is kept of an image while it is checked. */
struct bzimage {
	const struct machine_files *files;
	uint64_t ram_size;
	struct setup_header h;
	uint32_t header_size;
	uint64_t code, code_size;	/* protected-mode code in the file, bytes */
	uint64_t padding;		/* of code_size, what the file lacks */
	uint64_t load;			/* where it goes */
	uint64_t end;			/* of what the kernel needs when it starts */
	uint64_t initrd;
	uint64_t cmdline_size;		/* with the final NUL */
	struct machine_image_error *err;
};

bool machine_is_bzimage(const void *file, uint64_t size)
{
	struct setup_header h;

	if (size < HEADER + sizeof(h) || !__builtin_memcmp(file, "\177ELF", 4))
		return false;
	__builtin_memcpy(&h, (const uint8_t *)file + HEADER, sizeof(h));
	/* One of the two may be damaged, and is named then. */
	return h.header == MAGIC || (h.boot_flag == BOOT_FLAG && h.jump == 0xeb);
}

static bool check_header(struct bzimage *b)
{
	const struct setup_header *h = &b->h;
	struct machine_image_error *err = b->err;
	const uint64_t size = b->files->image_size;

	b->header_size = HEADER_FIXED + h->jump_length;
	b->code = ((h->setup_sects ? h->setup_sects : 4) + 1) * SECTOR;	/* 0: what it once was */
	b->code_size = (uint64_t)h->syssize * SYSSIZE_UNIT;
	/* It is a size rounded up: the file may end inside of the last unit. */
	if (b->code < size && b->code_size > size - b->code)
		b->padding = b->code_size - (size - b->code);
	return image_check(err, h->boot_flag == BOOT_FLAG, "boot_flag", "is not 0xaa55",
			   h->boot_flag) &&
	       image_check(err, h->header == MAGIC, "header", "is not \"HdrS\"", h->header) &&
	       image_check(err, h->version >= VERSION_MIN, "version",
			   "of the boot protocol is older than 2.10", h->version) &&
	       image_check(err, b->header_size >= sizeof(*h) && b->header_size <= HEADER_MAX,
			   "jump", "puts the end of the setup header where it cannot be",
			   h->jump_length) &&
	       image_check(err, h->loadflags & LOADED_HIGH, "loadflags",
			   "lacks LOADED_HIGH: this is a zImage", h->loadflags) &&
	       image_check(err, b->code < size, "setup_sects",
			   "puts the kernel beyond the end of the file", h->setup_sects) &&
	       image_check(err, b->code_size, "syssize", "says that there is no kernel", 0) &&
	       image_check(err, b->padding < SYSSIZE_UNIT, "syssize",
			   "reaches beyond the end of the file: it is truncated", h->syssize) &&
	       image_check(err, elf_within(h->payload_offset, h->payload_length, b->code_size),
			   "payload_length", "reaches beyond the end of the kernel",
			   h->payload_length);
}

/* Is memory for @size bytes from @addr on? Of a kernel, all of which is above 1 MiB. */
static bool has_room(const struct bzimage *b, const char *field, uint64_t addr,
		     const char *size_field, uint64_t size, uint64_t value)
{
	return image_check(b->err, addr >= MACHINE_RAM_HIGH_START && addr < b->ram_size, field,
			   "is outside guest memory above 1 MiB", addr) &&
	       image_check(b->err, elf_within(addr, size, b->ram_size), size_field,
			   "is more than guest memory has room for", value);
}

/* Where the kernel goes, and how much memory it takes until it has read its memory map. */
static bool check_placement(struct bzimage *b)
{
	const struct setup_header *h = &b->h;
	uint64_t run_end;

	b->load = h->relocatable_kernel ? h->pref_address : h->code32_start;
	if (!has_room(b, h->relocatable_kernel ? "pref_address" : "code32_start", b->load,
		      "syssize", b->code_size, h->syssize) ||
	    !has_room(b, "pref_address", h->pref_address, "init_size", h->init_size, h->init_size))
		return false;
	b->end = b->load + b->code_size;
	run_end = h->pref_address + h->init_size;
	if (b->end < run_end)
		b->end = run_end;
	return true;
}

/* As high as it may be, as loaders do: the kernel frees the memory below for itself. */
static bool check_initrd(struct bzimage *b)
{
	uint64_t size = b->files->initrd_size, limit = (uint64_t)b->h.initrd_addr_max + 1;

	if (limit > b->ram_size)
		limit = b->ram_size;
	b->initrd = (limit - size) & -MACHINE_PAGE_SIZE;
	/* The end of the kernel is rounded up, the place of the initrd down. */
	if (!b->files->initrd ||
	    (size && limit > b->end && size <= limit - b->end && b->initrd >= b->end))
		return true;
	b->err->initrd = true;
	return image_refuse(b->err, "initrd size", size ? "is more than guest memory has room for "
			    "behind the kernel" : "is nothing", size);
}

static bool check_cmdline(struct bzimage *b)
{
	const uint64_t room = MACHINE_EBDA - MACHINE_START_INFO - sizeof(struct low_memory);
	const uint64_t length = CMDLINE_MACHINE_LENGTH + __builtin_strlen(b->files->cmdline);

	b->cmdline_size = length + 1;
	return image_check(b->err, length <= b->h.cmdline_size, "cmdline_size",
			   "is less than the command line has", b->h.cmdline_size) &&
	       image_check(b->err, length < room, "command line",
			   "is longer than there is room for", length);
}

static void write_low_memory(const struct bzimage *b, struct low_memory *low)
{
	struct boot_params *p = &low->params;
	const uint8_t *file = b->files->image;
	struct pvh_memmap map[MACHINE_MEMORY_RANGES];

	__builtin_memset(p, 0, sizeof(*p));
	/* All of the header, also what is newer than struct setup_header, and no more. */
	__builtin_memcpy(p->setup.bytes, file + HEADER, b->header_size);
	p->setup.h.type_of_loader = LOADER_UNDEFINED;
	p->setup.h.vid_mode = VIDEO_NORMAL;
	p->setup.h.code32_start = b->load;
	p->setup.h.cmd_line_ptr = MACHINE_START_INFO + sizeof(*low);
	p->setup.h.setup_data = 0;
	/* From protocol 2.14 on; before, kernels search the EBDA and leave this alone. */
	p->acpi_rsdp_addr = MACHINE_RSDP;
	if (b->files->initrd) {
		p->setup.h.ramdisk_image = b->initrd;
		p->setup.h.ramdisk_size = b->files->initrd_size;
	}
	machine_memory_map(map, b->ram_size);
	for (unsigned int i = 0; i < MACHINE_MEMORY_RANGES; i++)
		p->e820[i] = (struct e820_entry) { map[i].addr, map[i].size, map[i].type };
	p->e820_entries = MACHINE_MEMORY_RANGES;
	low->gdt[0] = low->gdt[1] = 0;
	low->gdt[BOOT_CS / 8] = MACHINE_DESCRIPTOR_CODE;
	low->gdt[BOOT_DS / 8] = MACHINE_DESCRIPTOR_DATA;
	__builtin_memcpy(low->cmdline, CMDLINE_MACHINE, CMDLINE_MACHINE_LENGTH);
	__builtin_memcpy(low->cmdline + CMDLINE_MACHINE_LENGTH, b->files->cmdline,
			 b->cmdline_size - CMDLINE_MACHINE_LENGTH);
}

bool machine_bzimage_load(const struct machine_files *files, void *ram, uint64_t ram_size,
			  struct machine_start *start, struct machine_image_error *err)
{
	struct bzimage b = { .files = files, .ram_size = ram_size, .err = err };
	const uint8_t *file = files->image;
	uint8_t *to = ram;

	*err = (struct machine_image_error) { .index = -1 };
	__builtin_memcpy(&b.h, file + HEADER, sizeof(b.h));
	if (!check_header(&b) || !check_placement(&b) || !check_initrd(&b) || !check_cmdline(&b))
		return false;
	__builtin_memcpy(to + b.load, file + b.code, b.code_size - b.padding);
	if (files->initrd)
		__builtin_memcpy(to + b.initrd, files->initrd, files->initrd_size);
	write_low_memory(&b, (struct low_memory *)(to + MACHINE_START_INFO));
	*start = (struct machine_start) {
		.eip = b.load,
		.esi = MACHINE_START_INFO,
		.cs = BOOT_CS, .ds = BOOT_DS,
		.gdt_base = MACHINE_START_INFO + offsetof(struct low_memory, gdt),
		.gdt_limit = sizeof(((struct low_memory *)0)->gdt) - 1,
		.x2apic = true,
	};
	return true;
}
