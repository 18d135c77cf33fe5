#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# However a run ends that should not: what the guest, hv or the runner said of it is in
# the message of whoever ran it or wanted to read its log.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
logs=tests/compare

# Which line it is

# said NAME WANTED LINES: printf's format, a log's last lines
said()
{
	printf "log version=1 target=hv\nhv: RDMSR of MSR 0x140\nguest says this\n$3" >"$tmp/log"
	run "$build/tools/said" "$tmp/log"
	is "$1" "$(cat "$tmp/out")" "$2"
}
end='exits scope=vm total=9\nran begin=1 end=2\nend target=hv cause=error code=1\n'
said 'nothing' '' "$end"
said 'the guest' 'guest: no such row: foo' "guest: no such row: foo\n$end"
said 'the last one' 'hv: time limit' "guest: do=x\nhv: RDMSR\nhv: time limit\n$end"
said 'dumps come after it' 'hv: gone' \
	"hv: gone\nhv:  RAX=0x1 RBX=2\nhv:(RSP)=0x1\nhv: vmcs field=A value=0 rule=\"b c\"\n$end"
said 'and those of the runner' 'runner: gone' \
	"runner: gone\nrunner: cs=0x8 l=1\nrunner: code=0x1 physical=0x2: cc\nstats value=1\n$end"
said 'a value that is wrong is no dump' 'hv: mem=x is not a number from 4 to 8' \
	"hv: mem=x is not a number from 4 to 8\n$end"
said 'a report comes after it' 'hv: gone' \
	"hv: gone\n=== VM exits: total=1 tsc=1 ===\nVM exit 10 (CPUID): 1\n$end"
said 'the guest went on' '' "guest: a note\nrow name=a\n$end"
said 'a panic' 'Kernel panic - not syncing: No init' \
	"[ 1.2] Kernel panic - not syncing: No init\n[ 1.3] Call trace\nhv: vmcs a=b\n$end"
said 'cut short' 'hv: gone' 'hv: gone\nexits scope'
run "$build/tools/said"
is 'no log' "$code" 64

# Who reads logs says it: the tools that need one of a run that came through

sed '/^done/,$d' "$logs/hv.log" >"$tmp/hv.log"
sed 's/^end.*/end target=kvm cause=triple_fault code=71/' "$logs/kvm.log" >"$tmp/kvm.log"
echo 'hv: it broke' >>"$tmp/hv.log"
sed -i 's/^end/runner: triple fault\nend/' "$tmp/kvm.log"
run "$build/tools/compare" "$tmp/hv.log" "$logs/kvm.log"
has 'compare: cut short' "$tmp/err" 'no .done. record up to here: hv: it broke$'
run "$build/tools/compare" "$logs/hv.log" "$tmp/kvm.log"
has 'compare: a guest that died' "$tmp/err" 'code=71: runner: triple fault$'
run "$build/tools/bench" hv="$tmp/hv.log"
has 'bench' "$tmp/err" 'no .done. record up to here: hv: it broke$'
run "$build/tools/witness" "$tmp/hv.log" "$tmp/none"
has 'witness' "$tmp/err" 'no .end. record up to here: hv: it broke$'
run "$build/tools/nesting" x "$tmp/hv.log" "$tmp/none"
has 'nesting' "$tmp/err" 'no .done. record up to here: hv: it broke$'
mkdir -p "$tmp/boots/quiet"
grep '^hv\|^log' "$tmp/hv.log" >"$tmp/boots/quiet/hv.log"
sed -i 's/target=kvm/target=hv/' "$tmp/boots/quiet/hv.log"
run "$build/tools/boot_report" "$tmp/boots"
has 'boot-report' "$tmp/err" 'no .exits scope=vm total. record up to here: hv: it broke$'

# Real ends; what boot/run says of others is where they are (told, in lib.sh)

on hv --quiet --ticks 150 --cmdline 'rows=pause reps=4000000000' "$guest"
is 'no end at all' "$code" 124
run make --no-print-directory BUILD="$build" compare CMDLINE=rows=foo
is 'make compare of a guest that refuses a word' "$code" 2
has 'compare names the word' "$tmp/err" '^compare: .*hv.log:.* guest: no such row .*: foo$'
for target in hv kvm; do
	has "and so does the run on $target" "$tmp/err" \
		"^run: $target: .* code=64: guest: no such row .*: foo$"
done
plan "$test_nr"
finish
