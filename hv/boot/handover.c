// SPDX-License-Identifier: GPL-2.0-only
/* What a boot loader hands over: see handover.h. */
#include "hv/boot/handover.h"
#include "machine/elf_image.h"
#include "machine/machine.h"

#define MB2_HEADER		"Multiboot 2: header at byte"
#define MB2_TAG			"Multiboot 2: tag at byte"
#define PVH_INFO		"PVH: start info at byte"
#define PVH_MODULE		"PVH: module"
#define PVH_MEMMAP		"PVH: memory map entry"
#define BEYOND			"reaches beyond 4 GiB, where hv maps nothing"

enum {
	TAG_END = 0, TAG_CMDLINE = 1, TAG_MODULE = 3, TAG_MMAP = 6, TAG_ACPI_OLD = 14,
	TAG_ACPI_NEW = 15,
};

struct mb2_header {
	uint32_t total_size, reserved;
};

struct mb2_tag {
	uint32_t type, size;
};

struct mb2_module {
	struct mb2_tag tag;
	uint32_t start, end;
};

struct mb2_mmap {
	struct mb2_tag tag;
	uint32_t entry_size, entry_version;
};

static bool check(struct handover *h, bool ok, const char *field, const char *problem,
		  uint64_t value)
{
	return image_check(&h->err, ok, field, problem, value);
}

/* Where what comes next is found, for a complaint about it. */
static void look_at(struct handover *h, const char *part, uint64_t index)
{
	h->part = part;
	h->err.index = index;
}

static bool overlap(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	return a < b_end && b < a_end;
}

/* Copied, since nobody says that an address is aligned. */
static bool get(const struct handover *h, uint64_t addr, void *to, uint64_t size)
{
	if (!elf_within(addr, size, h->mapped))
		return false;
	__builtin_memcpy(to, h->memory + addr, size);
	return true;
}

/* The length of the string at @addr, which ends before @end; @end - @addr if it does not. */
static uint64_t length(const struct handover *h, uint64_t addr, uint64_t end)
{
	uint64_t n = 0;

	while (addr + n < end && h->memory[addr + n])
		n++;
	return n;
}

static bool take_cmdline(struct handover *h, uint64_t addr, uint64_t end)
{
	uint64_t n = length(h, addr, end);

	if (!check(h, n < HANDOVER_CMDLINE_MAX, "command line",
		   "is longer than the 4095 bytes that fit", n) ||
	    !check(h, addr + n != end, "command line", "does not end (no NUL)", n))
		return false;
	__builtin_memcpy(h->cmdline, h->memory + addr, n + 1);
	return true;
}

static bool take_module(struct handover *h, uint64_t start, uint64_t size,
			uint64_t name, uint64_t name_end)
{
	const uint32_t nr = h->ranges.nr_used;		/* of modules before this one */
	const struct range *first = &h->ranges.used[0];
	struct handover_module *m = &h->modules[nr];
	uint64_t n;

	if (!check(h, nr < HANDOVER_MODULES, "module", "is one more than guest image and initrd",
		   start) ||
	    !check(h, start >= MACHINE_PAGE_SIZE, "module", "lies in the first page of memory",
		   start) ||
	    !check(h, elf_within(start, size, h->mapped), "module", BEYOND, start) ||
	    !check(h, !overlap(start, start + size, h->own_start, h->own_end), "module",
		   "lies over hv itself", start) ||
	    !check(h, !nr || !overlap(start, start + size, first->start, first->end), "module",
		   "lies over the one before", start))
		return false;
	m->data = h->memory + start;
	m->size = size;
	n = length(h, name, name_end);
	if (n >= sizeof(m->name))
		n = sizeof(m->name) - 1;
	__builtin_memcpy(m->name, h->memory + name, n);
	m->name[n] = '\0';
	ranges_used(&h->ranges, start, start + size);
	return true;
}

/* Of memory above what is mapped nothing can be used. Both protocols have the same types. */
static bool take_memory(struct handover *h, uint64_t addr, uint64_t size, uint32_t type)
{
	if (type == PVH_MEMMAP_RAM && addr < h->mapped)
		ranges_available(&h->ranges, addr,
				 elf_within(addr, size, h->mapped) ? size : h->mapped - addr);
	return check(h, size <= UINT64_MAX - addr, "memory map",
		     "has a range beyond the last address", addr);
}

static bool multiboot2_mmap(struct handover *h, uint64_t addr, const struct mb2_tag *tag)
{
	struct pvh_memmap e;		/* as there */
	struct mb2_mmap m;

	if (!check(h, tag->size >= sizeof(m), "size", "is less than a memory map has", tag->size))
		return false;
	get(h, addr, &m, sizeof(m));
	/* It may be larger than what we know of it. */
	if (!check(h, m.entry_size >= sizeof(e) && !(m.entry_size % 8), "entry_size",
		   "is not a multiple of 8 from 24 on", m.entry_size) ||
	    !check(h, !((tag->size - sizeof(m)) % m.entry_size), "size",
		   "is not that of whole memory map entries", tag->size))
		return false;
	for (uint64_t pos = sizeof(m); pos < tag->size; pos += m.entry_size) {
		get(h, addr + pos, &e, sizeof(e));
		if (!take_memory(h, e.addr, e.size, e.type))
			return false;
	}
	return true;
}

