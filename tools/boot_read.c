// SPDX-License-Identifier: GPL-2.0-only
/* Logs of one boot: the target's log, and on KVM the kernel's with the reports. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/boot_report.h"
#include "tools/tool.h"

#define REPORT_HEAD	"=== VM exits: total="
#define REPORT_END	"=== VM exits: end tsc="
#define REPORT_LINE	"VM exit "

/* Where the reader is, and what it has seen. */
struct reader {
	struct record *rec;		/* of the log, or of the kernel's */
	struct boot *boot;
	bool ran, inside;
	size_t body_bytes;		/* of the report that is being read */
};

/* Powers of two: grow when the last one is full. Returns the new, cleared element. */
static void *append(void **array, size_t *nr, size_t size)
{
	if (!(*nr & (*nr - 1)))
		*array = tool_memory(realloc(*array, 2 * (*nr + 1) * size));
	return memset((char *)*array + (*nr)++ * size, 0, size);
}

#define APPEND(b, what) \
	((typeof((b)->what))append((void **)&(b)->what, &(b)->what##_nr, sizeof(*(b)->what)))

static struct sample *last_sample(struct boot *b)
{
	return &b->samples[b->samples_nr - 1];
}

static bool report_head(struct reader *r, uint64_t total, uint64_t tsc)
{
	const struct sample *before = last_sample(r->boot);

	if (r->inside)
		return record_refuse(r->rec, "a report before the end of the one before");
	if (total <= before->total || tsc < before->tsc_end)
		return record_refuse(r->rec, "a report of %" PRIu64 " exits at tsc=%" PRIu64
				     " after one of %" PRIu64 " at tsc=%" PRIu64, total, tsc,
				     before->total, before->tsc_end);
	*APPEND(r->boot, samples) = (struct sample){ .total = total, .tsc = tsc };
	return r->inside = true;
}

/* @text: "REASON (NAME): COUNT" */
static bool report_line(struct reader *r, const char *text)
{
	const char *colon = strrchr(text, ':');
	uint64_t reason = SLOTS - 1, count;

	if (strncmp(text, "other ", 6) && sscanf(text, "%" SCNu64 " (", &reason) != 1)
		return record_refuse(r->rec, "a report's line without a reason");
	if (reason >= SLOTS)
		return record_refuse(r->rec, "exit reason %" PRIu64 " is beyond the table", reason);
	if (colon[1] != ' ' || !record_parse(colon + 2, &count))
		return record_refuse(r->rec, "a report's line without a count");
	last_sample(r->boot)->count[reason] += count;
	return true;
}

/* Its last line of @bytes came after the TSC in it. */
static bool report_end(struct reader *r, uint64_t tsc, size_t bytes)
{
	struct sample *s = last_sample(r->boot);
	uint64_t sum = 0;
	int i;

	if (tsc < s->tsc)
		return record_refuse(r->rec, "a report that ends before it begins");
	for (i = 0; i < SLOTS; i++) {
		if (s->count[i] < s[-1].count[i])
			return record_refuse(r->rec, "exits for reason %d went down", i);
		sum += s->count[i];
	}
	if (sum != s->total)
		return record_refuse(r->rec, "a report of %" PRIu64 " exits whose lines add up "
				     "to %" PRIu64, s->total, sum);
	s->tsc_end = tsc + (tsc - s->tsc) * bytes / r->body_bytes;
	r->inside = false;
	return true;
}

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* A report's line; @bytes are those that the console was sent for it. */
static bool read_report(struct reader *r, const char *text, size_t bytes)
{
	uint64_t total, tsc;
	int n = 0;

	if (sscanf(text, REPORT_HEAD "%" SCNu64 " tsc=%" SCNu64 " ===%n", &total, &tsc, &n) == 2 &&
	    n && !text[n]) {
		r->body_bytes = bytes;
		return report_head(r, total, tsc);
	}
	if (!r->inside)
		return record_refuse(r->rec, "a line of a report without its header");
	if (starts(text, REPORT_LINE)) {
		r->body_bytes += bytes;
		return report_line(r, text + strlen(REPORT_LINE));
	}
	if (sscanf(text, REPORT_END "%" SCNu64 " ===%n", &tsc, &n) == 1 && n && !text[n])
		return report_end(r, tsc, bytes);
	return record_refuse(r->rec, "a report's header or end cannot be read");
}

static bool is_report(const char *text)
{
	return starts(text, REPORT_HEAD) || starts(text, REPORT_END) ||
	       (starts(text, REPORT_LINE) && strchr(text, ':'));
}

static bool take_exits(struct log *l, void *ctx)
{
	struct reader *r = ctx;

	return strcmp(record_find(&l->rec, "scope"), "vm") ||
	       log_exits(&l->rec, &r->boot->exits);
}

static bool take_ran(struct log *l, void *ctx)
{
	struct reader *r = ctx;
	struct boot *b = r->boot;

	if (!record_number(&l->rec, "begin", &b->begin) || !record_number(&l->rec, "end", &b->end))
		return false;
	r->ran = true;
	return b->end > b->begin || record_refuse(&l->rec, "the guest ended before it began");
}

static bool take_at(struct log *l, void *ctx)
{
	struct boot *b = ((struct reader *)ctx)->boot;
	uint64_t line, tsc;
	size_t i;

	if (!record_number(&l->rec, "line", &line) || !record_number(&l->rec, "tsc", &tsc))
		return false;
	for (i = 0; i < b->marks_nr; i++) {
		if (b->marks[i].line == line) {
			b->marks[i].tsc = tsc;
			return true;
		}
	}
	return record_refuse(&l->rec, "line=%" PRIu64 " is no line of the guest's", line);
}

static bool take_detail(struct log *l, void *ctx)
{
	return details_take(&((struct reader *)ctx)->boot->details, &l->rec, 0);
}

static bool take_end(struct log *l, void *ctx)
{
	const struct boot *b = ((struct reader *)ctx)->boot;

	return (!strcmp(l->cause, b->until ? CAUSE_LINE : CAUSE_EXIT_PORT) && !l->code) ||
	       record_refuse_end(&l->rec, "the guest did not come through: cause=%s code=%"
				 PRIu64, l->cause, l->code);
}

static bool read_line(void *ctx, char *line)
{
	struct reader *r = ctx;
	struct boot *b = r->boot;

	if (b->log.target == HV && is_report(line))
		return read_report(r, line, strlen(line) + 1);
	*APPEND(b, marks) = (struct mark){
		.line = r->rec->line, .text = line, .bytes = strlen(line) + 1,
	};
	return log_take(&b->log, line);
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

static bool check_sums(struct boot *b)
{
	const struct record *rec = &b->log.rec;
	const struct sample *last = last_sample(b);
	uint64_t sum = 0;
	struct sample *s;
	int i;

	for (i = 0; i < SLOTS; i++) {
		sum += b->exits.by[i].count;
		if (last->count[i] > b->exits.by[i].count)
			return record_refuse(rec, "reason %d: the last report has more exits than "
					     "the end", i);
	}
	if (sum != b->exits.sum.count)
		return record_refuse(rec, "exits by reason add up to %" PRIu64 ", the total is %"
				     PRIu64, sum, b->exits.sum.count);
	b->samples[0].tsc = b->samples[0].tsc_end = b->begin;
	if (b->samples_nr > 1) {
		b->every = b->samples[1].total;
		if (b->samples[1].tsc < b->begin || last->tsc_end > b->end)
			return record_refuse(rec, "a report from outside the guest's life");
	}
	s = APPEND(b, samples);
	s->total = sum;
	s->tsc = s->tsc_end = b->end;
	for (i = 0; i < SLOTS; i++)
		s->count[i] = b->exits.by[i].count;
	return true;
}

/* FOLDER/TARGET.WHAT */
static char *file_of(const char *folder, const struct boot *b, const char *what)
{
	char *file;

	if (asprintf(&file, "%s/%s.%s", folder, target_names[b->log.target], what) < 0)
		exit(TOOL_CANNOT);
	return file;
}

static uint64_t read_wall(const char *file)
{
	FILE *f = fopen(file, "r");
	uint64_t ms = 0;

	return f && fscanf(f, "%" SCNu64, &ms) == 1 && !fclose(f) ? ms : 0;
}

static bool read_lines(struct reader *r, struct record *rec, bool (*take)(void *ctx, char *line))
{
	r->rec = rec;
	return record_lines(rec, take, r) &&
	       (!r->inside || record_refuse(rec, "cut short: a report without its end"));
}

bool boot_read(const char *folder, struct boot *b)
{
	static const struct log_kind kinds[] = {
		{ "exits", "scope", take_exits }, { "ran", "begin", take_ran },
		{ "at", "line", take_at }, { "end", "target", take_end },
		{ "detail", "scope", take_detail }, { 0 }
	};
	struct record *rec = &b->log.rec, kernel = { .file = file_of(folder, b, "console") };
	struct reader r = { .boot = b };

	b->log.kinds = kinds;
	b->log.ctx = &r;
	rec->file = file_of(folder, b, "log");
	if (access(rec->file, F_OK))
		return true;
	APPEND(b, samples);
	if ((b->log.target == KVM && !read_lines(&r, &kernel, read_kernel_line)) ||
	    !read_lines(&r, rec, read_line))
		return false;
	if (b->log.begun && (!b->exits.there || !r.ran))
		return record_refuse_end(rec, "cut short: no `%s' record up to here",
					 b->exits.there ? "ran" : "exits scope=vm total");
	if (!log_whole(&b->log) || !check_sums(b))
		return false;
	if (b->details.nr && !details_whole(&b->details, rec, 0))
		return false;
	details_sort(&b->details);
	b->wall_ms = read_wall(file_of(folder, b, "wall"));
	return b->present = true;
}
