#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A hand-in's forms: each becomes the same patch; what may not be handed in is refused, and what
# does not apply is explained.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[ -f "$lab_linux/pristine/arch/x86/kvm/x86.c" ] || skip_all 'no kernel source is there'
command -v bwrap >/dev/null || skip_all 'bubblewrap is not installed'
plan 101
unset ALLOW BASE
pristine=$(cd "$lab_linux/pristine" && pwd)
vmx=arch/x86/kvm/vmx/vmx.c cpuid=arch/x86/kvm/cpuid.c
kvm='arch/x86/kvm arch/x86/include Makefile scripts/Kbuild.include'

# take NAME HAND-IN: in $out
take()
{
	out=$tmp/out.$1
	run lab/take "$2" "$out"
}

# same NAME HAND-IN FORM: the patch of all forms
same()
{
	take form "$2"
	is "$1 is taken" "$code" 0
	ok "$1: the same patch" cmp "$tmp/the.patch" "$out/change.patch"
	has "$1: its form" "$out/build.txt" "^form=$3\$"
}

# refused NAME HAND-IN PATTERN
refused()
{
	take refused "$2"
	is "$1 is refused" "$code" 2
	ok "$1: in one line that says why" \
		sh -c 'tail -n 1 "$1" | grep -qE "refused: .*$2"' - "$tmp/err" "$3"
}

# A change: a line in two files, and a new header.
# shellcheck disable=SC2086 # words are meant
for tree in old new; do
	mkdir "$tmp/$tree"
	(cd "$pristine" && cp -a --parents $kvm "$tmp/$tree")
done
sed -i 's,^static int handle_exception_nmi(,/* a line of the hand-in */\n&,' "$tmp/new/$vmx"
sed -i 's,^int kvm_emulate_cpuid(,#include "stats.h"\n&,' "$tmp/new/$cpuid"
echo '#define STATS 1' >"$tmp/new/arch/x86/kvm/stats.h"

(cd "$tmp" && diff -ruN old new) >"$tmp/p1.patch"
take first "$tmp/p1.patch"
is 'a diff -ruN of two trees is taken' "$code" 0
cp "$out/change.patch" "$tmp/the.patch"
cp -r "$tmp/old" "$tmp/patched"
run patch -s -p1 -d "$tmp/patched" -i "$tmp/the.patch"
ok 'the patch makes of the one tree the other' diff -r "$tmp/new" "$tmp/patched"
has 'and names the functions' "$tmp/the.patch" '^@@ .* @@ [a-z].*\('
is 'it applies' "$(sed -n 's/^applies=//p' "$out/build.txt")" yes

