#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Several processors, and a guest with as many vCPUs, each on a processor of its own.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# What cannot be: one line, before any machine runs.

while IFS='|' read -r value text; do
	run boot/run kvm --cpus "$value" --out "$tmp" "$guest"
	is "boot/run --cpus '$value'" "$code" 64
	ok 'one line, no output' test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	ok 'it names option and value' grep -qF -e "$text" "$tmp/err"
done <<'LIST'
0|--cpus: 0 is not from 1 to 8
9|--cpus: 9 is not from 1 to 8
-1|--cpus: '-1' is not a number from 1 to 8
two|--cpus: 'two' is not a number from 1 to 8
|--cpus: '' is not a number from 1 to 8
LIST
run env CPUS=9 boot/run kvm --out "$tmp" "$guest"
is 'CPUS means the same' "$code" 64
has 'and is refused alike' "$tmp/err" '^run: --cpus: 9 is not from 1 to 8$'
run timeout 20 "$build/vmm/runner" --cpus 9 "$guest"
is 'the runner: --cpus 9' "$code" 64
has 'it names option and value' "$tmp/err" '^runner: --cpus: "9" is not a number of .* from 1 to 8$'

# sums LOG: do the counts of the vCPUs add up to the VM's, reason by reason, and in total?
sums()
{
	tr -d '\r' <"$1" | sed 's/ total=\([0-9]*\)/ total count=\1/' |
		sed -n 's/^exits scope=\(vm\|vcpu\)[0-9]* \(reason=\|total\)/\1 \2/p' | awk '{
			for (i = 3; i <= NF; i++)
				if (sub("^count=", "", $i))
					sum[$2] += $1 == "vm" ? -$i : $i
			seen[$1]++
		}
		END {
			for (r in sum) if (sum[r]) { print r, sum[r]; bad = 1 }
			exit bad || !seen["vm"] || !seen["vcpu"]
		}'
}

# The lab has a Linux with as many processors below.

on kvm --cpus 2 --cmdline rows=cpuid,in8,hlt "$guest"
is 'KVM: a guest with two vCPUs' "$code" 0
has 'the record names who ended it' "$log" '^end target=kvm cause=exit_port vcpu=0 code=0'
ok 'the counts of the vCPUs add up to the VM' sums "$log"
plan "$test_nr"
finish
