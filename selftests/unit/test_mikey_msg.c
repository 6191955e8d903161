// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages: every payload there and back, and what a parser must refuse. */
#include "unit.h"

#include <errno.h>

#include "mikey_samples.h"

static void write_again(const struct mikey_msg *m, struct buf *b)
{
	struct mikey_cs cs[256];
	struct mikey_writer w;
	unsigned int n = 0;

	/* By way of the decoded crypto sessions, so that they make the round trip too. */
	while (n < 256 && mikey_cs_get(&m->hdr, n, &cs[n]))
		n++;
	/* An Empty map may count sessions and names none of them. */
	if (m->hdr.map_type != MIKEY_MAP_EMPTY)
		assert_int_equal(m->hdr.n_cs, n);
	mikey_write_msg(&w, b, &m->hdr, n ? cs : NULL, n);
	for (unsigned int i = 0; i < m->chain.n; i++)
		mikey_put(&w, &m->chain.p[i]);
	assert_int_equal(0, mikey_write_end(&w, NULL));
}

static void test_round_trip(void **state)
{
	for (int s = 0; s < SAMPLE_N; s++) {
		for (uint8_t prf = 0; prf < 2; prf++) {
			struct buf a = BUF_INIT, b = BUF_INIT;
			struct err e = ERR_INIT;
			struct mikey_msg m;

			sample_put(s, prf, &a);
			if (mikey_parse(a.data, a.len, &m, &e))
				fail_msg("sample %d: %s", s, e.msg);
			assert_int_equal(prf, m.hdr.prf);
			write_again(&m, &b);
			assert_int_equal(a.len, b.len);
			assert_memory_equal(a.data, b.data, a.len);
			buf_free(&a);
			buf_free(&b);
		}
	}
}

/* Payloads lie one behind the other and fill the message. */
static void test_offsets(void **state)
{
	for (int s = 0; s < SAMPLE_N; s++) {
		struct buf a = BUF_INIT;
		struct mikey_msg m;
		size_t off;

		sample_put(s, 1, &a);
		assert_int_equal(0, mikey_parse(a.data, a.len, &m, NULL));
		off = 10 + m.hdr.map.len;
		for (unsigned int i = 0; i < m.chain.n; i++) {
			assert_int_equal(off, m.chain.p[i].off);
			assert_ptr_equal(a.data + off, m.chain.p[i].raw);
			off += m.chain.p[i].len;
		}
		assert_int_equal(a.len, off);
		buf_free(&a);
	}
}

/* A message cut anywhere is refused with a sentence that names a place. Each length is its own
 * allocation, so that reading one octet too far is seen.
 */
static void test_truncation(void **state)
{
	for (int s = 0; s < SAMPLE_N; s++) {
		struct buf a = BUF_INIT;

		sample_put(s, 1, &a);
		for (size_t len = 0; len < a.len; len++) {
			uint8_t *cut = malloc(len ? len : 1);
			struct err e = ERR_INIT;
			struct mikey_msg m;

			memcpy(cut, a.data, len);
			assert_refused(mikey_parse(cut, len, &m, &e), e, EPROTO, " at offset ");
			free(cut);
		}
		buf_free(&a);
	}
}

/* Any single octet changed in any of eight ways: a result that can be written again, or a sentence. */
static void test_mutation(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x02, 0x04, 0x10, 0x40, 0x80, 0xff, 0x7f };

	for (int s = 0; s < SAMPLE_N; s++) {
		struct buf a = BUF_INIT;

		sample_put(s, 1, &a);
		for (size_t i = 0; i < a.len; i++) {
			for (size_t f = 0; f < sizeof(flips); f++) {
				struct err e = ERR_INIT;
				struct buf b = BUF_INIT;
				struct mikey_msg m;
				int ret;

				a.data[i] ^= flips[f];
				ret = mikey_parse(a.data, a.len, &m, &e);
				if (ret)
					assert_true(strlen(e.msg) > 10);
				else
					write_again(&m, &b);
				buf_free(&b);
				a.data[i] ^= flips[f];
			}
		}
		buf_free(&a);
	}
}

static int parse_hex(const char *hex, struct err *e)
{
	struct buf b = unhex(hex);
	struct mikey_msg m;
	int ret = mikey_parse(b.data, b.len, &m, e);

	buf_free(&b);
	return ret;
}

#define HDR(next) "0116" next "01123456780001"

