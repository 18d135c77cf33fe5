// SPDX-License-Identifier: GPL-2.0-only
/* What is asked for on the command line, and what is printed. */
#include "tests/agree/agree.h"
#include "tests/agree/apic.h"
#include "tests/agree/console.h"
#include "machine/machine.h"
#include "machine/text.h"
#include "machine/x86.h"

#define LIST			128


u64 hash;
static bool saying, each;
static u64 seed = 1;
static u32 first, count = 64, block = 64;
static u32 after;		/* so many are run before one that is said */
static bool every_mask;
static u32 skipped[LIST], skipped_nr;
static struct {
	u64 seed;
	u32 nr, mask;
	bool is_named;
	struct named named;
} list[LIST];
static u32 list_nr;
static struct sequence sequence;

void hash_add(u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	hash ^= hash >> 29;
}

void show(const char *key, u64 value)
{
	hash_add(value);
	if (saying)
		print("%s=%lx\n", key, value);
}

void show_event(u32 nr, const char *key, u64 value)
{
	hash_add((u64)nr << 32 ^ value);
	if (saying)
		print("%s.%x=%lx\n", key, nr, value);
}

void monitor_failed(void);
void monitor_failed(void)
{
	print("agree: exception %u in the monitor at %lx, CR2 %lx\n", watch_fatal - 1,
	      watch_end.ip, watch_cr2);
	finish(70);
}

static bool number(const char *digits, u32 base, u64 *value, const char **end)
{
	const char *p = digits;

	for (*value = 0;; p++) {
		u32 digit = *p >= '0' && *p <= '9' ? (u32)(*p - '0') :
			    *p >= 'a' && *p <= 'f' ? (u32)(*p - 'a' + 10) : base;

		if (digit >= base)
			break;
		*value = *value * base + digit;
	}
	*end = p;
	return p != digits;
}

/* N,N,… of the seed before it, N:MASK,… with the mask in hexadecimal, N:MASK:MODE+OP+OP,… */
static bool numbers(const char *p)
{
	u64 value;

	for (; list_nr < LIST; p++) {
		if (!number(p, 10, &value, &p))
			return false;
		list[list_nr].seed = seed;
		list[list_nr].nr = value;
		list[list_nr].mask = ~0u;
		if (*p == ':') {
			if (!number(p + 1, 16, &value, &p))
				return false;
			list[list_nr].mask = value;
			if (*p == ':') {
				p++;
				if (!name_ops(&list[list_nr].named, &p))
					return false;
				list[list_nr].is_named = true;
			}
		}
		list_nr++;
		if (*p != ',')
			return !*p;
	}
	return false;
}

static bool skips(const char *p)
{
	u64 value;

	for (; skipped_nr < LIST; p++) {
		if (!number(p, 10, &value, &p))
			return false;
		skipped[skipped_nr++] = value;
		if (*p != ',')
			return !*p;
	}
	return false;
}

/* Does the word begin so? Then what follows is in @value. */
static bool word_is(const char *word, const char *name, const char **value)
{
	size_t n = strlen(name);

	if (memcmp(word, name, n))
		return false;
	*value = word + n;
	return true;
}

static bool take_word(const char *word)
{
	const char *v, *end = "";
	u64 value = 0;

	if (word_is(word, "seed=", &v) && number(v, 10, &seed, &end))
		return !*end;
	if (word_is(word, "first=", &v) && number(v, 10, &value, &end))
		first = value;
	else if (word_is(word, "n=", &v) && number(v, 10, &value, &end))
		count = value;
	else if (word_is(word, "block=", &v) && number(v, 10, &value, &end) && value)
		block = value;
	else if (word_is(word, "after=", &v) && number(v, 10, &value, &end))
		after = value;
	else if (word_is(word, "ops=", &v))
		return use_ops(v);
	else if (word_is(word, "modes=", &v))
		return use_modes(v);
	else if (word_is(word, "skip=", &v))
		return skips(v);
	else if (word_is(word, "list=", &v))
		return numbers(v);
	else if (!strcmp(word, "say"))
		saying = true;
	else if (!strcmp(word, "each"))
		each = true;
	else if (!strcmp(word, "masks"))
		every_mask = true;
	else
		return false;
	return !*end;
}

static void take_words(char *line)
{
	for (char *p = line; *p;) {
		char *word = p;

		while (*p && *p != ' ')
			p++;
		if (*p)
			*p++ = '\0';
		/* GRUB puts the file's name in front. */
		if (!*word || *word == '/')
			continue;
		if (!take_word(word)) {
			print("agree: '%s' is no word that can be used\n", word);
			finish(MACHINE_CODE_USAGE);
		}
	}
}

