// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/secret.h"
#include "ibe/fp_limbs.h"

/* Best first. */
static const struct fp_backend *const backends[] = { &fp_portable };

bool limbs_from_octets(uint64_t *l, unsigned int n, const uint8_t *in, size_t len)
{
	size_t i;
	uint8_t over = 0;

	memset(l, 0, n * sizeof(l[0]));
	for (i = 0; i < len; i++) {
		size_t at = len - 1 - i; /* weight 256^at */

		if (at / 8 < n)
			l[at / 8] |= (uint64_t)in[i] << (8 * (at % 8));
		else
			over |= in[i];
	}
	return !over;
}

unsigned int limbs_bits(const uint64_t *l, unsigned int n)
{
	while (n && !l[n - 1])
		n--;
	return n ? 64 * n - (unsigned int)__builtin_clzll(l[n - 1]) : 0;
}

int field_init(struct field *f, const struct fp_backend *be, const uint8_t *modulus, size_t len)
{
	uint64_t inv = 1;
	unsigned int i;

	memset(f, 0, sizeof(*f));
	if (!limbs_from_octets(f->p.l, FP_LIMBS_MAX, modulus, len))
		return -EINVAL;
	f->bits = limbs_bits(f->p.l, FP_LIMBS_MAX);
	if (f->bits < 3 || !(f->p.l[0] & 1))
		return -EINVAL;
	f->octets = (f->bits + 7) / 8;
	f->n = (f->bits + 255) / 256 * 4;
	for (i = 0; !be && i < sizeof(backends) / sizeof(backends[0]); i++)
		if (backends[i]->usable(f->bits))
			be = backends[i];
	f->be = be;
	/* Newton: each step doubles the number of right bits, from three of an odd number. */
	for (i = 0; i < 6; i++)
		inv *= 2 - f->p.l[0] * inv;
	f->n0 = 0 - inv;
	/* 2^(128 n) by doubling one. */
	f->r2.l[0] = 1;
	for (i = 0; i < 128 * f->n; i++)
		fp_portable.add(f, &f->r2, &f->r2, &f->r2);
	f->one.l[0] = 1;
	fp_load(f, &f->one, &f->one);
	fp_inv_init(f);
	return 0;
}

void fp_copy(const struct field *f, struct fp *r, const struct fp *a)
{
	memmove(r->l, a->l, f->n * sizeof(r->l[0]));
}

void fp_set_zero(const struct field *f, struct fp *r)
{
	memset(r->l, 0, f->n * sizeof(r->l[0]));
}

void fp_set_one(const struct field *f, struct fp *r)
{
	fp_copy(f, r, &f->one);
}

void fp_set_small(const struct field *f, struct fp *r, unsigned int v)
{
	fp_set_zero(f, r);
	r->l[0] = v;
	fp_load(f, r, r);
}

void fp_neg(const struct field *f, struct fp *r, const struct fp *a)
{
	struct fp zero;

	fp_set_zero(f, &zero);
	fp_sub(f, r, &zero, a);
}

static uint64_t mask_if_zero(uint64_t v)
{
	return fp_barrier(((v | (0 - v)) >> 63) - 1);
}

uint64_t fp_is_zero(const struct field *f, const struct fp *a)
{
	uint64_t v = 0;
	unsigned int i;

	for (i = 0; i < f->n; i++)
		v |= a->l[i];
	return mask_if_zero(v);
}

uint64_t fp_equal(const struct field *f, const struct fp *a, const struct fp *b)
{
	uint64_t v = 0;
	unsigned int i;

	for (i = 0; i < f->n; i++)
		v |= a->l[i] ^ b->l[i];
	return mask_if_zero(v);
}

void fp_select(const struct field *f, struct fp *r, const struct fp *a, const struct fp *b,
	       uint64_t mask)
{
	unsigned int i;

	mask = fp_barrier(mask);
	for (i = 0; i < f->n; i++)
		r->l[i] = (a->l[i] & mask) | (b->l[i] & ~mask);
}

