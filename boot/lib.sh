# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# What the scripts in this folder share. Everything here speaks on stderr:
# stdout carries results only.

me=${0##*/}
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

# choose_machine WANTED: sets $machine, and says which and why if it was left open.
choose_machine()
{
	machine=$1
	need_word MACHINE "$machine" auto bochs qemu nested
	if [ "$machine" != auto ]; then
		return
	elif real_vmx; then
		machine=qemu
		say "machine: qemu (this CPU has vmx, and kvm_intel gives it to guests)"
	else
		machine=bochs
		say "machine: bochs ($(why_no_vmx))"
	fi
}

# need_exit_log MACHINE: with KVM under it, QEMU lets the guest run on the processor,
# and the processor keeps no log. 2, as everywhere nothing can be compared.
need_exit_log()
{
	[ "$1" != qemu ] || fail 2 "--machine qemu keeps no log of VM exits: use --machine bochs"
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

# newc NAME FILE: one executable file as a member of a cpio archive of the newc
# form, on stdout. Source: Linux "initramfs buffer format".
newc()
{
	newc_header "$1" 0100755 "$(wc -c <"$2")"
	cat "$2"
	pad "$(wc -c <"$2")"
}

newc_folder() { newc_header "$1" 040755 0; }
newc_end() { newc_header 'TRAILER!!!' 0 0; }

# Nothing but mode, size and name matters to the kernel; constant dates keep
# the archive the same from run to run.
newc_header()
{
	printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
		0 "$2" 0 0 1 0 "$3" 0 0 0 0 $((${#1} + 1)) 0 "$1"
	pad $((110 + ${#1} + 1))
}

# pad LENGTH: zeroes up to the next multiple of 4.
pad()
{
	n=$((-$1 & 3))
	while [ "$n" -gt 0 ]; do
		printf '\0'
		n=$((n - 1))
	done
}
