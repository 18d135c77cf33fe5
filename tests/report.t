#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The periodic report: one for each multiple of N, none missed, none doubled,
# and the counts in it add up to the multiple. hv has it on its console, KVM in
# the kernel log, where no VM floods it, and before a vCPU sleeps.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 30
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

# More reports than a VM may print at a time: none is lost without a word.
on kvm --report 100 --option kvm.report_burst=4 --cmdline 'rows=vmcall reps=2000' "$guest"
is 'kvm: report_burst=4: the guest ran' "$code" 0
total=$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$log" | tail -n 1)
printed=$(grep -c '=== VM exits: total=' "$tmp/kvm.console")
skipped=$(tr -d '\r' <"$tmp/kvm.console" |
	sed -n 's/.*=== VM exits: .* skipped=\([0-9]*\) ===$/\1/p' |
	awk '{ n += $1 } END { print n + 0 }')
ok "kvm: four and what a second or two bring are printed ($printed)" \
	test "$printed" -ge 4 -a "$printed" -le 8
ok 'kvm: some are skipped' test "$skipped" -gt 0
is 'kvm: each multiple is printed or said to be skipped' $((printed + skipped)) $((total / 100))
has "kvm: by the VM's end at the latest" "$tmp/kvm.console" '=== VM exits: end skipped=[0-9]+ ==='
on kvm --report 100 --option kvm.report_burst=-1 --cmdline rows=cpuid "$guest"
has 'kvm: a limit that is none is refused' "$tmp/kvm.console" \
	'kvm: report_burst=-1: not a number of reports \(0: no limit\)'

# Two vCPUs, neither of which makes enough exits for a multiple alone.
on kvm --runner "$build/tests/debugfs" --report 100 --cmdline reports "$guest"
is 'kvm: two vCPUs ran' "$code" 0
lacks 'kvm: nothing failed' "$log" '^failed'
total=$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$log" | paste -sd' ')
ok "kvm: they made exits (two VMs: $total)" test "${total% *}" -lt 200 -a "${total#* }" -gt 500
is 'kvm: each multiple of both has its report' "$(totals "$tmp/kvm.console" | tr '\n' ' ')" \
	"100 $(seq 100 100 "${total#* }" | tr '\n' ' ')"
# Who stops looks at all: no multiple waits for the next one.
ok 'kvm: none came before its multiple, none as late as the next' \
	test -z "$(sums "$tmp/kvm.console" | sed 1d | awk '$1 < NR * 100 || $1 >= NR * 100 + 100')"

# A halted vCPU has reported the HLT before it sleeps.
on kvm --runner "$build/tests/debugfs" --report 1 --cmdline halts "$guest"
is 'kvm: a vCPU halted' "$code" 0
lacks 'kvm: nothing failed' "$log" '^failed'
has 'kvm: by HLT' "$log" '^exits scope=vm reason=12 .* count=1 '
total=$(sed -n 's/^exits scope=vm total=\([0-9]*\) .*/\1/p' "$log")
last=$(tr -d '\r' <"$tmp/kvm.console" |
	sed -n 's/.*=== VM exits: total=\([0-9]* tsc=[0-9]*\) ===$/\1/p' | tail -n 1)
is 'kvm: that was the last report' "${last%% *}" "$total"
from=$(sed -n 's/^halted from=\([0-9]*\) to=.*/\1/p' "$log")
to=$(sed -n 's/^halted from=.* to=\([0-9]*\).*/\1/p' "$log")
ok 'kvm: it slept' test $((to - from)) -gt 10000000
ok "kvm: the report came as it fell asleep, $((${last##*=} - from)) ticks of $((to - from))" \
	test $((${last##*=} - from)) -lt $(((to - from) / 4))

on hv --report 0 --cmdline 'rows=cpuid reps=20000' "$guest"
is 'hv: report=0: the guest ran' "$code" 0
lacks 'hv: report=0: never' "$log" '=== VM exits'
finish
