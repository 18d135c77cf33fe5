// SPDX-License-Identifier: GPL-2.0-only
/* Logs of one boot: the target's log, and on KVM the kernel's with the reports. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/boot_report.h"
#include "tools/record.h"

#define REPORT_HEAD	"=== VM exits: total="
#define REPORT_END	"=== VM exits: end tsc="
#define REPORT_LINE	"VM exit "

/* Where the reader is in a log, and what it has seen. */
struct reader {
	struct record rec;
	struct boot *boot;
	bool begun, ran, total, ended, inside;
	size_t head_bytes, body_bytes;	/* of the report that is being read */
};

static const char *const target_words[TARGETS] = { "hv", "kvm" };

/* Powers of two: grow when the last one is full. Returns the new, cleared element. */
static void *append(void **array, size_t *nr, size_t size)
{
	if (!(*nr & (*nr - 1)))
		*array = realloc(*array, 2 * (*nr + 1) * size);
	if (!*array) {
		fprintf(stderr, "boot_report: out of memory\n");
		exit(2);
	}
	return memset((char *)*array + (*nr)++ * size, 0, size);
}

#define APPEND(b, what) \
	((typeof((b)->what))append((void **)&(b)->what, &(b)->what##_nr, sizeof(*(b)->what)))

static bool number_at(const char **p, uint64_t *value)
{
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	errno = 0;
	*value = strtoull(*p, &end, 10);
	*p = end;
	return !errno;
}

static struct sample *last_sample(struct boot *b)
{
	return &b->samples[b->samples_nr - 1];
}

static bool report_head(struct reader *r, const char *text)
{
	struct boot *b = r->boot;
	uint64_t before = last_sample(b)->total, tsc = last_sample(b)->tsc_end, total, now;
	struct sample *s;

	if (r->inside)
		return record_refuse(&r->rec, "a report before the end of the one before");
	if (!number_at(&text, &total) || strncmp(text, " tsc=", 5) || !(text += 5) ||
	    !number_at(&text, &now) || strcmp(text, " ==="))
		return record_refuse(&r->rec, "a report's header cannot be read");
	if (total <= before || now < tsc)
		return record_refuse(&r->rec, "a report of %" PRIu64 " exits at tsc=%" PRIu64
				     " after one of %" PRIu64 " at tsc=%" PRIu64, total, now,
				     before, tsc);
	s = APPEND(b, samples);
	s->total = total;
	s->tsc = now;
	r->inside = true;
	return true;
}

static bool report_line(struct reader *r, const char *text)
{
	uint64_t reason = SLOTS - 1, count;
	const char *colon = strrchr(text, ':');

	if (strncmp(text, "other ", 6) && !number_at(&text, &reason))
		return record_refuse(&r->rec, "a report's line without a reason");
	if (reason >= SLOTS)
		return record_refuse(&r->rec, "exit reason %" PRIu64 " is beyond the "
			"table", reason);
	if (!colon || strncmp(colon, ": ", 2) || !(colon += 2) || !number_at(&colon, &count) ||
	    *colon)
		return record_refuse(&r->rec, "a report's line without a count");
	last_sample(r->boot)->count[reason] += count;
	return true;
}

static bool report_end(struct reader *r, const char *text)
{
	struct sample *s = last_sample(r->boot);
	uint64_t sum = 0;
	int i;

	if (!number_at(&text, &s->tsc_end) || strcmp(text, " ===") || s->tsc_end < s->tsc)
		return record_refuse(&r->rec, "a report's end cannot be read");
	for (i = 0; i < SLOTS; i++) {
		if (s->count[i] < s[-1].count[i])
			return record_refuse(&r->rec, "exits for reason %d went down", i);
		sum += s->count[i];
	}
	if (sum != s->total)
		return record_refuse(&r->rec, "a report of %" PRIu64 " exits whose lines add up "
				     "to %" PRIu64, s->total, sum);
	r->inside = false;
	return true;
}

/* A report's line; @bytes are those that the console was sent for it. */
static bool read_report(struct reader *r, const char *text, size_t bytes)
{
	struct sample *s;

	if (!strncmp(text, REPORT_HEAD, strlen(REPORT_HEAD))) {
		r->body_bytes = bytes;
		return report_head(r, text + strlen(REPORT_HEAD));
	}
	if (!r->inside)
		return record_refuse(&r->rec, "a line of a report without its header");
	if (!strncmp(text, REPORT_LINE, strlen(REPORT_LINE))) {
		r->body_bytes += bytes;
		return report_line(r, text + strlen(REPORT_LINE));
	}
	if (!report_end(r, text + strlen(REPORT_END)))
		return false;
	/* Its last line came after the TSC in it. */
	s = last_sample(r->boot);
	s->tsc_end += (s->tsc_end - s->tsc) * bytes / r->body_bytes;
	return true;
}

static bool is_report(const char *text)
{
	return !strncmp(text, REPORT_HEAD, strlen(REPORT_HEAD)) ||
	       !strncmp(text, REPORT_END, strlen(REPORT_END)) ||
	       (!strncmp(text, REPORT_LINE, strlen(REPORT_LINE)) && strchr(text, ':'));
}

static bool read_log(struct reader *r)
{
	const char *target;

	if (r->begun)
		return record_refuse(&r->rec, "a second `log' record: more than one run in this "
				     "file");
	if (!record_version(&r->rec) || !record_text(&r->rec, "target", &target) ||
	    !record_text(&r->rec, "machine", &r->boot->machine) ||
	    !record_text(&r->rec, "clock", &r->boot->clock))
		return false;
	if (strcmp(target, target_words[r->boot->target]))
		return record_refuse(&r->rec, "target=%s: this must be the log of "
			"target=%s", target,
				     target_words[r->boot->target]);
	r->begun = true;
	return true;
}

static bool read_exits(struct reader *r)
{
	const char *scope = record_find(&r->rec, "scope"), *name;
	struct slot *s = &r->boot->sum;
	uint64_t reason = SLOTS - 1;

	if (!scope || strcmp(scope, "vm") || record_find(&r->rec, "failed_reason") ||
	    record_find(&r->rec, "synthesised"))
		return true;
	name = record_find(&r->rec, "reason");
	if (name) {
		if (strcmp(name, "other") && (!record_number(&r->rec, "reason", &reason) ||
					      reason >= SLOTS - 1))
			return record_refuse(&r->rec, "reason=%s is not known", name);
		s = &r->boot->slot[reason];
	}
	r->total |= !name;
	return record_number(&r->rec, name ? "count" : "total", &s->count) &&
	       record_number(&r->rec, "handler", &s->handler) &&
	       record_number(&r->rec, "round_trip", &s->round_trip);
}

static bool read_ran(struct reader *r)
{
	struct boot *b = r->boot;

	if (!record_number(&r->rec, "begin", &b->begin) || !record_number(&r->rec, "end", &b->end))
		return false;
	if (b->end <= b->begin)
		return record_refuse(&r->rec, "the guest ended before it began");
	r->ran = true;
	return true;
}

static bool read_at(struct reader *r)
{
	uint64_t line, tsc;
	size_t i;

	if (!record_number(&r->rec, "line", &line) || !record_number(&r->rec, "tsc", &tsc))
		return false;
	for (i = 0; i < r->boot->marks_nr; i++) {
		if (r->boot->marks[i].line == line) {
			r->boot->marks[i].tsc = tsc;
			return true;
		}
	}
	return record_refuse(&r->rec, "line=%" PRIu64 " is no line of the guest's", line);
}

static bool read_end(struct reader *r)
{
	const char *cause;
	uint64_t code;

	if (!record_text(&r->rec, "cause", &cause) || !record_number(&r->rec, "code", &code))
		return false;
	if (strcmp(cause, "exit_port") || code)
		return record_refuse_end(&r->rec, "the guest did not come through: cause=%s code=%"
					 PRIu64, cause, code);
	r->ended = true;
	return true;
}

static bool read_line(void *ctx, char *line)
{
	static const struct {
		const char *word;
		bool (*read)(struct reader *r);
	} records[] = {
		{ "log", read_log }, { "exits", read_exits }, { "ran", read_ran },
		{ "at", read_at }, { "end", read_end },
	};
	struct reader *r = ctx;
	struct mark *m;
	size_t i;

	if (r->boot->target == HV && is_report(line))
		return read_report(r, line, strlen(line) + 1);
	/* A line of the guest's may look like a record: exitstat prints some. */
	m = APPEND(r->boot, marks);
	m->line = r->rec.line;
	m->text = line;
	m->bytes = strlen(line) + 1;
	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		if (record_is(line, records[i].word))
			return record_split(&r->rec, line) && records[i].read(r);
	return true;
}

/* "[    5.347103] kvm [27]: === VM exits: total=1000 tsc=389767344 ===" */
static bool read_kernel_line(void *ctx, char *line)
{
	const char *text = strstr(line, "] kvm [");
	struct reader *r = ctx;

	text = text ? strstr(text, "]: ") : NULL;
	if (!text || *line != '[' || !is_report(text + 3))
		return true;
	return read_report(r, text + 3, strlen(line) + 1);
}

static bool check_sums(struct reader *r)
{
	struct boot *b = r->boot;
	uint64_t sum = 0;
	struct sample *s;
	int i;

	for (i = 0; i < SLOTS; i++) {
		sum += b->slot[i].count;
		if (last_sample(b)->count[i] > b->slot[i].count)
			return record_refuse(&r->rec, "reason %d: the last report has more exits "
					     "than the end", i);
	}
	if (sum != b->sum.count)
		return record_refuse(&r->rec, "exits by reason add up to %" PRIu64 ", "
				     "the total is %" PRIu64, sum, b->sum.count);
	if (b->samples_nr > 1)
		b->every = b->samples[1].total;
	b->samples[0].tsc = b->samples[0].tsc_end = b->begin;
	if (b->samples_nr > 1 && (b->samples[1].tsc < b->begin || last_sample(b)->tsc_end > b->end))
		return record_refuse(&r->rec, "a report from outside the guest's life");
	s = APPEND(b, samples);
	s->total = sum;
	s->tsc = s->tsc_end = b->end;
	for (i = 0; i < SLOTS; i++)
		s->count[i] = b->slot[i].count;
	return true;
}

static void read_wall(const char *folder, struct boot *b)
{
	char name[4096];
	FILE *f;

	snprintf(name, sizeof(name), "%s/%s.wall", folder, target_words[b->target]);
	f = fopen(name, "r");
	if (!f)
		return;
	if (fscanf(f, "%" SCNu64, &b->wall_ms) != 1)
		b->wall_ms = 0;
	fclose(f);
}

bool boot_read(const char *folder, struct boot *b)
{
	struct reader r = { .boot = b };
	char *file, *console;

	if (asprintf(&file, "%s/%s.log", folder, target_words[b->target]) < 0 ||
	    asprintf(&console, "%s/%s.console", folder, target_words[b->target]) < 0)
		return false;
	if (access(file, F_OK))
		return true;
	APPEND(b, samples);
	if (b->target == KVM) {
		r.rec.file = console;
		if (!record_lines(&r.rec, read_kernel_line, &r))
			return false;
		if (r.inside)
			return record_refuse(&r.rec, "cut short: a report without its end");
	}
	r.rec.file = b->file = file;
	r.rec.line = 0;
	if (!record_lines(&r.rec, read_line, &r))
		return false;
	if (!r.begun)
		return record_refuse_end(&r.rec, "not a log: no `log' record up to here");
	if (r.inside)
		return record_refuse(&r.rec, "cut short: a report without its end");
	if (!r.total || !r.ran || !r.ended)
		return record_refuse_end(&r.rec, "cut short: no `%s' record up to here",
					 !r.total ? "exits scope=vm total" :
					 !r.ran ? "ran" : "end");
	if (!check_sums(&r))
		return false;
	read_wall(folder, b);
	return b->present = true;
}
