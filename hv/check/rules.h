/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules, in the order of the SDM's chapter "VM Entries". Included by check.c,
 * which says what RULE() is made into:
 *
 *	RULE(field, which, name, broken, text)
 *
 * @broken is not 0 if the rule is broken: the wrong bits, where the text shows
 * them. It may use s, the state of check.c; v, the field's value; and i: a rule
 * with @which other than ONE is on the fields FIELD, FIELD + 2, … whose index i
 * has its bit in @which.
 */

/* Checks on VMX Controls: VM-execution control fields */

RULE(PIN_BASED_CONTROLS, ONE, fixed, not_allowed(s, PIN, v), FIXED)
RULE(PROC_BASED_CONTROLS, ONE, fixed, not_allowed(s, PROC, v), FIXED)
RULE(SECONDARY_CONTROLS, ONE, fixed, s->proc & PROC_SECONDARY ? not_allowed(s, PROC2, v) : 0,
     FIXED)
RULE(CR3_TARGET_COUNT, ONE, count, v > (s->caps->misc >> 16 & 0x1ff),
     "more than this CPU has CR3-target values")
RULE(IO_BITMAP_A, BOTH, address, s->proc & PROC_IO_BITMAPS ? bad_address(s, v, 0xfff) : 0, ADDRESS)
RULE(MSR_BITMAP, ONE, address, s->proc & PROC_MSR_BITMAPS ? bad_address(s, v, 0xfff) : 0, ADDRESS)
RULE(VIRTUAL_APIC_PAGE_ADDR, ONE, address, s->proc & PROC_TPR_SHADOW ?
     bad_address(s, v, 0xfff) : 0, ADDRESS)
RULE(TPR_THRESHOLD, ONE, reserved, has_threshold(s) ? v & ~0xfull : 0, "bits 31:4 must be 0")
RULE(TPR_THRESHOLD, ONE, vtpr, has_threshold(s) && (v & 0xf) > virtual_tpr(s) >> 4,
     "above bits 7:4 of VTPR in the virtual-APIC page")
RULE(SECONDARY_CONTROLS, ONE, no_tpr_shadow, s->proc & PROC_TPR_SHADOW ? 0 : s->proc2 &
     (PROC2_X2APIC | PROC2_APIC_REGISTERS | PROC2_VIRTUAL_INTERRUPTS),
     "bits 0x%lx need \"use TPR shadow\"")
RULE(PIN_BASED_CONTROLS, ONE, virtual_nmis, v & PIN_VIRTUAL_NMIS && !(v & PIN_NMI),
     "\"virtual NMIs\" needs \"NMI exiting\"")
RULE(PROC_BASED_CONTROLS, ONE, nmi_window, v & PROC_NMI_WINDOW && !(s->pin & PIN_VIRTUAL_NMIS),
     "\"NMI-window exiting\" needs \"virtual NMIs\"")
RULE(APIC_ACCESS_ADDR, ONE, address, s->proc2 & PROC2_APIC_ACCESSES ?
     bad_address(s, v, 0xfff) : 0, ADDRESS)
RULE(SECONDARY_CONTROLS, ONE, x2apic, s->proc2 & PROC2_X2APIC && s->proc2 & PROC2_APIC_ACCESSES,
     "\"virtualize x2APIC mode\" excludes \"virtualize APIC accesses\"")
RULE(SECONDARY_CONTROLS, ONE, virtual_interrupts, s->proc2 & PROC2_VIRTUAL_INTERRUPTS &&
     !(s->pin & PIN_EXTERNAL_INTERRUPT),
     "\"virtual-interrupt delivery\" needs \"external-interrupt exiting\"")
RULE(PIN_BASED_CONTROLS, ONE, posted, v & PIN_POSTED_INTERRUPTS &&
     !(s->proc2 & PROC2_VIRTUAL_INTERRUPTS),
     "\"process posted interrupts\" needs \"virtual-interrupt delivery\"")
