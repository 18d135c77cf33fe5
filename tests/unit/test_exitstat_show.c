// SPDX-License-Identifier: GPL-2.0-only
/* units: guest/linux/show.c guest/linux/leaves.c */
/* units: acct/exit_acct.c acct/exit_leaves.c acct/exit_detail.c acct/exit_reasons.c */
/* exitstat's table, CSV and JSON, character by character. */
#include <stdio.h>
#include <string.h>

#include "guest/linux/exitstat.h"
#include "tests/unit/tap.h"

static const struct leaves extension = {
	.extension = true, .handler = true, .target = EXIT_ACCT_TARGET_HV,
	.map = EXIT_ACCT_MAP_DEFAULT, .vcpus = 1,
};
static const struct leaves s21 = { .map = EXIT_ACCT_MAP_S21 };

static const struct snapshot some = {
	.row = {
		[0] = { 5, 500, 600, 0 },
		[10] = { 80, 4000, 8000, 0 },
		[12] = { 5, 1000, 900000, 0 },
		[30] = { 910, 0x100000000ull, 0x200000000ull, 0 },
		[33] = { 0, 0, 0, 2 },
		[EXIT_ACCT_OTHER] = { 1000, 1, 1, 0 },
	},
	.handler = 0x100000000ull + 5501,
	.synthesised = 3,
	.handler_lost = 1,
	.round_trip_lost = 4,
	.seconds = 0.5,
};
static const struct snapshot nothing;

static const char *shown(const struct leaves *l, struct view v, enum show_format format,
			 bool first)
{
	static char text[4096];
	FILE *to = fmemopen(text, sizeof(text), "w");

	show(l, &v, format, first, to);
	fclose(to);
	return text;
}

static void test_table(void)
{
	is_str("since the start: sorted by count, then by number", shown(&extension,
	       (struct view) { SHOW_SINCE_START, &some, .own = 7 }, SHOW_TABLE, true),
	"VM exits since the VM started: hv, map default, 1 vCPU\n"
	"\n"
	"nr exit reason              exits       %        cycles cycles/exit  round trip\n"
	" - OTHER                     1000   50.00             1           0           0\n"
	"30 IO_INSTRUCTION             910   45.50    4294967296     4719744     9439489\n"
	"10 CPUID                       80    4.00          4000          50         100\n"
	" 0 EXCEPTION_NMI                5    0.25           500         100         120\n"
	"12 HLT                          5    0.25          1000         200      180000\n"
	"   total                     2000  100.00    4294972797     2147486     4295422\n"
	"failed VM entries (no exits): 33 INVALID_STATE: 2\n"
	"exits made up without an entry (not counted): 3\n"
	"times not known, the TSC went back: 1 of handlers, 4 of round trips\n"
	"CPUID: 7 of these are exitstat's own reads\n");
	is_str("of a command: with rates", shown(&extension,
	       (struct view) { SHOW_COMMAND, &some, .own = 2, .exit_code = 130 }, SHOW_TABLE, true),
	"VM exits while the command ran: hv, map default, 1 vCPU, 0.500 s\n"
	"\n"
	"nr exit reason              exits       %     exits/s"
	"        cycles cycles/exit  round trip\n"
	" - OTHER                     1000   50.00      2000.0             1"
	"           0           0\n"
	"30 IO_INSTRUCTION             910   45.50      1820.0    4294967296"
	"     4719744     9439489\n"
	"10 CPUID                       80    4.00       160.0          4000"
	"          50         100\n"
	" 0 EXCEPTION_NMI                5    0.25        10.0           500"
	"         100         120\n"
	"12 HLT                          5    0.25        10.0          1000"
	"         200      180000\n"
	"   total                     2000  100.00      4000.0    4294972797"
	"     2147486     4295422\n"
	"failed VM entries (no exits): 33 INVALID_STATE: 2\n"
	"exits made up without an entry (not counted): 3\n"
	"times not known, the TSC went back: 1 of handlers, 4 of round trips\n"
	"CPUID: exitstat's own reads, 2, are taken off\n"
	"exit code of the command: 130\n");
	is_str("an interval: beside the whole", shown(&extension,
	       (struct view) { SHOW_INTERVAL, &some, &some, .own = 2, .lines = 9 }, SHOW_TABLE,
	       true),
	"VM exits in the interval: hv, map default, 1 vCPU, 0.500 s\n"
	"\n"
	"nr exit reason              exits       %     exits/s"
	"        cycles cycles/exit  round trip  since start\n"
	" - OTHER                     1000   50.00      2000.0             1"
	"           0           0         1000\n"
	"30 IO_INSTRUCTION             910   45.50      1820.0    4294967296"
	"     4719744     9439489          910\n"
	"10 CPUID                       80    4.00       160.0          4000"
	"          50         100           80\n"
	"   total                     2000  100.00      4000.0    4294972797"
	"     2147486     4295422         2000\n"
	"failed VM entries (no exits): 33 INVALID_STATE: 2\n"
	"exits made up without an entry (not counted): 3\n"
	"times not known, the TSC went back: 1 of handlers, 4 of round trips\n"
	"CPUID: exitstat's own reads, 2, are taken off\n");
	is_str("unknown: dashes", shown(&s21,
	       (struct view) { SHOW_SINCE_START, &some, .own = 7 }, SHOW_TABLE, true),
	"VM exits since the VM started: unknown hypervisor, map s21, 32 bits of a count\n"
	"\n"
	"nr exit reason              exits       %        cycles cycles/exit  round trip\n"
	" - OTHER                     1000   50.00             -           -           -\n"
	"30 IO_INSTRUCTION             910   45.50             -           -           -\n"
	"10 CPUID                       80    4.00             -           -           -\n"
	" 0 EXCEPTION_NMI                5    0.25             -           -           -\n"
	"12 HLT                          5    0.25             -           -           -\n"
	"   total                     2000  100.00    4294972797     2147486           -\n"
	"failed VM entries (no exits): 33 INVALID_STATE: 2\n"
	"exits made up without an entry (not counted): 3\n"
	"times not known, the TSC went back: 1 of handlers, 4 of round trips\n"
	"CPUID: 7 of these are exitstat's own reads\n");
	is_str("nothing: no division by zero", shown(&extension,
	       (struct view) { SHOW_INTERVAL, &nothing, &nothing, .own = 0 }, SHOW_TABLE, true),
	"VM exits in the interval: hv, map default, 1 vCPU, 0.000 s\n"
	"\n"
	"nr exit reason              exits       %     exits/s"
	"        cycles cycles/exit  round trip  since start\n"
	"   total                        0       -           -             0"
	"           -           -            0\n"
	"CPUID: exitstat's own reads, 0, are taken off\n");
}

