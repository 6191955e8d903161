// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/secret.h"
#include "ibe/curve.h"

void ec_from_affine(const struct field *f, struct ec_point *r, const struct ec_affine *a)
{
	fp_copy(f, &r->X, &a->x);
	fp_copy(f, &r->Y, &a->y);
	fp_set_one(f, &r->Z);
}

void ec_to_affine(const struct field *f, struct ec_affine *r, const struct ec_point *a)
{
	struct fp zi;

	fp_inv(f, &zi, &a->Z);
	fp_mul(f, &r->x, &a->X, &zi);
	fp_mul(f, &r->y, &a->Y, &zi);
}

/* The constant 3 b of the formulas below is 3, as b = 1. */
static void mul3(const struct field *f, struct fp *r, const struct fp *a)
{
	struct fp t;

	fp_dbl(f, &t, a);
	fp_add(f, r, &t, a);
}

/*
 * Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves"
 * (EUROCRYPT 2016), algorithm 7: a = 0, 3 b = 3. By Bosma and Lenstra it is undefined (all zero)
 * exactly where a - b has order two.
 */
void ec_add(const struct field *f, struct ec_point *r, const struct ec_point *a,
	    const struct ec_point *b)
{
	struct fp xx, yy, zz, xy, yz, xz, s, t;

	fp_mul(f, &xx, &a->X, &b->X);
	fp_mul(f, &yy, &a->Y, &b->Y);
	fp_mul(f, &zz, &a->Z, &b->Z);
	fp_add(f, &s, &a->X, &a->Y);
	fp_add(f, &t, &b->X, &b->Y);
	fp_mul(f, &xy, &s, &t);
	fp_sub(f, &xy, &xy, &xx);
	fp_sub(f, &xy, &xy, &yy); /* X1 Y2 + X2 Y1 */
	fp_add(f, &s, &a->Y, &a->Z);
	fp_add(f, &t, &b->Y, &b->Z);
	fp_mul(f, &yz, &s, &t);
	fp_sub(f, &yz, &yz, &yy);
	fp_sub(f, &yz, &yz, &zz); /* Y1 Z2 + Y2 Z1 */
	fp_add(f, &s, &a->X, &a->Z);
	fp_add(f, &t, &b->X, &b->Z);
	fp_mul(f, &xz, &s, &t);
	fp_sub(f, &xz, &xz, &xx);
	fp_sub(f, &xz, &xz, &zz); /* X1 Z2 + X2 Z1 */

	mul3(f, &xx, &xx);
	mul3(f, &zz, &zz);
	mul3(f, &xz, &xz);
	fp_add(f, &s, &yy, &zz);
	fp_sub(f, &t, &yy, &zz);

	fp_mul(f, &yy, &t, &xy);
	fp_mul(f, &zz, &xz, &yz);
	fp_sub(f, &r->X, &yy, &zz);
	fp_mul(f, &yy, &s, &t);
	fp_mul(f, &zz, &xz, &xx);
	fp_add(f, &r->Y, &yy, &zz);
	fp_mul(f, &yy, &s, &yz);
	fp_mul(f, &zz, &xx, &xy);
	fp_add(f, &r->Z, &yy, &zz);
}

/* Algorithm 9 of the same paper. */
void ec_dbl(const struct field *f, struct ec_point *r, const struct ec_point *a)
{
	struct fp yy, zz, yz, xy, s, t, y8;

	fp_sqr(f, &yy, &a->Y);
	fp_mul(f, &yz, &a->Y, &a->Z);
	fp_sqr(f, &zz, &a->Z);
	fp_mul(f, &xy, &a->X, &a->Y);
	mul3(f, &zz, &zz); /* 3 b Z^2 */
	fp_dbl(f, &y8, &yy);
	fp_dbl(f, &y8, &y8);
	fp_dbl(f, &y8, &y8);
	fp_add(f, &s, &yy, &zz); /* Y^2 + 3 b Z^2 */
	mul3(f, &t, &zz);
	fp_sub(f, &t, &yy, &t); /* Y^2 - 9 b Z^2 */

	fp_mul(f, &r->Z, &yz, &y8);
	fp_mul(f, &s, &s, &t);
	fp_mul(f, &zz, &zz, &y8);
	fp_add(f, &r->Y, &s, &zz);
	fp_mul(f, &t, &t, &xy);
	fp_dbl(f, &r->X, &t);
}

