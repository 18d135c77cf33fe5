// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multiboot 1 images: check everything first, then copy. As in elf_image.c, a file may
 * be hostile, and no sum of its fields is made that could wrap.
 */
#include <stddef.h>
#include "machine/elf_image.h"
#include "machine/machine.h"
#include "machine/multiboot.h"

#define SEARCHED	8192u		/* bytes of the file in which the header is */
#define HEADER_MAGIC	0x1badb002u
#define LOW		0x1000u		/* page 0 is the firmware's */
#define LOADER_NAME	"lab"

/* Of the header's flags, those that a loader must understand. */
#define WANTS_KNOWN	0x7u		/* modules on pages, memory map, video mode */
#define WANTS_ALL	0xffffu
#define HAS_ADDRESSES	0x10000u

/* Of the boot information's flags: what is there. */
#define INFO_MEMORY	0x1u
#define INFO_CMDLINE	0x4u
#define INFO_MODULES	0x8u
#define INFO_MMAP	0x40u
#define INFO_LOADER	0x200u

#define CS		0x8
#define DS		0x10

struct header {
	uint32_t magic, flags, checksum;
	uint32_t header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr;
};

#define HEADER_MIN	offsetof(struct header, header_addr)

struct info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length, mmap_addr, drives_length, drives_addr, config_table;
	uint32_t boot_loader_name, apm_table;
};

struct module {
	uint32_t start, end, string, reserved;
};

#define MMAP_SIZE	(sizeof(struct mmap_entry) - sizeof(uint32_t))	/* without itself */

struct mmap_entry {
	uint32_t size;
	uint64_t addr, length;
	uint32_t type;
} __attribute__((packed));

/* What stands behind the image. */
struct block {
	struct info info;
	struct module module;
	struct mmap_entry map[MACHINE_MEMORY_RANGES];
	uint64_t gdt[3] __attribute__((aligned(8)));
	char strings[];		/* command line, the module's */
};

/* What is kept of an image while it is checked. */
struct multiboot {
	const struct machine_files *files;
	uint64_t ram_size;
	uint32_t header_at;
	struct header h;
	struct elf elf;
	uint64_t text, load_size;	/* by addresses: offset in the file, bytes of it */
	uint64_t end;			/* of the image, guest-physical */
	uint64_t entry, block, block_size, initrd;
	struct machine_image_error *err;
};

/* Fields that are beyond the end of the file are 0. */
static bool find_header(const uint8_t *file, uint64_t size, struct header *h, uint32_t *at)
{
	const uint64_t end = size < SEARCHED ? size : SEARCHED;

	for (*at = 0; *at + HEADER_MIN <= end; *at += 4) {
		uint64_t there = size - *at < sizeof(*h) ? size - *at : sizeof(*h);

		*h = (struct header) { 0 };
		__builtin_memcpy(h, file + *at, there);
		if (h->magic == HEADER_MAGIC && h->magic + h->flags + h->checksum == 0)
			return true;
	}
	return false;
}

bool machine_is_multiboot(const void *file, uint64_t size)
{
	struct header h;
	uint32_t at;

	return find_header(file, size, &h, &at);
}

/* The raw image, whatever else the file may be. */
static bool check_addresses(struct multiboot *m)
{
	const struct header *h = &m->h;
	/* Bytes from load_addr on; what lies before it is more than a file has. */
	const uint64_t front = h->header_addr - (uint64_t)h->load_addr;
	const uint64_t in_file = m->files->image_size - m->header_at + front;
	uint64_t memory;

	m->text = m->header_at - front;
	m->load_size = h->load_end_addr ? h->load_end_addr - (uint64_t)h->load_addr : in_file;
	memory = h->bss_end_addr ? h->bss_end_addr - (uint64_t)h->load_addr : m->load_size;
	m->end = h->load_addr + memory;
	m->entry = h->entry_addr;
	return image_check(m->err, front <= m->header_at, "header_addr",
			   "puts the beginning outside the file", h->header_addr) &&
	       image_check(m->err, m->load_size <= in_file, "load_end_addr", "is outside the file",
			   h->load_end_addr) &&
	       image_check(m->err, !h->bss_end_addr || (h->bss_end_addr >= h->load_addr &&
							memory >= m->load_size), "bss_end_addr",
			   "lies before the end of what is loaded", h->bss_end_addr) &&
	       image_place(m->err, "load_addr", "bss_end_addr", h->load_addr, memory, LOW,
			   m->ram_size) &&
	       image_check(m->err, h->entry_addr - (uint64_t)h->load_addr < m->load_size,
			   "entry_addr", "is outside what is loaded", h->entry_addr);
}

static bool check_elf(struct multiboot *m)
{
	struct elf *e = &m->elf;

	*e = (struct elf) {
		.file = m->files->image, .size = m->files->image_size, .err = m->err,
	};
	if (!elf_open(e) ||
	    !image_check(m->err, !e->is64, "e_machine", "is EM_X86_64, and Multiboot enters "
			 "32-bit code: objcopy -O elf32-i386 makes an image of it", 62) ||
	    !elf_check(e, LOW, m->ram_size))
		return false;
	m->entry = e->entry;
	m->end = e->end;
	return image_check(m->err, elf_code_at(e, true, &m->entry), "e_entry",
			   "is outside the contents of every PT_LOAD segment", e->entry);
}

