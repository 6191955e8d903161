/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_CURVE_H
#define IBAKE_IBE_CURVE_H

#include "ibe/fp.h"

/*
 * The group of E: y^2 = x^3 + 1 over F_p, p = 11 modulo 12: p + 1 points.
 *
 * Addition is one formula without cases (see curve.c), so that nothing has to be branched on. It
 * fails only where the two points differ by a point of order two, and then gives X = Y = Z = 0,
 * which stays so through every further operation and is never taken for the infinite point.
 */

/**
 * struct ec_affine - a finite point
 * @x: coordinate
 * @y: coordinate
 */
struct ec_affine {
	struct fp x;
	struct fp y;
};

/**
 * struct ec_point - homogeneous coordinates: x = X/Z, y = Y/Z; the infinite point is (0 : 1 : 0)
 * @X: coordinate
 * @Y: coordinate
 * @Z: coordinate
 */
struct ec_point {
	struct fp X;
	struct fp Y;
	struct fp Z;
};

void ec_from_affine(const struct field *f, struct ec_point *r, const struct ec_affine *a);
/* By one inversion; (0, 0), which is not on the curve, for the infinite point. */
void ec_to_affine(const struct field *f, struct ec_affine *r, const struct ec_point *a);
void ec_add(const struct field *f, struct ec_point *r, const struct ec_point *a,
	    const struct ec_point *b);
void ec_dbl(const struct field *f, struct ec_point *r, const struct ec_point *a);
/* Masks. */
uint64_t ec_is_infinity(const struct field *f, const struct ec_point *a);
uint64_t ec_on_curve(const struct field *f, const struct ec_affine *a);
uint64_t ec_affine_equal(const struct field *f, const struct ec_affine *a,
			 const struct ec_affine *b);

/**
 * ec_mul - r = [k]a for a secret k, and a of odd order
 * @f: the field
 * @r: the product
 * @a: the point, which may be secret
 * @k: limbs, least significant first
 * @kbits: how many bits of @k count: public, and all that time depends on
 *
 * Return: 0 or -ENOMEM (the table of multiples lies in the secure heap).
 */
int ec_mul(const struct field *f, struct ec_point *r, const struct ec_affine *a,
	   const uint64_t *k, unsigned int kbits);
/* The same for a public k and any point; time depends on k, not on the point. */
int ec_mul_public(const struct field *f, struct ec_point *r, const struct ec_affine *a,
		  const uint64_t *k, unsigned int kbits);
/*
 * Whether [q]a is the infinite point, for a finite point on the curve and a public odd prime q:
 * 1, 0 or -ENOMEM. An @a that makes the addition fail has even order, and gets 0.
 */
int ec_has_order(const struct field *f, const struct ec_affine *a, const uint64_t *q,
		 unsigned int qbits);

#endif
