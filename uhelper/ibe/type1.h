/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_TYPE1_H
#define IBAKE_IBE_TYPE1_H

#include "ibe/curve.h"

struct err;

#define TYPE1_Q_BITS_MAX 512u
#define TYPE1_Q_LIMBS (TYPE1_Q_BITS_MAX / 64)

/**
 * struct type1 - a type-1 curve and its subgroup of order q, RFC 5091 5.1.2, with the constants
 *	that follow from p and q
 * @f: the field F_p
 * @fq: the integers modulo q
 * @q: the order, in limbs
 * @qbits: bits of @q
 * @naf: signed digits of q, least significant first: three of them are not zero for the q of
 *	RFC 5091
 * @nafs: how many
 * @cof: (p + 1) / q = 12 r
 * @cofbits: bits of @cof
 * @half_q: (q + 1) / 2, which halves modulo q
 * @half_cof: 6 r modulo q, as an element of @fq
 * @cbrt: (2 p - 1) / 3, the exponent of the cube root
 * @half: 1/2 in F_p
 * @sqrt3: 3^((p + 1) / 4) in F_p, the root that RFC 5091 4.5.2 uses
 */
struct type1 {
	struct field f;
	struct field fq;
	uint64_t q[TYPE1_Q_LIMBS];
	unsigned int qbits;
	int8_t naf[TYPE1_Q_BITS_MAX + 1];
	unsigned int nafs;
	uint64_t cof[FP_LIMBS_MAX];
	unsigned int cofbits;
	uint64_t half_q[TYPE1_Q_LIMBS];
	struct fp half_cof;
	struct fp cbrt;
	struct fp half;
	struct fp sqrt3;
};

/**
 * type1_init - constants of a curve
 * @c: what is filled in
 * @p: big-endian octets of p
 * @p_len: how many
 * @q: big-endian octets of q
 * @q_len: how many
 * @e: what was wrong
 *
 * Checks p = 11 modulo 12 and that q is odd, not divisible by three, and divides p + 1. Whether
 * they are prime is the caller's to know.
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int type1_init(struct type1 *c, const uint8_t *p, size_t p_len, const uint8_t *q, size_t q_len,
	       struct err *e);

#endif