sed 's,^\(---\|+++\) \(old\|new\)/,\1 ,' "$tmp/p1.patch" >"$tmp/p0.patch"
same 'with -p0' "$tmp/p0.patch" diff
sed 's/$/\r/' "$tmp/p1.patch" >"$tmp/crlf.patch"
same 'with line ends of Windows' "$tmp/crlf.patch" diff
# What else a student may have beside his sources: a program for tests, with a header and names of
# the kernel's, objects, notes, links.
beside()
{
	mkdir -p "$1/test"
	printf 'CFLAGS = -O2\n\nall: test\n\nclean:\n\trm -f test\n' | tee "$1/Makefile" \
		>"$1/test/Makefile"
	printf '#include <stdio.h>\n#include "count.h"\nint exits;\nint main(void)\n{\n%s' \
		'	exits++;\n	return 0;\n}\n' | tee "$1/test.c" >"$1/test/cpuid.c"
	echo '#define COUNT 1' | tee "$1/test/msr.h" >"$1/test/count.h"
	echo 'What I did' | tee "$1/README" "$1/my notes (1).txt" >"$1/.gitignore"
	printf '%%PDF-1.4\n\0\377\n' | tee "$1/report.pdf" >"$1/vmx.o"
	ln -s /etc "$1/test/link"
}
cp -r "$tmp/old" "$tmp/repo"
cd "$tmp/repo" || exit 1
git() { command git -c user.name=s -c user.email=s@example.com "$@"; }
git init -q
git add -A
git commit -qm 'Linux'
cp -r "$tmp/new/." .
git add -A
git diff --cached >"$tmp/git.patch"
git commit -qm 'Count — with a name beyond ASCII'
git format-patch -q --stdout HEAD~ >"$tmp/mails.mbox"
git format-patch -q --attach --stdout HEAD~ >"$tmp/attached.mbox"
cd - >/dev/null || exit 1
same "with Git's headers" "$tmp/git.patch" diff
same 'a mailbox' "$tmp/mails.mbox" diff
same 'a mailbox of attachments' "$tmp/attached.mbox" diff
same 'a Git repository' "$tmp/repo" git
cp -r "$tmp/repo" "$tmp/repo-more"
beside "$tmp/repo-more/mine"
git -C "$tmp/repo-more" add -A
git -C "$tmp/repo-more" commit -qm 'Test'
same "one with a student's tests" "$tmp/repo-more" git
has 'what of it is no kernel is named' "$out/build.txt" "^left_out=.*mine/Makefile, mine/README, "
git -C "$tmp/repo-more" diff HEAD~2 >"$tmp/more.patch"
same 'a diff with them' "$tmp/more.patch" diff
mkdir "$tmp/files"
cp "$tmp/new/$vmx" "$tmp/new/$cpuid" "$tmp/new/arch/x86/kvm/stats.h" "$tmp/files"
echo 'What I did' >"$tmp/files/report.txt"
same 'a folder of files' "$tmp/files" files
cp -r "$tmp/files" "$tmp/more"
beside "$tmp/more"
same "a folder with a student's tests" "$tmp/more" files
has 'what is no file of the kernel is named' "$out/build.txt" \
	'^left_out="Makefile, README, my notes \(1\).txt, report.pdf, .* and [0-9]+ more"$'
is 'in one line' "$(grep -c 'left out' "$tmp/err")" 1
mkdir -p "$tmp/vmx-folder/vmx"
{ echo '#include "count.h"'; cat "$tmp/new/$vmx"; } >"$tmp/vmx-folder/vmx/vmx.c"
cp "$tmp/new/arch/x86/kvm/stats.h" "$tmp/vmx-folder/vmx/count.h"
cp "$pristine/$cpuid" "$tmp/vmx-folder"
take vmx "$tmp/vmx-folder"
has 'a new file is where its folder is' "$out/change.patch" '^\+\+\+ b/arch/x86/kvm/vmx/count.h'
cp -r "$tmp/files" "$tmp/flat-repo"
cd "$tmp/flat-repo" || exit 1
git init -q
sed -i 's,^/\* a line of the hand-in,& to be,' vmx.c
git add -A
git commit -qm 'My files'
cp "$tmp/new/$vmx" .
git commit -qam 'More'
cd - >/dev/null || exit 1
same 'a repository that begins with changed files' "$tmp/flat-repo" files
(cd "$tmp" && tar -cJf files.tar.xz files && zip -qr files.zip files)
same 'an archive of them' "$tmp/files.tar.xz" files
same 'a zip of them' "$tmp/files.zip" files
rm "$tmp/new/scripts/Kbuild.include"
same 'a kernel tree' "$tmp/new" tree
sed 's/$/\r/' "$tmp/new/$vmx" >"$tmp/vmx.c"
take one "$tmp/vmx.c"
is 'a single file is taken' "$code" 0
is 'as what its name says, without its line ends' \
	"$(grep '^[+-]' "$out/change.patch" | paste -sd' ')" \
	"--- a/$vmx +++ b/$vmx +/* a line of the hand-in */"

