#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# make boot-report: the tool's arithmetic on logs by hand, what it refuses, and a
# report of one kind of boot. Nothing here depends on how long anything takes.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 67

tool=$build/tools/boot_report
boots=$tmp/boots

# A report of TOTAL exits at TSC, printed until END: CPUID's and I/O's.
a_report() # TOTAL TSC END CPUIDS IOS
{
	echo "=== VM exits: total=$1 tsc=$2 ==="
	echo "VM exit 10 (CPUID): $4"
	echo "VM exit 30 (I/O instruction): $5"
	echo "=== VM exits: end tsc=$3 ==="
}

totals() # CPUIDS HANDLER IOS HANDLER
{
	echo "exits scope=vm reason=10 name=CPUID count=$1 handler=$2" \
		"round_trip=$((2 * $2)) min=1 max=9"
	echo "exits scope=vm reason=30 name=IO_INSTRUCTION count=$3 handler=$4" \
		"round_trip=$((2 * $4)) min=1 max=9"
	echo "exits scope=vm total=$(($1 + $3)) handler=$(($2 + $4)) round_trip=$((2 * ($2 + $4)))"
}

# Ten million ticks of life: the first report takes no time, the second one 1 million
# up to its last line. hv's are among the guest's lines, KVM's in the kernel's log.
an_hv_log()
{
	echo 'log version=1 target=hv machine=bochs clock=emulated accounting=yes'
	echo 'hv: mem=128MiB'
	a_report 10 2000000 2000000 8 2
	echo '[    0.000000] Linux version 6.12'
	echo '[    0.000000] APIC: Switch to symmetric I/O mode setup'
	a_report 20 4000000 5000000 8 12
	echo '[    0.300000] devtmpfs: initialized'
	echo '[    0.500000] Run /init as init process'
	echo 'lab: init'
	echo 'lab: shell'
	totals 10 1000 14 2000
	for at in 7:2500000 8:3500000 13:6000000 14:7000000 15:7500000 16:9000000; do
		echo "at line=${at%:*} tsc=${at#*:}"
	done
	echo 'ran begin=1000000 end=11000000'
	echo 'end target=hv cause=exit_port code=0'
}

a_kvm_log()
{
	echo 'log version=1 target=kvm machine=bochs clock=emulated accounting=yes'
	echo '[    0.000000] Linux version 6.12'
	echo 'lab: shell'
	totals 12 20000 14 4000
	echo 'at line=2 tsc=100002500000'
	echo 'at line=3 tsc=100009000000'
	echo 'ran begin=100001000000 end=100011000000'
	echo 'end target=kvm cause=exit_port code=0'
}

a_kernel_log()
{
	echo '[    0.000000] Linux version 6.12, this one the host'
	{ a_report 10 100002000000 100002000000 8 2; a_report 20 100004000000 100004000000 8 12; } |
		sed 's/^/[    5.000000] kvm [27]: /'
	echo '[    6.000000] reboot: Power down'
}

# fresh: the logs of a profile that is good.
fresh()
{
	rm -rf "$boots" "$tmp/charts"
	mkdir -p "$boots/profile" "$tmp/charts"
	an_hv_log >"$boots/profile/hv.log"
	a_kvm_log >"$boots/profile/kvm.log"
	a_kernel_log >"$boots/profile/kvm.console"
}

fresh
run "$tool" --data "$tmp/charts" "$boots"
is 'the data of a profile' "$code" 0
is 'prints nothing' "$(wc -c <"$tmp/out")" 0
# The report's last line is as long as its share of the bytes.
body=$(a_report 20 4000000 5000000 8 12 | sed '$d' | wc -c)
last=$(a_report 20 4000000 5000000 8 12 | tail -n 1 | wc -c)
printed=$((1000000 + 1000000 * last / body))
end=$((10000000 - printed))
is 'hv: exits over guest time, by reason, most frequent first' "$(cat "$tmp/charts/hv.samples")" \
"0.000000 0 0 0
1.000000 2 10 10
3.000000 12 20 20
$((end / 1000000)).$(printf %06d $((end % 1000000))) 14 24 24"
is 'KVM: the same, without any pause' "$(cat "$tmp/charts/kvm.samples")" \
'0.000000 0 0 0
1.000000 2 10 10
3.000000 12 20 20
10.000000 14 26 26'
is 'hv: rates' "$(cut -d' ' -f 3 "$tmp/charts/hv.rates" | head -n 2 | tr '\n' ' ')" '10.000 5.000 '
has 'the mean rate' "$tmp/charts/plots" '^kvm_mean = 2\.600000$'
# Beside 2.5 million: a quarter of the time, but the whole of the first line's bytes.
has 'hv: where decompression ends' "$tmp/charts/plots" '^hv_phase\[1\] = "0\.000000 1\.500000 '
has 'KVM: two phases and no others' "$tmp/charts/plots" '^kvm_phases = 3$'
is 'each phase ends where the next one begins' "$(tr -d '"' <"$tmp/charts/plots" |
	awk '/^hv_phase\[/ { if (end && $3 != end) print; end = $4 }')" ''
