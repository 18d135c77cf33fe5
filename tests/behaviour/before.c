// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a case needs besides its code: descriptors, page tables, gates, devices.
 *
 * Sources: Intel SDM volume 3, sections "64-Bit Mode IDT", "Interrupt Stack Table",
 * "IDT Descriptors"; PC16550D data sheet,
 * "Modem Control Register".
 */
#include "tests/behaviour/cases.h"
#include "machine/text.h"

#define ALIAS		0x100000	/* from the window to where run.c maps it writable */
#define PAGE		0x007
#define GATE_TRAP	0x8f00ull
#define GATE_CPL3	0x6000ull
#define TASK_TSS_BYTES	0x68
#define IST		7		/* no other gate has that stack */
#define TSS_IST(n)	(0x24 + 8 * ((n) - 1))
#define MCR_LOOP	0x10

extern u64 idt64[2 * VECTORS], idt32[VECTORS], pml4[512], directories[4][512];

static u64 table[512] __attribute__((aligned(4096)));
static u8 last_page[4096] __attribute__((aligned(4096)));

/* What a descriptor of the GDT describes. */
static u8 *described(u32 selector)
{
	u64 low = gdt[selector / 8];

	return (u8 *)((low >> 16 & 0xffffff) | (low >> 56) << 24);
}

/* A task of 32 bits, which begins with a #UD. */
static u32 *fill_task(u32 selector)
{
	extern u32 directory32[];
	u32 *tss = (u32 *)described(selector);

	tss[7] = (u32)(u64)directory32;
	tss[8] = WINDOW + WINDOW_GATE;
	tss[9] = RFLAGS_FIXED;
	tss[14] = WINDOW + WINDOW_SP;
	tss[19] = SEL_CODE32;
	tss[20] = SEL_DATA;
	return tss;
}

/* A task whose code segment has another privilege level than it says. */
void task_bad_code(void);
void task_bad_code(void)
{
	u32 *tss = fill_task(SEL_TSS_TASK);

	tss[8] = WINDOW + WINDOW_CODE;
	tss[19] = SEL_CODE32 | 3;
	tss[20] = SEL_USER_DATA;
}

/* A task with a TSS of 16 bits. */
void task_of_16(void);
void task_of_16(void)
{
	u16 *tss = (u16 *)described(SEL_TSS_TASK);

	((u8 *)&gdt[SEL_TSS_TASK / 8])[5] = 0x81;
	tss[7] = WINDOW_GATE;
	tss[8] = RFLAGS_FIXED;
	for (u32 i = 9; i < 17; i++)
		tss[i] = i == 13 ? WINDOW_SP_16 : 0x1000 + i;
	tss[17] = tss[19] = tss[20] = SEL_DATA16;
	tss[18] = SEL_CODE16;
}

/* A task whose TSS a case can change, and an IDT in which two vectors lead to it. */
void tasks(void);
void tasks(void)
{
	u64 *idt = (u64 *)(u64)(TASK_IDT + ALIAS), *d = &gdt[SEL_TSS_TASK / 8];

	memcpy(idt, idt32, sizeof(idt32));
	idt[VECTOR_NMI] = idt[VECTOR_NP] = idt32[VECTOR_TASK];
	fill_task(SEL_TSS32);
	memcpy((void *)(TASK_TSS + ALIAS), fill_task(SEL_TSS_TASK), TASK_TSS_BYTES);
	*d = (*d & ~0xff0000ffffff0000) | (u64)TASK_TSS << 16;
}

void tasks_of_16(void);
void tasks_of_16(void)
{
	tasks();
	task_of_16();
}

/* What LTR loads, as it was before. */
void tss_available(void);
void tss_available(void)
{
	((u8 *)&gdt[SEL_TSS64 / 8])[5] = 0x89;
}

/* A copy of the IDT, as far as it is in memory that can be written. */
static u64 *idt_at(u64 linear, u32 from, u32 to)
{
	u64 *idt = (u64 *)(linear + ALIAS);

	memcpy(idt + 2 * from, idt64 + 2 * from, 16 * (to - from));
	return idt;
}

void idt_40_absent(void);
void idt_40_absent(void)
{
	idt_at(IDT_40_ABSENT, 0, 0x40);
}

