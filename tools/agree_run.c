// SPDX-License-Identifier: GPL-2.0-only
/* Start boot/run, wait, read the log. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/agree.h"
#include "tools/agree_run.h"

#define WORDS_MAX	1800		/* the lab's kernel takes 2,047 with its own */

static const char *const targets[JUDGES] = { "bare", "hv", "hv", "kvm" };
const char *const agree_judges[JUDGES] = { "bare", "hv", "hv+", "kvm" };

static struct agree_job *queue, *running;
static unsigned int running_nr, serial, finished;

void agree_queue(const struct agree_job *job)
{
	struct agree_job *copy = malloc(sizeof(*copy)), **at = &queue;

	*copy = *job;
	copy->next = NULL;
	while (*at)
		at = &(*at)->next;
	*at = copy;
}

static void append(char *words, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void append(char *words, size_t size, const char *fmt, ...)
{
	size_t used = strlen(words);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words + used, size - used, fmt, ap);
	va_end(ap);
}

/* The guest's command line. */
static void make_words(const struct agree_how *how, const struct agree_job *job, char *words,
		       size_t size)
{
	snprintf(words, size, "seed=%" PRIu64, how->seed);
	if (how->ops)
		append(words, size, " ops=%s", how->ops);
	if (how->modes)
		append(words, size, " modes=%s", how->modes);
	if (job->task <= TASK_FIND)
		append(words, size, " first=%u n=%u%s", job->first, job->n,
		       job->task == TASK_FIND ? " block=1" : "");
	else
		append(words, size, "%s list=", job->task == TASK_EACH ? " each" :
		       job->task == TASK_MASKS ? " masks" : " say");
	for (size_t i = 0; i < job->list_nr; i++) {
		append(words, size, "%s%u", i ? "," : "", job->list[i].nr);
		if (job->task == TASK_SAY)
			append(words, size, ":%x", job->list[i].mask);
	}
}

static bool start(const struct agree_how *how, struct agree_job *job, const char *words)
{
	char option[600], ticks[24], err[600];
	const char *args[40];
	size_t n = 0;

	snprintf(job->dir, sizeof(job->dir), "%s/%s.%u", how->out, agree_judges[job->judge],
		 ++serial);
	mkdir(job->dir, 0777);
	snprintf(ticks, sizeof(ticks), "%u", how->ticks);
	args[n++] = how->run;
	args[n++] = targets[job->judge];
	args[n++] = "--machine";
	args[n++] = "bochs";
	args[n++] = "--quiet";
	args[n++] = "--report";
	args[n++] = "0";
	args[n++] = "--ticks";
	args[n++] = ticks;
	args[n++] = "--limit";
	args[n++] = "1800";
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

static void start_some(const struct agree_how *how,
		       void (*skips)(const struct agree_job *, char *, size_t), bool *ok)
{
	while (*ok && queue && running_nr < how->parallel) {
		struct agree_job *job = queue;
		char words[WORDS_MAX];

		queue = job->next;
		make_words(how, job, words, sizeof(words));
		skips(job, words, sizeof(words));
		*ok = start(how, job, words);
		job->next = running;
		running = job;
		running_nr++;
	}
}

static void say_progress(void)
{
	unsigned int waiting = 0;

	for (struct agree_job *j = queue; j; j = j->next)
		waiting++;
	fprintf(stderr, "agree: %u runs done, %u running, %u to come\n", finished, running_nr,
		waiting);
}

bool agree_run(const struct agree_how *how, void (*skips)(const struct agree_job *job, char *words,
							  size_t size),
	       void (*take)(struct agree_job *job))
{
	bool ok = true;

	while (start_some(how, skips, &ok), running) {
		struct agree_job *job, **at = &running;
		int status;
		pid_t pid = waitpid(-1, &status, 0);

		while (*at && (*at)->pid != pid)
			at = &(*at)->next;
		job = *at;
		if (!job)
			continue;
		*at = job->next;
		running_nr--;
		finished++;
		collect(job);
		take(job);
		free(job->log);
		free(job->list);
		free(job);
		say_progress();
	}
	return ok;
}
