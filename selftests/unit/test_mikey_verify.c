// SPDX-License-Identifier: GPL-2.0-or-later
/* V and SIGN, and the protection of KEMAC. */
#include "unit.h"

#include <errno.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "mikey_samples.h"

static const enum sample with_v[] = {
	SAMPLE_REQUEST_KEY_PSK, SAMPLE_REQUEST_KEY_RESP, SAMPLE_R_MESSAGE_2, SAMPLE_TICKET,
};

#define N_WITH_V (sizeof(with_v) / sizeof(with_v[0]))

static size_t ids_of(enum sample s)
{
	return s == SAMPLE_REQUEST_KEY_RESP ? 3 : 2;
}

static int check(const struct buf *b, uint8_t prf, size_t n_ids, struct err *e)
{
	struct mikey_msg m;
	int ret = mikey_parse(b->data, b->len, &m, e);

	return ret ? ret : mikey_v_check(&m, sample_auth, SAMPLE_KEY_LEN(prf), sample_ids, n_ids, e);
}

static void test_good(void **state)
{
	for (size_t i = 0; i < N_WITH_V; i++) {
		for (uint8_t prf = 0; prf < 2; prf++) {
			struct buf b = BUF_INIT;

			sample_put(with_v[i], prf, &b);
			assert_int_equal(0, check(&b, prf, ids_of(with_v[i]), NULL));
			buf_free(&b);
		}
	}
}

/* The MAC once more, put together by hand. */
static void test_by_hand(void **state)
{
	static const uint8_t ts[8] = { 0xe0, 0xb2, 0xd1, 0xf4, 0x80 };
	struct buf b = BUF_INIT, in = BUF_INIT;
	uint8_t mac[32];

	sample_put(SAMPLE_R_MESSAGE_2, 1, &b);
	buf_put(&in, b.data, b.len - 32);
	buf_str(&in, "sip:alice@a.example");
	buf_str(&in, "sip:bob@b.example");
	buf_put(&in, ts, 8);
	assert_non_null(HMAC(EVP_sha256(), sample_auth, 32, in.data, in.len, mac, NULL));
	assert_memory_equal(mac, b.data + b.len - 32, 32);
	buf_free(&b);
	buf_free(&in);
}

/* Any bit of the message changed: it does not parse, or V is refused. */
static void test_tampering(void **state)
{
	for (size_t i = 0; i < N_WITH_V; i++) {
		for (uint8_t prf = 0; prf < 2; prf++) {
			struct buf b = BUF_INIT;

			sample_put(with_v[i], prf, &b);
			for (size_t bit = 0; bit < b.len * 8; bit++) {
				b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
				if (!check(&b, prf, ids_of(with_v[i]), NULL))
					fail_msg("bit %zu of sample %d is not covered", bit, with_v[i]);
				b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			}
			buf_free(&b);
		}
	}
}

static void test_refusals(void **state)
{
	struct mikey_oct swapped[2] = { sample_ids[1], sample_ids[0] };
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct mikey_msg m;
	uint8_t key[32];

	sample_put(SAMPLE_R_MESSAGE_2, 1, &b);
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, NULL));
	assert_refused(mikey_v_check(&m, sample_auth, 32, swapped, 2, &e), e, EBADMSG, "wrong");
	assert_refused(mikey_v_check(&m, sample_auth, 32, sample_ids, 3, &e), e, EBADMSG, "wrong");
	assert_refused(mikey_v_check(&m, sample_auth, 20, sample_ids, 2, &e), e, EINVAL, "auth_key");
	memcpy(key, sample_auth, 32);
	key[31] ^= 1;
	assert_refused(mikey_v_check(&m, key, 32, sample_ids, 2, &e), e, EBADMSG, "wrong");
	buf_reset(&b);

	/* A MAC algorithm that is not the PRF function's, NULL above all. */
	sample_put(SAMPLE_R_MESSAGE_2, 1, &b);
	b.data[3] ^= 1;
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, NULL));
	assert_refused(mikey_v_check(&m, sample_auth, 32, sample_ids, 2, &e), e, EPROTONOSUPPORT,
		       "PRF function 0");
	b.data[3] ^= 1;
	b.data[b.len - 33] = MIKEY_MAC_NULL;
	b.len -= 32;
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, NULL));
	assert_refused(mikey_v_check(&m, sample_auth, 32, sample_ids, 2, &e), e, EPROTONOSUPPORT,
		       "MAC algorithm 0");
	b.data[3] = 2;
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, NULL));
	assert_refused(mikey_v_check(&m, sample_auth, 0, sample_ids, 2, &e), e, EPROTONOSUPPORT,
		       "MAC algorithm 0");
	buf_reset(&b);

	sample_put(SAMPLE_I_MESSAGE_1, 1, &b);
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, NULL));
	assert_refused(mikey_v_check(&m, sample_auth, 32, sample_ids, 2, &e), e, EPROTO, "no V");
	buf_free(&b);
}

