// SPDX-License-Identifier: GPL-2.0-or-later
/* Time, loss, order, limits and dropped calls, on a network and clocks that the test holds. */
#include "ibake_rig.h"

/* Lets @ms pass in steps of at most 100 ms, ticking both sides. */
static void pass_time(struct rig *r, uint64_t ms)
{
	while (ms) {
		uint64_t step = ms < 100 ? ms : 100;

		r->mono += step;
		ms -= step;
		for (int i = 0; i < 3; i++)
			ibake_tick(r->side[i]->en);
	}
}

static void test_retransmission(void **state)
{
	/* When I_MESSAGE_1 goes out, in ms from the start (RFC 6267 leaves it open). */
	static const uint64_t at[] = { 500, 1500, 3500, 7500, 15500 };
	struct rig *r = rig_new();
	struct side *a = r->side[0];
	uint64_t t = 0;

	rig_call(r, NULL);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(ibake_deadline(a->en), at[i] - t);
		r->mono += at[i] - t - 1;
		ibake_tick(a->en);
		assert_int_equal(a->resends, i);
		r->mono += 1;
		ibake_tick(a->en);
		assert_int_equal(a->resends, i + 1);
		t = at[i];
		/* The same octets each time. */
		assert_int_equal(r->q[i + 1].msg.len, r->q[0].msg.len);
		assert_memory_equal(r->q[i + 1].msg.data, r->q[0].msg.data, r->q[0].msg.len);
	}
	assert_int_equal(ibake_deadline(a->en), 32000 - t);
	r->mono += 32000 - t - 1;
	ibake_tick(a->en);
	assert_int_equal(a->events[IBAKE_EV_FAILED], 0);
	r->mono += 1;
	assert_true(ibake_tick(a->en) == IBAKE_NO_DEADLINE);
	assert_int_equal(a->events[IBAKE_EV_FAILED], 1);
	assert_int_equal(a->last_failed.code, ETIMEDOUT);
	assert_non_null(strstr(a->last_failed.msg, "no good answer to I_MESSAGE_1 within 32 s"));
	assert_true(rig_gone(a));
	assert_int_equal(a->keys_out, 0);
	assert_int_equal(a->resends, 5);
	rig_free(r);
}

/* Why the last answer was refused is part of why the call failed. */
static void test_timeout_tells_refusal(void **state)
{
	struct rig *r = rig_new();

	rig_call(r, NULL);
	rig_pass(r, 1);
	r->q[0].msg.data[r->q[0].msg.len - 1] ^= 1;
	rig_step(r, NULL);
	pass_time(r, 32000);
	assert_non_null(strstr(r->side[0]->last_failed.msg, "does not open with the key of " ALICE));
	assert_true(rig_gone(r->side[0]));
	/* The Responder waits on for I_MESSAGE_2, but not for ever. */
	while (r->n)
		rig_drop(r);
	assert_int_equal(rig_state(r->side[1]), IBAKE_ST_WAIT_I2);
	pass_time(r, 32000);
	assert_true(rig_gone(r->side[1]));
	assert_non_null(strstr(r->side[1]->last_failed.msg, "no good I_MESSAGE_2 within 64 s"));
	assert_int_equal(r->side[1]->keys_out, 0);
	rig_free(r);
}

/* Each message lost once: retransmission brings the call through. */
static void test_each_lost(void **state)
{
	for (unsigned int n = 0; n < 4; n++) {
		struct rig *r = rig_new();
		struct ibake_stats st;

		rig_call(r, NULL);
		rig_pass(r, n);
		rig_drop(r);
		assert_int_equal(r->n, 0);
		pass_time(r, 500);
		assert_int_equal(r->n, 1);
		while (r->n)
			rig_step(r, NULL);
		rig_same_keys(r);
		ibake_stats(r->side[1]->en, &st);
		/* A lost answer was given again from the cache, not computed again. */
		assert_int_equal(st.repeats_answered, n % 2);
		assert_int_equal(st.jobs, 3);
		rig_free(r);
	}
}

