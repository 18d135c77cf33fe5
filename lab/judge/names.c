// SPDX-License-Identifier: GPL-2.0-only
/* Names of reasons as people write them: KVM's, the SDM's, a handler's, in any case. */
#include <ctype.h>
#include <string.h>
#include "lab/judge/blocks.h"
#include "lab/judge/judge.h"

#define NAME_BYTES	64
#define NAME_LEAST	3

/* Letters and digits alone, in capitals. */
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

/* The longest of a reason's names that is in the line; 0: none. */
static size_t longest(const char *line, uint32_t reason)
{
	const char *const names[] = { exit_acct_name(reason), exit_acct_sdm_name(reason) };
	size_t best = 0, i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		static const char *const ends[] = {
			"INSTRUCTION", "ACCESSES", "EXPIRED", "SIGNAL",
		};
		char name[NAME_BYTES];
		size_t n = plain(names[i], strlen(names[i]), name, sizeof(name)), k;

		if (n >= NAME_LEAST && n > best && strstr(line, name))
			best = n;
		/* Without its last word, if that says nothing. */
		for (k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
			size_t end = strlen(ends[k]);

			if (n < end + NAME_LEAST || strcmp(name + n - end, ends[k]))
				continue;
			name[n - end] = '\0';
			if (n - end > best && strstr(line, name))
				best = n - end;
		}
	}
	return best;
}

uint32_t name_reason(const char *text, size_t length, uint32_t own)
{
	uint32_t reason, found = JUDGE_REASONS;
	char line[512];
	size_t best = 0;

	plain(text, length, line, sizeof(line));
	for (reason = 0; reason < VMX_EXIT_REASONS_NR; reason++) {
		size_t n = exit_acct_defined(reason) ? longest(line, reason) : 0;

		if (n > best || (n && n == best && reason == own)) {
			best = n;
			found = reason;
		}
	}
	return found;
}
