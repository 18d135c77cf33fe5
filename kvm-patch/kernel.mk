# SPDX-License-Identifier: GPL-2.0-only
# The lab kernel: Debian's source, the series of this folder, and acct/.
# build.sh does the work, and rebuilds no more than what has changed.

KVM_INPUTS := kvm-patch/build.sh kvm-patch/lab.config $(sort $(wildcard kvm-patch/0*.patch)) \
	acct/exit_acct.c acct/exit_acct.h acct/exit_reasons.h
export LINUX_SRC

.PHONY: kernel kernel-unpatched kernel-objects

kernel: $(BUILD)/linux/bzImage
kernel-unpatched: $(BUILD)/linux-unpatched/bzImage

$(BUILD)/linux/bzImage: $(KVM_INPUTS)
	kvm-patch/build.sh patched >&2

# Its KVM does not depend on the series: only on what both kernels share.
$(BUILD)/linux-unpatched/bzImage: kvm-patch/build.sh kvm-patch/lab.config | $(BUILD)/linux/bzImage
	kvm-patch/build.sh unpatched >&2

# Is KVM's object code unchanged where the option is off?
kernel-objects: $(BUILD)/linux-unpatched/bzImage
	kvm-patch/build.sh objects