/* ESK payloads may be replaced or changed under V; what surrounds them may not. */
static void test_esk_left_out(void **state)
{
	struct mikey_hdr h = sample_hdr(MIKEY_R_MESSAGE_2, 1);
	struct buf a = BUF_INIT, b = BUF_INIT, in = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_writer w;
	struct mikey_msg m;
	size_t esk;

	mikey_write_msg(&w, &a, &h, NULL, 0);
	mikey_put_t(&w, 0, 1);
	mikey_put_ibake(&w, "ibake", 5);
	esk = a.len;
	mikey_put_esk(&w, "secret", 6);
	mikey_v_append(&w, sample_auth, 32, sample_ids, 2);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, check(&a, 1, 2, &e));

	/* Covered: everything but the ESK, with the Next payload fields as they stand. */
	assert_int_equal(0, mikey_v_input(a.data, a.len - 32, sample_ids, 2, &in, &e));
	buf_put(&b, a.data, esk);
	buf_put(&b, a.data + esk + 9, 2);
	buf_put(&b, sample_ids[0].data, sample_ids[0].len);
	buf_put(&b, sample_ids[1].data, sample_ids[1].len);
	buf_be64(&b, 1);
	assert_int_equal(b.len, in.len);
	assert_memory_equal(b.data, in.data, in.len);

	a.data[esk + 4] ^= 0x55;
	assert_int_equal(0, check(&a, 1, 2, &e));
	/* The ESK's octets may not smuggle in another payload. */
	a.data[esk] = MIKEY_ERR;
	assert_int_not_equal(0, check(&a, 1, 2, &e));
	a.data[esk] = MIKEY_V;
	/* One ESK more, as a server on the path adds it, between the first and V. */
	buf_reset(&b);
	buf_put(&b, a.data, esk);
	buf_u8(&b, MIKEY_ESK);
	buf_be16(&b, 3);
	buf_str(&b, "two");
	buf_put(&b, a.data + esk, a.len - esk);
	assert_int_equal(0, check(&b, 1, 2, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_non_null(mikey_find(&m, MIKEY_ESK, 1));
	buf_free(&a);
	buf_free(&b);
	buf_free(&in);
}

/* V's input is only for messages that end with V's header. */
static void test_input_refusals(void **state)
{
	struct mikey_hdr h = sample_hdr(MIKEY_R_MESSAGE_2, 1);
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct err e = ERR_INIT;

	sample_put(SAMPLE_R_MESSAGE_2, 1, &b);
	assert_refused(mikey_v_input(b.data, 5, NULL, 0, &out, &e), e, EPROTO, "common header");
	assert_refused(mikey_v_input(b.data, 40, NULL, 0, &out, &e), e, EPROTO, "IDR payload");
	assert_refused(mikey_v_input(b.data, b.len, NULL, 0, &out, &e), e, EPROTO, "not the last");
	assert_refused(mikey_v_input(b.data, b.len - 33, NULL, 0, &out, &e), e, EPROTO,
		       "not the last");
	assert_int_equal(0, mikey_v_input(b.data, b.len - 32, NULL, 0, &out, &e));
	buf_reset(&b);
	sample_put(SAMPLE_I_MESSAGE_1, 1, &b);
	assert_refused(mikey_v_input(b.data, b.len, NULL, 0, &out, &e), e, EPROTO, "no V");
	assert_int_equal(MIKEY_MAC_NULL, mikey_v_alg(h.prf + 1));
	assert_int_equal(-1, mikey_mac_len(3));
	buf_free(&b);
	buf_free(&out);
}

/* What the signer and the verifier of SIGN hash is the same; IDs are in it, T is not appended. */
static void test_sign(void **state)
{
	struct mikey_hdr h = sample_hdr(MIKEY_REQUEST_KEY_PKE, 1);
	struct buf b = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_writer w;
	struct mikey_msg m;
	uint8_t sig[300] = { 1 };
	size_t cut;

	mikey_write_msg(&w, &b, &h, NULL, 0);
	mikey_put_t(&w, 0, 1);
	mikey_sign_begin(&w, MIKEY_SIGN_RSA_PSS, sizeof(sig), sample_ids, 1, &one);
	cut = b.len;
	mikey_sign_end(&w, sig, sizeof(sig));
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_int_equal(MIKEY_SIGN_RSA_PSS, m.chain.p[1].sign.type);
	assert_int_equal(300, m.chain.p[1].sign.sig.len);
	assert_int_equal(0, mikey_sign_input(&m, sample_ids, 1, &two, &e));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	assert_int_equal(cut + sample_ids[0].len, one.len);
	assert_memory_equal(b.data, one.data, cut);

	mikey_write_msg(&w, &b, &h, NULL, 0);
	mikey_sign_begin(&w, 0, 128, NULL, 0, &one);
	mikey_sign_end(&w, sig, 127);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "announced");
	mikey_write_msg(&w, &b, &h, NULL, 0);
	mikey_sign_begin(&w, 0, 4096, NULL, 0, &one);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "4095");
	buf_reset(&b);
	sample_put(SAMPLE_R_MESSAGE_2, 1, &b);
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_refused(mikey_sign_input(&m, NULL, 0, &two, &e), e, EPROTO, "no SIGN");
	buf_free(&b);
	buf_free(&one);
	buf_free(&two);
}