/* Every message twice: one answer is computed, and one call is keyed. */
static void test_duplicated(void **state)
{
	struct rig *r = rig_new();
	unsigned int steps = 0;

	rig_call(r, NULL);
	while (r->n) {
		struct letter l = rig_take(r);

		rig_deliver(r, &l, NULL);
		if (steps++ < 40)
			rig_deliver(r, &l, NULL);
		buf_free(&l.msg);
	}
	rig_same_keys(r);
	rig_free(r);
}

/* A repetition from another address gets nothing. */
static void test_repeat_from_elsewhere(void **state)
{
	struct rig *r = rig_new();
	struct letter l;

	rig_call(r, NULL);
	l = rig_take(r);
	assert_int_equal(rig_deliver(r, &l, NULL), 0);
	rig_drop(r);
	l.from = rig_peer(2);
	assert_int_equal(rig_deliver(r, &l, NULL), -EEXIST);
	assert_int_equal(r->n, 0);
	l.from = rig_peer(0);
	assert_int_equal(rig_deliver(r, &l, NULL), 0);
	assert_int_equal(r->n, 1);
	buf_free(&l.msg);
	rig_pass(r, 3);
	rig_same_keys(r);
	rig_free(r);
}

/* Random loss, repetition and order, from fixed seeds. Either both sides have the same keys, or
 * none has, or only the Responder has and gives them up.
 */
static void test_bad_network(void **state)
{
	unsigned int both = 0, neither = 0, half = 0;

	for (unsigned int seed = 1; seed <= 60; seed++) {
		struct rig *r = rig_new();
		uint64_t x = seed;

		rig_call(r, NULL);
		for (unsigned int ms = 0; ms < 100000; ms += 100) {
			pass_time(r, 100);
			while (r->n) {
				struct letter l;
				unsigned int i, dice;

				x = x * 6364136223846793005u + 1442695040888963407u;
				dice = (unsigned int)(x >> 33) % 100;
				i = (unsigned int)(x >> 40) % r->n;
				/* Bring the chosen one to the front. */
				l = r->q[i];
				r->q[i] = r->q[0];
				r->q[0] = l;
				l = rig_take(r);
				if (dice >= seed % 90) /* up to 89 of 100 are lost */
					rig_deliver(r, &l, NULL);
				if (dice >= 80 && r->n < QUEUE - 8)
					rig_deliver(r, &l, NULL);
				buf_free(&l.msg);
				if (dice % 3 == 0)
					break; /* the rest waits */
			}
		}
		assert_true(r->side[0]->keyed <= 1 && r->side[1]->keyed <= 1);
		if (r->side[0]->keyed) {
			rig_same_keys(r);
			both++;
		} else if (r->side[1]->keyed) {
			assert_true(rig_gone(r->side[1]));
			half++;
		} else {
			neither++;
		}
		assert_int_equal(r->side[0]->keys_out + r->side[1]->keys_out, 0);
		rig_free(r);
	}
	print_message("# 60 calls: %u keyed, %u not, %u given up by the Responder\n", both, neither,
		      half);
	assert_true(both > 20);
}

static void test_provisional(void **state)
{
	struct rig *r = rig_new();
	struct side *b = r->side[1];

	/* R_MESSAGE_2 is lost for ever: the Responder gives its keys up. */
	rig_call(r, NULL);
	rig_pass(r, 3);
	rig_drop(r);
	assert_int_equal(b->keyed, 1);
	assert_int_equal(rig_state(b), IBAKE_ST_PROVISIONAL);
	r->mono += 39999;
	ibake_tick(b->en);
	assert_int_equal(b->events[IBAKE_EV_FAILED], 0);
	r->mono += 1;
	ibake_tick(b->en);
	assert_int_equal(b->events[IBAKE_EV_FAILED], 1);
	assert_non_null(strstr(b->last_failed.msg, "no authentic media of " ALICE));
	assert_true(rig_gone(b));
	rig_free(r);

	/* Media came: they stay. */
	r = rig_new();
	b = r->side[1];
	rig_call(r, NULL);
	rig_pass(r, 1);
	assert_int_equal(ibake_call_confirm(b->en, b->call), -EAGAIN);
	rig_pass(r, 3);
	assert_int_equal(ibake_call_confirm(b->en, b->call), 0);
	assert_int_equal(b->events[IBAKE_EV_CONFIRMED], 1);
	assert_int_equal(ibake_call_confirm(b->en, b->call), 0);
	assert_int_equal(b->events[IBAKE_EV_CONFIRMED], 1);
	assert_int_equal(ibake_call_confirm(r->side[0]->en, r->side[0]->call), 0);
	pass_time(r, 200000);
	assert_int_equal(rig_state(b), IBAKE_ST_ESTABLISHED);
	assert_int_equal(rig_state(r->side[0]), IBAKE_ST_ESTABLISHED);
	assert_true(ibake_deadline(b->en) == IBAKE_NO_DEADLINE);
	rig_free(r);
}

