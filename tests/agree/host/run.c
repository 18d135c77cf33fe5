// SPDX-License-Identifier: GPL-2.0-only
/* Start boot/run, wait, read the log. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/agree/host/agree.h"
#include "tests/agree/host/run.h"

#define WORDS_MAX	1800		/* the lab's kernel takes 2,047 with its own */

static const char *const targets[JUDGES] = { "bare", "hv", "hv", "kvm" };
const char *const agree_judges[JUDGES] = { "bare", "hv", "hv+", "kvm" };

/* When a run hangs: so much, and as much more as a sequence can take at most. */
#define TICKS		2000		/* millions */
#define TICKS_FOR	4		/* sequences */
#define LIMIT		180		/* seconds */
#define LIMIT_FOR	20

static struct agree_job *queue, *running;
static unsigned int running_nr, serial;
static volatile sig_atomic_t stopped;

void agree_queue(const struct agree_job *job)
{
	struct agree_job *copy = malloc(sizeof(*copy)), **at = &queue;

	*copy = *job;
	copy->next = NULL;
	while (*at)
		at = &(*at)->next;
	*at = copy;
}

void agree_queue_list(enum agree_task task, int judge, const struct agree_item *items, size_t nr)
{
	struct agree_job job = { .task = task, .judge = judge, .list_nr = nr };

	job.list = malloc(nr * sizeof(*items));
	memcpy(job.list, items, nr * sizeof(*items));
	agree_queue(&job);
}

void agree_queue_rest(const struct agree_job *job, size_t at)
{
	if (at + 1 < job->list_nr)
		agree_queue_list(job->task, job->judge, job->list + at + 1,
				 job->list_nr - at - 1);
}

void agree_append(char *words, size_t size, const char *fmt, ...)
{
	size_t used = strlen(words);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words + used, size - used, fmt, ap);
	va_end(ap);
}

/* How many sequences a run is; that of which one ends the machine are a block. */
static uint32_t runs_of(const struct agree_job *job)
{
	switch (job->task) {
	case TASK_BLOCKS: return job->n;
	case TASK_FIND: return job->n < AGREE_BLOCK ? job->n : AGREE_BLOCK;
	case TASK_EACH: return job->list_nr * AGREE_BLOCK;
	case TASK_MASKS: return job->list_nr * AGREE_MASKS;
	default: return job->list_nr;
	}
}

/* What is told may be of several seeds: a seed is that of the lists behind it. */
static void append_told(const struct agree_how *how, const struct agree_job *job, char *words,
			size_t size)
{
	uint64_t seed = how->seed;

	agree_append(words, size, " say");
	for (size_t i = 0; i < job->list_nr; i++) {
		const struct agree_item *item = &job->list[i];

		if (item->seed != seed)
			agree_append(words, size, " seed=%" PRIu64, item->seed);
		agree_append(words, size, "%s%u:%x", i && item->seed == seed ? "," : " list=",
			     item->nr, item->mask);
		if (item->names)
			agree_append(words, size, ":%s", item->names);
		seed = item->seed;
	}
}

/* The guest's command line. */
static void make_words(const struct agree_how *how, const struct agree_job *job, char *words,
		       size_t size)
{
	snprintf(words, size, "seed=%" PRIu64, how->seed);
	if (how->ops)
		agree_append(words, size, " ops=%s", how->ops);
	if (how->modes)
		agree_append(words, size, " modes=%s", how->modes);
	if (job->task == TASK_SAY) {
		append_told(how, job, words, size);
		return;
	}
	if (job->task <= TASK_FIND)
		agree_append(words, size, " first=%u n=%u%s", job->first, runs_of(job),
			     job->task == TASK_FIND ? " block=1" : "");
	else
		agree_append(words, size, "%s list=", job->task == TASK_EACH ? " each" : " masks");
	for (size_t i = 0; i < job->list_nr; i++)
		agree_append(words, size, "%s%u", i ? "," : "", job->list[i].nr);
}

/* Operations of this class ask another processor. */
static bool needs_peer(const struct agree_how *how, const struct agree_job *job)
{
	bool needs = how->ops && strstr(how->ops, "peer");

	for (size_t i = 0; i < job->list_nr && !needs; i++)
		needs = agree_asks_peer(job->list[i].names);
	return needs;
}

bool agree_asks_peer(const char *names)
{
	return names && strstr(names, "+peer.");
}

