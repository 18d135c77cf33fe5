#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Guests under QEMU on patched KVM, as users start them: a Linux to its shell, with
# exitstat in it; the shared guest's rows, a third of them or with LONG all; and a file that QEMU
# refuses. Every exit is counted alike by the patch, KVM's statistic and tracepoint, and the
# processor's log.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 40

# vmm NAME OPTIONS...: a guest under QEMU; its log is $tmp/NAME/kvm.log
vmm()
{
	name=$1 log=$tmp/$1/kvm.log
	shift
	mkdir -p "$tmp/$name"
	boot/run kvm --vmm qemu --quiet --report 0 --limit 1800 --out "$tmp/$name" \
		--exits "$tmp/$name/exits" "$@" 2>"$tmp/$name/err"
	echo $? >"$tmp/$name/code"
}

# ended NAME CAUSE CODE: how it did, for each reader of it
ended()
{
	log=$tmp/$1/kvm.log
	is "$1: the code" "$(cat "$tmp/$1/code")" "$3"
	is "$1: the last record" "$(tail -n 1 "$log" | tr -d '\r')" \
		"end target=kvm cause=$2 code=$3"
	has "$1: boot/run says it" "$tmp/$1/err" "^run: kvm: target=kvm cause=$2 code=$3(: .*)?$"
	has "$1: the first record" "$log" '^log version=1 target=kvm machine=bochs '
}

# agreed NAME: five counted each exit
agreed()
{
	"$build/tools/witness" --count <"$tmp/$1/exits" >"$tmp/emulator"
	run "$build/tools/witness" "$tmp/$1/kvm.log" "$tmp/emulator"
	is "$1: all agree on every exit" "$code" 0
	has "$1: for each reason" "$tmp/out" '^all [0-9]+ comparisons are equal'
	has "$1: the statistic too" "$tmp/out" "^KVM's statistic .*: equal$"
}

other='monitor mwait mmio_first_touch mmio_read'
! long && third=3 || third=1
run boot/run hv --cmdline list --out "$tmp" "$guest"
rows=$(tr -d '\r' <"$tmp/hv.log" | sed -n 's/^table name=\([^ ]*\) .*/\1/p' |
	grep -v '^leaf_' | awk -v n=$third -v other=" $other " \
	'NR % n == 0 || index(other, " " $1 " ")' | paste -sd, -)
echo 'no kernel' >"$tmp/text"
# A quiet boot makes half the exits; what is looked for is printed at its end.
seen='dmesg|grep,-e,Hyperv,-e,IOAPIC,-e,ttyS0.at,-e,WARNING:,-e,BUG:,-e,Call'
vmm linux --initrd "$build/linux-guest/initrd.cpio" \
	--append "console=ttyS0 quiet lab.run=$seen;exitstat;exitstat,--detail;exit,7" \
	"$build/linux/bzImage" &
{
	vmm refused "$tmp/text"
	vmm rows --cmdline "rows=$rows" "$guest"
} &
wait

ended linux exit_port 7
has 'it is a KVM guest' "$log" 'Hypervisor detected: KVM'
has 'it has the I/O APIC that QEMU gives it' "$log" 'IOAPIC\[0\]: apic_id 0, version 17'
has 'COM1 is what it is' "$log" 'ttyS0 at I/O 0x3f8 \(irq = 4, base_baud = 115200\) is a 16550A'
has 'init' "$log" '^lab: init'
has 'the shell' "$log" '^lab: shell'
has 'exitstat: KVM answers the leaves' "$log" '^VM exits .*: KVM, map default, 1 vCPU'
for reason in '10 CPUID' '30 IO_INSTRUCTION' '48 EPT_VIOLATION'; do
	has "exitstat: $reason" "$log" "^ *$reason  *[1-9][0-9]* "
done
has 'they do not tell exits apart' "$log" \
	'^exitstat: --detail: .* not told apart here: that takes kvm.ko with detail=Y'
has 'and what the shell ended with' "$log" '^lab: end code=7'
lacks 'no trouble on the way' "$log" '\] (WARNING:|BUG:|Call Trace)'
agreed linux
total=$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$log")
ok "and these were many ($total)" test "$total" -gt 15000

# The same file as everywhere. QEMU's memory that is not there reads as zeroes, and KVM passes
# MONITOR and MWAIT unless it is told not to.
ended rows exit_port 1
has 'rows: the leaves are there' "$log" '^guest version=1 target=kvm leaves=default abi=1'
tr -d '\r' <"$log" | awk '/^row .* kind=sync / {
	for (i = 2; i <= NF; i++) {
		split($i, part, "=")
		row[part[1]] = part[2]
	}
	print row["name"], row["reps"], row["expect_kvm"], row["exits"], row["check"]
}' >"$tmp/sync"
is 'rows: each synchronous one has its count' \
	"$(awk '$5 != "skip" && $2 * $3 != $4 { print $1 }' "$tmp/sync")" ''
ok "rows: there are many ($(wc -l <"$tmp/sync"))" test "$(wc -l <"$tmp/sync")" -gt $((70 / third))
is 'rows: other answers' "$(sed -n 's/^row name=\([^ ]*\) .* check=fail.*/\1/p' "$log" |
	paste -sd' ' -)" "$other"
agreed rows

ended refused error 70
has 'QEMU says why' "$log" '^qemu: .*invalid kernel header'

for words in '--machine nested' '--input' '--stamp' '--until-line 9'; do
	# shellcheck disable=SC2086 # words are meant
	run boot/run kvm --vmm qemu $words "$guest"
	is "refused: $words" "$code" 64
done
finish
