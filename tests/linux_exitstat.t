#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# exitstat's options, on this machine, whose exits nobody counts; and its initramfs.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
exitstat=$build/linux-guest/exitstat
plan 117

refused()
{
	name=$1 pattern=$2
	shift 2
	run "$exitstat" "$@"
	is "$name" "$code" 64
	ok "$name: one line, no output" test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has "$name: says so" "$tmp/err" "$pattern"
}
refused 'an unknown option' '^exitstat: --colour: unknown option' --colour
refused 'an option without its value' '^exitstat: --interval: needs a value' --live --interval
refused 'no interval' '"0" is not from 0.05 to 86400 seconds' --live --interval 0
refused 'an interval that is no number' '"nan" is not' --live --interval nan
refused 'no times' '"0" is not a number from 1' --live --times 0
refused 'an unknown map' '"s22" is none of default, s21, f21, f22' --map s22
refused 'two things at once' 'exclude each other' --live -- true
refused 'an interval of nothing' 'go with --live' --interval 1
refused 'a check in CSV' 'no CSV or JSON' --check --csv
refused 'what is told apart of no reason' '"sleep" is no exit reason' --detail sleep 1
refused 'of a reason that has no numbers' 'nothing tells exits of HLT apart' --detail=12
refused 'of the course' '^exitstat: --detail has no --check' --detail --map f22

run "$exitstat" --help
is 'help' "$code" 0
has 'tells the exit codes' "$tmp/out" '^Exit code: 0;'
run "$exitstat" --version
is 'version' "$code" 0
has 'of output and leaves' "$tmp/out" '^exitstat: output version 1, extension leaves version 1$'
run sh -c '"$1" --help >/dev/full' - "$exitstat"
is 'output that cannot be written' "$code" 1
ok 'it is static' sh -c '! ldd "$1" 2>/dev/null' - "$exitstat"

run "$exitstat" --live
if [ "$code" -eq 3 ]; then
	ok 'no leaves: one line' test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has 'no leaves: why' "$tmp/err" '^exitstat: no leaves of VM-exit accounting: '
	run "$exitstat" -- touch "$tmp/was-run"
	is 'no leaves: no command' "$code" 3
	ok 'it is not run' test ! -e "$tmp/was-run"
else
	for check in line reason command run; do
		skip "no leaves: $check" 'this machine has them'
	done
fi

# On a host: a folder that is like debugfs, of a process that has a name.
kvm=$tmp/debugfs/kvm vm=$$-11
mkdir -p "$kvm/$vm/vcpu0" "$kvm/$vm/vcpu10" "$kvm/$vm/vcpu2" "$kvm/halt_poll"
cat >"$kvm/$vm/exit_acct" <<'END'
exits scope=vm reason=10 name=CPUID count=12 handler=1200 round_trip=2400 min=9 max=11 hist=6:12
exits scope=vm reason=30 name=IO_INSTRUCTION count=5 handler=50 round_trip=60 LOST
exits scope=vm reason=other name=OTHER count=1 handler=5 round_trip=6 min=5 max=5 hist=2:1
exits scope=vm failed_reason=33 name=INVALID_STATE count=1
exits scope=vm synthesised=2
exits scope=vm total=18 handler=1255 round_trip=2466
END
sed -i 's/LOST/handler_lost=2 round_trip_lost=3/' "$kvm/$vm/exit_acct"
sed s/scope=vm/scope=vcpu2/ "$kvm/$vm/exit_acct" >"$kvm/$vm/vcpu2/exit_acct"
echo 'exits scope=vcpu0 total=0 handler=0 round_trip=0' | tee "$kvm/$vm/vcpu0/exit_acct" \
	>"$kvm/$vm/vcpu10/exit_acct"
host() { run "$exitstat" --debugfs "$tmp/debugfs" --vm "$@"; }

refused 'a folder for no host' '^exitstat: --debugfs goes with --vm$' --debugfs /
refused 'no process' '"-1" is neither a process' --vm -1
refused 'a host cannot check' 'goes with --live, --vcpu' --vm all --check
host 4194305
is 'a process without a VM' "$code" 3
has 'says so, and that nobody counts' "$tmp/err" \
	"does not count exits: there is no $kvm/exit_acct_all$"
