// SPDX-License-Identifier: GPL-2.0-or-later
/* What others may not do to a call: spoofed sources, floods of I_MESSAGE_1, forged hints. */
#include "ibake_rig.h"

#include "base/bytes.h"

static int i1_from(struct rig *r, int from, struct err *e)
{
	struct letter l;
	int ret;

	rig_call(r, NULL);
	l = rig_take(r);
	l.from = rig_peer(from);
	ret = rig_deliver(r, &l, e);
	buf_free(&l.msg);
	if (r->n)
		rig_drop(r); /* R_MESSAGE_1 */
	ibake_call_drop(r->side[0]->en, r->side[0]->call);
	return ret;
}

/* I_MESSAGE_1 under the peer's address, as many as its bucket holds: its answers still count. */
static void test_spoofed_source(void **state)
{
	struct ibake_peer alice = rig_peer(0);
	struct ibake_config c;
	struct letter l, answer;
	struct err e = ERR_INIT;
	struct rig *r;

	ibake_config_init(&c);
	c.bucket_rate = 1;
	c.bucket_burst = 1;
	r = rig_new_config(512, &c);
	rig_call(r, NULL);
	rig_pass(r, 1);
	answer = rig_take(r); /* R_MESSAGE_1 */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ibake_call_start(r->side[2]->en, CAROL, ALICE, &alice, 1, NULL,
						  NULL, &e), 0);
		l = rig_take(r);
		l.from = rig_peer(1);
		assert_int_equal(rig_deliver(r, &l, &e), i ? -EBUSY : 0);
		buf_free(&l.msg);
		if (!i)
			rig_drop(r); /* R_MESSAGE_1 to Bob, of a call that he knows nothing of */
	}
	if (rig_deliver(r, &answer, &e))
		fail_msg("%s", e.msg);
	buf_free(&answer.msg);
	/* The other way: Bob has no token left for I_MESSAGE_1 of Alice, and takes I_MESSAGE_2. */
	rig_pass(r, 2);
	rig_same_keys(r);
	rig_free(r);
}

/* Who is refused for sending too much does not end somebody else's exchange first. */
static void test_refused_evicts_nobody(void **state)
{
	struct ibake_config c;
	struct err e = ERR_INIT;
	struct rig *r;

	ibake_config_init(&c);
	c.max_half_open = 1;
	c.bucket_rate = 0;
	c.bucket_burst = 1;
	r = rig_new_config(512, &c);
	assert_int_equal(i1_from(r, 10, &e), 0);
	r->mono += c.evict_ms;
	assert_int_equal(i1_from(r, 10, &e), -EBUSY);
	assert_int_equal(r->side[1]->events[IBAKE_EV_FAILED], 0);
	assert_int_equal(i1_from(r, 11, &e), 0);
	assert_int_equal(r->side[1]->events[IBAKE_EV_FAILED], 1);
	rig_free(r);
}

/* Exchanges that anybody can begin do not take all places of calls. */
static void test_half_open_at_the_limit(void **state)
{
	struct ibake_peer alice = rig_peer(0);
	struct ibake_config c;
	struct err e = ERR_INIT;
	struct rig *r;

	ibake_config_init(&c);
	c.max_calls = 2;
	r = rig_new_config(512, &c);
	assert_int_equal(i1_from(r, 10, &e), 0);
	assert_int_equal(i1_from(r, 11, &e), 0);
	assert_int_equal(i1_from(r, 12, &e), -EMFILE);
	r->mono += c.evict_ms;
	assert_int_equal(i1_from(r, 12, &e), 0);
	assert_int_equal(r->side[1]->events[IBAKE_EV_FAILED], 1);
	assert_int_equal(ibake_call_start(r->side[1]->en, BOB, ALICE, &alice, 1, NULL, NULL, &e), 0);
	assert_int_equal(r->side[1]->events[IBAKE_EV_FAILED], 2);
	rig_free(r);
}

/* T sets the period, whatever a hint says and whoever has a key for that. */
static void test_hint_of_another_day(void **state)
{
	struct rig *r = rig_new();
	const struct mikey_payload *p;
	struct mikey_msg m;
	struct letter l;

	r->side[1]->ignore_hint = true;
	rig_call(r, NULL);
	l = rig_take(r);
	assert_int_equal(mikey_parse(l.msg.data, l.msg.len, &m, NULL), 0);
	p = mikey_find_ext(&m.chain, MIKEY_EXT_HINT, 0);
	/* Next payload, type and length, serial, then the start of the period: one day on. */
	put_be64(l.msg.data + p->off + 4 + 8, (uint64_t)(DAY + 86400));
	rig_refuses(r, &l, &l.msg, EPROTO, "another period");
	put_be64(l.msg.data + p->off + 4 + 8, (uint64_t)DAY);
	assert_int_equal(rig_deliver(r, &l, NULL), 0);
	buf_free(&l.msg);
	rig_pass(r, 3);
	rig_same_keys(r);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spoofed_source),
		cmocka_unit_test(test_refused_evicts_nobody),
		cmocka_unit_test(test_half_open_at_the_limit),
		cmocka_unit_test(test_hint_of_another_day),
	};

	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