static void test_csv(void)
{
	is_str("CSV", shown(&extension,
	       (struct view) { SHOW_COMMAND, &some, .own = 2 }, SHOW_CSV, true),
	"version,kind,seconds,reason,name,count,handler,round_trip,failed\n"
	"1,command,0.500000,other,OTHER,1000,1,1,0\n"
	"1,command,0.500000,30,IO_INSTRUCTION,910,4294967296,8589934592,0\n"
	"1,command,0.500000,10,CPUID,80,4000,8000,0\n"
	"1,command,0.500000,0,EXCEPTION_NMI,5,500,600,0\n"
	"1,command,0.500000,12,HLT,5,1000,900000,0\n"
	"1,command,0.500000,33,INVALID_STATE,0,0,0,2\n"
	"1,command,0.500000,own,READS,2,,,\n"
	"1,command,0.500000,total,TOTAL,2000,4294972797,8590843193,2\n");
	is_str("CSV, no head, unknown figures", shown(&s21,
	       (struct view) { SHOW_SINCE_START, &some, .own = 2 }, SHOW_CSV, false),
	"1,since_start,,other,OTHER,1000,,,\n"
	"1,since_start,,30,IO_INSTRUCTION,910,,,\n"
	"1,since_start,,10,CPUID,80,,,\n"
	"1,since_start,,0,EXCEPTION_NMI,5,,,\n"
	"1,since_start,,12,HLT,5,,,\n"
	"1,since_start,,33,INVALID_STATE,0,,,\n"
	"1,since_start,,own,READS,2,,,\n"
	"1,since_start,,total,TOTAL,2000,4294972797,,\n");
	is_str("CSV of nothing", shown(&extension,
	       (struct view) { SHOW_INTERVAL, &nothing, .own = 0 }, SHOW_CSV, false),
	"1,interval,0.000000,own,READS,0,,,\n"
	"1,interval,0.000000,total,TOTAL,0,0,0,0\n");
}

