// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write docs/exits.md: for each exit reason what raises it, what hv and KVM do,
 * and which rows of the guest show it.
 *
 * Nothing that a source knows is typed by hand here: reasons come from
 * exit_reasons.h and rows from rows.h, both compiled in; hv's handlers and
 * controls are read from hv/exit/exit.c and hv/vmx/intercept.c. KVM's handlers are in
 * exits_text.c, because the page must be made without a kernel tree; with one,
 * they are checked against it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/exits_doc.h"
#include "guest/rows.h"

#define LINE_MAX_BYTES	1024

enum class { INSTRUCTION, MEMORY, EVENT, ENTRY };

static const struct {
	const char *name, *sdm_name;
	enum class class;
} reasons[VMX_EXIT_REASONS_NR] = {
#define X(number, name, sdm_name, class) [number] = { #name, sdm_name, class },
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

static const struct {
	const char *name;
	int reason;
	uint32_t hv, kvm;		/* exits expected, REP_TAIL or not */
} guest_rows[] = {
#define X(name, reason, kind, reps, hv, kvm, why) { #name, REASON_##reason, hv, kvm },
	ROWS(X)
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

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static char *hv_handlers[VMX_EXIT_REASONS_NR], *kvm_handlers[VMX_EXIT_REASONS_NR];
static const char *hv_controls;		/* hv/vmx/intercept.c, whole */
static bool failed;

static void __attribute__((format(printf, 1, 2))) complain(const char *fmt, ...)
{
	va_list ap;

	fputs("exits_doc: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	failed = true;
}

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

/* The entries of a table: [PREFIXname] = handler, */
static void read_handlers(const char *file, const char *prefix, char **handlers)
{
	char *text = read_source(file), *line, format[64], name[64], handler[64];
	int found = 0, reason;

	snprintf(format, sizeof(format), " [%s%%63[A-Z0-9_]] = %%63[a-z0-9_],", prefix);
	while ((line = strsep(&text, "\n"))) {
		if (sscanf(line, format, name, handler) != 2)
			continue;
		found++;
		reason = reason_number(name);
		if (reason < 0)
			complain("%s: %s%s is no exit reason", file, prefix, name);
		else
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

	read_handlers(file, "EXIT_REASON_", kvm_handlers);
	for (i = 0; i < VMX_EXIT_REASONS_NR; i++) {
		const char *told = exit_texts[i].kvm_handler, *has = kvm_handlers[i];

		if (told != has && (!told || !has || strcmp(told, has)))
			complain("tools/exits_text.c has %s for reason %d, KVM has %s",
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
		complain("no row raises %s, and exits_text.c does not say why",
			 reasons[reason].name);
	print_rows(reason, false, "; without an exit: ");
}

static const char heading[] =
"<!-- Made by `make docs` from acct/exit_reasons.h, guest/rows.h, hv/exit/exit.c,\n"
"     hv/vmx/intercept.c and tools/exits_text.c: change those. -->\n"
"# Every VM exit reason\n"
"\n"
"Each reason of the SDM's table \"Basic Exit Reasons\", by number. *hv* and *KVM* name the\n"
"handler and say what must be turned on. KVM is Linux 6.12 with its defaults: EPT,\n"
"unrestricted guest, and no APICv on the lab's CPU; `ept=0` is its shadow paging. With\n"
"`nested=Y`, the default, its entries `handle_vmx_instruction` are replaced by nested VMX's\n"
"own, which raise #UD too as long as the guest's CPUID has no VMX. Where KVM has no handler,\n"
"the exit ends the VM with KVM_EXIT_INTERNAL_ERROR.\n"
"\n"
"*Guest* names the rows of the shared guest that raise it, by default or with\n"
"`intercept=NAME`, which is an option of hv; for KVM `intercept=shadow` stands for `ept=0`.\n"
"Rows \"without an exit\" execute the instruction and prove that, by default, it does not\n"
"exit. Where no row raises a reason, it says why.\n"
"\n"
"| # | reason | raised by | hv | KVM | guest |\n"
"|---|---|---|---|---|---|\n";

int main(int argc, char **argv)
{
	int i;

	if (argc != 3 && argc != 4) {
		fputs("usage: exits_doc HV/EXIT.C HV/INTERCEPT.C [LINUX/ARCH/X86/KVM/VMX/VMX.C]\n"
		      "Writes docs/exits.md on stdout; with the last file, checks what it says\n"
		      "of KVM.\n",
		      stderr);
		return 64;
	}
	read_handlers(argv[1], "EXIT_", hv_handlers);
	hv_controls = read_source(argv[2]);
	if (argc == 4)
		check_kvm(argv[3]);
	fputs(heading, stdout);
	for (i = 0; i < VMX_EXIT_REASONS_NR; i++) {
		if (!reasons[i].name)
			continue;
		if (!exit_texts[i].raises) {
			complain("exits_text.c has nothing on %s", reasons[i].name);
			continue;
		}
		printf("| %d | %s (%s) | %s | ", i, reasons[i].sdm_name, reasons[i].name,
		       exit_texts[i].raises);
		print_hv(i);
		fputs(" | ", stdout);
		print_kvm(i);
		fputs(" | ", stdout);
		print_guest(i);
		puts(" |");
	}
	return failed ? 1 : 0;
}
