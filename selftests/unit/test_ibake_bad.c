// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages that are wrong: each is refused with a sentence that says why, changes nothing, and the
 * right message still gets through afterwards.
 */
#include "ibake_rig.h"

#include "base/bytes.h"

/* Attackers are not slowed down here. */
static struct rig *rig_open_gate(void)
{
	struct ibake_config c;

	ibake_config_init(&c);
	c.bucket_rate = 1000000;
	c.bucket_burst = 1000000;
	return rig_new_config(512, &c);
}

static void finish(struct rig *r, struct letter *l, unsigned int passed)
{
	struct err e = ERR_INIT;

	if (rig_deliver(r, l, &e))
		fail_msg("the right message: %s", e.msg);
	buf_free(&l->msg);
	rig_pass(r, 3 - passed);
	rig_same_keys(r);
}

/* A call up to where message @n is on the network and in nobody's hands yet. */
static struct rig *upto(unsigned int n, struct letter *l)
{
	struct rig *r = rig_open_gate();

	rig_call(r, NULL);
	rig_pass(r, n);
	*l = rig_take(r);
	return r;
}

static void test_truncated(void **state)
{
	for (unsigned int n = 0; n < 4; n++) {
		struct letter l;
		struct rig *r = upto(n, &l);
		struct side *s = r->side[l.to];
		struct ibake_call_info before, after;

		rig_snapshot(s, &before);
		for (size_t len = 0; len < l.msg.len; len++) {
			uint8_t *cut = malloc(len ? len : 1); /* so that ASan sees its end */
			struct err e = ERR_INIT;

			memcpy(cut, l.msg.data, len);
			assert_int_not_equal(ibake_input(s->en, &l.from, cut, len, &e), 0);
			assert_true(e.code && e.msg[0]);
			free(cut);
			rig_snapshot(s, &after);
			assert_memory_equal(&before, &after, sizeof(before));
			assert_int_equal(r->n, 0);
		}
		assert_int_equal(s->events[IBAKE_EV_REFUSED], l.msg.len);
		finish(r, &l, n);
		rig_free(r);
	}
}

/*
 * One octet changed. Most are refused where they arrive. Of the clear part of I_MESSAGE_1 and
 * R_MESSAGE_1 the receiver cannot know, but then the binding finds out: no side ever gets keys.
 */
static void mutate(unsigned int n, uint8_t flip)
{
	unsigned int refused = 0, later = 0;
	struct letter l = { 0 };
	struct rig *r = NULL;
	size_t len;

	for (size_t at = 0; !r || at < len; at++) {
		struct ibake_call_info before, after;
		struct side *s;

		if (!r)
			r = upto(n, &l);
		len = l.msg.len;
		s = r->side[l.to];
		rig_snapshot(s, &before);
		l.msg.data[at] ^= flip;
		rig_deliver(r, &l, NULL);
		l.msg.data[at] ^= flip;
		if (!r->n) {
			rig_snapshot(s, &after);
			assert_memory_equal(&before, &after, sizeof(before));
			refused++;
			continue;
		}
		assert_true(n < 2);
		while (r->n)
			rig_step(r, NULL);
		assert_int_equal(r->side[0]->keyed + r->side[1]->keyed, 0);
		later++;
		buf_free(&l.msg);
		rig_free(r);
		r = NULL;
		if (at + 1 == len)
			break;
	}
	print_message("# %s: %u octets refused at once, %u later\n",
		      mikey_type_name((uint8_t)(MIKEY_I_MESSAGE_1 + n)), refused, later);
	assert_int_equal(refused + later, len);
	if (r) {
		finish(r, &l, n);
		rig_free(r);
	}
}

static void test_mutated_i1(void **state)
{
	mutate(I1, 0x01);
	mutate(I1, 0x80);
}

static void test_mutated_r1(void **state)
{
	mutate(R1, 0x01);
	mutate(R1, 0x80);
}

static void test_mutated_i2(void **state)
{
	mutate(I2, 0x01);
	mutate(I2, 0x80);
}

static void test_mutated_r2(void **state)
{
	for (unsigned int bit = 0; bit < 8; bit++)
		mutate(R2, (uint8_t)(1 << bit));
}