static void test_refusals(void **state)
{
	static const struct {
		const char *hex;
		int code;
		const char *word;
	} cases[] = {
		{ "", EPROTO, "common header" },
		{ "0216000112345678" "0001", EPROTONOSUPPORT, "version 2" },
		{ "0116000112345678" "0103", EPROTONOSUPPORT, "map type 3" },
		{ "0116000112345678" "0200" "000102030405060708", EPROTO, "2 crypto sessions" },
		{ "0116000112345678" "0102" "010081000000", EPROTO, "CS ID map" },
		/* session data of SRTP is 4 octets, with the S flag 10 */
		{ "0116000112345678" "0102" "0100" "8101" "0004" "11223344" "00", EPROTO, "not 4" },
		{ HDR("00") "00", EPROTO, "1 octets after the last" },
		{ HDR("12"), EPROTONOSUPPORT, "payload type 18 at offset 10" },
		{ HDR("ff"), EPROTONOSUPPORT, "payload type 255" },
		{ HDR("05") "0005" "0011223344556677", EPROTONOSUPPORT, "timestamp type 5" },
		{ HDR("05") "0000" "001122334455", EPROTO, "T payload at offset 10" },
		{ HDR("09") "0b02" "0000000000000000000000000000000000000000000000000000000000000000",
		  EPROTO, "must be the last" },
		{ HDR("09") "0003", EPROTONOSUPPORT, "MAC algorithm 3" },
		{ HDR("03") "0009", EPROTONOSUPPORT, "DH group 9" },
		{ HDR("08") "0003", EPROTONOSUPPORT, "hash function 3" },
		{ HDR("01") "0001" "0000" "07", EPROTONOSUPPORT, "MAC algorithm 7" },
		{ HDR("14") "00000000", EPROTO, "Key data payload (type 20) at offset 10" },
		{ HDR("18") "00100000", EPROTO, "in clear" },
		{ HDR("19") "0008", EPROTO, "in clear" },
		{ HDR("04") "0000" "00", EPROTO, "1 octets after the last" },
		{ HDR("16") "00ffff00", EPROTO, "IBAKE payload at offset 10" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = ERR_INIT;

		assert_refused(parse_hex(cases[i].hex, &e), e, cases[i].code, cases[i].word);
	}
	assert_int_equal(0, parse_hex(HDR("00"), NULL));
	assert_int_equal(-EPROTO, parse_hex(HDR("00") "00", NULL));
}

/* What receivers ignore parses: Reserved of ERR, the V flag, unknown types and numbers. */
static void test_tolerance(void **state)
{
	assert_int_equal(0, parse_hex("01fe0081123456780001", NULL));
	assert_int_equal(0, parse_hex(HDR("0c") "00fabeef", NULL));
	assert_int_equal(0, parse_hex(HDR("0e") "00c8ee0000", NULL));
	assert_int_equal(0, parse_hex(HDR("15") "00c80000", NULL));
	assert_int_equal(0, parse_hex(HDR("01") "00aa000000", NULL));
}

static void test_limits(void **state)
{
	struct mikey_hdr h = sample_hdr(MIKEY_I_MESSAGE_1, 1);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_writer w;
	struct mikey_msg m;
	uint8_t *big;

	mikey_write_msg(&w, &b, &h, NULL, 0);
	for (int i = 0; i < MIKEY_PAYLOADS_MAX; i++)
		mikey_put_err(&w, 1);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_int_equal(MIKEY_PAYLOADS_MAX, m.chain.n);
	mikey_put_err(&w, 1);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_refused(mikey_parse(b.data, b.len, &m, &e), e, E2BIG, "more than 96");
	buf_reset(&b);

	big = calloc(1, MIKEY_MSG_MAX + 1);
	assert_refused(mikey_parse(big, MIKEY_MSG_MAX + 1, &m, &e), e, EMSGSIZE, "131073");
	/* An IBAKE of 65535 octets fits, two of them and the header do not. */
	mikey_write_msg(&w, &b, &h, NULL, 0);
	mikey_put_ibake(&w, big, 0xffff);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	mikey_put_ibake(&w, big, 0xffff);
	assert_refused(mikey_write_end(&w, &e), e, EMSGSIZE, "131086");
	assert_int_equal(0, b.len);
	free(big);
	buf_free(&b);
}

/* The writer keeps the first refusal, and cuts back what it wrote. */
static void test_writer_refusals(void **state)
{
	static const uint8_t zero[0x10000];
	struct mikey_hdr h = sample_hdr(MIKEY_I_MESSAGE_1, 1);
	struct mikey_kv bad = { .type = 3 };
	struct mikey_cs cs = { .id = 1 };
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_writer w;

#define REFUSED(code, word) do {						\
		assert_refused(mikey_write_end(&w, &e), e, code, word);		\
		assert_int_equal(3, b.len);					\
		mikey_write_msg(&w, &b, &h, NULL, 0);				\
	} while (0)

	buf_str(&b, "abc");
	mikey_write_msg(&w, &b, &h, &cs, 1);
	REFUSED(EINVAL, "exactly one policy");
	mikey_put_ibake(&w, zero, 0x10000);
	mikey_put_rand(&w, zero, 256);
	REFUSED(EINVAL, "Encr data");
	mikey_put_rand(&w, zero, 256);
	REFUSED(EINVAL, "RAND");
	mikey_put_t(&w, 9, 0);
	REFUSED(EINVAL, "timestamp");
	mikey_put_chash(&w, 0, zero, 19);
	REFUSED(EINVAL, "hash");
	mikey_put_pke(&w, 0, zero, 0x4000);
	REFUSED(EINVAL, "envelope");
	mikey_put_eccpt(&w, MIKEY_CURVE_P256, sample_point, 64, NULL);
	REFUSED(EINVAL, "ECCPT");
	mikey_put_eccpt(&w, MIKEY_CURVE_P224, sample_point, 57, NULL);
	REFUSED(EINVAL, "ECCPT");
	mikey_put_sk(&w, zero, 16, &bad);
	REFUSED(EINVAL, "key validity");
	mikey_put_key(&w, MIKEY_KEY_TGK, zero, 16, zero, 14, NULL);
	REFUSED(EINVAL, "no salt");
	mikey_put_key(&w, 8, zero, 16, NULL, 0, NULL);
	REFUSED(EINVAL, "key type");
	mikey_put_t(&w, 0, 0);
	mikey_v_append(&w, sample_auth, 32, NULL, 0);
	mikey_put_err(&w, 1);
	REFUSED(EINVAL, "nothing may follow");
	mikey_v_append(&w, sample_auth, 32, NULL, 0);
	REFUSED(EPROTO, "no T payload");
	mikey_put_t(&w, 0, 0);
	mikey_v_append(&w, sample_auth, 20, NULL, 0);
	h.prf = 7;
	REFUSED(EINVAL, "auth_key");
	mikey_put_t(&w, 0, 0);
	mikey_v_append(&w, sample_auth, 32, NULL, 0);
	REFUSED(EPROTONOSUPPORT, "NULL");
	buf_free(&b);
}

