#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Hostile guests: whatever they do, hv neither faults nor hangs, and shows them no
# memory of its own. And faults that are planted in hv are found.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 23

# count PATTERN: images with that in their line.
count() { grep -aEc "^hostile seed=.*$1" "$tmp/hostile/images"; }

run boot/hostile "$tmp/hostile" --images 200
is 'no image ends but as it may, or sees what is not its own' "$code" 0
has 'it says so' "$tmp/out" '^hostile seed=1 images=200 bad=0$'
ok 'some ran through all of their slots' test "$(count 'cause=exit_port code=0x2a ')" -ge 20
ok 'some ran out of time' test "$(count 'cause=time_limit ')" -ge 20
ok 'some halted for ever' test "$(count 'cause=stuck ')" -ge 5
ok 'some were programs that could not' test "$(count 'cpl=3 .* spoilt=0 ')" -ge 20
for what in mode=real mode=v86 mode=prot16 mode=prot32 mode=compat mode=long content=bytes \
	content=system content=memory content=apic; do
	ok "some are $what" test "$(count "$what ")" -ge 15
done

run boot/hostile "$tmp/hostile" --images 20 --option unhandled=10
is 'no handler for CPUID: found' "$code" 1
has 'it is named' "$tmp/out" '^hostile seed=.* cause=unhandled_exit .* bad=cause$'

# planted PATCH WHAT IMAGES PATTERN
planted()
{
	spoilt "tests/hostile/$1.patch"
	is "$2: the patch applies" "$code" 0
	build_spoilt tests/hostile.elf
	[ "$code" -eq 0 ] || show
	run boot/hostile "$tmp/hostile" --hostile "$tmp/tree/build/tests/hostile.elf" --images "$3"
	has "$2: found" "$tmp/out" "^(hostile seed=.* )?bad=($4)\$"
}
planted read-beyond 'memory beyond the end of RAM' 60 'leak_memory|leak_register|wrote_outside'
planted hang 'hv hangs' 2 hang

run boot/hostile "$tmp/hostile" --images none
is 'a number that is none' "$code" 2
finish
