// SPDX-License-Identifier: GPL-2.0-only
/* A VM on KVM that looks to its guest like the one that hv gives it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "image.h"
#include "pvh.h"
#include "runner.h"

/* Pages that kvm-intel needs for itself, far from RAM and the MMIO hole. */
#define IDENTITY_MAP	0xfffbc000ull	/* 1 page */
#define TSS		0xfffbd000ul	/* 3 pages */

#define CPUID_ENTRIES	256

int vm_ioctl(int fd, unsigned long request, void *arg, const char *what)
{
	int r = ioctl(fd, request, arg);

	if (r < 0)
		complain("%s: %s", what, strerror(errno));
	return r;
}

/*
 * Read a whole file into memory of our own: nobody can change it between check
 * and use. Returns what to free(), or NULL with a complaint.
 */
static void *read_file(const char *path, uint64_t *size)
{
	const off_t max = (off_t)MACHINE_MEM_MAX_MIB << 20;
	uint8_t *file = NULL;
	struct stat st;
	ssize_t n = 0;
	int fd;

	*size = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		complain("%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		complain("%s: is not a regular file", path);
	} else if (st.st_size > max) {
		complain("%s: is larger than a guest's memory can be", path);
	} else {
		file = malloc(st.st_size + 1);
		while (file && (n = read(fd, file + *size, st.st_size - *size)) > 0)
			*size += n;
		if (!file || n < 0) {
			complain("%s: %s", path, strerror(errno));
			free(file);
			file = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return file;
}

static void complain_image(const char *path, const struct machine_image_error *e)
{
	char where[32] = "";

	if (e->index >= 0)
		snprintf(where, sizeof(where), "program header %d: ", e->index);
	complain("%s: %s%s %s (0x%llx)", path, where, e->field, e->problem,
		 (unsigned long long)e->value);
}

int vm_load(struct runner_vm *vm, const struct runner_options *o, uint32_t *entry, uint32_t *info)
{
	struct machine_image_error err;
	uint64_t size;
	void *file;
	bool loaded;

	vm->ram_size = (uint64_t)o->mem_mib << 20;
	vm->ram = mmap(NULL, vm->ram_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (vm->ram == MAP_FAILED) {
		complain("no %u MiB of memory for the guest: %s", o->mem_mib, strerror(errno));
		return MACHINE_CODE_HOST_FAULT;
	}
	/* One page at a time, so that each first touch is an exit of its own.
	 * Kernels without huge pages refuse the advice and need none.
	 */
	madvise(vm->ram, vm->ram_size, MADV_NOHUGEPAGE);

	file = read_file(o->image, &size);
	if (!file)
		return MACHINE_CODE_BAD_IMAGE;
	loaded = machine_image_load(file, size, vm->ram, vm->ram_size, entry, &err);
	free(file);
	if (!loaded) {
		complain_image(o->image, &err);
		return MACHINE_CODE_BAD_IMAGE;
	}
	*info = machine_start_info_write(vm->ram, vm->ram_size, o->cmdline);
	return 0;
}

static bool set_slot(const struct runner_vm *vm, unsigned int slot, uint64_t start, uint64_t end)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = start,
		.memory_size = end - start,
		.userspace_addr = (uintptr_t)vm->ram + start,
	};

	return vm_ioctl(vm->vm, KVM_SET_USER_MEMORY_REGION, &region,
			"KVM_SET_USER_MEMORY_REGION") >= 0;
}

/* The PC hole lies between the slots: what is in neither goes to MMIO. */
static bool set_memory(const struct runner_vm *vm)
{
	return set_slot(vm, 0, 0, MACHINE_RAM_LOW_END) &&
	       set_slot(vm, 1, MACHINE_RAM_HIGH_START, vm->ram_size);
}

/*
 * The local APIC is the kernel's; PIC and I/O APIC stay out, because their
 * ports and pages are all ones in this machine.
 */
static bool set_irqchip(const struct runner_vm *vm)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP };
	uint64_t identity_map = IDENTITY_MAP;

	return vm_ioctl(vm->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map,
			"KVM_SET_IDENTITY_MAP_ADDR") >= 0 &&
	       vm_ioctl(vm->vm, KVM_SET_TSS_ADDR, (void *)TSS, "KVM_SET_TSS_ADDR") >= 0 &&
	       vm_ioctl(vm->vm, KVM_ENABLE_CAP, &split, "KVM_ENABLE_CAP(SPLIT_IRQCHIP)") >= 0;
}

