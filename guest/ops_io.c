// SPDX-License-Identifier: GPL-2.0-only
/* Operations on ports and on memory. */
#include "guest/cpu.h"
#include "machine/machine.h"
#include "guest/rows.h"

#define UNBACKED_PORT	0x5a0	/* no PC has a device here */

/* String I/O goes here: a whole page, so that KVM's read-ahead is not cut short. */
static uint8_t page[MACHINE_PAGE_SIZE] __attribute__((aligned(MACHINE_PAGE_SIZE)));

static uint64_t fresh_next, fresh_last;
static uint64_t mmio_next = MACHINE_MMIO_HOLE + MACHINE_PAGE_SIZE;

/* Ports: all ones come in, and only as many bits as were asked for */

#define IN_OP(name, insn, expected)						\
enum result name(void)								\
{										\
	uint64_t rax = 0x123456789abcdef0;					\
										\
	asm volatile(insn : "+a"(rax) : "d"(UNBACKED_PORT));			\
	return ok(rax == (expected));						\
}

#define OUT_OP(name, insn)							\
enum result name(void)								\
{										\
	asm volatile(insn : : "a"(0x12345678), "d"(UNBACKED_PORT));		\
	return ROW_OK;								\
}

IN_OP(op_in8, "inb %%dx, %%al", 0x123456789abcdeff)
IN_OP(op_in16, "inw %%dx, %%ax", 0x123456789abcffff)
IN_OP(op_in32, "inl %%dx, %%eax", 0xffffffff)
OUT_OP(op_out8, "outb %%al, %%dx")
OUT_OP(op_out16, "outw %%ax, %%dx")
OUT_OP(op_out32, "outl %%eax, %%dx")

/* Of a string instruction, check where its registers end up and what it wrote. */
static enum result check_string(uint64_t address, uint64_t count, uint64_t bytes, bool input)
{
	bool moved = address == (uint64_t)page + bytes && count == 0;

	if (input && (page[0] != 0xff || page[bytes - 1] != 0xff || page[bytes] != 0))
		return ROW_FAIL;
	return ok(moved);
}

#define OUTS_OP(name, insn, elements, size)					\
enum result name(void)								\
{										\
	uint64_t rsi = (uint64_t)page, rcx = (elements);			\
										\
	asm volatile(insn : "+S"(rsi), "+c"(rcx) : "d"(UNBACKED_PORT) : "memory"); \
	return check_string(rsi, rcx, (elements) * (size), false);		\
}

#define INS_OP(name, insn, elements, size)					\
enum result name(void)								\
{										\
	uint64_t rdi = (uint64_t)page, rcx = (elements);			\
										\
	memset(page, 0, (elements) * (size) + 1);				\
	asm volatile(insn : "+D"(rdi), "+c"(rcx) : "d"(UNBACKED_PORT) : "memory"); \
	return check_string(rdi, rcx, (elements) * (size), true);		\
}

/* Without REP the count is not used: the DEC keeps it for the check. */
OUTS_OP(op_outsb, "outsb; dec %%rcx", 1, 1)
INS_OP(op_insb, "insb; dec %%rcx", 1, 1)
OUTS_OP(op_rep_outsb, "rep outsb", OUTS_ELEMENTS, 1)
OUTS_OP(op_rep_outsw, "rep outsw", OUTS_ELEMENTS, 2)
OUTS_OP(op_rep_outsd, "rep outsl", OUTS_ELEMENTS, 4)
INS_OP(op_rep_insb, "rep insb", INS_BYTES, 1)
INS_OP(op_rep_insw, "rep insw", INS_BYTES / 2, 2)
INS_OP(op_rep_insd, "rep insl", INS_BYTES / 4, 4)

/* Nothing to do; whether the CPU exits all the same, the SDM does not say. */
enum result op_rep_outsb_none(void)
{
	uint64_t rsi = (uint64_t)page, rcx = 0;

	asm volatile("rep outsb" : "+S"(rsi), "+c"(rcx) : "d"(UNBACKED_PORT) : "memory");
	return check_string(rsi, rcx, 0, false);
}

/* Memory */

void rows_init(uint64_t fresh, uint64_t fresh_end)
{
	fresh_next = fresh;
	fresh_last = fresh_end;
	/* The first access to a page of the hole is an EPT violation: have it now. */
	mmio_read32(MACHINE_MMIO_HOLE);
}

/* The next page that was never touched, or NULL. */
void *fresh_page(void)
{
	void *p = (void *)fresh_next;

	if (fresh_next >= fresh_last)
		return NULL;
	fresh_next += MACHINE_PAGE_SIZE;
	return p;
}

enum result op_ept_first_touch(void)
{
	volatile uint64_t *p = fresh_page();

	if (!p)
		return skip(NO_FRESH_PAGE);
	*p = fresh_next;
	return ok(*p == fresh_next);
}

enum result op_ept_first_read(void)
{
	volatile uint64_t *p = fresh_page();

	return p ? ok(!*p) : skip(NO_FRESH_PAGE);
}

/* What is fetched is ADD %AL, (%RAX): let RAX point to nothing. */
enum result op_ept_first_fetch(void)
{
	void *p = fresh_page();

	if (!p)
		return skip(NO_FRESH_PAGE);
	trap_return_to_caller();
	asm volatile("call *%1" : : "a"(1ull << 63), "r"(p) : "cc", "memory");
	return ok(trap_take() == VECTOR_GP);
}

enum result op_mmio_first_touch(void)
{
	uint64_t address = mmio_next;

	if (address >= MACHINE_MMIO_HOLE + MACHINE_MMIO_HOLE_SIZE)
		return skip("no page of the MMIO hole left that was never touched");
	mmio_next += MACHINE_PAGE_SIZE;
	return ok_if_virtual(mmio_read32(address) == ~0u);
}

enum result op_mmio_read(void)
{
	return ok_if_virtual(mmio_read32(MACHINE_MMIO_HOLE) == ~0u);
}

enum result op_mmio_write(void)
{
	mmio_write32(MACHINE_MMIO_HOLE, 0x12345678);
	return ROW_OK;
}