static void test_find(void **state)
{
	struct buf a = BUF_INIT;
	struct mikey_msg m;
	struct mikey_cs cs;

	sample_put(SAMPLE_I_MESSAGE_1, 1, &a);
	assert_int_equal(0, mikey_parse(a.data, a.len, &m, NULL));
	assert_int_equal(0, mikey_find(&m, MIKEY_SP, 0)->sp.policy);
	assert_int_equal(1, mikey_find(&m, MIKEY_SP, 1)->sp.policy);
	assert_null(mikey_find(&m, MIKEY_SP, 2));
	assert_null(mikey_find(&m, MIKEY_V, 0));
	assert_true(mikey_oct_equal(sample_ids[1], mikey_find_idr(&m.chain, MIKEY_ROLE_R, 0)->id.data));
	assert_false(mikey_oct_equal(sample_ids[0], mikey_find_idr(&m.chain, MIKEY_ROLE_R, 0)->id.data));
	assert_null(mikey_find_idr(&m.chain, MIKEY_ROLE_R, 1));
	assert_non_null(mikey_find_ext(&m.chain, MIKEY_EXT_HINT, 0));
	assert_null(mikey_find_ext(&m.chain, MIKEY_EXT_BINDING, 0));
	assert_true(mikey_cs_get(&m.hdr, 1, &cs));
	assert_int_equal(2, cs.id);
	assert_false(mikey_cs_get(&m.hdr, 2, &cs));
	buf_free(&a);
}