/* Starts a call of Alice's and hands it to Bob as if it came from address @from. */
static int call_from(struct rig *r, int from, struct err *e)
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

static void test_token_bucket(void **state)
{
	struct ibake_config c;
	struct ibake_stats st;
	struct err e = ERR_INIT;
	struct rig *r;

	ibake_config_init(&c);
	c.bucket_rate = 2;
	c.bucket_burst = 3;
	r = rig_new_config(512, &c);
	for (int i = 0; i < 3; i++)
		assert_int_equal(call_from(r, 10, &e), 0);
	assert_refused(call_from(r, 10, &e), e, EBUSY, "more than may be decrypted");
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.bucket_refusals, 1);
	assert_int_equal(st.jobs, 6); /* the refused one cost none */
	/* Others are not touched by it. */
	assert_int_equal(call_from(r, 11, &e), 0);
	/* Half a second brings one token, not more. */
	r->mono += 499;
	assert_int_equal(call_from(r, 10, &e), -EBUSY);
	r->mono += 1;
	assert_int_equal(call_from(r, 10, &e), 0);
	assert_int_equal(call_from(r, 10, &e), -EBUSY);
	/* And a long time no more than the burst. */
	r->mono += 60000;
	for (int i = 0; i < 3; i++)
		assert_int_equal(call_from(r, 10, &e), 0);
	assert_int_equal(call_from(r, 10, &e), -EBUSY);
	rig_free(r);
}

static void test_bucket_sources(void **state)
{
	struct buckets *b = ibake_buckets_new(4, 1, 2);
	struct ibake_peer p = rig_peer(0);
	unsigned int passed = 0;

	/* Four places; who finds none shares one bucket with the others like him. */
	for (uint8_t i = 0; i < 100; i++) {
		p.octets[4] = i;
		passed += ibake_buckets_take(b, &p, 1000);
	}
	assert_int_equal(passed, 4 + 2);
	/* The port does not count: it is the address that pays. */
	ibake_buckets_free(b);
	b = ibake_buckets_new(4, 1, 2);
	p.octets[6] = 1;
	assert_true(ibake_buckets_take(b, &p, 1000));
	p.octets[6] = 2;
	assert_true(ibake_buckets_take(b, &p, 1000));
	p.octets[6] = 3;
	assert_false(ibake_buckets_take(b, &p, 1000));
	/* A clock that goes back gives nothing and breaks nothing. */
	assert_false(ibake_buckets_take(b, &p, 500));
	ibake_buckets_free(b);
}

static void test_half_open(void **state)
{
	struct ibake_config c;
	struct ibake_stats st;
	struct err e = ERR_INIT;
	struct rig *r;

	ibake_config_init(&c);
	c.max_half_open = 3;
	r = rig_new_config(512, &c);
	for (int i = 0; i < 3; i++)
		assert_int_equal(call_from(r, 10 + i, &e), 0);
	assert_refused(call_from(r, 20, &e), e, EMFILE, "half open");
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.half_open, 3);
	assert_int_equal(st.half_open_refusals, 1);
	/* A moment later the oldest makes room. */
	r->mono += 4000;
	assert_int_equal(call_from(r, 21, &e), 0);
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.half_open, 3);
	assert_int_equal(r->side[1]->events[IBAKE_EV_FAILED], 1);
	assert_non_null(strstr(r->side[1]->last_failed.msg, "oldest"));
	pass_time(r, 64000);
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.half_open, 0);
	assert_int_equal(st.calls, 0);
	assert_int_equal(r->side[1]->keys_out, 0);
	rig_free(r);
}