/* Where @size bytes can be from @at on, without what no image may use. */
static uint64_t place(uint64_t at, uint64_t size)
{
	at = (at + MACHINE_PAGE_SIZE - 1) & -MACHINE_PAGE_SIZE;
	return at < MACHINE_RAM_HIGH_START && at + size > MACHINE_EBDA ?
	       MACHINE_RAM_HIGH_START : at;
}

static bool check_room(struct multiboot *m)
{
	const struct machine_files *f = m->files;

	m->block_size = sizeof(struct block) + __builtin_strlen(f->name) + 1 +
			__builtin_strlen(f->cmdline) + 1 + __builtin_strlen(f->initrd_name) + 1 +
			sizeof(LOADER_NAME);
	m->block = place(m->end, m->block_size);
	if (!image_check(m->err, elf_within(m->block, m->block_size, m->ram_size), "image",
			 "leaves no guest memory for the boot information", m->end))
		return false;
	m->initrd = place(m->block + m->block_size, f->initrd_size);
	m->err->initrd = !elf_within(m->initrd, f->initrd_size, m->ram_size);
	return image_check(m->err, !m->err->initrd, "initrd size", "is more than guest memory has "
			   "room for behind the image", f->initrd_size);
}

/* Append @string at @to; returns its end, where the NUL is. */
static char *append(char *to, const char *string)
{
	const uint64_t length = __builtin_strlen(string);

	__builtin_memcpy(to, string, length + 1);
	return to + length;
}

static void write_block(const struct multiboot *m, struct block *b)
{
	const struct machine_files *f = m->files;
	const uint32_t at = m->block, strings = at + sizeof(*b);
	struct pvh_memmap map[MACHINE_MEMORY_RANGES];
	char *s = b->strings;

	b->info = (struct info) {
		.flags = INFO_MEMORY | INFO_CMDLINE | INFO_MODULES | INFO_MMAP | INFO_LOADER,
		.mem_lower = MACHINE_EBDA >> 10,
		.mem_upper = (m->ram_size - MACHINE_RAM_HIGH_START) >> 10,
		.cmdline = strings,
		.mods_count = f->initrd ? 1 : 0,
		.mods_addr = at + offsetof(struct block, module),
		.mmap_length = sizeof(b->map),
		.mmap_addr = at + offsetof(struct block, map),
	};
	s = append(append(append(s, f->name), " "), f->cmdline) + 1;
	b->module = (struct module) {
		.start = m->initrd, .end = m->initrd + f->initrd_size,
		.string = strings + (s - b->strings),
	};
	s = append(s, f->initrd_name) + 1;
	b->info.boot_loader_name = strings + (s - b->strings);
	append(s, LOADER_NAME);
	machine_memory_map(map, m->ram_size);
	for (unsigned int i = 0; i < MACHINE_MEMORY_RANGES; i++)
		b->map[i] = (struct mmap_entry) {
			MMAP_SIZE, map[i].addr, map[i].size, map[i].type,
		};
	b->gdt[0] = 0;
	b->gdt[CS / 8] = MACHINE_DESCRIPTOR_CODE;
	b->gdt[DS / 8] = MACHINE_DESCRIPTOR_DATA;
}

bool machine_multiboot_load(const struct machine_files *files, void *ram, uint64_t ram_size,
			    struct machine_start *start, struct machine_image_error *err)
{
	struct multiboot m = { .files = files, .ram_size = ram_size, .err = err };
	const uint8_t *file = files->image;
	uint8_t *to = ram;

	*err = (struct machine_image_error) { .index = -1 };
	if (!find_header(file, files->image_size, &m.h, &m.header_at))
		return image_refuse(err, "Multiboot header", "is not in the first 8 KiB", 0);
	if (m.h.flags & WANTS_ALL & ~WANTS_KNOWN)
		return image_refuse(err, "Multiboot flags", "ask for what no loader knows",
				    m.h.flags);
	if (!(m.h.flags & HAS_ADDRESSES ? check_addresses : check_elf)(&m) || !check_room(&m))
		return false;
	if (m.h.flags & HAS_ADDRESSES) {
		__builtin_memcpy(to + m.h.load_addr, file + m.text, m.load_size);
		__builtin_memset(to + m.h.load_addr + m.load_size, 0,
				 m.end - m.h.load_addr - m.load_size);
	} else {
		elf_load(&m.elf, ram);
	}
	if (files->initrd)
		__builtin_memcpy(to + m.initrd, files->initrd, files->initrd_size);
	write_block(&m, (struct block *)(to + m.block));
	*start = (struct machine_start) {
		.eip = m.entry,
		.eax = MULTIBOOT_LOADED,
		.ebx = m.block,
		.cs = CS, .ds = DS,
		.gdt_base = m.block + offsetof(struct block, gdt),
		.gdt_limit = sizeof(((struct block *)0)->gdt) - 1,
	};
	return true;
}
