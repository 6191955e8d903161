// SPDX-License-Identifier: GPL-2.0-or-later
/* Octets that are not parameters, keys or ciphertexts, and values that must not be taken. */
#include <errno.h>
#include <malloc.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "ibe/bf.h"
#include "ibe_vectors.h"

/* The values of a sequence, in the order of their tags, sequences inside included. */
#define VALUES 9
struct values {
	struct buf v[VALUES];
};

enum { VERSION, CURVE, P, Q, PX, PY, PPUBX, PPUBY, HASH };

static size_t header(const uint8_t *d, size_t *len)
{
	size_t n, i;

	if (!(d[1] & 0x80)) {
		*len = d[1];
		return 2;
	}
	n = d[1] & 0x7f;
	for (*len = 0, i = 0; i < n; i++)
		*len = *len << 8 | d[2 + i];
	return 2 + n;
}

/* Contents of all primitive values of @der. */
static void take_apart(const struct buf *der, struct values *r)
{
	const uint8_t *d = der->data, *end = d + der->len;
	size_t len, n = 0;

	memset(r, 0, sizeof(*r));
	while (d < end) {
		uint8_t tag = *d;

		d += header(d, &len);
		if (tag == 0x30)
			continue;
		assert_true(n < VALUES);
		buf_put(&r->v[n++], d, len);
		d += len;
	}
}

static void values_free(struct values *v)
{
	int i;

	for (i = 0; i < VALUES; i++)
		buf_free(&v->v[i]);
}

static void tlv(struct buf *out, uint8_t tag, const struct buf *content)
{
	buf_u8(out, tag);
	if (content->len < 128) {
		buf_u8(out, (uint8_t)content->len);
	} else if (content->len < 256) {
		buf_u8(out, 0x81);
		buf_u8(out, (uint8_t)content->len);
	} else if (content->len < 65536) {
		buf_u8(out, 0x82);
		buf_be16(out, (uint16_t)content->len);
	} else {
		buf_u8(out, 0x83);
		buf_u8(out, (uint8_t)(content->len >> 16));
		buf_be16(out, (uint16_t)content->len);
	}
	buf_put(out, content->data, content->len);
}

static void sequence(struct buf *out, struct buf *content)
{
	tlv(out, 0x30, content);
	buf_free(content);
}

static void point(struct buf *out, const struct buf *x, const struct buf *y)
{
	struct buf t = BUF_INIT;

	tlv(&t, 2, x);
	tlv(&t, 2, y);
	sequence(out, &t);
}

static void put_together(struct buf *der, struct values *v)
{
	struct buf t = BUF_INIT;

	tlv(&t, 2, &v->v[VERSION]);
	tlv(&t, 6, &v->v[CURVE]);
	tlv(&t, 2, &v->v[P]);
	tlv(&t, 2, &v->v[Q]);
	point(&t, &v->v[PX], &v->v[PY]);
	point(&t, &v->v[PPUBX], &v->v[PPUBY]);
	tlv(&t, 6, &v->v[HASH]);
	sequence(der, &t);
}

/* An INTEGER's contents from a number. */
static void set_bn(struct buf *b, const BIGNUM *n)
{
	uint8_t oct[128];
	int len = BN_num_bytes(n);

	buf_reset(b);
	BN_bn2bin(n, oct);
	if (!len || oct[0] & 0x80)
		buf_u8(b, 0);
	buf_put(b, oct, (size_t)len);
}

static BIGNUM *get_bn(const struct buf *b)
{
	return BN_bin2bn(b->data, (int)b->len, NULL);
}

static void set_fp(const struct field *f, struct buf *b, const struct fp *a)
{
	uint8_t oct[FP_OCTETS_MAX];
	BIGNUM *n;

	fp_to_octets(f, oct, a);
	n = BN_bin2bn(oct, (int)f->octets, NULL);
	set_bn(b, n);
	BN_free(n);
}

static struct values good_params(void)
{
	struct buf der = ibe_vector("params", 512), again = BUF_INIT;
	struct values v;