static bool is_skipped(u32 nr)
{
	for (u32 i = 0; i < skipped_nr; i++) {
		if (skipped[i] == nr)
			return true;
	}
	return false;
}

static void run_one(u32 nr)
{
	if (is_skipped(nr))
		return;
	generate(&sequence, seed, nr, ~0u, NULL);
	run(&sequence);
}

static void run_blocks(u32 first, u32 count, u32 block)
{
	for (u32 nr = first; nr < first + count; ) {
		u32 start = nr;

		hash = 0;
		for (; nr < first + count && nr < start + block; nr++)
			run_one(nr);
		print("block=%u hash=%016lx\n", start, hash);
		drain();
	}
}

static u32 bits_in(u32 mask)
{
	u32 n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

/* Few items first: what the smallest are is asked. */
static void run_masks(u32 nr)
{
	u32 all;

	print("masks=%u\n", nr);
	generate(&sequence, seed, nr, ~0u, NULL);
	all = (1u << sequence.items) - 1;
	for (u32 size = 0; size <= sequence.items; size++) {
		for (u32 mask = 0; mask <= all; mask++) {
			if (bits_in(mask) != size)
				continue;
			generate(&sequence, seed, nr, mask, NULL);
			hash = 0;
			run(&sequence);
			print("mask=%x hash=%08x\n", mask, (u32)hash);
			drain();
		}
	}
}

/* What the peer is asked for: the ICR of each IPI, and its destination. */
static void say_acts(void)
{
	u32 n = 0;

	for (u32 i = 0; i < ITEMS; i++) {
		const struct act *a = &sequence.acts[i];

		if (!a->spin)
			continue;
		print("%s%x.%x", n++ ? "," : " asks=", i, a->kind);
		for (u32 k = 0; k < a->nr; k++)
			print("/%x:%x", a->send[k].icr, a->send[k].to);
	}
}

static void say(u32 nr, u32 mask, const struct named *named)
{
	saying = false;
	for (u32 before = nr - (after < nr ? after : nr); before < nr; before++)
		run_one(before);
	saying = true;
	generate(&sequence, seed, nr, mask, named);
	print("sequence=%u mask=%x mode=%s bits=%u ops=", nr, sequence.mask,
	      sequence.mode->name, sequence.mode->bits);
	for (u32 i = 0, n = 0; i < sequence.items; i++) {
		const char *class, *name;

		if (!(sequence.mask >> i & 1))
			continue;
		op_name(sequence.ops[i], &class, &name);
		print("%s%s.%s", n++ ? "," : "", class, name);
	}
	say_acts();
	print(" flags=%lx dr7=%lx code=", sequence.cpu.flags, sequence.dr7);
	for (u32 i = 0; i < sequence.length; i++)
		print("%02x", sequence.code[i]);
	print("\n");
	drain();
	hash = 0;
	run(&sequence);
	print("hash=%016lx\n", hash);
}

/* On the only processor, or on the second one. */
static void __attribute__((noreturn)) judge(void)
{
	bool said;

	run_init();
	if (use_xapic())
		xapic_init();
	else
		x2apic_init();
	said = saying;
	saying = false;
	for (sequence.mode = modes; sequence.mode < modes + modes_nr; sequence.mode++) {
		start_cpu(&sequence.cpu, sequence.mode);
		if (!run_empty(&sequence)) {
			print("agree: nothing runs in mode %s\n", sequence.mode->name);
			finish(70);
		}
	}
	saying = said;
	if (!list_nr)
		run_blocks(first, count, block);
	for (u32 i = 0; i < list_nr; i++) {
		seed = list[i].seed;
		if (each)
			run_blocks(list[i].nr, block, 1);
		else if (every_mask)
			run_masks(list[i].nr);
		else
			say(list[i].nr, list[i].mask,
			    list[i].is_named ? &list[i].named : NULL);
	}
	print("agree done\n");
	finish(0);
}

static bool needs_peer(void)
{
	for (u32 i = 0; i < list_nr; i++) {
		if (list[i].is_named && named_peer(&list[i].named))
			return true;
	}
	return use_peer();
}

int main(u32 magic, const u32 *info);
int main(u32 magic, const u32 *info)
{
	static char line[2048];
	const char *given = console_words(magic, info);

	for (u32 i = 0; given && given[i] && i < sizeof(line) - 1; i++)
		line[i] = given[i];
	console_init();
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	print("\nagree version=1\n");
	take_words(line);
	watch.x2apic = !use_xapic();
	if (needs_peer())
		peer_start(judge);
	judge();
}
