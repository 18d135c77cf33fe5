#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What boot/anchors makes of a log; LONG=1: of one of its own, with Debian's perf and kvm_stat.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 18

# said OBSERVER OUTS: what a run with so many OUTs leaves, on serial ports.
said()
{
	sed "s/^/$1 /; s/\$/\\r/" <<-END
	log log version=1 target=kvm
	log row name=cpuid reason=10 reps=2 tsc=$((2000 + $2)) check=ok
	log row name=cpuid reason=10 reps=2 tsc=9000 check=ok
	log row name=cpuid reason=10 reps=2 tsc=1000 check=ok
	log exits scope=vm reason=10 name=CPUID count=3 handler=9
	log exits scope=vm reason=30 name=IO_INSTRUCTION count=$2 handler=9
	log exits scope=vm total=$(($2 + 3)) handler=18
	log ran begin=100 end=$((100 + 10 * ($2 + 3)))
	code 0
	END
}
{
	said none 20
	echo 'none log stats scope=vcpu0 name=io_exits value=19'
	said hist 40
	echo 'hist log trace event=kvm_exit reason=10 count=3 scope=vcpu0'
	echo 'hist log trace event=kvm_exit reason=30 count=40 scope=vcpu0'
	said ring 40
	echo 'ring ring      38 IO_INSTRUCTION'
	said perf_detail 2
	echo 'perf_detail vmexit IO_INSTRUCTION 1 25.00% 9.0% 1.1us 2.2us 1.5us ( +- 0.0% )'
	echo 'perf_detail ioport   0x3f8:POUT   1   25.00%   9.0%  1.1us  2.2us  1.5us ( +- 0.0% )'
	# Two widths of a port are one for perf; an IN is another.
	for number in 66584576 66584577 66584584; do
		echo perf_detail log detail scope=vcpu0 reason=30 name=IO_INSTRUCTION \
			number=$number count=1
	done
	echo 'perf_detail log detail scope=vcpu0 reason=32 name=MSR_WRITE number=3221225600 count=7'
	echo 'perf_detail msr   0xc0000080:W   7   25.00%   9.0%  1.1us  2.2us  1.5us ( +- 0.0% )'
	said kvm_stat 5
	echo 'kvm_stat kvm_stat timestamp,kvm_exit,kvm_exit(IO_INSTRUCTION)'
	echo 'kvm_stat kvm_stat 1999-12-31 23:00:40,4,1'
	echo 'kvm_stat kvm_stat 1999-12-31 23:00:43,4,3'
} >"$tmp/log"
run awk -f boot/anchors.awk "$tmp/log"
is 'a log makes tables' "$code" 0
ok 'a median, per repetition' grep -qE '^none +1010 +10$' "$tmp/out"
ok 'and what is above it' grep -qE '^hist +1020 \+10 +19 \+9$' "$tmp/out"
ok 'counts, and those that are not ours' grep -qE \
	'^IO_INSTRUCTION +40 +38 of 40 +1 of 2 +4 of 5 +19 of 20$' "$tmp/out"
ok 'their sums' grep -qE '^all +43 +38 of 43 +1 of 5 +8 +-$' "$tmp/out"
ok 'ports' grep -qE '^port 0x3f8 out +1 of 2$' "$tmp/out"
ok 'both ways' grep -qE '^port 0x3f8 in +0 of 1$' "$tmp/out"
ok 'MSRs' grep -qE '^MSR 0xc0000080 write +7$' "$tmp/out"
sed 's/^perf_detail code 0/perf_detail code 70/' "$tmp/log" >"$tmp/failed"
run awk -f boot/anchors.awk "$tmp/failed"
is 'a run that failed is told' "$code" 2
has 'by name' "$tmp/err" 'perf_detail ended with code 70'
grep -v ' log row ' "$tmp/log" >"$tmp/linux"
run awk -f boot/anchors.awk "$tmp/linux"
has 'without rows there is the whole run' "$tmp/out" '^Emulated ticks of the whole run for each'
ok 'of each observer' grep -qE '^hist +19 \+9$' "$tmp/out"
run env BUILD="$tmp/none" boot/anchors --linux --kernel COPYING
has 'a Linux that is not there is told' "$tmp/err" 'initrd: there is no file .*initrd.cpio'
run boot/anchors --observers none,nobody
is 'an observer that there is not is refused' "$code" 64

if long; then
	run boot/anchors --rounds 1 --observers none,hist,kvm_stat,perf_detail --out "$tmp/anchors"
	is 'it runs' "$code" 0
	ok 'the histogram and kvm_stat count every exit' grep -qE \
		'^all +[0-9]+ +[0-9]+ +([0-9]+) of [0-9]+ +[0-9]+$' "$tmp/out"
	is 'perf all but the last' "$(sed -n \
		's/^IO_INSTRUCTION .* \([0-9]*\) of \([0-9]*\) .*/\1 \2/p' "$tmp/out" |
		awk '{ print $2 - $1 }')" 1
	ok 'which is that of the exit port' grep -qE '^port 0xf4 out +0 of 1$' "$tmp/out"
else
	for check in 1 2 3 4; do
		skip "a run of its own, $check" 'LONG=1 has it'
	done
fi
finish
