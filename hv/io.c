// SPDX-License-Identifier: GPL-2.0-only
/*
 * IN, OUT, INS, OUTS.
 *
 * Source: Intel SDM volume 3, tables "Exit Qualification for I/O Instructions"
 * and "Format of the VM-Exit Instruction-Information Field as Used for INS and
 * OUTS".
 */
#include "hv.h"
#include "vcpu.h"

/* KVM reads ahead for INS: so many bytes, and not across the end of a page. */
#define INS_AHEAD	1024u

struct io_access {
	u16 port;
	u8 size;		/* bytes */
	bool in, string, rep;
};

static void out(struct vcpu *v, const struct io_access *a, u32 value)
{
	machine_io_out(&v->io, a->port, a->size, value);
	if (v->io.ended)
		vcpu_end(v, v->io.ended, v->io.code);
}

/* As a 16-bit register leaves the rest of the 64 bits alone and a 32-bit one clears it. */
static u64 merge(u64 old, u64 value, u64 mask)
{
	return mask == 0xffff ? (old & ~mask) | (value & mask) : value & mask;
}

/*
 * How many elements this exit does. OUTS: one, since KVM leaves to userspace for
 * each and comes back to the guest. INS: what KVM's emulator reads ahead, with
 * its habit of comparing elements with the bytes that are left in the page.
 */
static u64 elements(const struct io_access *a, u64 rdi, u64 count, bool down)
{
	u64 in_page = down ? rdi % PAGE_SIZE : PAGE_SIZE - rdi % PAGE_SIZE;
	u64 n = INS_AHEAD / a->size;

	if (!a->in)
		return 1;
	n = n < in_page ? n : in_page;
	n = n < count ? n : count;
	return n ? n : 1;
}

/*
 * How many of @left elements, from @gla on, are in one page: they are one copy,
 * and one walk of the page tables. One that crosses goes alone, and so does each
 * of those that an index would wrap round in.
 */
static u64 chunk(const struct io_access *a, u64 gla, u64 index, u64 mask, u64 left, bool down)
{
	u64 at = gla % PAGE_SIZE;
	u64 n = down ? at / a->size + 1 : (PAGE_SIZE - at) / a->size;

	n = n < left ? n : left;
	if (at + a->size > PAGE_SIZE || (down ? n * a->size > index : index + n * a->size > mask))
		return 1;
	return n;
}

/* Into @data as they will be in memory: downwards the first one read comes last. */
static void read_elements(struct vcpu *v, const struct io_access *a, u8 *data, u64 n, bool down)
{
	if (machine_io_unbacked(a->port)) {
		memset(data, 0xff, n * a->size);
		return;
	}
	for (u64 i = 0; i < n; i++) {
		u32 value = machine_io_in(&v->io, a->port, a->size);

		memcpy(data + (down ? n - 1 - i : i) * a->size, &value, a->size);
	}
}

static void string_io(struct vcpu *v, const struct io_access *a)
{
	u64 mask = vcpu_address_mask(vmcs_read32(VM_EXIT_INSTRUCTION_INFO));
	bool down = vmcs_readl(GUEST_RFLAGS) & RFLAGS_DF;
	u64 *index = &v->regs[a->in ? RDI : RSI], *rcx = &v->regs[RCX];
	u64 base = vmcs_readl(GUEST_LINEAR_ADDRESS) - (*index & mask);
	u64 linear_mask = vcpu_in_64bit(v) ? ~0ull : 0xffffffff;
	u32 user = vcpu_access();
	u64 count = a->rep ? *rcx & mask : 1;
	u64 left = count ? elements(a, *index, count, down) : 0;
	u8 data[INS_AHEAD];

	while (left) {
		u64 gla = (base + (*index & mask)) & linear_mask;
		u64 n = chunk(a, gla, *index & mask, mask, left, down), bytes = n * a->size;
		u32 value = 0;
		bool ok;

		if (a->in) {
			read_elements(v, a, data, n, down);
			ok = vcpu_write(v, down ? gla + a->size - bytes : gla, data, bytes, user);
		} else {
			ok = vcpu_read(v, gla, &value, a->size, user);
		}
		if (!ok)
			return;
		*index = merge(*index, down ? *index - bytes : *index + bytes, mask);
		if (a->rep)
			*rcx = merge(*rcx, *rcx - n, mask);
		if (!a->in)
			out(v, a, value);
		left -= n;
	}
	/* RIP stays while there is more to do: the guest executes it again. */
	if (!a->rep || !(*rcx & mask))
		vcpu_skip(v);
}

void handle_io(struct vcpu *v)
{
	u64 qualification = vmcs_readl(EXIT_QUALIFICATION);
	const struct io_access a = {
		.port = qualification >> 16,
		.size = (qualification & 7) + 1,
		.in = qualification >> 3 & 1,
		.string = qualification >> 4 & 1,
		.rep = qualification >> 5 & 1,
	};
	u64 mask = 0xffffffff >> (32 - 8 * a.size);

	if (a.string) {
		string_io(v, &a);
		return;
	}
	if (!a.in)
		out(v, &a, v->regs[RAX] & mask);
	else if (a.size == 4)
		v->regs[RAX] = machine_io_in(&v->io, a.port, 4);
	else
		v->regs[RAX] = (v->regs[RAX] & ~mask) |
			       (machine_io_in(&v->io, a.port, a.size) & mask);
	vcpu_skip(v);
}
