// SPDX-License-Identifier: GPL-2.0-only
/*
 * IN, OUT, INS, OUTS.
 *
 * Source: Intel SDM volume 2, instructions "IN", "INS", "OUT", "OUTS"; volume 3, table
 * "Format of the VM-Exit Instruction-Information Field as Used for INS and OUTS".
 */
#include "hv/exit/exit.h"
#include "hv/exit/mem.h"

/* KVM reads ahead for INS: so many bytes, and not across the end of a page. */
#define INS_AHEAD	1024u

/* One INS or OUTS. */
struct string_io {
	struct vcpu *v;
	struct exit_io io;
	struct view view;
	u32 segment;
	u64 mask;		/* bits of an address and of RCX that count */
	bool down;
};

/*
 * A port without a device needs nothing that vCPUs share. Always inline: an OUT is the
 * exit whose cost is measured beside that of a CPUID.
 */
static __always_inline void out(struct vcpu *v, const struct exit_io *a, u32 value)
{
	if (!machine_io_unbacked(a->port))
		devices_out(v, a->port, a->size, value);
}

static __always_inline u64 in(struct vcpu *v, const struct exit_io *a)
{
	return machine_io_unbacked(a->port) ? ~0u : devices_in(v, a->port, a->size);
}

/*
 * How many elements this exit does. OUTS: one, since KVM leaves to userspace for
 * each and comes back to the guest. INS: what KVM's emulator reads ahead, with
 * its habit of comparing elements with the bytes that are left in the page.
 */
static u64 elements(const struct string_io *s, u64 index, u64 count)
{
	u64 in_page = s->down ? index % PAGE_SIZE : PAGE_SIZE - index % PAGE_SIZE;
	u64 n = INS_AHEAD / s->io.size;

	if (!s->io.in || view_one_by_one(&s->view))
		return 1;
	n = n < in_page ? n : in_page;
	n = n < count ? n : count;
	return n ? n : 1;
}

/*
 * All @n elements at once, in one page of RAM, of a port that nobody answers: one walk of the
 * page tables. Returns false, and nothing is written, if something could tell that from one
 * after the other: a page that is never come to has no flags set, a device outside RAM gets
 * each by itself, and what a device loses by being read waits until there is a place for it.
 */
static bool fill(struct string_io *s, u64 index, u64 n)
{
	u64 size = s->io.size, bytes = n * size, gla, gpa;
	struct gmem_fault fault;
	void *to = NULL;

	if (s->down)
		index -= bytes - size;
	if (n > 1 && machine_io_unbacked(s->io.port) && index <= s->mask &&
	    index + bytes - 1 <= s->mask &&
	    view_linear(&s->view, ES, index, bytes, true, &gla) && !(gla & (size - 1)) &&
	    gla % PAGE_SIZE + bytes <= PAGE_SIZE &&
	    gmem_walk(&s->v->ram, &s->view.cpu, gla, s->view.access | GMEM_WRITE, &gpa, &fault))
		to = gmem_ram(&s->v->ram, gpa, bytes);
	if (to)
		memset(to, 0xff, bytes);
	return to;
}

static bool move(struct string_io *s, u64 index)
{
	struct gmem_span span;
	u32 value = 0;

	if (!view_find(&s->view, s->segment, index, s->io.size, s->io.in, &span))
		return false;
	if (s->io.in) {
		value = in(s->v, &s->io);
		gmem_copy_span(&s->v->ram, &span, &value, GMEM_WRITE);
	} else {
		gmem_copy_span(&s->v->ram, &span, &value, GMEM_READ);
		out(s->v, &s->io, value);
	}
	return true;
}

static void string_io(struct vcpu *v, const struct exit_io *a)
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
		n = fill(&s, *index & s.mask, left) ? left : 1;
		if (n == 1 && !move(&s, *index & s.mask))
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
	const struct exit_io a = exit_io(v);

	if (v->debugging && guest_real_cr4(v) & CR4_DE)
		vcpu_watch(v, DEBUG_IO, a.port, a.size);
	if (a.string) {
		string_io(v, &a);
		return;
	}
	if (!a.in)
		out(v, &a, v->regs[RAX]);
	else
		insn_set_low(&v->regs[RAX], in(v, &a), a.size);
	vcpu_skip(v);
}