RULE(VM_EXIT_CONTROLS, ONE, posted, s->pin & PIN_POSTED_INTERRUPTS &&
     !(v & EXIT_CTL_ACK_INTERRUPT),
     "\"process posted interrupts\" needs \"acknowledge interrupt on exit\"")
RULE(POSTED_INTR_VECTOR, ONE, vector, s->pin & PIN_POSTED_INTERRUPTS && v > 255,
     "not a vector, 0 to 255")
RULE(POSTED_INTR_DESC_ADDR, ONE, address, s->pin & PIN_POSTED_INTERRUPTS ?
     bad_address(s, v, 0x3f) : 0, ADDRESS)
RULE(VIRTUAL_PROCESSOR_ID, ONE, zero, s->proc2 & PROC2_VPID && !v,
     "must not be 0 with \"enable VPID\"")
RULE(EPT_POINTER, ONE, type, s->proc2 & PROC2_EPT && !ept_type_valid(s, v),
     "memory type (bits 2:0) must be 0 or 6, if the CPU has that")
RULE(EPT_POINTER, ONE, walk, s->proc2 & PROC2_EPT && !ept_walk_valid(s, v),
     "page-walk length less 1 (bits 5:3) must be 3 or 4, if the CPU has that")
RULE(EPT_POINTER, ONE, reserved, s->proc2 & PROC2_EPT ? bad_address(s, v, ept_reserved(s)) : 0,
     ZERO_HERE)
RULE(SECONDARY_CONTROLS, ONE, no_ept, s->proc2 & PROC2_EPT ? 0 : s->proc2 &
     (PROC2_UNRESTRICTED | PROC2_PML | PROC2_MODE_BASED | PROC2_SUB_PAGE),
     "bits 0x%lx need \"enable EPT\"")
RULE(PML_ADDRESS, ONE, address, s->proc2 & PROC2_PML ? bad_address(s, v, 0xfff) : 0, ADDRESS)
RULE(VM_FUNCTION_CONTROLS, ONE, reserved, s->proc2 & PROC2_VMFUNC ? v & ~s->caps->vmfunc : 0,
     ZERO_HERE)
RULE(EPTP_LIST_ADDRESS, ONE, address, eptp_switching(s) ? bad_address(s, v, 0xfff) : 0, ADDRESS)
RULE(VMREAD_BITMAP, BOTH, address, s->proc2 & PROC2_SHADOWING ?
     bad_address(s, v, 0xfff) : 0, ADDRESS)

/* Checks on VMX Controls: VM-exit control fields */

RULE(VM_EXIT_CONTROLS, ONE, fixed, not_allowed(s, EXIT, v), FIXED)
RULE(VM_EXIT_CONTROLS, ONE, timer, v & EXIT_CTL_SAVE_TIMER && !(s->pin & PIN_PREEMPTION_TIMER),
     "\"save VMX-preemption timer value\" needs \"activate VMX-preemption timer\"")
RULE(VM_EXIT_MSR_STORE_ADDR, BOTH, address,
     bad_msr_area(s, v, VM_EXIT_MSR_STORE_COUNT + 2 * i), ADDRESS)

/* Checks on VMX Controls: VM-entry control fields */

RULE(VM_ENTRY_CONTROLS, ONE, fixed, not_allowed(s, ENTRY, v), FIXED)
RULE(VM_ENTRY_CONTROLS, ONE, smm, v & (ENTRY_TO_SMM | ENTRY_NO_DUAL_MONITOR) &
     vmcs_caps_control(s->caps, ENTRY) >> 32, "bits 0x%lx must be 0 outside SMM")
RULE(VM_ENTRY_INTR_INFO, ONE, type, s->event && (s->type == EVENT_RESERVED ||
     (s->type == EVENT_OTHER &&
      !(vmcs_caps_control(s->caps, PROC) >> 32 & PROC_MONITOR_TRAP))),
     "type (bits 10:8) is reserved on this CPU")