void fp_cswap(const struct field *f, struct fp *a, struct fp *b, uint64_t mask)
{
	unsigned int i;

	mask = fp_barrier(mask);
	for (i = 0; i < f->n; i++) {
		uint64_t d = (a->l[i] ^ b->l[i]) & mask;

		a->l[i] ^= d;
		b->l[i] ^= d;
	}
}

void fp_lookup(const struct field *f, struct fp *r, const struct fp *table, size_t stride,
	       unsigned int count, unsigned int index)
{
	unsigned int i, k;

	fp_set_zero(f, r);
	for (k = 0; k < count; k++) {
		const struct fp *t = (const struct fp *)((const char *)table + k * stride);
		uint64_t mask = mask_if_zero(k ^ index);

		for (i = 0; i < f->n; i++)
			r->l[i] |= t->l[i] & mask;
	}
}

static unsigned int bit(const uint64_t *e, unsigned int i)
{
	return e[i / 64] >> (i % 64) & 1;
}

/* Sliding window of five bits over the odd powers. */
void fp_pow_public(const struct field *f, struct fp *r, const struct fp *a, const uint64_t *e,
		   unsigned int ebits)
{
	struct fp odd[16], x;
	unsigned int i, low, v, k;
	bool started = false;

	fp_copy(f, &odd[0], a);
	fp_sqr(f, &x, a);
	for (i = 1; i < 16; i++)
		fp_mul(f, &odd[i], &odd[i - 1], &x);
	fp_set_one(f, &x);
	for (i = ebits; i; i = low) {
		if (!bit(e, i - 1)) {
			low = i - 1;
			if (started)
				fp_sqr(f, &x, &x);
			continue;
		}
		low = i > 5 ? i - 5 : 0;
		while (!bit(e, low))
			low++;
		for (v = 0, k = i; k > low; k--) {
			v = v << 1 | bit(e, k - 1);
			if (started)
				fp_sqr(f, &x, &x);
		}
		if (started)
			fp_mul(f, &x, &x, &odd[v / 2]);
		else
			fp_copy(f, &x, &odd[v / 2]);
		started = true;
	}
	fp_copy(f, r, &x);
}

bool fp_from_octets(const struct field *f, struct fp *r, const uint8_t *in)
{
	struct fp v;
	uint64_t borrow = 0;
	unsigned int i;

	limbs_from_octets(v.l, f->n, in, f->octets);
	for (i = 0; i < f->n; i++)
		borrow = (uint64_t)(((unsigned __int128)v.l[i] - f->p.l[i] - borrow) >> 64) & 1;
	fp_load(f, r, &v);
	return borrow;
}

void fp_to_octets(const struct field *f, uint8_t *out, const struct fp *a)
{
	struct fp v;
	size_t i;

	fp_store(f, &v, a);
	for (i = 0; i < f->octets; i++)
		out[f->octets - 1 - i] = (uint8_t)(v.l[i / 8] >> (8 * (i % 8)));
}

/*
 * Double and add, bit by bit: slow, but as constant in time as the addition, for any length and
 * any modulus, and hashes are short.
 */
void fp_reduce_octets(const struct field *f, struct fp *r, const uint8_t *in, size_t len)
{
	struct fp x, b;
	size_t i;

	fp_set_zero(f, &x);
	fp_set_zero(f, &b);
	for (i = 0; i < 8 * len; i++) {
		b.l[0] = in[i / 8] >> (7 - i % 8) & 1;
		fp_portable.add(f, &x, &x, &x);
		fp_portable.add(f, &x, &x, &b);
	}
	fp_copy(f, r, &x);
}

__attribute__((noinline)) void fp_burn_stack(void)
{
	uint8_t stack[96 * 1024];

	secret_wipe(stack, sizeof(stack));
}
