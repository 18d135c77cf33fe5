// SPDX-License-Identifier: GPL-2.0-only
/* Guests of every kind. */
#include "machine/bzimage.h"
#include "machine/ebda.h"
#include "machine/load.h"
#include "machine/multiboot.h"

/* PVH leaves the selectors open and asks for no table behind them. */
#define PVH_CS	0x8
#define PVH_DS	0x10

static bool load_pvh(const struct machine_files *f, void *ram, uint64_t ram_size,
		     struct machine_start *start, struct machine_image_error *err)
{
	*start = (struct machine_start) { .cs = PVH_CS, .ds = PVH_DS };
	*err = (struct machine_image_error) { .initrd = f->initrd, .index = -1 };
	if (f->initrd)
		return image_refuse(err, "initrd",
				    "goes with a bzImage or a Multiboot image, and this is neither",
				    f->initrd_size);
	if (!machine_image_load(f->image, f->image_size, ram, ram_size, &start->eip, err))
		return false;
	start->ebx = machine_start_info_write(ram, ram_size, f->cmdline);
	return start->ebx || image_refuse(err, "command line",
					  "is longer than a PVH guest's may be",
					  MACHINE_CMDLINE_MAX - 1);
}

typedef bool loader(const struct machine_files *files, void *ram, uint64_t ram_size,
		    struct machine_start *start, struct machine_image_error *err);

/*
 * PVH before Multiboot: an image with both is a 64-bit one that a Multiboot loader would
 * enter otherwise, and every host here shall start it alike.
 */
static loader *loader_of(const struct machine_files *f)
{
	if (machine_is_bzimage(f->image, f->image_size))
		return machine_bzimage_load;
	if (machine_is_multiboot(f->image, f->image_size) &&
	    !machine_image_has_entry(f->image, f->image_size))
		return machine_multiboot_load;
	return load_pvh;
}

bool machine_load(const struct machine_files *files, void *ram, uint64_t ram_size,
		  struct machine_start *start, struct machine_image_error *err)
{
	if (!loader_of(files)(files, ram, ram_size, start, err))
		return false;
	machine_ebda_write(ram, files->cpus);
	return true;
}
