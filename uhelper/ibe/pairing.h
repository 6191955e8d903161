/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_PAIRING_H
#define IBAKE_IBE_PAIRING_H

#include "ibe/fp2.h"
#include "ibe/type1.h"

#define PAIRING_EXP_LIMBS (FP_LIMBS_MAX + TYPE1_Q_LIMBS)

/*
 * The modified Tate pairing of RFC 5091 4.5.2, e'(A, B) = e(A, phi(B)) with phi(x, y) =
 * (zeta x, y) and zeta = (p - 1)/2 - (3^((p + 1)/4))/2 i. The RFC prints another zeta, which is
 * no cube root of one; this is the one that its test data was made with.
 *
 * It is computed as f^((p - 1) E), f the Miller value of A at psi(B) = phi(B) - phi(phi(B)).
 */

/**
 * pairing_miller - f_{q,A}(psi(B)), up to a factor in F_p
 * @c: the curve
 * @r: the value
 * @A: a point of order q, which may be secret
 * @B: any finite point, which may be secret
 */
void pairing_miller(const struct type1 *c, struct fp2 *r, const struct ec_affine *A,
		    const struct ec_affine *B);

/**
 * pairing_exponent - the E that makes f^((p - 1) E) = e'(A, [m]B)
 * @c: the curve
 * @exp: E = 12 r k
 * @k: m/2 modulo q in plain limbs: psi doubles, and this takes it back
 */
void pairing_exponent(const struct type1 *c, uint64_t exp[PAIRING_EXP_LIMBS], const uint64_t *k);

/**
 * pairing_final - r = x^((p - 1) E)
 * @c: the curve
 * @r: the result, of norm one
 * @x: a Miller value
 * @exp: E; time does not depend on it
 *
 * x = 0, which only a point outside of the group of order q can make, gives 0.
 */
void pairing_final(const struct type1 *c, struct fp2 *r, const struct fp2 *x,
		   const uint64_t exp[PAIRING_EXP_LIMBS]);

/* e'(A, B) for A and B of order q. */
void pairing(const struct type1 *c, struct fp2 *r, const struct ec_affine *A,
	     const struct ec_affine *B);

#endif
