// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write docs/exits.md: for each exit reason what raises it, what hv and KVM do,
 * and which rows of the guest show it.
 *
 * Nothing that a source knows is typed by hand here: reasons come from
 * exit_reasons.h and rows from rows.h, both compiled in; hv's handlers and
 * controls are read from hv/exit/exit.c and hv/vmx/intercept.c. KVM's handlers are in
 * docs/exits.in, because the page must be made without a kernel tree; with one,
 * they are checked against it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_reasons.h"
#include "guest/rows.h"
#include "tools/tool.h"

enum class { INSTRUCTION, MEMORY, EVENT, ENTRY };

static const struct {
	const char *name, *sdm_name;
	enum class class;
} reasons[VMX_EXIT_REASONS_NR] = {
#define X(nr, name, sdm, class) [nr] = { #name, sizeof(sdm) > 1 ? sdm : #name, class },
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

static const struct {
	const char *name;
	int reason;
	uint32_t hv, kvm;		/* exits expected, REP_TAIL or not */
} guest_rows[] = {
#define X(name, reason, kind, reps, hv, kvm, why) { #name, EXIT_REASON_##reason, hv, kvm },
	ROWS(X) ROWS_SEVERAL(X)
#undef X
};

enum { HV, KVM };

static const struct {
	const char *row, *name;
	int target;
	uint32_t exits;
} row_intercepts[] = {
#define X(row, name, target, exits) { #row, #name, target, exits },
	ROW_INTERCEPTS(X)
#undef X
};

/* What docs/exits.in says of an exit reason, NULL: nothing. */
static struct exit_text {
	const char *raises;
	const char *control;	/* without which nothing does */
	const char *kvm_handler, *kvm;
	const char *elsewhere;	/* where it is raised if not by a row */
	const char *why;	/* no row raises it; needed if none does */
} exit_texts[VMX_EXIT_REASONS_NR];

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static char *hv_handlers[VMX_EXIT_REASONS_NR], *kvm_handlers[VMX_EXIT_REASONS_NR];
static const char *hv_controls;		/* hv/vmx/intercept.c, whole */
static bool failed;

#define complain(...)	(failed = !tool_refuse(__VA_ARGS__))

/* A source, whole; there is no zero byte in one. */
static char *read_source(const char *file)
{
	FILE *f = fopen(file, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f) {
		complain("%s: %s", file, strerror(errno));
		exit(2);
	}
	if (getdelim(&text, &size, '\0', f) < 0)
		text = strdup("");
	fclose(f);
	return text;
}

static int reason_number(const char *name)
{
	int i;

	for (i = 0; i < VMX_EXIT_REASONS_NR; i++)
		if (reasons[i].name && !strcmp(reasons[i].name, name))
			return i;
	return -1;
}

/* The entries of a table, which look the same in hv and in KVM. */
static void read_handlers(const char *file, char **handlers)
{
	char *text = read_source(file), *line, name[64], last[64], handler[64];
	int found = 0, reason;

	while ((line = strsep(&text, "\n"))) {
		/* One reason, or all from one to another. */
		if (sscanf(line, " [EXIT_REASON_%63[A-Z0-9_]] = %63[a-z0-9_],", name, handler) == 2)
			strcpy(last, name);
		else if (sscanf(line, " [EXIT_REASON_%63[A-Z0-9_] ... EXIT_REASON_%63[A-Z0-9_]]"
			 " = %63[a-z0-9_],", name, last, handler) != 3)
			continue;
		found++;
		reason = reason_number(name);
		if (reason < 0)
			complain("%s: EXIT_REASON_%s is no exit reason", file, name);
		for (; reason >= 0 && reason <= reason_number(last); reason++)
			handlers[reason] = strdup(handler);
	}
	if (!found)
		complain("%s: no table of exit handlers in it", file);
}

/* Is that control on in hv, or can it be? OFF, and not to be found, are not. */
static bool hv_uses(const char *control)
{
	char quoted[80];
	const char *at, *off;

	snprintf(quoted, sizeof(quoted), "\"%s\"", control);
	at = strstr(hv_controls, quoted);
	if (!at)
		return false;
	off = memrchr(hv_controls, '\n', at - hv_controls);
	return !off || !memmem(off, at - off, " OFF,", strlen(" OFF,"));
}

static void check_kvm(const char *file)
{
	int i;

	read_handlers(file, kvm_handlers);
	for (i = 0; i < VMX_EXIT_REASONS_NR; i++) {
		const char *told = exit_texts[i].kvm_handler, *has = kvm_handlers[i];

		if (told != has && (!told || !has || strcmp(told, has)))
			complain("docs/exits.in has %s for reason %d, KVM has %s",
				 told ? told : "no handler", i, has ? has : "none");
	}
}

/* Exits of a row on that target, with nothing turned on. */
static uint32_t exits_of(size_t row, int target)
{
	return target == HV ? guest_rows[row].hv : guest_rows[row].kvm;
}

/* Does that intercept make a row of that reason exit that would not, on that target? */
static bool makes_exit(size_t intercept, int reason, int target)
{
	size_t row;

	for (row = 0; strcmp(guest_rows[row].name, row_intercepts[intercept].row); row++)
		;
	return guest_rows[row].reason == reason && row_intercepts[intercept].target == target &&
	       row_intercepts[intercept].exits && !exits_of(row, target);
}

/* Names of intercept= with which rows of that reason exit on that target, once each. */
static size_t intercepts_of(int reason, int target, const char **names)
{
	size_t nr = 0, i, k;

	for (i = 0; i < COUNT(row_intercepts); i++) {
		if (!makes_exit(i, reason, target))
			continue;
		for (k = 0; k < nr && strcmp(names[k], row_intercepts[i].name); k++)
			;
		names[k] = row_intercepts[i].name;
		nr += k == nr;
	}
	return nr;
}

/* Does some row exit with it on hv, with nothing turned on? */
static bool exits_on_hv(int reason)
{
	size_t i;

	for (i = 0; i < COUNT(guest_rows); i++)
		if (guest_rows[i].reason == reason && exits_of(i, HV))
			return true;
	return false;
}

static void print_hv(int reason)
{
	const struct exit_text *text = &exit_texts[reason];
	const char *names[COUNT(row_intercepts)];
	size_t nr = intercepts_of(reason, HV, names), i;

	if (reasons[reason].class == ENTRY) {
		printf("a failed entry: counted apart, explained, ends the VM");
		return;
	}
	if (!hv_handlers[reason]) {
		if (!text->control)
			printf("unhandled: ends the VM");
		else if (hv_uses(text->control))
			complain("hv turns \"%s\" on and has no handler for %s", text->control,
				 reasons[reason].name);
		else
			printf("never enabled (\"%s\")", text->control);
		return;
	}
	printf("`%s`", hv_handlers[reason]);
	if (nr)
		printf("%s with ", exits_on_hv(reason) ? ", more" : ", only");
	for (i = 0; i < nr; i++)
		printf("%s`intercept=%s`", i ? " or " : "", names[i]);
	if (!nr && text->control && !hv_uses(text->control))
		printf(", but never enabled (\"%s\")", text->control);
}

static void print_kvm(int reason)
{
	const struct exit_text *text = &exit_texts[reason];
	const char *handler = text->kvm_handler ? "`" : "";

	if (!text->kvm_handler && reasons[reason].class != ENTRY)
		handler = "no handler";
	printf("%s%s%s%s%s", handler, text->kvm_handler ? text->kvm_handler : "",
	       text->kvm_handler ? "`" : "", *handler && text->kvm ? ": " : "",
	       text->kvm ? text->kvm : "");
}

/* Rows of that reason that exit on either target, or those that do not. */
static size_t print_rows(int reason, bool exits, const char *before)
{
	size_t nr = 0, i;

	for (i = 0; i < COUNT(guest_rows); i++) {
		if (guest_rows[i].reason != reason ||
		    exits != (exits_of(i, HV) || exits_of(i, KVM)))
			continue;
		printf("%s`%s`", nr++ ? " " : before, guest_rows[i].name);
	}
	return nr;
}

/* Rows that exit only with something turned on: intercept=NAME: rows */
static size_t print_intercepted(int reason, int target, const char *before)
{
	const char *names[COUNT(row_intercepts)];
	size_t nr = intercepts_of(reason, target, names), i, j;

	for (i = 0; i < nr; i++) {
		printf("%s%s `intercept=%s`:", i ? "; " : before, target == HV ? "hv" : "KVM",
		       names[i]);
		for (j = 0; j < COUNT(row_intercepts); j++)
			if (makes_exit(j, reason, target) &&
			    !strcmp(row_intercepts[j].name, names[i]))
				printf(" `%s`", row_intercepts[j].row);
	}
	return nr;
}

static void print_guest(int reason)
{
	const struct exit_text *text = &exit_texts[reason];
	size_t nr = print_rows(reason, true, "");

	nr += print_intercepted(reason, HV, nr ? "; " : "");
	nr += print_intercepted(reason, KVM, nr ? "; " : "");
	if (!nr && text->elsewhere)
		printf("%s: ", text->elsewhere);
	else if (!nr)
		printf("no: ");
	if (!nr && text->why)
		printf("%s", text->why);
	else if (!nr)
		complain("no row raises %s, and docs/exits.in does not say why",
			 reasons[reason].name);
	print_rows(reason, false, "; without an exit: ");
}

/* Cells of a row of docs/exits.in, NULL where there is nothing to say. */
static void take_row(int reason, char *cells)
{
	struct exit_text *t = &exit_texts[reason];
	const char **texts[] = {
		&t->raises, &t->control, &t->kvm_handler, &t->kvm, &t->elsewhere, &t->why,
	};
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		char *cell = strsep(&cells, "|");

		if (!cells)
			complain("docs/exits.in: too few cells on %s", reasons[reason].name);
		else if (strlen(cell) > 2)
			*texts[i] = strndup(cell + 1, strlen(cell) - 2);
	}
}

