#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The runner on this machine: options, images that it must refuse, kinds of KVM,
# and, wherever there is some KVM, what a guest finds. Counts are not its subject.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
runner=$(realpath "$build/vmm/runner" 2>/dev/null) || skip_all "the runner is not built"
probe=$tmp/probe.elf

# Stands for every run here: none may hang.
runner() { run timeout 20 "$runner" "$@"; }

# refused NAME CODE TEXT: that code, in the end record too, and one line with TEXT
refused()
{
	is "$1" "$code" "$2"
	ok "$1: one line says why" test "$(wc -l <"$tmp/err")" -eq 1
	ok "$1: by name" grep -qF -e "$3" "$tmp/err"
	is "$1: end record" "$(tail -n 1 "$tmp/out")" "end target=kvm cause=error code=$2"
}

# ends CAUSE CODE: the last line
ends() { is "end record is last" "$(tail -n 1 "$tmp/out")" "end target=kvm cause=$1 code=$2"; }

# Options

runner --help
is "--help" "$code" 0
has "--help says how" "$tmp/out" '^usage: runner'

while IFS='|' read -r arguments text; do
	# shellcheck disable=SC2086 # words are meant
	runner $arguments
	refused "runner $arguments" 64 "$text"
done <<'LIST'
|no guest image
--mem|--mem: needs a value
--mem 3 x|"3" is not a number of MiB from 4 to 2048
--mem 2049 x|"2049" is not
--mem -64 x|"-64" is not
--mem 64k x|"64k" is not
--mem= x|"" is not
--mem 99999999999999999999 x|"99999999999999999999" is not
--machine vax x|--machine: "vax" is not one of bochs, qemu, bare
--clock sun x|--clock: "sun" is not one of emulated, hardware
--leaves f22 x|--leaves: unknown option
-x|-x: unknown option
x y|y: one guest image is enough
LIST
runner --cmdline "$(printf %2048s x)" x
refused "a command line that is too long" 64 "--cmdline: 2048 bytes"

# Images

printf 'not an ELF file, but long enough for one' >"$tmp/text"
: >"$tmp/empty"
head -c 40 "$runner" >"$tmp/cut"
while IFS='|' read -r file text; do
	case $file in
	runner) file=$runner ;;
	/*) ;;
	*) file=$tmp/$file ;;
	esac
	runner "$file"
	refused "image $text" 65 "$file: $text"
done <<'LIST'
none|No such file
.|is not a regular file
/dev/null|is not a regular file
text|e_ident[EI_MAG] is not
empty|file size is too small
cut|file size is too small
runner|PT_NOTE has no PVH entry point
LIST
runner --machine bochs --clock emulated "$tmp/none"
has "the log record comes first" "$tmp/out" \
	'^log version=1 target=kvm machine=bochs clock=emulated accounting=(yes|no)$'
is "and nothing before it" "$(head -c 4 "$tmp/out")" "log "

# Kinds of KVM

run "${CC:-cc}" -m32 -std=gnu11 -O1 -Wall -Wextra -Werror -iquote . -ffreestanding -fno-pic \
	-mgeneral-regs-only -fno-stack-protector -fcf-protection=none -nostdlib -static -no-pie \
	-Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-T,tests/vmm/probe.ld \
	-o "$probe" tests/vmm/probe.c
is "the probe builds" "$code" 0
if unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016
	run timeout 20 unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" "$1"' \
		"$runner" "$probe"
	refused "no /dev/kvm" 69 "/dev/kvm: missing"
else
	skip "no /dev/kvm" "no permission to hide it"
fi
force=
if ! grep -qw vmx /proc/cpuinfo && [ -w /dev/kvm ]; then
	runner "$probe"
	refused "a KVM that is not VMX" 69 "--force"
	force=--force
else
	skip "a KVM that is not VMX" "this machine has none"
fi
if ! [ -w /dev/kvm ]; then
	skip "a guest" "no usable /dev/kvm"
	plan "$test_nr"
	finish
fi

# A guest

runner $force --cmdline "00000000 a=b  c" "$probe"
is "the guest's code" "$code" 0
has "its command line" "$tmp/out" '^probe: cmdline=00000000 a=b  c$'
has "REP OUTS" "$tmp/out" '^probe: a string$'
lacks "the machine is as it should be" "$tmp/out" '^wrong:'
has "KVM's statistics" "$tmp/out" '^stats scope=vcpu0 name=exits value=[1-9]'
ends exit_port 0

runner $force --cmdline 0000002a --mem 4 "$probe"
is "the guest's code" "$code" 42
lacks "the smallest machine is as it should be" "$tmp/out" '^wrong:'
ends exit_port 42

runner $force --cmdline 000003e8 --mem 2048 "$probe"
is "a code above 255" "$code" 255
ends exit_port 1000

runner $force --cmdline 80000000 "$probe"
is "a guest that cannot go on" "$code" 71
has "an unfinished line is ended" "$tmp/out" '^probe: an unfinished line$'
has "registers are shown" "$tmp/out" '^runner: rip=0x10'
ends triple_fault 71

run timeout -s TERM 2 "$runner" $force --cmdline c0000000 "$probe"
has "stopped by a signal" "$tmp/out" '^runner: stopped by signal 15 '
ends error 70

# Each vCPU has a processor of its own, and stays there.
first=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
run timeout 20 taskset -c "$first" "$runner" $force --cpus 2 "$probe"
refused "more vCPUs than processors" 64 "--cpus: 2 are more processors than the 1 that"
if [ "$(nproc)" -gt 1 ]; then
	runner $force --cpus 2 --cmdline 00000007 "$probe"
	is "two vCPUs" "$code" 7
	has "the first one ended it" "$tmp/out" '^end target=kvm cause=exit_port vcpu=0 code=7$'
	run timeout -s TERM 2 "$runner" $force --cpus 2 --cmdline c0000000 "$probe"
	has "stopped by a signal, both are shown" "$tmp/out" '^runner: vcpu=1$'
	ends error 70
else
	skip "two vCPUs" "one processor"
fi

# shellcheck disable=SC2016
run sh -c '"$@" >/dev/full' - "$runner" $force --cmdline 00000000 "$probe"
is "a log that cannot be written" "$code" 70

plan "$test_nr"
finish
