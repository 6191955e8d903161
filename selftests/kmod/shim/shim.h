/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little of the kernel's interface that the transform core uses, for userspace. The headers
 * in linux/, asm/ and crypto/ stand in for the kernel's of the same name and lead here.
 */
#ifndef KSRTP_SHIM_H
#define KSRTP_SHIM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __init
#define __initconst
#define __percpu
#define __aligned(n) __attribute__((aligned(n)))

#define BIT(n) (1UL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define pr_err(...) fprintf(stderr, __VA_ARGS__)

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

/* Tests make the n-th allocation from now fail, counted from 1; 0 lets all succeed. */
extern unsigned int shim_fail_at;

static inline bool shim_fails(void)
{
	return shim_fail_at && --shim_fail_at == 0;
}

#define GFP_KERNEL 0
#define kmalloc(size, gfp) (shim_fails() ? NULL : malloc(size))
#define kzalloc(size, gfp) (shim_fails() ? NULL : calloc(1, size))
#define kmalloc_array(n, size, gfp) (shim_fails() ? NULL : calloc(n, size))
#define kfree(p) free(p)

/* The size is not known here; the leak and use-after-free checks of ASan are what counts. */
#define kfree_sensitive(p) free(p)
#define memzero_explicit(p, n) explicit_bzero(p, n)

int crypto_memneq(const void *a, const void *b, size_t n);

#define MAX_ERRNO 4095
#define IS_ERR(p) ((uintptr_t)(p) >= (uintptr_t)-MAX_ERRNO)
#define PTR_ERR(p) ((int)(intptr_t)(p))
#define ERR_PTR(e) ((void *)(intptr_t)(e))

/* Bottom halves do not exist here: a lock is a lock. */
typedef struct {
	pthread_mutex_t mutex;
} spinlock_t;

#define spin_lock_init(l) pthread_mutex_init(&(l)->mutex, NULL)
#define spin_lock(l) pthread_mutex_lock(&(l)->mutex)
#define spin_unlock(l) pthread_mutex_unlock(&(l)->mutex)
#define spin_lock_bh(l) spin_lock(l)
#define spin_unlock_bh(l) spin_unlock(l)
#define lockdep_assert_held(l) ((void)(l))
#define local_bh_disable() ((void)0)
#define local_bh_enable() ((void)0)

static inline u16 get_unaligned_be16(const void *p)
{
	const u8 *b = p;

	return b[0] << 8 | b[1];
}

static inline u32 get_unaligned_be32(const void *p)
{
	const u8 *b = p;

	return (u32)get_unaligned_be16(b) << 16 | get_unaligned_be16(b + 2);
}

static inline void put_unaligned_be16(u16 v, void *p)
{
	u8 *b = p;

	b[0] = v >> 8;
	b[1] = v;
}

static inline void put_unaligned_be32(u32 v, void *p)
{
	put_unaligned_be16(v >> 16, p);
	put_unaligned_be16(v, (u8 *)p + 2);
}

static inline void put_unaligned_be64(u64 v, void *p)
{
	put_unaligned_be32(v >> 32, p);
	put_unaligned_be32(v, (u8 *)p + 4);
}

#endif
