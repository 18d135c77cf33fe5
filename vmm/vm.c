// SPDX-License-Identifier: GPL-2.0-only
/* A VM on KVM that looks to its guest like the one that hv gives it. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "acct/exit_leaves.h"
#include "vmm/vmm.h"

/* Pages that kvm-intel needs for itself, far from RAM and the MMIO hole. */
#define IDENTITY_MAP	0xfffbc000ull	/* 1 page */
#define TSS		0xfffbd000ul	/* 3 pages */

int vm_ioctl(int fd, unsigned long request, void *arg, const char *what)
{
	int r = ioctl(fd, request, arg);

	if (r < 0)
		complain("%s: %s", what, strerror(errno));
	return r;
}

static bool set_slot(const struct vm *vm, unsigned int slot, uint64_t start, uint64_t end)
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
static bool set_memory(const struct vm *vm)
{
	return set_slot(vm, 0, 0, MACHINE_RAM_LOW_END) &&
	       set_slot(vm, 1, MACHINE_RAM_HIGH_START, vm->ram_size);
}

/*
 * The local APIC is the kernel's. The PICs are those of machine_io, as on hv;
 * there is no I/O APIC.
 */
static bool set_irqchip(const struct vm *vm)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP };
	uint64_t identity_map = IDENTITY_MAP;

	return vm_ioctl(vm->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map,
			"KVM_SET_IDENTITY_MAP_ADDR") >= 0 &&
	       vm_ioctl(vm->vm, KVM_SET_TSS_ADDR, (void *)TSS, "KVM_SET_TSS_ADDR") >= 0 &&
	       vm_ioctl(vm->vm, KVM_ENABLE_CAP, &split, "KVM_ENABLE_CAP(SPLIT_IRQCHIP)") >= 0;
}

/*
 * By default KVM makes a VMCALL of a VMMCALL, which raises #UD on Intel's processors, and lets
 * MONITOR and MWAIT pass where CPUID does not announce them.
 */
static bool disable_quirks(const struct vm *vm)
{
	struct kvm_enable_cap quirks = {
		.cap = KVM_CAP_DISABLE_QUIRKS2, .args = {
			KVM_X86_QUIRK_FIX_HYPERCALL_INSN | KVM_X86_QUIRK_MWAIT_NEVER_UD_FAULTS
		},
	};

	return vm_ioctl(vm->vm, KVM_ENABLE_CAP, &quirks, "KVM_ENABLE_CAP(DISABLE_QUIRKS2)") >= 0;
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
		{ KVM_CAP_XSAVE, "KVM_CAP_XSAVE" },
		{ KVM_CAP_TSC_DEADLINE_TIMER, "KVM_CAP_TSC_DEADLINE_TIMER" },
		{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
		{ KVM_CAP_DISABLE_QUIRKS2, "KVM_CAP_DISABLE_QUIRKS2" },
		{ KVM_CAP_ENFORCE_PV_FEATURE_CPUID, "KVM_CAP_ENFORCE_PV_FEATURE_CPUID" },
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

/* A KVM that counts nothing has no leaves to deny. */
static bool deny_leaves(const struct vm *vm)
{
	struct kvm_enable_cap none = { .cap = EXIT_ACCT_KVM_CAP };

	return ioctl(vm->kvm, KVM_CHECK_EXTENSION, EXIT_ACCT_KVM_CAP) <= 0 ||
	       vm_ioctl(vm->vm, KVM_ENABLE_CAP, &none, "KVM_ENABLE_CAP(EXIT_ACCT)") >= 0;
}

/* As on hv: each vCPU has a processor of its own, or there is no telling what it took. */
static bool check_cpus(const struct vm *vm)
{
	int most = ioctl(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set)) {
		complain("--cpus: nobody says how many this machine has: %s", strerror(errno));
		return false;
	}
	if (vm->cpus > (unsigned int)CPU_COUNT(&set))
		complain("--cpus: %u are more processors than the %d that the runner may use",
			 vm->cpus, CPU_COUNT(&set));
	else if (most > 0 && vm->cpus > (unsigned int)most)
		complain("--cpus: %u are more than the %d vCPUs that this KVM can have", vm->cpus,
			 most);
	else
		return true;
	return false;
}

static bool create_vcpu(struct vcpu *v, int run_size)
{
	v->fd = vm_ioctl(v->vm->vm, KVM_CREATE_VCPU, (void *)(uintptr_t)v->id, "KVM_CREATE_VCPU");
	if (v->fd < 0)
		return false;
	v->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED) {
		complain("mapping the vCPU: %s", strerror(errno));
		return false;
	}
	return true;
}

static bool create_vcpus(struct vm *vm, const struct machine_start *start)
{
	int size = vm_ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "KVM_GET_VCPU_MMAP_SIZE");
	unsigned int i;

	if (size < 0)
		return false;
	for (i = 0; i < vm->cpus; i++) {
		vm->vcpus[i].vm = vm;
		vm->vcpus[i].id = i;
		if (!create_vcpu(&vm->vcpus[i], size) || !vcpu_init(&vm->vcpus[i], start))
			return false;
	}
	return true;
}

int vm_create(struct vm *vm, const struct machine_start *start)
{
	if (!check_capabilities(vm->kvm))
		return MACHINE_CODE_NO_VIRT;
	if (!check_cpus(vm))
		return MACHINE_CODE_USAGE;
	vm->vm = vm_ioctl(vm->kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	if (vm->vm < 0)
		return MACHINE_CODE_NO_VIRT;
	machine_io_init(&vm->io, log_guest_byte, vm_interrupt, vm);
	if (vm->no_leaves && !deny_leaves(vm))
		return MACHINE_CODE_HOST_FAULT;
	if (!set_memory(vm) || !set_irqchip(vm) || !disable_quirks(vm) ||
	    !create_vcpus(vm, start))
		return MACHINE_CODE_HOST_FAULT;
	return 0;
}
