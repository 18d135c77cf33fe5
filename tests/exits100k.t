#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The periodic report, proven by a guest that makes exactly 100,000 exits of known
# kinds: ten reports, at the exact multiples, right sums, and a cost that is
# charged to no exit.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 33
total=100000 every=10000 kinds='0 13 15 18 54 55'

# The report's lines alone, without what the kernel log has before them.
reports()
{
	tr -d '\r' <"$1" |
		sed -n 's/^.*\(=== VM exits: .*===\)$/\1/p; s/^.*\(VM exit [0-9o].*\)$/\1/p'
}

# totals FILE: the totals that the reports' headers name.
totals() { reports "$1" | sed -n 's/.*total=\([0-9]*\) tsc=[0-9]* ===/\1/p'; }

# counts LOG: "reason count" of each of the VM's reasons, at its end.
counts()
{
	tr -d '\r' <"$1" |
		sed -n 's/^exits scope=vm reason=\([0-9]*\) .* count=\([0-9]*\) .*/\1 \2/p'
}

# last_report FILE: the same of the last report.
last_report()
{
	reports "$1" | tac | sed '/total=/q' | tac |
		sed -n 's/^VM exit \([0-9]*\) .*: \([0-9]*\)$/\1 \2/p'
}

# sums FILE: what each report's lines add up to; "zero" for a count of 0.
sums()
{
	reports "$1" | awk '
		/total=/ { sum = 0; next }
		/: end ===/ { print sum; next }
		{ sum += $NF; if (!$NF) print "zero" }'
}

# strangers FILE: lines whose number and name are not those of the one list.
strangers()
{
	sed -n 's/^.*X(\([0-9]*\), *[A-Z_0-9]*,[[:space:]]*"\([^"]*\)".*/VM exit \1 (\2)/p' \
		acct/exit_reasons.h >"$tmp/names"
	reports "$1" | sed -n 's/^\(VM exit .*\): [0-9]*$/\1/p' | sort -u | grep -vxFf "$tmp/names"
}

# dearer ALLOWANCE LOG: reasons whose dearest exit, with reports, is dearer than without
# them by more than that; the cycles of the exit at a multiple would show here.
dearer()
{
	awk -v allowance="$1" '
		!/^exits scope=vm reason=/ { next }
		{
			split($3, r, "=")
			for (i = 4; i <= NF; i++)
				if (sub(/^max=/, "", $i))
					max = $i + 0
		}
		FNR == NR { without[r[2]] = max; next }
		max > without[r[2]] + allowance { print r[2] ": " without[r[2]] " " max }' \
		"$2.without" "$2"
}

# cycles FILE CLOCK: of all exits together.
cycles() { sed -n "s/^exits scope=vm total=.* $2=\([0-9]*\).*/\1/p" "$1"; }

# Batches of 64 exits, at whose end the total is updated, only exist where there are
# reports: on hv, where nothing else varies, this many ticks. Under KVM a tick of the
# host's clock takes some thousand, and a report some million.
for target in hv kvm; do
	allowance=64
	[ $target = hv ] || allowance=20000
	on $target --report 0 --cmdline "rows=none exits=$total" "$guest"
	mv "$log" "$log.without"
	is "$target: report=0: the guest ran" "$code" 0
	has "$target: report=0: exactly so many exits" "$log.without" \
		"^exits scope=vm total=$total "
	lacks "$target: report=0: no report" "$log.without" '=== VM exits'
	[ $target = hv ] || lacks 'kvm: nor in the kernel log' "$tmp/kvm.console" '=== VM exits'

	on $target --report $every --cmdline "rows=none exits=$total" "$guest"
	file=$log
	[ $target = hv ] || file=$tmp/kvm.console
	is "$target: the guest ran" "$code" 0
	has "$target: exactly so many exits" "$log" "^exits scope=vm total=$total "
	got=$(counts "$log" | awk -v kinds=" $kinds " \
		'index(kinds, " " $1 " ") && $2 != '$((total / 10))' { print }
		 index(kinds, " " $1 " ") { n++ } END { if (n != 6) print n " kinds" }')
	ok "$target: of known kinds $got" test -z "$got"
	is "$target: ten reports, each at its multiple" \
		"$(totals "$file" | tr '\n' ' ')" \
		"$(seq $every $every $total | tr '\n' ' ')"
	is "$target: each has a footer" "$(reports "$file" | grep -c ': end ===$')" 10
	is "$target: each adds up to its total, and has no zero" "$(sums "$file" | tr '\n' ' ')" \
		"$(seq $every $every $total | tr '\n' ' ')"
	ok "$target: numbers and names are from the list" test -z "$(strangers "$file")"
	ok "$target: the last one is what the VM ends with" \
		test "$(last_report "$file")" = "$(counts "$log")"
	got=$(dearer $allowance "$log")
	ok "$target: the dearest exit of each reason is none with a report $got" test -z "$got"
	for clock in handler round_trip; do
		less=$(cycles "$log.without" $clock) more=$(cycles "$log" $clock)
		ok "$target: $clock of all exits: $less without, $more with reports" \
			test $((more * 100)) -le $((less * 101))
	done
	# And it is no small thing that is left out.
	ticks=$(reports "$file" | sed -n 's/.*tsc=\([0-9]*\) ===/\1/p' | sed -n '1p;$p' |
		awk -v charged="$(cycles "$log" round_trip)" \
		'{ tsc[NR] = $1 } END { print int((tsc[2] - tsc[1]) / 9 - charged / 10) }')
	ok "$target: each report takes time: between two, $ticks ticks are charged to no exit" \
		test "$ticks" -gt $((10 * allowance))
done

# What cannot be is said.
on hv --cmdline 'rows=none exits=100' "$guest"
is 'hv: fewer exits than there are at the start' "$code" 1
has 'it says so' "$log" '^guest: exits=100: too few'
finish
