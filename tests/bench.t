#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# make bench: the tools' arithmetic, and a bench of one boot of each and few rows; with LONG of
# two. Nothing here depends on how long anything takes.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 46

bench=$build/tools/bench
path=$build/tools/path

# a_log FILE TARGET EXITS HANDLER...: a log with one sample of row x for each HANDLER.
a_log()
{
	file=$tmp/$1 target=$2 exits=$3
	shift 3
	{
		echo "log version=1 target=$target machine=bochs clock=emulated accounting=yes"
		echo "guest version=1 target=$target leaves=default abi=1"
		for handler; do
			echo "row name=x reason=10 kind=sync reps=1 expect_hv=1 expect_kvm=1" \
				"exits=$exits handler=$handler round_trip=$((2 * handler))" \
				"tsc=$((3 * handler)) other=0 check=ok"
		done
		echo "done rows=$# failed=0"
		echo "end target=$target cause=exit_port code=0"
	} >"$file"
}

# Two logs, five samples, out of order; two exits for each.
a_log a hv 2 30 10 50
a_log b hv 2 20 40
run "$bench" --csv "$tmp/csv" "hv=$tmp/a" "hv=$tmp/b"
is 'two logs of hv' "$code" 0
header='version,clock,row,reason,reason_name,kind,target,measure,per,samples,min,median,p99,max'
is 'the CSV names its columns' "$(head -n 1 "$tmp/csv")" "$header"
x='1,emulated,x,10,CPUID,sync,hv'
has 'handler, per exit' "$tmp/csv" "^$x,handler,exit,5,5.0,15.0,25.0,25.0\$"
has 'round trip, per exit' "$tmp/csv" "^$x,round_trip,exit,5,10.0,30.0,50.0,50.0\$"
has 'guest, per repetition' "$tmp/csv" "^$x,guest,repetition,5,30.0,90.0,150.0,150.0\$"
is 'and nothing else' "$(wc -l <"$tmp/csv")" 4
# shellcheck disable=SC2046 # words are meant
a_log c hv 1 $(seq 1 200)
run "$bench" --csv "$tmp/csv" "hv=$tmp/c"
has 'p99 of 200 is the 198th' "$tmp/csv" "^$x,handler,exit,200,1.0,100.0,198.0,200.0\$"
a_log d kvm - 7
sed 's/handler=7 round_trip=14/handler=- round_trip=-/' "$tmp/d" >"$tmp/unpatched"
run "$bench" --csv "$tmp/csv" "kvm-unpatched=$tmp/unpatched"
is 'a log without counts' "$code" 0
is 'has the guest'\''s clock only' "$(cut -d, -f 8 "$tmp/csv" | paste -sd' ' -)" 'measure guest'
run "$bench" "kvm-patched=$tmp/unpatched"
is 'but only of KVM unpatched' "$code" 2
has 'says what is missing' "$tmp/err" ':3: .*exits=-'
run "$bench" "kvm-patched=$tmp/a"
is 'hv is not KVM' "$code" 2
head -n 4 "$tmp/a" >"$tmp/cut"
run "$bench" "hv=$tmp/cut"
is 'a log cut short' "$code" 2
has 'no record' "$tmp/err" 'cut short: no .done. record'
sed 's/check=ok/check=fail/' "$tmp/a" >"$tmp/failed"
run "$bench" "hv=$tmp/failed"
is 'a row that failed' "$code" 2
run "$bench" "hv=$tmp/none"
is 'no log' "$code" 2
run "$bench" "other=$tmp/a"
is 'no such subject' "$code" 2

# A trace by hand: two exits in one row, of which the first is of an earlier repetition.
cat >"$tmp/hv.nm" <<-EOF
	0000000000001000 T vm_exit_stub
	0000000000002000 T vm_exit
	0000000000002100 t handle_it
EOF
cat >"$tmp/guest.nm" <<-EOF
	0000000000001000 T repeat
	0000000000001100 T op_x
