#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# make boot-report: the tool's arithmetic on logs by hand, what it refuses, and a
# report of one kind of boot. Nothing here depends on how long anything takes.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 87

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

# counted FOLDER TARGET LAST-LINE CAUSE CPUIDS-OF-LEAF-4 OF-IT-SUBLEAF-1 REST BYTES: a boot with its
# exits told apart, up to that line; the shell's is line 3.
counted()
{
	mkdir -p "$boots/$1"
	log=$boots/$1/$2.log
	: >"$boots/$1/$2.console"
	{
		echo "log version=1 target=$2 machine=bochs clock=emulated accounting=yes"
		echo '[    0.000000] Linux version 6.12'
		[ "$3" -lt 3 ] || echo 'lab: shell'
		echo "detail scope=vcpu0 reason=10 name=CPUID number=17179869184 count=$5 handler=1"
		echo "detail scope=vcpu0 reason=10 name=CPUID number=17179869185 count=$6 handler=1"
		echo "detail scope=vcpu0 reason=10 name=CPUID number=rest count=$7 handler=1"
		echo "detail scope=vcpu0 reason=30 name=IO_INSTRUCTION number=66584576 count=$8" \
			'handler=1'
		echo 'detail scope=vcpu0 lines=4'
		totals $(($5 + $6 + $7)) 3 "$8" 1
		echo 'at line=2 tsc=2500000'
		[ "$3" -lt 3 ] || echo 'at line=3 tsc=9000000'
		echo "ran begin=1000000 end=$((9000000 + $3 * 100000))"
		echo "end target=$2 cause=$4 code=0"
	} >"$log"
}
fresh_numbers()
{
	rm -rf "$boots"
	counted numbers hv 4 exit_port 40 20 3 600
	counted until-2 hv 2 line 10 2 1 100
	counted until-6 hv 3 line 20 12 3 500
	counted numbers kvm 4 exit_port 40 20 3 610
	counted until-2 kvm 2 line 10 2 1 100
	counted until-6 kvm 3 line 20 12 3 500
}
fresh_numbers
run "$tool" --lines "$boots"
is 'where phases begin, in lines' "$(cat "$tmp/out")" 'until-2 hv 0002
until-6 hv 0003
until-2 kvm 0002
until-6 kvm 0003'
run "$tool" "$boots"
is 'exits told apart' "$code" 0
has 'the first phase is what was counted at its end' "$tmp/out" \
	'^1 decompression: 113 exits on hv, 113 on KVM$'
has 'the next one what was counted since' "$tmp/out" \
	'^2 early console: 422 exits on hv, 422 on KVM$'
has 'the last one what the whole boot has more' "$tmp/out" \
	'^6 shell: 128 exits on hv, 138 on KVM$'
has 'a port, and its share of the phase' "$tmp/out" \
	'^  OUT 8 bit to 0x3f8 .* 400 +94\.8 % +400 +94\.8 %$'
has 'where only one has more' "$tmp/out" '^  OUT 8 bit to 0x3f8 .* 100 .* 110 .* \+10$'
has 'subleaves of a leaf together' "$tmp/out" '^  leaf 0x4: .* 28 +21\.9 % +28 '
has 'what has no place is not left out' "$tmp/out" '^  no place in the table +2 '
sed -i 's/tsc=2500000/tsc=2500001/' "$boots/until-6/hv.log"
run "$tool" "$boots"
has 'not the same boot: no phases' "$tmp/out" '^Two boots of this machine are not the same'
has 'but the whole' "$tmp/out" '^  OUT 8 bit to 0x3f8 .* 600 .* 610 '
fresh_numbers
sed -i 's/cause=line/cause=exit_port/' "$boots/until-2/kvm.log"
run "$tool" "$boots"
has 'one that went on behind its line' "$tmp/err" 'until-2/kvm.log:.*cause=exit_port'
fresh_numbers
sed -i '/number=rest/d' "$boots/numbers/hv.log"
run "$tool" "$boots"
has 'a record that is missing' "$tmp/err" 'numbers/hv.log:7: lines are missing'

# What a remedy saves is the difference of two boots, which may be none.
fresh
mv "$boots/profile" "$boots/quiet"
cp -r "$boots/quiet" "$boots/xapic"
sed -i -e 's/count=10 handler=1000/count=34 handler=2000/' \
	-e 's/total=24 handler=3000/total=48 handler=4000/' "$boots/xapic/hv.log"
run "$tool" "$boots"
has 'a remedy' "$tmp/out" '^x2APIC +48 +24, 50\.0 % +25 % +26 +0, 0\.0 % +0 %$'
mkdir "$boots/kvm-clock"
mv "$boots"/xapic/kvm.* "$boots/kvm-clock"
rm -r "$boots/xapic"
run "$tool" "$boots"
has 'one that hv has not' "$tmp/out" '^kvm-clock, the TSC trusted +- +- +- +26 +0, 0\.0 % +0 %$'
rm -r "$boots/quiet"
run "$tool" "$boots"
is 'and nothing else' "$code" 2

# It ends with the line, and not before or behind it.
for target in hv kvm; do
	run boot/run $target --quiet --until-line 0008 --out "$tmp/line" "$build/guest/guest.elf"
	log=$tmp/line/$target.log
	is "$target: a line ends the guest" "$(tail -n 1 "$log" | tr -d '\r')" \
		"end target=$target cause=line code=0"
	is "$target: that one" "$(tr -d '\r' <"$log" | sed -n '/^at /h;${x;s/ tsc.*//;p}')" \
		'at line=8'
done

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