/* AES-CM against AES-CTR with an IV written out by hand. */
static void test_kemac(void **state)
{
	static const uint8_t psk[32] = { 3, 1, 4 };
	struct mikey_oct rnd = { sample_rand, 16 };
	uint8_t plain[100] = "key data", want[100];

	for (uint8_t prf = 0; prf < 2; prf++) {
		struct mikey_hdr h = sample_hdr(MIKEY_REQUEST_KEY_RESP, prf);
		struct buf ct = BUF_INIT, pt = BUF_INIT, b = BUF_INIT;
		const uint64_t t = 0xe0b2d1f481828384;
		struct err e = ERR_INIT;
		struct mikey_guard g, other;
		struct mikey_writer w;
		struct mikey_msg m;
		EVP_CIPHER_CTX *ctx;
		uint8_t iv[16] = { 0, 0, 0x12, 0x34, 0x56, 0x78, 0xe0, 0xb2, 0xd1, 0xf4,
				   0x81, 0x82, 0x83, 0x84, 0, 0 };
		int n;

		assert_int_equal(0, mikey_guard_derive(&g, prf, psk, 256, h.csb_id, rnd, &e));
		assert_int_equal(prf ? MIKEY_ENCR_AES_CM_256 : MIKEY_ENCR_AES_CM_128, g.encr_alg);
		assert_int_equal(prf ? 32 : 16, g.encr_len);
		assert_int_equal(prf ? 32 : 20, g.auth_len);
		assert_int_equal(0, mikey_kemac_crypt(&g, h.csb_id, t, plain, sizeof(plain), &ct, &e));
		for (int i = 0; i < 14; i++)
			iv[i] ^= g.salt[i];
		ctx = EVP_CIPHER_CTX_new();
		assert_int_equal(1, EVP_EncryptInit_ex2(ctx, prf ? EVP_aes_256_ctr() :
							EVP_aes_128_ctr(), g.encr, iv, NULL));
		assert_int_equal(1, EVP_EncryptUpdate(ctx, want, &n, plain, sizeof(plain)));
		EVP_CIPHER_CTX_free(ctx);
		assert_int_equal(sizeof(plain), ct.len);
		assert_memory_equal(want, ct.data, ct.len);

		mikey_write_msg(&w, &b, &h, NULL, 0);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, t);
		mikey_put_kemac(&w, g.encr_alg, ct.data, ct.len);
		mikey_v_append(&w, g.auth, g.auth_len, sample_ids, 3);
		assert_int_equal(0, mikey_write_end(&w, &e));
		assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
		assert_int_equal(0, mikey_v_check(&m, g.auth, g.auth_len, sample_ids, 3, &e));
		assert_int_equal(0, mikey_kemac_open(&g, &m, &pt, &e));
		assert_int_equal(sizeof(plain), pt.len);
		assert_memory_equal(plain, pt.data, pt.len);

		/* Keys of the other PRF function do not go with this message. */
		assert_int_equal(0, mikey_guard_derive(&other, !prf, psk, 256, h.csb_id, rnd, &e));
		assert_refused(mikey_kemac_open(&other, &m, &pt, &e), e, EPROTONOSUPPORT,
			       "encryption algorithm");
		mikey_guard_wipe(&g);
		assert_int_equal(0, g.encr_len);
		buf_free(&ct);
		buf_free(&pt);
		buf_free(&b);
	}
}

