// SPDX-License-Identifier: GPL-2.0-or-later
/* Chains of sub-payloads: the plaintexts of IBAKE, ESK and KEMAC. */
#include "unit.h"

#include <errno.h>

#include "mikey_samples.h"

static int parse_hex(uint8_t first, const char *hex, struct mikey_chain *c, struct err *e)
{
	struct buf b = unhex(hex);
	int ret = mikey_parse_chain(first, b.data, b.len, c, e);

	buf_free(&b);
	return ret;
}

static void test_round_trip(void **state)
{
	for (unsigned int s = 0; s < SAMPLE_CHAINS; s++) {
		struct buf a = BUF_INIT, b = BUF_INIT;
		struct err e = ERR_INIT;
		struct mikey_writer w;
		struct mikey_chain c;
		uint8_t first = sample_chain(s, &a);

		assert_int_equal(MIKEY_IDR, first);
		if (mikey_parse_chain(first, a.data, a.len, &c, &e))
			fail_msg("chain %u: %s", s, e.msg);
		mikey_write_chain(&w, &b);
		for (unsigned int i = 0; i < c.n; i++)
			mikey_put(&w, &c.p[i]);
		assert_int_equal(0, mikey_write_end(&w, NULL));
		assert_int_equal(first, w.first);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.data, b.data, a.len);
		buf_free(&a);
		buf_free(&b);
	}
}

static void test_truncation_and_mutation(void **state)
{
	for (unsigned int s = 0; s < SAMPLE_CHAINS; s++) {
		struct buf a = BUF_INIT;
		struct mikey_chain c;
		uint8_t first = sample_chain(s, &a);

		for (size_t len = 0; len < a.len; len++) {
			uint8_t *cut = malloc(len ? len : 1);
			struct err e = ERR_INIT;

			memcpy(cut, a.data, len);
			assert_refused(mikey_parse_chain(first, cut, len, &c, &e), e, EPROTO,
				       " at offset ");
			free(cut);
		}
		for (size_t i = 0; i < a.len; i++) {
			for (int f = 1; f < 256; f++) {
				struct err e = ERR_INIT;

				a.data[i] ^= (uint8_t)f;
				if (mikey_parse_chain(first, a.data, a.len, &c, &e))
					assert_true(strlen(e.msg) > 10);
				a.data[i] ^= (uint8_t)f;
			}
		}
		buf_free(&a);
	}
}

/* Lengths of ECCPT without key validity data: point and padding end on a 32-bit boundary. */
static void test_eccpt_sizes(void **state)
{
	static const struct {
		uint8_t curve;
		size_t point, all;
	} cases[] = {
		{ MIKEY_CURVE_P256, 65, 72 },
		{ MIKEY_CURVE_P384, 97, 104 },
		{ MIKEY_CURVE_P521, 133, 140 },
	};

	for (size_t i = 0; i < 3; i++) {
		struct buf b = BUF_INIT;
		struct mikey_writer w;
		struct mikey_chain c;

		/* An odd length in front: the boundary counts from the sub-payload. */
		mikey_write_chain(&w, &b);
		sample_idr(&w, MIKEY_ROLE_I, sample_ids[0]);
		mikey_put_eccpt(&w, cases[i].curve, sample_point, cases[i].point, NULL);
		assert_int_equal(0, mikey_write_end(&w, NULL));
		assert_int_equal(0, mikey_parse_chain(w.first, b.data, b.len, &c, NULL));
		assert_int_equal(cases[i].all, c.p[1].len);
		assert_int_equal(cases[i].point, c.p[1].eccpt.point.len);
		assert_int_equal(cases[i].point, mikey_point_len(cases[i].curve));
		buf_free(&b);
	}
	assert_int_equal(0, mikey_point_len(MIKEY_CURVE_P224));
}

static void test_eccpt_refusals(void **state)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_writer w;
	struct mikey_chain c;

	mikey_write_chain(&w, &b);
	mikey_put_eccpt(&w, MIKEY_CURVE_P256, sample_point, 65, NULL);
	assert_int_equal(0, mikey_write_end(&w, NULL));
	assert_int_equal(0, mikey_parse_chain(MIKEY_ECCPT, b.data, b.len, &c, &e));
	b.data[67] = 1;
	assert_refused(mikey_parse_chain(MIKEY_ECCPT, b.data, b.len, &c, &e), e, EPROTO,
		       "padding");
	b.data[67] = 0;
	b.data[2] = 2;
	assert_refused(mikey_parse_chain(MIKEY_ECCPT, b.data, b.len, &c, &e), e, EPROTO,
		       "uncompressed");
	b.data[2] = 4;
	b.data[1] = MIKEY_CURVE_P224;
	assert_refused(mikey_parse_chain(MIKEY_ECCPT, b.data, b.len, &c, &e), e, EPROTONOSUPPORT,
		       "P-224");
	b.data[1] = 200;
	assert_refused(mikey_parse_chain(MIKEY_ECCPT, b.data, b.len, &c, &e), e, EPROTONOSUPPORT,
		       "curve 200");
	b.data[1] = MIKEY_CURVE_P256;
	b.data[71] = 3;
	assert_refused(mikey_parse_chain(MIKEY_ECCPT, b.data, b.len, &c, &e), e, EPROTONOSUPPORT,
		       "key validity type 3");
	/* Auth alg, TGK len and Reserved are ignored (RFC 6267 6.1.4). */
	b.data[68] = b.data[69] = b.data[70] = 0xff;
	b.data[71] = 0xf0;
	assert_int_equal(0, mikey_parse_chain(MIKEY_ECCPT, b.data, b.len, &c, &e));
	buf_free(&b);
}

