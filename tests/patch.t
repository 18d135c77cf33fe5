#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The patch series: both ways to apply it to every version of Linux whose source is there,
# style, and what it does to a kernel that does not want it. That each patch builds alone
# takes long.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
top=$PWD
case $build in /*) ;; *) build=$PWD/$build ;; esac
[ -f "$lab_linux/pristine/arch/x86/kvm/x86.c" ] ||
	skip_all "$lab_linux/pristine: no kernel source there"

fresh()
{
	mkdir -p "$tmp/$1/arch/x86"
	cp -r "$pristine/arch/x86/kvm" "$tmp/$1/arch/x86"
}

# applies VERSION: the common patches and the version's hooks, to its source
applies()
{
	pristine=$build/linux-$1/pristine
	[ "$1" != 6.12 ] || pristine=$build/linux/pristine
	set -- "$1" "$top"/kvm-patch/0*.patch "$top/kvm-patch/$1"/0*.patch
	version=$1
	shift
	[ -f "$pristine/arch/x86/kvm/x86.c" ] || {
		skip "$version: git am takes the series" "$pristine is not there"
		return
	}
	rm -rf "$tmp/am" "$tmp/patch" "$tmp/offset"
	fresh am
	cd "$tmp/am" || exit 1
	git init -q
	git config user.name tester
	git config user.email tester@example.com
	git add -A
	git commit -qm pristine
	run git am "$@"
	is "$version: git am takes the series" "$code" 0
	is 'one commit for each patch' "$(git rev-list --count HEAD)" $(($# + 1))
	rm -rf .git
	fresh patch
	cd "$tmp/patch" || exit 1
	code=0
	for p; do
		patch -p1 -f --no-backup-if-mismatch <"$p" >"$tmp/one" 2>&1 || code=1
		echo "$p:"
		cat "$tmp/one"
		# What all versions share has the lines of one of them.
		case $p in */kvm-patch/0*) ;; *) grep offset "$tmp/one" >>"$tmp/offset" ;; esac
	done >"$tmp/out"
	is "$version: patch -p1 takes it" "$code" 0
	lacks 'without fuzz' "$tmp/out" fuzz
	# An update of this version may move lines.
	made_for=$(grep -o "($version\.[0-9]*)" "$top/kvm-patch/README.md" | tr -d '()')
	here=$version.$(sed -n 's/^SUBLEVEL = //p' "$pristine/Makefile")
	if [ "$here" = "$made_for" ]; then
		ok 'its hooks without an offset' test ! -s "$tmp/offset"
	else
		skip 'its hooks without an offset' "they are made for $made_for, this is $here"
	fi
	ok 'with the same result' diff -r "$tmp/am" "$tmp/patch"
	# Every version's checkpatch has opinions of its own. It keeps notes where it is started.
	for p; do
		run perl "$pristine/scripts/checkpatch.pl" --strict --root="$pristine" "$p"
		is "$version: checkpatch --strict: ${p#"$top"/kvm-patch/}" "$code" 0
	done
	cd "$top" || exit 1
}

for folder in kvm-patch/[0-9]*/; do
	applies "$(basename "$folder")"
done

run make --no-print-directory BUILD="$build" kernel-objects
is "with the option off KVM's objects are the same" "$code" 0
set -- kvm-patch/0*.patch "kvm-patch/${KERNEL:-6.12}"/0*.patch
if long; then
	run env BUILD="$build" kvm-patch/build.sh each
	is 'each patch builds, without a warning' "$code" 0
	is 'all of them were tried' "$(grep -c '^builds: ' "$tmp/out")" $#
else
	skip 'each patch builds' 'takes long'
	skip 'all of them were tried' 'takes long'
fi

# refused NAME CODE PATTERN WORD...
refused()
{
	run env "$4" kvm-patch/build.sh patched
	is "$1 is refused" "$code" "$2"
	has 'by name' "$tmp/err" "$3"
}

refused 'a folder in which Linux does not build' 1 "blank.*: BUILD=$tmp/two words" \
	BUILD="$tmp/two words"
refused 'a version without hooks' 1 'KERNEL=5.4: there are no hooks .*6\.1 6\.12 7\.2$' KERNEL=5.4
mkdir -p "$tmp/other/arch/x86/kvm"
printf 'VERSION = 5\nPATCHLEVEL = 4\n' >"$tmp/other/Makefile"
touch "$tmp/other/arch/x86/kvm/x86.c"
run env -u KERNEL BUILD="$tmp/build" LINUX_SRC="$tmp/other" kvm-patch/build.sh patched
is 'a source without hooks is refused' "$code" 1
has 'by its version' "$tmp/err" "/other is Linux 5\.4: there are no hooks .* for 6\.1 "
run env KERNEL=6.1 BUILD="$tmp/build" LINUX_SRC="$tmp/other" kvm-patch/build.sh patched
is 'a source that is not of KERNEL is refused' "$code" 1
has 'by both' "$tmp/err" "KERNEL=6\.1, but $tmp/other is Linux 5\.4"
plan "$test_nr"
finish