static void test_max_calls(void **state)
{
	struct ibake_config c;
	struct ibake_peer to = rig_peer(1);
	struct err e = ERR_INIT;
	struct rig *r;

	ibake_config_init(&c);
	c.max_calls = 1;
	r = rig_new_config(512, &c);
	rig_call(r, NULL);
	assert_refused(ibake_call_start(r->side[0]->en, ALICE, BOB, &to, 1, NULL, NULL, &e), e, EMFILE,
		       "1 calls already");
	rig_pass(r, 4);
	rig_same_keys(r);
	ibake_call_drop(r->side[0]->en, r->side[0]->call);
	rig_call(r, NULL);
	assert_refused(rig_step(r, &e), e, EMFILE, "1 calls already");
	rig_free(r);
}

static void test_replay_bound(void **state)
{
	struct ibake_config c;
	struct ibake_stats st;
	struct err e = ERR_INIT;
	struct rig *r;

	ibake_config_init(&c);
	c.replay_max = 4;
	r = rig_new_config(512, &c);
	for (int i = 0; i < 4; i++)
		assert_int_equal(call_from(r, 10, &e), 0);
	assert_refused(call_from(r, 10, &e), e, ENOBUFS, "replay cache is full");
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.replay_entries, 4);
	assert_int_equal(st.replay_full, 1);
	/* Entries go when their T has left the window, with the reserve for a clock that is set. */
	r->now += 602;
	r->mono += 602000;
	assert_int_equal(call_from(r, 10, &e), 0);
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.replay_entries, 1);
	rig_free(r);
}

static void test_replay_cache(void **state)
{
	struct replay *c = ibake_replay_new(100);
	uint8_t d[DIGEST_LEN] = { 0 };

	for (unsigned int i = 0; i < 100; i++) {
		d[0] = (uint8_t)i;
		assert_false(ibake_replay_seen(c, d, 0));
		assert_true(ibake_replay_add(c, d, 1000 + i, 0));
		assert_true(ibake_replay_seen(c, d, 0));
	}
	d[0] = 100;
	assert_false(ibake_replay_add(c, d, 2000, 0));
	assert_false(ibake_replay_add(c, d, 2000, 999));
	assert_true(ibake_replay_add(c, d, 2000, 1000)); /* one has expired */
	d[0] = 0;
	assert_false(ibake_replay_seen(c, d, 1000));
	d[0] = 1;
	assert_true(ibake_replay_seen(c, d, 1000));
	assert_int_equal(ibake_replay_count(c), 100);
	ibake_replay_free(c);
}

/* Jobs come back when their call, or the whole engine, is gone. */
static void test_dropped_while_busy(void **state)
{
	for (unsigned int jobs = 0; jobs < 5; jobs++)
		for (int whole = 0; whole < 2; whole++) {
			struct rig *r = rig_new();
			unsigned int done = 0, stuck = 0;
			struct side *busy;

			r->hold_jobs = true;
			rig_call(r, NULL);
			while (done < jobs) {
				if (r->jobs) {
					struct ibake_job *j = r->jobs;

					r->jobs = j->next;
					j->run(j);
					j->done(j);
					done++;
				} else if (r->n) {
					rig_step(r, NULL);
				} else {
					break;
				}
				assert_true(stuck++ < 100);
			}
			while (r->n && !r->jobs)
				rig_step(r, NULL);
			/* Whose job it is, he drops. */
			busy = r->side[jobs == 1 || jobs == 2 || jobs >= 5];
			if (whole) {
				ibake_engine_free(r->side[0]->en);
				ibake_engine_free(r->side[1]->en);
				rig_run_jobs(r);
				assert_int_equal(r->side[0]->keys_out + r->side[1]->keys_out, 0);
				r->side[0]->en = r->side[1]->en = NULL;
			} else {
				ibake_call_drop(busy->en, busy->call);
				ibake_call_drop(r->side[0]->en, r->side[0]->call);
				rig_run_jobs(r);
				assert_true(rig_gone(r->side[0]));
				assert_int_equal(r->side[0]->keyed, 0);
			}
			r->hold_jobs = false;
			rig_free(r);
		}
}

