// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The test data of RFC 5091 section 7, with what is misprinted there corrected
 * (Documentation/ibe.md says what and why), and a known answer of the whole scheme on the
 * parameters of 7.4, whose ciphertext the RFC does not give.
 */
#include <errno.h>

#include "ibe/bf.h"
#include "ibe/pairing.h"
#include "unit.h"

#define P132 "0bffffffffffffffffffffffffffcffff3"
#define Q128 "fffffffffffffffffffffffffffbffff"
#define AX "0489a03c58dcf7fcfc97e99ffef0bb4634"
#define AY "0510c6972d795ec0c2b081b81de767f808"

#define P192 "a6a0ffd016103ffffffffff595f002fe9ef195f002fe9efb"
#define Q140 "0ffffffffffffffffffffffeffffffffffff"
#define PX "6924c354256acf5a0ff7f61be4f0495b54540a5bf6395b3d"
#define PY "024fd8e2eb7c09104bca116f41c035219955237c0eac19ab"
#define PPUBX "a68412ae960d1392701066664d20b2f4a76d6ee715621108"
#define PPUBY "9e7644e75c9a131d075752e143e3f0435ff231b6745a486f"
#define MASTER "0749e52ddb807e0220054417e514742b05a0"
#define SX "8212b74ea75c841a9d1accc914ca140f4032d191b5ce5501"
#define SY "950643d940aba68099bdcb40082532b6130c88d317958657"

static const struct ibe_hash *const sha1 = &ibe_levels[0].hash;

static void curve(struct type1 *c, const char *p, const char *q)
{
	struct buf bp = unhex(p), bq = unhex(q);

	assert_int_equal(type1_init(c, bp.data, bp.len, bq.data, bq.len, NULL), 0);
	buf_free(&bp);
	buf_free(&bq);
}

static void fp_hex(const struct field *f, struct fp *r, const char *hex)
{
	struct buf b = unhex(hex);

	assert_int_equal(b.len, f->octets);
	assert_true(fp_from_octets(f, r, b.data));
	buf_free(&b);
}

static void assert_fp(const struct field *f, const struct fp *a, const char *hex)
{
	uint8_t oct[FP_OCTETS_MAX];
	struct buf b = BUF_INIT;

	fp_to_octets(f, oct, a);
	buf_hex(&b, oct, f->octets);
	buf_u8(&b, 0);
	assert_string_equal((char *)b.data, hex);
	buf_free(&b);
}

static void point_multiply(void **state)
{
	struct buf l = unhex("0b8bbbc0089098f2769b32373ade8f0daf");
	uint64_t k[4];
	struct ec_affine a, r;
	struct ec_point m;
	struct type1 c;

	curve(&c, P132, Q128);
	fp_hex(&c.f, &a.x, AX);
	fp_hex(&c.f, &a.y, AY);
	assert_true(limbs_from_octets(k, 4, l.data, l.len));
	assert_int_equal(ec_mul(&c.f, &m, &a, k, 136), 0);
	ec_to_affine(&c.f, &r, &m);
	assert_fp(&c.f, &r.x, "0073734b32a882cc97956b9f7e54a2d326");
	assert_fp(&c.f, &r.y, "09c4b891aab199741a44a5b6b632b949f7");
	assert_int_equal(ec_mul_public(&c.f, &m, &a, k, 136), 0);
	ec_to_affine(&c.f, &r, &m);
	assert_fp(&c.f, &r.x, "0073734b32a882cc97956b9f7e54a2d326");
	assert_int_equal(ec_has_order(&c.f, &a, c.q, c.qbits), 1);
	buf_free(&l);
}

/* The OID is misprinted there: 1.3.14.3.2.26 is SHA-1. */
static void hash_to_range(void **state)
{
	static const char s[] = "This ASCII string without null-terminator";
	struct buf n = unhex("ffffffffffffffffffffefffffffffffffffffff");
	struct field f;
	struct fp v;

	assert_int_equal(field_init(&f, NULL, n.data, n.len), 0);
	assert_int_equal(ibe_hash_to_range(sha1, &f, &v, (const uint8_t *)s, strlen(s)), 0);
	fp_load(&f, &v, &v);
	assert_fp(&f, &v, "79317c1610c1fc018e9c53d89d59c108cd518608");
	buf_free(&n);
}

static void pairing_value(void **state)
{
	struct ec_affine a, b;
	struct type1 c;
	struct fp2 r;

	curve(&c, P132, Q128);
	fp_hex(&c.f, &a.x, AX);
	fp_hex(&c.f, &a.y, AY);
	fp_hex(&c.f, &b.x, "040e98b9382e0b1fa6747dcb1655f54f75");
	fp_hex(&c.f, &b.y, "0b497a6a02e7611511d0db2ff133b32a3f");
	pairing(&c, &r, &a, &b);
	assert_fp(&c.f, &r.a, "08b2cac13cbd422658f9e5757b85493818");
	assert_fp(&c.f, &r.b, "0bc6af59f54d0a5d83c8efd8f5214fad3c");
	/* The modified pairing is symmetric. */
	pairing(&c, &r, &b, &a);
	assert_fp(&c.f, &r.a, "08b2cac13cbd422658f9e5757b85493818");
	assert_fp(&c.f, &r.b, "0bc6af59f54d0a5d83c8efd8f5214fad3c");
}

