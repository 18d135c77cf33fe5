/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMX_WALK_H
#define HV_VMX_WALK_H

struct vcpu;

/**
 * vmcs_break - break the VMCS, before its first entry, as a test
 * @what: a field: make the first of breaks.h for it; "all": try each, print what
 *        came of it, and leave the VMCS as it was; "": nothing
 */
void vmcs_break(struct vcpu *v, const char *what);

#endif /* HV_VMX_WALK_H */
