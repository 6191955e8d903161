// SPDX-License-Identifier: GPL-2.0-or-later
#include "ibe/fp2.h"

/* Karatsuba: three multiplications. */
void fp2_mul(const struct field *f, struct fp2 *r, const struct fp2 *x, const struct fp2 *y)
{
	struct fp s, t, aa, bb;

	fp_add(f, &s, &x->a, &x->b);
	fp_add(f, &t, &y->a, &y->b);
	fp_mul(f, &aa, &x->a, &y->a);
	fp_mul(f, &bb, &x->b, &y->b);
	fp_mul(f, &s, &s, &t);
	fp_sub(f, &r->a, &aa, &bb);
	fp_sub(f, &s, &s, &aa);
	fp_sub(f, &r->b, &s, &bb);
}

/* (a + b)(a - b) + 2 a b i */
void fp2_sqr(const struct field *f, struct fp2 *r, const struct fp2 *x)
{
	struct fp s, d, ab;

	fp_add(f, &s, &x->a, &x->b);
	fp_sub(f, &d, &x->a, &x->b);
	fp_mul(f, &ab, &x->a, &x->b);
	fp_mul(f, &r->a, &s, &d);
	fp_dbl(f, &r->b, &ab);
}

void fp2_set_one(const struct field *f, struct fp2 *r)
{
	fp_set_one(f, &r->a);
	fp_set_zero(f, &r->b);
}

uint64_t fp2_equal(const struct field *f, const struct fp2 *x, const struct fp2 *y)
{
	return fp_equal(f, &x->a, &y->a) & fp_equal(f, &x->b, &y->b);
}

void fp2_canonical(const struct field *f, uint8_t *out, const struct fp2 *x)
{
	fp_to_octets(f, out, &x->a);
	fp_to_octets(f, out + f->octets, &x->b);
}