	take_apart(&der, &v);
	put_together(&again, &v);
	assert_int_equal(again.len, der.len);
	assert_memory_equal(again.data, der.data, der.len);
	buf_free(&der);
	buf_free(&again);
	return v;
}

static void refuse_params(struct values *v, int code, const char *word)
{
	struct ibe_params *p = NULL;
	struct buf der = BUF_INIT;
	struct err e = ERR_INIT;

	put_together(&der, v);
	assert_refused(ibe_params_from_der(der.data, der.len, &p, &e), e, code, word);
	assert_null(p);
	buf_free(&der);
	values_free(v);
}

static void params_header(void **state)
{
	struct values v = good_params();

	v.v[VERSION].data[0] = 3;
	refuse_params(&v, EOPNOTSUPP, "version");
	v = good_params();
	v.v[CURVE].data[v.v[CURVE].len - 1] = 2;
	refuse_params(&v, EOPNOTSUPP, "type-1 curve");
	v = good_params();
	v.v[HASH].data[v.v[HASH].len - 1] ^= 1;
	refuse_params(&v, EOPNOTSUPP, "SHA-1");
}

static void params_primes(void **state)
{
	struct values v = good_params();
	BIGNUM *p = get_bn(&v.v[P]), *q = get_bn(&v.v[Q]), *n = BN_new(), *c = BN_dup(p);
	BN_CTX *ctx = BN_CTX_new();

	v.v[P].data[0] |= 0x80;
	refuse_params(&v, EINVAL, "p is negative");
	v = good_params();
	BN_rshift1(n, p);
	set_bn(&v.v[P], n);
	refuse_params(&v, EOPNOTSUPP, "511 bits");
	v = good_params();
	BN_rshift1(n, q);
	set_bn(&v.v[Q], n);
	refuse_params(&v, EOPNOTSUPP, "159 bits");
	v = good_params();
	BN_zero(n);
	set_bn(&v.v[P], n);
	refuse_params(&v, EOPNOTSUPP, "0 bits");
	/* 11 modulo 12 and -1 modulo q, but not prime. */
	v = good_params();
	BN_copy(n, q);
	BN_mul_word(n, 12);
	do {
		BN_sub(c, c, n);
	} while (ibe_prime_test(c, 5, ctx));
	set_bn(&v.v[P], c);
	refuse_params(&v, EINVAL, "p is not a prime");
	v = good_params();
	BN_sub_word(q, 2);
	set_bn(&v.v[Q], q);
	refuse_params(&v, EINVAL, "q is not a prime");
	/* A prime of the right size that is not 11 modulo 12. */
	v = good_params();
	BN_copy(c, p);
	do {
		BN_sub_word(c, 2);
	} while (BN_mod_word(c, 12) == 11 || !ibe_prime_test(c, 5, ctx));
	set_bn(&v.v[P], c);
	refuse_params(&v, EINVAL, "11 modulo 12");
	/* One that is, of which q is no divisor of p + 1. */
	v = good_params();
	BN_copy(c, p);
	do {
		BN_sub_word(c, 12);
	} while (!ibe_prime_test(c, 5, ctx));
	set_bn(&v.v[P], c);
	refuse_params(&v, EINVAL, "q does not divide");
	BN_CTX_free(ctx);
	BN_free(c);
	BN_free(p);
	BN_free(q);
	BN_free(n);
}