static bool start(const struct agree_how *how, struct agree_job *job, const char *words)
{
	char option[600], ticks[24], limit[24], err[600];
	uint32_t runs = runs_of(job);
	const char *args[40];
	size_t n = 0;

	snprintf(job->dir, sizeof(job->dir), "%s/%s.%u", how->out, agree_judges[job->judge],
		 ++serial);
	mkdir(job->dir, 0777);
	snprintf(ticks, sizeof(ticks), "%u", how->ticks ? how->ticks : TICKS + runs / TICKS_FOR);
	/* A processor that halts for ever has no ticks that anybody counts. */
	snprintf(limit, sizeof(limit), "%u", LIMIT + runs / LIMIT_FOR);
	args[n++] = how->run;
	args[n++] = targets[job->judge];
	args[n++] = "--machine";
	args[n++] = "bochs";
	args[n++] = "--quiet";
	args[n++] = "--report";
	args[n++] = "0";
	args[n++] = "--cpus";
	args[n++] = needs_peer(how, job) ? "2" : "1";
	args[n++] = "--ticks";
	args[n++] = ticks;
	args[n++] = "--limit";
	args[n++] = limit;
	args[n++] = "--cpu";
	args[n++] = how->cpu;
	args[n++] = "--out";
	args[n++] = job->dir;
	if (job->judge == JUDGE_HV_MORE) {
		snprintf(option, sizeof(option), "intercept=%s", how->intercept);
		args[n++] = "--option";
		args[n++] = option;
	}
	if (how->hv) {
		args[n++] = "--hv";
		args[n++] = how->hv;
	}
	args[n++] = "--cmdline";
	args[n++] = words;
	args[n++] = how->elf;
	args[n] = NULL;
	snprintf(err, sizeof(err), "%s/err", job->dir);
	job->pid = fork();
	if (job->pid < 0) {
		fprintf(stderr, "agree: fork: %s\n", strerror(errno));
		return false;
	}
	if (!job->pid) {
		int fd = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0666);

		if (fd >= 0) {
			dup2(fd, 1);
			dup2(fd, 2);
		}
		execv(args[0], (char **)args);
		_exit(127);
	}
	return true;
}

/* All of a file, as text. */
static char *read_file(const char *name)
{
	FILE *f = fopen(name, "r");
	char *text = calloc(1, 1);
	size_t size = 0, got;

	if (!f)
		return text;
	for (;;) {
		text = realloc(text, size + 65536 + 1);
		got = fread(text + size, 1, 65536, f);
		size += got;
		if (!got)
			break;
	}
	/* A zero byte would hide what follows. */
	for (size_t i = 0; i < size; i++) {
		if (!text[i])
			text[i] = '?';
	}
	text[size] = '\0';
	fclose(f);
	return text;
}

static void collect(struct agree_job *job)
{
	char name[600], *text, *from, *to;

	snprintf(name, sizeof(name), "%s/%s.log", job->dir, targets[job->judge]);
	text = read_file(name);
	from = strstr(text, "agree version=1");
	job->log = text;
	if (!from)
		from = text + strlen(text);
	/* Without carriage returns, and from the guest's first line on. */
	for (to = text; *from; from++) {
		if (*from != '\r')
			*to++ = *from;
	}
	*to = '\0';
	job->done = strstr(text, "\nagree done");
}

static void start_some(const struct agree_how *how, const struct agree_asker *asker, bool *ok)
{
	while (*ok && queue && running_nr < how->parallel) {
		struct agree_job *job = queue;
		char words[WORDS_MAX];

		queue = job->next;
		make_words(how, job, words, sizeof(words));
		if (asker->skips)
			asker->skips(asker->of, job, words, sizeof(words));
		*ok = start(how, job, words);
		job->next = running;
		running = job;
		running_nr++;
	}
}

static void stop(int nr)
{
	stopped = nr;
}

/* Told to end, end what runs first; what is ignored stays ignored. */
static void heed_signals(void)
{
	static const int of[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
		struct sigaction now, on = { .sa_handler = stop };

		sigaction(of[i], NULL, &now);
		if (now.sa_handler == SIG_DFL)
			sigaction(of[i], &on, NULL);
	}
}

static bool end_running(void)
{
	for (struct agree_job *j = running; j; j = j->next)
		kill(j->pid, SIGTERM);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	fprintf(stderr, "agree: told to end; the same command goes on behind what is done\n");
	return false;
}

bool agree_run(const struct agree_how *how, const struct agree_asker *asker)
{
	bool ok = true;

	heed_signals();
	while (start_some(how, asker, &ok), running) {
		struct agree_job *job, **at = &running;
		pid_t pid = waitpid(-1, NULL, 0);

		if (stopped)
			return end_running();
		while (*at && (*at)->pid != pid)
			at = &(*at)->next;
		job = *at;
		if (!job)
			continue;
		*at = job->next;
		running_nr--;
		collect(job);
		asker->take(asker->of, job);
		free(job->log);
		free(job->list);
		free(job);
	}
	return ok;
}