/* Where in an IBAKE plaintext the ECCPT number @nth starts. */
static size_t eccpt_at(const struct buf *plain, unsigned int nth)
{
	struct mikey_chain *c = malloc(sizeof(*c));
	size_t off;

	assert_int_equal(mikey_parse_chain(MIKEY_IDR, plain->data, plain->len, c, NULL), 0);
	off = mikey_chain_find(c, MIKEY_ECCPT, nth)->off;
	free(c);
	return off;
}

/* The message with octet @at of ECCPT number @nth changed to @value, sealed again for @uri. */
static void forge_point(struct rig *r, struct buf *msg, const char *uri, unsigned int nth, size_t at,
			uint8_t value)
{
	struct buf plain = BUF_INIT;

	assert_int_equal(rig_open(r, msg, uri, &plain), 0);
	plain.data[eccpt_at(&plain, nth) + at] = value;
	rig_reseal(r, msg, &plain, uri);
	buf_free(&plain);
}

static struct buf copy(const struct buf *b)
{
	struct buf c = BUF_INIT;

	buf_put(&c, b->data, b->len);
	return c;
}

static void test_curves(void **state)
{
	static const uint8_t unknown[] = { 0, 1, 2, 5, 7, 10, 16, 17, 240, 255 };

	for (unsigned int n = 0; n < 2; n++) {
		const char *to = n ? ALICE : BOB;
		struct letter l;
		struct rig *r = upto(n, &l);

		for (size_t i = 0; i < sizeof(unknown); i++) {
			struct buf m = copy(&l.msg);

			forge_point(r, &m, to, n, 1, unknown[i]);
			rig_refuses(r, &l, &m, EPROTONOSUPPORT, "curve");
			buf_free(&m);
		}
		finish(r, &l, n);
		rig_free(r);
	}
}

static void test_point_off_curve(void **state)
{
	for (unsigned int n = 0; n < 2; n++) {
		const char *to = n ? ALICE : BOB;
		struct letter l;
		struct rig *r = upto(n, &l);
		struct buf m = copy(&l.msg), plain = BUF_INIT;

		assert_int_equal(rig_open(r, &m, to, &plain), 0);
		forge_point(r, &m, to, n, 2 + 64, plain.data[eccpt_at(&plain, n) + 2 + 64] ^ 1);
		rig_refuses(r, &l, &m, EBADMSG, "not on curve");
		/* x = y = 0 stands for no point of P-256. */
		memset(plain.data + eccpt_at(&plain, n) + 3, 0, 64);
		rig_reseal(r, &m, &plain, to);
		rig_refuses(r, &l, &m, EBADMSG, "not on curve");
		/* Above the field's prime. */
		memset(plain.data + eccpt_at(&plain, n) + 3, 0xff, 64);
		rig_reseal(r, &m, &plain, to);
		rig_refuses(r, &l, &m, EBADMSG, "not on curve");
		buf_free(&plain);
		/* Compressed, and padding that is not zero. */
		buf_free(&m);
		m = copy(&l.msg);
		forge_point(r, &m, to, n, 2, 0x02);
		rig_refuses(r, &l, &m, EPROTO, "uncompressed");
		buf_free(&m);
		m = copy(&l.msg);
		forge_point(r, &m, to, n, 2 + 65, 1);
		rig_refuses(r, &l, &m, EPROTO, "adding");
		buf_free(&m);
		finish(r, &l, n);
		rig_free(r);
	}
}

static void test_wrong_day(void **state)
{
	struct letter l;
	struct rig *r = upto(I1, &l);

	/* The hint saves the pairing, */
	r->side[1]->key_shift = 86400;
	rig_refuses(r, &l, &l.msg, ENOENT, "no private key of " BOB);
	/* and without it yesterday's key does not open the message. */
	r->side[1]->ignore_hint = true;
	rig_refuses(r, &l, &l.msg, EBADMSG, "does not open with the key of " BOB);
	r->side[1]->key_shift = -86400;
	rig_refuses(r, &l, &l.msg, EBADMSG, "does not open with the key of " BOB);
	r->side[1]->key_shift = 0;
	finish(r, &l, I1);
	rig_free(r);
}