EOF
step() { echo "(0).[1] [0x$1] 0008:000000000000$2 (unk. ctxt): $3 ; $4"; }
an_exit()
{
	step 000000001000 1000 'push r15' 4157
	step 000000002000 2000 'vmread rcx, rcx' 0f78c9
	step 000000002003 2003 'call .+16  (0x00002018)' e810000000
	step 000000002008 2008 'call qword ptr ds:[rax*8+1]' ff14c540841000
	step 000000002100 2100 'vmread rax, rcx' 0f78c1
	# Another processor does what it wants.
	step 000000002100 2100 'vmread rax, rcx' 0f78c1 | sed 's/^(0)/(1)/'
	[ "$1" = short ] || step 000000002103 2103 'vmwrite rax, rcx' 0f79c1
	step 000000002106 2106 ret c3
	step 00000000200f 200f ret c3
	step 000000001010 1010 vmresume 0f01c3
}
repetition()
{
	# The guest's stub-like address is another one of the machine's.
	step 000000201000 1000 'call rbx' ffd3
	step 000000201100 1100 cpuid 0fa2
	an_exit "$1"
	step 000000201102 1102 ret c3
	step 000000201002 1002 nop 90
}
{ step 000000001010 1010 vmlaunch 0f01c2; repetition long; repetition short; an_exit long; } \
	>"$tmp/trace"
run sh -c '"$1" "$2/hv.nm" "$2/guest.nm" <"$2/trace"' - "$path" "$tmp"
is 'a trace' "$code" 0
is 'has one row, and of that the last repetition' "$(tail -n +2 "$tmp/out")" \
	'x,handle_it,1,2,0,4,2,2'
run sh -c '"$1" "$2/hv.nm" "$2/guest.nm" </dev/null' - "$path" "$tmp"
is 'an empty trace' "$code" 2
run sh -c '"$1" "$2/guest.nm" "$2/hv.nm" <"$2/trace"' - "$path" "$tmp"
is 'no hv in the symbols' "$code" 2

boots=1
! long || boots=2
run env BENCH_BOOTS=$boots BENCH_ROUNDS=2 BENCH_ROWS=cpuid,in8,sgdt boot/bench "$tmp/bench" "$guest"
is 'a small bench' "$code" 0
csv=$tmp/bench/bench.csv
# A row that exits: three measures on three subjects, one on KVM unpatched.
is 'CSV: lines' "$(wc -l <"$csv")" $((1 + 10 + 10 + 4))
is 'CSV: columns' "$(awk -F, 'NF != 14' "$csv")" ''
is 'CSV: two samples of each boot' "$(awk -F, -v n=$((2 * boots)) 'NR > 1 && $10 != n' "$csv")" ''
is 'CSV: in order' "$(awk -F, 'NR > 1 && !($11 <= $12 && $12 <= $13 && $13 <= $14)' "$csv")" ''
is 'CSV: a round trip is longer than its handler' "$(awk -F, '
	$8 == "handler" { h[$3 $7] = $12 } $8 == "round_trip" && $12 <= h[$3 $7]' "$csv")" ''
for subject in hv kvm-unpatched kvm-patched kvm-traced; do
	has "CSV: $subject" "$csv" "^1,emulated,in8,30,IO_INSTRUCTION,sync,$subject,guest,"
done
for row in cpuid in8 sgdt; do
	has "table: $row" "$tmp/out" "^$row  .* hv  "
done
ok 'what is printed is the table' cmp "$tmp/out" "$tmp/bench/table.txt"
lacks 'sgdt does not exit' "$csv" '^1,emulated,sgdt,.*,handler,'
paths=$tmp/bench/paths.csv
has 'path: CPUID' "$paths" '^cpuid,handle_cpuid,1,[1-9][0-9]*,[0-9]*,[1-9][0-9]*,[1-9][0-9]*,[1-9]'
has 'path: IN' "$paths" '^in8,handle_io,1,[1-9]'
lacks 'path: none of SGDT' "$paths" '^sgdt'
has 'the chart is an SVG' "$tmp/bench/chart.svg" '<svg '
has 'with its unit' "$tmp/bench/chart.svg" 'emulated ticks per repetition'
has 'and its rows' "$tmp/bench/chart.svg" 'in8'
has 'progress is on stderr' "$tmp/err" "boot $((1 + 4 * boots)) of $((1 + 4 * boots))"
run env BENCH_BOOTS=none boot/bench "$tmp/bench" "$guest"
is 'no number of boots' "$code" 64
run env BENCH_BOOTS=1 BENCH_ROWS=no_such_row boot/bench "$tmp/bench" "$guest"
is 'no such row' "$code" 2
ok 'leaves no table' test ! -e "$tmp/bench/table.txt"
finish
