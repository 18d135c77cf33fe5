#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# An unmodified Linux under the runner: from its first instruction to the shell and to
# the exit port, every exit counted alike by four; the ends that a Linux can come to;
# files that are none. LONG brings what others show: a reboot, which a panic is too; somebody who
# types when the shell waits (input.t: before); and the same bytes from the same boot (linux_hv.t).
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
linux=$build/linux/bzImage
initrd=$build/linux-guest/initrd.cpio

# boot FOLDER OPTIONS...: a Linux on KVM in a folder of its own
boot()
{
	out=$tmp/$1
	shift
	mkdir -p "$out"
	boot/run kvm --quiet --report 0 --out "$out" "$@" "$linux" 2>"$out/err"
}

# ended NAME FOLDER CAUSE CODE: how that boot ended
ended()
{
	log=$tmp/$2/kvm.log
	is "$1: the last record" "$(tail -n 1 "$log" | tr -d '\r')" \
		"end target=kvm cause=$3 code=$4"
	is "$1: boot/run says it" "$(tail -n 1 "$tmp/$2/err" | sed "s/code=$4: .*/code=$4/")" \
		"run: kvm: target=kvm cause=$3 code=$4"
	has "$1: counts are printed" "$log" '^exits scope=vm total=[1-9][0-9]{3,} '
}

quiet='console=ttyS0 quiet panic=-1'
boot twice --initrd "$initrd" --append 'console=ttyS0 lab.run=false' --exits "$tmp/exits" --trace \
	--detail &
boot halt --initrd "$initrd" --append "$quiet rdinit=/bin/halt -- -f"
wait
boot panic --append "$quiet" &
boot limit --initrd "$initrd" --append "$quiet rdinit=/bin/sleep -- 1000" --guest-limit 16
wait

# To the shell

ended 'shell' twice exit_port 1
has 'the machine has no I/O APIC' "$log" 'Command line: noapic console=ttyS0 lab.run=false'
has 'the APIC stays in x2APIC mode' "$log" 'x2apic: enabled by BIOS'
has 'COM1 is what it is' "$log" 'ttyS0 at I/O 0x3f8 \(irq = 4, base_baud = 115200\) is a 16550A'
has 'the frequency comes from CPUID' "$log" 'tsc: Detected [0-9.]+ MHz (processor|TSC)'
has 'it is where time comes from' "$log" 'clocksource: Switched to clocksource tsc.?$'
lacks 'not from what hv has not' "$log" 'kvm-clock'
has 'the clock is set' "$log" 'rtc_cmos'
has 'init' "$log" '^lab: init'
has 'the shell' "$log" '^lab: shell'
has 'and what it ended with' "$log" '^lab: end code=1'
lacks 'no trouble on the way' "$log" 'WARNING:|BUG:|Call Trace'

# Counted by the patch, by the emulated processor, by the tracepoint, by KVM's statistics

"$build/tools/witness" --count <"$tmp/exits" >"$tmp/emulator"
run "$build/tools/witness" --detail "$log" "$tmp/emulator"
is 'four agree on every exit of the boot' "$code" 0
has 'and on its port, register, MSR, leaf, vector and page' "$tmp/out" \
	'^all [1-9][0-9]{3,} counts and sums are equal$'
has 'by two witnesses, where there are two' "$tmp/out" \
	'^ +32  MSR_WRITE +[0-9]+ numbers +([0-9]+) +\1 +\1  equal$'
has 'for each reason' "$tmp/out" '^all [0-9]+ comparisons are equal'
lacks 'without exception' "$tmp/out" 'differs'
total=$(tr -d '\r' <"$log" | sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p')
ok "and these were many ($total)" test "$total" -gt 20000
for reason in 1 7 10 28 30 31 32 48 52; do
	has "reason $reason is among them" "$log" "^exits scope=vm reason=$reason "
done

# Other ends

ended 'halt' halt stuck 71
has 'halt: says so' "$log" '^runner: the guest halted, and nothing can wake it'
ended 'panic' panic reset 73
has 'panic: the kernel says why' "$log" 'Kernel panic - not syncing'
ended 'a guest that goes on and on' limit time_limit 124
has 'the limit is named' "$log" '^runner: time limit: the guest has run for 16 seconds'
has 'it had nothing to do' "$log" '^exits scope=vm reason=12 name=HLT '

# What others show too

if long; then
	boot reboot --initrd "$initrd" --append "$quiet rdinit=/bin/reboot -- -f" &
	boot same --initrd "$initrd" --append "$quiet rdinit=/bin/halt -- -f"
	wait
	ended 'reboot' reboot reset 73
	ok 'two boots are the same, byte for byte' cmp "$tmp/halt/kvm.log" "$tmp/same/kvm.log"

	# Somebody types, then what ends the shell
	until_seen()
	{
		for _ in $(seq 600); do
			! grep -aq "$1" "$tmp/typed/kvm.log" 2>/dev/null || return 0
			sleep 0.1
		done
	}
	mkfifo "$tmp/keys"
	{
		exec 9>"$tmp/keys"
		until_seen '^lab: shell'
		sleep 1
		echo 'echo typed $((6*7)) and no byte' >&9
		until_seen '^typed 42'
		echo 'exit 9' >&9
		until_seen '^end '
	} &
	boot typed --initrd "$initrd" --append "$quiet" --input <"$tmp/keys"
	wait
	ended 'typed' typed exit_port 9
	has 'nothing of it was lost' "$log" '^typed 42 and no byte'
fi

# Files that are none: one line says so before any machine runs

head -c 300000 "$linux" >"$tmp/cut"
sed 's/HdrS/HdrX/' "$linux" >"$tmp/magic"
: >"$tmp/empty"
while IFS='|' read -r arguments text; do
	words=$(echo "$arguments" |
		sed "s,LINUX,$linux,; s,GUEST,$guest,; s,INITRD,--initrd $initrd,; s,TMP,$tmp,g")
	# shellcheck disable=SC2086 # words are meant
	run timeout 20 "$build/vmm/runner" $words
	is "refused: $text" "$code" 65
	ok 'one line says why' test "$(wc -l <"$tmp/err")" -eq 1
	ok 'by name' grep -qF -e "$text" "$tmp/err"
done <<'LIST'
TMP/cut|/cut: syssize reaches beyond the end of the file: it is truncated
TMP/magic|/magic: header is not "HdrS"
--mem 16 LINUX|bzImage: pref_address is outside guest memory
--mem 26 INITRD LINUX|bzImage: init_size is more than guest memory has room for
--mem 34 INITRD LINUX|initrd.cpio: initrd size is more than guest memory has room for behind
--initrd TMP/none LINUX|/none: No such file
--initrd TMP/empty LINUX|/empty: initrd size is nothing
INITRD GUEST|initrd.cpio: initrd goes with a bzImage or a Multiboot image, and this is neither
LIST
plan "$test_nr"
finish