/* All is well but for the form of q. */
static void params_not_solinas(void **state)
{
	struct values v = good_params();
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *q = BN_new(), *p = BN_new(), *r = BN_new();
	static struct type1 c;
	struct ec_affine g;
	uint8_t po[64], qo[20];

	do {
		BN_generate_prime_ex(q, 160, 0, NULL, NULL, NULL);
		BN_rand(r, 512 - 160 - 4, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
		BN_mul(p, q, r, ctx);
		BN_mul_word(p, 12);
		BN_sub_word(p, 1);
	} while (BN_num_bits(p) != 512 || ibe_prime_test(p, 1, ctx) != 1);
	set_bn(&v.v[P], p);
	set_bn(&v.v[Q], q);
	BN_bn2binpad(p, po, sizeof(po));
	BN_bn2binpad(q, qo, sizeof(qo));
	assert_int_equal(type1_init(&c, po, sizeof(po), qo, sizeof(qo), NULL), 0);
	assert_int_equal(ibe_hash_to_point(&ibe_levels[0].hash, &c, &g, po, 5), 0);
	set_fp(&c.f, &v.v[PX], &g.x);
	set_fp(&c.f, &v.v[PY], &g.y);
	set_fp(&c.f, &v.v[PPUBX], &g.x);
	set_fp(&c.f, &v.v[PPUBY], &g.y);
	refuse_params(&v, EINVAL, "Solinas");
	BN_free(p);
	BN_free(q);
	BN_free(r);
	BN_CTX_free(ctx);
}

static void params_points(void **state)
{
	struct ibe_params *params = ibe_vector_params(512);
	const struct field *f = &params->c.f;
	struct values v = good_params();
	BIGNUM *p = get_bn(&v.v[P]), *x = get_bn(&v.v[PX]);
	static const uint8_t po5[] = "point";
	struct ec_affine any;
	struct fp minus1, zero;

	v.v[PX].data[v.v[PX].len - 1] ^= 1;
	refuse_params(&v, EINVAL, "P is not on the curve");
	v = good_params();
	BN_add(x, x, p);
	set_bn(&v.v[PX], x);
	refuse_params(&v, EINVAL, "x of P is not below p");
	v = good_params();
	set_bn(&v.v[PPUBY], p);
	refuse_params(&v, EINVAL, "y of P_pub is not below p");
	v = good_params();
	v.v[PPUBX].data[0] = 0x80;
	refuse_params(&v, EINVAL, "negative");
	/* On the curve, but of another order: any point, order two, order three. */
	assert_int_equal(ibe_hash_to_curve(&params->hash, &params->c, &any, po5,
					   sizeof(po5)), 0);
	v = good_params();
	set_fp(f, &v.v[PPUBX], &any.x);
	set_fp(f, &v.v[PPUBY], &any.y);
	refuse_params(&v, EINVAL, "P_pub is not of order q");
	fp_neg(f, &minus1, &f->one);
	fp_set_zero(f, &zero);
	v = good_params();
	set_fp(f, &v.v[PX], &minus1);
	set_fp(f, &v.v[PY], &zero);
	refuse_params(&v, EINVAL, "P is not of order q");
	v = good_params();
	set_fp(f, &v.v[PX], &zero);
	set_fp(f, &v.v[PY], &f->one);
	refuse_params(&v, EINVAL, "P is not of order q");
	/* What stands for the infinite point elsewhere is not on the curve. */
	v = good_params();
	set_fp(f, &v.v[PX], &zero);
	set_fp(f, &v.v[PY], &zero);
	refuse_params(&v, EINVAL, "P is not on the curve");
	BN_free(p);
	BN_free(x);
	ibe_params_put(params);
}

/* Every octet of parameters matters, and so does each octet less. */
static void params_every_octet(void **state)
{
	struct buf der = ibe_vector("params", 512);
	struct ibe_params *p = NULL;
	size_t i;

	for (i = 0; i < der.len; i++) {
		der.data[i] ^= (uint8_t)(1 << i % 8);
		assert_true(ibe_params_from_der(der.data, der.len, &p, NULL) < 0);
		der.data[i] ^= (uint8_t)(1 << i % 8);
		assert_true(ibe_params_from_der(der.data, i, &p, NULL) < 0);
	}
	assert_null(p);
	buf_free(&der);
}

/* The same value in other octets: what BER allows and DER does not. */
static void not_canonical(void **state)
{
	struct buf der = ibe_vector("params", 512), ber = BUF_INIT;
	struct ibe_params *p = NULL;
	struct err e = ERR_INIT;

	/* 30 82 hh ll -> 30 83 00 hh ll */
	assert_int_equal(der.data[1], 0x82);
	buf_put(&ber, "\x30\x83\x00", 3);
	buf_put(&ber, der.data + 2, der.len - 2);
	assert_refused(ibe_params_from_der(ber.data, ber.len, &p, &e), e, EBADMSG, "not in DER");
	/* Indefinite length. */
	buf_reset(&ber);
	buf_put(&ber, "\x30\x80", 2);
	buf_put(&ber, der.data + 4, der.len - 4);
	buf_put(&ber, "\x00\x00", 2);
	assert_refused(ibe_params_from_der(ber.data, ber.len, &p, &e), e, EBADMSG, "not in DER");
	/* An octet after the end. */
	buf_reset(&ber);
	buf_put(&ber, der.data, der.len);
	buf_u8(&ber, 0);
	assert_refused(ibe_params_from_der(ber.data, ber.len, &p, &e), e, EBADMSG, "follow");
	/* A version of two octets. */
	buf_reset(&ber);
	buf_put(&ber, der.data, 2);
	buf_be16(&ber, (uint16_t)(der.len - 4 + 1));
	buf_put(&ber, "\x02\x02\x00\x02", 4);
	buf_put(&ber, der.data + 7, der.len - 7);
	assert_true(ibe_params_from_der(ber.data, ber.len, &p, &e) < 0);
	/* Nothing, and much too much. */
	assert_refused(ibe_params_from_der(der.data, 0, &p, &e), e, EBADMSG, "not a BFPublic");
	buf_reset(&ber);
	memset(buf_add(&ber, 100000), 0x30, 100000);
	assert_refused(ibe_params_from_der(ber.data, ber.len, &p, &e), e, EBADMSG, "too many");
	assert_null(p);
	buf_free(&der);
	buf_free(&ber);
}

static void masters(void **state)
{
	struct ibe_params *params = ibe_vector_params(512);
	struct buf der = ibe_vector("master", 512), b = BUF_INIT;
	struct ibe_master *m = NULL;
	struct err e = ERR_INIT;
	struct values v;
	BIGNUM *s, *q;
	uint8_t qo[20];
	int i;

	for (i = 0; i < 20; i++)
		qo[19 - i] = (uint8_t)(params->c.q[i / 8] >> (8 * (i % 8)));
	q = BN_bin2bn(qo, 20, NULL);
	take_apart(&der, &v);
	s = get_bn(&v.v[1]);
	for (i = 0; i < 6; i++) {
		static const struct {
			int code;
			const char *word;
		} want[] = {
			{ EINVAL, "not the master" },
			{ EINVAL, "not the master" },
			{ EINVAL, "not below q" },
			{ EINVAL, "not the master" },
			{ EINVAL, "negative" },
			{ EOPNOTSUPP, "version" },
		};
		struct buf t = BUF_INIT, n = BUF_INIT, two = BUF_INIT;

		buf_u8(&two, i == 5 ? 1 : 2);
		switch (i) {
		case 0:
		case 1:
			buf_u8(&n, (uint8_t)i);
			break;
		case 2:
			BN_add(s, s, q);
			set_bn(&n, s);
			BN_sub(s, s, q);
			break;
		case 3:
			BN_add_word(s, 1);
			set_bn(&n, s);
			BN_sub_word(s, 1);
			break;
		case 4:
			buf_u8(&n, 0xff);
			break;
		case 5:
			set_bn(&n, s);
		}
		tlv(&t, 2, &two);
		tlv(&t, 2, &n);
		buf_reset(&b);
		sequence(&b, &t);
		assert_refused(ibe_master_from_der(params, b.data, b.len, &m, &e), e, want[i].code,
			       want[i].word);
		buf_free(&n);
		buf_free(&two);
	}
	assert_null(m);
	BN_free(s);
	BN_free(q);
	values_free(&v);
	buf_free(&der);
	buf_free(&b);
	ibe_params_put(params);
}

static void refuse_key(const struct ibe_params *params, const struct buf *x, const struct buf *y,
		       const char *word)
{
	struct buf two = BUF_INIT, t = BUF_INIT, der = BUF_INIT;
	struct ibe_key *k = NULL;
	struct err e = ERR_INIT;

	buf_u8(&two, 2);
	tlv(&t, 2, &two);
	point(&t, x, y);
	sequence(&der, &t);
	assert_refused(ibe_key_from_der(params, der.data, der.len, &k, &e), e, EINVAL, word);
	assert_null(k);
	buf_free(&two);
	buf_free(&der);
}

static void keys(void **state)
{
	struct ibe_params *params = ibe_vector_params(512);
	const struct field *f = &params->c.f;
	struct ibe_key *k = ibe_vector_key(params, "alice");
	struct buf der = BUF_INIT, x = BUF_INIT, y = BUF_INIT;
	struct ec_affine any;
	struct err e = ERR_INIT;
	struct ibe_key *r = NULL;
	struct fp t;
	size_t i;

	set_fp(f, &x, &k->S.x);
	fp_add(f, &t, &k->S.y, &f->one);
	set_fp(f, &y, &t);
	refuse_key(params, &x, &y, "the private key is not on the curve");
	assert_int_equal(ibe_hash_to_curve(&params->hash, &params->c, &any, x.data, 5), 0);
	set_fp(f, &x, &any.x);
	set_fp(f, &y, &any.y);
	refuse_key(params, &x, &y, "not of order q");
	/* -1, 0 */
	fp_neg(f, &t, &f->one);
	set_fp(f, &x, &t);
	fp_set_zero(f, &t);
	set_fp(f, &y, &t);
	refuse_key(params, &x, &y, "not of order q");
	set_fp(f, &x, &t);
	refuse_key(params, &x, &y, "not on the curve");
	x.data[0] = 0x80;
	refuse_key(params, &x, &y, "negative");

	assert_int_equal(ibe_key_to_der(k, &der), 0);
	for (i = 0; i < der.len; i++) {
		der.data[i] ^= (uint8_t)(1 << i % 8);
		assert_true(ibe_key_from_der(params, der.data, der.len, &r, &e) < 0);
		der.data[i] ^= (uint8_t)(1 << i % 8);
	}
	buf_u8(&der, 0);
	assert_refused(ibe_key_from_der(params, der.data, der.len, &r, &e), e, EBADMSG, "follow");
	buf_free(&der);
	buf_free(&x);
	buf_free(&y);
	ibe_key_free(k);
	ibe_params_put(params);
}

/* A ciphertext with @U, V of @v_len and W of @w_len octets; @word of the refusal. */
static void refuse_ct(const struct ibe_params *params, const struct ibe_key *k,
		      const struct ec_affine *U, size_t v_len, size_t w_len, const char *word)
{
	uint8_t *oct = calloc(1, v_len + w_len + 1);
	struct buf der = BUF_INIT, m = BUF_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(ibe_ciphertext_to_der(&params->c.f, U, oct, v_len, oct, w_len, &der), 0);
	assert_refused(ibe_decrypt(params, k, der.data, der.len, &m, &e), e, EBADMSG, word);
	assert_int_equal(m.len, 0);
	free(oct);
	buf_free(&der);
	buf_free(&m);
}

static void ciphertexts(void **state)
{
	struct ibe_params *params = ibe_vector_params(512);
	const struct field *f = &params->c.f;
	struct ibe_key *k = ibe_vector_key(params, "alice");
	struct ec_affine u = params->P;
	struct ec_point a, b;
	struct buf ct = BUF_INIT, m = BUF_INIT, out = BUF_INIT;
	struct err e = ERR_INIT;
	struct values v;
	uint8_t rho[20] = { 0 };

	refuse_ct(params, k, &u, 20, 5, "does not open");
	refuse_ct(params, k, &u, 19, 5, "V has 19 octets");
	refuse_ct(params, k, &u, 21, 5, "V has 21 octets");
	refuse_ct(params, k, &u, 0, 5, "V has 0 octets");
	refuse_ct(params, k, &u, 20, 0, "does not open");
	refuse_ct(params, k, &u, 20, IBE_PLAINTEXT_MAX + 1, "W has 65537");
	fp_add(f, &u.x, &u.x, &f->one);
	refuse_ct(params, k, &u, 20, 5, "U is not on the curve");
	fp_set_zero(f, &u.x);
	fp_set_zero(f, &u.y);
	refuse_ct(params, k, &u, 20, 5, "U is not on the curve");
	/* Order three, where the map psi has no value, and order two. */
	fp_set_one(f, &u.y);
	refuse_ct(params, k, &u, 20, 5, "does not open");
	fp_set_zero(f, &u.y);
	fp_neg(f, &u.x, &f->one);
	refuse_ct(params, k, &u, 20, 5, "does not open");

	/* A true ciphertext whose U is moved by the point of order two. */
	assert_int_equal(ibe_encrypt_rho(params, (const uint8_t *)"alice", 5, rho, 5, rho, &ct, &e),
			 0);
	take_apart(&ct, &v);
	{
		struct ibe_ciphertext c = { .w = &m };

		assert_int_equal(ibe_ciphertext_from_der(params, ct.data, ct.len, &c, &e), 0);
		ec_from_affine(f, &a, &c.U);
		ec_from_affine(f, &b, &u);
		ec_add(f, &a, &a, &b);
		ec_to_affine(f, &u, &a);
		assert_true(ec_on_curve(f, &u));
		assert_int_equal(ibe_ciphertext_to_der(f, &u, c.v, 20, m.data, m.len, &out), 0);
		buf_reset(&m);
		assert_refused(ibe_decrypt(params, k, out.data, out.len, &m, &e), e, EBADMSG,
			       "open");
		/* And -U, which has the same x. */
		fp_neg(f, &c.U.y, &c.U.y);
		buf_reset(&out);
		assert_int_equal(ibe_ciphertext_to_der(f, &c.U, c.v, 20, v.v[4].data, v.v[4].len,
						       &out), 0);
		assert_refused(ibe_decrypt(params, k, out.data, out.len, &m, &e), e, EBADMSG,
			       "open");
	}
	/* Another version; and coordinates that are the same modulo p. */
	ct.data[ct.data[1] & 0x80 ? 5 : 4] = 3;
	assert_refused(ibe_decrypt(params, k, ct.data, ct.len, &m, &e), e, EBADMSG, "version");
	ct.data[ct.data[1] & 0x80 ? 5 : 4] = 2;
	{
		struct values pv = good_params();
		BIGNUM *p = get_bn(&pv.v[P]), *x = get_bn(&v.v[1]);
		struct buf t = BUF_INIT;

		BN_add(x, x, p);
		set_bn(&v.v[1], x);
		tlv(&t, 2, &v.v[0]);
		point(&t, &v.v[1], &v.v[2]);
		tlv(&t, 4, &v.v[3]);
		tlv(&t, 4, &v.v[4]);
		buf_reset(&out);
		sequence(&out, &t);
		assert_refused(ibe_decrypt(params, k, out.data, out.len, &m, &e), e, EBADMSG,
			       "x of U is not below p");
		BN_free(p);
		BN_free(x);
		values_free(&pv);
	}
	assert_int_equal(m.len, 0);
	assert_int_equal(ibe_decrypt(params, k, ct.data, ct.len, &m, &e), 0);
	values_free(&v);
	buf_free(&ct);
	buf_free(&m);
	buf_free(&out);
	ibe_key_free(k);
	ibe_params_put(params);
}

/* What OpenSSL frees is looked through for a secret, while that is watched. */
static struct {
	const uint8_t *p;
	size_t len;
	unsigned int found;
} watch;

static void *hook_malloc(size_t len, const char *file, int line)
{
	return malloc(len);
}

static void *hook_realloc(void *p, size_t len, const char *file, int line)
{
	return realloc(p, len);
}

static void hook_free(void *p, const char *file, int line)
{
	if (p && watch.p && memmem(p, malloc_usable_size(p), watch.p, watch.len))
		watch.found++;
	free(p);
}

/* A good one, and five that are refused at one step or another. */
static void watch_key(struct ibe_params *params, struct buf *der, const uint8_t *secret, bool master)
{
	struct buf variant[6] = { BUF_INIT };
	size_t body = der->data[1] & 0x80 ? 3 : 2;

	for (size_t i = 0; i < 6; i++) {
		if (i == 4) { /* 30 ll -> 30 81 ll, or 30 81 ll -> 30 82 00 ll */
			buf_u8(&variant[i], 0x30);
			buf_put(&variant[i], body == 2 ? "\x81" : "\x82\x00", body - 1);
			buf_put(&variant[i], der->data + body - 1, der->len - body + 1);
		} else {
			buf_put(&variant[i], der->data, der->len);
		}
	}
	buf_u8(&variant[1], 0);			/* octets after the end */
	variant[2].data[body + 2] = 3;		/* version */
	variant[3].data[body + 3] ^= 0x20;	/* the tag after the version */
	variant[5].data[der->len - 1] ^= 1;	/* not the key of these parameters */
	watch.p = secret;
	watch.len = 8;
	for (size_t i = 0; i < 6; i++) {
		struct ibe_master *m = NULL;
		struct ibe_key *k = NULL;
		int ret;

		if (master)
			ret = ibe_master_from_der(params, variant[i].data, variant[i].len, &m, NULL);
		else
			ret = ibe_key_from_der(params, variant[i].data, variant[i].len, &k, NULL);
		assert_int_equal(!ret, !i);
		ibe_master_free(m);
		ibe_key_free(k);
		buf_free(&variant[i]);
	}
	watch.p = NULL;
	assert_int_equal(watch.found, 0);
}

static void secrets_are_wiped(void **state)
{
	struct ibe_params *params = ibe_vector_params(512);
	struct ibe_key *k = ibe_vector_key(params, "alice");
	struct buf der = ibe_vector("master", 512), x;
	struct values v;
	ASN1_INTEGER *a;

	take_apart(&der, &v);
	watch_key(params, &der, v.v[1].data + v.v[1].len / 2 - 4, true);
	/* The watch does see what is not wiped. */
	a = ASN1_INTEGER_new();
	assert_true(ASN1_STRING_set(a, v.v[1].data, (int)v.v[1].len));
	watch.p = v.v[1].data + 4;
	watch.len = 8;
	ASN1_INTEGER_free(a);
	watch.p = NULL;
	assert_int_equal(watch.found, 1);
	watch.found = 0;
	values_free(&v);

	buf_reset(&der);
	assert_int_equal(ibe_key_to_der(k, &der), 0);
	take_apart(&der, &v);
	x = v.v[1];
	watch_key(params, &der, x.data + x.len / 2, false);
	/* The decoder has x when it finds that y is no integer. */
	der.data[der.len - v.v[2].len - 2] = 0x04;
	watch.p = x.data + x.len / 2;
	assert_true(ibe_key_from_der(params, der.data, der.len, &k, NULL) < 0);
	watch.p = NULL;
	assert_int_equal(watch.found, 0);
	values_free(&v);
	buf_free(&der);
	ibe_key_free(k);
	ibe_params_put(params);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(params_header),
		cmocka_unit_test(params_primes),
		cmocka_unit_test(params_not_solinas),
		cmocka_unit_test(params_points),
		cmocka_unit_test(params_every_octet),
		cmocka_unit_test(not_canonical),
		cmocka_unit_test(masters),
		cmocka_unit_test(keys),
		cmocka_unit_test(ciphertexts),
		cmocka_unit_test(secrets_are_wiped),
	};

	if (!CRYPTO_set_mem_functions(hook_malloc, hook_realloc, hook_free))
		return 1;
	return run_tests(tests);
}
