/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the accounting, and whatever is compiled with it, takes from the kernel's
 * headers where it is compiled into KVM; elsewhere it is here.
 */
#ifndef EXIT_TYPES_H
#define EXIT_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/atomic.h>
#include <linux/nospec.h>
#include <linux/string.h>
#include "exit_export.h"
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef struct { s64 counter; } atomic64_t;
#define __printf(a, b)	__attribute__((format(printf, a, b)))
#define __cold		__attribute__((cold))
#define __aligned(n)	__attribute__((aligned(n)))
#ifndef __always_inline
#define __always_inline	inline __attribute__((always_inline))
#endif
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define READ_ONCE(x)	__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define atomic64_read(a) READ_ONCE((a)->counter)
#define atomic64_set(a, n) WRITE_ONCE((a)->counter, (n))
#define atomic64_add_return(n, a) __atomic_add_fetch(&(a)->counter, (n), __ATOMIC_SEQ_CST)
#define atomic64_inc(a) ((void)atomic64_add_return(1, a))
#define atomic64_xchg(a, n) __atomic_exchange_n(&(a)->counter, (n), __ATOMIC_SEQ_CST)
#define atomic64_try_cmpxchg(a, old, n) \
	__atomic_compare_exchange_n(&(a)->counter, (old), (n), false, __ATOMIC_SEQ_CST, \
				    __ATOMIC_SEQ_CST)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define OPTIMIZER_HIDE_VAR(v) __asm__("" : "+r"(v))
#define EXPORT_SYMBOL_FOR_KVM_INTERNAL(symbol)
/* hv and the guest are freestanding: no <string.h>, but they have these. */
void *memset(void *dst, int c, size_t n);
void *memcpy(void *dst, const void *src, size_t n);
int strcmp(const char *a, const char *b);
size_t strlen(const char *s);
/* Only the kernel has secrets that a guest could speculate on. A test has its own. */
#ifndef array_index_nospec
#define array_index_nospec(i, n) (i)
#endif
#endif

/* What CPUID answers. */
struct exit_acct_regs {
	u32 eax, ebx, ecx, edx;
};

#endif /* EXIT_TYPES_H */
