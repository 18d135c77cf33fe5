// SPDX-License-Identifier: GPL-2.0-only
/*
 * What things of a VMCS are called.
 *
 * Source: Intel SDM volume 3, appendix "Field Encoding in VMCS"; table
 * "VM-Instruction Error Numbers".
 */
#include "hv/vmx/fields.h"
#include "machine/text.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

const u16 vmcs_fields[NR_VMCS_FIELDS] = {
#define X(name, encoding) name,
	VMCS_FIELDS(X)
	VMCS_OTHER_FIELDS(X)
#undef X
};

/* In the same order, one after the other: pointers would take half of the room again. */
static const char names[] =
#define X(name, encoding) #name "\0"
	VMCS_FIELDS(X)
	VMCS_OTHER_FIELDS(X);
#undef X

const char *vmcs_field_name(u32 field)
{
	const char *name = names;

	for (unsigned int i = 0; i < NR_VMCS_FIELDS; i++) {
		if (vmcs_fields[i] == field)
			return name;
		while (*name++)
			;
	}
	return "?";
}

const char *vm_instruction_error_name(u32 error)
{
	static const char *const names[] = {
		[0] = "no current VMCS",
		[1] = "VMCALL executed in VMX root operation",
		[2] = "VMCLEAR with invalid physical address",
		[3] = "VMCLEAR with VMXON pointer",
		[4] = "VMLAUNCH with non-clear VMCS",
		[5] = "VMRESUME with non-launched VMCS",
		[6] = "VMRESUME after VMXOFF",
		[7] = "VM entry with invalid control field(s)",
		[8] = "VM entry with invalid host-state field(s)",
		[9] = "VMPTRLD with invalid physical address",
		[10] = "VMPTRLD with VMXON pointer",
		[11] = "VMPTRLD with incorrect VMCS revision identifier",
		[12] = "VMREAD/VMWRITE from/to unsupported VMCS component",
		[13] = "VMWRITE to read-only VMCS component",
		[15] = "VMXON executed in VMX root operation",
		[26] = "VM entry with events blocked by MOV SS",
		[28] = "Invalid operand to INVEPT/INVVPID",
	};

	return error < ARRAY_SIZE(names) && names[error] ? names[error] : "unknown";
}
