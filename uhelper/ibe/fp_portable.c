// SPDX-License-Identifier: GPL-2.0-or-later
/* The back end that runs everywhere: 64-bit limbs, Montgomery multiplication in portable C. */
#include <string.h>

#include "ibe/fp.h"

typedef unsigned __int128 u128;

/*
 * The bodies below are inlined once for each size in use, because a loop whose length the
 * compiler knows costs a fifth less. Sizes of no level take the last, general copy.
 */
#define BODY static inline __attribute__((always_inline))
#define FOR_SIZES(n, call)		\
	do {				\
		switch (n) {		\
		case 4:			\
			call(4);	\
			break;		\
		case 8:			\
			call(8);	\
			break;		\
		case 16:		\
			call(16);	\
			break;		\
		case 24:		\
			call(24);	\
			break;		\
		default:		\
			call(n);	\
		}			\
	} while (0)

/* r = top:t - p where that is not negative, else t; top:t is below 2 p. */
BODY void reduce_once(uint64_t *r, const uint64_t *t, uint64_t top, const uint64_t *p,
		      unsigned int n)
{
	uint64_t d[FP_LIMBS_MAX], borrow = 0, keep;
	unsigned int i;

	for (i = 0; i < n; i++) {
		u128 x = (u128)t[i] - p[i] - borrow;

		d[i] = (uint64_t)x;
		borrow = (uint64_t)(x >> 64) & 1;
	}
	keep = fp_barrier(0 - (borrow & ~top & 1));
	for (i = 0; i < n; i++)
		r[i] = (t[i] & keep) | (d[i] & ~keep);
}

/*
 * Operand scanning with the reduction in the same pass. Two carries, because the sum of two
 * products of two limbs does not fit in two limbs. t stays below 2 p, so its top is 0 or 1.
 */
BODY void mul_body(const struct field *f, uint64_t *r, const uint64_t *a, const uint64_t *b,
		   unsigned int n)
{
	const uint64_t *p = f->p.l;
	uint64_t t[FP_LIMBS_MAX], top = 0;
	unsigned int i, j;

	memset(t, 0, n * sizeof(t[0]));
	for (i = 0; i < n; i++) {
		u128 x = (u128)a[i] * b[0] + t[0];
		uint64_t m = (uint64_t)x * f->n0;
		u128 y = (u128)m * p[0] + (uint64_t)x;

		for (j = 1; j < n; j++) {
			x = (u128)a[i] * b[j] + t[j] + (uint64_t)(x >> 64);
			y = (u128)m * p[j] + (uint64_t)x + (uint64_t)(y >> 64);
			t[j - 1] = (uint64_t)y;
		}
		x = (x >> 64) + (y >> 64) + top;
		t[n - 1] = (uint64_t)x;
		top = (uint64_t)(x >> 64);
	}
	reduce_once(r, t, top, p, n);
}

/* The products off the diagonal once, doubled, the squares added; then the reduction. */
BODY void sqr_body(const struct field *f, uint64_t *r, const uint64_t *a, unsigned int n)
{
	const uint64_t *p = f->p.l;
	uint64_t t[2 * FP_LIMBS_MAX], carry, top = 0;
	unsigned int i, j;

	memset(t, 0, 2 * n * sizeof(t[0]));
	for (i = 0; i + 1 < n; i++) {
		carry = 0;
		for (j = i + 1; j < n; j++) {
			u128 x = (u128)a[i] * a[j] + t[i + j] + carry;

			t[i + j] = (uint64_t)x;
			carry = (uint64_t)(x >> 64);
		}
		t[i + n] = carry;
	}
	carry = 0;
	for (i = 0; i < n; i++) {
		u128 s = (u128)a[i] * a[i];
		uint64_t lo = t[2 * i], hi = t[2 * i + 1];
		u128 x = (u128)(lo << 1 | top) + (uint64_t)s + carry;
		u128 y = (u128)(hi << 1 | lo >> 63) + (uint64_t)(s >> 64) + (uint64_t)(x >> 64);

		t[2 * i] = (uint64_t)x;
		t[2 * i + 1] = (uint64_t)y;
		carry = (uint64_t)(y >> 64);
		top = hi >> 63;
	}
	top = 0;
	for (i = 0; i < n; i++) {
		uint64_t m = t[i] * f->n0;
		u128 x = 0;

		for (j = 0; j < n; j++) {
			x = (u128)m * p[j] + t[i + j] + (uint64_t)(x >> 64);
			t[i + j] = (uint64_t)x;
		}
		x = (x >> 64) + t[i + n] + top;
		t[i + n] = (uint64_t)x;
		top = (uint64_t)(x >> 64);
	}
	reduce_once(r, t + n, top, p, n);
}

static void portable_mul(const struct field *f, struct fp *r, const struct fp *a,
			 const struct fp *b)
{
#define CALL(n) mul_body(f, r->l, a->l, b->l, n)
	FOR_SIZES(f->n, CALL);
#undef CALL
}

static void portable_sqr(const struct field *f, struct fp *r, const struct fp *a)
{
#define CALL(n) sqr_body(f, r->l, a->l, n)
	FOR_SIZES(f->n, CALL);
#undef CALL
}

static void portable_add(const struct field *f, struct fp *r, const struct fp *a,
			 const struct fp *b)
{
	uint64_t t[FP_LIMBS_MAX], carry = 0;
	unsigned int i;

	for (i = 0; i < f->n; i++) {
		u128 x = (u128)a->l[i] + b->l[i] + carry;

		t[i] = (uint64_t)x;
		carry = (uint64_t)(x >> 64);
	}
	reduce_once(r->l, t, carry, f->p.l, f->n);
}

static void portable_sub(const struct field *f, struct fp *r, const struct fp *a,
			 const struct fp *b)
{
	uint64_t borrow = 0, carry = 0, mask;
	unsigned int i;

	for (i = 0; i < f->n; i++) {
		u128 x = (u128)a->l[i] - b->l[i] - borrow;

		r->l[i] = (uint64_t)x;
		borrow = (uint64_t)(x >> 64) & 1;
	}
	mask = fp_barrier(0 - borrow);
	for (i = 0; i < f->n; i++) {
		u128 x = (u128)r->l[i] + (f->p.l[i] & mask) + carry;

		r->l[i] = (uint64_t)x;
		carry = (uint64_t)(x >> 64);
	}
}

static void portable_load(const struct field *f, struct fp *r, const struct fp *a)
{
	portable_mul(f, r, a, &f->r2);
}

static void portable_store(const struct field *f, struct fp *r, const struct fp *a)
{
	static const struct fp one = { { 1 } };

	portable_mul(f, r, a, &one);
}

static bool portable_usable(unsigned int bits)
{
	return bits <= FP_BITS_MAX;
}

const struct fp_backend fp_portable = {
	.name = "portable",
	.usable = portable_usable,
	.mul = portable_mul,
	.sqr = portable_sqr,
	.add = portable_add,
	.sub = portable_sub,
	.load = portable_load,
	.store = portable_store,
};
