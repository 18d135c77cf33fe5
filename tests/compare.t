#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The compare tool, on logs made by hand: verdicts, formats, refusals.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
compare=$build/tools/compare
logs=tests/compare
plan 79

how=''
# with SED-SCRIPT hv|kvm: a spoilt copy of that log; the other one stays.
with()
{
	cp "$logs/hv.log" "$logs/kvm.log" "$tmp"
	sed "$1" "$logs/$2.log" >"$tmp/$2.log"
	rm -f "$tmp/csv" "$tmp/json"
	# shellcheck disable=SC2086 # options are words
	run "$compare" $how --csv "$tmp/csv" --json "$tmp/json" "$tmp/hv.log" "$tmp/kvm.log"
}

# refused NAME PATTERN: code 2, no table, no file, one line that matches.
refused()
{
	ok "$1" test "$code" -eq 2 -a ! -s "$tmp/out" -a ! -e "$tmp/csv" -a ! -e "$tmp/json" \
		-a "$(wc -l <"$tmp/err")" -eq 1
	has "$1: says so" "$tmp/err" "$2"
}

with '' hv
is 'logs that agree' "$code" 0
ok 'the table' cmp -s "$tmp/out" "$logs/table.txt"
ok 'the CSV' cmp -s "$tmp/csv" "$logs/table.csv"
ok 'the JSON' cmp -s "$tmp/json" "$logs/table.json"
lacks 'no colour in a pipe' "$tmp/out" "$(printf '\033')"
run jq -e '.version == 1 and (.rows | length) == 5' "$tmp/json"
is 'the JSON is JSON' "$code" 0
run "$compare" --linux 7.2.13 "$logs/hv.log" "$logs/kvm.log"
has 'whose KVM it is' "$tmp/out" '^KVM  machine=.* linux=7\.2\.13$'
lacks 'and not whose hv' "$tmp/out" '^hv .*linux='
run "$compare" --color=always "$logs/hv.log" "$logs/kvm.log"
has 'colour when asked for' "$tmp/out" "$(printf '\033')"
run script -qec "$compare $logs/hv.log $logs/kvm.log" /dev/null
has 'colour on a terminal' "$tmp/out" "$(printf '\033')"
run env NO_COLOR=1 script -qec "$compare $logs/hv.log $logs/kvm.log" /dev/null
lacks 'none with NO_COLOR' "$tmp/out" "$(printf '\033')"

# Exits of one reason by their number

how=--detail
with '' hv
is 'numbers: what differs has a reason' "$code" 0
cat "$logs/table.txt" "$logs/detail.txt" >"$tmp/wanted"
ok 'their table, behind the other' cmp -s "$tmp/out" "$tmp/wanted"
run jq -e '.version == 1 and (.detail.rows | length) == 8 and .detail.summary.unknown == 0 and
	.detail.rows[2].number == "5764606976"' "$tmp/json"
is 'they are in the JSON' "$code" 0
run "$compare" --detail --detail-csv "$tmp/csv" "$logs/hv.log" "$logs/kvm.log"
ok 'the CSV of them' cmp -s "$tmp/csv" "$logs/detail.csv"
with '/^detail.*reason=10 .*number=5764606976 /s/576 /577 /; s/6976 /6977 /' hv
is 'a number that is another one on hv' "$code" 1
has 'and there alone' "$tmp/out" '^10 CPUID .* 0x5798ec01.* 1    -   35     -  only hv$'
has 'it is named' "$tmp/out" '^only hv: CPUID 0x1:0x5798ec01$'
has 'KVM has the other' "$tmp/out" '^only KVM: .*, CPUID 0x1:0x5798ec00'
has 'nobody knows why' "$tmp/out" ' 1 only hv, 3 only KVM, 2 rest, 2 without a known reason$'
with '/^detail.*number=4294967296 /s/count=32/count=33/' kvm
is 'an exit more' "$code" 1
has 'it differs' "$tmp/out" '^10 CPUID .*  64   66   35   758  differs$'
with '/^detail.*number=rest /s/count=1/count=2/' kvm
is 'a rest that is too large' "$code" 1
has 'is seen' "$tmp/out" '^48 EPT_VIOLATION  +all others +-    2    -   450  differs$'
# What one vCPU has in its table another may have in its rest: only all of them together are equal.
rest='/^detail scope=vcpu1 .*number=4294967296 /s/number=[0-9]*/number=rest/'
with "$rest" kvm
is 'a number that one vCPU has, and another in its rest' "$code" 0
has 'may be there' "$tmp/out" '^10 CPUID +leaf 0x1: .*  64   32   35   781  rest$'
has 'as what is left over' "$tmp/out" '^10 CPUID +all others +-   32    -   781  rest$'
with "$rest;/number=rest /s/count=32/count=31/" kvm
is 'one exit less is missed' "$code" 1
with "$rest;s/^\(detail scope=vcpu0 .*reason=10 .*\) count=32/\1 count=33/" kvm
is 'and one more' "$code" 1
with "$rest;/^detail .*number=5764606976 /s/count=1 /count=2 /" hv
is 'a vCPU that has it in its table has no more of it in its rest' "$code" 1
has 'which differs' "$tmp/out" '^10 CPUID .*0x5798ec00.*  2    1   18   780  differs$'
with '/name=cpuid/s/exits=64/exits=63/' hv
is 'a row that differs counts as ever' "$code" 1
with '/^detail .*reason=30 /p; s/lines=5/lines=6/' hv
refused 'a number that stands in two places' 'hv.log:15: a second number=66584576 of reason 30$'
with '/^detail/s/reason=30/reason=4294967326/' kvm
refused 'a reason of more than 32 bits' 'kvm.log:15: reason=4294967326: no number tells its exits'
with '/^detail /d' hv
refused 'no numbers' 'hv.log:[0-9]*: no .detail. records: run it with --detail'
with '/^detail .*lines=2/d' kvm
refused 'numbers that are cut short' 'no .detail. record with lines= of vCPU 1: cut short'
with '/^detail .*reason=29 /d' kvm
refused 'a number that got lost' 'kvm.log:[0-9]*: lines are missing: lines=6, but there are 5'
how=''
with '/^detail /d' hv
is 'who does not ask for them does without' "$code" 0

