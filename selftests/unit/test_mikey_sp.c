// SPDX-License-Identifier: GPL-2.0-or-later
/* SRTP policies to and from SP payloads. */
#include "unit.h"

#include <errno.h>

#include "mikey/mikey.h"

static int get_hex(const char *hex, struct mikey_srtp_policy *p, struct err *e)
{
	struct buf b = unhex(hex);
	struct mikey_payload sp = { .type = MIKEY_SP };
	int ret;

	sp.sp.params = (struct mikey_oct){ b.data, b.len };
	ret = mikey_srtp_policy_get(&sp, p, e);
	buf_free(&b);
	return ret;
}

static void test_suites(void **state)
{
	static const char *const names[] = {
		"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32",
		"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
		"AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
		"AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
	};
	struct mikey_srtp_policy a, b;
	struct mikey_chain c;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct mikey_hdr h = { .type = MIKEY_ERROR };
		struct buf buf = BUF_INIT;
		struct mikey_writer w;
		struct mikey_msg m;

		assert_true(mikey_srtp_suite(names[i], &a));
		assert_string_equal(names[i], mikey_srtp_suite_name(&a));
		mikey_write_msg(&w, &buf, &h, NULL, 0);
		mikey_put_sp(&w, 3, &a);
		assert_int_equal(0, mikey_write_end(&w, NULL));
		assert_int_equal(0, mikey_parse(buf.data, buf.len, &m, NULL));
		assert_int_equal(3, m.chain.p[0].sp.policy);
		assert_int_equal(0, mikey_srtp_policy_get(&m.chain.p[0], &b, NULL));
		assert_string_equal(names[i], mikey_srtp_suite_name(&b));
		buf_free(&buf);
	}
	assert_false(mikey_srtp_suite("AES_CM_128", &a));
	/* SP stands in messages, not in encrypted chains. */
	assert_int_equal(-EPROTO, mikey_parse_chain(MIKEY_SP, (const uint8_t *)"", 0, &c, NULL));
}

static void test_every_field(void **state)
{
	struct mikey_srtp_policy a = {
		.encr_alg = 2, .encr_key_len = 17, .auth_alg = 3, .auth_key_len = 21,
		.salt_len = 15, .prf = 2, .kdr = 1 << 24, .srtp_encr = false, .srtcp_encr = true,
		.srtp_auth = false, .fec_order = 1, .tag_len = 9, .prefix_len = 4,
	}, b;
	struct mikey_hdr h = { .type = MIKEY_ERROR };
	struct buf buf = BUF_INIT;
	struct mikey_writer w;
	struct mikey_msg m;

	mikey_write_msg(&w, &buf, &h, NULL, 0);
	mikey_put_sp(&w, 0, &a);
	assert_int_equal(0, mikey_write_end(&w, NULL));
	assert_int_equal(0, mikey_parse(buf.data, buf.len, &m, NULL));
	assert_int_equal(0, mikey_srtp_policy_get(&m.chain.p[0], &b, NULL));
	assert_int_equal(a.encr_alg, b.encr_alg);
	assert_int_equal(a.encr_key_len, b.encr_key_len);
	assert_int_equal(a.auth_alg, b.auth_alg);
	assert_int_equal(a.auth_key_len, b.auth_key_len);
	assert_int_equal(a.salt_len, b.salt_len);
	assert_int_equal(a.prf, b.prf);
	assert_int_equal(a.kdr, b.kdr);
	assert_int_equal(a.srtp_encr, b.srtp_encr);
	assert_int_equal(a.srtcp_encr, b.srtcp_encr);
	assert_int_equal(a.srtp_auth, b.srtp_auth);
	assert_int_equal(a.fec_order, b.fec_order);
	assert_int_equal(a.tag_len, b.tag_len);
	assert_int_equal(a.prefix_len, b.prefix_len);
	assert_null(mikey_srtp_suite_name(&b));
	buf_free(&buf);
}

static void test_defaults(void **state)
{
	struct mikey_srtp_policy p;

	assert_int_equal(0, get_hex("", &p, NULL));
	assert_string_equal("AES_CM_128_HMAC_SHA1_80", mikey_srtp_suite_name(&p));
	/* What others send: only what differs, in any order, wider values than needed. */
	assert_int_equal(0, get_hex("0b0104", &p, NULL));
	assert_string_equal("AES_CM_128_HMAC_SHA1_32", mikey_srtp_suite_name(&p));
	assert_int_equal(0, get_hex("01020020", &p, NULL));
	assert_string_equal("AES_256_CM_HMAC_SHA1_80", mikey_srtp_suite_name(&p));
	assert_int_equal(0, get_hex("140110" "000106", &p, NULL));
	assert_string_equal("AEAD_AES_128_GCM", mikey_srtp_suite_name(&p));
	assert_int_equal(0, get_hex("010120" "0b0100" "000106", &p, NULL));
	assert_string_equal("AEAD_AES_256_GCM", mikey_srtp_suite_name(&p));
}

static void test_refusals(void **state)
{
	struct mikey_srtp_policy p;
	struct mikey_payload sp = { .type = MIKEY_SP };
	struct err e = ERR_INIT;

	assert_refused(get_hex("00", &p, &e), e, EPROTO, "left");
	assert_refused(get_hex("000201", &p, &e), e, EPROTO, "left");
	assert_refused(get_hex("0000", &p, &e), e, EPROTO, "0 octets");
	assert_refused(get_hex("00050000000001", &p, &e), e, EPROTO, "5 octets");
	assert_refused(get_hex("000101" "000101", &p, &e), e, EPROTO, "twice");
	assert_refused(get_hex("0002" "0101", &p, &e), e, EPROTONOSUPPORT, "257");
	assert_refused(get_hex("070102", &p, &e), e, EPROTONOSUPPORT, "0 or 1");
	assert_refused(get_hex("060103", &p, &e), e, EPROTONOSUPPORT, "power of two");
	assert_refused(get_hex("060402000000", &p, &e), e, EPROTONOSUPPORT, "power of two");
	assert_refused(get_hex("0d020001", &p, &e), e, EPROTONOSUPPORT, "parameter 13");
	assert_refused(get_hex("c80101", &p, &e), e, EPROTONOSUPPORT, "parameter 200");
	assert_refused(get_hex("140110", &p, &e), e, EPROTONOSUPPORT, "AES-GCM only");
	assert_refused(get_hex("000106" "0b010a", &p, &e), e, EPROTONOSUPPORT, "AES-GCM");
	sp.sp.prot = 1;
	assert_refused(mikey_srtp_policy_get(&sp, &p, &e), e, EPROTONOSUPPORT, "not SRTP");
}

static void test_names(void **state)
{
	assert_string_equal("R_MESSAGE_2", mikey_type_name(25));
	assert_string_equal("unknown", mikey_type_name(27));
	assert_string_equal("ECCPT", mikey_payload_name(25));
	assert_string_equal("unknown", mikey_payload_name(18));
	assert_string_equal("unknown", mikey_payload_name(255));
	assert_string_equal("Invalid TPpar", mikey_error_name(15));
	assert_string_equal("unknown", mikey_error_name(16));
	assert_string_equal("P-256", mikey_curve_name(8));
	assert_string_equal("K-571", mikey_curve_name(16));
	assert_string_equal("unknown", mikey_curve_name(0));
	assert_string_equal("unknown", mikey_curve_name(17));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_names),
	};

	return run_tests(tests);
}