RULE(VM_ENTRY_INTR_INFO, ONE, vector, event_vector_wrong(s),
     "vector (bits 7:0) must be 2 for an NMI, to 31 for an exception, 0 for type 7")
RULE(VM_ENTRY_INTR_INFO, ONE, error, event_error_wrong(s),
     "\"deliver error code\" (bit 11) must be 1 for just #DF #TS #NP #SS #GP #PF #AC, if CR0.PE")
RULE(VM_ENTRY_INTR_INFO, ONE, reserved, s->event & 0x7ffff000u, "bits 30:12 must be 0")
RULE(VM_ENTRY_EXCEPTION_ERROR, ONE, reserved, s->event & EVENT_ERROR_CODE ? v & 0xffff0000u : 0,
     ZERO_HIGH_16)
RULE(VM_ENTRY_INSTRUCTION_LEN, ONE, length, event_is_software(s) && (v > 15 ||
     (!v && !(s->caps->misc >> 30 & 1))), "must be 1 to 15 for a software event")
RULE(VM_ENTRY_MSR_LOAD_ADDR, ONE, address, bad_msr_area(s, v, VM_ENTRY_MSR_LOAD_COUNT), ADDRESS)

/* Checks on Host Control Registers, MSRs, segment and descriptor-table registers,
 * and on the address-space size
 */

RULE(HOST_CR0, ONE, fixed, cr0_not_allowed(s, v), FIXED)
RULE(HOST_CR3, ONE, width, bad_address(s, v, 0), ADDRESS)
RULE(HOST_CR4, ONE, fixed, cr4_not_allowed(s, v), FIXED)
RULE(HOST_CR4, ONE, pae, !(v & CR4_PAE), "PAE (bit 5) must be 1 for a 64-bit host")
RULE(VM_EXIT_CONTROLS, ONE, host_64, !(v & EXIT_CTL_HOST_64),
     "\"host address-space size\" must be 1 for a 64-bit host")
RULE(HOST_SYSENTER_ESP, BOTH, canonical, !is_canonical(v), CANONICAL)
RULE(HOST_IA32_PAT, ONE, types, s->exit & EXIT_CTL_LOAD_PAT && !pat_valid(v),
     PAT_TYPES)
RULE(HOST_IA32_EFER, ONE, reserved, s->exit & EXIT_CTL_LOAD_EFER ? v & ~EFER_BITS : 0,
     RESERVED)
RULE(HOST_IA32_EFER, ONE, long_mode, s->exit & EXIT_CTL_LOAD_EFER ? ~v & (EFER_LME | EFER_LMA) : 0,
     "LMA and LME (bits 10 and 8) must be 1 for a 64-bit host")
RULE(HOST_ES_SELECTOR, HOST_SELECTORS, rpl_ti, v & 7, "RPL and TI (bits 2:0) must be 0")
RULE(HOST_CS_SELECTOR, ONE, zero, !v, NOT_ZERO)
RULE(HOST_TR_SELECTOR, ONE, zero, !v, NOT_ZERO)
RULE(HOST_FS_BASE, HOST_BASES, canonical, !is_canonical(v), CANONICAL)
RULE(HOST_RIP, ONE, canonical, !is_canonical(v), CANONICAL)

/* Checks on Guest Control Registers, Debug Registers, and MSRs */

RULE(GUEST_CR0, ONE, fixed, cr0_not_allowed(s, v) & ~cr0_free(s), FIXED)
RULE(GUEST_CR0, ONE, paging, v & CR0_PG && !(v & CR0_PE), "PG (bit 31) needs PE (bit 0)")
RULE(GUEST_CR4, ONE, fixed, cr4_not_allowed(s, v), FIXED)
RULE(GUEST_IA32_DEBUGCTL, ONE, reserved, s->entry & ENTRY_LOAD_DEBUG ? v & ~0xffc7ull : 0,
     RESERVED)
