// SPDX-License-Identifier: GPL-2.0-or-later
/* The Boneh-Franklin scheme, RFC 5091 section 5. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "ibe/bf.h"
#include "ibe/pairing.h"

static int nomem(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static int check_id(size_t id_len, struct err *e)
{
	if (!id_len)
		return err_set(e, EINVAL, "the identity is empty");
	if (id_len > IBE_ID_MAX)
		return err_set(e, EINVAL, "an identity of %zu octets is longer than %u", id_len,
			       IBE_ID_MAX);
	return 0;
}

static int check_key(const struct ibe_params *params, const struct ibe_params *of,
		     const char *what, struct err *e)
{
	if (ibe_params_equal(params, of))
		return 0;
	return err_set(e, EINVAL, "the %s belongs to other parameters", what);
}

int ibe_extract(const struct ibe_params *params, const struct ibe_master *master,
		const uint8_t *id, size_t id_len, struct ibe_key **key, struct err *e)
{
	const struct type1 *c = &params->c;
	struct ec_affine q;
	struct ec_point s;
	struct ibe_key *k;
	int ret;

	ret = check_id(id_len, e);
	if (!ret)
		ret = check_key(params, master->params, "master secret", e);
	if (ret)
		return ret;
	ret = ibe_hash_to_point(&params->hash, c, &q, id, id_len);
	if (ret == -EDOM)
		return err_set(e, EDOM, "the identity hashes to the infinite point");
	if (ret)
		return nomem(e);
	k = ibe_key_new(params);
	if (!k)
		return nomem(e);
	ret = ec_mul(&c->f, &s, &q, master->s, c->qbits);
	if (!ret)
		ec_to_affine(&c->f, &k->S, &s);
	secret_wipe(&s, sizeof(s));
	fp_burn_stack();
	if (ret) {
		ibe_key_free(k);
		return nomem(e);
	}
	*key = k;
	return 0;
}

/* r = e'(A, [12 r]B), and with @l its l-th power: no multiplication by the cofactor is needed. */
static void pairing_cofactor(const struct type1 *c, struct fp2 *r, const struct ec_affine *A,
			     const struct ec_affine *B, const struct fp *l)
{
	uint64_t exp[PAIRING_EXP_LIMBS];
	struct fp k = { { 0 } };
	struct fp2 x;

	/* half_cof is in Montgomery form and the other factor is not: nor is the product. */
	fp_mul(&c->fq, &k, &c->half_cof, l);
	pairing_exponent(c, exp, k.l);
	pairing_miller(c, &x, A, B);
	pairing_final(c, r, &x, exp);
	secret_wipe(exp, sizeof(exp));
	secret_wipe(&k, sizeof(k));
	secret_wipe(&x, sizeof(x));
}

int ibe_key_verify(const struct ibe_params *params, const uint8_t *id, size_t id_len,
		   const struct ibe_key *key, struct err *e)
{
	static const struct fp one = { { 1 } };
	const struct type1 *c = &params->c;
	struct ec_affine q;
	struct fp2 l, r;
	uint64_t same;
	int ret;

	ret = check_id(id_len, e);
	if (ret)
		return ret;
	if (!ibe_params_equal(params, key->params))
		return err_set(e, EKEYREJECTED, "the key belongs to other parameters");
	if (ibe_hash_to_curve(&params->hash, c, &q, id, id_len))
		return nomem(e);
	pairing(c, &l, &params->P, &key->S);
	pairing_cofactor(c, &r, &params->Ppub, &q, &one);
	same = fp2_equal(&c->f, &l, &r);
	secret_wipe(&l, sizeof(l));
	fp_burn_stack();
	if (!same)
		return err_set(e, EKEYREJECTED, "the key is not the one of this identity");
	return 0;
}

/**
 * struct work - secrets of one encryption or decryption; lies in the secure heap
 * @rho: the random octets
 * @t: h(m) after rho: rho || t is what l is hashed from
 * @w: the hash of the pairing value
 * @l: the exponent
 * @theta: the pairing value
 * @canon: its canonical encoding
 * @U: [l]P
 */
struct work {
	uint8_t rho[2 * IBE_HASH_MAX];
	uint8_t w[IBE_HASH_MAX];
	struct fp l;
	struct fp2 theta;
	uint8_t canon[2 * FP_OCTETS_MAX];
	struct ec_point U;
};

/* t = h(m), l = HashToRange(rho || t, q) and U = [l]P. */
static int compute_u(const struct ibe_params *params, struct work *w, const uint8_t *m,
		     size_t m_len)
{
	const struct ibe_hash *h = &params->hash;
	const struct type1 *c = &params->c;
	int ret;

	ret = ibe_hash(h, w->rho + h->len, m, m_len, "", 0);
	if (!ret)
		ret = ibe_hash_to_range(h, &c->fq, &w->l, w->rho, 2 * h->len);
	if (!ret)
		ret = ec_mul(&c->f, &w->U, &params->P, w->l.l, c->qbits);
	return ret;
}

/* w = h(Canonical(theta)) */
static int hash_theta(const struct ibe_params *params, struct work *w)
{
	const struct field *f = &params->c.f;

	fp2_canonical(f, w->canon, &w->theta);
	return ibe_hash(&params->hash, w->w, w->canon, 2 * f->octets, "", 0);
}

