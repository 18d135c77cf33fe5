#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# docs/exits.md is what its sources make of it, and has a line for every reason. What any
# page names in this tree is there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 20

tool=$build/tools/exits_doc
page=docs/exits.md
kvm=$build/linux/pristine/arch/x86/kvm/vmx/vmx.c
page_of() { run "$tool" docs/exits.in "$@"; }

page_of hv/exit/exit.c hv/vmx/intercept.c
is 'the page can be made' "$code" 0
ok 'it is the one in the tree (else: make docs)' cmp "$tmp/out" "$page"
grep -o '^	X([0-9]*, *[A-Z0-9_]*' acct/exit_reasons.h | sed 's/^	X(\([0-9]*\), */\1 /' \
	>"$tmp/reasons"
sed -n 's/^| \([0-9]*\) | .*(\([A-Z0-9_]*\)) | .*/\1 \2/p' "$page" >"$tmp/lines"
ok 'the list of reasons was found' test "$(wc -l <"$tmp/reasons")" -ge 80
ok 'every reason has its line, by number' cmp "$tmp/reasons" "$tmp/lines"
is 'no cell is empty' "$(grep '^| [0-9]' "$page" | grep -c '|  *|')" 0
is 'every line has six cells' "$(grep '^| [0-9]' "$page" | grep -vc '^|\([^|]*|\)\{6\}$')" 0
# RSM exits in SMM alone, where no guest of hv gets.
is 'no instruction of a guest ends it' "$(
	sed -n 's/^	X(\([0-9]*\),.*[ 	]INSTRUCTION).*/\1/p' acct/exit_reasons.h |
	while read -r reason; do
	sed -n "s/^| $reason | .* | unhandled: ends the VM | .*/$reason/p" "$page"
done | tr '\n' ' ')" '17 '
# shellcheck disable=SC2013 # words are meant
for row in $(sed -n 's/^	X(\([a-z0-9_]*\), [A-Z].*SYNC, .*/\1/p' guest/rows.h); do
	grep -q "\`$row\`" "$page" || echo "$row"
done >"$tmp/missing"
ok 'every row of the guest is named' test ! -s "$tmp/missing"

if [ -f "$kvm" ]; then
	page_of hv/exit/exit.c hv/vmx/intercept.c "$kvm"
	is 'KVM has the handlers that the page says' "$code" 0
	sed 's/= handle_triple_fault,/= handle_something_else,/' "$kvm" >"$tmp/vmx.c"
	page_of hv/exit/exit.c hv/vmx/intercept.c "$tmp/vmx.c"
	is 'another handler in KVM is refused' "$code" 1
	has 'by name' "$tmp/err" 'handle_triple_fault for reason 2, KVM has handle_something_else'
	wrong=''
	# But for what the page says of such a version alone.
	for kvm in "$build"/linux-[0-9]*/pristine/arch/x86/kvm/vmx/vmx.c; do
		version=${kvm#"$build"/linux-}
		sed -n "s/^|.*| no handler: in Linux ${version%%/*} \`\([a-z_]*\)\`.*/\1/p" \
			"$page" >"$tmp/own"
		grep -svwFf "$tmp/own" "$kvm" >"$tmp/vmx.c"
		page_of hv/exit/exit.c hv/vmx/intercept.c "$tmp/vmx.c"
		[ ! -f "$kvm" ] || [ "$code" -eq 0 ] || wrong="$wrong $kvm"
	done
	is 'and so has KVM of other versions that are here' "$wrong" ''
else
	for check in 1 2 3 4; do
		skip "the handlers in KVM, $check" "$kvm is not there (make kernel)"
	done
fi
# The page can be wrong: hv without a handler, and with a control that needs one.
grep -v 'EXIT_REASON_HLT' hv/exit/exit.c >"$tmp/exit.c"
page_of "$tmp/exit.c" hv/vmx/intercept.c
is 'a control without its handler is refused' "$code" 1
has 'by name' "$tmp/err" '"HLT exiting" on and has no handler for HLT'
sed 's/= handle_cpuid,/= handle_other,/' hv/exit/exit.c >"$tmp/exit.c"
page_of "$tmp/exit.c" hv/vmx/intercept.c
ok 'another handler makes another page' sh -c '! cmp -s "$1" "$2"' - "$tmp/out" "$page"
page_of /dev/null hv/vmx/intercept.c
is 'a source without a table is refused' "$code" 1

# `folder/file' must be there, and in `folder/file: name' the name too.
pages='README.md docs/*.md kvm-patch/README.md'
folders=$(git ls-files | sed -n 's,/.*,,p' | sort -u | paste -sd'|')
# shellcheck disable=SC2086 # words are meant
grep -ohE '`[^`]*`' $pages | tr -d '`' | sort -u |
	grep -E "^($folders)/[^ ]*(: [a-z0-9_]+)?$" >"$tmp/named"
# shellcheck disable=SC2046 # patterns of a shell are among them
while IFS= read -r line; do
	file=${line%%: *} name=${line##*: }
	set -- $(echo $file)
	[ -e "$1" ] || echo "$line"
	[ "$line" = "$file" ] || grep -qw "$name" "$@" || echo "$line"
done <"$tmp/named" >"$tmp/missing"
ok "pages name files ($(grep -c . "$tmp/named"))" test "$(grep -c . "$tmp/named")" -gt 60
ok 'and functions in them' test "$(grep -c ': ' "$tmp/named")" -gt 10
is 'all are there' "$(cat "$tmp/missing")" ''
# What has no file in the way of one exit is KVM's.
if [ -f "$kvm" ]; then
	grep -o '`[a-z_]*\(()\|\[\]\)`' README.md | tr -d '`()[]' | sort -u |
		while IFS= read -r name; do
			grep -rqw "$name" "$build/linux/src/arch/x86/kvm" hv || echo "$name"
		done >"$tmp/missing"
	is 'and what the README says of KVM' "$(cat "$tmp/missing")" ''
else
	skip 'what the README says of KVM' "$kvm is not there (make kernel)"
fi
finish