# A context line with other words applies with fuzz; a hunk whose middle is not there does not.
awk '/^diff/ { vmx = /vmx/ }
	/^@@/ { first = vmx; print; next }
	first { first = 0; print " another line"; next } 1' \
	"$tmp/git.patch" >"$tmp/fuzz.patch"
take fuzz "$tmp/fuzz.patch"
is 'one context line is not there' "$(sed -n 's/^applies=//p' "$out/build.txt")" fuzz
has 'and it says which hunk' "$out/hunks.txt" "^$vmx: hunk 1 fits line [0-9]+ but"
sed 's,^ static int handle_exception_nmi(,&struct nobody *who\, ,; s,^ {$, {{,' \
	"$tmp/git.patch" >"$tmp/no.patch"
take no "$tmp/no.patch"
is 'more than fuzz can mend' "$code" 1
has 'names file, hunk and line' "$tmp/err" \
	"$vmx: hunk 1: its line .static int handle_exception_nmi\(struct nobody .* is not there"

mkdir "$tmp/bad"
sed "s,arch/x86/kvm/cpuid.c,arch/x86/kvm/../../../../out.c,g" "$tmp/p1.patch" >"$tmp/bad/up.patch"
refused 'a name with ../' "$tmp/bad/up.patch" "leads out of the kernel's tree"
sed 's,^\(---\|+++\) ,\1 /,' "$tmp/p1.patch" >"$tmp/bad/root.patch"
refused 'an absolute name' "$tmp/bad/root.patch" "leads out of the kernel's tree"
printf '%s\n' '--- a/arch/x86/kvm/Makefile' '+++ b/arch/x86/kvm/Makefile' '@@ -0,0 +1 @@' \
	'+X := $(shell id)' >"$tmp/bad/make.patch"
refused 'a makefile' "$tmp/bad/make.patch" 'it changes arch/x86/kvm/Makefile; only'
printf '%s\n' '--- a/scripts/x.sh' '+++ b/scripts/x.sh' '@@ -0,0 +1 @@' '+id' \
	>"$tmp/bad/sh.patch"
refused 'a script' "$tmp/bad/sh.patch" 'it changes scripts/x.sh; only'
mkdir "$tmp/flat"
cp "$tmp/new/$vmx" "$tmp/flat"
{ cat "$pristine/arch/x86/kvm/Makefile"; echo 'kvm-y += count.o'; } >"$tmp/flat/Makefile"
echo 'int count;' >"$tmp/flat/count.c"
refused "KVM's makefile among files" "$tmp/flat" 'it changes arch/x86/kvm/Makefile; only'
ALLOW=arch/x86/kvm/Makefile take allowed "$tmp/flat"
is 'and taken if it is allowed' "$code" 0
has 'with what it names' "$out/change.patch" '^\+\+\+ b/arch/x86/kvm/count.c'
mkdir -p "$tmp/named/kvm"
echo 'X := $(shell id)' >"$tmp/named/kvm/Makefile"
cp "$tmp/new/$vmx" "$tmp/named"
refused 'another one in its place' "$tmp/named" 'it changes arch/x86/kvm/Makefile; only'
cp -r "$tmp/new" "$tmp/top"
sed -i 's/^EXTRAVERSION.*/& -mine/' "$tmp/top/Makefile"
refused 'the one on top of a tree' "$tmp/top" 'it changes Makefile; only'
mkdir -p "$tmp/twice/old"
cp "$tmp/new/$vmx" "$tmp/twice"
{ cat "$tmp/new/$vmx"; echo; } >"$tmp/twice/old/vmx.c"
refused 'a file in two versions' "$tmp/twice" "two files of $vmx, which differ"
mkdir "$tmp/tests-alone"
beside "$tmp/tests-alone"
mkdir -p "$tmp/blanks/my code"
cp "$tmp/new/$vmx" "$tmp/blanks/my code"
cp "$tmp/new/$cpuid" "$tmp/new/arch/x86/kvm/stats.h" "$tmp/blanks"
same 'a folder with a blank in its name' "$tmp/blanks" files
refused 'what has no file of the kernel' "$tmp/tests-alone" 'nothing of it changes'
mkdir "$tmp/links"
ln -s /etc/passwd "$tmp/links/vmx.c"
refused 'a symbolic link' "$tmp/links" 'vmx.c is a symbolic link'
mkdir -p "$tmp/lines/x
$tmp"
cp "$tmp/new/$vmx" "$tmp/lines/x
$tmp"
refused 'a name of two lines' "$tmp/lines" 'has a control character'
echo 'I did my best' >"$tmp/bad/words.txt"
refused 'no diff' "$tmp/bad/words.txt" 'no unified diff'
# What Git is told by a repository runs where nothing can be reached.
git -C "$tmp/repo" config core.fsmonitor "touch $tmp/escaped; false"
same "a repository that starts a program" "$tmp/repo" git
ok 'which does nothing here' test ! -e "$tmp/escaped"