static int encrypt(const struct ibe_params *params, struct work *w, const struct ec_affine *q,
		   uint8_t *m, size_t m_len, struct buf *out, struct err *e)
{
	const struct ibe_hash *h = &params->hash;
	const struct type1 *c = &params->c;
	struct ec_affine U;
	struct fp2 one;
	uint8_t v[IBE_HASH_MAX];
	size_t i;

	if (compute_u(params, w, m, m_len))
		return nomem(e);
	/* One in 2^160 or less: U would be infinite, which no recipient takes. */
	if (fp_is_zero(&c->fq, &w->l))
		return err_set(e, EDOM, "this rho gives the exponent zero");
	pairing_cofactor(c, &w->theta, &params->Ppub, q, &w->l);
	fp2_set_one(&c->f, &one);
	if (fp2_equal(&c->f, &w->theta, &one))
		return err_set(e, EDOM, "the identity hashes to the infinite point");
	if (hash_theta(params, w))
		return nomem(e);
	for (i = 0; i < h->len; i++)
		v[i] = w->w[i] ^ w->rho[i];
	if (ibe_hash_bytes_xor(h, m, m_len, w->rho, h->len))
		return nomem(e);
	ec_to_affine(&c->f, &U, &w->U);
	if (ibe_ciphertext_to_der(&c->f, &U, v, h->len, m, m_len, out))
		return nomem(e);
	return 0;
}

int ibe_encrypt_rho(const struct ibe_params *params, const uint8_t *id, size_t id_len,
		    const uint8_t *m, size_t m_len, const uint8_t *rho, struct buf *der_out,
		    struct err *e)
{
	struct ec_affine q;
	struct work *w;
	uint8_t *copy = NULL;
	int ret;

	ret = check_id(id_len, e);
	if (ret)
		return ret;
	if (m_len > IBE_PLAINTEXT_MAX)
		return err_set(e, EMSGSIZE, "a plaintext of %zu octets is longer than %u", m_len,
			       IBE_PLAINTEXT_MAX);
	if (ibe_hash_to_curve(&params->hash, &params->c, &q, id, id_len))
		return nomem(e);
	w = secret_alloc(sizeof(*w));
	copy = secret_alloc(m_len ? m_len : 1);
	if (w && copy) {
		memcpy(w->rho, rho, params->hash.len);
		if (m_len)
			memcpy(copy, m, m_len);
		ret = encrypt(params, w, &q, copy, m_len, der_out, e);
	} else {
		ret = nomem(e);
	}
	secret_free(copy, m_len ? m_len : 1);
	secret_free(w, sizeof(*w));
	fp_burn_stack();
	return ret;
}

int ibe_encrypt(const struct ibe_params *params, const uint8_t *id, size_t id_len,
		const uint8_t *m, size_t m_len, struct buf *der_out, struct err *e)
{
	uint8_t rho[IBE_HASH_MAX];
	int ret;

	secret_random(rho, params->hash.len);
	ret = ibe_encrypt_rho(params, id, id_len, m, m_len, rho, der_out, e);
	secret_wipe(rho, sizeof(rho));
	return ret;
}

/*
 * Recovers m into @m, which holds W, and tells whether U = [l]P: a mask. Everything up to that
 * mask is done whatever the octets are.
 */
static int decrypt(const struct ibe_params *params, const struct ibe_key *key, struct work *w,
		   const struct ibe_ciphertext *ct, uint8_t *m, size_t m_len, uint64_t *good)
{
	const struct ibe_hash *h = &params->hash;
	const struct field *f = &params->c.f;
	struct fp t;
	size_t i;
	int ret;

	/* The pairing is symmetric, and S_id is known to be of order q, which U is not. */
	pairing(&params->c, &w->theta, &key->S, &ct->U);
	ret = hash_theta(params, w);
	for (i = 0; i < h->len; i++)
		w->rho[i] = w->w[i] ^ ct->v[i];
	if (!ret)
		ret = ibe_hash_bytes_xor(h, m, m_len, w->rho, h->len);
	if (!ret)
		ret = compute_u(params, w, m, m_len);
	if (ret)
		return ret;
	*good = ~fp_is_zero(f, &w->U.Z);
	fp_mul(f, &t, &ct->U.x, &w->U.Z);
	*good &= fp_equal(f, &t, &w->U.X);
	fp_mul(f, &t, &ct->U.y, &w->U.Z);
	*good &= fp_equal(f, &t, &w->U.Y);
	return 0;
}

int ibe_decrypt(const struct ibe_params *params, const struct ibe_key *key, const uint8_t *der,
		size_t len, struct buf *m_out, struct err *e)
{
	struct buf cw = BUF_INIT;
	struct ibe_ciphertext ct = { .w = &cw };
	struct work *w = NULL;
	uint8_t *m = NULL;
	uint64_t good = 0;
	size_t m_len;
	int ret;

	ret = check_key(params, key->params, "key", e);
	if (!ret)
		ret = ibe_ciphertext_from_der(params, der, len, &ct, e);
	if (ret)
		goto out;
	m_len = cw.len;
	w = secret_alloc(sizeof(*w));
	m = secret_alloc(m_len ? m_len : 1);
	if (!w || !m) {
		ret = nomem(e);
		goto free;
	}
	if (m_len)
		memcpy(m, cw.data, m_len);
	if (decrypt(params, key, w, &ct, m, m_len, &good)) {
		ret = nomem(e);
	} else if (!good) {
		ret = err_set(e, EBADMSG, "the ciphertext does not open with this key");
	} else {
		buf_put(m_out, m, m_len);
		ret = m_out->failed ? nomem(e) : 0;
	}
free:
	secret_free(m, m_len ? m_len : 1);
	secret_free(w, sizeof(*w));
	fp_burn_stack();
out:
	buf_free(&cw);
	return ret;
}
