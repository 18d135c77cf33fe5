// SPDX-License-Identifier: GPL-2.0-only
/* Execution of what insn.c decodes: registers, flags, operands in memory. */
#include "hv/cpu/insn.h"
#include "hv/cpu/segment.h"
#include "machine/x86.h"

/* Registers that instructions imply. */
enum { COUNT = 1, STACK = 4, FRAME = 5, SOURCE = 6, DESTINATION = 7 };

static uint64_t low(uint64_t v, unsigned int size)
{
	return v & ~0ull >> (64 - 8 * size);
}

void insn_set_low(uint64_t *reg, uint64_t v, unsigned int size)
{
	uint64_t mask = low(~0ull, size);

	*reg = (v & mask) | (size < 4 ? *reg & ~mask : 0);
}

static uint64_t get_reg(const struct insn *i, const uint64_t regs[16])
{
	return low(regs[i->reg] >> (i->high_byte ? 8 : 0), i->reg_size);
}

static void set_reg(const struct insn *i, uint64_t regs[16], uint64_t v)
{
	if (i->high_byte)
		regs[i->reg] = (regs[i->reg] & ~0xff00ull) | low(v, 1) << 8;
	else
		insn_set_low(&regs[i->reg], v, i->reg_size);
}

unsigned int insn_segment(const struct insn *i)
{
	if (i->segment >= 0x64)
		return FS + (i->segment & 1);
	if (i->segment)
		return i->segment >> 3 & 3;
	if (i->op < INSN_MOVS && (i->base == STACK || i->base == FRAME))
		return SS;
	return DS;
}

uint64_t insn_address(const struct insn *i, const uint64_t regs[16], uint64_t next_rip)
{
	uint64_t address = i->disp;

	if (i->base == INSN_RIP)
		address += next_rip;
	else if (i->base != INSN_NO_REG)
		address += regs[i->base];
	if (i->index != INSN_NO_REG)
		address += regs[i->index] << i->scale;
	if (i->op >= INSN_BT && i->op <= INSN_BTC && i->source == INSN_REG) {
		unsigned int shift = 64 - 8 * i->size;
		int64_t bit = (int64_t)(regs[i->reg] << shift) >> shift;

		/* As many operands further as the bit is beyond the first one. */
		address += (uint64_t)(bit >> 3) & -(uint64_t)i->size;
	}
	return low(address, i->addr_size);
}

static uint64_t alu(unsigned int op, uint64_t a, uint64_t b, unsigned int size, uint64_t *rflags)
{
	uint64_t carry_in = (op == INSN_ADC || op == INSN_SBB) && (*rflags & RFLAGS_CF);
	uint64_t top = 1ull << (8 * size - 1);
	uint64_t r, carry = 0, overflow = 0, f = 0;

	switch (op) {
	case INSN_ADD: case INSN_ADC:
		r = a + b + carry_in;
		carry = (a & b) | ((a | b) & ~r);
		overflow = (a ^ r) & (b ^ r);
		break;
	case INSN_SUB: case INSN_SBB: case INSN_CMP:
		r = a - b - carry_in;
		carry = (~a & b) | ((~a | b) & r);
		overflow = (a ^ b) & (a ^ r);
		break;
	case INSN_OR:
		r = a | b;
		break;
	case INSN_XOR:
		r = a ^ b;
		break;
	default:
		r = a & b;
	}
	f |= carry & top ? RFLAGS_CF : 0;
	f |= overflow & top ? RFLAGS_OF : 0;
	f |= r & top ? RFLAGS_SF : 0;
	f |= low(r, size) ? 0 : RFLAGS_ZF;
	f |= __builtin_parity(r & 0xff) ? 0 : RFLAGS_PF;
	/* After logic AF is undefined; hardware clears it. */
	if (op != INSN_OR && op != INSN_AND && op != INSN_XOR && op != INSN_TEST)
		f |= (a ^ b ^ r) & RFLAGS_AF;
	*rflags = (*rflags & ~(uint64_t)RFLAGS_ARITHMETIC) | f;
	return low(r, size);
}

/* INC and DEC leave CF alone, NOT all flags. */
static uint64_t unary(const struct insn *i, uint64_t mem, uint64_t *rflags)
{
	uint64_t carry = *rflags & RFLAGS_CF, r;

	if (i->op == INSN_NOT)
		return low(~mem, i->size);
	if (i->op == INSN_NEG)
		return alu(INSN_SUB, 0, mem, i->size, rflags);
	r = alu(i->op == INSN_INC ? INSN_ADD : INSN_SUB, mem, 1, i->size, rflags);
	*rflags = (*rflags & ~(uint64_t)RFLAGS_CF) | carry;
	return r;
}

static uint64_t bit_test(const struct insn *i, uint64_t mem, uint64_t offset, uint64_t *rflags)
{
	uint64_t bit = 1ull << (offset & (8 * i->size - 1));

	*rflags = (*rflags & ~(uint64_t)RFLAGS_CF) | (mem & bit ? RFLAGS_CF : 0);
	switch (i->op) {
	case INSN_BTS:
		return mem | bit;
	case INSN_BTR:
		return mem & ~bit;
	case INSN_BTC:
		return mem ^ bit;
	}
	return mem;
}

