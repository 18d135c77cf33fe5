// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hv executes between a VM exit and the next VM entry, counted in Bochs'
 * instruction trace of an hv that knows nothing of it: no counting build could
 * tell what the plain one does.
 *
 * An exit begins with the first instruction of vm_exit_stub and ends with
 * VMRESUME. Its handler is what vm_exit() calls through the table. An exit
 * belongs to the row whose op_NAME() the guest was in.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/tool.h"

#define OP_PREFIX	"op_"
#define HANDLERS_MAX	8	/* different ones in one row */
#define SYMBOLS_MAX	4096

struct symbols {
	struct symbol {
		uint64_t address;
		char *name;
	} list[SYMBOLS_MAX];
	size_t nr;
};

/* VMREADs, VMWRITEs; instructions before, in and after the handler, its call before it. */
enum count { READS, WRITES, BEFORE, IN_HANDLER, AFTER, COUNTS };

struct path {
	const char *handler;
	uint64_t exits, counts[COUNTS];
};

struct row {
	const char *name;
	struct path paths[HANDLERS_MAX];
	size_t nr;
};

/* One line of the trace. */
struct step {
	uint64_t physical, linear;
	const char *text;		/* mnemonic and operands */
	unsigned int length;		/* bytes */
};

static const char usage[] =
"usage: path HV.NM GUEST.NM <TRACE\n"
"\n"
"Counts, for each row of the guest, what hv executes for its exits: VMREADs, VMWRITEs, and\n"
"instructions before, in and after the handler; sums over the exits of the row's last\n"
"repetition, as CSV. TRACE is what boot/run --instructions writes, *.NM what nm(1) prints of\n"
"hv.debug and of guest.elf.\n";

static struct symbols hv, guest;
static struct row rows[SYMBOLS_MAX];
static size_t rows_nr;

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

/* Code symbols of what nm(1) prints; @wanted must be among them, if it is not NULL. */
static bool symbols_read(struct symbols *s, const char *file, const char *wanted, uint64_t *found)
{
	char name[128], type;
	FILE *f = fopen(file, "r");
	uint64_t address;

	if (!f)
		return tool_refuse("%s: %s", file, strerror(errno));
	while (s->nr < SYMBOLS_MAX &&
	       fscanf(f, "%" SCNx64 " %c %127s", &address, &type, name) == 3) {
		if (!strchr("Tt", type))
			continue;
		s->list[s->nr++] = (struct symbol){ address, strdup(name) };
		if (wanted && !strcmp(name, wanted)) {
			*found = address;
			wanted = NULL;
		}
	}
	fclose(f);
	qsort(s->list, s->nr, sizeof(s->list[0]), by_address);
	return !wanted || tool_refuse("%s: there is no function %s", file, wanted);
}

/* The symbol that an address lies in, NULL if there is none. */
static const struct symbol *symbol_of(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &s->list[low - 1] : NULL;
}

/*
 * One of the first processor's:
 * (0).[49634004] [0x000000100ac1] 0008:0000000000100ac1 (unk. ctxt): out dx, al  ; ee
 */
static bool step_parse(struct step *s, char *line)
{
	char *at = strstr(line, "] [0x"), *text, *bytes;

	if (strncmp(line, "(0)", 3) || !at)
		return false;
	s->physical = strtoull(at + 3, &at, 16);
	at = strchr(at, ':');
	if (!at)
		return false;
	s->linear = strtoull(at + 1, &at, 16);
	text = strstr(at, "): ");
	bytes = strrchr(at, ';');
	if (!text || !bytes || bytes < text)
		return false;
	s->text = text + 3;
	s->length = strspn(bytes + 2, "0123456789abcdef") / 2;
	return true;
}

static bool is(const struct step *s, const char *mnemonic)
{
	size_t length = strlen(mnemonic);

	return !strncmp(s->text, mnemonic, length) && s->text[length] == ' ';
}

/* The row of that function, without what an earlier repetition left in it. */
static struct row *row_begin(const char *name)
{
	size_t i;

	for (i = 0; i < rows_nr && strcmp(rows[i].name, name); i++)
		;
	rows_nr += i == rows_nr;
	rows[i] = (struct row){ .name = name };
	return &rows[i];
}

