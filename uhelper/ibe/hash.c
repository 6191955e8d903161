// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include <openssl/objects.h>

#include "base/secret.h"
#include "ibe/hash.h"
#include "ibe/ibe.h"

const struct ibe_level ibe_levels[IBE_LEVELS] = {
	{ 512, 160, { "SHA-1", NID_sha1, 20, EVP_sha1 } },
	{ 1024, 224, { "SHA-224", NID_sha224, 28, EVP_sha224 } },
	{ 1536, 256, { "SHA-256", NID_sha256, 32, EVP_sha256 } },
	{ 3840, 384, { "SHA-384", NID_sha384, 48, EVP_sha384 } },
	{ 7680, 512, { "SHA-512", NID_sha512, 64, EVP_sha512 } },
};

const struct ibe_level *ibe_level_find(unsigned int p_bits)
{
	unsigned int i;

	for (i = 0; i < IBE_LEVELS; i++)
		if (ibe_levels[i].p_bits == p_bits)
			return &ibe_levels[i];
	return NULL;
}

int ibe_hash(const struct ibe_hash *h, uint8_t *out, const void *a, size_t a_len, const void *b,
	     size_t b_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, h->md(), NULL) && EVP_DigestUpdate(ctx, a, a_len) &&
		  EVP_DigestUpdate(ctx, b, b_len) && EVP_DigestFinal_ex(ctx, out, NULL);

	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -ENOMEM;
}

int ibe_hash_to_range(const struct ibe_hash *h, const struct field *f, struct fp *r,
		      const uint8_t *s, size_t len)
{
	uint8_t v[2 * IBE_HASH_MAX] = { 0 };
	int ret;

	/* v = h_1 || h_2, h_0 all zero. */
	ret = ibe_hash(h, v, v, h->len, s, len);
	if (!ret)
		ret = ibe_hash(h, v + h->len, v, h->len, s, len);
	if (!ret)
		fp_reduce_octets(f, r, v, 2 * h->len);
	secret_wipe(v, sizeof(v));
	return ret;
}

int ibe_hash_bytes_xor(const struct ibe_hash *h, uint8_t *data, size_t len, const uint8_t *seed,
		       size_t seed_len)
{
	uint8_t k[IBE_HASH_MAX], hi[IBE_HASH_MAX] = { 0 }, ri[IBE_HASH_MAX];
	size_t at, i;
	int ret;

	ret = ibe_hash(h, k, seed, seed_len, "", 0);
	for (at = 0; !ret && at < len; at += h->len) {
		ret = ibe_hash(h, hi, hi, h->len, "", 0);
		if (!ret)
			ret = ibe_hash(h, ri, hi, h->len, k, h->len);
		for (i = 0; !ret && i < h->len && at + i < len; i++)
			data[at + i] ^= ri[i];
	}
	secret_wipe(k, sizeof(k));
	secret_wipe(ri, sizeof(ri));
	return ret;
}

int ibe_hash_to_curve(const struct ibe_hash *h, const struct type1 *c, struct ec_affine *r,
		      const uint8_t *id, size_t len)
{
	const struct field *f = &c->f;
	struct fp t;
	int ret = ibe_hash_to_range(h, f, &t, id, len);

	if (ret)
		return ret;
	fp_load(f, &r->y, &t);
	fp_sqr(f, &t, &r->y);
	fp_sub(f, &t, &t, &f->one);
	/* Cubing is a permutation of F_p for p = 2 modulo 3, and this is its inverse. */
	fp_pow_public(f, &r->x, &t, c->cbrt.l, limbs_bits(c->cbrt.l, FP_LIMBS_MAX));
	return 0;
}

int ibe_hash_to_point(const struct ibe_hash *h, const struct type1 *c, struct ec_affine *r,
		      const uint8_t *id, size_t len)
{
	struct ec_affine q;
	struct ec_point m;
	int ret = ibe_hash_to_curve(h, c, &q, id, len);

	if (!ret)
		ret = ec_mul_public(&c->f, &m, &q, c->cof, c->cofbits);
	if (ret)
		return ret;
	if (fp_is_zero(&c->f, &m.Z))
		return -EDOM;
	ec_to_affine(&c->f, r, &m);
	return 0;
}