/* The page, up to a row; returns the reason of that, whose text is taken, or -1 at its end. */
static int next_row(char **page)
{
	char *line, name[64];
	int reason;

	while ((line = strsep(page, "\n"))) {
		reason = sscanf(line, "| %63[A-Z0-9_] |", name) == 1 ? reason_number(name) : -1;
		if (reason >= 0) {
			take_row(reason, strchr(line + 2, '|') + 1);
			return reason;
		}
		if (strncmp(line, "//", 2) && *page)
			puts(line);
	}
	return -1;
}

static void print_row(int reason)
{
	printf("| %d | %s (%s) | %s | ", reason, reasons[reason].sdm_name, reasons[reason].name,
	       exit_texts[reason].raises);
	print_hv(reason);
	fputs(" | ", stdout);
	print_kvm(reason);
	fputs(" | ", stdout);
	print_guest(reason);
	puts(" |");
}

int main(int argc, char **argv)
{
	char *page;
	int reason;

	if (argc != 4 && argc != 5) {
		fputs("usage: exits_doc EXITS.IN HV/EXIT.C HV/INTERCEPT.C [LINUX/.../VMX.C]\n"
		      "Writes docs/exits.md on stdout; with the last file, checks what it says\n"
		      "of KVM.\n", stderr);
		return 64;
	}
	page = read_source(argv[1]);
	read_handlers(argv[2], hv_handlers);
	hv_controls = read_source(argv[3]);
	while ((reason = next_row(&page)) >= 0)
		print_row(reason);
	for (reason = 0; reason < VMX_EXIT_REASONS_NR; reason++)
		if (reasons[reason].name && !exit_texts[reason].raises)
			complain("%s has nothing on %s", argv[1], reasons[reason].name);
	if (argc == 5)
		check_kvm(argv[4]);
	return failed ? 1 : 0;
}