/* Messages that come while a job is out wait for their repetition. */
static void test_busy(void **state)
{
	struct rig *r = rig_new();
	struct letter l;

	rig_call(r, NULL);
	l = rig_take(r);
	r->hold_jobs = true;
	assert_int_equal(rig_deliver(r, &l, NULL), 0);
	assert_int_equal(rig_deliver(r, &l, NULL), -EALREADY);
	assert_int_equal(r->side[1]->events[IBAKE_EV_INCOMING], 0);
	/* The same IBAKE payload in another message costs nothing either. */
	l.msg.data[5] ^= 1;
	assert_int_equal(rig_deliver(r, &l, NULL), -EEXIST);
	l.msg.data[5] ^= 1;
	buf_free(&l.msg);
	while (!r->n)
		rig_run_jobs(r);
	r->hold_jobs = false;
	rig_pass(r, 3);
	rig_same_keys(r);
	rig_free(r);
}

/* A callback may drop the call that it is told of. */
static void test_drop_in_event(void **state)
{
	for (int side = 0; side < 2; side++)
		for (int kind = 0; kind <= IBAKE_EV_FAILED; kind++) {
			struct rig *r = rig_new();

			r->side[side]->drop_on[kind] = true;
			rig_call(r, NULL);
			while (r->n)
				rig_step(r, NULL);
			if (r->side[side]->events[kind])
				assert_true(rig_gone(r->side[side]));
			pass_time(r, 100000);
			assert_int_equal(r->side[0]->keys_out + r->side[1]->keys_out, 0);
			rig_free(r);
		}
}

/* Keys reach this side before the peer can know that it may send. */
static void test_keyed_before_r2(void **state)
{
	struct rig *r = rig_new();

	r->side[1]->drop_on[IBAKE_EV_KEYED] = true;
	rig_call(r, NULL);
	rig_pass(r, 3);
	assert_int_equal(r->side[1]->keyed, 1);
	assert_int_equal(r->n, 0); /* no R_MESSAGE_2 for keys that could not be installed */
	rig_free(r);
}

static void test_many_calls(void **state)
{
	struct rig *r = rig_new();
	struct ibake_stats st;
	uint64_t last = 0;

	for (int i = 0; i < 15; i++) {
		rig_call(r, NULL);
		assert_true(r->side[0]->call > last); /* no number comes twice */
		last = r->side[0]->call;
		rig_pass(r, 4);
		r->mono += 1000;
	}
	ibake_stats(r->side[0]->en, &st);
	assert_int_equal(st.calls_started, 15);
	assert_int_equal(st.calls_keyed, 15);
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.calls_incoming, 15);
	assert_int_equal(st.calls_keyed, 15);
	assert_int_equal(st.replay_entries, 15);
	rig_free(r);
}

static void test_names(void **state)
{
	for (int i = 0; i <= IBAKE_ST_ESTABLISHED; i++)
		assert_true(strcmp(ibake_state_name((enum ibake_state)i), "unknown"));
	assert_string_equal(ibake_state_name((enum ibake_state)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retransmission),
		cmocka_unit_test(test_timeout_tells_refusal),
		cmocka_unit_test(test_each_lost),
		cmocka_unit_test(test_duplicated),
		cmocka_unit_test(test_repeat_from_elsewhere),
		cmocka_unit_test(test_bad_network),
		cmocka_unit_test(test_provisional),
		cmocka_unit_test(test_token_bucket),
		cmocka_unit_test(test_bucket_sources),
		cmocka_unit_test(test_half_open),
		cmocka_unit_test(test_max_calls),
		cmocka_unit_test(test_replay_bound),
		cmocka_unit_test(test_replay_cache),
		cmocka_unit_test(test_dropped_while_busy),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_drop_in_event),
		cmocka_unit_test(test_keyed_before_r2),
		cmocka_unit_test(test_many_calls),
		cmocka_unit_test(test_names),
	};

	return run_tests(tests);
}