RULE(GUEST_CR0, ONE, ia32e, s->ia32e && !(v & CR0_PG), "\"IA-32e mode guest\" needs PG (bit 31)")
RULE(GUEST_CR4, ONE, ia32e, s->ia32e && !(v & CR4_PAE), "\"IA-32e mode guest\" needs PAE (bit 5)")
RULE(GUEST_CR4, ONE, pcide, !s->ia32e && v & CR4_PCIDE,
     "PCIDE (bit 17) needs \"IA-32e mode guest\"")
RULE(GUEST_CR3, ONE, width, bad_address(s, v, 0), ADDRESS)
RULE(GUEST_DR7, ONE, high, s->entry & ENTRY_LOAD_DEBUG && v >> 32, ZERO_HIGH)
RULE(GUEST_SYSENTER_ESP, BOTH, canonical, !is_canonical(v), CANONICAL)
RULE(GUEST_IA32_PAT, ONE, types, s->entry & ENTRY_LOAD_PAT && !pat_valid(v),
     PAT_TYPES)
RULE(GUEST_IA32_EFER, ONE, reserved, s->entry & ENTRY_LOAD_EFER ? v & ~EFER_BITS : 0,
     RESERVED)
RULE(GUEST_IA32_EFER, ONE, lma, s->entry & ENTRY_LOAD_EFER && !(v & EFER_LMA) == s->ia32e,
     "LMA (bit 10) must be as \"IA-32e mode guest\"")
RULE(GUEST_IA32_EFER, ONE, lme, s->entry & ENTRY_LOAD_EFER && s->cr0 & CR0_PG &&
     !(v & EFER_LME) == s->ia32e,
     "LME (bit 8) must be as \"IA-32e mode guest\" when CR0.PG is 1")

/* Checks on Guest Segment Registers; i is ES … TR */

RULE(GUEST_LDTR_SELECTOR, BOTH, ti, usable(s, LDTR + i) && v & 4, "TI (bit 2) must be 0")
RULE(GUEST_ES_BASE, CODE_AND_DATA, vm86, s->vm86 &&
     v != get(s, GUEST_ES_SELECTOR + 2 * i) << 4,
     "must be the selector times 16 in virtual-8086 mode")
RULE(GUEST_ES_BASE, BIT(FS) | BIT(GS) | BIT(LDTR) | BIT(TR), canonical,
     (i != LDTR || usable(s, i)) && !is_canonical(v), CANONICAL)
RULE(GUEST_ES_BASE, BIT(ES) | BIT(CS) | BIT(SS) | BIT(DS), high, usable(s, i) && v >> 32,
     ZERO_HIGH)
RULE(GUEST_ES_LIMIT, CODE_AND_DATA, vm86, s->vm86 && v != 0xffff,
     "must be 0xffff in virtual-8086 mode")
RULE(GUEST_ES_ACCESS_RIGHTS, CODE_AND_DATA, vm86, s->vm86 && v != 0xf3,
     "must be 0xf3 in virtual-8086 mode")
RULE(GUEST_CS_ACCESS_RIGHTS, ONE, type, usable(s, CS) && !(0xaa08 >> (v & SEGMENT_TYPE) & 1),
     "type (bits 3:0) must be 3, 9, 11, 13 or 15")
RULE(GUEST_SS_ACCESS_RIGHTS, ONE, type, usable(s, SS) && (v & 0xb) != 3,
     "type (bits 3:0) must be 3 or 7")
RULE(GUEST_ES_ACCESS_RIGHTS, BIT(ES) | BIT(DS) | BIT(FS) | BIT(GS), type, usable(s, i) &&
     (!(v & 1) || (v & 0xa) == 8), "type (bits 3:0) must be accessed, and readable if code")
