// SPDX-License-Identifier: GPL-2.0-only
/* Firmware's tables of processors: see processors.h. */
#include <stdbool.h>
#include <stddef.h>
#include "hv/smp/processors.h"
#include "machine/checksum.h"
#include "machine/ebda.h"

#define EBDA_SIZE	1024u		/* bytes of it in which a table may begin */
#define BIOS		0xe0000u
#define BIOS_END	0x100000u
#define BASE_END	0xa0000u	/* base memory ends there at the latest */
#define PARAGRAPH	16u

#define RSDP_OLD	20u		/* bytes that ACPI 1.0 has */
#define SDT_HEADER	36u
#define MADT_ENTRIES	44u
#define MP_ENTRIES	44u
#define ENABLED		1u
enum { LOCAL_APIC = 0, LOCAL_X2APIC = 9 };
enum { MP_PROCESSOR = 0, MP_PROCESSOR_BYTES = 20, MP_OTHER_BYTES = 8 };

struct search {
	const uint8_t *memory;
	uint64_t mapped;
	uint32_t *ids, max, nr;
};

/* A number of @size bytes; 0 outside of what is mapped. */
static uint64_t number(const struct search *s, uint64_t at, uint32_t size)
{
	uint64_t value = 0;

	if (at < s->mapped && size <= s->mapped - at)
		__builtin_memcpy(&value, s->memory + at, size);
	return value;
}

/* Is there a table with that signature, of the size that is told, whose bytes add up to 0? */
static bool is_table(const struct search *s, uint64_t at, const char *signature, uint32_t size)
{
	uint32_t letters = __builtin_strlen(signature);

	return at && at < s->mapped && size >= letters && size <= s->mapped - at &&
	       !__builtin_memcmp(s->memory + at, signature, letters) &&
	       !checksum(s->memory + at, size);
}

/* Where firmware leaves a pointer to its tables: the first such table; 0: none. */
static uint64_t find(const struct search *s, const char *signature, uint32_t size)
{
	const uint32_t ebda = number(s, MACHINE_EBDA_POINTER, 2) * PARAGRAPH;
	const uint32_t begins[] = { ebda, BASE_END - EBDA_SIZE, BIOS };
	const uint32_t ends[] = { ebda + EBDA_SIZE, BASE_END, BIOS_END };

	for (uint32_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		for (uint32_t at = begins[i]; at < ends[i]; at += PARAGRAPH) {
			if (is_table(s, at, signature, size))
				return at;
		}
	}
	return 0;
}

/* Two entries may name one processor, which can be started once only. */
static void add(struct search *s, uint32_t id)
{
	for (uint32_t i = 0; i < s->nr && i < s->max; i++) {
		if (s->ids[i] == id)
			return;
	}
	if (s->nr < s->max)
		s->ids[s->nr] = id;
	s->nr++;
}

static void read_madt(struct search *s, uint64_t at)
{
	uint64_t end = at + number(s, at + 4, 4);
	uint32_t length;

	for (at += MADT_ENTRIES; at < end; at += length) {
		uint32_t type = number(s, at, 1);

		length = number(s, at + 1, 1);
		if (length < 2)
			return;
		if (type == LOCAL_APIC && number(s, at + 4, 4) & ENABLED)
			add(s, number(s, at + 3, 1));
		if (type == LOCAL_X2APIC && number(s, at + 8, 4) & ENABLED)
			add(s, number(s, at + 4, 4));
	}
}

/* The XSDT of a later RSDP, or the RSDT, leads to the MADT. */
static void read_acpi(struct search *s, uint64_t rsdp)
{
	bool extended = number(s, rsdp + 15, 1) >= 2 && number(s, rsdp + 24, 8);
	uint64_t sdt = extended ? number(s, rsdp + 24, 8) : number(s, rsdp + 16, 4);
	uint32_t size = extended ? 8 : 4, length = number(s, sdt + 4, 4);

	if (!is_table(s, sdt, extended ? "XSDT" : "RSDT", length))
		return;
	for (uint32_t i = SDT_HEADER; i + size <= length; i += size) {
		uint64_t table = number(s, sdt + i, size);

		if (is_table(s, table, "APIC", number(s, table + 4, 4))) {
			read_madt(s, table);
			return;
		}
	}
}

static void read_mp(struct search *s, uint64_t pointer)
{
	uint64_t at = number(s, pointer + 4, 4), end = at + number(s, at + 4, 2);
	uint32_t bytes;

	if (!is_table(s, at, "PCMP", end - at))
		return;
	for (at += MP_ENTRIES; at < end; at += bytes) {
		bool processor = number(s, at, 1) == MP_PROCESSOR;

		bytes = processor ? MP_PROCESSOR_BYTES : MP_OTHER_BYTES;
		if (processor && number(s, at + 3, 1) & ENABLED)
			add(s, number(s, at + 1, 1));
	}
}

uint32_t processors_find(const uint8_t *memory, uint64_t mapped, uint64_t rsdp,
			 uint32_t *ids, uint32_t max)
{
	struct search s = { memory, mapped, ids, max, 0 };

	if (!is_table(&s, rsdp, "RSD PTR ", RSDP_OLD))
		rsdp = find(&s, "RSD PTR ", RSDP_OLD);
	if (rsdp)
		read_acpi(&s, rsdp);
	if (!s.nr) {
		uint64_t mp = find(&s, "_MP_", PARAGRAPH);

		if (mp)
			read_mp(&s, mp);
	}
	return s.nr;
}
