// SPDX-License-Identifier: GPL-2.0-only
/* Guests of every kind. */
#include "machine/bzimage.h"
#include "machine/ebda.h"
#include "machine/multiboot.h"

/*
 * PVH before Multiboot: an image with both is a 64-bit one that a Multiboot loader would
 * enter otherwise, and every host here shall start it alike.
 */
static machine_loader *loader_of(const struct machine_files *f)
{
	if (machine_is_bzimage(f->image, f->image_size))
		return machine_bzimage_load;
	if (machine_is_multiboot(f->image, f->image_size) &&
	    !machine_image_has_entry(f->image, f->image_size))
		return machine_multiboot_load;
	return machine_pvh_load;
}

bool machine_load(const struct machine_files *files, void *ram, uint64_t ram_size,
		  struct machine_start *start, struct machine_image_error *err)
{
	if (!loader_of(files)(files, ram, ram_size, start, err))
		return false;
	machine_ebda_write(ram, files->cpus);
	return true;
}
