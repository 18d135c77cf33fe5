// SPDX-License-Identifier: GPL-2.0-only
/* Names the rules for VM entries that a VMCS breaks, which hv has printed: see usage. */
#include <stdarg.h>
#include <stdio.h>

#include "hv/check/host/dumped.h"
#include "tools/tool.h"

static const char usage[] =
	"usage: vmcs_check [LOG]\n"
	"\n"
	"A VM entry was refused on hv, which has printed the VMCS, what the CPU can do, and the\n"
	"memory that rules are on. Reads that dump in a log, or on stdin, goes through the rules\n"
	"of the SDM's chapter \"VM Entries\", and prints a line for each field that breaks one:\n"
	"its name, its value, the rule.\n"
	"\n"
	"Exit code: 0 none of the rules that it knows is broken, 1 one is, 2 there is no such\n"
	"dump, or not all of it.\n";

static void print_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

int main(int argc, char **argv)
{
	static const struct tool_option options[] = { { 0 } };
	int first = tool_options(argc, argv, usage, options);
	static struct dumped d;
	u32 broken;

	if (argc - first > 1) {
		tool_refuse("one log at a time; --help says more");
		return TOOL_CANNOT;
	}
	if (!dumped_read(&d, first < argc ? argv[first] : "/dev/stdin"))
		return TOOL_CANNOT;
	broken = dumped_check(&d, print_line);
	if (!broken)
		puts("hv: vmcs: none of the rules that are known is broken");
	return tool_leave(d.lacks_word ? TOOL_CANNOT : broken ? TOOL_DIFFERS : 0);
}