/* 64 bits of every timestamp type, as IVs and PRF inputs want them, and back. */
static void test_timestamps(void **state)
{
	static const struct {
		uint8_t type, len;
		uint64_t in, out;
	} cases[] = {
		{ MIKEY_TS_NTP_UTC, 8, 0xe0b2d1f481828384, 0xe0b2d1f481828384 },
		{ MIKEY_TS_NTP, 8, 1, 1 },
		{ MIKEY_TS_COUNTER, 4, 0x01020304, 0x01020304 },
		{ MIKEY_TS_NTP_UTC_32, 4, 0xe0b2d1f481828384, 0xe0b2d1f400000000 },
	};
	struct mikey_payload none = { .type = MIKEY_T };

	for (size_t i = 0; i < 4; i++) {
		struct buf b = BUF_INIT;
		struct mikey_writer w;
		struct mikey_chain c;

		mikey_write_chain(&w, &b);
		mikey_put_t(&w, cases[i].type, cases[i].in);
		assert_int_equal(0, mikey_write_end(&w, NULL));
		assert_int_equal(0, mikey_parse_chain(MIKEY_T, b.data, b.len, &c, NULL));
		assert_int_equal(cases[i].len, c.p[0].t.value.len);
		assert_true(mikey_ts64(&c.p[0]) == cases[i].out);
		buf_free(&b);
	}
	assert_true(mikey_ts64(&none) == 0);
}

/* What maps and payloads cannot hold. */
static void test_writer_limits(void **state)
{
	static const uint8_t zero[0x10000], no;
	struct mikey_hdr h = sample_hdr(MIKEY_I_MESSAGE_1, 1);
	struct mikey_cs cs[256] = { { .policies = { &no, 1 } } };
	struct mikey_payload p = { .type = 18 };
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_writer w;
	struct mikey_msg m;

	mikey_write_msg(&w, &b, &h, cs, 256);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "256 crypto sessions");
	h.map_type = 9;
	mikey_write_msg(&w, &b, &h, cs, 1);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "map type 9");
	h.map_type = MIKEY_MAP_GENERIC_ID;
	cs[0].policies.len = 128;
	cs[0].policies.data = zero;
	mikey_write_msg(&w, &b, &h, cs, 1);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "GENERIC-ID");
	h.map_type = MIKEY_MAP_EMPTY;
	mikey_write_msg(&w, &b, &h, cs, 1);
	assert_int_equal(0, mikey_write_end(&w, &e));
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	assert_int_equal(0, m.hdr.map.len);
	assert_false(mikey_cs_get(&m.hdr, 0, &cs[0]));

	buf_reset(&b);
	mikey_write_chain(&w, &b);
	mikey_put(&w, &p);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "unknown payload type");
	p.type = MIKEY_SIGN;
	p.sign.sig = (struct mikey_oct){ zero, 4096 };
	mikey_write_chain(&w, &b);
	mikey_put(&w, &p);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "4095");
	/* V and SIGN cover a message; a chain has none. */
	mikey_write_chain(&w, &b);
	mikey_v_append(&w, sample_auth, 32, NULL, 0);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "not to a chain");
	mikey_write_chain(&w, &b);
	mikey_sign_begin(&w, 0, 128, NULL, 0, &b);
	mikey_sign_end(&w, zero, 128);
	mikey_v_append(&w, sample_auth, 32, NULL, 0);
	assert_refused(mikey_write_end(&w, &e), e, EINVAL, "SIGN");
	/* A failed buffer is a refusal, not a crash. */
	buf_reset(&b);
	mikey_write_msg(&w, &b, &h, NULL, 0);
	b.failed = true;
	mikey_put_t(&w, 0, 1);
	mikey_v_append(&w, sample_auth, 32, NULL, 0);
	assert_refused(mikey_write_end(&w, &e), e, ENOMEM, "memory");
	buf_free(&b);
}

/* For selftests/mikey/: the samples as files, DIR/NAME.bin. */
static int write_samples(const char *dir)
{
	static const char *const names[] = {
		"request_key_psk", "request_key_pke", "request_key_resp", "i_message_1",
		"r_message_1", "i_message_2", "r_message_2", "error", "dh_init", "ticket", "sakke",
	};
	int ret = 0;

	for (int s = 0; s < SAMPLE_N && !ret; s++) {
		struct buf b = BUF_INIT;
		char path[512];

		/* HMAC-SHA-1: the only MAC that all dissectors know. */
		sample_put(s, 0, &b);
		snprintf(path, sizeof(path), "%s/%s.bin", dir, names[s]);
		ret = buf_write_file(path, b.data, b.len, 0644, NULL);
		buf_free(&b);
	}
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_mutation),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_tolerance),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_writer_refusals),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_timestamps),
		cmocka_unit_test(test_writer_limits),
	};

	return argc == 3 && !strcmp(argv[1], "samples") ? write_samples(argv[2]) : run_tests(tests);
}
