#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# boot/run and boot/setup: options, time limits, interrupts, nothing left behind.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 45
forever='rows=pause reps=4000000000'

# From here on mktemp works in a folder that must be empty afterwards.
mkdir "$tmp/tmp"
TMPDIR=$tmp/tmp
export TMPDIR

refused()
{
	name=$1 pattern=$2
	shift 2
	run boot/run "$@"
	is "$name" "$code" 64
	ok "$name: one line, no output" test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has "$name: says so" "$tmp/err" "$pattern"
}
refused 'no target' 'hv, kvm or bare'
refused 'no guest' 'no guest named' hv
refused 'a guest that is not there' 'there is no file .*nothing.elf' hv "$tmp/nothing.elf"
: >"$tmp/it's"
refused 'a quote in a name' "no quote .* in a file's name" hv "$tmp/it's"
refused 'an unknown map' "'x' is none of: default s21 f21 f22" hv --leaves x "$guest"
refused 'a number that is none' "--report: '1k' is not a number" hv --report 1k "$guest"
refused 'an unknown option' 'no such option' hv --colour blue "$guest"
for option in 'hv detail=0' 'kvm kvm.detail=maybe'; do
	refused "${option#* } beside --detail" "^run: --option ${option#* }: --detail" \
		"${option% *}" --detail --option "report=9 ${option#* }" "$guest"
done
DETAIL=1 refused 'and DETAIL' '^run: --option detail=0: --detail or DETAIL says detail=1$' \
	hv --option detail=0 "$guest"
run boot/run --help
is 'help' "$code" 0

on hv --ticks 700 --cmdline "$forever" "$guest"
is 'limit in ticks' "$code" 124
has 'it says which' "$tmp/err" 'still running after 700 million emulated ticks'
ok 'the log is whole up to there' grep -q '^log version=1' "$log"
cp "$guest" "$tmp/a guest.elf"
on hv --cmdline rows=cpuid "$tmp/a guest.elf"
is 'a blank in a name' "$code" 0
on hv --limit 3 --cmdline "$forever" "$guest"
is 'limit in seconds' "$code" 124
has 'it says which' "$tmp/err" 'still running after 3 seconds'

boot/run hv --out "$tmp" --cmdline "$forever" "$guest" >/dev/null 2>&1 &
pid=$!
sleep 3
kill -TERM $pid
code=0
wait $pid || code=$?
is 'terminated' "$code" 143
is 'no temporary files' "$(ls "$TMPDIR")" ''
ok 'no emulator' sh -c '! ps -eo args | grep -F "bochsrc" | grep -qF "$1/tmp"' - "$tmp"

# A Bochs whose own BIOS does not start, where no other can be fetched
mkdir "$tmp/old"
printf '#!/bin/sh\necho "Bochs x86 Emulator 2.8\n -rc file"\n' >"$tmp/old/bochs"
chmod 755 "$tmp/old/bochs"
run env PATH="$tmp/old:$PATH" DEBIAN_MIRROR=http://127.0.0.1:9 BUILD="$tmp/a build" \
	boot/run hv --hv "$build/hv/hv.elf" --out "$tmp/old/out" "$guest"
is 'no BIOS: code' "$code" 69
has 'and what would do' "$tmp/err" '^run: Bochs 2.8 has no BIOS that starts, .* --bios names'
is 'nothing half is left' "$(ls "$tmp/a build/packages")" apt

# A machine on which nothing is installed but what a script needs.
mkdir "$tmp/bin"
for tool in dirname id ls cat grep sh env; do
	ln -s "$(command -v $tool)" "$tmp/bin/$tool"
done
run env PATH="$tmp/bin" NO_INSTALL=1 MACHINE=bochs BUILD="$tmp" boot/setup compare
ok 'NO_INSTALL ends with an error' test "$code" -ne 0
has 'and prints the command' "$tmp/out" 'apt-get install .* gcc .* bochs .*grub-common'
finish
