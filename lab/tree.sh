# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# Which file of the kernel's tree a hand-in's name means, and whether it means one at all: a student
# has other files beside his sources. Sourced by take, whose variables it reads.

# plain_name NAME: sets $plain, as much of its end as may be the name of a kernel's file, without
# folders in front that have blanks or other letters. 1 if it is none itself.
plain_name()
{
	case $1 in
	/*|..|../*|*/..|*/../*) refuse "the name $1 leads out of the kernel's tree" ;;
	esac
	plain=$1
	while :; do
		case $plain in
		*[!A-Za-z0-9_./+-]*/*) plain=${plain#*/} ;;
		*[!A-Za-z0-9_./+-]*) return 1 ;;
		*) return 0 ;;
		esac
	done
}

# find_in_tree NAME [FILE]: sets $path, what a name of the hand-in's is in the kernel's tree. The
# name may have folders in front that the tree has not, or lack some that it has. Where several
# files of the tree are called so, that one is meant which FILE has most of. $found is what speaks
# for it: a folder of the tree in the name; the name alone, of one file or, without FILE, of many;
# or that nobody there has it.
find_in_tree()
{
	rest=${1#./} found=folder
	while [ "$rest" != "${rest#*/}" ]; do
		path=$rest
		[ ! -f "$source/$path" ] || return 0
		rest=${rest#*/}
	done
	rest=${1#./}
	while :; do
		[ "$rest" != "${rest#*/}" ] || found=name
		# shellcheck disable=SC2086 # words are meant
		(cd "$source" && find $roots -path "*/$rest") >"$work/found"
		[ $# -ne 2 ] || [ $found != name ] || [ ! -f "$source/$rest" ] ||
			echo "$rest" >>"$work/found"
		[ ! -s "$work/found" ] || break
		[ "$rest" != "${rest#*/}" ] || break
		rest=${rest#*/}
	done
	path=$(head -n 1 "$work/found")
	case $(wc -l <"$work/found") in
	0) new_in_tree "${1#./}" ;;
	1) ;;
	*)
		[ $# -eq 2 ] || { found=many; return; }
		path=$(while read -r f; do
			echo "$(diff "$source/$f" "$2" | grep -c '^[<>]') $f"
		done <"$work/found" | sort -n | sed -n '1s/.* //p') ;;
	esac
}

# new_in_tree NAME: where a file goes that the tree has not: its own folder if it names one of the
# tree's, or else where every file of KVM finds a header.
new_in_tree()
{
	found=new
	case /$1 in
	*/arch/x86/*) path=arch/x86/${1#*arch/x86/} found=new_there; return ;;
	esac
	rest=$1
	while [ "$rest" != "${rest#*/}" ]; do
		for path in "$rest" "arch/x86/kvm/$rest"; do
			[ ! -d "$source/${path%/*}" ] || { found=new_there; return 0; }
		done
		rest=${rest#*/}
	done
	path=arch/x86/kvm/${1##*/}
}

in_roots() { case $1 in arch/x86/kvm/*|arch/x86/include/*) return 0 ;; esac; return 1; }

# is_like FILE PATH: is it a version of that file of the tree? One that only has its name has little
# more than braces and blank lines of it.
is_like()
{
	all=$(wc -l <"$source/$2")
	gone=$(sed 's/\r$//' "$1" | diff -a "$source/$2" - | grep -ac '^<') || :
	[ $(((all - gone) * 4)) -ge "$all" ]
}

# is_no_code PATH: what of the tree is only read by people, or tests what is built.
is_no_code()
{
	case $1 in
	Documentation/*|samples/*|tools/testing/*|README|MAINTAINERS|COPYING|CREDITS|.[!/]*) ;;
	*) return 1 ;;
	esac
}

# allowed PATH
allowed()
{
	case $1 in
	arch/x86/kvm/*.[ch]|arch/x86/include/*.[ch]) return 0 ;;
	esac
	set -f
	for pattern in ${ALLOW-}; do
		# shellcheck disable=SC2254 # a pattern is meant
		case $1 in $pattern) set +f; return 0 ;; esac
	done
	set +f
	return 1
}

need_allowed()
{
	allowed "$1" || refuse "it changes $1; only .c and .h below arch/x86/kvm and" \
		"arch/x86/include may be changed, and what ALLOW= names"
	[ -e "$work/b/$1" ] || [ ! -e "$source/$1" ] || {
		mkdir -p "$work/a/${1%/*}" "$work/b/${1%/*}"
		cp -p "$source/$1" "$work/a/$1"
		cp -p "$source/$1" "$work/b/$1"
	}
}

# is_source NAME: by its name it may be a file that a kernel is built of.
is_source()
{
	case ${1##*/} in
	*.[chS]|*.mk|Makefile*|Kconfig*|Kbuild*) ;;
	*) return 1 ;;
	esac
}

# fits PART PATH: does it change that file of the tree?
fits()
{
	cp "$source/$2" "$work/try"
	patch -u -f -F2 -l -s --no-backup-if-mismatch -r "$work/rej" "$work/try" "$1" \
		>"$work/said" 2>&1
}

# is_of_tree NAME PART: does a diff's part change the kernel's tree, as find_in_tree took it? A
# student's own Makefile does not fit there, and what he creates was never there.
is_of_tree()
{
	if [ $found = name ]; then
		[ ! -f "$source/${1##*/}" ] || ! fits "$2" "${1##*/}" || path=${1##*/}
		! grep -qE '^@@ -0(,0)? ' "$2" || return 1
	elif [ $found = many ]; then
		! grep -qE '^@@ -0(,0)? ' "$2" || return 1
		refuse "$1 may be any of $(paste -sd' ' "$work/found"): give it the folder's name"
	elif [ $found = new ]; then
		case $1 in *.[ch]) return 0 ;; *) return 1 ;; esac
	elif in_roots "$path"; then
		return 0
	fi
	! is_no_code "$path" || return 1
	allowed "$path" || [ ! -f "$source/$path" ] || fits "$2" "$path"
}
