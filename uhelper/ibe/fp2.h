/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_FP2_H
#define IBAKE_IBE_FP2_H

#include "ibe/fp.h"

/**
 * struct fp2 - a + b i with i^2 = -1, for p = 3 modulo 4
 * @a: real part
 * @b: imaginary part
 *
 * RFC 5091 section 2.1 prints the product with its real part negated; here it is
 * (a0 b0 - a1 b1) + (a0 b1 + a1 b0) i.
 */
struct fp2 {
	struct fp a;
	struct fp b;
};

void fp2_mul(const struct field *f, struct fp2 *r, const struct fp2 *x, const struct fp2 *y);
void fp2_sqr(const struct field *f, struct fp2 *r, const struct fp2 *x);
void fp2_set_one(const struct field *f, struct fp2 *r);
uint64_t fp2_equal(const struct field *f, const struct fp2 *x, const struct fp2 *y);
/* 2 * f->octets octets: RFC 5091 4.3.2 (Canonical1) with ordering 0, real part first. */
void fp2_canonical(const struct field *f, uint8_t *out, const struct fp2 *x);

#endif
