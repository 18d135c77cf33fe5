#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the Linux guest: every way to read its exits, one after the other. What
# each printed comes out at the end, as "@NAME text" and "@NAME: code=N", because
# printing is exits. Words on the kernel's command line: tools.count= and tools.total=
# are the course's leaves for a count and for the total.

count=$(sed -n 's/.*tools.count=\([^ ]*\).*/\1/p' /proc/cmdline)
total=$(sed -n 's/.*tools.total=\([^ ]*\).*/\1/p' /proc/cmdline)

# try NAME COMMAND...
try()
{
	name=$1
	shift
	"$@" >/tmp/out 2>&1
	code=$?
	sed "s/^/@$name /" /tmp/out >>/tmp/all
	echo "@$name: code=$code" >>/tmp/all
}

# Between a.csv and b.csv lies what cpuid, a program of others, reads.
try table exitstat
try a.csv exitstat --csv
try count30 cpuid -1 -r -l "$count" -s 30
try count55 cpuid -1 -r -l "$count" -s 55
try count35 cpuid -1 -r -l "$count" -s 35
try total cpuid -1 -r -l "$total"
try shown cpuid -1 -l "$total"
try b.csv exitstat --csv
try json exitstat --json
try check exitstat --check
try course exitstat --map "$(exitstat --json | sed 's/.*"map":"\([^"]*\)".*/\1/')" --json
try coursecheck exitstat --map "$(exitstat --json | sed 's/.*"map":"\([^"]*\)".*/\1/')" --check
try s21 exitstat --map s21
try true exitstat --json -- true
try code exitstat -- sh -c 'echo hello; exit 7'
try signal exitstat -- sh -c 'kill -9 $$'
try nothing exitstat -- /nothing
try live exitstat --live --interval 0.05 --times 2 --csv
try detail exitstat --detail --csv
try cr exitstat --detail cr_access --json
try reads exitstat --detail --csv -- exitstat --csv
try detaillive exitstat --detail=10 --live --interval 0.05 --times 2 --csv
try user su nobody -s /bin/sh -c 'id -u; exec exitstat --check'
try usertable su nobody -s /bin/sh -c 'exec exitstat --json'
# The same three times, with nothing in between: the CPUIDs of each are known.
for i in 1 2 3; do
	exitstat --csv >/tmp/row$i
done
try rows cat /tmp/row1 /tmp/row2 /tmp/row3
cat /tmp/all
exit 5