# Two versions of a Linux, of whose one file they have the first lines and the end.
x86=arch/x86/kvm/x86.c
for version in 6.12 6.1; do
	tree=$tmp/two/linux-$version/pristine
	mkdir -p "$tree/arch/x86/kvm" "$tree/arch/x86/include"
	printf 'VERSION = 6\nPATCHLEVEL = %s\nSUBLEVEL = 9\n' ${version#6.} >"$tree/Makefile"
	{
		printf 'line %s\n' $(seq 20)
		[ $version = 6.1 ] || printf 'is new %s\n' $(seq 40)
		printf 'end %s\n' $(seq 20)
	} >"$tree/$x86"
done
mv "$tmp/two/linux-6.12" "$tmp/two/linux"
new=$tmp/two/linux/pristine

# for_two NAME SED: a patch to the newer one
for_two()
{
	sed "$2" "$new/$x86" | diff -u --label "a/$x86" --label "b/$x86" "$new/$x86" - \
		>"$tmp/$1.patch"
}

# take_of VERSION NAME
take_of() { BUILD=$tmp/two KERNEL=$1 take "of_$1" "$tmp/$2"; }

for_two one 's/^is new 20/& it is/'
take_of 6.12 one.patch
is 'a change to one version of Linux is taken' "$code" 0
wrong='refused: it is for Linux 6\.12, the source is 6\.1; KERNEL= '
take_of 6.1 one.patch
is 'and with another one refused' "$code" 2
has 'with what it is for' "$tmp/err" "$wrong"
for_two both 's/^line 19/& it is/'
take_of 6.1 both.patch
is 'one that applies with fuzz is taken' "$(sed -n 's/^applies=//p' "$out/build.txt")" fuzz
has 'and it is told why' "$out/build.txt" '^made_for=6\.12$'
for_two any 's/^line 5/& it is/'
take_of 6.1 any.patch
is 'one that applies to both as it is, is for both' "$(grep -c made_for "$out/build.txt")" 0
sed 's/^ is new 19/ is what/; s/^-is new 20/-is not/' "$tmp/one.patch" >"$tmp/none.patch"
take_of 6.1 none.patch
is 'one that is for neither does not apply' "$code" 1
has 'and it says to which it does not' "$tmp/err" "does not apply to Linux 6\.1: $x86: hunk 1"
mkdir "$tmp/whole"
sed 's/^line 5/& it is/' "$new/$x86" >"$tmp/whole/x86.c"
take_of 6.12 whole
is 'a whole file is taken' "$code" 0
take_of 6.1 whole
is 'and with another version refused' "$code" 2
has 'with what it is of' "$tmp/err" "$wrong"
cp -r "$new" "$tmp/whole-repo"
git -C "$tmp/whole-repo" init -q
take_of 6.1 whole-repo
has 'a repository is too' "$tmp/err" 'refused: it is a repository with Linux 6\.12, the source'
finish
