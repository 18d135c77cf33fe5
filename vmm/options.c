// SPDX-License-Identifier: GPL-2.0-only
/* The command line; in the lab it is what follows " -- " on the kernel's. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "machine/image.h"
#include "machine/option.h"
#include "vmm/vmm.h"

#define LIMIT_MAX 1000000u

void options_help(void)
{
	printf("usage: runner [OPTION]... IMAGE\n"
	       "Run a PVH guest, a Multiboot image or a Linux on /dev/kvm. Its COM1 is stdout,\n"
	       "that of a Linux and with --input stdin as well.\n"
	       "\n"
	       "  --mem MIB         guest memory, %u to %u (default %u)\n"
	       "  --cpus N          processors of the guest, 1 to %u (default 1)\n"
	       "  --cmdline TEXT    the guest's command line\n"
	       "  --initrd FILE     initrd, for a bzImage or a Multiboot image\n"
	       "  --image-name NAME, --initrd-name NAME\n"
	       "                    what to call them, if not by their files' names\n"
	       "  --input           stdin goes to COM1 of other guests too\n"
	       "  --limit SECONDS   end the guest after so long, if it has not ended itself\n"
	       "  --machine NAME    what this runs on, for the log: bochs, qemu, bare (default)\n"
	       "  --clock NAME      what its TSC is, for the log: emulated, hardware (default)\n"
	       "  --trace           count exits with the tracepoint kvm_exit too (all VMs')\n"
	       "  --no-leaves       tell KVM to answer no leaf of the accounting to the guest\n"
	       "  --kvm-clock       offer the guest KVM's paravirtual clock, no more\n"
	       "  --stamp N         note the TSC at the end of each of the guest's lines, and end\n"
	       "                    the guest with line N of the log (1: with none)\n"
	       "  --force           run although this KVM is not VMX; its counts mean nothing\n"
	       "  --help            this text\n"
	       "\n"
	       "Exit code: what the guest wrote to port 0x%x (255 if it was more); otherwise\n"
	       "%d an option that cannot be used, %d image refused, %d no usable KVM, %d a fault\n"
	       "of the host, %d the guest died, %d VM entry refused, %d the guest reset the\n"
	       "machine, %d the time limit. The last line of the log,\n"
	       "\"end target=kvm cause=... code=N\", tells the two apart and has the whole code.\n"
	       "As process 1 by the name of init it reads options from /arguments too, one word a\n"
	       "line, runs /guest.elf unless told otherwise, on /dev/ttyS0, and then powers the\n"
	       "machine off.\n",
	       MACHINE_MEM_MIN_MIB, MACHINE_MEM_MAX_MIB, MACHINE_MEM_DEFAULT_MIB,
	       MACHINE_CPUS_MAX, MACHINE_EXIT_PORT, MACHINE_CODE_USAGE, MACHINE_CODE_BAD_IMAGE,
	       MACHINE_CODE_NO_VIRT, MACHINE_CODE_HOST_FAULT, MACHINE_CODE_GUEST_DIED,
	       MACHINE_CODE_ENTRY, MACHINE_CODE_RESET, MACHINE_CODE_TIME_LIMIT);
	fflush(stdout);
}

/* An option, and what its value must be: a flag that it sets, a text, a word, or a number. */
struct rule {
	const char *name;
	bool *flag;
	const char **text;
	const char *const *words;	/* of which text is one */
	unsigned int *number, least, most;
	const char *unit;
};

static bool parse_number(const struct rule *r, const char *text)
{
	uint64_t n;

	if (!option_number(text, r->least, r->most, &n)) {
		complain("--%s: \"%s\" is not a number of %s from %u to %u", r->name, text,
			 r->unit, r->least, r->most);
		return false;
	}
	*r->number = n;
	return true;
}

static bool parse_word(const struct rule *r, const char *text)
{
	*r->text = option_word(text, r->words);
	if (!*r->text)
		complain("--%s: \"%s\" is not one of %s, %s%s%s", r->name, text, r->words[0],
			 r->words[1], r->words[2] ? ", " : "", r->words[2] ? r->words[2] : "");
	return *r->text;
}

static bool parse_value(const struct rule *r, const char *text)
{
	if (r->number)
		return parse_number(r, text);
	if (r->words)
		return parse_word(r, text);
	if (r->flag)
		*r->flag = true;
	else
		*r->text = text;
	return true;
}

static bool parse_image(struct options *o, int argc, char **argv)
{
	if (argc > 1)
		complain("%s: one guest image is enough", argv[1]);
	else if (!argc && !o->image)
		complain("no guest image was named (--help tells more)");
	else if (strlen(o->cmdline) >= MACHINE_CMDLINE_MAX)
		complain("--cmdline: %zu bytes are more than the %u that a guest can be given",
			 strlen(o->cmdline), MACHINE_CMDLINE_MAX - 1);
	else
		return true;
	return false;
}

bool options_parse(struct options *o, int argc, char **argv)
{
	const struct rule rules[] = {
		{ "mem", .number = &o->mem_mib, .least = MACHINE_MEM_MIN_MIB,
		  .most = MACHINE_MEM_MAX_MIB, .unit = "MiB" },
		{ "cpus", .number = &o->cpus, .least = 1, .most = MACHINE_CPUS_MAX,
		  .unit = "processors" },
		{ "limit", .number = &o->limit, .least = 1, .most = LIMIT_MAX, .unit = "seconds" },
		{ "machine", .text = &o->machine, .words = option_machines },
		{ "clock", .text = &o->clock, .words = option_clocks },
		{ "cmdline", .text = &o->cmdline },
		{ "initrd", .text = &o->initrd },
		{ "image-name", .text = &o->image_name },
		{ "initrd-name", .text = &o->initrd_name },
		{ "input", .flag = &o->input },
		{ "trace", .flag = &o->trace },
		{ "no-leaves", .flag = &o->no_leaves },
		{ "kvm-clock", .flag = &o->kvm_clock },
		{ "stamp", .number = &o->stamp, .least = 1, .most = LIMIT_MAX, .unit = "lines" },
		{ "force", .flag = &o->force },
		{ "help", .flag = &o->help },
	};
	struct option longs[sizeof(rules) / sizeof(rules[0]) + 1] = { 0 };
	size_t i;
	int c;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		longs[i] = (struct option) { rules[i].name, !rules[i].flag, NULL, i + 1 };
	opterr = 0;
	while (!o->help && (c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (c == ':' || c == '?') {
			complain(c == ':' ? "%s: needs a value" :
				 "%s: unknown option (--help lists them)", argv[optind - 1]);
			return false;
		}
		if (!parse_value(&rules[c - 1], optarg))
			return false;
	}
	if (o->help)
		return true;
	if (!parse_image(o, argc - optind, argv + optind))
		return false;
	if (optind < argc)
		o->image = argv[optind];
	if (!o->image_name)
		o->image_name = o->image;
	if (!o->initrd_name)
		o->initrd_name = o->initrd ? o->initrd : "";
	return true;
}