void idt_40_bad_stack(void);
void idt_40_bad_stack(void)
{
	u64 *idt = idt_at(IDT_40_BAD_STACK, 0, VECTORS);

	idt[2 * 0x40] = (idt[2 * 0x40] & ~(7ull << 32)) | (u64)IST << 32;
	memcpy(described(SEL_TSS64) + TSS_IST(IST), &(u64){ ABSENT + 0x800 }, 8);
}

/* The first three vectors are not in memory that can be read, or in none. */
void idt_nmi_absent(void);
void idt_nmi_absent(void)
{
	idt_at(IDT_NMI_ABSENT, 3, VECTORS);
}

void idt_nmi_hole(void);
void idt_nmi_hole(void)
{
	idt_at(IDT_NMI_HOLE, 3, VECTORS);
}

static u64 window_address(const u8 *label, const u8 *code)
{
	return WINDOW + WINDOW_CODE + (label - code);
}

/* Vector 38h leads to the label at the end of the case's code, without change of CPL. */
static void cpl3_to(const u8 *label, const u8 *code)
{
	u64 at = window_address(label, code);

	idt32[GATE_TO_CPL3] = (at & 0xffff) | (u64)SEL_USER32 << 16 |
			      (GATE_TRAP | GATE_CPL3) << 32 | (at >> 16) << 48;
}

void gate_to_cpl3(void);
void gate_to_cpl3(void)
{
	extern const u8 gate_in_cpl3[], gate_in_cpl3_code[];

	cpl3_to(gate_in_cpl3, gate_in_cpl3_code);
}

void interrupt_to_cpl3(void);
void interrupt_to_cpl3(void)
{
	extern const u8 interrupt_in_cpl3[], interrupt_in_cpl3_code[];

	cpl3_to(interrupt_in_cpl3, interrupt_in_cpl3_code);
}

/* So does the NMI. */
static void nmi_to(const u8 *label, const u8 *code)
{
	u64 at = window_address(label, code);

	idt64[2 * VECTOR_NMI] = (idt64[2 * VECTOR_NMI] & ~(0xffffull << 48 | 0xffff)) |
				(at & 0xffff) | (at >> 16) << 48;
}

void nmi_to_case(void);
void nmi_to_case(void)
{
	extern const u8 nmi_handler[], nmi_handler_code[];

	nmi_to(nmi_handler, nmi_handler_code);
}

void nmi_to_iret(void);
void nmi_to_iret(void)
{
	extern const u8 nmi_iret_handler[], nmi_iret_code[];

	nmi_to(nmi_iret_handler, nmi_iret_code);
}

/* A page of RAM as the last one below 4 GiB, and code at address 0. */
void wrap(void);
void wrap(void)
{
	static const u8 code[] = {
		0x31, 0xc0, 0x31, 0xc9, 0x31, 0xd2, 0x31, 0xdb,	/* XOR EAX, ECX, EDX, EBX */
		0x0f, 0x0b,						/* UD2 */
	};
	volatile u8 *zero = (volatile u8 *)WRAPPED;

	asm("" : "+r"(zero));
	for (u32 i = 0; i < sizeof(code); i++)
		zero[i] = code[i];
	table[511] = (u64)last_page | PAGE;
	directories[3][511] = (u64)table | PAGE;
	write_cr3(read_cr3());
}

/* That page as the last one of the lower half, too. */
void canonical_end(void);
void canonical_end(void)
{
	static u64 tables[2][512] __attribute__((aligned(4096)));

	table[511] = (u64)last_page | PAGE;
	tables[1][511] = (u64)table | PAGE;
	tables[0][511] = (u64)tables[1] | PAGE;
	pml4[255] = (u64)tables[0] | PAGE;
	write_cr3(read_cr3());
}

void far_gdt(void);
void far_gdt(void)
{
	memcpy((void *)FAR_GDT, gdt, sizeof(gdt));
}

void far_table(void);
void far_table(void)
{
	directories[FAR_TABLE >> 30][0] = MACHINE_MMIO_HOLE | PAGE;
	write_cr3(read_cr3());
}

/* What COM1 sends comes back. The console has it again when the case gives it back. */
void loopback(void);
void loopback(void)
{
	outb(MACHINE_COM1 + 4, MCR_LOOP | 3);
	outb(MACHINE_COM1 + 2, 7);
	for (char c = 'a'; c <= 'f'; c++) {
		outb(MACHINE_COM1, c);
		for (u32 i = 0; i < 1000000 && !(inb(MACHINE_COM1 + 5) & 0x40); i++)
			;
	}
}