/* A store that gives whatever key the hint asks for: T decides all the same. */
static void test_wrong_hint(void **state)
{
	struct letter l;
	struct rig *r = upto(I1, &l);
	struct mikey_msg m;
	uint8_t *hint;

	assert_int_equal(mikey_parse(l.msg.data, l.msg.len, &m, NULL), 0);
	hint = l.msg.data + mikey_find_ext(&m.chain, MIKEY_EXT_HINT, 0)->off + 4;
	r->side[1]->ignore_hint = true;
	put_be64(hint + 8, DAY - 86400);
	rig_refuses(r, &l, &l.msg, EPROTO, "hint names another period");
	put_be64(hint + 8, DAY);
	r->side[1]->ignore_hint = false;
	/* Another serial, another district. */
	put_be64(hint, 5);
	rig_refuses(r, &l, &l.msg, ENOENT, "hint");
	put_be64(hint, 4);
	hint[16] ^= 1;
	rig_refuses(r, &l, &l.msg, ENOENT, "hint");
	hint[16] = ' ';
	rig_refuses(r, &l, &l.msg, EPROTO, "district that is not a URI");
	hint[16] = 'h';
	finish(r, &l, I1);
	rig_free(r);
}

static void test_wrong_person(void **state)
{
	struct letter l;
	struct rig *r = upto(I1, &l);

	r->side[1]->key_of = CAROL;
	rig_refuses(r, &l, &l.msg, EBADMSG, "does not open");
	r->side[1]->key_of = NULL;
	finish(r, &l, I1);
	rig_free(r);
}

static void test_replay(void **state)
{
	struct letter l, again;
	struct rig *r = upto(I1, &l);
	struct ibake_stats st;

	again = (struct letter){ l.from, l.to, copy(&l.msg) };
	finish(r, &l, I1);
	/* While the call lives, from its own address: nothing to say. */
	assert_int_equal(rig_deliver(r, &again, NULL), -EALREADY);
	assert_int_equal(r->n, 0);
	/* From elsewhere. */
	again.from = rig_peer(2);
	rig_refuses(r, &again, &again.msg, EEXIST, "replay");
	/* When the call is gone, from its own address too. */
	again.from = rig_peer(0);
	assert_int_equal(ibake_call_drop(r->side[1]->en, r->side[1]->call), 0);
	rig_refuses(r, &again, &again.msg, EEXIST, "replay");
	/* With another CSB ID in front of the same IBAKE payload. */
	again.msg.data[4] ^= 1;
	rig_refuses(r, &again, &again.msg, EEXIST, "replay");
	again.msg.data[4] ^= 1;
	/* When T has left the window, T refuses it: it need not be remembered. */
	r->now += 301;
	r->mono += 301000;
	rig_refuses(r, &again, &again.msg, ERANGE, "timestamp");
	r->now += 600;
	r->mono += 600000;
	rig_refuses(r, &again, &again.msg, ERANGE, "timestamp");
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.replays, 3);
	assert_int_equal(st.calls, 0);
	/* Another call goes through. */
	ibake_call_drop(r->side[0]->en, r->side[0]->call);
	r->side[0]->keyed = r->side[1]->keyed = 0;
	rig_call(r, NULL);
	rig_pass(r, 4);
	rig_same_keys(r);
	buf_free(&again.msg);
	rig_free(r);
}

