// SPDX-License-Identifier: GPL-2.0-only
/*
 * What things of a VMCS are called.
 *
 * Source: Intel SDM volume 3, appendix "Field Encoding in VMCS"; table
 * "VM-Instruction Error Numbers".
 */
#include "hv/vmx/fields.h"
#include "machine/text.h"

const u16 vmcs_fields[NR_VMCS_FIELDS] = {
#define X(name, encoding) name,
	VMCS_FIELDS(X)
#undef X
};

const char *vmcs_field_name(u32 field)
{
	/* In the same order. */
	static const char names[] =
#define X(name, encoding) #name "\0"
		VMCS_FIELDS(X)
#undef X
		"?";
	u32 i = 0;

	while (i < NR_VMCS_FIELDS && vmcs_fields[i] != field)
		i++;
	return text_nth(names, i);
}

const char *vm_instruction_error_name(u32 error)
{
	static const char names[] =
		"no current VMCS\0"
		"\0\0\0"				/* 1 to 3 */
		"VMLAUNCH with non-clear VMCS\0"
		"VMRESUME with non-launched VMCS\0"
		"\0"
		"VM entry with invalid control field(s)\0"
		"VM entry with invalid host-state field(s)\0"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"	/* 9 to 25 */
		"VM entry with events blocked by MOV SS\0";
	const char *name = text_nth(names, error <= 26 ? error : 27);

	return *name ? name : "unknown";
}
