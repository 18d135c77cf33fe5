# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# What the scripts in this folder share. Everything here speaks on stderr:
# stdout carries results only.

me=${0##*/}
build=${BUILD:-${top:-.}/build}
# The lab's kernel, with kvm-patch/ and without, and what hand-ins are built upon and become: of
# Linux 6.12, or of KERNEL.
lab_linux=$build/linux${KERNEL:+-$KERNEL}
lab_linux=${lab_linux%-6.12}
lab=$build/lab${lab_linux##*/linux}
# Files and messages are the same in every language.
export LC_ALL=C

# Codes of these scripts that are not the guest's; stderr says which it was.
CODE_USAGE=64		# as MACHINE_CODE_USAGE in machine/machine.h
CODE_TIME_LIMIT=124	# as timeout(1) has it
CODE_NO_END=125		# the machine stopped and the log has no `end` record

say() { printf '%s: %s\n' "$me" "$*" >&2; }

# fail CODE MESSAGE...
fail()
{
	code=$1
	shift
	say "$@"
	exit "$code"
}

# need_file WHAT FILE: refuse early what would fail far away, inside a machine.
need_file()
{
	[ -e "$2" ] || fail $CODE_USAGE "$1: there is no file $2"
	[ -f "$2" ] && [ -r "$2" ] || fail $CODE_USAGE "$1: cannot read $2"
}

# clear_folder DIR FILE...: an empty one, so that nothing of before passes for a result. One that
# has other things in it than a run before has left, which is known by a FILE, stays.
clear_folder()
{
	folder=$1 ours=''
	shift
	[ -n "$(ls -A "$folder" 2>/dev/null)" ] || ours=1
	for known; do
		[ ! -e "$folder/$known" ] || ours=1
	done
	[ -n "$ours" ] ||
		fail $CODE_USAGE "--out: $folder has things in it that are not of a run before"
	rm -rf "$folder"
	mkdir -p "$folder"
}

# linux_version TREE: as its Makefile has it, 6.12
linux_version() { sed -n 's/^\(VERSION\|PATCHLEVEL\) = //p' "$1/Makefile" | paste -sd.; }

# is_bzimage FILE: does it have the magic of the Linux boot protocol's setup header?
is_bzimage() { [ "$(dd if="$1" bs=1 skip=514 count=4 2>/dev/null | tr -d '\0')" = HdrS ]; }

# need_number OPTION VALUE LEAST MOST
need_number()
{
	case $2 in
	''|*[!0-9]*|??????????????????*)
		fail $CODE_USAGE "$1: '$2' is not a number from $3 to $4" ;;
	esac
	[ "$2" -ge "$3" ] && [ "$2" -le "$4" ] ||
		fail $CODE_USAGE "$1: $2 is not from $3 to $4"
}

# need_word OPTION VALUE ALLOWED...
need_word()
{
	option=$1 value=$2
	shift 2
	for word; do
		[ "$value" != "$word" ] || return 0
	done
	fail $CODE_USAGE "$option: '$value' is none of: $*"
}

# why_no_vmx: why this host's KVM gives a guest no VMX; nothing if it does. The CPU's
# flag and KVM's nested parameter decide; that /dev/kvm can be opened proves neither.
# Tests set HOST_ROOT to a folder with a host's files.
why_no_vmx()
{
	root=${HOST_ROOT-}
	if grep -q '^flags.* svm\( \|$\)' "$root/proc/cpuinfo"; then
		echo "this CPU has SVM, not VMX"
	elif ! grep -q '^flags.* vmx\( \|$\)' "$root/proc/cpuinfo"; then
		[ ! -e "$root/dev/kvm" ] || also="; /dev/kvm belongs to a KVM that does without"
		echo "this CPU shows no vmx${also-}"
	elif [ ! -e "$root/sys/module/kvm_intel/parameters/nested" ]; then
		echo "kvm_intel is not loaded, or not its nested part"
	elif ! grep -q '^[Y1]' "$root/sys/module/kvm_intel/parameters/nested"; then
		echo "kvm_intel's parameter nested is off"
	elif [ ! -r "$root/dev/kvm" ] || [ ! -w "$root/dev/kvm" ]; then
		echo "/dev/kvm cannot be opened for reading and writing"
	fi
}

real_vmx() { [ -z "$(why_no_vmx)" ]; }

# need_vmx: for MACHINE=qemu.
need_vmx() { real_vmx || fail 69 "--machine qemu: $(why_no_vmx); use --machine bochs"; }

# host_label: what cycles of hardware were measured on, for people.
host_label()
{
	root=${HOST_ROOT-} on='on the CPU itself'
	! grep -q '^flags.* hypervisor\( \|$\)' "$root/proc/cpuinfo" ||
		on='in a virtual machine itself'
	echo "hardware: $(sed -n '/^model name/{s/.*: //p;q}' "$root/proc/cpuinfo")"
	echo "nesting: KVM runs $on, hv under KVM, the guest under hv"
	printf 'mitigations:'
	grep -s '^Mitigation' "$root"/sys/devices/system/cpu/vulnerabilities/* |
		sed 's,^.*/\([^/:]*\):Mitigation: \(.*\),\1 (\2),' | tr '\n' ',' |
		sed 's/^/ /; s/,$//; s/,/, /g'
	echo
}

# choose_machine WANTED: sets $machine, for what is started from here too, and says which
# and why if it was left open.
choose_machine()
{
	machine=$1
	need_word MACHINE "$machine" auto bochs qemu nested
	if [ "$machine" != auto ]; then
		:
	elif real_vmx; then
		machine=qemu
		say "machine: qemu (this CPU has vmx, and kvm_intel gives it to guests)"
	else
		machine=bochs
		say "machine: bochs ($(why_no_vmx))"
	fi
	export MACHINE="$machine"
}

# need_exit_log MACHINE: with KVM under it, QEMU lets the guest run on the processor,
# and the processor keeps no log. 2, as everywhere nothing can be compared.
need_exit_log()
{
	[ "$1" != qemu ] || fail 2 "--machine qemu keeps no log of VM exits: use --machine bochs"
}

# bochs_version: 3 for 3.0 and later ones, or what there was before: 2.7 or 2.8.
bochs_version()
{
	case $(bochs --help 2>&1) in
	*' -debugger '*) echo 3 ;;
	*'Emulator 2.8'[!0-9]*) echo 2.8 ;;
	*) echo 2.7 ;;
	esac
}

