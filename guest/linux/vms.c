// SPDX-License-Identifier: GPL-2.0-only
/* Which VMs a host runs, and what its debugfs says of each. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "guest/linux/host.h"
#include "tools/detail.h"
#include "tools/log.h"

#define FILE_NAME	"exit_acct"
#define FILE_OF_ALL	"exit_acct_all"
#define DETAIL_NAME	"exit_detail"

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

/* A VM's folder is PID-FD, a vCPU's vcpuN. */
static bool parse_vm(const char *name, u32 *pid, u32 *fd)
{
	int end = 0;

	return isdigit((unsigned char)*name) && sscanf(name, "%u-%u%n", pid, fd, &end) == 2 &&
	       !name[end];
}

static bool parse_vcpu(const char *name, u32 *vcpu)
{
	int end = 0;

	return sscanf(name, "vcpu%u%n", vcpu, &end) == 1 && !name[end];
}

static int is_vm(const struct dirent *e)
{
	u32 pid, fd;

	return parse_vm(e->d_name, &pid, &fd);
}

static int is_vcpu(const struct dirent *e)
{
	u32 vcpu;

	return parse_vcpu(e->d_name, &vcpu);
}

/* What QEMU was told by -name, as libvirt always does: "guest=NAME,…", or the name itself. */
static const char *name_option(char *words, size_t size)
{
	char *word, *end = words + size;
	bool option = false;

	for (word = words; word < end; word += strlen(word) + 1) {
		if (option) {
			word += strncmp(word, "guest=", 6) ? 0 : 6;
			word[strcspn(word, ",")] = '\0';
			return word;
		}
		option = !strcmp(word, "-name") || !strcmp(word, "--name");
	}
	return NULL;
}

static size_t read_proc(u32 pid, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	n = n < 0 ? 0 : n;
	text[n] = '\0';
	return n;
}

/* A name that is nothing to any format, whatever the process has. */
static void find_name(struct vm *vm)
{
	char words[8192], comm[64];
	const char *name = name_option(words, read_proc(vm->pid, "cmdline", words, sizeof(words)));
	char *c;

	if (!name || !*name) {
		comm[read_proc(vm->pid, "comm", comm, sizeof(comm))] = '\0';
		comm[strcspn(comm, "\n")] = '\0';
		name = *comm ? comm : "?";
	}
	snprintf(vm->name, sizeof(vm->name), "%.*s", (int)sizeof(vm->name) - 1, name);
	for (c = vm->name; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("-_.:+@/?", *c))
			*c = '_';
	}
}

static bool find_vcpus(const struct host *h, struct vm *vm)
{
	struct dirent **all;
	char path[PATH_MAX];
	int nr, i;

	snprintf(path, sizeof(path), "%s/kvm/%u-%u", h->debugfs, vm->pid, vm->fd);
	nr = scandir(path, &all, is_vcpu, by_name);
	if (nr < 0)
		return false;
	vm->vcpu = calloc(nr + 1, sizeof(*vm->vcpu));
	vm->vcpus = vm->vcpu ? nr : 0;
	for (i = 0; i < nr; i++) {
		if (vm->vcpu)
			parse_vcpu(all[i]->d_name, &vm->vcpu[i]);
		free(all[i]);
	}
	free(all);
	return vm->vcpu;
}

static bool no_vms(struct host *h)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/kvm/" FILE_OF_ALL, h->debugfs);
	if (access(path, F_OK) && errno == ENOENT)
		snprintf(h->why, sizeof(h->why), "KVM does not count exits: there is no %s", path);
	else if (h->pid)
		snprintf(h->why, sizeof(h->why), "process %u has no VM", h->pid);
	else
		snprintf(h->why, sizeof(h->why), "no VM runs");
	return false;
}

static bool no_kvm(struct host *h, const char *path, int error)
{
	struct statfs fs;

	if (error == EACCES)
		snprintf(h->why, sizeof(h->why), "%s: only root may look there", path);
	else if (error == ENOENT && access(h->debugfs, F_OK))
		snprintf(h->why, sizeof(h->why), "there is no folder %s", h->debugfs);
	else if (error == ENOENT && !statfs(h->debugfs, &fs) && fs.f_type == DEBUGFS_MAGIC)
		snprintf(h->why, sizeof(h->why), "there is no %s: KVM is not loaded", path);
	else if (error == ENOENT)
		snprintf(h->why, sizeof(h->why), "there is no %s: debugfs is not mounted there "
			 "(mount -t debugfs none %s)", path, h->debugfs);
	else
		snprintf(h->why, sizeof(h->why), "%s: %s", path, strerror(error));
	return false;
}

bool host_find(struct host *h, struct vms *vms)
{
	struct dirent **all;
	char path[PATH_MAX];
	int nr, i;

	*vms = (struct vms) { 0 };
	snprintf(path, sizeof(path), "%s/kvm", h->debugfs);
	nr = scandir(path, &all, is_vm, by_name);
	if (nr < 0)
		return no_kvm(h, path, errno);
	vms->vm = calloc(nr + 1, sizeof(*vms->vm));
	for (i = 0; i < nr; i++) {
		struct vm vm = { 0 };

		parse_vm(all[i]->d_name, &vm.pid, &vm.fd);
		free(all[i]);
		snprintf(path, sizeof(path), "%s/kvm/%u-%u/" FILE_NAME, h->debugfs, vm.pid, vm.fd);
		if (!vms->vm || (h->pid && vm.pid != h->pid) || access(path, R_OK) ||
		    !find_vcpus(h, &vm))
			continue;
		find_name(&vm);
		vms->vm[vms->nr++] = vm;
	}
	free(all);
	if (vms->nr)
		return true;
	vms_free(vms);
	return no_vms(h);
}