RULE(GUEST_TR_ACCESS_RIGHTS, ONE, type, (v & SEGMENT_TYPE) != 11 &&
     ((v & SEGMENT_TYPE) != 3 || s->ia32e),
     "type (bits 3:0) must be 11, or 3 outside IA-32e mode: a busy TSS")
RULE(GUEST_LDTR_ACCESS_RIGHTS, ONE, type, usable(s, LDTR) && (v & SEGMENT_TYPE) != 2,
     "type (bits 3:0) must be 2")
RULE(GUEST_ES_ACCESS_RIGHTS, CODE_AND_DATA, s, usable(s, i) && !(v & SEGMENT_NO_SYSTEM),
     "S (bit 4) must be 1")
RULE(GUEST_LDTR_ACCESS_RIGHTS, BOTH, s, usable(s, LDTR + i) && v & SEGMENT_NO_SYSTEM,
     "S (bit 4) must be 0")
RULE(GUEST_CS_ACCESS_RIGHTS, ONE, dpl, usable(s, CS) && cs_dpl_wrong(s, v),
     "DPL (bits 6:5) must be SS's, at most that if conforming, 0 for type 3")
RULE(GUEST_SS_ACCESS_RIGHTS, ONE, dpl, !s->vm86 && SEGMENT_DPL(v) && (!(s->cr0 & CR0_PE) ||
     (rights(s, CS) & SEGMENT_TYPE) == 3),
     "DPL (bits 6:5) must be 0 if CR0.PE is 0 or CS has type 3")
RULE(GUEST_ES_ACCESS_RIGHTS, EVERY_SEGMENT, present, usable(s, i) && !(v & SEGMENT_PRESENT),
     "P (bit 7) must be 1")
RULE(GUEST_ES_ACCESS_RIGHTS, EVERY_SEGMENT, reserved, usable(s, i) ? v & 0xfffe0f00u : 0,
     ZERO)
RULE(GUEST_CS_ACCESS_RIGHTS, ONE, big, s->ia32e && usable(s, CS) && v & SEGMENT_LONG &&
     v & SEGMENT_BIG, "D/B (bit 14) and L (bit 13) must not both be 1")
RULE(GUEST_ES_ACCESS_RIGHTS, EVERY_SEGMENT, pages, usable(s, i) && !(v & SEGMENT_PAGES) &&
     get(s, GUEST_ES_LIMIT + 2 * i) >> 20, "G (bit 15) must be 1: the limit is above 0xfffff")
RULE(GUEST_ES_LIMIT, EVERY_SEGMENT, pages, usable(s, i) && rights(s, i) & SEGMENT_PAGES &&
     (v & 0xfff) != 0xfff, "bits 11:0 must be 1: G is 1")
RULE(GUEST_TR_ACCESS_RIGHTS, ONE, unusable, v & SEGMENT_UNUSABLE,
     "\"unusable\" (bit 16) must be 0")

/* Checks on Guest Descriptor-Table Registers; on Guest RIP, RFLAGS, and SSP */

RULE(GUEST_GDTR_BASE, BOTH, canonical, !is_canonical(v), CANONICAL)
RULE(GUEST_GDTR_LIMIT, BOTH, high, v >> 16, ZERO_HIGH_16)
RULE(GUEST_RIP, ONE, high, !(s->ia32e && rights(s, CS) & SEGMENT_LONG) && v >> 32,
     "bits 63:32 must be 0 outside 64-bit mode")
RULE(GUEST_RIP, ONE, identical, s->ia32e && rights(s, CS) & SEGMENT_LONG && v >> 48 &&
     v >> 48 != 0xffff, "bits 63:48 must be identical")
RULE(GUEST_RFLAGS, ONE, one, !(v & RFLAGS_FIXED), "bit 1 must be 1")
RULE(GUEST_RFLAGS, ONE, reserved, v & ~0x3f7fd7ull, ZERO)
RULE(GUEST_RFLAGS, ONE, vm, v & RFLAGS_VM && (s->ia32e || !(s->cr0 & CR0_PE)),
     "VM (bit 17) must be 0 in IA-32e mode and if CR0.PE is 0")