: >"$kvm/exit_acct_all"
host 4194305
has 'where somebody counts' "$tmp/err" '^exitstat: --vm: process 4194305 has no VM$'
run "$exitstat" --debugfs "$tmp/none" --vm all
is 'no debugfs' "$code" 3
has 'no debugfs: where' "$tmp/err" "there is no folder $tmp/none$"
run "$exitstat" --debugfs "$tmp" --vm all
has 'no KVM' "$tmp/err" "there is no $tmp/kvm: debugfs is not mounted"
host all
is 'a VM' "$code" 0
has 'is named' "$tmp/out" "^VM exits since the VM started: VM $vm, [a-z]*, 3 vCPUs$"
has 'its reasons' "$tmp/out" '^30 IO_INSTRUCTION +5 +27.78 +50 +10 +12$'
has 'what is not known' "$tmp/out" 'the TSC went back: 2 of handlers, 3 of round trips$'
lacks 'and nothing of own reads' "$tmp/out" exitstat
host "$$" --vcpu
has 'vCPUs by their numbers' "$tmp/out" '  vCPU    0  vCPU    2  vCPU   10$'
has 'side by side' "$tmp/out" '^ - OTHER +1 +0 +1 +0$'
host all --csv
is 'CSV' "$(sed -n '2p;$p' "$tmp/out" | paste -sd' ')" \
	"1,$vm,,since_start,,10,CPUID,12,1200,2400,0 1,$vm,,since_start,,total,TOTAL,18,1255,2466,1"
host all --json --vcpu --live --interval 0.05 --times 2
is 'JSON, live, each vCPU' "$(grep -o '"vcpu":[0-9]*,"kind":"interval"' "$tmp/out" | xargs)" \
	"$(printf 'vcpu:%s,kind:interval ' 0 2 10 0 2 10 | sed 's/ $//')"

# Exits told apart: a file of each vCPU.
host all --detail
is 'not told apart' "$code" 3
has 'not told apart: how to have it' "$tmp/err" '^exitstat: --vm: exits .* not told apart: that '\
'takes kvm.ko with detail=Y before the VM starts \(no vCPU has a file exit_detail\)$'
for i in 0 2 10; do
	cat >"$kvm/$vm/vcpu$i/exit_detail" <<END
detail scope=vcpu$i reason=30 name=IO_INSTRUCTION number=66584576 count=$((i + 1)) handler=100
detail scope=vcpu$i reason=30 name=IO_INSTRUCTION number=rest count=1 handler=10
detail scope=vcpu$i lines=2
END
done
host all --detail --csv
is 'told apart: of all vCPUs' "$(paste -sd' ' "$tmp/out")" \
"version,vm,vcpu,kind,seconds,reason,name,number,word,text,count,handler \
1,$vm,,since_start,,30,IO_INSTRUCTION,66584576,out8:0x3f8,OUT 8 bit to 0x3f8 COM1 THR,15,300 \
1,$vm,,since_start,,30,IO_INSTRUCTION,rest,,,3,30 \
1,$vm,,since_start,,other,OTHER,,,,1,5 1,$vm,,since_start,,total,TOTAL,,,,19,335"
host "$$" --detail IO_INSTRUCTION --vcpu --json
is 'told apart: of each' "$(jq -c '[.vcpu, .vm, .rows[].numbers[].count, .rows[].rest.count]' \
	"$tmp/out" | paste -sd' ')" "[0,\"$vm\",1,1] [2,\"$vm\",3,1] [10,\"$vm\",11,1]"

# unreadable NAME SED-SCRIPT PATTERN: with such a table of one vCPU, nothing of the VM is shown.
unreadable()
{
	mv "$kvm/$vm/vcpu0/exit_detail" "$tmp/whole"
	if [ "$2" = folder ]; then
		mkdir "$kvm/$vm/vcpu0/exit_detail"
	else
		sed "$2" "$tmp/whole" >"$kvm/$vm/vcpu0/exit_detail"
	fi
	host all --detail
	is "$1" "$code" 3
	ok "$1: one line, no output" test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has "$1: says so" "$tmp/err" "$3"
	rm -r "$kvm/$vm/vcpu0/exit_detail"
	cp "$tmp/whole" "$kvm/$vm/vcpu0/exit_detail"
}
unreadable 'one that cannot be read' folder 'exit_detail:.* cannot be read: Is a directory$'
unreadable 'a table that is none' 's/count=1 /count=x /' 'exit_detail:1: count=x is not a number'
unreadable 'one that is cut short' '/lines=/d' 'vcpu0/exit_detail:2: cut short: no .* with lines='
unreadable 'one in which a line is missing' 2d 'exit_detail:2: lines are missing: lines=2'
unreadable 'one with a number twice' '1p; s/lines=2/lines=3/' 'exit_detail:4: .* in two places$'
unreadable 'one with a reason that is none' 's/reason=30/reason=4294967326/' 'no number tells'
run timeout 20 "$exitstat" --debugfs "$tmp/debugfs" --vm all --detail --live --csv --times 1 \
	--interval 0.05