static void test_kemac_refusals(void **state)
{
	static const uint8_t psk[32];
	struct mikey_oct rnd = { sample_rand, 16 };
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct mikey_payload p = { .type = MIKEY_KEMAC };
	struct mikey_hdr h = sample_hdr(MIKEY_REQUEST_KEY_RESP, 1);
	struct err e = ERR_INIT;
	struct mikey_guard g, other;
	struct mikey_writer w;
	struct mikey_msg m;
	uint8_t *big = calloc(1, 0x10000);

	assert_refused(mikey_guard_derive(&g, 2, psk, 256, 1, rnd, &e), e, EPROTONOSUPPORT, "PRF");
	assert_int_equal(0, mikey_guard_derive(&g, 1, psk, 256, 1, rnd, &e));
	assert_refused(mikey_kemac_crypt(&g, 1, 1, big, 0x10000, &out, &e), e, EMSGSIZE, "65536");
	assert_int_equal(0, out.len);
	assert_int_equal(0, mikey_kemac_crypt(&g, 1, 1, NULL, 0, &out, &e));
	g.encr_alg = MIKEY_ENCR_AES_KW_128;
	assert_refused(mikey_kemac_crypt(&g, 1, 1, big, 16, &out, &e), e, EPROTONOSUPPORT,
		       "algorithm 2");
	g.encr_alg = MIKEY_ENCR_AES_CM_256;
	assert_refused(mikey_guard_derive(&other, 1, psk, 32, 1, rnd, &e), e, EINVAL, "32");
	assert_int_equal(0, other.encr_len);
	free(big);
	mikey_write_msg(&w, &b, &h, NULL, 0);
	mikey_put_t(&w, 0, 1);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_refused(mikey_kemac_open(&g, &m, &out, &e), e, EPROTO, "no KEMAC");
	p.kemac.encr_alg = MIKEY_ENCR_AES_CM_256;
	p.kemac.mac_alg = MIKEY_MAC_HMAC_SHA_256_256;
	p.kemac.mac = (struct mikey_oct){ sample_auth, 32 };
	mikey_put(&w, &p);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_refused(mikey_kemac_open(&g, &m, &out, &e), e, EPROTONOSUPPORT, "MAC algorithm 2");
	mikey_put(&w, &p);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_refused(mikey_kemac_open(&g, &m, &out, &e), e, EPROTO, "more than one");
	mikey_guard_wipe(&g);
	buf_free(&b);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_tampering),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_esk_left_out),
		cmocka_unit_test(test_input_refusals),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_kemac),
		cmocka_unit_test(test_kemac_refusals),
	};

	return run_tests(tests);
}
