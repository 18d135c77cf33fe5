/* SPDX-License-Identifier: GPL-2.0-only */
/* What C and assembler of that guest share. */
#ifndef TESTS_VCPUS_H
#define TESTS_VCPUS_H

#define MAX_CPUS	8
#define STACK_BYTES	8192

#endif /* TESTS_VCPUS_H */
