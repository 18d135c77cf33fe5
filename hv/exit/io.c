// SPDX-License-Identifier: GPL-2.0-only
/*
 * IN, OUT, INS, OUTS.
 *
 * Source: Intel SDM volume 3, tables "Exit Qualification for I/O Instructions"
 * and "Format of the VM-Exit Instruction-Information Field as Used for INS and
 * OUTS".
 */
#include "hv/exit/devices.h"
#include "hv/exit/exit.h"
#include "hv/exit/mem.h"

/* KVM reads ahead for INS: so many bytes, and not across the end of a page. */
#define INS_AHEAD	1024u

struct io_access {
	u16 port;
	u8 size;		/* bytes */
	bool in, string, rep;
};

/* One INS or OUTS. */
struct string_io {
	struct vcpu *v;
	struct io_access io;
	struct view view;
	u32 segment;
	u64 mask;		/* bits of an address and of RCX that count */
	bool down;
};

/*
 * A port without a device needs nothing that vCPUs share. Always inline: an OUT is the
 * exit whose cost is measured beside that of a CPUID.
 */
static __always_inline void out(struct vcpu *v, const struct io_access *a, u32 value)
{
	if (!machine_io_unbacked(a->port))
		devices_out(v, a->port, a->size, value);
}

/*
 * How many elements this exit does. OUTS: one, since KVM leaves to userspace for
 * each and comes back to the guest. INS: what KVM's emulator reads ahead, with
 * its habit of comparing elements with the bytes that are left in the page. A single
 * step or a breakpoint comes after each.
 */
static u64 elements(const struct string_io *s, u64 index, u64 count)
{
	u64 in_page = s->down ? index % PAGE_SIZE : PAGE_SIZE - index % PAGE_SIZE;
	u64 n = INS_AHEAD / s->io.size;

	if (!s->io.in || s->v->debugging || s->view.cpu.rflags & RFLAGS_TF)
		return 1;
	n = n < in_page ? n : in_page;
	n = n < count ? n : count;
	return n ? n : 1;
}

/*
 * How many of @left elements, from @index on, are looked at in one go: those in one
 * page from a port that nobody answers, which are one copy and one walk of the page
 * tables. What a device loses by being read waits until there is a place for it.
 */
static u64 chunk(const struct string_io *s, u64 index, u64 left)
{
	u64 size = s->io.size, at, n, gla;

	view_linear(&s->view, ES, index, size, true, &gla);
	at = gla % PAGE_SIZE;
	n = s->down ? at / size + 1 : (PAGE_SIZE - at) / size;
	n = n < left ? n : left;
	/* One access is as good as one for each element if none of these can tell them apart. */
	if (!s->io.in || !machine_io_unbacked(s->io.port) || at + size > PAGE_SIZE ||
	    (s->view.access & GMEM_USER && s->view.cpu.rflags & RFLAGS_AC) ||
	    !view_linear(&s->view, ES, s->down ? index - (n - 1) * size : index, n * size, true,
			 &gla) ||
	    (s->down ? n * size > index : index + n * size > s->mask))
		return 1;
	return n;
}

/* @n elements at @index, or of those that go downwards from there. */
static bool move(struct string_io *s, u64 index, u64 n)
{
	struct vcpu *v = s->v;
	u64 size = s->io.size, bytes = n * size;
	struct gmem_span span;
	u8 data[INS_AHEAD];
	u32 value = 0;

	if (s->down)
		index -= bytes - size;
	if (!view_find(&s->view, s->segment, index, bytes, s->io.in, &span))
		return false;
	if (!s->io.in) {
		gmem_read_span(&v->ram, &span, &value);
		out(v, &s->io, value);
		return true;
	}
	memset(data, 0xff, bytes);
	if (!machine_io_unbacked(s->io.port)) {
		value = devices_in(v, s->io.port, size);
		memcpy(data, &value, size);
	}
	gmem_write_span(&v->ram, &span, data);
	return true;
}

static void string_io(struct vcpu *v, const struct io_access *a)
{
	u32 info = exit_instruction(v), size = INFO_ADDRESS_SIZE(info);
	u64 *index = &v->regs[a->in ? RDI : RSI], *rcx = &v->regs[RCX], count, left, n;
	struct string_io s = {
		.v = v, .io = *a, .mask = INFO_ADDRESS_MASK(info),
		.segment = a->in ? ES : INFO_SEGMENT(info),
	};

	vcpu_view(v, &s.view);
	s.down = s.view.cpu.rflags & RFLAGS_DF;
	count = a->rep ? *rcx & s.mask : 1;
	for (left = count ? elements(&s, *index, count) : 0; left; left -= n) {
		n = chunk(&s, *index & s.mask, left);
		if (!move(&s, *index & s.mask, n))
			return;
		insn_set_low(index, *index + (s.down ? -n : n) * a->size, size);
		if (a->rep)
			insn_set_low(rcx, *rcx - n, size);
	}
	/* RIP stays while there is more to do: the guest executes it again. */
	if (!a->rep || !(*rcx & s.mask))
		vcpu_skip(v);
	else
		vcpu_settle(v, true);
}

void handle_io(struct vcpu *v)
{
	u64 qualification = exit_qualification(v);
	const struct io_access a = {
		.port = qualification >> 16,
		.size = (qualification & 7) + 1,
		.in = qualification >> 3 & 1,
		.string = qualification >> 4 & 1,
		.rep = qualification >> 5 & 1,
	};

	if (v->debugging && guest_real_cr4(v) & CR4_DE)
		vcpu_watch(v, DEBUG_IO, a.port, a.size);
	if (a.string) {
		string_io(v, &a);
		return;
	}
	if (!a.in)
		out(v, &a, v->regs[RAX]);
	else
		insn_set_low(&v->regs[RAX], machine_io_unbacked(a.port) ? ~0u :
					    devices_in(v, a.port, a.size), a.size);
	vcpu_skip(v);
}
