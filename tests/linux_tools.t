#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What a Linux guest sees of its exits, on hv and on KVM, under two maps: exitstat in
# all its forms, as root and as a user, and Debian's cpuid beside it. One boot for each map, on
# one target; LONG has both on both.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
initrd=$build/linux-guest/initrd.cpio

# part NAME: what the command of this name printed; $log is of the boot.
part() { tr -d '\r' <"$log" | sed -n "s/^@$1 //p"; }
code_of() { tr -d '\r' <"$log" | sed -n "s/^@$1: code=//p"; }

# column NAME REASON: a count from CSV.
column() { part "$1" | awk -F, -v r="$2" '$4 == r { print $6 }'; }

# register NAME eax|edx: what cpuid read, decimal.
register() { printf '%d\n' "$(part "$1" | grep -o "$2=0x[0-9a-f]*" | cut -d= -f2)"; }

between() { ok "$1 ($2 <= $3 <= $4)" test "$2" -le "$3" -a "$3" -le "$4"; }

# is_json NAME FILTER: what exitstat printed is JSON, and the filter holds.
is_json() { part "$1" | jq -e "$2" >/dev/null; }

# The reasons as the accounting has them, for every row that was printed.
names_fit()
{
	part b.csv | awk -F, '$4 ~ /^[0-9]+$/ { print $4, $5 }' | while read -r number name; do
		grep -qE "X\($number, +$name," acct/exit_reasons.h || echo "$number $name"
	done
}

sums='([.rows[].count] | add) == .total.count and ([.rows[].handler] | add) == .total.handler'
sorted='[.rows[].count] as $c | $c == ($c | sort | reverse)'

# told NAME REASON WORD: so many exits of that number.
told() { part "$1" | awk -F, -v r="$2" -v w="$3" '$5 == r && $8 == w { print $10 }'; }

# What exitstat tells apart; what must be there at the end of the log at the latest.
check_detail()
{
	is "$what: told apart" "$(code_of detail)" 0
	ok "$what: numbers add up to the total" test "$(part detail |
		awk -F, '$5 ~ /^[0-9]/ { n += $10 } $5 == "total" { print n == $10 }')" = 1
	ok "$what: its own reads are CPUID's" test "$(part detail | awk -F, '
		$5 == "own" { own = $10 }
		$8 ~ /^0x4fffff0/ { n += $10 }
		END { print (own > 100 && n >= own) }')" = 1
	for word in '30 out8:0x3f8' '32 IA32_TSC_DEADLINE' '31 IA32_APIC_BASE' \
		'10 0x80000008:0x0'; do
		# shellcheck disable=SC2086 # words are meant
		ok "$what: $word" test "$(told detail $word)" -gt 0
	done
	is "$what: control registers, as the log has them" "$(part cr | jq -r '
		.rows[0].numbers[] | "\(.number) \(.count)"' | sort)" "$(tr -d '\r' <"$log" |
		sed -n 's/^detail scope=vcpu0 reason=28 .* number=\(.*\) count=\(.*\) h.*/\1 \2/p' |
		sort)"
	# What exitstat reads of each slot: two leaves.
	slots=$(($(grep -c '^	X([0-9]' acct/exit_reasons.h) + 1))
	is "$what: a command's reads, to 1" \
		"$(told reads 10 0x4fffff04:0x0) $(told reads 10 0x4fffff05:0x0)" "$slots $slots"
	is "$what: and none of our own" "$(told reads 10 0x4fffff0a:0x0
		told reads 10 0x4fffff0b:0x0)" ''
	is "$what: of two intervals, too" "$(part detaillive | grep -c ',interval,.*,total,TOTAL,'
		told detaillive 10 0x4fffff0a:0x0; told detaillive 10 0x4fffff0b:0x0)" 2
}

