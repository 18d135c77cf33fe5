#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The periodic report, proven by a guest that makes exactly 100,000 exits of known
# kinds: ten reports, at the exact multiples, right sums, and a cost that is
# charged to no exit.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 45
total=100000 every=10000 hv_allowance=96 kinds='0 13 15 18 54 55'

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
		/: end tsc=/ { print sum; next }
		{ sum += $NF; if (!$NF) print "zero" }'
}

# strangers FILE: lines whose number and name are not those of the one list.
strangers()
{
	sed -n -e 's/^.*X(\([0-9]*\), *\([A-Z_0-9]*\),[[:space:]]*"".*/VM exit \1 (\2)/p' \
		-e 's/^.*X(\([0-9]*\), *[A-Z_0-9]*,[[:space:]]*"\([^"]*\)".*/VM exit \1 (\2)/p' \
		acct/exit_reasons.h >"$tmp/names"
	reports "$1" | sed -n 's/^\(VM exit .*\): [0-9]*$/\1/p' | sort -u | grep -vxFf "$tmp/names"
}

# What a report costs must be in no exit of its VM. The same boot without reports says
# what there would be then; Bochs repeats it but for where the host's timer falls, since
# the reports move what comes after them in time.
#
# In one exit: the dearest of each reason, for a report that is charged to an exit makes
# that the dearest by far. It may be dearer than without reports by
#   hv: 96 ticks. No interrupt falls into hv; but where there are reports, an exit in 64
#       updates the running total, in 32 ticks, and near a multiple also finds out how
#       far it is, in 86. Not looked at is the OUT that ends a line (reason 30): hv sends
#       the line in it, and waits for the UART as it finds it, some thousand ticks more
#       or less. The guest prints nothing while there are reports.
#   KVM: twice the dearest tick of the host's timer, about 3,000. One may fall into any
#       exit, and is measured where nothing else is: in the external interrupts.
#       Where the host's kernel is preemptible, as that of Linux 7.2 always is, whatever
#       else it has to do may fall into one, too, and into one that is measured as a tick:
#       twice the dearest of these, and not less than ten common ones.
# A report takes more than 100 times as much, so that a hundredth of one would show; more
# than 20 times, where the kernel is preemptible, and there a twentieth shows.
# Round trips have no maximum; and a little in each of many exits would be no maximum.
# So in all exits together: less than a fiftieth of what the ten reports take. hv's
# updates of the total are a hundredth; the host's ticks, which are as many in both
# boots, but in other exits, differ by a few dozen either way, less than a hundredth: so
# twice as much as what is allowed is sure to show.

# untimed LOG: reasons of which the histogram has not each exit.
untimed()
{
	tr -d '\r' <"$1" | awk '/^exits scope=vm reason=/ {
		timed = 0
		for (i = 4; i <= NF; i++) {
			split($i, part, "=")
			value[part[1]] = part[2]
		}
		n = split(value["hist"], pairs, /[:,]/)
		for (i = 2; i <= n; i += 2)
			timed += pairs[i]
		if (timed != value["count"])
			print $4 ": " value["count"] " exits, " timed " timed"
	}'
}

# dearest REASON LOG: the handler ticks of its dearest exit.
dearest() { sed -n "s/^exits scope=vm reason=$1 .* max=\([0-9]*\) .*/\1/p" "$2"; }

# common REASON LOG: those of all its exits, divided by how many there are.
common()
{
	awk -v reason="reason=$1" '/^exits scope=vm / && $3 == reason {
		sub(/.*=/, "", $5)
		sub(/.*=/, "", $6)
		print int($6 / $5)
	}' "$2"
}

# dearer ALLOWANCE WITHOUT WITH: reasons whose dearest exit is dearer by more than that.
dearer()
{
	sed -n 's/^exits scope=vm reason=\([0-9]*\) .*/\1/p' "$3" | while read -r reason; do
		[ "$target $reason" != 'hv 30' ] || continue
		less=$(dearest "$reason" "$2") more=$(dearest "$reason" "$3")
		[ "$more" -le $((${less:-0} + $1)) ] || echo "$reason: ${less:-none} $more"
	done
}

# cycles CLOCK FILE: of all exits together.
cycles() { sed -n "s/^exits scope=vm total=.* $1=\([0-9]*\).*/\1/p" "$2"; }

# more CLOCK WITHOUT WITH: by how much it is more, in all exits together.
more() { echo $(($(cycles "$1" "$3") - $(cycles "$1" "$2"))); }

# report_ticks FILE: what all reports take, by their own first and last lines.
report_ticks()
{
	tr -d '\r' <"$1" | awk '
		/=== VM exits: .*tsc=/ { tsc = $0; sub(/.* tsc=/, "", tsc) }
		/=== VM exits: total=/ { sum -= tsc }
		/=== VM exits: end tsc=/ { sum += tsc }
		END { print sum + 0 }'
}

