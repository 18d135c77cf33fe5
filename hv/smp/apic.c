// SPDX-License-Identifier: GPL-2.0-only
/* The processor's own local APIC: see apic.h. */
#include "hv/smp/apic.h"
#include "machine/x86.h"

/* Registers, by number of the MSR - 0x800; in a page they are 16 bytes apart. */
enum { ID = 0x02, EOI = 0x0b, SVR = 0x0f, ICR = 0x30, ICR_HIGH };

#define SVR_ENABLE	0x1ffu		/* and the spurious vector */
#define ICR_PENDING	(1u << 12)
#define PATIENCE	100000u		/* looks at ICR_PENDING */

static bool x2apic(void)
{
	return rdmsr(MSR_IA32_APIC_BASE) & APIC_BASE_X2APIC;
}

static volatile u32 *in_page(u32 reg)
{
	return (volatile u32 *)(u64)(APIC_BASE_ADDRESS + reg * 16);
}

static void write(u32 reg, u32 value)
{
	if (x2apic())
		wrmsr(MSR_X2APIC_FIRST + reg, value);
	else
		*in_page(reg) = value;
}

u32 apic_id(void)
{
	return x2apic() ? rdmsr(MSR_X2APIC_FIRST + ID) : *in_page(ID) >> 24;
}

void apic_enable(void)
{
	write(SVR, SVR_ENABLE);
}

void apic_send(u32 id, u32 ipi)
{
	if (x2apic()) {
		wrmsr(MSR_X2APIC_FIRST + ICR, (u64)id << 32 | ipi);
		return;
	}
	for (u32 i = 0; i < PATIENCE && *in_page(ICR) & ICR_PENDING; i++)
		;
	*in_page(ICR_HIGH) = id << 24;
	*in_page(ICR) = ipi;
}

void apic_eoi(void)
{
	write(EOI, 0);
}
