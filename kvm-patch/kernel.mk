# SPDX-License-Identifier: GPL-2.0-only
# The lab kernel: Debian's source, the series of this folder, and acct/.
# build.sh does the work, and rebuilds no more than what has changed, or all of another source.
OTHER := $(and $(LINUX_SRC),$(shell grep -qsF '$(LINUX_SRC) ' $(TREE)/source || echo other-source))

kernel: $(BZIMAGE)
kernel-unpatched: $(UNPATCHED)

$(BZIMAGE): $(OTHER) $(wildcard $(addprefix kvm-patch/,*.sh *.config 0* */*) acct/*.[ch])
	kvm-patch/build.sh patched >&2

# Its KVM does not depend on the series: only on what both kernels share.
$(UNPATCHED): $(OTHER) $(wildcard $(addprefix kvm-patch/,*.sh *.config */*.config)) | $(BZIMAGE)
	kvm-patch/build.sh unpatched >&2

# Is KVM's object code unchanged where the option is off?
kernel-objects: $(UNPATCHED) ; kvm-patch/build.sh objects
