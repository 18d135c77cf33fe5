// SPDX-License-Identifier: GPL-2.0-only
/* What the vCPU was doing when it could not go on. */
#include <stdio.h>
#include "vmm/vmm.h"

#define CODE_BYTES 16

/* The bytes at RIP, if RIP maps to RAM. */
static void dump_code(const struct vcpu *v, uint64_t linear)
{
	struct kvm_translation t = { .linear_address = linear };
	char text[CODE_BYTES * 3 + 1] = "";
	const struct vm *vm = v->vm;
	unsigned int i;

	if (vm_ioctl(v->fd, KVM_TRANSLATE, &t, "KVM_TRANSLATE") < 0 || !t.valid)
		return;
	for (i = 0; i < CODE_BYTES && t.physical_address + i < vm->ram_size; i++)
		snprintf(text + i * 3, 4, " %02x", vm->ram[t.physical_address + i]);
	log_line("runner: code=%#llx physical=%#llx:%s", (unsigned long long)linear,
		 (unsigned long long)t.physical_address, text);
}

static void dump_segment(const char *name, const struct kvm_segment *s)
{
	log_line("runner: %s=%#x base=%#llx limit=%#x type=%u s=%u dpl=%u p=%u l=%u db=%u g=%u",
		 name, s->selector, s->base, s->limit, s->type, s->s, s->dpl, s->present, s->l,
		 s->db, s->g);
}

void dump_vcpu(const struct vcpu *v)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	if (v->vm->cpus > 1)
		log_line("runner: vcpu=%u", v->id);
	if (vm_ioctl(v->fd, KVM_GET_REGS, &r, "KVM_GET_REGS") < 0 ||
	    vm_ioctl(v->fd, KVM_GET_SREGS, &s, "KVM_GET_SREGS") < 0)
		return;
	log_line("runner: rip=%#llx rsp=%#llx rflags=%#llx", r.rip, r.rsp, r.rflags);
	log_line("runner: rax=%#llx rbx=%#llx rcx=%#llx rdx=%#llx", r.rax, r.rbx, r.rcx, r.rdx);
	log_line("runner: rsi=%#llx rdi=%#llx rbp=%#llx r8=%#llx", r.rsi, r.rdi, r.rbp, r.r8);
	log_line("runner: r9=%#llx r10=%#llx r11=%#llx r12=%#llx", r.r9, r.r10, r.r11, r.r12);
	log_line("runner: r13=%#llx r14=%#llx r15=%#llx", r.r13, r.r14, r.r15);
	log_line("runner: cr0=%#llx cr2=%#llx cr3=%#llx cr4=%#llx cr8=%#llx efer=%#llx", s.cr0,
		 s.cr2, s.cr3, s.cr4, s.cr8, s.efer);
	dump_segment("cs", &s.cs);
	dump_segment("ss", &s.ss);
	dump_segment("tr", &s.tr);
	log_line("runner: gdtr=%#llx+%#x idtr=%#llx+%#x", s.gdt.base, s.gdt.limit, s.idt.base,
		 s.idt.limit);
	dump_code(v, s.cs.base + r.rip);
}
