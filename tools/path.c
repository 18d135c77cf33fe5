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
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP_PREFIX	"op_"
#define HANDLERS_MAX	8	/* different ones in one row */
#define SYMBOLS_MAX	4096

struct symbol {
	uint64_t address;
	char *name;
};

struct symbols {
	const char *file;
	struct symbol list[SYMBOLS_MAX];
	size_t nr;
};

/* Instructions before, in and after the handler, the handler's call before it. */
enum phase { BEFORE, IN_HANDLER, AFTER, PHASES };

struct path {
	const char *handler;
	uint64_t exits;
	uint64_t reads, writes;		/* VMREADs, VMWRITEs */
	uint64_t instructions[PHASES];
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

static struct symbols hv, guest;
static struct row rows[SYMBOLS_MAX];
static size_t rows_nr;

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

/* Code symbols of what nm(1) prints. */
static bool symbols_read(struct symbols *s, const char *file)
{
	char name[128], type;
	FILE *f = fopen(file, "r");
	uint64_t address;

	s->file = file;
	if (!f) {
		fprintf(stderr, "path: %s: %s\n", file, strerror(errno));
		return false;
	}
	while (s->nr < SYMBOLS_MAX && fscanf(f, "%" SCNx64 " %c %127s", &address, &type, name) == 3)
		if (strchr("Tt", type))
			s->list[s->nr++] = (struct symbol){ address, strdup(name) };
	fclose(f);
	qsort(s->list, s->nr, sizeof(s->list[0]), by_address);
	return true;
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

static bool symbol_named(const struct symbols *s, const char *name, uint64_t *address)
{
	size_t i;

	for (i = 0; i < s->nr; i++) {
		if (!strcmp(s->list[i].name, name)) {
			*address = s->list[i].address;
			return true;
		}
	}
	fprintf(stderr, "path: %s: there is no function %s\n", s->file, name);
	return false;
}

/* (0).[49634004] [0x000000100ac1] 0008:0000000000100ac1 (unk. ctxt): out dx, al  ; ee */
static bool step_parse(struct step *s, char *line)
{
	char *at = strstr(line, "] [0x"), *text, *bytes;

	if (line[0] != '(' || !at)
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

/* Bochs writes the distance of a direct call with a dot before it. */
static bool is_indirect_call(const struct step *s)
{
	return is(s, "call") && s->text[5] != '.';
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
	struct path *sum;
	size_t i, j;

	for (i = 0; i < row->nr && strcmp(row->paths[i].handler, p->handler); i++)
		;
	if (i == HANDLERS_MAX)
		return;
	sum = &row->paths[i];
	row->nr += i == row->nr;
	sum->handler = p->handler;
	sum->exits++;
	sum->reads += p->reads;
	sum->writes += p->writes;
	for (j = 0; j < PHASES; j++)
		sum->instructions[j] += p->instructions[j];
}

/* Where the trace is. */
struct walk {
	uint64_t stub;			/* address of vm_exit_stub */
	bool in_guest;
	struct path path;		/* of the exit that is being handled */
	enum phase phase;
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
	w->path.instructions[w->phase]++;
	w->path.reads += is(s, "vmread");
	w->path.writes += is(s, "vmwrite");
	if (w->phase == BEFORE && is_indirect_call(s) && !strcmp(name, "vm_exit")) {
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

static void print_rows(void)
{
	size_t i, j;

	puts("row,handler,exits,vmreads,vmwrites,before,in_handler,after");
	for (i = 0; i < rows_nr; i++) {
		for (j = 0; j < rows[i].nr; j++) {
			const struct path *p = &rows[i].paths[j];

			printf("%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
			       ",%" PRIu64 "\n", rows[i].name, p->handler, p->exits, p->reads,
			       p->writes, p->instructions[BEFORE], p->instructions[IN_HANDLER],
			       p->instructions[AFTER]);
		}
	}
}

int main(int argc, char **argv)
{
	struct walk w = { .path.handler = "" };
	uint64_t steps = 0;
	char line[1024];
	struct step s;

	if (argc != 3) {
		fputs("usage: path HV.NM GUEST.NM <TRACE\n"
		      "\n"
		      "Counts, for each row of the guest, what hv executes for its exits:\n"
		      "VMREADs, VMWRITEs, and instructions before, in and after the handler; sums\n"
		      "over the exits of the row's last repetition, as CSV. TRACE is what\n"
		      "boot/run --instructions writes, *.NM what nm(1) prints of hv.debug and\n"
		      "of guest.elf.\n",
		      stderr);
		return 64;
	}
	if (!symbols_read(&hv, argv[1]) || !symbols_read(&guest, argv[2]) ||
	    !symbol_named(&hv, "vm_exit_stub", &w.stub))
		return 2;
	while (fgets(line, sizeof(line), stdin)) {
		if (!step_parse(&s, line))
			continue;
		steps++;
		walk(&w, &s);
	}
	if (!steps || !rows_nr) {
		fprintf(stderr, "path: there is no %s in this trace\n",
			steps ? "row" : "instruction");
		return 2;
	}
	print_rows();
	return 0;
}
