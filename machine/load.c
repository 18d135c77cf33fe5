// SPDX-License-Identifier: GPL-2.0-only
/* Guests of either kind. */
#include "bzimage.h"
#include "ebda.h"
#include "load.h"

/* PVH leaves the selectors open and asks for no table behind them. */
#define PVH_CS	0x8
#define PVH_DS	0x10

#define CPUS	1		/* that the guest's tables name */

static bool load_pvh(const struct machine_files *f, void *ram, uint64_t ram_size,
		     struct machine_start *start, struct machine_image_error *err)
{
	*start = (struct machine_start) { .cs = PVH_CS, .ds = PVH_DS };
	if (f->initrd) {
		*err = (struct machine_image_error) {
			.initrd = true, .index = -1, .field = "initrd",
			.problem = "goes with a bzImage, and the image is none",
			.value = f->initrd_size,
		};
		return false;
	}
	if (!machine_image_load(f->image, f->image_size, ram, ram_size, &start->eip, err))
		return false;
	start->ebx = machine_start_info_write(ram, ram_size, f->cmdline);
	if (start->ebx)
		return true;
	*err = (struct machine_image_error) {
		.index = -1, .field = "command line",
		.problem = "is longer than a PVH guest's may be",
		.value = MACHINE_CMDLINE_MAX - 1,
	};
	return false;
}

bool machine_load(const struct machine_files *files, void *ram, uint64_t ram_size,
		  struct machine_start *start, struct machine_image_error *err)
{
	if (!(machine_is_bzimage(files->image, files->image_size) ? machine_bzimage_load : load_pvh)
	    (files, ram, ram_size, start, err))
		return false;
	machine_ebda_write(ram, CPUS);
	return true;
}
