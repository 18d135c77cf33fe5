// SPDX-License-Identifier: GPL-2.0-only
/* Reads the VMCS that hv/vmx/dump.c has printed, and has it checked. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hv/check/host/dumped.h"
#include "tools/record.h"
#include "tools/tool.h"

/* What hv says last before it prints one. */
#define REFUSED	"hv: VM entry "

struct reader {
	struct record rec;
	struct dumped *d;
};

static bool parse(const struct record *r, size_t i, u64 *value)
{
	const char *digits = r->keys[i].value;
	char *end;

	errno = 0;
	*value = strtoull(digits, &end, 16);
	return (!strncmp(digits, "0x", 2) && digits[2] && !*end && !errno) ||
	       record_refuse(r, "%s=%s is not a hexadecimal number", r->keys[i].key, digits);
}

/* Where a value=… belongs: the pair in front of it, @key=@number, says of what it is. */
static u64 *place_numbered(struct dumped *d, const char *key, u64 number)
{
	if (!strcmp(key, "number") && number - MSR_VMX_BASIC < NR_VMX_MSRS) {
		d->nr_msrs++;
		return &d->caps.msr[number - MSR_VMX_BASIC];
	}
	if (!strcmp(key, "address") && d->nr_words < DUMPED_WORDS_MAX) {
		d->words[d->nr_words].address = number;
		return &d->words[d->nr_words++].value;
	}
	return NULL;
}

/* Where the value of that name belongs; NULL: it is another one, such as a register's. */
static u64 *place_named(struct dumped *d, const char *name)
{
	u32 field = vmcs_field_find(name);

	if (!strcmp(name, "MAXPHYADDR"))
		return &d->caps.maxphyaddr;
	return field == VMCS_NO_FIELD ? NULL : &d->field[field];
}

static bool take_pairs(struct dumped *d, const struct record *r)
{
	u64 value = 0;

	for (size_t i = 0; i < r->keys_nr; i++) {
		const char *key = r->keys[i].key;
		u64 *place = i && !strcmp(key, "value") ?
			     place_numbered(d, r->keys[i - 1].key, value) : place_named(d, key);

		if (!parse(r, i, &value))
			return false;
		if (place)
			*place = value;
	}
	return true;
}

static bool take_line(void *ctx, char *line)
{
	struct reader *reader = ctx;
	struct record *r = &reader->rec;
	struct dumped *d = reader->d;

	if (!strncmp(line, REFUSED, strlen(REFUSED))) {
		memset(d, 0, sizeof(*d));
		d->begun = true;
	} else if (record_is(line, "end")) {
		d->ended = true;
	} else if (d->begun && !d->ended && record_is(line, "hv:")) {
		return record_split(r, line) && take_pairs(d, r);
	}
	return true;
}

bool dumped_read(struct dumped *d, const char *file)
{
	struct reader reader = { .rec.file = file, .d = d };

	memset(d, 0, sizeof(*d));
	if (!record_lines(&reader.rec, take_line, &reader))
		return false;
	if (!d->begun)
		return record_refuse_end(&reader.rec, "no VM entry was refused up to here");
	if (!d->ended)
		return record_refuse(&reader.rec, "cut short: no `end' record up to here");
	return (d->nr_msrs == NR_VMX_MSRS && d->caps.maxphyaddr) ||
	       record_refuse(&reader.rec, "no dump that says what the CPU can do up to here");
}

static u64 read_field(void *ctx, u32 field)
{
	const struct dumped *d = ctx;

	return d->field[field];
}

static u32 read_word(void *ctx, u64 address)
{
	struct dumped *d = ctx;

	for (u32 i = 0; i < d->nr_words; i++) {
		if (d->words[i].address == address)
			return d->words[i].value;
	}
	d->lacks_word = true;
	tool_refuse("the dump has no word of memory at 0x%" PRIx64 ", on which a rule is: taken "
		    "for all ones", address);
	return ~0u;
}

static void take_broken(void *ctx, const struct vmcs_broken *b)
{
	const struct dumped *d = ctx;

	vmcs_print_broken(b, d->print);
}

u32 dumped_check(struct dumped *d, void (*print)(const char *fmt, ...))
{
	const struct vmcs_checker checker = {
		.caps = &d->caps, .read = read_field, .read_phys = read_word,
		.broken = take_broken, .ctx = d,
	};

	d->print = print;
	return vmcs_check(&checker);
}
