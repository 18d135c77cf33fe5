// SPDX-License-Identifier: GPL-2.0-only
/* Names of reasons as people write them: KVM's, the SDM's, a handler's, in any case. */
#include <ctype.h>
#include <string.h>
#include "lab/judge/blocks.h"
#include "lab/judge/judge.h"

#define NAME_BYTES	64
#define NAME_LEAST	3
#define NAMES_MAX	(4 * VMX_EXIT_REASONS_NR)
#define LINE_BYTES	512	/* of a line that are looked at */

/* All of them as they are compared: letters and digits alone, in capitals. */
static struct name {
	uint32_t reason;
	size_t length;
	char text[NAME_BYTES];
} names[NAMES_MAX];

static size_t names_nr;

static size_t plain(const char *text, size_t length, char *to, size_t room)
{
	size_t n = 0, i;

	for (i = 0; i < length && text[i] && n + 1 < room; i++) {
		if (isalnum((unsigned char)text[i]))
			to[n++] = toupper((unsigned char)text[i]);
	}
	to[n] = '\0';
	return n;
}

/* A name, and what it is without its last word if that says nothing. */
static void add_name(uint32_t reason, const char *text)
{
	static const char *const ends[] = { "INSTRUCTION", "ACCESSES", "EXPIRED", "SIGNAL" };
	struct name *n = &names[names_nr], *shorter = n + 1;
	size_t i;

	n->reason = reason;
	n->length = plain(text, strlen(text), n->text, sizeof(n->text));
	names_nr += n->length >= NAME_LEAST;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (n->length < end + NAME_LEAST || strcmp(n->text + n->length - end, ends[i]))
			continue;
		*shorter = *n;
		shorter->length -= end;
		shorter->text[shorter->length] = '\0';
		names_nr++;
	}
}

static void add_all(void)
{
	uint32_t reason;

	for (reason = 0; reason < VMX_EXIT_REASONS_NR; reason++) {
		if (!exit_acct_defined(reason))
			continue;
		add_name(reason, exit_acct_name(reason));
		add_name(reason, exit_acct_sdm_name(reason));
	}
}

uint32_t name_reason(const char *text, size_t length, uint32_t own)
{
	uint32_t found = JUDGE_REASONS;
	char line[LINE_BYTES];
	size_t best = 0, i;

	if (!names_nr)
		add_all();
	plain(text, length, line, sizeof(line));
	for (i = 0; i < names_nr; i++) {
		const struct name *n = &names[i];

		if (n->length < best || (n->length == best && n->reason != own) ||
		    !strstr(line, n->text))
			continue;
		best = n->length;
		found = n->reason;
	}
	return found;
}
