#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What students are given: no solution is in it, it compiles and counts nothing, and with the right
# file in it its own check says so.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 22

run lab/pack "$tmp/handout.tar.xz"
is 'a hand-out is packed' "$code" 0
mkdir "$tmp/student"
run tar -C "$tmp/student" -xf "$tmp/handout.tar.xz"
give=$tmp/student/vm-exits
is 'it has one folder' "$(ls "$tmp/student")" vm-exits
is 'no source of hv, of the guest, of the tools or of the series' \
	"$(cd "$give" && find . -name '*.[chS]' -o -name '*.patch' | sort | paste -sd' ')" \
	"./acct/exit_acct.c$(printf ' ./acct/exit_%s.h' acct reasons types) ./boot/terminal.c"
is 'nor an object of the accounting' "$(cd "$give" && find . -name 'exit_acct.c.o')" ''
is 'nor lines of source in the objects' "$(find "$give/build/obj" -name '*.o' \
	-exec readelf -SW {} + | grep -c debug_line)" 0
ok 'the text for students is there' grep -q '^## Minimal track' "$give/README.md"
is 'every file that it names is there' "$(tr '`' '\n' <"$give/README.md" |
	grep -xE '(acct|lab|boot)/[a-z_./-]+' | sort -u | while read -r f; do
		[ -e "$give/$f" ] || echo "$f"
	done)" ''

# What a student is to write is what the lab's own file has: one function more or less, and his file
# does not fit into KVM.
functions() { sed -n 's/^[a-z].*[ *]\(exit_acct_[a-z0-9_]*\)(.*/\1/p' "$1" | sort; }
functions acct/exit_acct.c >"$tmp/own"
functions "$give/acct/exit_acct.c" >"$tmp/given"
ok 'what students begin with has the functions of the own file' cmp -s "$tmp/own" "$tmp/given"
ok 'and there are some' test "$(wc -l <"$tmp/given")" -gt 10
sed -n '/^1\. /,/^The rest/s/`/\n/gp' "$give/README.md" | grep -x 'exit_acct_[a-z0-9_]*' |
	grep -vx exit_acct_count | sort -u >"$tmp/named"
comm -3 "$tmp/named" "$tmp/given" >"$tmp/others"
is 'the text names each but for one that is whole, and no other' "$(cat "$tmp/others")" \
	'	exit_acct_vm_init'

# A name is a name, whatever make or a shell would do with it.
stub=$tmp/stub
mkdir -p "$stub/boot" "$stub/lab" "$stub/kvm-patch" "$stub/guest/linux"
for script in boot/setup boot/run kvm-patch/build.sh guest/linux/initrd.sh lab/build lab/grade \
	lab/take; do
	# shellcheck disable=SC2016 # for the shell in there
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>named\n' >"$stub/$script"
	chmod +x "$stub/$script"
done
cp lab/handout/Makefile lab/lab.mk "$stub"
for way in 'Makefile check-kernel CHANGE' 'Makefile boot CHANGE' 'lab.mk grade SUBMISSION'; do
	for name in "\$(shell touch $tmp/ran)" "'; touch $tmp/ran; '" "
touch $tmp/ran
" "O'Bri  en.patch"; do
		# shellcheck disable=SC2086 # words are meant
		set -- $way
		run make -s -C "$stub" -f "$1" "$2" "$3=x$name"
		[ ! -e "$tmp/ran" ] || break
	done
	ok "$2: the name of a hand-in runs nothing" test ! -e "$tmp/ran"
	ok "$2: it stays what it is" grep -qxF "xO'Bri  en.patch" "$stub/named"
	rm -f "$tmp/ran" "$stub/named"
done

run make -s -C "$stub" -f Makefile boot CHANGE=x KERNEL=6.1
has 'another Linux has a folder of its own' "$stub/named" '^build/linux-6\.1-unpatched/bzImage$'

unset BUILD
run make -s -C "$give" check
is 'as it is its check fails' "$code" 2
has 'for it counts nothing' "$tmp/out" '^ +total +0 +[0-9]+ +DIFFERS'
has 'and the rows say what they must have' "$tmp/err" 'row cpuid: 0 exits of reason 10, must be 64'
cp acct/exit_acct.c "$give/acct"
run make -s -C "$give" check
is 'with the right file it does not' "$code" 0
has 'as all is equal' "$tmp/err" 'all is equal'
finish
