// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The known answers that the module checks at load, the whole keystream of RFC 3711 B.2, and the
 * tables.
 */
#include "crypto.h"
#include "harness.h"
#include "kdf.h"
#include "selftest/selftest.h"

static void passes(const char *failed)
{
	if (failed)
		fail_msg("%s", failed);
}

static void known_answers(void **state)
{
	passes(ksrtp_selftest_known());
}

static void packet_index(void **state)
{
	passes(ksrtp_selftest_index());
}

static void whole_packets(void **state)
{
	passes(ksrtp_selftest_packet());
}

static void load_accepts(void **state)
{
	assert_int_equal(ksrtp_selftest(), 0);
}

/* RFC 3711 B.2 in one call: the counter passes 0xfeff. */
static void whole_keystream(void **state)
{
	static const u8 key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
				    0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
	static const u8 last[16] = { 0x6a, 0x2c, 0xc3, 0x78, 0x78, 0x89, 0x37, 0x4f,
				     0xbe, 0xb4, 0xc8, 0x1b, 0x17, 0xba, 0x6c, 0x44 };
	u8 iv[16] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
		      0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0x00, 0x00 };
	struct ksrtp_cipher *c = ksrtp_cipher_alloc(key, sizeof(key));
	u32 len = 1044512;
	u8 *buf = calloc(1, len);

	assert_non_null(buf);
	assert_false(IS_ERR(c));
	assert_int_equal(ksrtp_cipher_ctr(c, iv, buf, len), 0);
	assert_memory_equal(buf + len - 16, last, 16);
	ksrtp_cipher_free(c);
	free(buf);
}

/* r = index DIV rate enters below the label, and a 16 times larger one an octet further up. */
static void derivation_rate(void **state)
{
	struct ksrtp_kdf a, b;
	u8 salt[14] = { 0 }, x[16], y[16];

	assert_int_equal(ksrtp_kdf_init(&a, test_master, 16, salt, 14), 0);
	salt[13] = 0x34;
	salt[12] = 0x12;
	salt[8] = 0xab;
	assert_int_equal(ksrtp_kdf_init(&b, test_master, 16, salt, 14), 0);
	ksrtp_kdf_derive(&a, KSRTP_LABEL_RTCP_AUTH, 0xab0000001234, x, sizeof(x));
	ksrtp_kdf_derive(&b, KSRTP_LABEL_RTCP_AUTH, 0, y, sizeof(y));
	assert_memory_equal(x, y, 16);
	ksrtp_kdf_derive(&a, KSRTP_LABEL_RTCP_AUTH, 0, x, sizeof(x));
	assert_memory_not_equal(x, y, 16);
	assert_int_equal(ksrtp_kdf_init(&a, test_master, 15, salt, 14), -EINVAL);
	assert_int_equal(ksrtp_kdf_init(&a, test_master, 16, salt, 15), -EINVAL);
}

/* What RFC 3711 8.2 and RFC 4568 6.2 say, and the control plane's numbers. */
struct suite_row {
	const char *name;
	u8 id, master_key_len, master_salt_len, key_len, salt_len, auth_key_len, rtp_tag, rtcp_tag;
};

static void suites(void **state)
{
	static const struct suite_row rows[] = {
		{ "AES_CM_128_HMAC_SHA1_80", 1, 16, 14, 16, 14, 20, 10, 10 },
		{ "AES_CM_128_HMAC_SHA1_32", 2, 16, 14, 16, 14, 20, 4, 10 },
		{ "NULL_HMAC_SHA1_80", 3, 16, 14, 0, 0, 20, 10, 10 },
		{ "NULL_HMAC_SHA1_32", 4, 16, 14, 0, 0, 20, 4, 10 },
	};
	const struct ksrtp_suite_desc *s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		s = ksrtp_suite_at(i);
		assert_non_null(s);
		assert_string_equal(s->name, rows[i].name);
		assert_int_equal(s->id, rows[i].id);
		assert_ptr_equal(ksrtp_suite_find(s->id), s);
		assert_ptr_equal(ksrtp_suite_find_name(s->name), s);
		assert_int_equal(s->master_key_len, rows[i].master_key_len);
		assert_int_equal(s->master_salt_len, rows[i].master_salt_len);
		assert_int_equal(s->key_len, rows[i].key_len);
		assert_int_equal(s->salt_len, rows[i].salt_len);
		assert_int_equal(s->auth_key_len, rows[i].auth_key_len);
		assert_int_equal(s->rtp_tag_len, rows[i].rtp_tag);
		assert_int_equal(s->rtcp_tag_len, rows[i].rtcp_tag);
	}
	assert_null(ksrtp_suite_at(i));
	assert_null(ksrtp_suite_find(0));
	assert_null(ksrtp_suite_find(5));
	assert_null(ksrtp_suite_find_name("AES_CM_128_HMAC_SHA1"));

	/* Whatever rows there are, they fit the buffers that are sized by these limits. */
	for_each_suite(s) {
		assert_true(s->master_key_len <= KSRTP_MASTER_KEY_MAX);
		assert_true(s->master_salt_len <= KSRTP_MASTER_SALT_MAX);
		assert_true(s->key_len <= KSRTP_SESSION_KEY_MAX);
		assert_true(s->salt_len <= KSRTP_SESSION_SALT_MAX);
		assert_true(s->auth_key_len <= KSRTP_AUTH_KEY_MAX);
		assert_true(ksrtp_suite_rtp_overhead(s, KSRTP_MKI_MAX) <= KSRTP_TRAILER_MAX);
		assert_true(ksrtp_suite_rtcp_overhead(s, KSRTP_MKI_MAX) <= KSRTP_TRAILER_MAX);
	}
}

static void reasons(void **state)
{
	enum ksrtp_reason a, b;

	for (a = 0; a < KSRTP_REASON_MAX; a++) {
		assert_non_null(ksrtp_reason_name(a));
		for (b = 0; b < a; b++)
			assert_string_not_equal(ksrtp_reason_name(a), ksrtp_reason_name(b));
	}
	assert_string_equal(ksrtp_reason_name(KSRTP_REASON_MAX), "unknown");
	assert_string_equal(ksrtp_reason_name(KSRTP_REASON_AUTH_FAIL), "auth_fail");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),   cmocka_unit_test(packet_index),
		cmocka_unit_test(whole_packets),   cmocka_unit_test(load_accepts),
		cmocka_unit_test(whole_keystream), cmocka_unit_test(derivation_rate),
		cmocka_unit_test(suites),	   cmocka_unit_test(reasons),
	};

	return run_tap(tests);
}
