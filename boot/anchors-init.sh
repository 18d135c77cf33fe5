#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Process 1 of the lab's kernel for boot/anchors: run the guest once under each observer of
# /observers, and send what each of them and the runner said, the observer's name before each
# line. The last run is the runner's own as process 1, which ends the machine.
set -u
export PATH=/bin:/usr/bin HOME=/run
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs dev /dev
busybox mount -t debugfs debugfs /sys/kernel/debug
busybox mount -t tracefs tracefs /sys/kernel/tracing
busybox mkdir -p /run
cd /run || exit
exec </dev/ttyS0 >/dev/ttyS0
busybox stty 115200 raw -echo
tracing=/sys/kernel/tracing/instances/anchors

# send KIND FILE...: what this observer said, a word before each line that tells its kind.
send()
{
	kind=$1
	shift
	busybox sed "s/^/$observer $kind /" "$@"
}

# guest COMMAND...: the runner with the words that it would take as process 1, below COMMAND.
guest()
{
	"$@" </dev/null >log 2>err
	echo "$observer code $?"
	send log log
	send err err
}

while read -r observer; do
	case $observer in
	none) guest /guest.sh ;;
	detail)
		echo Y >/sys/module/kvm/parameters/detail
		guest /guest.sh
		echo N >/sys/module/kvm/parameters/detail ;;
	hist) guest /guest.sh --trace ;;
	ring*)
		events=kvm_exit
		[ "$observer" = ring ] ||
			events='kvm_exit kvm_entry kvm_cpuid kvm_msr kvm_pio kvm_mmio'
		busybox mkdir $tracing
		echo 16384 >$tracing/buffer_size_kb
		for event in $events; do
			echo 1 >$tracing/events/kvm/$event/enable
		done
		guest /guest.sh
		for event in $events; do
			echo 0 >$tracing/events/kvm/$event/enable
		done
		# To make text of all of these events takes a quarter of the whole run.
		if [ "$observer" = ring ]; then
			busybox sed -n 's/.* kvm_exit: .* reason \([A-Z_]*\) .*/\1/p' \
				$tracing/trace | busybox sort | busybox uniq -c >ring
			send ring ring
		fi
		send stats $tracing/per_cpu/cpu*/stats
		busybox rmdir $tracing ;;
	kvm_stat)
		: >kvm_stat
		python3.11 -S -u /kvm_stat -t -l -c >kvm_stat 2>kvm_stat.err &
		pid=$!
		# Its first line comes when it counts, its figures every three seconds.
		tries=600
		until [ -s kvm_stat ] || [ $tries -eq 0 ] || ! kill -0 $pid 2>/dev/null; do
			busybox sleep 0.1
			tries=$((tries - 1))
		done
		guest /guest.sh
		busybox sleep 4
		kill $pid
		wait $pid 2>/dev/null
		send kvm_stat kvm_stat
		send err kvm_stat.err ;;
	perf*)
		[ "$observer" = perf ] || echo Y >/sys/module/kvm/parameters/detail
		guest perf kvm --host -o perf.data stat record /guest.sh
		for event in vmexit mmio ioport msr; do
			perf kvm --host -i perf.data stat report --event=$event >$event 2>&1
			send "$event" $event
		done
		echo N >/sys/module/kvm/parameters/detail ;;
	esac
done </observers
exec /init
