#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Process 1 of the lab's kernel when it is the outer hypervisor: run QEMU with the
# words of /run/words, then send what came of it, and end the machine.
set -u
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs dev /dev
busybox mount -t debugfs debugfs /sys/kernel/debug
busybox mount -t tracefs tracefs /sys/kernel/tracing

set --
while IFS= read -r word; do
	set -- "$@" "$word"
done </run/words
# A witness: KVM's own tracepoint for exits that it hands to the hypervisor above.
event=kvm_nested_vmexit_inject
echo 'hist:keys=exit_code:size=256' >/sys/kernel/tracing/events/kvm/$event/trigger
# Its serial ports are files until it has ended: this machine's own would interrupt
# what is being counted.
busybox timeout 300 /bin/qemu -L /qemu "$@"
echo "nested: QEMU ended with code $?"

busybox sed -n "s/^{ exit_code: *\([0-9]*\) } hitcount: *\([0-9]*\).*/\
trace event=$event reason=\1 count=\2/p" /sys/kernel/tracing/events/kvm/$event/hist >/run/trace

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
send /dev/ttyS0 /run/com1
send /dev/ttyS1 /run/com2 /sys/kernel/debug/kvm/exit_acct /run/trace

# Bochs ends when it gets this word byte by byte.
for letter in S h u t d o w n; do
	printf '%s' $letter | busybox dd of=/dev/port bs=1 seek=$((0x8900)) conv=notrunc 2>/dev/null
done
busybox poweroff -f