is 'hv: all six' "$(grep -c '^hv_phase\[' "$tmp/charts/plots")" 6

run "$tool" "$boots"
is 'the summary' "$code" 0
has 'exits of the whole life' "$tmp/out" '^hv  .* 24  '
has 'a phase that was not seen' "$tmp/out" '^3 timers .* not seen$'
has 'share of exits and of time' "$tmp/out" '^30 I/O instruction +14 +58\.3 % +66\.7 %'
has 'outside: round trips of the life' "$tmp/out" '^console, sampled +24 .* 26 .* 0\.5 %$'
has 'no more exits, a fifth of the ticks' "$tmp/out" \
	'^console, sampled .* yes +92\.3 % +yes +12\.5 %$'
has 'half of the exits' "$tmp/out" '^KVM: .* half of all exits fall into 16\.0 %'

fresh
: >"$boots/profile/kvm.console"
run "$tool" "$boots"
has 'a boot without a sample' "$tmp/out" '^KVM +[0-9]+ +- +26 '

# Twice as many of hv's exits and time: both verdicts turn.
fresh
sed -i -e 's/count=10 handler=1000/count=30 handler=9000/' \
	-e 's/total=24 handler=3000/total=44 handler=11000/' "$boots/profile/hv.log"
run "$tool" "$boots"
has 'more exits, more ticks' "$tmp/out" '^console, sampled .* no +169\.2 % +no +45\.8 %$'

# refused NAME FILE LINE PATTERN SED-EXPRESSION...: a log with that change.
refused()
{
	name=$1 file=$2 line=$3 pattern=$4
	shift 4
	fresh
	sed -i "$@" "$boots/profile/$file"
	run "$tool" --data "$tmp/charts" "$boots"
	is "$name" "$code" 2
	has "$name: file and line" "$tmp/err" "^boot_report: .*profile/$file:$line: .*$pattern"
	ok "$name: no data" test ! -e "$tmp/charts/plots"
}
refused 'cut in a line' hv.log 3 'no end' -z 's/total=10.*/total/'
refused 'cut in a report' hv.log 5 'without its end' '6,$d'
refused 'cut before the end' hv.log 26 'no .end. record' '$d'
refused 'no totals' kvm.log 3 'no .exits scope=vm total. record' '4,$d'
refused 'a report that does not add up' hv.log 6 '10 exits .* add up to 11' '4s/8/9/'
refused 'a report that goes back' kvm.console 6 'after one of 10' '6s/total=20/total=9/'
refused 'a reason beyond the table' kvm.console 3 'beyond the table' '3s/exit 10/exit 500/'
refused 'a count that is none' hv.log 5 'without a count' '5s/: .*/:/'
refused 'a count beyond 64 bits' hv.log 5 'without a count' '5s/: .*/: 99999999999999999999/'
refused 'another target' hv.log 1 'target=kvm' '1s/target=hv/target=kvm/'
refused 'a guest that died' hv.log 27 'cause=triple_fault' '$s/exit_port/triple_fault/'
refused 'totals that do not add up' kvm.log 10 'add up to 25' 's/count=14/count=13/'
fresh
rm "$boots/profile/kvm.log"
run "$tool" "$boots"
is 'one target alone' "$code" 2
run "$tool" "$tmp/charts"
is 'no boots at all' "$code" 2
run "$tool" --page "$tmp/page" "$boots"
is 'a page without charts' "$code" 2

# A boot of each target, charts and page.
run env BOOT_SCENARIOS=profile boot/boot-report "$tmp/report" "$build/linux/bzImage" \
	"$build/linux-guest/initrd.cpio"
is 'a small boot report' "$code" 0
page=$tmp/report.html
is 'every phase was seen on both' "$(grep -c 'not seen' "$tmp/out")" 0
has 'hv needs no more exits than KVM, and a fifth of the time in handlers' "$tmp/out" \
	'^console, sampled +yes .* yes '
lacks 'the page needs no other file' "$page" "(src|href)=['\"]?[^#'\"]|url\(|@import|<script"
is 'two charts, wide and narrow' "$(grep -c '<svg ' "$page")" 4
has 'axes have units' "$page" 'guest time since the first VM entry, million ticks'
ok 'it is one whole page' sh -c 'tail -n 1 "$1" | grep -q "</html>"' - "$page"
is 'exits in the samples are those of the end' \
	"$(tail -n 1 "$tmp/report/charts/hv.samples" | sed 's/.* //')" \
	"$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$tmp/report/boots/profile/hv.log")"
run env BOOT_SCENARIOS=nonsense boot/boot-report "$tmp/report" x y
is 'no such kind of boot' "$code" 64
finish