static void test_json(void)
{
	is_str("JSON", shown(&extension,
	       (struct view) { SHOW_COMMAND, &some, .own = 2, .exit_code = 1 }, SHOW_JSON, true),
	"{\"version\":1,\"kind\":\"command\",\"target\":\"hv\",\"map\":\"default\","
	"\"extension\":true,\"vcpus\":1,\"seconds\":0.500000,\"exit_code\":1,"
	"\"own_reads\":2,\"own_reads_taken_off\":true,"
	"\"rows\":[{\"reason\":null,\"name\":\"OTHER\",\"count\":1000,"
	"\"handler\":1,\"round_trip\":1,\"failed\":0},{\"reason\":30,"
	"\"name\":\"IO_INSTRUCTION\",\"count\":910,\"handler\":4294967296,"
	"\"round_trip\":8589934592,\"failed\":0},{\"reason\":10,"
	"\"name\":\"CPUID\",\"count\":80,\"handler\":4000,\"round_trip\":8000,"
	"\"failed\":0},{\"reason\":0,\"name\":\"EXCEPTION_NMI\",\"count\":5,"
	"\"handler\":500,\"round_trip\":600,\"failed\":0},{\"reason\":12,"
	"\"name\":\"HLT\",\"count\":5,\"handler\":1000,\"round_trip\":900000,"
	"\"failed\":0},{\"reason\":33,\"name\":\"INVALID_STATE\",\"count\":0,"
	"\"handler\":0,\"round_trip\":0,\"failed\":2}],\"synthesised\":3,"
	"\"handler_lost\":1,\"round_trip_lost\":4,"
	"\"total\":{\"count\":2000,\"handler\":4294972797,"
	"\"round_trip\":8590843193,\"failed\":2}}\n");
	is_str("JSON, unknown figures", shown(&s21,
	       (struct view) { SHOW_SINCE_START, &some, .own = 7 }, SHOW_JSON, true),
	"{\"version\":1,\"kind\":\"since_start\",\"target\":null,\"map\":\"s21\","
	"\"extension\":false,\"vcpus\":null,\"seconds\":null,"
	"\"exit_code\":null,\"own_reads\":7,\"own_reads_taken_off\":false,"
	"\"rows\":[{\"reason\":null,\"name\":\"OTHER\",\"count\":1000,"
	"\"handler\":null,\"round_trip\":null,\"failed\":null},"
	"{\"reason\":30,\"name\":\"IO_INSTRUCTION\",\"count\":910,"
	"\"handler\":null,\"round_trip\":null,\"failed\":null},"
	"{\"reason\":10,\"name\":\"CPUID\",\"count\":80,\"handler\":null,"
	"\"round_trip\":null,\"failed\":null},{\"reason\":0,"
	"\"name\":\"EXCEPTION_NMI\",\"count\":5,\"handler\":null,"
	"\"round_trip\":null,\"failed\":null},{\"reason\":12,\"name\":\"HLT\","
	"\"count\":5,\"handler\":null,\"round_trip\":null,\"failed\":null},"
	"{\"reason\":33,\"name\":\"INVALID_STATE\",\"count\":0,"
	"\"handler\":null,\"round_trip\":null,\"failed\":null}],"
	"\"synthesised\":null,\"handler_lost\":null,\"round_trip_lost\":null,"
	"\"total\":{\"count\":2000,"
	"\"handler\":4294972797,\"round_trip\":null,\"failed\":null}}\n");
	is_str("JSON of nothing", shown(&extension,
	       (struct view) { SHOW_INTERVAL, &nothing, .own = 0 }, SHOW_JSON, true),
	"{\"version\":1,\"kind\":\"interval\",\"target\":\"hv\","
	"\"map\":\"default\",\"extension\":true,\"vcpus\":1,"
	"\"seconds\":0.000000,\"exit_code\":null,\"own_reads\":0,"
	"\"own_reads_taken_off\":true,\"rows\":[],\"synthesised\":0,"
	"\"handler_lost\":0,\"round_trip_lost\":0,"
	"\"total\":{\"count\":0,\"handler\":0,\"round_trip\":0,\"failed\":0}}\n");
}

int main(void)
{
	test_table();
	test_csv();
	test_json();
	return done();
}