/* "Bob" is printed as 6f:42:62, which is "oBb". */
static void derive_publ(void **state)
{
	struct ec_affine r;
	struct type1 c;

	curve(&c, P192, Q140);
	assert_int_equal(ibe_hash_to_point(sha1, &c, &r, (const uint8_t *)"Bob", 3), 0);
	assert_fp(&c.f, &r.x, "22fa1207e0d19e1a4825009e0e88e35eb57ba79391498f59");
	assert_fp(&c.f, &r.y, "982d29acf942127e0f01c881b5ec1b5fe23d05269f538836");
	assert_int_equal(ec_has_order(&c.f, &r, c.q, c.qbits), 1);
}

static struct ibe_octets octets(const struct buf *b)
{
	return (struct ibe_octets){ b->data, b->len };
}

static struct ibe_params *small_params(void)
{
	struct buf p = unhex(P192), q = unhex(Q140), px = unhex(PX), py = unhex(PY),
		   ppx = unhex(PPUBX), ppy = unhex(PPUBY);
	const struct ibe_octets P[2] = { octets(&px), octets(&py) };
	const struct ibe_octets Ppub[2] = { octets(&ppx), octets(&ppy) };
	struct ibe_params *r = NULL;
	struct err e = ERR_INIT;

	if (ibe_params_build(sha1, octets(&p), octets(&q), P, Ppub, &r, &e))
		fail_msg("%s", e.msg);
	buf_free(&p);
	buf_free(&q);
	buf_free(&px);
	buf_free(&py);
	buf_free(&ppx);
	buf_free(&ppy);
	return r;
}

static struct ibe_key *small_key(const struct ibe_params *params, const char *id)
{
	struct ibe_master *m = ibe_master_new(params);
	struct buf s = unhex(MASTER);
	struct ibe_key *k = NULL;

	assert_true(limbs_from_octets(m->s, TYPE1_Q_LIMBS, s.data, s.len));
	assert_int_equal(ibe_extract(params, m, (const uint8_t *)id, strlen(id), &k, NULL), 0);
	ibe_master_free(m);
	buf_free(&s);
	return k;
}

/* What is printed as "Q_id" is S_id, and the identity is again "Bob". */
static void extract_priv(void **state)
{
	struct ibe_params *params = small_params();
	struct ibe_key *k = small_key(params, "Bob");

	assert_fp(&params->c.f, &k->S.x, SX);
	assert_fp(&params->c.f, &k->S.y, SY);
	assert_int_equal(ibe_key_verify(params, (const uint8_t *)"Bob", 3, k, NULL), 0);
	assert_int_equal(ibe_key_verify(params, (const uint8_t *)"oBb", 3, k, NULL), -EKEYREJECTED);
	ibe_key_free(k);
	ibe_params_put(params);
}

/* U of 7.6 has coordinates above its p, and V and rho are exchanged: W is what can be checked. */
static void encrypt_w(void **state)
{
	struct buf v = unhex("e01dad81326cb173afc28d722e7a321a7b298aaa");
	struct buf w = unhex("f904ba4030e9ce6eff");
	uint8_t m[] = "Hi there!";

	assert_int_equal(ibe_hash_bytes_xor(sha1, m, 9, v.data, v.len), 0);
	assert_memory_equal(m, w.data, 9);
	buf_free(&v);
	buf_free(&w);
}

static void encrypt_known_answer(void **state)
{
	struct ibe_params *params = small_params();
	struct ibe_key *k = small_key(params, "Bob"), *other = small_key(params, "Alice");
	struct buf rho = unhex("ed5397ff77b567ba5ecb644d7671d6b6f2082968");
	struct buf want = unhex("3058020102"
				"3034"
				"02184c1a590bf1191150b44786af914729b08ff7128b752dbab7"
				"0218279e159efd9a5f834d673ada217035e50ef1ea33c047d1bf"
				"0414379d3f9c38adf1deaf09e4fb48c538b61a5d3d8f"
				"04091c04aaec1308e0f32b");
	struct buf ct = BUF_INIT, m = BUF_INIT;
	struct err e = ERR_INIT;

	want.data[1] = (uint8_t)(want.len - 2);
	assert_int_equal(ibe_encrypt_rho(params, (const uint8_t *)"Bob", 3,
					 (const uint8_t *)"Hi there!", 9, rho.data, &ct, NULL), 0);
	assert_int_equal(ct.len, want.len);
	assert_memory_equal(ct.data, want.data, want.len);
	assert_int_equal(ibe_decrypt(params, k, ct.data, ct.len, &m, &e), 0);
	assert_int_equal(m.len, 9);
	assert_memory_equal(m.data, "Hi there!", 9);
	assert_refused(ibe_decrypt(params, other, ct.data, ct.len, &m, &e), e, EBADMSG, "open");
	assert_int_equal(m.len, 9);
	buf_free(&rho);
	buf_free(&want);
	buf_free(&ct);
	buf_free(&m);
	ibe_key_free(k);
	ibe_key_free(other);
	ibe_params_put(params);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(point_multiply),
		cmocka_unit_test(hash_to_range),
		cmocka_unit_test(pairing_value),
		cmocka_unit_test(derive_publ),
		cmocka_unit_test(extract_priv),
		cmocka_unit_test(encrypt_w),
		cmocka_unit_test(encrypt_known_answer),
	};

	return run_tests(tests);
}
