// SPDX-License-Identifier: GPL-2.0-only
/* What the guest printed of one sequence, and which of its items a difference needs. */
#include <string.h>

#include "tests/agree/host/agree.h"

/* Cut @text after its line; the rest. */
static char *cut(char *text)
{
	char *end = strchr(text, '\n');

	if (!end)
		return text + strlen(text);
	*end = '\0';
	if (end > text && end[-1] == '\r')
		end[-1] = '\0';
	return end + 1;
}

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* The words of the first line, which all have a key. */
static void read_head(struct agree_say *say, char *line)
{
	static const struct {
		const char *key;
		size_t offset;
	} keys[] = {
		{ "mode=", offsetof(struct agree_say, mode) },
		{ "bits=", offsetof(struct agree_say, bits) },
		{ "ops=", offsetof(struct agree_say, ops) },
		{ "asks=", offsetof(struct agree_say, asks) },
		{ "code=", offsetof(struct agree_say, code) },
		{ "flags=", offsetof(struct agree_say, flags) },
		{ "dr7=", offsetof(struct agree_say, dr7) },
	};

	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
			if (starts(word, keys[i].key))
				*(const char **)((char *)say + keys[i].offset) =
					word + strlen(keys[i].key);
		}
	}
}

char *agree_read_say(struct agree_say *say, char *text)
{
	char *line = text;

	*say = (struct agree_say) { .mode = "", .bits = "", .ops = "", .asks = "", .code = "",
				    .flags = "", .dr7 = "" };
	if (!starts(line, "sequence="))
		return NULL;
	text = cut(text);
	read_head(say, line);
	while (*text) {
		char *value;

		/* It died, and what follows is somebody else's. */
		if (starts(text, "sequence=") || starts(text, "agree done"))
			break;
		line = text;
		text = cut(text);
		value = strchr(line, '=');
		if (!value || strchr(line, ' '))
			continue;
		*value++ = '\0';
		if (!strcmp(line, "hash")) {
			say->complete = true;
			break;
		}
		if (say->seen_nr < AGREE_SEEN)
			say->seen[say->seen_nr++] = (struct agree_seen) { line, value };
	}
	return text;
}

const char *agree_find(const struct agree_say *say, const char *key)
{
	for (size_t i = 0; i < say->seen_nr; i++) {
		if (!strcmp(say->seen[i].key, key))
			return say->seen[i].value;
	}
	return NULL;
}

size_t agree_differ(const struct agree_say *bare, const struct agree_say *other,
		    struct agree_difference *differences, size_t max)
{
	size_t nr = 0;

	if (bare->complete != other->complete) {
		if (max)
			differences[0] = (struct agree_difference) {
				"death", bare->complete ? "lives" : "ends",
				other->complete ? "lives" : "ends"
			};
		return max ? 1 : 0;
	}
	for (size_t i = 0; i < bare->seen_nr && nr < max; i++) {
		const struct agree_seen *seen = &bare->seen[i];
		const char *value = agree_find(other, seen->key);

		if (!value || strcmp(value, seen->value))
			differences[nr++] = (struct agree_difference) {
				seen->key, seen->value, value ? value : "-"
			};
	}
	for (size_t i = 0; i < other->seen_nr && nr < max; i++) {
		const struct agree_seen *seen = &other->seen[i];

		if (!agree_find(bare, seen->key))
			differences[nr++] = (struct agree_difference) {
				seen->key, "-", seen->value
			};
	}
	return nr;
}

size_t agree_smallest(const bool *differs, uint32_t all, uint32_t *masks)
{
	size_t nr = 0;

	for (int size = 0; size <= AGREE_ITEMS; size++) {
		for (uint32_t mask = 0; mask <= all; mask++) {
			bool smaller = false;

			if (__builtin_popcount(mask) != size || !differs[mask])
				continue;
			for (size_t i = 0; i < nr; i++)
				smaller |= (masks[i] & mask) == masks[i];
			if (!smaller)
				masks[nr++] = mask;
		}
	}
	return nr;
}