void vms_free(struct vms *vms)
{
	u32 i;

	for (i = 0; i < vms->nr; i++)
		free(vms->vm[i].vcpu);
	free(vms->vm);
	*vms = (struct vms) { 0 };
}

/* So many times, which a line has only where they are not 0. */
static u64 lost(const struct record *r, const char *key)
{
	uint64_t n = 0;

	return record_find(r, key) && record_number(r, key, &n) ? n : 0;
}

static void to_snapshot(const struct exits *e, struct snapshot *s)
{
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		s->row[i] = (struct exit_row) {
			.count = e->by[i].count, .handler = e->by[i].handler,
			.round_trip = e->by[i].round_trip, .failed = e->failed[i],
		};
	}
	s->handler = e->sum.handler;
	s->synthesised = e->synthesised;
}

static bool read_file(const char *path, struct snapshot *s)
{
	struct record r = { .file = path };
	struct exits e = { 0 };
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool good = f;

	memset(s, 0, sizeof(*s));
	s->seconds = monotonic();
	while (good && !e.there && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		r.line++;
		if (!record_is(line, "exits"))
			continue;
		good = record_split(&r, line) && log_exits(&r, &e);
		s->handler_lost += lost(&r, "handler_lost");
		s->round_trip_lost += lost(&r, "round_trip_lost");
	}
	free(line);
	if (f)
		fclose(f);
	to_snapshot(&e, s);
	return e.there;
}

bool vm_read(const struct host *h, const struct vm *vm, struct snapshot *s)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/kvm/%u-%u/" FILE_NAME, h->debugfs, vm->pid, vm->fd);
	return read_file(path, s);
}

bool vm_read_vcpu(const struct host *h, const struct vm *vm, u32 vcpu, struct snapshot *s)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/kvm/%u-%u/vcpu%u/" FILE_NAME, h->debugfs, vm->pid, vm->fd,
		 vcpu);
	return read_file(path, s);
}

static void detail_path(const struct host *h, const struct vm *vm, u32 vcpu, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/kvm/%u-%u/vcpu%u/" DETAIL_NAME, h->debugfs, vm->pid, vm->fd,
		 vcpu);
}

bool vm_told(const struct host *h, const struct vm *vm, u32 vcpu)
{
	char path[PATH_MAX];

	detail_path(h, vm, vcpu, path);
	return !access(path, R_OK);
}

/*
 * The records are those of logs, and so is their reader. But the table is not: a log's is that of a
 * machine with few vCPUs, which is read once. @lines: so many there are, when the last one has said
 * so; before that ~0.
 */
static bool take_number(const struct record *r, struct numbers *n, uint64_t *lines)
{
	struct detail d = { 0 };

	if (record_find(r, "lines"))
		return record_number(r, "lines", lines);
	if (!details_read(r, 0, &d))
		return false;
	numbers_add(n, &(struct number) { .reason = d.reason, .number = d.number,
					  .kind = d.rest ? NUMBER_REST : NUMBER,
					  .count = d.count[0], .handler = d.handler[0] });
	return true;
}

/* Is it a whole table, with each number once? */
static bool check_numbers(const struct record *r, struct numbers *n, uint64_t lines)
{
	const size_t nr = n->nr;

	if (lines == ~0ull)
		return record_refuse(r, "cut short: no `detail' record with lines= up to here");
	if (lines != nr)
		return record_refuse(r, "lines are missing: lines=%" PRIu64 ", but there are %zu "
				     "before it", lines, nr);
	numbers_sum(n);
	return n->nr == nr || record_refuse(r, "a number stands in two places");
}

static bool read_numbers(struct host *h, const char *path, struct numbers *n)
{
	struct record r = { .file = path };
	FILE *f = fopen(path, "re");
	uint64_t lines = ~0ull;
	char *line = NULL;
	int error = f ? 0 : errno;
	size_t size = 0;
	bool good = f, gone;

	while (good && lines == ~0ull && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		r.line++;
		if (record_is(line, "detail"))
			good = record_split(&r, line) && take_number(&r, n, &lines);
	}
	if (f && ferror(f))
		error = errno;
	/* Of a VM that ends the files go at any time. */
	gone = error == ENOENT || error == ENODEV || error == EIO;
	if (error && !gone)
		good = record_refuse(&r, "cannot be read: %s", strerror(error));
	good = good && !error && check_numbers(&r, n, lines);
	h->unreadable |= !good && !gone;
	free(line);
	if (f)
		fclose(f);
	return good;
}

bool vm_read_numbers(struct host *h, const struct vm *vm, u32 vcpu, struct numbers *n)
{
	struct number one = { .kind = NUMBER_NONE };
	struct snapshot s;
	char path[PATH_MAX];
	bool good;

	detail_path(h, vm, vcpu, path);
	good = read_numbers(h, path, n) && vm_read_vcpu(h, vm, vcpu, &s);
	for (one.reason = 0; good && one.reason < EXIT_ACCT_SLOTS; one.reason++) {
		one.count = s.row[one.reason].count;
		one.handler = s.row[one.reason].handler;
		if (one.count && !exit_detail_kind(one.reason))
			numbers_add(n, &one);
	}
	numbers_sum(n);
	n->seconds = good ? s.seconds : 0;
	return good;
}
