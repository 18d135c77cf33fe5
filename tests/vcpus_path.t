#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The way of an exit that needs no device, in the emulator's trace of every instruction and of
# every access: it is as long with 1, 2 and 4 vCPUs, and nobody writes to a line of the cache
# that another writes to, but for the running total, once in 64 exits. Left out is what has to
# write to what others have: the VM's lock, what is posted to another, pages new in the EPT.
# Four take long.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
numbers='1 2'
! long || numbers='1 2 4'
vcpus=$tmp/vcpus.elf
kinds='cpuid mov_dr3 rdmsr vmcall wbinvd wrmsr'

small_guest "$vcpus" tests/vcpus/*.S tests/vcpus/*.c machine/com1.c
is 'the guest is built' "$code" 0

# symbol NAME: where hv has it
symbol() { nm "${hv%.elf}.debug" | sed -n "s/^\([0-9a-f]*\) . $1\$/\1/p"; }

# traced CPUS HV: what trace.awk says of all CPUs at once, in $tmp/CPUS
traced()
{
	hv=$2
	mkfifo "$tmp/trace"
	# Held open here: a run that writes nothing must not leave the reader waiting.
	exec 3<>"$tmp/trace" 4<"$tmp/trace"
	awk -v STUB="$(symbol vm_exit_stub)" \
		-v APART="$(symbol vm_lock) $(symbol vcpu_post) $(symbol ept_map)" \
		-f tests/vcpus/trace.awk <&4 >"$tmp/$1" 3>&- 4<&- &
	exec 4<&-
	on hv --hv "$hv" --cpus "$1" --instructions "$tmp/trace" --accesses \
		--cmdline 'brief quiet' "$vcpus" 3>&-
	exec 3>&-
	wait
	rm "$tmp/trace"
	is "$1 vCPUs: code" "$code" 0
	cp "$tmp/$1" "$tmp/out"
}

# usual CPUS CPU KIND: what most exits of that kind take there
usual()
{
	grep "^path cpu=$2 of=$3 " "$tmp/$1" | sed 's/\(.*\) exits=\(.*\)/\2 \1/' | sort -rn |
		sed -n '1s/.* \(instructions=.*\)/\1/p'
}

# few CPUS: is what more than one wrote to only the running total, as seldom as may be?
few()
{
	awk '/^cpu=/ {
		split($1, c, "="); split($2, n, "=")
		exits["cpu" c[2]] = n[2]
	}
	/^shared / {
		shared++
		for (i = 3; i <= NF; i++) {
			split($i, part, /[=@]/)
			if (part[2] > exits[part[1]] / 64 + 1) bad = 1
		}
	}
	END { exit bad || shared > 1 }' "$tmp/$1"
}

for nr in $numbers; do
	traced "$nr" "$build/hv/hv.elf"
	is "$nr vCPUs: each made exits" \
		"$(awk '/^cpu=/ { split($2, n, "="); if (n[2] >= 240) c++ } END { print c }' \
		"$tmp/$nr")" "$nr"
done

for kind in $kinds; do
	usual 1 0 "$kind" >"$tmp/want"
	for nr in $numbers; do
		for cpu in $(seq 0 $((nr - 1))); do
			usual "$nr" "$cpu" "$kind"
		done
	done | sort -u >"$tmp/got"
	ok "$kind: $(cat "$tmp/want"), for any vCPU of $numbers" \
		test -s "$tmp/want" -a "$(cat "$tmp/want")" = "$(cat "$tmp/got")"
done

for nr in ${numbers#1 }; do
	is "$nr vCPUs: one line is written by several" "$(grep -c '^shared ' "$tmp/$nr")" 1
	ok "$nr vCPUs: once in 64 exits" few "$nr"
	is "$nr vCPUs: where batches end" "$(nm "$build/hv/hv.debug" | sort |
		awk -v at="$(sed -n 's/^shared .*@//p' "$tmp/$nr")" '$1 "" <= at { s = $3 }
			END { print s }')" exit_acct_batch_done
done

# One write more is found.
spoilt "$PWD/tests/vcpus/shared-write.patch"
is 'hv with a write that vCPUs share: the patch applies' "$code" 0
build_spoilt hv/hv.elf hv/hv.debug
is 'it builds' "$code" 0
traced 2 "$tmp/tree/build/hv/hv.elf"
ok 'it is found' test "$(grep -c '^shared ' "$tmp/2")" -gt 1
few 2 && code=0 || code=1
is 'and is too often' "$code" 1
ok 'the way is longer' test "$(usual 1 0 wbinvd)" != "$(usual 2 1 wbinvd)"
is 'and no other' "$(usual 2 1 cpuid)" "$(usual 1 0 cpuid)"
plan "$test_nr"
finish