# charge TICKS REASON LOG: as if so many had been charged to the dearest of these exits.
charge()
{
	awk -v ticks="$1" -v reason="reason=$2" '
		/^exits scope=vm / && ($3 == reason || $3 ~ /^total=/) {
			for (i = 4; i <= NF; i++)
				if (split($i, part, "=") == 2 &&
				    part[1] ~ /^(handler|round_trip|max)$/)
					$i = part[1] "=" part[2] + ticks
		}
		{ print }' "$3" >"$3.charged"
}

for target in hv kvm; do
	allowance=$hv_allowance
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
	ok "$target: each is timed, to the last $(untimed "$log")" test -z "$(untimed "$log")"
	got=$(counts "$log" | awk -v kinds=" $kinds " \
		'index(kinds, " " $1 " ") && $2 != '$((total / 10))' { print }
		 index(kinds, " " $1 " ") { n++ } END { if (n != 6) print n " kinds" }')
	ok "$target: of known kinds $got" test -z "$got"
	is "$target: ten reports, each at its multiple" \
		"$(totals "$file" | tr '\n' ' ')" \
		"$(seq $every $every $total | tr '\n' ' ')"
	is "$target: each has a footer" "$(reports "$file" | grep -c ': end tsc=[0-9]* ===$')" 10
	is "$target: each adds up to its total, and has no zero" "$(sums "$file" | tr '\n' ' ')" \
		"$(seq $every $every $total | tr '\n' ' ')"
	ok "$target: numbers and names are from the list" test -z "$(strangers "$file")"
	ok "$target: the last one is what the VM ends with" \
		test "$(last_report "$file")" = "$(counts "$log")"
	part=100
	[ $target = hv ] || allowance=$((2 * $(dearest 1 "$log.without")))
	! grep -q 'Linux version.* PREEMPT' "$tmp/$target.console" || {
		ten=$((10 * $(common 1 "$log.without")))
		[ $allowance -ge $ten ] || allowance=$ten
		part=20
	}
	got=$(dearer "$allowance" "$log.without" "$log")
	ok "$target: no exit is dearer by more than $allowance ticks $got" test -z "$got"
	reports=$(report_ticks "$file")
	for clock in handler round_trip; do
		ticks=$(more $clock "$log.without" "$log")
		ok "$target: $clock: $ticks ticks more, where reports took $reports" \
			test "$ticks" -lt $((reports / 50))
	done
	charge $((reports / 10 / part)) 18 "$log"
	is "$target: of a report one of $part parts in one exit would show" \
		"$(dearer "$allowance" "$log.without" "$log.charged" | sed 's/:.*//')" 18
	charge $((reports / 25)) 18 "$log"
	ok "$target: a twenty-fifth of what they took in all would show" \
		test "$(more handler "$log.without" "$log.charged")" -ge $((reports / 50))
	# And it is no small thing that is left out.
	ticks=$(reports "$file" | sed -n 's/.*total=.* tsc=\([0-9]*\) ===/\1/p' | sed -n '1p;$p' |
		awk -v charged="$(cycles round_trip "$log")" \
		'{ tsc[NR] = $1 } END { print int((tsc[2] - tsc[1]) / 9 - charged / 10) }')
	ok "$target: each report takes time: between two, $ticks ticks are charged to no exit" \
		test "$ticks" -gt $((part * allowance))
done

# A build that charges them to the exits is caught: they fall on exits of many kinds.
mv "$tmp/hv.log.without" "$tmp/without"
spoilt "$PWD/tests/report/charged.patch"
is 'hv with reports in its exits: the patch applies' "$code" 0
build_spoilt hv/hv.elf
is 'it builds' "$code" 0
on hv --hv "$tmp/tree/build/hv/hv.elf" --report $every --cmdline "rows=none exits=$total" "$guest"
is 'it runs' "$code" 0
got=$(dearer $hv_allowance "$tmp/without" "$log" | tr '\n' ' ')
ok "they are seen in the dearest exits: $got" test "$(echo "$got" | grep -o : | wc -l)" -ge 5
reports=$(report_ticks "$log")
for clock in handler round_trip; do
	ticks=$(more $clock "$tmp/without" "$log")
	ok "they are seen in the $clock of all exits: $ticks ticks more, of $reports" \
		test "$ticks" -ge $((reports * 9 / 10))
done

# What cannot be is said.
on hv --cmdline 'rows=none exits=100' "$guest"
is 'hv: fewer exits than there are at the start' "$code" 1
has 'it says so' "$log" '^guest: exits=100: too few'
finish
