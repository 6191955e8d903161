/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_FP_LIMBS_H
#define IBAKE_IBE_FP_LIMBS_H

/* For the files that work on limbs. */
#include "ibe/fp.h"

typedef unsigned __int128 u128;
typedef __int128 s128;

/* r = top:t - p where that is not negative, else t; top:t is below 2 p. */
static inline __attribute__((always_inline)) void reduce_once(uint64_t *r, const uint64_t *t,
							      uint64_t top, const uint64_t *p,
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

/* What fp_inv() needs to know of a modulus. */
void fp_inv_init(struct field *f);

#endif
