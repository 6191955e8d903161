// SPDX-License-Identifier: GPL-2.0-or-later
/* The back end that runs everywhere: 64-bit limbs, Montgomery multiplication in portable C. */
#include <string.h>

#include "ibe/fp_limbs.h"

/*
 * The body is inlined once for each small size in use, because a loop whose length the compiler
 * knows costs less. Other sizes take the last, general copy.
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

static void portable_mul(const struct field *f, struct fp *r, const struct fp *a,
			 const struct fp *b)
{
#define CALL(n) mul_body(f, r->l, a->l, b->l, n)
	FOR_SIZES(f->n, CALL);
#undef CALL
}

/* Half of the products of a square are the same, but doubling them costs what they save here. */
static void portable_sqr(const struct field *f, struct fp *r, const struct fp *a)
{
	portable_mul(f, r, a, a);
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