/* R_MESSAGE_1 by somebody who could not open I_MESSAGE_1. */
static void test_foreign_eccpti(void **state)
{
	struct letter l;
	struct rig *r = upto(R1, &l);
	struct buf m = copy(&l.msg), plain = BUF_INIT;
	uint8_t x[SCALAR_MAX], other[POINT_MAX], y[POINT_MAX];
	struct plain_point pti = { MIKEY_CURVE_P256, other, NULL };
	struct plain_point ptr = { MIKEY_CURVE_P256, y, (const uint8_t *)"mki4" };

	ibake_ecdh_generate(MIKEY_CURVE_P256, rig_secret_random, NULL, x, other);
	ibake_ecdh_generate(MIKEY_CURVE_P256, rig_secret_random, NULL, x, y);
	ibake_plain_write(&plain, ALICE, &pti, BOB, &ptr, NULL, 0, NULL);
	rig_reseal(r, &m, &plain, ALICE);
	rig_refuses(r, &l, &m, EBADMSG, "ECCPTi of R_MESSAGE_1 is not the one sent");
	/* None at all: what a mailbox would send. */
	buf_reset(&plain);
	ibake_plain_write(&plain, ALICE, NULL, BOB, &ptr, NULL, 0, NULL);
	rig_reseal(r, &m, &plain, ALICE);
	rig_refuses(r, &l, &m, ENOKEY, "no ECCPTi");
	/* On another curve than ours. */
	buf_reset(&plain);
	pti.curve = MIKEY_CURVE_P384;
	ibake_ecdh_generate(MIKEY_CURVE_P384, rig_secret_random, NULL, x, other);
	ibake_plain_write(&plain, ALICE, &pti, BOB, &ptr, NULL, 0, NULL);
	rig_reseal(r, &m, &plain, ALICE);
	rig_refuses(r, &l, &m, EBADMSG, "ECCPTi");
	buf_free(&plain);
	buf_free(&m);
	finish(r, &l, R1);
	rig_free(r);
}

static void test_wrong_eccptr(void **state)
{
	struct letter l;
	struct rig *r = upto(I2, &l);
	struct buf m = copy(&l.msg), plain = BUF_INIT;
	uint8_t x[SCALAR_MAX], y[POINT_MAX];
	struct plain_point ptr = { MIKEY_CURVE_P256, y, (const uint8_t *)"mki4" };
	size_t at;

	ibake_ecdh_generate(MIKEY_CURVE_P256, rig_secret_random, NULL, x, y);
	assert_int_equal(rig_open(r, &m, BOB, &plain), 0);
	at = eccpt_at(&plain, 0);
	memcpy(plain.data + at + 2, y, 65);
	rig_reseal(r, &m, &plain, BOB);
	rig_refuses(r, &l, &m, EBADMSG, "ECCPTr of I_MESSAGE_2 is not the one sent");
	/* The right point with another MKI; it stands at the end of ECCPT, after its length. */
	buf_free(&m);
	buf_reset(&plain);
	m = copy(&l.msg);
	assert_int_equal(rig_open(r, &m, BOB, &plain), 0);
	plain.data[at + 2 + 65 + 1 + 4 + 1] ^= 1;
	rig_reseal(r, &m, &plain, BOB);
	rig_refuses(r, &l, &m, EBADMSG, "another MKI");
	/* Nothing in the place of ECCPTr, and ECCPTi where it does not belong. */
	buf_reset(&plain);
	ibake_plain_write(&plain, ALICE, NULL, BOB, NULL, NULL, 0, NULL);
	rig_reseal(r, &m, &plain, BOB);
	rig_refuses(r, &l, &m, EPROTO, "no ECCPTr");
	buf_reset(&plain);
	ibake_plain_write(&plain, ALICE, &ptr, BOB, &ptr, NULL, 0, NULL);
	rig_reseal(r, &m, &plain, BOB);
	rig_refuses(r, &l, &m, EPROTO, "ECCPTi");
	buf_free(&plain);
	buf_free(&m);
	finish(r, &l, I2);
	rig_free(r);
}

/* Inside and outside must name the same people: against reflection, RFC 6267 7.2. */
static void test_inner_identities(void **state)
{
	for (unsigned int n = 0; n < 3; n++) {
		const char *to = n == 1 ? ALICE : BOB;
		uint8_t x[SCALAR_MAX], p[POINT_MAX];
		struct plain_point pt = { MIKEY_CURVE_P256, p, (const uint8_t *)"mki4" };
		struct buf plain = BUF_INIT, m;
		struct letter l;
		struct rig *r = upto(n, &l);

		ibake_ecdh_generate(MIKEY_CURVE_P256, rig_secret_random, NULL, x, p);
		m = copy(&l.msg);
		ibake_plain_write(&plain, CAROL, n < 2 ? &pt : NULL, BOB, n ? &pt : NULL, NULL, 0, NULL);
		rig_reseal(r, &m, &plain, to);
		rig_refuses(r, &l, &m, EBADMSG, "identities inside");
		buf_reset(&plain);
		ibake_plain_write(&plain, ALICE, n < 2 ? &pt : NULL, CAROL, n ? &pt : NULL, NULL, 0, NULL);
		rig_reseal(r, &m, &plain, to);
		rig_refuses(r, &l, &m, EBADMSG, "identities inside");
		/* Chains of another shape. */
		buf_reset(&plain);
		buf_u8(&plain, 0);
		rig_reseal(r, &m, &plain, to);
		rig_refuses(r, &l, &m, EPROTO, "plaintext of IBAKE");
		buf_free(&plain);
		buf_free(&m);
		finish(r, &l, n);
		rig_free(r);
	}
}

