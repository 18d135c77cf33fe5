# SPDX-License-Identifier: GPL-2.0-only
# What the outer hypervisor of MACHINE=nested runs: the QEMU that is installed here.

$(NESTED): boot/pack boot/lib.sh $(shell command -v qemu-system-x86_64)
	boot/pack $@