static void test_refusals(void **state)
{
	struct mikey_chain c;
	struct err e = ERR_INIT;

	assert_refused(parse_hex(MIKEY_IDR, "", &c, &e), e, EPROTO, "IDR payload at offset 0");
	assert_refused(parse_hex(MIKEY_IDR, "0001010000" "00", &c, &e), e, EPROTO,
		       "1 octets after the last");
	assert_refused(parse_hex(MIKEY_IBAKE, "000000", &c, &e), e, EPROTO, "encrypted chain");
	assert_refused(parse_hex(MIKEY_IDR, "1601010000" "000000", &c, &e), e, EPROTO,
		       "IBAKE payload (type 22) at offset 5");
	assert_refused(parse_hex(MIKEY_SK, "00200000", &c, &e), e, EPROTONOSUPPORT,
		       "secret key type 2");
	assert_refused(parse_hex(MIKEY_SK, "00130000", &c, &e), e, EPROTONOSUPPORT,
		       "key validity");
	assert_refused(parse_hex(MIKEY_KEY_DATA, "00800000", &c, &e), e, EPROTONOSUPPORT,
		       "key type 8");
	assert_refused(parse_hex(MIKEY_KEY_DATA, "00100001aa0002bb", &c, &e), e, EPROTO,
		       "Key data payload at offset 0");
	assert_int_equal(0, parse_hex(MIKEY_LAST, "", &c, &e));
	assert_int_equal(0, c.n);
}

/* More sub-payloads than a struct mikey_chain holds: a month of keys, two days each. */
static void test_iterator(void **state)
{
	struct mikey_payload p;
	struct mikey_chain c;
	struct buf b = BUF_INIT;
	struct mikey_writer w;
	struct mikey_iter it;
	struct err e = ERR_INIT;
	unsigned int n = 0;
	int ret;

	mikey_write_chain(&w, &b);
	for (int i = 0; i < 744; i++) {
		sample_idr(&w, MIKEY_ROLE_I, sample_ids[0]);
		mikey_put_key(&w, MIKEY_KEY_K_PR, sample_auth, 32, NULL, 0, NULL);
	}
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_refused(mikey_parse_chain(w.first, b.data, b.len, &c, &e), e, E2BIG, "96");
	mikey_chain_begin(&it, w.first, b.data, b.len);
	while ((ret = mikey_chain_next(&it, &p, &e)) > 0) {
		assert_int_equal(n & 1 ? MIKEY_KEY_DATA : MIKEY_IDR, p.type);
		n++;
	}
	assert_int_equal(0, ret);
	assert_int_equal(2 * 744, n);
	/* The end stays the end, and a refusal stays one. */
	assert_int_equal(0, mikey_chain_next(&it, &p, &e));
	mikey_chain_begin(&it, w.first, b.data, b.len - 1);
	while ((ret = mikey_chain_next(&it, &p, &e)) > 0)
		;
	assert_int_equal(-EPROTO, ret);
	assert_int_equal(-EPROTO, mikey_chain_next(&it, &p, &e));
	buf_free(&b);
}

/* A thousand pseudo-random octet strings, as chains and as messages: it ends, whatever they are. */
static void test_noise(void **state)
{
	uint32_t x = 1;

	for (int i = 0; i < 20000; i++) {
		size_t len = (size_t)i % 120;
		uint8_t *noise = malloc(len ? len : 1);
		struct mikey_chain c;
		struct mikey_msg m;

		for (size_t j = 0; j < len; j++) {
			x = x * 1664525 + 1013904223;
			/* Few values, so that types and small lengths come up. */
			noise[j] = (uint8_t)(x >> 24) % 27;
		}
		if (len > 10) {
			noise[0] = 1;
			noise[8] %= 4;
			noise[9] %= 3;
		}
		mikey_parse(noise, len, &m, NULL);
		for (uint8_t first = 0; first < 28; first++)
			mikey_parse_chain(first, noise, len, &c, NULL);
		free(noise);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncation_and_mutation),
		cmocka_unit_test(test_eccpt_sizes),
		cmocka_unit_test(test_eccpt_refusals),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_iterator),
		cmocka_unit_test(test_noise),
	};

	return run_tests(tests);
}
