// SPDX-License-Identifier: GPL-2.0-only
/* The command line; in the lab it is what follows " -- " on the kernel's. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine/image.h"
#include "vmm/vmm.h"

#define LIMIT_MAX 1000000u

static const char *const machines[] = { "bochs", "qemu", "bare", NULL };
static const char *const clocks[] = { "emulated", "hardware", NULL };

void options_help(void)
{
	printf("usage: runner [OPTION]... IMAGE\n"
	       "Run a PVH guest, a Multiboot image or a Linux on /dev/kvm. Its COM1 is stdout,\n"
	       "that of a Linux and with --input stdin as well.\n"
	       "\n"
	       "  --mem MIB         guest memory, %u to %u (default %u)\n"
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
	       "  --stamp           note the TSC at the end of each of the guest's lines\n"
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
	       MACHINE_EXIT_PORT, MACHINE_CODE_USAGE, MACHINE_CODE_BAD_IMAGE,
	       MACHINE_CODE_NO_VIRT, MACHINE_CODE_HOST_FAULT, MACHINE_CODE_GUEST_DIED,
	       MACHINE_CODE_ENTRY, MACHINE_CODE_RESET, MACHINE_CODE_TIME_LIMIT);
	fflush(stdout);
}

static bool parse_number(unsigned int *to, const char *option, const char *text,
			 const char *unit, unsigned int least, unsigned int most)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	/* strtoul() takes signs and blanks; a size has neither. */
	if (text[0] < '0' || text[0] > '9' || *end || errno || n < least || n > most) {
		complain("--%s: \"%s\" is not a number of %s from %u to %u", option, text, unit,
			 least, most);
		return false;
	}
	*to = n;
	return true;
}

static bool parse_word(const char **to, const char *option, const char *text,
		       const char *const *words)
{
	const char *const *w;

	for (w = words; *w; w++) {
		if (!strcmp(text, *w)) {
			*to = *w;
			return true;
		}
	}
	complain("--%s: \"%s\" is not one of %s, %s%s%s", option, text, words[0], words[1],
		 words[2] ? ", " : "", words[2] ? words[2] : "");
	return false;
}

static bool parse_cmdline(struct runner_options *o, const char *text)
{
	if (strlen(text) >= MACHINE_CMDLINE_MAX) {
		complain("--cmdline: %zu bytes are more than the %u that a guest can be given",
			 strlen(text), MACHINE_CMDLINE_MAX - 1);
		return false;
	}
	o->cmdline = text;
	return true;
}

bool options_parse(struct runner_options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "mem", required_argument, NULL, 'm' },
		{ "cmdline", required_argument, NULL, 'c' },
		{ "initrd", required_argument, NULL, 'i' },
		{ "image-name", required_argument, NULL, 'n' },
		{ "initrd-name", required_argument, NULL, 'N' },
		{ "limit", required_argument, NULL, 'l' },
		{ "machine", required_argument, NULL, 'M' },
		{ "clock", required_argument, NULL, 'C' },
		{ "input", no_argument, NULL, 'I' },
		{ "trace", no_argument, NULL, 't' },
		{ "no-leaves", no_argument, NULL, 'L' },
		{ "stamp", no_argument, NULL, 's' },
		{ "force", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool good = true;
	int c;

	opterr = 0;
	while (good && (c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		switch (c) {
		case 'm':
			good = parse_number(&o->mem_mib, "mem", optarg, "MiB", MACHINE_MEM_MIN_MIB,
					    MACHINE_MEM_MAX_MIB);
			break;
		case 'c':
			good = parse_cmdline(o, optarg);
			break;
		case 'i':
			o->initrd = optarg;
			break;
		case 'n':
			o->image_name = optarg;
			break;
		case 'N':
			o->initrd_name = optarg;
			break;
		case 'l':
			good = parse_number(&o->limit, "limit", optarg, "seconds", 1, LIMIT_MAX);
			break;
		case 'M':
			good = parse_word(&o->machine, "machine", optarg, machines);
			break;
		case 'C':
			good = parse_word(&o->clock, "clock", optarg, clocks);
			break;
		case 'I':
			o->input = true;
			break;
		case 't':
			o->trace = true;
			break;
		case 'L':
			o->no_leaves = true;
			break;
		case 's':
			o->stamp = true;
			break;
		case 'f':
			o->force = true;
			break;
		case 'h':
			o->help = true;
			return true;
		case ':':
			complain("%s: needs a value", argv[optind - 1]);
			return false;
		default:
			complain("%s: unknown option (--help lists them)", argv[optind - 1]);
			return false;
		}
	}
	if (!good)
		return false;
	if (optind < argc)
		o->image = argv[optind++];
	if (optind < argc) {
		complain("%s: one guest image is enough", argv[optind]);
		return false;
	}
	if (!o->image) {
		complain("no guest image was named (--help tells more)");
		return false;
	}
	if (!o->image_name)
		o->image_name = o->image;
	if (!o->initrd_name)
		o->initrd_name = o->initrd ? o->initrd : "";
	return true;
}
