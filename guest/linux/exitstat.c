// SPDX-License-Identifier: GPL-2.0-only
/* exitstat: options. */
#include <cpuid.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "guest/linux/detail.h"
#include "guest/linux/exitstat.h"
#include "guest/linux/host.h"
#include "tools/record.h"

#define INTERVAL_MIN	0.05
#define INTERVAL_MAX	86400.0
#define DEBUGFS		"/sys/kernel/debug"

struct options {
	enum show_format format;
	enum exit_acct_map map;		/* EXIT_ACCT_NR_MAPS: whatever is there */
	bool live, check, vcpu, detail, done;
	u32 reason;			/* of detail; DETAIL_ALL: each */
	double interval;		/* seconds, 0: not given */
	unsigned long times;		/* 0: not given */
	const char *output;
	bool host;			/* VMs that this host runs */
	struct host vms;
};

static void processor_cpuid(u32 leaf, u32 subleaf, struct exit_acct_regs *out)
{
	__cpuid_count(leaf, subleaf, out->eax, out->ebx, out->ecx, out->edx);
}

static void help(void)
{
	printf("usage: exitstat [OPTION]...\n"
	       "       exitstat [OPTION]... -- COMMAND [ARGUMENT]...\n"
	       "Show the VM exits of the virtual machine that this runs in, by reason, as its\n"
	       "hypervisor counts them and tells through CPUID leaves. Needs no privilege.\n"
	       "With a command: the exits while it ran, on stderr.\n"
	       "With --vm, on a host: those of VMs that run here, from KVM's files in debugfs.\n"
	       "\n"
	       "  --live           interval by interval, until q or ^C\n"
	       "  --interval S     seconds between two (default 1)\n"
	       "  --times N        N intervals, then end\n"
	       "  --vcpu           each vCPU by itself\n"
	       "  --detail [REASON]\n"
	       "                   which port, MSR, leaf, page: exits of each reason told apart,\n"
	       "                   or of one, by number or by KVM's name; with all of the others\n"
	       "                   but --check and --map\n"
	       "  --vm PID|all     the VMs of a process, or of all, each by itself; needs root\n"
	       "  --debugfs DIR    where debugfs is mounted (default " DEBUGFS ")\n"
	       "  --csv            comma-separated values\n"
	       "  --json           one object a line\n"
	       "  --output FILE    write there\n"
	       "  --map NAME       only the course's leaves, in the map default, s21, f21 or f22\n"
	       "  --check          do the counts keep their rules? 1 if not\n"
	       "  --help           this text\n"
	       "  --version        versions of the output and of the leaves\n"
	       "\n"
	       "Exit code: 0; the command's own, 127 if it is not found, 126 if it cannot be\n"
	       "started; %d nobody answers the leaves (the command is not run then), there is\n"
	       "no such VM, or nobody tells exits apart; %d an option that cannot be used, %d the\n"
	       "output cannot be written.\n",
	       EXITSTAT_NO_LEAVES, EXITSTAT_USAGE, EXITSTAT_CHECK_FAILED);
}

static bool parse_interval(struct options *o, const char *text)
{
	char *end;

	o->interval = strtod(text, &end);
	/* strtod() takes signs, blanks, "inf" and "nan". */
	if (text[0] < '0' || text[0] > '9' || *end ||
	    !(o->interval >= INTERVAL_MIN && o->interval <= INTERVAL_MAX)) {
		fprintf(stderr, "exitstat: --interval: \"%s\" is not from %g to %g seconds\n",
			text, INTERVAL_MIN, INTERVAL_MAX);
		return false;
	}
	return true;
}

static bool parse_times(struct options *o, const char *text)
{
	char *end;

	errno = 0;
	o->times = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || !o->times) {
		fprintf(stderr, "exitstat: --times: \"%s\" is not a number from 1\n", text);
		return false;
	}
	return true;
}