/* Source: SDM volume 2, "CPUID—CPU Identification", leaves 01H, 04H, 0BH, 1FH. */
static void fix_cpuid(struct kvm_cpuid_entry2 *e)
{
	const uint32_t vmx = 1u << 5, x2apic = 1u << 21, tsc_deadline = 1u << 24,
		       hypervisor = 1u << 31, svm = 1u << 2;

	switch (e->function) {
	case 1:
		e->ecx &= ~vmx;
		e->ecx |= x2apic | tsc_deadline | hypervisor;
		/* APIC id 0, one logical processor; the host's are in the rest. */
		e->ebx = (e->ebx & 0xffff) | 1 << 16;
		break;
	case 4:
		/* No cache and no package is shared with another processor. */
		e->eax &= 0x3fff;
		break;
	case 0xb:
	case 0x1f:
		e->edx = 0;
		break;
	case 0x80000001:
		e->ecx &= ~svm;
		break;
	}
}

static bool set_cpuid(const struct runner_vm *vm)
{
	struct kvm_cpuid2 *c;
	unsigned int i;
	bool good;

	c = calloc(1, sizeof(*c) + CPUID_ENTRIES * sizeof(c->entries[0]));
	if (!c) {
		complain("no memory for CPUID");
		return false;
	}
	c->nent = CPUID_ENTRIES;
	good = vm_ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, c, "KVM_GET_SUPPORTED_CPUID") >= 0;
	for (i = 0; good && i < c->nent; i++)
		fix_cpuid(&c->entries[i]);
	good = good && vm_ioctl(vm->vcpu, KVM_SET_CPUID2, c, "KVM_SET_CPUID2") >= 0;
	free(c);
	return good;
}

/* Source: Xen "x86/HVM direct boot ABI", the state at entry. */
static bool set_registers(const struct runner_vm *vm, uint32_t entry, uint32_t info)
{
	const struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 0x10, .type = 0x3, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
	struct kvm_regs regs = { .rip = entry, .rbx = info, .rflags = PVH_RFLAGS };
	struct kvm_sregs s;

	if (vm_ioctl(vm->vcpu, KVM_GET_SREGS, &s, "KVM_GET_SREGS") < 0)
		return false;
	s.cs = s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cs.selector = 0x8;
	s.cs.type = 0xb;
	s.tr = (struct kvm_segment) { .limit = 0x67, .type = 0xb, .present = 1 };
	s.ldt = (struct kvm_segment) { .type = 0x2, .unusable = 1 };
	s.gdt = s.idt = (struct kvm_dtable) { .limit = 0 };
	s.cr0 = PVH_CR0;
	s.cr3 = s.cr4 = s.efer = 0;
	return vm_ioctl(vm->vcpu, KVM_SET_SREGS, &s, "KVM_SET_SREGS") >= 0 &&
	       vm_ioctl(vm->vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS") >= 0;
}

static bool check_capabilities(int kvm)
{
	static const struct {
		int cap;
		const char *name;
	} needed[] = {
		{ KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY" },
		{ KVM_CAP_SET_TSS_ADDR, "KVM_CAP_SET_TSS_ADDR" },
		{ KVM_CAP_SET_IDENTITY_MAP_ADDR, "KVM_CAP_SET_IDENTITY_MAP_ADDR" },
		{ KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID" },
		{ KVM_CAP_SPLIT_IRQCHIP, "KVM_CAP_SPLIT_IRQCHIP" },
		{ KVM_CAP_TSC_DEADLINE_TIMER, "KVM_CAP_TSC_DEADLINE_TIMER" },
		{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (ioctl(kvm, KVM_CHECK_EXTENSION, needed[i].cap) <= 0) {
			complain("/dev/kvm: this kernel's KVM has no %s", needed[i].name);
			return false;
		}
	}
	return true;
}

static bool create_vcpu(struct runner_vm *vm)
{
	int size = vm_ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "KVM_GET_VCPU_MMAP_SIZE");

	if (size < 0)
		return false;
	vm->vcpu = vm_ioctl(vm->vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	if (vm->vcpu < 0)
		return false;
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	if (vm->run == MAP_FAILED) {
		complain("mapping the vCPU: %s", strerror(errno));
		return false;
	}
	return true;
}

int vm_create(struct runner_vm *vm, uint32_t entry, uint32_t info)
{
	if (!check_capabilities(vm->kvm))
		return MACHINE_CODE_NO_VIRT;
	vm->vm = vm_ioctl(vm->kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	if (vm->vm < 0)
		return MACHINE_CODE_NO_VIRT;
	machine_io_init(&vm->io, log_guest_byte, NULL, NULL);
	if (!set_memory(vm) || !set_irqchip(vm) || !create_vcpu(vm) || !set_cpuid(vm) ||
	    !set_registers(vm, entry, info))
		return MACHINE_CODE_HOST_FAULT;
	return 0;
}
