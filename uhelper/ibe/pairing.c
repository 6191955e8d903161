// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "ibe/pairing.h"

/*
 * psi(B) = (u, v i) with u and v in F_p:
 *	u = -(x^3 + 4) / (3 x^2),  v = -sqrt3 y (x^3 - 8) / (9 x^3).
 * With u in F_p, verticals are in F_p too and vanish in f^(p - 1); and so does any factor that a
 * line is multiplied by, which spares the divisions: all is multiplied by 9 x^3.
 */
struct psi {
	struct fp u; /* 9 x^3 u */
	struct fp v; /* 9 x^3 v */
	struct fp w; /* 9 x^3 */
};

struct jacobian {
	struct fp X;
	struct fp Y;
	struct fp Z;
};

static void psi_map(const struct type1 *c, struct psi *r, const struct ec_affine *b)
{
	const struct field *f = &c->f;
	struct fp x3, t;

	fp_sqr(f, &x3, &b->x);
	fp_mul(f, &x3, &x3, &b->x);
	fp_set_small(f, &t, 9);
	fp_mul(f, &r->w, &x3, &t);
	fp_set_small(f, &t, 8);
	fp_sub(f, &t, &t, &x3);
	fp_mul(f, &t, &t, &b->y);
	fp_mul(f, &r->v, &t, &c->sqrt3);
	fp_set_small(f, &t, 4);
	fp_add(f, &t, &t, &x3);
	fp_mul(f, &t, &t, &b->x);
	fp_dbl(f, &r->u, &t);
	fp_add(f, &r->u, &r->u, &t);
	fp_neg(f, &r->u, &r->u);
}

/* The line  ly y + lx x + l0 = 0  at psi(B). */
static void line_at(const struct field *f, struct fp2 *r, const struct fp *ly,
		    const struct fp *lx, const struct fp *l0, const struct psi *b)
{
	struct fp t;

	fp_mul(f, &t, lx, &b->u);
	fp_mul(f, &r->a, l0, &b->w);
	fp_add(f, &r->a, &r->a, &t);
	fp_mul(f, &r->b, ly, &b->v);
}

/*
 * T = 2 T and the tangent there: 2 Y Z^3 y - 3 X^2 Z^2 x + 3 X^3 - 2 Y^2, with the doubling of
 * Lange (Explicit-Formulas Database, Jacobian coordinates, a = 0, dbl-2009-l).
 */
static void double_line(const struct field *f, struct fp2 *l, struct jacobian *t,
			const struct psi *b)
{
	struct fp A, B, C, D, E, zz, ly, lx, l0;

	fp_sqr(f, &A, &t->X);
	fp_sqr(f, &B, &t->Y);
	fp_sqr(f, &C, &B);
	fp_sqr(f, &zz, &t->Z);
	fp_add(f, &D, &t->X, &B);
	fp_sqr(f, &D, &D);
	fp_sub(f, &D, &D, &A);
	fp_sub(f, &D, &D, &C);
	fp_dbl(f, &D, &D);
	fp_dbl(f, &E, &A);
	fp_add(f, &E, &E, &A);

	fp_mul(f, &l0, &E, &t->X);
	fp_dbl(f, &B, &B);
	fp_sub(f, &l0, &l0, &B);
	fp_mul(f, &lx, &E, &zz);
	fp_neg(f, &lx, &lx);

	fp_mul(f, &t->Z, &t->Y, &t->Z);
	fp_dbl(f, &t->Z, &t->Z);
	fp_mul(f, &ly, &t->Z, &zz);

	fp_sqr(f, &t->X, &E);
	fp_sub(f, &t->X, &t->X, &D);
	fp_sub(f, &t->X, &t->X, &D);
	fp_sub(f, &D, &D, &t->X);
	fp_mul(f, &t->Y, &E, &D);
	fp_dbl(f, &C, &C);
	fp_dbl(f, &C, &C);
	fp_dbl(f, &C, &C);
	fp_sub(f, &t->Y, &t->Y, &C);

	line_at(f, l, &ly, &lx, &l0, b);
}

/*
 * T = T + A and the line through both: Z3 y - R x + R xA - Z3 yA. T is neither A nor -A nor
 * infinite, because T = [m]A with 1 < m < q - 1.
 */
static void add_line(const struct field *f, struct fp2 *l, struct jacobian *t,
		     const struct ec_affine *a, const struct psi *b)
{
	struct fp zz, H, R, HH, HHH, V, lx, l0, s;

	fp_sqr(f, &zz, &t->Z);
	fp_mul(f, &H, &a->x, &zz);
	fp_sub(f, &H, &H, &t->X);
	fp_mul(f, &R, &zz, &t->Z);
	fp_mul(f, &R, &R, &a->y);
	fp_sub(f, &R, &R, &t->Y);
	fp_mul(f, &t->Z, &t->Z, &H);

	fp_mul(f, &l0, &R, &a->x);
	fp_mul(f, &s, &t->Z, &a->y);
	fp_sub(f, &l0, &l0, &s);
	fp_neg(f, &lx, &R);

	fp_sqr(f, &HH, &H);
	fp_mul(f, &HHH, &HH, &H);
	fp_mul(f, &V, &t->X, &HH);
	fp_sqr(f, &t->X, &R);
	fp_sub(f, &t->X, &t->X, &HHH);
	fp_sub(f, &t->X, &t->X, &V);
	fp_sub(f, &t->X, &t->X, &V);
	fp_sub(f, &V, &V, &t->X);
	fp_mul(f, &V, &V, &R);
	fp_mul(f, &s, &t->Y, &HHH);
	fp_sub(f, &t->Y, &V, &s);

	line_at(f, l, &t->Z, &lx, &l0, b);
}