uint64_t ec_is_infinity(const struct field *f, const struct ec_point *a)
{
	return fp_is_zero(f, &a->Z) & ~fp_is_zero(f, &a->Y);
}

uint64_t ec_on_curve(const struct field *f, const struct ec_affine *a)
{
	struct fp l, r;

	fp_sqr(f, &l, &a->y);
	fp_sqr(f, &r, &a->x);
	fp_mul(f, &r, &r, &a->x);
	fp_add(f, &r, &r, &f->one);
	return fp_equal(f, &l, &r);
}

uint64_t ec_affine_equal(const struct field *f, const struct ec_affine *a,
			 const struct ec_affine *b)
{
	return fp_equal(f, &a->x, &b->x) & fp_equal(f, &a->y, &b->y);
}

#define WINDOW 4u
#define TABLE (1u << WINDOW)

static unsigned int digit(const uint64_t *k, unsigned int at, unsigned int kbits)
{
	unsigned int v = 0, i;

	for (i = WINDOW; i-- > 0;) {
		v <<= 1;
		if (at + i < kbits)
			v |= k[(at + i) / 64] >> ((at + i) % 64) & 1;
	}
	return v;
}

/* Fixed windows; the digit zero adds the infinite point by the same formula. */
static int mul_window(const struct field *f, struct ec_point *r, const struct ec_affine *a,
		      const uint64_t *k, unsigned int kbits, bool public)
{
	const size_t size = (TABLE + 2) * sizeof(struct ec_point);
	struct ec_point *table = secret_alloc(size), *acc, *sel;
	unsigned int i, at, d;

	if (!table)
		return -ENOMEM;
	acc = table + TABLE;
	sel = acc + 1;
	fp_set_one(f, &table[0].Y);
	ec_from_affine(f, &table[1], a);
	for (i = 2; i < TABLE; i++) {
		if (i % 2)
			ec_add(f, &table[i], &table[i - 1], &table[1]);
		else
			ec_dbl(f, &table[i], &table[i / 2]);
	}
	*acc = table[0];
	for (at = (kbits + WINDOW - 1) / WINDOW * WINDOW; at > 0;) {
		at -= WINDOW;
		for (i = 0; i < WINDOW; i++)
			ec_dbl(f, acc, acc);
		d = digit(k, at, kbits);
		if (public) {
			if (d)
				ec_add(f, acc, acc, &table[d]);
			continue;
		}
		fp_lookup(f, &sel->X, &table[0].X, sizeof(*table), TABLE, d);
		fp_lookup(f, &sel->Y, &table[0].Y, sizeof(*table), TABLE, d);
		fp_lookup(f, &sel->Z, &table[0].Z, sizeof(*table), TABLE, d);
		ec_add(f, acc, acc, sel);
	}
	*r = *acc;
	secret_free(table, size);
	return 0;
}

int ec_mul(const struct field *f, struct ec_point *r, const struct ec_affine *a,
	   const uint64_t *k, unsigned int kbits)
{
	return mul_window(f, r, a, k, kbits, false);
}

int ec_mul_public(const struct field *f, struct ec_point *r, const struct ec_affine *a,
		  const uint64_t *k, unsigned int kbits)
{
	return mul_window(f, r, a, k, kbits, true);
}

int ec_has_order(const struct field *f, const struct ec_affine *a, const uint64_t *q,
		 unsigned int qbits)
{
	struct ec_point r;
	int ret = ec_mul_public(f, &r, a, q, qbits);

	return ret ? ret : (int)(ec_is_infinity(f, &r) & 1);
}
