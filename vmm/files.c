// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory, and the guest's files in it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vmm/vmm.h"

/*
 * Read a whole file into memory of our own: nobody can change it between check
 * and use. Returns what to free(), or NULL with a complaint.
 */
static void *read_file(const char *path, const char *name, uint64_t *size)
{
	const off_t max = (off_t)MACHINE_MEM_MAX_MIB << 20;
	uint8_t *file = NULL;
	struct stat st;
	ssize_t n = 0;
	int fd;

	*size = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		complain("%s: %s", name, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		complain("%s: is not a regular file", name);
	} else if (st.st_size > max) {
		complain("%s: is larger than a guest's memory can be", name);
	} else {
		file = malloc(st.st_size + 1);
		while (file && (n = read(fd, file + *size, st.st_size - *size)) > 0)
			*size += n;
		if (!file || n < 0) {
			complain("%s: %s", name, strerror(errno));
			free(file);
			file = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return file;
}

static void complain_image(const struct options *o, const struct machine_image_error *e)
{
	const char *name = e->initrd ? o->initrd_name : o->image_name;
	char where[32] = "";

	if (e->index >= 0)
		snprintf(where, sizeof(where), "program header %d: ", (int)e->index);
	complain("%s: %s%s %s (0x%llx)", name, where, e->field, e->problem,
		 (unsigned long long)e->value);
}

static bool allocate_ram(struct vm *vm, unsigned int mib)
{
	vm->ram_size = (uint64_t)mib << 20;
	vm->ram = mmap(NULL, vm->ram_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (vm->ram == MAP_FAILED) {
		complain("no %u MiB of memory for the guest: %s", mib, strerror(errno));
		return false;
	}
	/* One page at a time, so that each first touch is an exit of its own.
	 * Kernels without huge pages refuse the advice and need none.
	 */
	madvise(vm->ram, vm->ram_size, MADV_NOHUGEPAGE);
	return true;
}

int load_guest(struct vm *vm, const struct options *o, struct machine_start *start)
{
	struct machine_files files = {
		.cmdline = o->cmdline, .name = o->image_name, .initrd_name = o->initrd_name,
		.cpus = o->cpus,
	};
	struct machine_image_error err;
	void *image, *initrd = NULL;
	bool loaded = false;

	if (!allocate_ram(vm, o->mem_mib))
		return MACHINE_CODE_HOST_FAULT;
	image = read_file(o->image, o->image_name, &files.image_size);
	if (image && o->initrd)
		initrd = read_file(o->initrd, o->initrd_name, &files.initrd_size);
	if (image && (initrd || !o->initrd)) {
		files.image = image;
		files.initrd = initrd;
		loaded = machine_load(&files, vm->ram, vm->ram_size, start, &err);
		if (!loaded)
			complain_image(o, &err);
		vm->is_linux = machine_is_bzimage(image, files.image_size);
	}
	free(image);
	free(initrd);
	return loaded ? 0 : MACHINE_CODE_BAD_IMAGE;
}
