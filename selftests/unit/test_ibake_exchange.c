// SPDX-License-Identifier: GPL-2.0-or-later
/* The four messages as they should go: levels, curves, PRF functions, suites, media lines. */
#include "ibake_rig.h"

static void whole_call(struct rig *r, const struct ibake_policy *policy)
{
	rig_call(r, policy);
	assert_int_equal(r->n, 1);
	rig_pass(r, 4);
	assert_int_equal(r->n, 0);
	rig_same_keys(r);
	assert_int_equal(rig_state(r->side[0]), IBAKE_ST_ESTABLISHED);
	assert_int_equal(rig_state(r->side[1]), IBAKE_ST_PROVISIONAL);
}

static void test_call(void **state)
{
	struct rig *r = rig_new();
	struct ibake_call_info a, b;

	whole_call(r, NULL);
	assert_true(r->side[0]->keys.bound && r->side[1]->keys.bound);
	assert_false(r->side[0]->keys.provisional);
	assert_true(r->side[1]->keys.provisional);
	assert_int_equal(r->side[0]->keys.n_cs, 2);
	assert_true(r->side[0]->keys.cs[0].transmit); /* odd: Initiator to Responder */
	assert_string_equal(r->side[0]->keys.cs[0].suite, "AES_CM_128_HMAC_SHA1_80");
	assert_int_equal(r->side[0]->keys.cs[0].key_len, 16);
	assert_int_equal(r->side[0]->keys.cs[0].salt_len, 14);
	assert_memory_not_equal(r->side[0]->keys.cs[0].key, r->side[0]->keys.cs[1].key, 16);
	assert_int_equal(r->side[1]->events[IBAKE_EV_INCOMING], 1);
	assert_int_equal(ibake_call_info(r->side[0]->en, r->side[0]->call, &a), 0);
	assert_int_equal(ibake_call_info(r->side[1]->en, r->side[1]->call, &b), 0);
	assert_string_equal(a.peer_uri, BOB);
	assert_string_equal(b.peer_uri, ALICE);
	for (int i = 0; i < 4; i++) {
		assert_true(a.msg_len[i] > 0);
		assert_int_equal(a.msg_len[i], b.msg_len[i]);
	}
	assert_int_equal(ibake_call_next(r->side[0]->en, 0), r->side[0]->call);
	assert_int_equal(ibake_call_next(r->side[0]->en, r->side[0]->call), 0);
	/* Private keys are given back as soon as the exchange is over. */
	assert_int_equal(r->side[0]->keys_out, 0);
	assert_int_equal(r->side[1]->keys_out, 0);
	rig_free(r);
}

static void test_sizes(void **state)
{
	struct ibake_config c;
	struct ibake_policy p;
	struct rig *r;

	ibake_config_init(&c);
	r = rig_new_config(1536, &c);
	whole_call(r, NULL);
	for (int i = 0; i < 4; i++) {
		size_t len = r->side[i % 2]->sent_len[i];

		print_message("# 1536 bits, P-256: %s has %zu octets\n",
			      mikey_type_name((uint8_t)(MIKEY_I_MESSAGE_1 + i)), len);
		assert_true(len > 0 && len <= 1200);
	}
	rig_free(r);

	/* With the longest point and two suites on offer it still fits. */
	ibake_policy_init(&p);
	p.curve = MIKEY_CURVE_P521;
	p.n_suites = 2;
	p.suites[1] = "AES_CM_128_HMAC_SHA1_32";
	r = rig_new_config(1536, &c);
	whole_call(r, &p);
	for (int i = 0; i < 4; i++) {
		print_message("# 1536 bits, P-521: %s has %zu octets\n",
			      mikey_type_name((uint8_t)(MIKEY_I_MESSAGE_1 + i)),
			      r->side[i % 2]->sent_len[i]);
		assert_true(r->side[i % 2]->sent_len[i] <= 1200);
	}
	rig_free(r);
}

static void test_variants(void **state)
{
	static const uint8_t curves[] = { MIKEY_CURVE_P256, MIKEY_CURVE_P384, MIKEY_CURVE_P521 };

	for (size_t i = 0; i < sizeof(curves); i++)
		for (uint8_t prf = 0; prf < 2; prf++) {
			struct rig *r = rig_new();
			struct ibake_policy p;

			ibake_policy_init(&p);
			p.curve = curves[i];
			p.prf = prf;
			whole_call(r, &p);
			assert_true(r->side[0]->keys.bound);
			rig_free(r);
		}
}

