#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the Linux guest: work on all processors at once. On each of them loops of CPUID (some
# 165 by each exitstat) and of writes to a port, and from each to the next bytes through a pipe,
# for which one processor interrupts another. Then exitstat says what each vCPU has done.

nr=$(nproc)
echo "busy: cpus=$nr"
for cpu in $(seq 0 $((nr - 1))); do
	this=$(printf %x $((1 << cpu)))
	next=$(printf %x $((1 << (cpu + 1) % nr)))
	for _ in 1 2 3 4 5; do
		taskset "$this" exitstat --csv
		taskset "$this" dd if=/dev/zero of=/dev/port bs=1 count=40 seek=128
	done >/dev/null 2>&1 &
	taskset "$this" yes | taskset "$next" head -n 20000 >/dev/null &
done
wait
echo "busy: done"
exitstat --vcpu
