#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# exitstat's options, on this machine, whose exits nobody counts; and its initramfs.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
exitstat=$build/linux-guest/exitstat
plan 52

refused()
{
	name=$1 pattern=$2
	shift 2
	run "$exitstat" "$@"
	is "$name" "$code" 64
	ok "$name: one line, no output" test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has "$name: says so" "$tmp/err" "$pattern"
}
refused 'an unknown option' '^exitstat: --colour: unknown option' --colour
refused 'an option without its value' '^exitstat: --interval: needs a value' --live --interval
refused 'no interval' '"0" is not from 0.05 to 86400 seconds' --live --interval 0
refused 'an interval that is no number' '"nan" is not' --live --interval nan
refused 'no times' '"0" is not a number from 1' --live --times 0
refused 'an unknown map' '"s22" is none of default, s21, f21, f22' --map s22
refused 'two things at once' 'exclude each other' --live -- true
refused 'an interval of nothing' 'go with --live' --interval 1
refused 'a check in CSV' 'no CSV or JSON' --check --csv

run "$exitstat" --help
is 'help' "$code" 0
has 'tells the exit codes' "$tmp/out" '^Exit code: 0;'
run "$exitstat" --version
is 'version' "$code" 0
has 'of output and leaves' "$tmp/out" '^exitstat: output version 1, extension leaves version 1$'
run sh -c '"$1" --help >/dev/full' - "$exitstat"
is 'output that cannot be written' "$code" 1
ok 'it is static' sh -c '! ldd "$1" 2>/dev/null' - "$exitstat"

run "$exitstat" --live
if [ "$code" -eq 3 ]; then
	ok 'no leaves: one line' test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has 'no leaves: why' "$tmp/err" '^exitstat: no leaves of VM-exit accounting: '
	run "$exitstat" -- touch "$tmp/was-run"
	is 'no leaves: no command' "$code" 3
	ok 'it is not run' test ! -e "$tmp/was-run"
else
	for check in line reason command run; do
		skip "no leaves: $check" 'this machine has them'
	done
fi

# What ends the VM, on a machine that shall not end.
for code in '' x 256 -1 7x; do
	run "$build/linux-guest/vmexit" ${code:+"$code"}
	is "vmexit ${code:-without a code}" "$code" 64
done
nobody=''
[ "$(id -u)" -ne 0 ] || nobody='setpriv --reuid 65534'
# shellcheck disable=SC2086 # words are meant
run $nobody "$build/linux-guest/vmexit" 0
is 'vmexit that may not use the port' "$code" 1
has 'says so' "$tmp/err" '^vmexit: port 0xf4: .'

# Twice the same: nothing of the day or the folder gets into the archive.
mkdir "$tmp/build"
ln -s "$(realpath "$build/packages")" "$tmp/build/packages"
run env BUILD="$tmp/build" guest/linux/initrd.sh "$tmp/initrd.cpio" "$exitstat" \
	"$build/linux-guest/vmexit"
is 'an initramfs is made' "$code" 0
ok 'the same bytes again' cmp "$tmp/initrd.cpio" "$build/linux-guest/initrd.cpio"
run cpio --quiet -it <"$tmp/initrd.cpio"
for member in init bin/busybox bin/cpuid bin/exitstat bin/vmexit bin/sh; do
	has "it has $member" "$tmp/out" "^$member$"
done
finish