static uint64_t compare_exchange(const struct insn *i, uint64_t regs[16], uint64_t mem,
				 uint64_t new, uint64_t *rflags)
{
	alu(INSN_CMP, low(regs[0], i->size), mem, i->size, rflags);
	if (*rflags & RFLAGS_ZF)
		return new;
	insn_set_low(&regs[0], mem, i->size);
	return mem;
}

uint64_t insn_execute(const struct insn *i, uint64_t regs[16], uint64_t *rflags, uint64_t mem)
{
	uint64_t other = i->source == INSN_IMM ? low(i->imm, i->size) : get_reg(i, regs);
	uint64_t r;

	mem = low(mem, i->size);
	switch (i->op) {
	case INSN_MOVS: case INSN_PUSH: case INSN_POP:
		return mem;
	case INSN_MOV: case INSN_STOS: case INSN_LODS: case INSN_XCHG:
		if (i->sign_extend && (mem & 1ull << (8 * i->size - 1)))
			mem |= ~low(~0ull, i->size);
		if (i->to_reg)
			set_reg(i, regs, mem);
		return other;
	case INSN_INC: case INSN_DEC: case INSN_NOT: case INSN_NEG:
		return unary(i, mem, rflags);
	case INSN_BT: case INSN_BTS: case INSN_BTR: case INSN_BTC:
		return bit_test(i, mem, other, rflags);
	case INSN_CMPXCHG:
		return compare_exchange(i, regs, mem, other, rflags);
	case INSN_XADD:
		r = alu(INSN_ADD, mem, other, i->size, rflags);
		set_reg(i, regs, mem);
		return r;
	case INSN_CMPS:
		return alu(INSN_CMP, low(i->imm, i->size), mem, i->size, rflags);
	case INSN_SCAS:
		return alu(INSN_CMP, other, mem, i->size, rflags);
	}
	if (!i->to_reg)
		return alu(i->op, mem, other, i->size, rflags);
	r = alu(i->op, other, mem, i->size, rflags);
	if (i->op != INSN_CMP)
		set_reg(i, regs, r);
	return r;
}

bool insn_step(const struct insn *i, uint64_t regs[16], uint64_t rflags)
{
	uint64_t delta = rflags & RFLAGS_DF ? -(uint64_t)i->size : i->size;

	if (i->op < INSN_MOVS)
		return true;
	if (i->reads && i->op != INSN_SCAS)
		insn_set_low(&regs[SOURCE], regs[SOURCE] + delta, i->addr_size);
	if (i->op != INSN_LODS)
		insn_set_low(&regs[DESTINATION], regs[DESTINATION] + delta, i->addr_size);
	if (!i->rep)
		return true;
	insn_set_low(&regs[COUNT], regs[COUNT] - 1, i->addr_size);
	if ((i->op == INSN_CMPS || i->op == INSN_SCAS) && !(rflags & RFLAGS_ZF) != i->repne)
		return true;
	return low(regs[COUNT], i->addr_size) == 0;
}

/*
 * All accesses of an instruction, or of one iteration. Where it reads and where it writes is
 * the same place, but for strings and the stack.
 */
static bool run_once(struct insn *i, uint64_t regs[16], uint64_t *rflags,
		     const struct insn_bus *bus)
{
	unsigned int source = insn_segment(i), target = source;
	uint64_t from, to, data = 0, old_sp = regs[STACK];

	if (i->op >= INSN_MOVS) {
		from = low(regs[SOURCE], i->addr_size);
		to = low(regs[DESTINATION], i->addr_size);
		target = ES;
	} else {
		/* An address that is made with RSP is made with the new one. */
		if (i->op == INSN_POP)
			insn_set_low(&regs[STACK], old_sp + i->size, bus->stack_size);
		from = to = insn_address(i, regs, bus->next_rip);
	}
	if (i->op == INSN_POP) {
		source = SS;
		from = low(old_sp, bus->stack_size);
	} else if (i->op == INSN_PUSH) {
		target = SS;
		to = low(old_sp - i->size, bus->stack_size);
	} else if (i->op == INSN_CMPS || i->op == INSN_SCAS) {
		if (i->op == INSN_CMPS) {
			i->source = INSN_IMM;
			if (!bus->copy(bus->context, source, from, &i->imm, i->size, INSN_READ))
				return false;
		}
		source = target;
		from = to;
	}
	if (!i->reads ||
	    bus->copy(bus->context, source, from, &data, i->size,
		      i->writes && i->op <= INSN_MOV ? INSN_READ_TO_WRITE : INSN_READ)) {
		data = insn_execute(i, regs, rflags, data);
		if (!i->writes ||
		    bus->copy(bus->context, target, to, &data, i->size, INSN_WRITE)) {
			if (i->op == INSN_PUSH)
				insn_set_low(&regs[STACK], to, bus->stack_size);
			return true;
		}
	}
	regs[STACK] = old_sp;
	return false;
}

enum insn_progress insn_run(struct insn *i, uint64_t regs[16], uint64_t *rflags,
			    const struct insn_bus *bus)
{
	if (i->rep && !low(regs[COUNT], i->addr_size))
		return INSN_DONE;
	if (!run_once(i, regs, rflags, bus))
		return INSN_FAULT;
	return insn_step(i, regs, *rflags) ? INSN_DONE : INSN_AGAIN;
}