RULE(GUEST_RFLAGS, ONE, interrupt, injects(s, EVENT_EXTERNAL) && !(v & RFLAGS_IF),
     "IF (bit 9) must be 1 to inject an external interrupt")

/* Checks on Guest Non-Register State */

RULE(GUEST_ACTIVITY_STATE, ONE, number, v > ACTIVITY_WAIT_FOR_SIPI ||
     (v && !(s->caps->misc >> (5 + v) & 1)), "not an activity state of this CPU")
RULE(GUEST_ACTIVITY_STATE, ONE, hlt, v == ACTIVITY_HLT && SEGMENT_DPL(rights(s, SS)),
     "HLT (1) needs an SS.DPL of 0")
RULE(GUEST_ACTIVITY_STATE, ONE, blocking, v && shadow(s),
     "must be active (0) with blocking by STI or MOV SS")
RULE(GUEST_ACTIVITY_STATE, ONE, event, activity_excludes_event(s, v),
     "the injected event cannot be delivered in this state")
RULE(GUEST_INTERRUPTIBILITY, ONE, reserved, v & ~0x1full, "bits 31:5 must be 0")
RULE(GUEST_INTERRUPTIBILITY, ONE, both, v & BLOCKING_BY_STI && v & BLOCKING_BY_MOV_SS,
     "blocking by STI (bit 0) and by MOV SS (bit 1) exclude each other")
RULE(GUEST_INTERRUPTIBILITY, ONE, sti, v & BLOCKING_BY_STI && !(s->rflags & RFLAGS_IF),
     "blocking by STI (bit 0) needs RFLAGS.IF")
RULE(GUEST_INTERRUPTIBILITY, ONE, interrupt, injects(s, EVENT_EXTERNAL) && shadow(s),
     "no blocking by STI or MOV SS (bits 1:0) to inject an external interrupt")
RULE(GUEST_INTERRUPTIBILITY, ONE, nmi, injects(s, EVENT_NMI) && v & BLOCKING_BY_MOV_SS,
     "no blocking by MOV SS (bit 1) to inject an NMI")
RULE(GUEST_INTERRUPTIBILITY, ONE, virtual_nmi, injects(s, EVENT_NMI) && v & BLOCKING_BY_NMI &&
     s->pin & PIN_VIRTUAL_NMIS, "no blocking by NMI (bit 3) to inject one")
RULE(GUEST_INTERRUPTIBILITY, ONE, smi, v & BLOCKING_BY_SMI,
     "blocking by SMI (bit 2) must be 0 outside SMM")
RULE(GUEST_PENDING_DEBUG, ONE, reserved, v & ~0x1500full, ZERO)
RULE(GUEST_PENDING_DEBUG, ONE, step, single_step_wrong(s, v),
     "BS (bit 14) must be as RFLAGS.TF (less BTF) while HLT, STI or MOV SS hold the trap back")
RULE(VMCS_LINK_POINTER, ONE, address, ~v ? bad_address(s, v, 0xfff) : 0, ADDRESS)
RULE(VMCS_LINK_POINTER, ONE, revision, link_wrong(s, v),
     "no VMCS of this CPU's revision is there; all ones if there shall be none")

/* Checks on Guest Page-Directory-Pointer-Table Entries; Loading MSRs */

RULE(GUEST_PDPTE0, BIT(0) | BIT(1) | BIT(2) | BIT(3), reserved, s->pae && v & 1 ?
     bad_address(s, v, 0x1e6) : 0, RESERVED)
RULE(VM_ENTRY_MSR_LOAD_ADDR, ONE, entry, bad_msr_entry(s, v),
     "entry %lu of the area is no MSR that a VM entry may load")