static void row_add(struct row *row, const struct path *p)
{
	size_t i, j;

	for (i = 0; i < row->nr && strcmp(row->paths[i].handler, p->handler); i++)
		;
	if (i == HANDLERS_MAX)
		return;
	row->nr += i == row->nr;
	row->paths[i].handler = p->handler;
	row->paths[i].exits++;
	for (j = 0; j < COUNTS; j++)
		row->paths[i].counts[j] += p->counts[j];
}

/* Where the trace is. */
struct walk {
	uint64_t stub;			/* address of vm_exit_stub */
	bool in_guest;
	struct path path;		/* of the exit that is being handled */
	enum count phase;
	bool called;			/* the handler's first instruction is next */
	uint64_t handler_return;
	struct row *row;		/* NULL: the guest is between two rows */
	uint64_t row_return;
	uint64_t call_return;		/* of the guest's last instruction, 0: no call */
};

/* An instruction of hv's. */
static void walk_hv(struct walk *w, const struct step *s)
{
	const struct symbol *in = symbol_of(&hv, s->linear);
	const char *name = in ? in->name : "";

	if (w->called) {
		w->path.handler = name;
		w->called = false;
	} else if (w->phase == IN_HANDLER && s->linear == w->handler_return) {
		w->phase = AFTER;
	}
	w->path.counts[w->phase]++;
	w->path.counts[READS] += is(s, "vmread");
	w->path.counts[WRITES] += is(s, "vmwrite");
	/* Bochs writes the distance of a direct call with a dot before it. */
	if (w->phase == BEFORE && is(s, "call") && s->text[5] != '.' && !strcmp(name, "vm_exit")) {
		w->handler_return = s->linear + s->length;
		w->called = true;
		w->phase = IN_HANDLER;
	} else if (is(s, "vmresume") || is(s, "vmlaunch")) {
		w->in_guest = true;
		if (w->row)
			row_add(w->row, &w->path);
	}
}

/* An instruction of the guest's. */
static void walk_guest(struct walk *w, const struct step *s)
{
	if (w->row && s->linear == w->row_return) {
		w->row = NULL;
	} else if (!w->row && w->call_return) {
		const struct symbol *in = symbol_of(&guest, s->linear);

		if (in && in->address == s->linear &&
		    !strncmp(in->name, OP_PREFIX, strlen(OP_PREFIX))) {
			w->row = row_begin(in->name + strlen(OP_PREFIX));
			w->row_return = w->call_return;
		}
	}
	w->call_return = is(s, "call") ? s->linear + s->length : 0;
}

static void walk(struct walk *w, const struct step *s)
{
	/* hv runs where its memory is: the same linear address of the guest is elsewhere. */
	if (w->in_guest && s->linear == w->stub && s->physical == w->stub) {
		w->in_guest = false;
		w->path = (struct path){ .handler = "" };
		w->phase = BEFORE;
	}
	if (w->in_guest)
		walk_guest(w, s);
	else
		walk_hv(w, s);
}

static void print_path(const struct row *row, const struct path *p)
{
	size_t i;

	printf("%s,%s,%" PRIu64, row->name, p->handler, p->exits);
	for (i = 0; i < COUNTS; i++)
		printf(",%" PRIu64, p->counts[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static const struct tool_option options[] = { { 0 } };
	int first = tool_options(argc, argv, usage, options);
	struct walk w = { .path.handler = "", .phase = BEFORE };
	uint64_t steps = 0;
	char line[1024];
	struct step s;
	size_t i, j;

	if (argc - first != 2) {
		fputs(usage, stderr);
		return 64;
	}
	if (!symbols_read(&hv, argv[first], "vm_exit_stub", &w.stub) ||
	    !symbols_read(&guest, argv[first + 1], NULL, NULL))
		return TOOL_CANNOT;
	while (fgets(line, sizeof(line), stdin)) {
		if (!step_parse(&s, line))
			continue;
		steps++;
		walk(&w, &s);
	}
	if (!rows_nr)
		return tool_cannot("there is no %s in this trace", steps ? "row" : "instruction");
	puts("row,handler,exits,vmreads,vmwrites,before,in_handler,after");
	for (i = 0; i < rows_nr; i++)
		for (j = 0; j < rows[i].nr; j++)
			print_path(&rows[i], &rows[i].paths[j]);
	return tool_leave(0);
}