check_boot()
{
	what="$1, $2"
	has "$what: init" "$log" '^lab: init'
	has "$what: shell" "$log" '^lab: shell'
	has "$what: end" "$log" '^lab: end code=5'
	has "$what: the code ended the VM" "$log" '^end .*cause=exit_port code=5'

	is "$what: table" "$(code_of table)" 0
	ok "$what: rows for CPUID and I/O" test "$(part table | grep -cE '^(10 CPUID|30 IO_)')" = 2
	is "$what: names are the accounting's" "$(names_fit)" ''
	ok "$what: the total is the sum" is_json json "$sums"
	ok "$what: most exits first" is_json json "$sorted"
	ok "$what: it says who answers" is_json json \
		".target == \"$1\" and .map == \"$2\" and .extension and .vcpus == 1"
	is "$what: rules of the counts" "$(code_of check)" 0
	is "$what: rules of the course's leaves" "$(code_of coursecheck)" 0
	ok "$what: the course's leaves say the same" is_json course "$sums and .map == \"$2\""
	is "$what: another map is refused" "$(code_of s21)" 3
	ok "$what: with the reason" test "$(part s21)" = \
		"exitstat: no leaves in the map s21: here the map is $2"

	# Nothing is printed meanwhile, and XSETBV is for the boot alone.
	between "$what: cpuid: I/O exits" "$(column a.csv 30)" "$(register count30 eax)" \
		"$(column b.csv 30)"
	is "$what: cpuid: XSETBV, exactly" "$(register count55 eax)" "$(column a.csv 55)"
	is "$what: cpuid: a reason that is none" "$(register count35 edx)" 4294967295
	between "$what: cpuid: all exits" "$(column a.csv total)" "$(register total eax)" \
		"$(column b.csv total)"
	is "$what: cpuid without -r" "$(code_of shown)" 0
	# Its 165 reads, and what the start of a static program asks of the processor.
	# shellcheck disable=SC2046 # words are meant
	set -- "$1" "$2" $(column rows 10)
	is "$what: two runs in a row cost the same CPUIDs" $(($5 - $4)) $(($4 - $3))
	between "$what: so many" 165 $(($5 - $4)) 300

	is "$what: a command" "$(code_of true)" 0
	ok "$what: two own reads are taken off" is_json true \
		".kind == \"command\" and .own_reads == 2 and .own_reads_taken_off and $sums"
	ok "$what: its exits are few" is_json true '.total.count < 2000 and .seconds > 0'
	is "$what: its exit code" "$(code_of code)" 7
	is "$what: and output" "$(part code | head -n 1)" hello
	is "$what: its signal" "$(code_of signal)" 137
	is "$what: no such command" "$(code_of nothing)" 127
	is "$what: two intervals" "$(part live | grep -c ',interval,.*,total,TOTAL,')" 2
	# 163, and one for each reason that the VM has seen: its lost times.
	is "$what: own reads of each" "$(part live |
		sed -n 's/.*,interval,.*,own,READS,\([0-9]*\),.*/\1/p' |
		awk '$1 > 163 + 2 && $1 <= 163 + 66' | wc -l)" 2
	check_detail
	is "$what: a user is no other" "$(part user | head -n 1), $(code_of user)" '65534, 0'
	ok "$what: and reads the same" is_json usertable "$sums"
	counted=$(tr -d '\r' <"$log" | sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p')
	ok "$what: $1 counted no fewer" test "$(part usertable | jq .total.count)" -le "$counted"
}

with_script tools.sh "$tmp/both.cpio"

# boot TARGET MAP COUNT-LEAF TOTAL-LEAF
boot()
{
	mkdir "$tmp/$2-$1"
	boot/run "$1" --detail --quiet --limit 1800 --out "$tmp/$2-$1" --leaves "$2" --report 0 \
		--initrd "$tmp/both.cpio" \
		--append "console=ttyS0 quiet lab.script=/tools.sh tools.count=$3 tools.total=$4" \
		"$build/linux/bzImage" 2>"$tmp/$2-$1/err" &
}

default='default 0x4ffffffd 0x4fffffff' f22='f22 0x4ffffffe 0x4ffffffc'
for boots in "hv $f22:kvm $default" "hv $default:kvm $f22"; do
	# shellcheck disable=SC2086 # words are meant
	for one in "${boots%:*}" "${boots#*:}"; do
		boot $one
	done
	wait
	for one in "${boots%:*}" "${boots#*:}"; do
		target=${one%% *} map=${one#* } map=${map%% *}
		log=$tmp/$map-$target/$target.log
		check_boot "$target" "$map"
	done
	long || break
done

# No leaves: another Linux, of which nobody counts the exits.
timeout 60 qemu-system-x86_64 -nographic -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 \
	-icount shift=4,sleep=off -kernel "$build/linux/bzImage" -initrd "$initrd" \
	-append 'console=ttyS0 quiet lab.run="exitstat -- echo was run"' </dev/null >"$tmp/out"
is 'without leaves: the code of exitstat, through init and the exit port' $? $((2 * 3 + 1))
has 'it says who does not answer' "$tmp/out" \
	'^exitstat: no leaves of VM-exit accounting: .*does not answer them'
lacks 'and runs no command' "$tmp/out" '^was run'
plan "$test_nr"
finish
