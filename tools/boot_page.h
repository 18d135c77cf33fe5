/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the boot report's page. */
#ifndef TOOLS_BOOT_PAGE_H
#define TOOLS_BOOT_PAGE_H

#include "tools/boot_report.h"

extern const char *const page_style;

/* Class of a table's cells of one target: side by side where the page is narrow. */
extern const char *const halves[TARGETS];

/** page_text - @text with the characters that HTML keeps for itself written out */
void page_text(FILE *out, const char *text);

/**
 * page_chart - one of the charts that gnuplot left, wide and narrow
 * @folder: where they are
 * @name: its name, the start of both files' names
 * @label: what it shows, for those who do not see it
 *
 * Returns false, with a complaint, if it is not there.
 */
bool page_chart(FILE *out, const char *folder, const char *name, const char *label);

/* Each is a section of the page, or the tables in one. */
void page_phases(FILE *out, const struct report *r);
void page_rates(FILE *out, const struct report *r);
void page_reasons(FILE *out, const struct report *r);
void page_time(FILE *out, const struct report *r);
void page_scenarios(FILE *out, const struct report *r);
void page_published(FILE *out, const struct report *r);

#endif /* TOOLS_BOOT_PAGE_H */