/*
 * Miller's loop along the signed digits of q, RFC 5091 3.5.2 without its denominators. The last
 * digit adds A to -A (or the reverse): a vertical, which vanishes.
 */
void pairing_miller(const struct type1 *c, struct fp2 *r, const struct ec_affine *A,
		    const struct ec_affine *B)
{
	const struct field *f = &c->f;
	struct ec_affine minus;
	struct jacobian t;
	struct psi b;
	struct fp2 l;
	unsigned int i;

	psi_map(c, &b, B);
	fp_copy(f, &minus.x, &A->x);
	fp_neg(f, &minus.y, &A->y);
	fp_copy(f, &t.X, &A->x);
	fp_copy(f, &t.Y, &A->y);
	fp_set_one(f, &t.Z);
	fp2_set_one(f, r);
	for (i = c->nafs - 1; i-- > 0;) {
		fp2_sqr(f, r, r);
		double_line(f, &l, &t, &b);
		fp2_mul(f, r, r, &l);
		if (!c->naf[i] || !i)
			continue;
		add_line(f, &l, &t, c->naf[i] > 0 ? A : &minus, &b);
		fp2_mul(f, r, r, &l);
	}
}

void pairing_exponent(const struct type1 *c, uint64_t exp[PAIRING_EXP_LIMBS], const uint64_t *k)
{
	unsigned int nc = (c->cofbits + 63) / 64, i, j;

	memset(exp, 0, PAIRING_EXP_LIMBS * sizeof(exp[0]));
	for (i = 0; i < TYPE1_Q_LIMBS; i++) {
		uint64_t carry = 0;

		for (j = 0; j < nc; j++) {
			unsigned __int128 x = (unsigned __int128)k[i] * c->cof[j] + exp[i + j] +
					      carry;

			exp[i + j] = (uint64_t)x;
			carry = (uint64_t)(x >> 64);
		}
		exp[i + j] = carry;
	}
}

/*
 * g = x^(p - 1) = conj(x)/x has norm one, so that its powers are known from their traces:
 * V_0 = 2, V_1 = tr(g), V_{2n} = V_n^2 - 2, V_{2n+1} = V_n V_{n+1} - V_1 (Lucas). One
 * multiplication and one squaring a bit, the same for each bit; V_E and V_{E+1} give g^E back,
 * because Re(g^{E+1}) = Re(g^E) Re(g) - Im(g^E) Im(g).
 *
 * With x = a + b i: Re(g) = (a^2 - b^2)/N, Im(g) = -2 a b/N, N = a^2 + b^2, and one inversion
 * gives 1/N and 1/Im(g). Where Im(g) = 0, g and its powers are real, and any number does for
 * the latter.
 */
void pairing_final(const struct type1 *c, struct fp2 *r, const struct fp2 *x,
		   const uint64_t exp[PAIRING_EXP_LIMBS])
{
	const struct field *f = &c->f;
	struct fp aa, bb, n, t, re, ninv, iminv, v0, v1, two, tr;
	uint64_t swap = 0;
	unsigned int i;

	fp_sqr(f, &aa, &x->a);
	fp_sqr(f, &bb, &x->b);
	fp_add(f, &n, &aa, &bb);
	fp_sub(f, &re, &aa, &bb);
	fp_mul(f, &t, &x->a, &x->b);
	fp_dbl(f, &t, &t);
	fp_select(f, &t, &f->one, &t, fp_is_zero(f, &t));
	fp_mul(f, &ninv, &n, &t);
	fp_inv(f, &ninv, &ninv);
	fp_mul(f, &iminv, &ninv, &n);
	fp_mul(f, &iminv, &iminv, &n);
	fp_neg(f, &iminv, &iminv);
	fp_mul(f, &ninv, &ninv, &t);
	fp_mul(f, &re, &re, &ninv);

	fp_dbl(f, &two, &f->one);
	fp_dbl(f, &tr, &re);
	fp_copy(f, &v0, &two);
	fp_copy(f, &v1, &tr);
	for (i = c->cofbits + c->qbits; i-- > 0;) {
		uint64_t bit = 0 - (exp[i / 64] >> (i % 64) & 1);

		fp_cswap(f, &v0, &v1, swap ^ bit);
		swap = bit;
		fp_mul(f, &v1, &v0, &v1);
		fp_sub(f, &v1, &v1, &tr);
		fp_sqr(f, &v0, &v0);
		fp_sub(f, &v0, &v0, &two);
	}
	fp_cswap(f, &v0, &v1, swap);
	fp_mul(f, &v0, &v0, &c->half);
	fp_mul(f, &v1, &v1, &c->half);
	fp_copy(f, &r->a, &v0);
	fp_mul(f, &t, &v0, &re);
	fp_sub(f, &t, &t, &v1);
	fp_mul(f, &r->b, &t, &iminv);
	/* Of a zero, 1/N and all above is made of zeros except V: say so rather than return it. */
	fp_set_zero(f, &t);
	fp_select(f, &r->a, &t, &r->a, fp_is_zero(f, &n));
	fp_select(f, &r->b, &t, &r->b, fp_is_zero(f, &n));
}

void pairing(const struct type1 *c, struct fp2 *r, const struct ec_affine *A,
	     const struct ec_affine *B)
{
	uint64_t exp[PAIRING_EXP_LIMBS];
	struct fp2 x;

	pairing_miller(c, &x, A, B);
	pairing_exponent(c, exp, c->half_q);
	pairing_final(c, r, &x, exp);
}