static void test_suites(void **state)
{
	static const char *const s80 = "AES_CM_128_HMAC_SHA1_80", *const s32 = "AES_CM_128_HMAC_SHA1_32";
	struct rig *r = rig_new();
	struct ibake_policy p;
	struct err e = ERR_INIT;

	/* The Initiator's order decides among what the Responder takes. */
	ibake_policy_init(&p);
	p.n_suites = 2;
	p.suites[0] = s32;
	p.suites[1] = s80;
	whole_call(r, &p);
	assert_string_equal(r->side[0]->keys.cs[0].suite, s80);
	rig_free(r);

	r = rig_new();
	r->side[1]->incoming.n_suites = 2;
	r->side[1]->incoming.suites[1] = s32;
	whole_call(r, &p);
	assert_string_equal(r->side[0]->keys.cs[0].suite, s32);
	rig_free(r);

	/* No suite named stands for the default one, on both sides. */
	r = rig_new();
	p.n_suites = 0;
	r->side[1]->incoming.n_suites = 0;
	whole_call(r, &p);
	assert_string_equal(r->side[0]->keys.cs[0].suite, s80);
	rig_free(r);

	r = rig_new();
	p.n_suites = 1;
	rig_call(r, &p);
	assert_refused(rig_step(r, &e), e, ENOPROTOOPT, "no SRTP policy");
	assert_int_equal(r->n, 0);
	assert_int_equal(ibake_call_next(r->side[1]->en, 0), 0);
	rig_free(r);
}

static void test_media_lines(void **state)
{
	struct ibake_peer to = rig_peer(1);
	struct rig *r = rig_new();

	assert_int_equal(ibake_call_start(r->side[0]->en, ALICE, BOB, &to, IBAKE_MEDIA_MAX, NULL,
					  &r->side[0]->call, NULL), 0);
	rig_pass(r, 4);
	rig_same_keys(r);
	assert_int_equal(r->side[0]->keys.n_cs, IBAKE_CS_MAX);
	rig_free(r);
}

/* Midnight passes during the exchange: T of I_MESSAGE_1 goes on to name the keys. */
static void test_midnight(void **state)
{
	struct rig *r = rig_new();

	r->now = DAY + 86400 - 1;
	rig_call(r, NULL);
	rig_pass(r, 1);
	r->now += 2;
	rig_pass(r, 3);
	rig_same_keys(r);
	rig_free(r);
}

/* Another spelling of the identities is the same call. */
static void test_spelling(void **state)
{
	struct ibake_peer to = rig_peer(1);
	struct rig *r = rig_new();

	assert_int_equal(ibake_call_start(r->side[0]->en, "SIP:alice@A.example:5060",
					  "sip:%62ob@b.example;transport=udp", &to, 1, NULL,
					  &r->side[0]->call, NULL), 0);
	rig_pass(r, 4);
	rig_same_keys(r);
	rig_free(r);
}

static void test_start_refused(void **state)
{
	struct ibake_peer to = rig_peer(1);
	struct rig *r = rig_new();
	struct ibake_engine *en = r->side[0]->en;
	struct ibake_policy p;
	struct err e = ERR_INIT;
	uint64_t id;

	assert_refused(ibake_call_start(en, "alice", BOB, &to, 1, NULL, &id, &e), e, EINVAL, "URI");
	assert_refused(ibake_call_start(en, ALICE, "sip:", &to, 1, NULL, &id, &e), e, EINVAL, "host");
	assert_refused(ibake_call_start(en, ALICE, ALICE, &to, 1, NULL, &id, &e), e, EINVAL, "itself");
	assert_refused(ibake_call_start(en, BOB, ALICE, &to, 1, NULL, &id, &e), e, ENOENT,
		       "no private key");
	assert_refused(ibake_call_start(en, ALICE, "sip:x@c.example", &to, 1, NULL, &id, &e), e, ENOENT,
		       "no parameters");
	assert_refused(ibake_call_start(en, ALICE, BOB, &to, 0, NULL, &id, &e), e, EINVAL, "media");
	assert_refused(ibake_call_start(en, ALICE, BOB, &to, 9, NULL, &id, &e), e, EINVAL, "media");
	ibake_policy_init(&p);
	p.curve = MIKEY_CURVE_P192;
	assert_refused(ibake_call_start(en, ALICE, BOB, &to, 1, &p, &id, &e), e, EINVAL, "curve");
	ibake_policy_init(&p);
	p.prf = 7;
	assert_refused(ibake_call_start(en, ALICE, BOB, &to, 1, &p, &id, &e), e, EINVAL, "PRF");
	ibake_policy_init(&p);
	p.suites[0] = "ROT13";
	assert_refused(ibake_call_start(en, ALICE, BOB, &to, 1, &p, &id, &e), e, EINVAL, "ROT13");
	r->now = DAY + 31 * 86400;
	assert_refused(ibake_call_start(en, ALICE, BOB, &to, 1, NULL, &id, &e), e, ERANGE, "");
	assert_int_equal(ibake_call_next(en, 0), 0);
	assert_int_equal(r->n, 0);
	to.len = IBAKE_ADDR_MAX + 1;
	assert_refused(ibake_call_start(en, ALICE, BOB, &to, 1, NULL, &id, &e), e, EINVAL, "address");
	assert_refused(ibake_input(en, &to, (const uint8_t *)"x", 1, &e), e, EINVAL, "address");
	assert_int_equal(ibake_call_drop(en, 1), -ENOENT);
	assert_int_equal(ibake_call_confirm(en, 1), -ENOENT);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_media_lines),
		cmocka_unit_test(test_midnight),
		cmocka_unit_test(test_spelling),
		cmocka_unit_test(test_start_refused),
	};

	return run_tests(tests);
}
