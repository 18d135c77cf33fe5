/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multiboot 1 images, as `qemu-system-x86_64 -kernel` takes them: a header in the first
 * 8 KiB, and the image either an ELF32 or raw, by the addresses in the header.
 *
 * Behind the image, from the next page on: the boot information with all that it
 * points to, a GDT, and the initrd as the one module. The command line begins with the
 * image's name, as other loaders have it.
 *
 * Source: Multiboot Specification version 0.6.96, "The layout of Multiboot header",
 * "Machine state", "Boot information format".
 */
#pragma once

#include "machine/load.h"

#define MULTIBOOT_LOADED	0x2badb002u	/* EAX at entry */

/** machine_is_multiboot - has the file a Multiboot header where one may be? */
bool machine_is_multiboot(const void *file, uint64_t size);

/**
 * machine_multiboot_load - check a Multiboot image and its module, and load them
 *
 * As machine_load(), which calls it. A wish for a video mode is not met: there is none.
 */
machine_loader machine_multiboot_load;