static void test_v_bit(void **state)
{
	struct letter l;
	struct rig *r = upto(R2, &l);

	l.msg.data[l.msg.len - 1] ^= 0x10;
	rig_refuses(r, &l, &l.msg, EBADMSG, "R_MESSAGE_2");
	l.msg.data[l.msg.len - 1] ^= 0x10;
	finish(r, &l, R2);
	rig_free(r);
}

/* Builds a message from a list of payloads that are wrong in one way. */
enum flaw { NONE, NO_T, TWO_T, NO_RAND, SHORT_RAND, NO_IDI, TWO_IDR, ROLE, NAI, SPELLING, NO_IBAKE,
	    TWO_IBAKE, COUNTER_T, ODD_CS, EMPTY_MAP, BAD_PRF, SELF, BAD_HINT, FLAWS };

static void flawed_i1(struct rig *r, const struct buf *good, enum flaw flaw, struct buf *out)
{
	static const char *const names[2] = { "SIP:alice@a.example", ALICE };
	uint8_t policy = 1;
	struct mikey_cs cs[3] = {
		{ .id = 1, .has_ssrc = true, .policies = { &policy, 1 } },
		{ .id = 2, .has_ssrc = true, .policies = { &policy, 1 } },
		{ .id = 3, .has_ssrc = true, .policies = { &policy, 1 } },
	};
	const struct mikey_payload *ibake;
	struct mikey_writer w;
	struct mikey_msg m;
	struct mikey_hdr hdr;
	struct err e = ERR_INIT;

	assert_int_equal(mikey_parse(good->data, good->len, &m, NULL), 0);
	ibake = mikey_find(&m, MIKEY_IBAKE, 0);
	hdr = m.hdr;
	hdr.csb_id ^= 0x10000 + flaw;
	hdr.prf = flaw == BAD_PRF ? 9 : hdr.prf;
	hdr.map_type = flaw == EMPTY_MAP ? MIKEY_MAP_EMPTY : hdr.map_type;
	mikey_write_msg(&w, out, &hdr, cs, flaw == EMPTY_MAP ? 0 : flaw == ODD_CS ? 3 : 2);
	if (flaw != NO_T)
		mikey_put_t(&w, flaw == COUNTER_T ? MIKEY_TS_COUNTER : MIKEY_TS_NTP_UTC,
			    mikey_ts64(mikey_find(&m, MIKEY_T, 0)));
	if (flaw == TWO_T)
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, 1);
	if (flaw != NO_RAND)
		mikey_put_rand(&w, "0123456789abcdef", flaw == SHORT_RAND ? 15 : 16);
	if (flaw != NO_IDI)
		mikey_put_idr(&w, flaw == ROLE ? MIKEY_ROLE_APP : MIKEY_ROLE_I,
			      flaw == NAI ? MIKEY_ID_NAI : MIKEY_ID_URI, names[flaw != SPELLING],
			      strlen(ALICE));
	if (flaw == TWO_IDR)
		mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, CAROL, strlen(CAROL));
	mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, flaw == SELF ? ALICE : BOB,
		      strlen(flaw == SELF ? ALICE : BOB));
	if (flaw == BAD_HINT)
		mikey_put_ext(&w, MIKEY_EXT_HINT, "short", 5);
	if (flaw != NO_IBAKE)
		mikey_put_ibake(&w, ibake->encr.data, ibake->encr.len);
	if (flaw == TWO_IBAKE)
		mikey_put_ibake(&w, ibake->encr.data, ibake->encr.len);
	if (mikey_write_end(&w, &e))
		fail_msg("flaw %d: %s", flaw, e.msg);
}

