# SPDX-License-Identifier: GPL-2.0-only
# The lab kernel: Debian's source, the series, and acct/. build.sh rebuilds what has changed.
OTHER := $(and $(LINUX_SRC),$(shell grep -qsF '$(LINUX_SRC) ' $(TREE)/source || echo other-source))

kernel: $(BZIMAGE)
kernel-unpatched: $(UNPATCHED)

$(BZIMAGE): $(OTHER) $(wildcard $(addprefix kvm-patch/,build.sh *.config 0* */*) acct/*.[ch])
	kvm-patch/build.sh patched >&2

# Its KVM does not depend on the series: only on what both kernels share.
$(UNPATCHED): $(OTHER) $(wildcard $(addprefix kvm-patch/,build.sh *.config */*.config)) | $(BZIMAGE)
	kvm-patch/build.sh unpatched >&2

kernel-objects: $(UNPATCHED) ; kvm-patch/build.sh objects
modules load unload: ; @kvm-patch/modules.sh $(@:modules=build)
