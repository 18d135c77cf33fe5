/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TAP for host unit tests. The interface is stable; one binary is one test.
 *
 *	#include "tap.h"
 *
 *	int main(void)
 *	{
 *		plan(3);			// or none: the plan is then printed last
 *		ok(x == 1, "x is %d", x);
 *		is_u64("length", got, want);	// shows both in hex and decimal
 *		is_str("name", got, want);
 *		return done();			// 0 if all passed and the plan was met
 *	}
 *
 * Each check prints one line and returns whether it passed. What helps to
 * understand a failure goes through diag(). skip() says why a check cannot run
 * here and counts as passed; skip_all() leaves with an empty plan.
 */
#pragma once

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAP_PRINTF(a, b) __attribute__((format(printf, a, b), unused))

static struct {
	unsigned int planned, run, failed;
} tap;

/* Whoever started the test may ignore signals, as a shell does for a job in the background. */
static inline void __attribute__((constructor)) tap_default_signals(void)
{
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/** plan - announce @n checks before the first one */
static inline void plan(unsigned int n)
{
	tap.planned = n;
	printf("1..%u\n", n);
}

static inline bool tap_line(bool pass, const char *directive, const char *fmt, va_list ap)
{
	tap.failed += !pass;
	printf("%sok %u - ", pass ? "" : "not ", ++tap.run);
	vprintf(fmt, ap);
	printf("%s\n", directive);
	/* A sanitizer that stops the program must not take lines with it. */
	fflush(stdout);
	return pass;
}

/** diag - print a comment line; returns nothing */
TAP_PRINTF(1, 2) static void diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

/** ok - one check, named by a format; returns @pass */
TAP_PRINTF(2, 3) static bool ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_line(pass, "", fmt, ap);
	va_end(ap);
	return pass;
}

/** is_u64 - check that two numbers are equal; returns whether they are */
static inline bool is_u64(const char *name, uint64_t got, uint64_t want)
{
	if (ok(got == want, "%s", name))
		return true;
	diag("got  0x%" PRIx64 " (%" PRIu64 ")", got, got);
	diag("want 0x%" PRIx64 " (%" PRIu64 ")", want, want);
	return false;
}

/** is_str - check that two strings are equal; returns whether they are */
static inline bool is_str(const char *name, const char *got, const char *want)
{
	if (ok(got && want && !strcmp(got, want), "%s", name))
		return true;
	diag("got  \"%s\"", got ? got : "(null)");
	diag("want \"%s\"", want ? want : "(null)");
	return false;
}

/** skip - stand in for a check that cannot run here, and say why */
TAP_PRINTF(1, 2) static void skip(const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	tap_line(true, " # SKIP", why, ap);
	va_end(ap);
}

/** skip_all - leave successfully without a check, and say why */
static inline void skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

/** done - print the plan if there was none; returns the exit code for main() */
static inline int done(void)
{
	if (!tap.planned)
		plan(tap.run);
	if (tap.run != tap.planned)
		diag("planned %u checks but ran %u", tap.planned, tap.run);
	if (tap.failed)
		diag("%u of %u failed", tap.failed, tap.run);
	return tap.failed || tap.run != tap.planned;
}
