// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inversion in constant time by divsteps: Bernstein and Yang, "Fast constant-time gcd computation
 * and modular inversion" (CHES 2019), theorem 11.2.
 *
 * A divstep takes (delta, f, g), f odd, to
 *	(1 - delta, g, (g - f)/2)		where delta > 0 and g is odd,
 *	(1 + delta, f, (g + (g mod 2) f)/2)	else.
 * Starting from (1, p, a), so many of them as the theorem says for the size of p make g = 0 and
 * f = +-1. 62 at a time depend on the lowest 62 bits only, and are a matrix of four numbers that
 * is then applied to f, g and, modulo p, to d, e with d a = f and e a = g.
 */
#include "ibe/fp_limbs.h"

#define STEPS 62

/**
 * struct matrix - 2^62 times what 62 divsteps do; |u| + |v| and |q| + |r| are at most 2^62
 * @u: f' = (u f + v g) / 2^62
 * @v: see @u
 * @q: g' = (q f + r g) / 2^62
 * @r: see @q
 */
struct matrix {
	int64_t u, v, q, r;
};

void fp_inv_init(struct field *f)
{
	unsigned int i, steps = (49 * f->bits + (f->bits < 46 ? 80 : 57)) / 17;

	f->inv_rounds = (steps + STEPS - 1) / STEPS;
	/* Each round of update_mod() divides by 2^64 and not 2^62; and the product by 2^(64 n). */
	fp_set_zero(f, &f->inv_fix);
	f->inv_fix.l[0] = 1;
	for (i = 0; i < 2 * f->inv_rounds + 64 * f->n; i++)
		fp_portable.add(f, &f->inv_fix, &f->inv_fix, &f->inv_fix);
}

static int64_t divsteps(struct matrix *m, int64_t delta, uint64_t f, uint64_t g)
{
	/* Unsigned, because they wrap around on their way. */
	uint64_t u = 1, v = 0, q = 0, r = 1;
	int i;

	for (i = 0; i < STEPS; i++) {
		uint64_t odd = 0 - (g & 1);
		uint64_t swap = fp_barrier(odd & (0 - ((uint64_t)-delta >> 63)));
		uint64_t x;

		/* (f, g) = (g, -f) and the rows likewise, delta = -delta */
		x = (f ^ g) & swap;
		f ^= x;
		g ^= x;
		g = (g ^ swap) - swap;
		x = (u ^ q) & swap;
		u ^= x;
		q ^= x;
		q = (q ^ swap) - swap;
		x = (v ^ r) & swap;
		v ^= x;
		r ^= x;
		r = (r ^ swap) - swap;
		delta = (int64_t)(((uint64_t)delta ^ swap) - swap) + 1;

		g = (g + (f & odd)) >> 1;
		q += u & odd;
		r += v & odd;
		u <<= 1;
		v <<= 1;
	}
	*m = (struct matrix){ (int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r };
	return delta;
}

/* x = (a x + b y) / 2^62, y = (c x + d y) / 2^62, both exact; n + 1 limbs, two's complement. */
static void update_exact(uint64_t *x, uint64_t *y, const struct matrix *m, unsigned int n)
{
	uint64_t lx = 0, ly = 0;
	s128 cx = 0, cy = 0;
	unsigned int i;

	for (i = 0; i <= n; i++) {
		/* All limbs but the highest are not negative. */
		s128 xi = i < n ? (s128)x[i] : (s128)(int64_t)x[i];
		s128 yi = i < n ? (s128)y[i] : (s128)(int64_t)y[i];

		cx += m->u * xi + m->v * yi;
		cy += m->q * xi + m->r * yi;
		if (i) {
			x[i - 1] = lx >> STEPS | (uint64_t)cx << (64 - STEPS);
			y[i - 1] = ly >> STEPS | (uint64_t)cy << (64 - STEPS);
		}
		lx = (uint64_t)cx;
		ly = (uint64_t)cy;
		cx >>= 64;
		cy >>= 64;
	}
	x[n] = lx >> STEPS | (uint64_t)cx << (64 - STEPS);
	y[n] = ly >> STEPS | (uint64_t)cy << (64 - STEPS);
}

/* r = (a x + b y) / 2^64 modulo p, with x and y below p. */
static void combine_mod(const struct field *f, struct fp *r, int64_t a, const struct fp *x,
			int64_t b, const struct fp *y)
{
	static const struct fp zero;
	uint64_t sa = (uint64_t)(a >> 63), sb = (uint64_t)(b >> 63);
	uint64_t ua = ((uint64_t)a ^ sa) - sa, ub = ((uint64_t)b ^ sb) - sb;
	uint64_t t[FP_LIMBS_MAX], m;
	unsigned int i;
	struct fp nx, ny;
	u128 c, d;

	/* The magnitude of a times +-x. */
	fp_portable.sub(f, &nx, &zero, x);
	fp_portable.sub(f, &ny, &zero, y);
	fp_select(f, &nx, &nx, x, sa);
	fp_select(f, &ny, &ny, y, sb);
	/* |a| + |b| is at most 2^62: the sum and its carry fit, and the result is below 2 p. */
	c = (u128)ua * nx.l[0] + (u128)ub * ny.l[0];
	m = (uint64_t)c * f->n0;
	d = (u128)m * f->p.l[0] + (uint64_t)c;
	for (i = 1; i < f->n; i++) {
		c = (c >> 64) + (u128)ua * nx.l[i] + (u128)ub * ny.l[i];
		d = (d >> 64) + (u128)m * f->p.l[i] + (uint64_t)c;
		t[i - 1] = (uint64_t)d;
	}
	d = (d >> 64) + (c >> 64);
	t[f->n - 1] = (uint64_t)d;
	reduce_once(r->l, t, (uint64_t)(d >> 64), f->p.l, f->n);
}

static void update_mod(const struct field *f, struct fp *d, struct fp *e, const struct matrix *m)
{
	struct fp t;

	combine_mod(f, &t, m->u, d, m->v, e);
	combine_mod(f, e, m->q, d, m->r, e);
	fp_copy(f, d, &t);
}

void fp_inv(const struct field *f, struct fp *r, const struct fp *a)
{
	uint64_t x[FP_LIMBS_MAX + 1] = { 0 }, y[FP_LIMBS_MAX + 1] = { 0 };
	struct fp d, e, neg;
	struct matrix m;
	int64_t delta = 1;
	unsigned int i;

	fp_store(f, &e, a);
	for (i = 0; i < f->n; i++) {
		x[i] = f->p.l[i];
		y[i] = e.l[i];
	}
	fp_set_zero(f, &d);
	fp_set_zero(f, &e);
	e.l[0] = 1;
	for (i = 0; i < f->inv_rounds; i++) {
		delta = divsteps(&m, delta, x[0], y[0]);
		update_exact(x, y, &m, f->n);
		update_mod(f, &d, &e, &m);
	}
	/* f is 1 or -1, and d its sign times the inverse; or a was 0, and so is d. */
	fp_set_zero(f, &e);
	fp_portable.sub(f, &neg, &e, &d);
	fp_select(f, &d, &neg, &d, (uint64_t)((int64_t)x[f->n] >> 63));
	fp_portable.mul(f, &d, &d, &f->inv_fix);
	fp_load(f, r, &d);
}