# every_intercept CPU: all that hv can intercept, of docs/hv.md, with that model of Bochs.
# GETSEC needs one without EPT.
every_intercept()
{
	all=bp,pf,invlpg,rdtsc,cr0,cr3,cr8,pause,descriptor,rdtscp,rdrand,invpcid,vmfunc
	case $1 in
	*tigerlake) all=$all,mtf,rdseed,xsaves ;;
	*icelake*) all=$all,mtf,rdseed ;;
	esac
	echo $all
}

# archive FOLDER: what is in it as an archive for Linux to unpack, on stdout. No date and
# number is of this computer, so that the same files make the same bytes.
archive()
{
	(
		cd "$1" || exit
		find . -exec touch -h -d @946684800 {} +
		find . -mindepth 1 | sed 's,^\./,,' | sort |
			cpio --quiet --reproducible -o -H newc -R +0:+0
	)
}

# rows_of LOG: the rows that a guest told `list' tells of, commas between them; not the
# leaf_*, which are no single exits.
rows_of()
{
	tr -d '\r' <"$1" | sed -n 's/^table name=\([^ ]*\) .*/\1/p' | grep -v '^leaf_' |
		paste -sd, -
}

# own_children: from here on what start began ends with this script, however it ends, and
# the folder $work goes.
own_children()
{
	pids=''
	trap end_children EXIT
	trap 'leave 130' INT
	trap 'leave 143' TERM
	trap 'leave 129' HUP
}

# leave CODE: on a signal. It may come twice, to all processes of a terminal and from who
# started this one, and the second must not end what the first has begun.
leave()
{
	trap '' INT TERM HUP
	exit "$1"
}

end_children()
{
	trap - EXIT
	# shellcheck disable=SC2086 # words are meant
	kill $pids 2>/dev/null || :
	wait
	[ -z "${work-}" ] || rm -rf "$work"
}

# start COMMAND...: in the background.
start()
{
	"$@" &
	pids="$pids $!"
}

# wait_all: for all that was started; 2 if one of them failed.
wait_all()
{
	all_well=0
	for pid in $pids; do
		wait "$pid" || all_well=2
	done
	pids=''
	return $all_well
}

# run_jobs: the commands of $work/jobs, two at a time; the words of a line are one, and $nr
# of $jobs tells it which. 2 if one failed, and then no other is begun.
run_jobs()
{
	jobs=$(wc -l <"$work/jobs")
	start lane
	start lane
	wait_all
}

# lane: take the next job that nobody has, until there is none or one has failed.
lane()
{
	pids='' nr=0
	trap 'kill ${!-} $pids 2>/dev/null; wait; exit 1' TERM
	while read -r words; do
		nr=$((nr + 1))
		[ ! -e "$work/failed" ] || exit 1
		mkdir "$work/job-$nr" 2>/dev/null || continue
		# shellcheck disable=SC2086 # words are meant
		$words || { : >"$work/failed"; exit 1; }
	done <"$work/jobs"
}
