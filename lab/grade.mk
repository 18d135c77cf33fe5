# SPDX-License-Identifier: GPL-2.0-only
# What hand-ins are built upon: kernels without any change, one of them with KASAN and UBSAN.

LAB_PLAIN := $(BUILD)/lab/plain/bzImage
LAB_KASAN := $(BUILD)/lab/kasan/bzImage

$(LAB_PLAIN) $(LAB_KASAN): $(BUILD)/lab/%/bzImage: lab/build lab/kasan.config $(UNPATCHED)
	lab/build base $* >&2
