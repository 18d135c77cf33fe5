#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The patch series: both ways to apply it, style, and what it does to a kernel
# that does not want it. That each patch builds alone takes long.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
src=$build/linux/src
pristine=$build/linux/pristine
[ -f "$pristine/arch/x86/kvm/x86.c" ] || skip_all "$pristine: no kernel source there"
case $pristine in /*) ;; *) pristine=$PWD/$pristine src=$PWD/$src ;; esac
top=$PWD
set -- "$top"/kvm-patch/0*.patch
plan $(($# + 10))

fresh()
{
	mkdir -p "$tmp/$1/arch/x86"
	cp -r "$pristine/arch/x86/kvm" "$tmp/$1/arch/x86"
}

fresh am
cd "$tmp/am" || exit 1
git init -q
git config user.name tester
git config user.email tester@example.com
git add -A
git commit -qm pristine
run git am "$@"
is 'git am takes the series' "$code" 0
is 'one commit for each patch' "$(git rev-list --count HEAD)" $(($# + 1))
rm -rf .git
fresh patch
cd "$tmp/patch" || exit 1
code=0
for p; do
	patch -p1 -f --no-backup-if-mismatch <"$p" >>"$tmp/out" 2>&1 || code=1
done
is 'patch -p1 takes it' "$code" 0
lacks 'without fuzz or offset' "$tmp/out" 'fuzz|offset'
ok 'with the same result' diff -r "$tmp/am" "$tmp/patch"

# checkpatch keeps notes where it is started.
cd "$tmp" || exit 1
for p; do
	run perl "$src/scripts/checkpatch.pl" --strict --root="$src" "$p"
	is "checkpatch --strict: ${p##*/}" "$code" 0
done

cd "$top" || exit 1
run make --no-print-directory BUILD="$build" kernel-objects
is "with the option off KVM's objects are the same" "$code" 0
if long; then
	run env BUILD="$build" kvm-patch/build.sh each
	is 'each patch builds, without a warning' "$code" 0
	is 'all of them were tried' "$(grep -c '^builds: ' "$tmp/out")" $#
else
	skip 'each patch builds' 'takes long'
	skip 'all of them were tried' 'takes long'
fi
run env BUILD="$tmp/two words" kvm-patch/build.sh each
is 'a folder in which Linux does not build is refused' "$code" 1
has 'by name' "$tmp/err" "blank.*: BUILD=$tmp/two words"
finish