static bool multiboot2_module(struct handover *h, uint64_t addr, const struct mb2_tag *tag)
{
	const uint64_t name = addr + sizeof(struct mb2_module), end = addr + tag->size;
	struct mb2_module m;

	if (!check(h, name <= end, "size", "is less than a module tag has", tag->size))
		return false;
	get(h, addr, &m, sizeof(m));
	return check(h, m.end >= m.start, "mod_end", "lies before mod_start", m.end) &&
	       check(h, name + length(h, name, end) != end, "module's name",
		     "does not end (no NUL)", m.start) &&
	       take_module(h, m.start, m.end - m.start, name, end);
}

static bool multiboot2_tag(struct handover *h, uint64_t addr, const struct mb2_tag *tag)
{
	switch (tag->type) {
	case TAG_CMDLINE:
		return take_cmdline(h, addr + sizeof(*tag), addr + tag->size);
	case TAG_MODULE:
		return multiboot2_module(h, addr, tag);
	case TAG_MMAP:
		return multiboot2_mmap(h, addr, tag);
	case TAG_ACPI_OLD:
	case TAG_ACPI_NEW:
		/* A copy is in the tag. The new one has what the old one has. */
		if (!h->rsdp || tag->type == TAG_ACPI_NEW)
			h->rsdp = addr + sizeof(*tag);
	}
	return true;
}

/* Tags follow the header and are padded to 8. */
static bool multiboot2(struct handover *h, uint64_t info)
{
	struct mb2_header header;
	struct mb2_tag tag;
	uint64_t pos;

	if (!check(h, get(h, info, &header, sizeof(header)) &&
		   elf_within(info, header.total_size, h->mapped), "total_size", BEYOND, info))
		return false;
	for (pos = sizeof(header); elf_within(pos, sizeof(tag), header.total_size);
	     pos += (tag.size + 7ull) & -8ull) {
		look_at(h, MB2_TAG, pos);
		get(h, info + pos, &tag, sizeof(tag));
		if (!check(h, tag.size >= sizeof(tag), "size", "is less than a tag has",
			   tag.size) ||
		    !check(h, elf_within(pos, tag.size, header.total_size), "size",
			   "reaches beyond total_size", tag.size))
			return false;
		if (tag.type == TAG_END)
			return true;
		if (!multiboot2_tag(h, info + pos, &tag))
			return false;
	}
	look_at(h, MB2_HEADER, 0);
	return check(h, false, "total_size", "ends before the end tag", header.total_size);
}

static bool pvh_modules(struct handover *h, const struct pvh_start_info *info)
{
	struct pvh_module m;

	if (!check(h, info->nr_modules <= HANDOVER_MODULES, "nr_modules",
		   "is more than guest image and initrd", info->nr_modules))
		return false;
	for (uint32_t i = 0; i < info->nr_modules; i++) {
		look_at(h, PVH_MODULE, i);
		if (!check(h, get(h, info->modlist + i * sizeof(m), &m, sizeof(m)), "modlist",
			   BEYOND, info->modlist) ||
		    !check(h, m.cmdline < h->mapped, "cmdline", BEYOND, m.cmdline) ||
		    !take_module(h, m.addr, m.size, m.cmdline, m.cmdline ? h->mapped : 0))
			return false;
	}
	return true;
}

static bool pvh(struct handover *h, uint64_t addr)
{
	struct pvh_start_info info;
	struct pvh_memmap e;

	if (!check(h, get(h, addr, &info, sizeof(info)), "address", BEYOND, addr) ||
	    !check(h, info.magic == PVH_START_MAGIC, "magic", "is not that of PVH start info",
		   info.magic) ||
	    !check(h, info.version >= PVH_START_VERSION, "version",
		   "is too old to have a memory map", info.version) ||
	    !check(h, info.cmdline < h->mapped, "cmdline", BEYOND, info.cmdline) ||
	    (info.cmdline && !take_cmdline(h, info.cmdline, h->mapped)) || !pvh_modules(h, &info))
		return false;
	h->rsdp = info.rsdp;
	look_at(h, PVH_INFO, 0);
	if (!check(h, elf_within(info.memmap, info.memmap_entries * sizeof(e), h->mapped),
		   "memmap", BEYOND, info.memmap))
		return false;
	for (uint32_t i = 0; i < info.memmap_entries; i++) {
		look_at(h, PVH_MEMMAP, i);
		get(h, info.memmap + i * sizeof(e), &e, sizeof(e));
		if (!take_memory(h, e.addr, e.size, e.type))
			return false;
	}
	return true;
}

/* The map may come behind the modules, so they are held against it when all is known. */
static bool check_memory(struct handover *h)
{
	bool ok = check(h, h->ranges.nr_available, "memory map", "is missing, or has no memory", 0);

	for (uint32_t i = 0; ok && i < h->ranges.nr_used; i++) {
		const struct range *m = &h->ranges.used[i];

		ok = check(h, ranges_contain(&h->ranges, m->start, m->end),
			   i ? "second module" : "first module",
			   "is not in memory that the memory map has", m->start);
	}
	return ok;
}

bool handover_take(struct handover *h, uint32_t magic, uint64_t info)
{
	const bool from_pvh = magic == PVH_START_MAGIC;
	const char *part = from_pvh ? PVH_INFO : MB2_HEADER;

	look_at(h, "boot loader: register", 0);
	if (!check(h, from_pvh || magic == HANDOVER_MULTIBOOT2, "EAX",
		   "is of neither Multiboot 2 nor PVH", magic))
		return false;
	look_at(h, part, 0);
	if (!(from_pvh ? pvh : multiboot2)(h, info))
		return false;
	look_at(h, part, 0);
	return check_memory(h);
}
