#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The periodic report: one for each multiple of N, none missed, none doubled,
# and the counts in it add up to the multiple. hv has it on its console, KVM in
# the kernel log.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 13
every=500

# totals FILE: the totals of the reports, in order.
totals() { tr -d '\r' <"$1" | sed -n 's/^.*=== VM exits: total=\([0-9]*\) tsc=[0-9]* ===$/\1/p'; }

# sums FILE: what each report's lines add up to, in order.
sums()
{
	tr -d '\r' <"$1" | awk '
		/=== VM exits: total=/ { inside = 1; sum = 0; next }
		/=== VM exits: end tsc=[0-9]+ ===/ { if (inside) print sum; inside = 0 }
		inside && /VM exit [0-9]+ \(.*\): [0-9]+$/ { sum += $NF; if (!$NF) print "zero" }'
}

for target in hv kvm; do
	on $target --report $every --cmdline 'rows=cpuid,vmcall reps=2000' "$guest"
	is "$target: the guest ran" "$code" 0
	file=$log
	[ $target = hv ] || file=$tmp/kvm.console
	reports=$(totals "$file" | wc -l)
	total=$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$log" | tail -n 1)
	is "$target: as many reports as multiples" "$reports" $((${total:-0} / every))
	ok "$target: there are some" test "$reports" -gt 5
	is "$target: each at its multiple" "$(totals "$file" | tr '\n' ' ')" \
		"$(seq $every $every $((reports * every)) | tr '\n' ' ')"
	is "$target: each adds up to its total" "$(sums "$file")" "$(totals "$file")"
	[ $target = kvm ] || has 'hv: lines have number and name' "$file" \
		'^VM exit 10 \(CPUID\): [0-9]+'
done
on hv --report 0 --cmdline 'rows=cpuid reps=20000' "$guest"
is 'hv: report=0: the guest ran' "$code" 0
lacks 'hv: report=0: never' "$log" '=== VM exits'
finish
