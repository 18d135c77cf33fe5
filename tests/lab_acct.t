#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The minimal track: one file in the place of acct/exit_acct.c. The own one is right; a fault in
# it is seen, and what does not compile or reaches for other files is told.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -d "$build/obj/hv" ] || skip_all 'hv is not built'
command -v bwrap >/dev/null || skip_all 'bubblewrap is not installed'
plan 16

# graded NAME SED: on hv, with a file that this script of sed's makes of the own one
graded()
{
	sed "$2" acct/exit_acct.c >"$tmp/exit_acct.c"
	run lab/grade-acct --only hv --out "$tmp/$1" "$tmp/exit_acct.c"
}

graded right ''
is 'the own accounting is right' "$code" 0
has 'every reason was compared' "$tmp/out" '^ +10  CPUID +([0-9]+) +\1  equal'
has 'with two vCPUs too' "$tmp/out" 'hv on bochs, vcpu1, by who counted them'
ok 'what ran is what was handed in' test -s "$tmp/right/hv.elf"

# Two faults at once, each with a sign of its own: reports that come an exit late; a vCPU that is
# not summed.
graded two 's/while (total >= (u64)next)/while (total > (u64)next)/
	s/^	for_each_exit_acct_vcpu(v, vm)\n		exit_acct_add/&/
	/^void exit_acct_sum(/,/^}/s/exit_acct_add(dst, v->counters);/if (v == vm->vcpus) &/'
is 'a file with two faults' "$code" 1
has 'reports that are late' "$tmp/err" 'report 1 has the counts of 10001 exits, not of 10000'
has 'a vCPU that is not summed, against the log' "$tmp/out" 'DIFFERS'

graded wrong 's/^bool exit_acct_flush(/int wrong = none_such;\n&/'
is 'what does not compile is told' "$code" 1
has 'with its place' "$tmp/err" \
	'does not compile into hv: acct/exit_acct.c:[0-9]+:[0-9]+: error: .none_such'
graded secret '1s,^,#include "/etc/passwd"\n,'
is 'a file of this computer is not there' "$code" 1
has 'for the compiler' "$tmp/err" '/etc/passwd: No such file'

graded solution '1s,^,asm(".incbin \\"/obj/acct/exit_acct.c.o\\"");\n,'
is 'nor is the solution, compiled' "$code" 1
has 'for the assembler' "$tmp/solution/build-hv.log" 'file not found: /obj/acct/exit_acct.c.o'

# Whose fault it is that a run has no end.
run env SECONDS_A_RUN=1 lab/grade-acct --only hv --out "$tmp/slow" acct/exit_acct.c
is 'a computer that is too slow judges nobody' "$code" 2
graded dies 's/^	s->usual = s->max/	__builtin_trap();\n&/'
is 'a file that ends hv has lost' "$code" 1
lacks 'and it is no row that has failed' "$tmp/err" 'hv.log: rows have failed'
finish