static bool parse_map(struct options *o, const char *text)
{
	o->map = exit_acct_map_parse(text);
	if (o->map == EXIT_ACCT_NR_MAPS) {
		fprintf(stderr, "exitstat: --map: \"%s\" is none of default, s21, f21, f22\n",
			text);
		return false;
	}
	return true;
}

static bool parse_vm(struct options *o, const char *text)
{
	uint64_t pid = 0;

	o->host = true;
	if (strcmp(text, "all") && (!record_parse(text, &pid) || !pid || pid > INT_MAX)) {
		fprintf(stderr, "exitstat: --vm: \"%s\" is neither a process' number nor all\n",
			text);
		return false;
	}
	o->vms.pid = pid;
	return true;
}

/* The word behind it, if it is one; a command has "--" in front. */
static bool parse_detail(struct options *o, int argc, char **argv)
{
	const char *text = optarg;

	if (!text && optind < argc && argv[optind][0] != '-')
		text = argv[optind++];
	o->detail = true;
	o->reason = text ? detail_reason(text) : DETAIL_ALL;
	return !text || o->reason != DETAIL_ALL;
}

/* What does not go together on a host; @command: one follows. */
static const char *host_conflict(const struct options *o, bool command)
{
	if (command || o->check || o->map != EXIT_ACCT_NR_MAPS)
		return "--vm goes with --live, --vcpu, --detail, --csv and --json alone";
	return NULL;
}

/* What does not go together; @command: one follows. */
static const char *conflict(const struct options *o, bool command)
{
	if (!o->host && o->vms.debugfs)
		return "--debugfs goes with --vm";
	if ((o->interval || o->times) && !o->live)
		return "--interval and --times go with --live";
	if (o->host)
		return host_conflict(o, command);
	if (o->live + o->check + o->vcpu + command > 1)
		return "--live, --check, --vcpu and a command exclude each other";
	if (o->check && o->format != SHOW_TABLE)
		return "--check has no CSV or JSON";
	if (o->detail && (o->check || o->map != EXIT_ACCT_NR_MAPS))
		return "--detail has no --check, and no course's leaf tells exits apart";
	if (o->vcpu && ((o->format == SHOW_JSON && !o->detail) || o->map != EXIT_ACCT_NR_MAPS))
		return "--vcpu has no JSON, and no course's leaf tells vCPUs apart";
	return NULL;
}

/* Returns false after a line that says what cannot be used. */
static bool options_parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "live", no_argument, NULL, 'l' },
		{ "interval", required_argument, NULL, 'i' },
		{ "times", required_argument, NULL, 'n' },
		{ "csv", no_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "output", required_argument, NULL, 'o' },
		{ "map", required_argument, NULL, 'm' },
		{ "check", no_argument, NULL, 'k' },
		{ "vcpu", no_argument, NULL, 'p' },
		{ "detail", optional_argument, NULL, 'd' },
		{ "vm", required_argument, NULL, 'V' },
		{ "debugfs", required_argument, NULL, 'D' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	bool good = true;
	const char *why;
	int c;

	opterr = 0;
	while (good && (c = getopt_long(argc, argv, "+:", longs, NULL)) != -1) {
		switch (c) {
		case 'l':
			o->live = true;
			break;
		case 'i':
			good = parse_interval(o, optarg);
			break;
		case 'n':
			good = parse_times(o, optarg);
			break;
		case 'c':
			o->format = SHOW_CSV;
			break;
		case 'j':
			o->format = SHOW_JSON;
			break;
		case 'o':
			o->output = optarg;
			break;
		case 'm':
			good = parse_map(o, optarg);
			break;
		case 'k':
			o->check = true;
			break;
		case 'p':
			o->vcpu = true;
			break;
		case 'd':
			good = parse_detail(o, argc, argv);
			break;
		case 'V':
			good = parse_vm(o, optarg);
			break;
		case 'D':
			o->vms.debugfs = optarg;
			break;
		case 'h':
			help();
			o->done = true;
			return true;
		case 'v':
			printf("exitstat: output version %d, extension leaves version %d\n",
			       EXITSTAT_VERSION, EXIT_ACCT_ABI);
			o->done = true;
			return true;
		default:
			fprintf(stderr, "exitstat: %s: %s (--help lists the options)\n",
				argv[optind - 1], c == ':' ? "needs a value" : "unknown option");
			return false;
		}
	}
	why = good ? conflict(o, optind < argc) : NULL;
	if (why)
		fprintf(stderr, "exitstat: %s\n", why);
	return good && !why;
}

