#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The periodic report of 1, 2 and 4 vCPUs that all exit as fast as they can: each multiple once,
# as many as there are after the last exit, and counts that add up and never go back. Some
# intervals are tried with some numbers of vCPUs; LONG tries all with all.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
vcpus=$tmp/vcpus.elf
small_guest "$vcpus" tests/vcpus/*.S tests/vcpus/*.c machine/com1.c
is 'the guest is built' "$code" 0

# judge FILE TOTAL EVERY VCPUS: says what is wrong with the reports in FILE, nothing if all is
# well. The lines of a report add up to its total where a vCPU is alone; of several the others
# may have gone on. KVM takes the counts before a report waits for others to be printed.
judge()
{
	tr -d '\r' <"$1" | awk -v all="$2" -v every="$3" -v vcpus="$4" -v target="$target" '
		/=== VM exits: .*skipped=/ {
			match($0, /skipped=[0-9]+/)
			skipped += substr($0, RSTART + 8, RLENGTH - 8)
		}
		/=== VM exits: total=/ {
			match($0, /total=[0-9]+/)
			total = substr($0, RSTART + 6, RLENGTH - 6) + 0
			if (total % every || total > all) print "total=" total
			if (seen[total]++) print "twice: " total
			if (vcpus == 1 && total != ++nr * every) print "out of order: " total
			sum = 0
			reports++
		}
		/VM exit [0-9]+ \(.*\): [0-9]+$/ {
			match($0, /VM exit [0-9]+/)
			reason = substr($0, RSTART + 8, RLENGTH - 8)
			if (target == "hv" && $NF < last[reason]) print total ": back: " $0
			last[reason] = $NF
			sum += $NF
		}
		/=== VM exits: end tsc=/ {
			if (vcpus == 1 ? sum != total : sum < total || sum > all)
				print total ": the lines add up to " sum
			ends++
		}
		END {
			if (ends != reports) print reports " headers, " ends " footers"
			if (reports + skipped != int(all / every))
				print reports " reports, " skipped + 0 " skipped, " \
					int(all / every) " multiples"
		}'
}

# reports VCPUS EVERY EXITS OPTIONS...: so many exits of each vCPU, and their reports
reports()
{
	nr=$1 every=$2 each=$3
	shift 3
	on "$target" --cpus "$nr" --report "$every" --ticks 3000 \
		--cmdline "brief each=$each exits" "$@" "$vcpus"
	is "$target: $nr vCPUs, a report every $every: code" "$code" 0
	file=$log
	[ "$target" = hv ] || file=$tmp/kvm.console
	total=$(tr -d '\r' <"$log" | sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p')
	total=${total:-0}
	wrong=$(judge "$file" "$total" "$every" "$nr" | head -n 5 | paste -sd';')
	is "each of the $((total / every)) multiples of $total" "$wrong" ''
	ok 'there are some' test "$total" -ge $((nr * each)) -a $((total / every)) -gt 1
}

for target in hv kvm; do
	for nr in 1 2 4; do
		for every in 1 64 100 10000; do
			case $target.$nr.$every in
			kvm.4.1) continue ;;	# prints for minutes
			hv.1.1|hv.2.1|hv.4.64|kvm.2.100) ;;
			*) long || continue ;;
			esac
			each=$((every * 12 / nr))
			[ "$every" -gt 1 ] || each=$((100 / nr))
			[ "$every" -lt 10000 ] || each=$((30000 / nr))
			reports "$nr" "$every" "$each"
		done
	done
done

# Where KVM may print only some, those that it skips are counted.
reports 4 1 25 --option kvm.report_burst=4
has 'some are skipped' "$file" '=== VM exits: .* skipped=[1-9]'

# What would be wrong is found.
spoil()
{
	sed "$2" "$file" >"$tmp/spoilt"
	ok "$1" test -n "$(judge "$tmp/spoilt" "$total" 100 4)"
}
target=hv
reports 4 100 250
has 'four vCPUs made the exits' "$log" '^exits scope=vcpu3 .*name=CPUID count=[23][0-9][0-9] '
spoil 'one that is missing' '/total=300 /,/end tsc/d'
spoil 'one that comes twice' 's/total=300 /total=400 /'
spoil 'one at no multiple' 's/total=300 /total=301 /'
spoil 'a sum that is less' '/total=300 /,/end tsc/{/VM exit 10 /d}'
spoil 'a count that goes back' '/total=300 /,/end tsc/s/\(VM exit 10 .*\): /\1: 9/'
plan "$test_nr"
finish
