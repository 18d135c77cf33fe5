#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Process 1 of the lab's kernel where it is to run QEMU: with the words of /run/words.
# Then send what came of it, and end the machine. /run/limit, in seconds, is there if
# the guest is QEMU's alone, and has nothing to write a whole log for it.
set -u
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs dev /dev
busybox mount -t debugfs debugfs /sys/kernel/debug
busybox mount -t tracefs tracefs /sys/kernel/tracing
acct=/sys/kernel/debug/kvm

set --
while IFS= read -r word; do
	set -- "$@" "$word"
done </run/words
mkdir() { busybox mkdir "$@"; }
rmdir() { busybox rmdir "$@"; }
sed() { busybox sed "$@"; }
# shellcheck source=boot/tracefs.sh
. /tracefs.sh
limit=300
# Of QEMU's own guest all exits, not only those for a hypervisor above.
[ ! -f /run/limit ] || trace_event=kvm_exit trace_key=exit_reason limit=$(busybox cat /run/limit)
why=$(why_no_trace)
[ -z "$why" ] || echo "nested: $why"
trace_begin || echo "nested: no trace"
# Its serial ports are files until it has ended: this machine's own would interrupt
# what is being counted. KILL: on TERM it ends with 0, as after a reset.
: >/run/com1
: >/run/com2
busybox timeout -s KILL "$limit" /bin/qemu -L /qemu "$@" 2>/run/errors &
qemu=$!
# Who has a file of it open keeps a VM from going, and so its counts.
vm=
if [ -f /run/limit ]; then
	until set -- $acct/[0-9]*/exits && [ -f "$1" ] || ! kill -0 $qemu 2>/dev/null; do
		busybox sleep 0.1
	done
	! command exec 7<"$1" || vm=${1%/exits}
fi
wait $qemu
code=$?
busybox cat /run/errors
echo "nested: QEMU ended with code $code"

trace_records >/run/trace
trace_end
echo "nested: instances of the tracer left: $(busybox ls "$trace_root/instances" | busybox wc -l)"

# log: what the runner writes of its own, of this run
log()
{
	echo log version=1 target=kvm machine=bochs clock=emulated accounting=yes
	busybox cat /run/com1
	[ -z "$(busybox tail -c 1 /run/com1)" ] || echo
	busybox sed 's/^/qemu: /' /run/errors
	if [ -n "$vm" ]; then
		set -- "$vm"/vcpu*/exit_acct
		[ $# -eq 1 ] || busybox cat "$@"
		busybox grep '^exits scope=vm ' "$vm/exit_acct"
		echo "stats scope=vm name=exits value=$(busybox cat "$vm/exits")"
	fi
	busybox grep '^exits scope=module ' $acct/exit_acct_all
	busybox cat /run/trace
	echo "end target=kvm $(cause)"
}

# cause: isa-debug-exit turns V into 2V+1, and 1 is what QEMU ends with that cannot go
# on, too, but then it says why. 137 is what KILL leaves.
cause()
{
	case $code in
	0) echo cause=reset code=73 ;;
	137) echo cause=time_limit code=124 ;;
	*[13579])
		if busybox grep -qv warning: /run/errors; then
			echo cause=error code=70
		else
			echo cause=exit_port code=$((code / 2))
		fi ;;
	*) echo cause=error code=70 ;;
	esac
}

# send PORT FILE...: as they are. Setting a mode waits until all is on the wire, which
# closing the port does not.
send()
{
	port=$1
	shift
	{
		busybox stty 115200 raw -echo
		busybox cat "$@" >&0
		busybox stty 115200
	} <>"$port"
}
if [ -f /run/limit ]; then
	log >/run/log
	send /dev/ttyS0 /run/log
else
	send /dev/ttyS0 /run/com1
	send /dev/ttyS1 /run/com2 $acct/exit_acct_all /run/trace
fi

# Bochs ends when it gets this word byte by byte.
# shellcheck disable=SC1091 # boot/nested.sh makes it of machine/machine.h
. /run/machine
word=$BOCHS_SHUTDOWN_WORD
while [ -n "$word" ]; do
	printf '%.1s' "$word" |
		busybox dd of=/dev/port bs=1 seek=$((BOCHS_SHUTDOWN_PORT)) conv=notrunc 2>/dev/null
	word=${word#?}
done
busybox poweroff -f