with '/name=cpuid/s/exits=64/exits=63/' hv
is 'a count that is off by one' "$code" 1
has 'it is named' "$tmp/out" '^\[1\] cpuid: hv raised 63 exits, expected 64\.$'
with '/name=rdtsc/s/check=ok/check=fail/' kvm
is 'a check that failed' "$code" 1
with '/name=hlt/s/exits=8/exits=17/' kvm
is 'a bound that is exceeded' "$code" 1
with '/name=rdrand/s/check=skip/check=ok/' kvm
is 'a row that only one skips' "$code" 1
with 's/$/\r/' hv
is 'CR before LF' "$code" 0

cut=0 wrong=''
lines=$(wc -l <"$logs/hv.log")
while [ "$cut" -lt "$lines" ]; do
	for target in hv kvm; do
		with "$((cut + 1)),\$d" $target
		[ "$code" -eq 2 ] && [ ! -s "$tmp/out" ] &&
			grep -q "$target.log:$cut: " "$tmp/err" || wrong="$wrong $target:$cut"
	done
	cut=$((cut + 1))
done
is 'cut short after every line: refused, by file and line' "$wrong" ''
wrong=''
size=$(wc -c <"$logs/hv.log")
cut=0
while [ "$cut" -lt "$size" ]; do
	head -c $cut "$logs/hv.log" >"$tmp/hv.log"
	run "$compare" "$tmp/hv.log" "$logs/kvm.log"
	[ "$code" -eq 2 ] || wrong="$wrong $cut"
	cut=$((cut + 7))
done
is 'cut short after every seventh byte' "$wrong" ''

with '1s/version=1/version=2/' kvm
refused 'another version' 'kvm.log:1: version=2: this tool reads version 1'
with '1s/clock=emulated/clock=hardware/' kvm
refused 'emulated time beside hardware' 'emulated time is never put beside hardware'
with '1s/accounting=yes/accounting=no/' kvm
refused 'a run without accounting' 'kvm.log:1: accounting=no'
with '/name=rdtsc/d; s/rows=5/rows=4/' kvm
refused 'another guest' 'row mov_dr is not the row rdtsc'
with '/name=rdtsc/d' kvm
refused 'a row that got lost' 'kvm.log:[0-9]*: rows are missing'
with '/name=rdtsc/s/reason=16/reason=4294967312/' hv
refused 'a row of a reason beyond the table' 'hv.log:5: reason=4294967312 is beyond the table$'
with '/name=rdtsc/s/exits=0/exits=0x0/' kvm
refused 'a number that is none' 'kvm.log:5: exits=0x0 is not a number'
with '/name=rdtsc/s/ exits=0//' kvm
refused 'a key that is missing' 'kvm.log:5: .row. record without exits='
with 's/cause=exit_port code=0/cause=triple_fault code=71/' kvm
refused 'a guest that died' 'kvm.log:22: .*cause=triple_fault code=71'
run "$compare" "$logs/kvm.log" "$logs/hv.log"
is 'logs the wrong way round' "$code" 2
run "$compare" /bin/sh "$logs/kvm.log"
is 'not a log at all' "$code" 2
run "$compare" "$tmp/nothing" "$logs/kvm.log"
is 'a log that is not there' "$code" 2
run "$compare" --colour "$logs/hv.log" "$logs/kvm.log"
is 'an unknown option' "$code" 2
run "$compare" "$logs/hv.log"
is 'only one log' "$code" 2
run "$compare" --csv /nowhere/x "$logs/hv.log" "$logs/kvm.log"
is 'a CSV that cannot be written' "$code" 2
run sh -c "'$compare' '$logs/hv.log' '$logs/kvm.log' >/dev/full"
is 'a table that cannot be written' "$code" 2
run "$compare" --help
is 'help' "$code" 0
# 64 bits times 64 bits must not wrap into what was counted.
huge='reps=9223372036854775808 expect_hv=2 expect_kvm=2 exits=0'
with "/name=cpuid/s/reps=64 .* exits=64/$huge/" hv
refused 'an expectation that does not fit 64 bits' 'hv.log:4: .*beyond 64 bits'
finish