static void test_flawed_i1(void **state)
{
	static const struct {
		int code;
		const char *word;
	} want[FLAWS] = {
		[NO_T] = { EPROTO, "no T payload" },
		[TWO_T] = { EPROTO, "two T payloads" },
		[NO_RAND] = { EPROTO, "no RAND" },
		[SHORT_RAND] = { EPROTO, "RAND is shorter" },
		[NO_IDI] = { EPROTO, "no IDRi" },
		[TWO_IDR] = { EPROTO, "two IDRr" },
		[ROLE] = { EPROTO, "no IDRi" },
		[NAI] = { EPROTO, "IDRi" },
		[SPELLING] = { EPROTO, "normal form" },
		[NO_IBAKE] = { EPROTO, "no IBAKE" },
		[TWO_IBAKE] = { EPROTO, "two IBAKE" },
		[COUNTER_T] = { EPROTONOSUPPORT, "NTP-UTC" },
		[ODD_CS] = { EPROTO, "crypto sessions" },
		[EMPTY_MAP] = { EPROTO, "crypto sessions" },
		[BAD_PRF] = { EPROTONOSUPPORT, "PRF" },
		[SELF] = { EPROTO, "itself" },
		[BAD_HINT] = { EPROTO, "hint" },
	};
	struct letter l;
	struct rig *r = upto(I1, &l);

	for (enum flaw f = NO_T; f < FLAWS; f++) {
		struct buf m = BUF_INIT;

		flawed_i1(r, &l.msg, f, &m);
		rig_refuses(r, &l, &m, want[f].code, want[f].word);
		assert_int_equal(ibake_call_next(r->side[1]->en, 0), 0);
		buf_free(&m);
	}
	finish(r, &l, I1);
	rig_free(r);

	/* The same writer without a flaw: it is the flaws that were refused. No hint, no SP. */
	r = upto(I1, &l);
	{
		struct buf m = BUF_INIT;

		flawed_i1(r, &l.msg, NONE, &m);
		assert_int_equal(ibake_input(r->side[1]->en, &l.from, m.data, m.len, NULL), 0);
		assert_int_equal(r->n, 1);
		buf_free(&m);
	}
	buf_free(&l.msg);
	rig_free(r);
}

static void test_time_window(void **state)
{
	static const int off[] = { -301, -300, 300, 301 };

	for (size_t i = 0; i < 4; i++) {
		struct letter l;
		struct rig *r = upto(I1, &l);

		r->now += off[i];
		if (abs(off[i]) > 300) {
			rig_refuses(r, &l, &l.msg, ERANGE, "timestamp is");
			r->now -= off[i];
		}
		finish(r, &l, I1);
		rig_free(r);
	}
}

/* Types that have no place, and errors that anybody could have sent. */
static void test_other_types(void **state)
{
	struct letter l;
	struct rig *r = upto(R1, &l);
	struct buf m = BUF_INIT;
	struct mikey_writer w;
	struct mikey_hdr hdr = { .type = MIKEY_ERROR, .map_type = MIKEY_MAP_EMPTY };

	hdr.csb_id = get_be32(l.msg.data + 4);
	for (uint8_t no = 0; no < 20; no++) {
		mikey_write_msg(&w, &m, &hdr, NULL, 0);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, 1);
		mikey_put_err(&w, no);
		assert_int_equal(mikey_write_end(&w, NULL), 0);
		rig_refuses(r, &l, &m, EPROTO, "peer reports an error");
		buf_reset(&m);
	}
	for (unsigned int type = 0; type < 256; type++) {
		if (type == MIKEY_ERROR || (type >= MIKEY_I_MESSAGE_1 && type <= MIKEY_R_MESSAGE_2))
			continue;
		l.msg.data[1] = (uint8_t)type;
		rig_refuses(r, &l, &l.msg, EPROTONOSUPPORT, "no place in this exchange");
	}
	l.msg.data[1] = MIKEY_R_MESSAGE_1;
	/* From another address, to another call. */
	l.from = rig_peer(2);
	rig_refuses(r, &l, &l.msg, ENOENT, "belongs to no call");
	l.from = rig_peer(1);
	l.msg.data[7] ^= 1;
	rig_refuses(r, &l, &l.msg, ENOENT, "belongs to no call");
	l.msg.data[7] ^= 1;
	buf_free(&m);
	finish(r, &l, R1);
	rig_free(r);
}

