/* SPDX-License-Identifier: GPL-2.0-only */
/* What docs/exits.md says of an exit reason and no source can be asked for. */
#ifndef TOOLS_EXITS_DOC_H
#define TOOLS_EXITS_DOC_H

#include "acct/exit_reasons.h"

struct exit_text {
	const char *raises;	/* what makes a guest exit with it */
	const char *control;	/* the VM-execution control without which nothing does, or NULL */
	const char *kvm_handler; /* in kvm_vmx_exit_handlers of Linux 6.12, NULL: none */
	const char *kvm;	/* what else there is to say of KVM, or NULL */
	const char *elsewhere;	/* where it is raised if not by a row, or NULL */
	const char *why;	/* why no row raises it; needed if none does */
};

extern const struct exit_text exit_texts[VMX_EXIT_REASONS_NR];

#endif /* TOOLS_EXITS_DOC_H */
