// SPDX-License-Identifier: GPL-2.0-or-later
/* RFC 5091 5.1.2 (BFsetup1). The search is for public numbers; only s is secret. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/secret.h"
#include "ibe/bf.h"

/* Small primes to sieve with, and how many candidates are sieved at a time. */
#define SIEVE_PRIMES_BELOW (1u << 18)
#define SIEVE_SPAN (1u << 16)

/**
 * struct search - one set-up on its way
 * @level: what is wanted
 * @progress: who is told
 * @arg: for @progress
 * @ctx: scratch of OpenSSL
 * @q: the order
 * @p: the prime
 * @e: what was wrong
 */
struct search {
	const struct ibe_level *level;
	ibe_progress_fn *progress;
	void *arg;
	BN_CTX *ctx;
	BIGNUM *q;
	BIGNUM *p;
	struct err *e;
};

static int nomem(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static int tell(struct search *s, const char *phase, unsigned long tried)
{
	if (s->progress && !s->progress(s->arg, phase, tried))
		return err_set(s->e, ECANCELED, "given up");
	return 0;
}

static unsigned int random_below(unsigned int n)
{
	uint64_t v;

	secret_random(&v, sizeof(v));
	return (unsigned int)(v % n); /* n is tiny beside 2^64 */
}

/* q = 2^a +- 2^b +- 1 of exactly q_bits bits, with b and the signs drawn until it is prime. */
static int find_q(struct search *s)
{
	const unsigned int bits = s->level->q_bits;
	BIGNUM *t = BN_CTX_get(s->ctx);
	unsigned long tried;
	int ret;

	if (!t)
		return nomem(s->e);
	for (tried = 0;; tried++) {
		unsigned int b = 2 + random_below(bits - 4), signs = random_below(4);
		unsigned int a = signs & 1 ? bits : bits - 1;

		if (b >= a - 1)
			continue;
		ret = tell(s, "q", tried);
		if (ret)
			return ret;
		BN_zero(s->q);
		BN_zero(t);
		if (!BN_set_bit(s->q, (int)a) || !BN_set_bit(t, (int)b) ||
		    !(signs & 1 ? BN_sub(s->q, s->q, t) : BN_add(s->q, s->q, t)) ||
		    !(signs & 2 ? BN_sub_word(s->q, 1) : BN_add_word(s->q, 1)))
			return nomem(s->e);
		if (BN_mod_word(s->q, 3) == 0)
			continue;
		ret = ibe_prime_test(s->q, PRIME_ROUNDS, s->ctx);
		if (ret < 0)
			return nomem(s->e);
		if (ret)
			return 0;
	}
}

/* Primes from 5 to below @limit; freed by the caller. */
static uint32_t *small_primes(unsigned int limit, size_t *count)
{
	uint8_t *composite = calloc(limit, 1);
	uint32_t *primes = calloc(limit / 4, sizeof(*primes));
	unsigned int i, j;
	size_t n = 0;

	if (!composite || !primes) {
		free(composite);
		free(primes);
		return NULL;
	}
	for (i = 2; i < limit; i++) {
		if (composite[i])
			continue;
		if (i >= 5)
			primes[n++] = i;
		for (j = 2 * i; j < limit; j += i)
			composite[j] = 1;
	}
	free(composite);
	*count = n;
	return primes;
}

static uint32_t inverse_mod(uint32_t a, uint32_t m)
{
	int64_t r0 = m, r1 = a % m, t0 = 0, t1 = 1;

	while (r1) {
		int64_t quot = r0 / r1, t;

		t = r0 - quot * r1;
		r0 = r1;
		r1 = t;
		t = t0 - quot * t1;
		t0 = t1;
		t1 = t;
	}
	return (uint32_t)(t0 < 0 ? t0 + m : t0);
}

/* Marks the i of 0 to SIEVE_SPAN - 1 for which p0 + i * step has a small factor. */
static void sieve(uint8_t *composite, const uint32_t *primes, size_t count, const BIGNUM *p0,
		  const BIGNUM *step)
{
	size_t k;

	memset(composite, 0, SIEVE_SPAN);
	for (k = 0; k < count; k++) {
		uint32_t l = primes[k], d = (uint32_t)BN_mod_word(step, l);
		uint32_t a = (uint32_t)BN_mod_word(p0, l);
		uint64_t i;

		if (!d)
			continue; /* l = q, which does not divide p */
		i = (uint64_t)((l - a) % l) * inverse_mod(d, l) % l;
		for (; i < SIEVE_SPAN; i += l)
			composite[i] = 1;
	}
}

/*
 * p = 12 r q - 1 of exactly p_bits bits. Spans of r start at random places; within one, the
 * first r that gives a prime is taken.
 */
static int find_p_in_span(struct search *s, const uint32_t *primes, size_t count,
			  uint8_t *composite, unsigned long *tried)
{
	const int bits = (int)s->level->p_bits;
	BIGNUM *step = BN_CTX_get(s->ctx), *low = BN_CTX_get(s->ctx), *r = BN_CTX_get(s->ctx),
	       *range = BN_CTX_get(s->ctx);
	unsigned int i, at = 0;
	int ret;

	if (!range || !BN_copy(step, s->q) || !BN_mul_word(step, 12))
		return nomem(s->e);
	/* r from 2^(bits - 1)/step + 1 to 2^bits/step - SIEVE_SPAN: p keeps its top bit. */
	BN_zero(low);
	if (!BN_set_bit(low, bits - 1) || !BN_div(low, NULL, low, step, s->ctx) ||
	    !BN_add_word(low, 1) || !BN_copy(range, low) || !BN_sub_word(range, SIEVE_SPAN + 4) ||
	    BN_is_negative(range) || !BN_rand_range(r, range) || !BN_add(r, r, low) ||
	    !BN_mul(s->p, r, step, s->ctx) || !BN_sub_word(s->p, 1))
		return nomem(s->e);
	sieve(composite, primes, count, s->p, step);
	for (i = 0; i < SIEVE_SPAN; i++) {
		if (composite[i])
			continue;
		for (; at < i; at++)
			if (!BN_add(s->p, s->p, step))
				return nomem(s->e);
		ret = tell(s, "p", ++*tried);
		if (ret)
			return ret;
		ret = ibe_prime_test(s->p, 1, s->ctx);
		if (ret == 1)
			ret = ibe_prime_test(s->p, PRIME_ROUNDS, s->ctx);
		if (ret < 0)
			return nomem(s->e);
		if (ret && BN_num_bits(s->p) == bits)
			return 0;
	}
	return -EAGAIN;
}

static int find_p(struct search *s)
{
	unsigned long tried = 0;
	size_t count = 0;
	uint32_t *primes = small_primes(SIEVE_PRIMES_BELOW, &count);
	uint8_t *composite = malloc(SIEVE_SPAN);
	int ret;

	if (!primes || !composite) {
		ret = nomem(s->e);
	} else {
		do {
			BN_CTX_start(s->ctx);
			ret = find_p_in_span(s, primes, count, composite, &tried);
			BN_CTX_end(s->ctx);
		} while (ret == -EAGAIN);
	}
	free(primes);
	free(composite);
	return ret;
}

/* P = [12 r]P' for a random P': a random y has exactly one x. */
static int find_generator(struct ibe_params *n, struct err *e)
{
	const struct type1 *c = &n->c;
	uint8_t seed[64];
	int ret;

	do {
		secret_random(seed, sizeof(seed));
		ret = ibe_hash_to_point(&n->hash, c, &n->P, seed, sizeof(seed));
	} while (ret == -EDOM);
	return ret ? nomem(e) : 0;
}

static int make_master(struct ibe_params *n, struct ibe_master **master, struct err *e)
{
	const struct type1 *c = &n->c;
	struct ibe_master *m = ibe_master_new(n);
	uint8_t oct[TYPE1_Q_BITS_MAX / 8];
	struct ec_point pub;
	struct fp t;
	int ret;

	if (!m)
		return nomem(e);
	do {
		secret_random(oct, c->fq.octets);
		oct[0] &= (uint8_t)(0xff >> (8 * c->fq.octets - c->qbits));
		limbs_from_octets(m->s, TYPE1_Q_LIMBS, oct, c->fq.octets);
	} while (!fp_from_octets(&c->fq, &t, oct) || limbs_bits(m->s, TYPE1_Q_LIMBS) < 2);
	ret = ec_mul(&c->f, &pub, &n->P, m->s, c->qbits);
	if (!ret)
		ec_to_affine(&c->f, &n->Ppub, &pub);
	secret_wipe(oct, sizeof(oct));
	secret_wipe(&t, sizeof(t));
	secret_wipe(&pub, sizeof(pub));
	fp_burn_stack();
	if (ret) {
		ibe_master_free(m);
		return nomem(e);
	}
	*master = m;
	return 0;
}

static int make_points(struct search *s, struct ibe_params **params, struct ibe_master **master)
{
	uint8_t p[FP_OCTETS_MAX], q[TYPE1_Q_BITS_MAX / 8];
	struct ibe_params *n;
	int ret = tell(s, "points", 0);

	if (ret)
		return ret;
	n = calloc(1, sizeof(*n));
	if (!n)
		return nomem(s->e);
	atomic_init(&n->refs, 1);
	n->hash = s->level->hash;
	if (BN_bn2binpad(s->p, p, (int)s->level->p_bits / 8) < 0 ||
	    BN_bn2binpad(s->q, q, (int)s->level->q_bits / 8) < 0)
		ret = nomem(s->e);
	if (!ret)
		ret = type1_init(&n->c, p, s->level->p_bits / 8, q, s->level->q_bits / 8, s->e);
	if (!ret)
		ret = find_generator(n, s->e);
	if (!ret)
		ret = make_master(n, master, s->e);
	if (ret) {
		free(n);
		return ret;
	}
	*params = n;
	return 0;
}

int ibe_setup(unsigned int bits, ibe_progress_fn *progress, void *arg, struct ibe_params **params,
	      struct ibe_master **master, struct err *e)
{
	struct search s = { ibe_level_find(bits), progress, arg, NULL, NULL, NULL, e };
	int ret;

	if (!s.level)
		return err_set(e, EOPNOTSUPP,
			       "%u bits is no level: 512, 1024, 1536, 3840 or 7680", bits);
	s.ctx = BN_CTX_new();
	if (!s.ctx)
		return nomem(e);
	BN_CTX_start(s.ctx);
	s.q = BN_CTX_get(s.ctx);
	s.p = BN_CTX_get(s.ctx);
	ret = s.p ? find_q(&s) : nomem(e);
	if (!ret)
		ret = find_p(&s);
	if (!ret)
		ret = make_points(&s, params, master);
	BN_CTX_end(s.ctx);
	BN_CTX_free(s.ctx);
	return ret;
}