is 'live: a whole one' "$code" 0
sed -i '/lines=/d' "$kvm/$vm/vcpu0/exit_detail"
run timeout 20 "$exitstat" --debugfs "$tmp/debugfs" --vm all --detail --live --csv
is 'live: one that is cut short' "$code" 3
cp "$tmp/whole" "$kvm/$vm/vcpu0/exit_detail"
# Some vCPUs are older than detail=Y, among them the first.
rm "$kvm/$vm/vcpu0/exit_detail" "$kvm/$vm/vcpu10/exit_detail"
host all --detail
is 'vCPUs without a table' "$code" 0
has 'are named' "$tmp/out" '^exits not told apart, and left out: vCPU 0, vCPU 10$'
has 'and those of the others are shown' "$tmp/out" '^ +5 .*  total$'
host all --detail --csv
has 'vCPUs without a table: CSV' "$tmp/out" "^1,$vm,,since_start,,untold,VCPUS,,,0 10,,$"
host all --detail --json --live --times 1 --interval 0.05
has 'JSON' "$tmp/out" '"kind":"interval".*,"untold":\[0,10\],"total":'
rm "$kvm/$vm/vcpu2/exit_detail"

# between CHANGE OPTIONS...: an interval, and CHANGE comes when the first of its two readings has
# seen which VMs and vCPUs there are, and waits for the VM's counters.
between()
{
	change=$1
	shift
	mkfifo "$tmp/fifo"
	mv "$kvm/$vm/exit_acct" "$tmp/text"
	mv "$tmp/fifo" "$kvm/$vm/exit_acct"
	# If it does not come that far, somebody has to read what is written.
	(timeout 60 "$exitstat" --debugfs "$tmp/debugfs" --vm all --csv --live --interval 0.05 \
		--times 1 "$@" >"$tmp/out"
	cat "$kvm/$vm/exit_acct" >"$tmp/rest") &
	exec 4>"$kvm/$vm/exit_acct"
	cp "$tmp/text" "$tmp/second"
	$change
	mv "$tmp/second" "$kvm/$vm/exit_acct"
	cat "$tmp/text" >&4
	exec 4>&-
	wait $!
	mv "$tmp/text" "$kvm/$vm/exit_acct"
}
vcpu_comes() { cp -r "$kvm/$vm/vcpu0" "$kvm/$vm/vcpu1"; }
other_vm()
{
	sed -n '1s/=12 /=3 /p; s/total=18/total=3/p' "$tmp/text" >"$tmp/second"
}
between vcpu_comes --vcpu
rm -r "$kvm/$vm/vcpu1"
is 'a vCPU comes in front of others' \
	"$(sed -n 's/.*,\([0-9]*\),interval.*,TOTAL,\([0-9]*\),.*/\1:\2/p' "$tmp/out" |
		paste -sd' ')" '0:0 1:0 2:0 10:0'
between other_vm
is 'another VM gets the names of one that goes' \
	"$(sed -n 's/.*,interval.*,TOTAL,\([0-9]*\),.*/\1/p' "$tmp/out")" 3

# The name that a QEMU has been told: one that says that it is there, and waits for a line until it
# is killed.
mkfifo "$tmp/fifo" "$tmp/up"
exec 3<>"$tmp/fifo"
sh -c 'echo >"$0"; read -r line' "$tmp/up" -name 'guest=debian "13",debug-threads=on' -m 1G \
	<&3 3<&- &
qemu=$!
timeout 60 cat "$tmp/up" >/dev/null
mv "$kvm/$vm" "$kvm/$qemu-9"
host "$qemu"
kill $qemu
exec 3<&-
has "QEMU's name for it" "$tmp/out" ": VM $qemu-9, debian__13_, 3 vCPUs$"

# What ends the VM, on a machine that shall not end.
for code in '' x 256 -1 7x; do
	run "$build/linux-guest/vmexit" ${code:+"$code"}
	is "vmexit ${code:-without a code}" "$code" 64
done
nobody=''
[ "$(id -u)" -ne 0 ] || nobody='setpriv --reuid 65534'
# shellcheck disable=SC2086 # words are meant
run $nobody "$build/linux-guest/vmexit" 0
is 'vmexit that may not use the port' "$code" 1
has 'says so' "$tmp/err" '^vmexit: port 0xf4: .'

# Twice the same: nothing of the day or the folder gets into the archive.
mkdir "$tmp/build"
ln -s "$(realpath "$build/packages")" "$tmp/build/packages"
run env BUILD="$tmp/build" guest/linux/initrd.sh "$tmp/initrd.cpio" "$exitstat" \
	"$build/linux-guest/vmexit"
is 'an initramfs is made' "$code" 0
ok 'the same bytes again' cmp "$tmp/initrd.cpio" "$build/linux-guest/initrd.cpio"
run cpio --quiet -it <"$tmp/initrd.cpio"
for member in init bin/busybox bin/cpuid bin/exitstat bin/vmexit bin/sh; do
	has "it has $member" "$tmp/out" "^$member$"
done
finish