static void test_out_of_order(void **state)
{
	struct letter l[4];
	struct rig *r;

	for (unsigned int n = 0; n < 4; n++) {
		r = upto(n, &l[n]);
		if (n == 3) {
			/* An R_MESSAGE_2 when R_MESSAGE_1 is waited for. */
			struct letter other;
			struct rig *r2 = upto(R1, &other);

			put_be32(l[3].msg.data + 4, get_be32(other.msg.data + 4));
			other.to = 0;
			rig_refuses(r2, &other, &l[3].msg, EPROTO, "before I_MESSAGE_2");
			finish(r2, &other, R1);
			rig_free(r2);
		}
		buf_free(&l[n].msg);
		rig_free(r);
	}
	/* An I_MESSAGE_2 of a call that nobody started. */
	r = upto(I2, &l[2]);
	ibake_call_drop(r->side[1]->en, r->side[1]->call);
	rig_refuses(r, &l[2], &l[2].msg, ENOENT, "belongs to no call");
	buf_free(&l[2].msg);
	rig_free(r);
}

static void test_incoming_refused(void **state)
{
	struct letter l;
	struct rig *r = upto(I1, &l);
	struct ibake_stats st;

	r->side[1]->refuse_incoming = true;
	rig_refuses(r, &l, &l.msg, EACCES, ALICE " may not call " BOB);
	ibake_stats(r->side[1]->en, &st);
	assert_int_equal(st.jobs, 0); /* no pairing was spent */
	r->side[1]->refuse_incoming = false;
	finish(r, &l, I1);
	rig_free(r);
}

static void test_mki_collision(void **state)
{
	struct letter l;
	struct rig *r = upto(R1, &l);
	struct ibake_call_info info;

	assert_int_equal(ibake_call_info(r->side[1]->en, r->side[1]->call, &info), 0);
	memcpy(r->side[0]->mki_live, info.mki, IBAKE_MKI_LEN);
	r->side[0]->has_mki_live = true;
	rig_refuses(r, &l, &l.msg, EEXIST, "MKI");
	r->side[0]->has_mki_live = false;
	finish(r, &l, R1);
	rig_free(r);
}

/* R_MESSAGE_1 names its policy in SP and once for each crypto session. */
static void test_policy_in_map(void **state)
{
	struct letter l;
	struct rig *r = upto(R1, &l);
	struct mikey_msg m;
	uint8_t *map, right;

	assert_int_equal(mikey_parse(l.msg.data, l.msg.len, &m, NULL), 0);
	assert_int_equal(m.hdr.n_cs, 2);
	map = l.msg.data + (m.hdr.map.data - l.msg.data);
	right = mikey_find(&m, MIKEY_SP, 0)->sp.policy;
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(map[9 * i], right);
		/* One that was offered as well as one that was not. */
		map[9 * i] = right + 1;
		rig_refuses(r, &l, &l.msg, EPROTO, "CS ID map of R_MESSAGE_1 names policy");
		map[9 * i] = 0;
		rig_refuses(r, &l, &l.msg, EPROTO, "CS ID map of R_MESSAGE_1 names policy");
		map[9 * i] = right;
	}
	finish(r, &l, R1);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_mutated_i1),
		cmocka_unit_test(test_mutated_r1),
		cmocka_unit_test(test_mutated_i2),
		cmocka_unit_test(test_mutated_r2),
		cmocka_unit_test(test_curves),
		cmocka_unit_test(test_point_off_curve),
		cmocka_unit_test(test_wrong_day),
		cmocka_unit_test(test_wrong_hint),
		cmocka_unit_test(test_wrong_person),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_foreign_eccpti),
		cmocka_unit_test(test_wrong_eccptr),
		cmocka_unit_test(test_inner_identities),
		cmocka_unit_test(test_v_bit),
		cmocka_unit_test(test_flawed_i1),
		cmocka_unit_test(test_time_window),
		cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_incoming_refused),
		cmocka_unit_test(test_mki_collision),
		cmocka_unit_test(test_policy_in_map),
	};

	return run_tests(tests);
}