static double interval(const struct options *o)
{
	return o->interval ? o->interval : 1;
}

static int run_detail(const struct options *o, struct leaves *l, char **command, FILE *to)
{
	const struct detail_options how = {
		.reason = o->reason, .format = o->format, .vcpu = o->vcpu,
	};

	if (*command)
		return detail_command(l, &how, command, to);
	if (o->live)
		detail_live(l, &how, interval(o), o->times, to);
	else
		detail_show_all(l, &how, to);
	return EXITSTAT_OK;
}

static int run(const struct options *o, struct leaves *l, char **command, FILE *to)
{
	struct snapshot s;
	struct view v = { .kind = SHOW_SINCE_START, .s = &s };

	if (o->detail)
		return run_detail(o, l, command, to);
	if (*command)
		return command_run(l, command, o->format, to);
	if (o->check)
		return leaves_check(l, to) ? EXITSTAT_OK : EXITSTAT_CHECK_FAILED;
	if (o->vcpu && !vcpus_show(l, o->format, to)) {
		fprintf(stderr, "exitstat: --vcpu: this hypervisor does not tell vCPUs apart\n");
		return EXITSTAT_NO_LEAVES;
	}
	if (o->vcpu)
		return EXITSTAT_OK;
	if (o->live) {
		live_run(l, interval(o), o->times, o->format, to);
		return EXITSTAT_OK;
	}
	snapshot_take(l, &s, true);
	v.own = s.own.count;
	show(l, &v, o->format, true, to);
	return EXITSTAT_OK;
}

static int run_host(struct options *o, FILE *to)
{
	const struct host_options how = {
		.format = o->format, .vcpu = o->vcpu, .live = o->live,
		.interval = interval(o), .times = o->times,
		.detail = o->detail, .reason = o->reason,
	};

	if (!o->vms.debugfs)
		o->vms.debugfs = DEBUGFS;
	if (host_show(&o->vms, &how, to))
		return EXITSTAT_OK;
	if (!o->vms.unreadable)
		fprintf(stderr, "exitstat: --vm: %s\n", o->vms.why);
	return EXITSTAT_NO_LEAVES;
}

static int finish(FILE *to, int code)
{
	if (!fflush(to) && !ferror(to))
		return code;
	fprintf(stderr, "exitstat: cannot write: %s\n", strerror(errno));
	return EXITSTAT_CHECK_FAILED;
}

int main(int argc, char **argv)
{
	struct options o = { .map = EXIT_ACCT_NR_MAPS };
	struct leaves l = { .cpuid = processor_cpuid };
	FILE *to = stdout;

	if (!options_parse(&o, argc, argv))
		return EXITSTAT_USAGE;
	if (o.done)
		return finish(stdout, EXITSTAT_OK);
	if (!o.host && (!leaves_find(&l, o.map) || (o.detail && !detail_find(&l)))) {
		fprintf(stderr, "exitstat: %s\n", l.why);
		return EXITSTAT_NO_LEAVES;
	}
	/* As time(1): what the command prints is kept apart. */
	if (argv[optind])
		to = stderr;
	/* "e": the command gets no file of ours. */
	if (o.output && !(to = fopen(o.output, "we"))) {
		fprintf(stderr, "exitstat: --output: %s: %s\n", o.output, strerror(errno));
		return EXITSTAT_USAGE;
	}
	return finish(to, o.host ? run_host(&o, to) : run(&o, &l, argv + optind, to));
}
