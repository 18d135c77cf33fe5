#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Guests that misbehave: counters and a dump where the VM dies, and hv and KVM
# stay whole.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 28

for target in hv kvm; do
	on $target --cmdline 'rows=cpuid triple=1' "$guest"
	is "$target: triple fault" "$code" 71
	[ $target = hv ] && said='hv: the guest triple-faulted$' || said='runner: triple fault$'
	told $target triple_fault 71 "$said"
	has "$target: the cause is named" "$log" "^end target=$target cause=triple_fault code=71"
	has "$target: counters" "$log" '^exits scope=vm reason=2 name=TRIPLE_FAULT count=1 '
	has "$target: their total" "$log" '^exits scope=vm total='
	has "$target: the guest's registers" "$log" '(rip|RIP)[ =]'
done
has 'hv: VMCS dump' "$tmp/hv.log" '^hv: +(GUEST|VM)'

on hv --option unhandled=18 --cmdline 'rows=cpuid,vmcall' "$guest"
is 'hv: a reason it does not handle' "$code" 71
has 'hv: it is named by number and name' "$log" '^hv: .*18 .*VMCALL'
has 'hv: counters' "$log" '^exits scope=vm reason=18 name=VMCALL count=1 '
has 'hv: the end' "$log" '^end target=hv cause=unhandled_exit code=71'

on hv --cmdline 'rows=none do=halt_forever' "$guest"
is 'hv: HLT that nothing can end' "$code" 71
has 'hv: the end' "$log" '^end target=hv cause=stuck code=71'
on kvm --cmdline 'rows=none do=halt_forever' --guest-limit 2 "$guest"
is 'KVM: HLT that nothing can end' "$code" 71
told kvm stuck 71 'runner: the guest halted'

for target in hv kvm; do
	on $target --cmdline 'rows=none do=outside' "$guest"
	is "$target: what is not RAM reads all ones" "$code" 0
	lacks "$target: each of them" "$log" ': fail'
	on $target --cmdline 'rows=none code=200' "$guest"
	is "$target: the guest's code comes out" "$code" 200
done
on hv --cmdline 'rows=none code=70000' "$guest"
is 'hv: a code that no process can have' "$code" 255
finish
