#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A hand-in is compiled where it reaches nothing, and for so long: what it tries comes to nothing,
# and costs no one but itself.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -f "$lab_linux-unpatched/src/obj/vmlinux" ] || skip_all 'no unpatched kernel is there'
command -v bwrap >/dev/null || skip_all 'bubblewrap is not installed'
plan 30
unset ALLOW BASE JOBS LIMIT
pristine=$lab_linux/pristine
cpuid=arch/x86/kvm/cpuid.c makefile=arch/x86/kvm/Makefile
echo 'a secret' >"$tmp/secret"
chmod 755 "$tmp"

# building WORD FILE SED: hand in FILE, changed by a script of sed's, and build it.
building()
{
	out=$tmp/$1
	mkdir "$out"
	sed "$3" "$pristine/$2" >"$out/${2##*/}"
	ALLOW=$makefile run lab/take "$out/${2##*/}" "$out"
	[ "$code" -ne 0 ] || run lab/build "$out"
}

# said KEY: of the hand-in's build
said() { sed -n "s/^$1=//p" "$out/build.txt"; }
in_cpuid() { building "$1" $cpuid "s|^int kvm_emulate_cpuid(|$2\\n&|"; }

run lab/build base plain
is 'there is a kernel to build upon' "$code" 0

in_cpuid warns 'static int nobody_calls(void) { return 1; }'
is 'a hand-in is compiled' "$code" 0
is 'it builds' "$(said builds)" yes
is 'the compiler warns once' "$(said warnings)" 1
has 'and what it warns of is told' "$out/build.txt" '^why=.*nobody_calls.* defined but not used'
ok 'there is a kernel' cmp -s -n 4 -i 514:0 "$out/bzImage" /dev/fd/3 3<<X
HdrS
X
is 'KVM alone was compiled' "$(sed -n 's,^  CC      \(arch/x86/kvm/.*\|.*\.o\)$,\1,p' \
	"$out/build.log" | grep -vcE '^arch/x86/(kvm|boot)/|^init/version|^\.vmlinux')" 0

in_cpuid error 'int wrong = none_such;'
is 'what is wrong does not build' "$code $(said builds)" '1 no'
has 'file, line and error are named' "$out/build.txt" \
	"^why=.*$cpuid:[0-9]+:[0-9]+: error: .none_such. undeclared"

# What is not there is asked for in one build: what the compiler is asked is answered, and then
# the assembler finds nothing.
in_cpuid include "#if __has_include(\"cpuid.h\")\\n#warning it is asked\\n#endif\\n#if $(
	printf '__has_include("%s") + ' "$tmp/secret" /etc/passwd "$PWD/acct/exit_acct.c"
	)0\\n#warning it is there\\n#endif\\nasm(\".incbin \\\\\"/etc/passwd\\\\\"\");"
is 'a file of this computer is not included' "$code $(said builds)" '1 no'
has 'for nobody has it' "$out/build.log" 'warning: #warning it is asked'
lacks 'nor the solution' "$out/build.log" 'warning: #warning it is there'
has 'nor the assembler' "$out/build.log" 'Error: file not found: /etc/passwd'

# A hand-in that is allowed a makefile can do all that a program can.
fills='cat /dev/zero >big; cat /dev/zero >/tmp/big; yes a line that fills the disk'
# shellcheck disable=SC2016 # for make
building shell $makefile '$a$(shell { touch '"$tmp/escaped; cat /etc/passwd; id; $fills"'; } >\&2)'
is 'one that fills the disk, and prints for ever, ends' "$code $(said builds)" '1 no'
has 'while it does run' "$out/build.log" '^uid=65534|^uid=[1-9]'
ok 'a makefile reaches nothing' test ! -e "$tmp/escaped"
lacks 'and reads nothing' "$out/build.log" '^root:'
ok 'it fills its own disks' test "$(grep -ac '^cat: .*No space left' "$out/build.log")" -ge 2
has 'it does print' "$out/build.log" '^a line that fills the disk'
ok 'and the log is bounded' test "$(wc -c <"$out/build.log")" -le 8388608
nap=$((100000 + $$)) start=$(date +%s)
run lab/sandbox 5 256 -- sh -c "f() { f | f & }; sleep $nap & f; wait"
is 'a fork bomb ends' "$code" 124
ok 'within its time' test $(($(date +%s) - start)) -lt 120
# Linux may take a while for so many, but in the end there is none.
left()
{
	for _ in $(seq 120); do
		left=$(ps -eo args | grep "^sleep $nap\$") || return
		sleep 0.5
	done
	echo "$left"
}
is 'and leaves nobody' "$(left)" ''
macros=$(awk 'BEGIN { print "#define M0 1 +"
	for (i = 1; i < 40; i++) print "#define M" i " M" i - 1 " M" i - 1 }' | paste -sd@ |
	sed 's,@,\\n,g')
LIMIT=10 in_cpuid slow "$macros\\nint big = M39 0;"
is 'one that compiles for ever ends' "$code $(said builds)" '1 no'
ok 'and it says why' grep -qE 'more than 10 seconds|memory' "$out/build.txt"

# Nor is what the emulator says of a kernel that makes it panic for ever; its end is there.
{ yes '0001d[CPU0  ] >>PANIC<< again' | head -n 9000; echo '>>PANIC<< the last'; } |
	sh -c '. boot/bochs.sh; awk "$bochs_panics"' >"$tmp/out"
is 'panics of the emulator are bounded' "$(wc -l <"$tmp/out") $(tail -n 1 "$tmp/out")" \
	'1001 >>PANIC<< the last'

# What the caller has open is not theirs, and neither is the other's user.
run lab/sandbox 30 256 -- sh -c 'cat <&7' 7<"$tmp/secret"
lacks 'what the caller has open is closed' "$tmp/out" 'a secret'
run lab/sandbox 30 256 -- cat /proc/self/oom_score_adj
is 'memory ends with them' "$(cat "$tmp/out")" 1000
if [ "$(id -u)" -eq 0 ]; then
	for user in 1 2; do
		lab/sandbox 30 256 -- id -u >"$tmp/user-$user"
	done
	ok 'processes are counted for each sandbox' sh -c '! cmp -s "$1" "$2"' - \
		"$tmp/user-1" "$tmp/user-2"
else
	skip 'processes are counted for each sandbox' 'it has a user of its own only where root is'
fi
run lab/sandbox 30 256 -- sh -c 'cat /proc/net/dev; ls -A / /home /root; kill -0 1'
is 'there is no network' "$(grep -cE '^ *[a-z0-9]+:' "$tmp/out")" 1
finish
