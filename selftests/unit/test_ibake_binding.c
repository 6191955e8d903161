// SPDX-License-Identifier: GPL-2.0-or-later
/* Who answered: the binding of I_MESSAGE_2 and R_MESSAGE_2, and what each policy does without it.
 *
 * The attacker here holds the private key of the identity that was called, reads and writes every
 * message, and would like to be somebody else: RFC 6267 alone lets him.
 */
#include "ibake_rig.h"

#include <openssl/sha.h>

/* What the attacker, or an honest device with another identity, keeps of an exchange. */
struct hand {
	struct buf i1, r1, i2;
	uint32_t csb_id;
	uint8_t prf;
	uint8_t rnd[16];
	uint8_t xp[65], y[SCALAR_MAX], yp[65];
	uint8_t auth[32];
};

static void hand_free(struct hand *h)
{
	buf_free(&h->i1);
	buf_free(&h->r1);
	buf_free(&h->i2);
}

static void put_header(struct mikey_writer *w, struct buf *out, const struct mikey_msg *like,
		       uint8_t type)
{
	struct mikey_hdr hdr = like->hdr;

	hdr.type = type;
	mikey_write_msg(w, out, &hdr, NULL, 0);
	mikey_put_t(w, MIKEY_TS_NTP_UTC, mikey_ts64(mikey_find(like, MIKEY_T, 0)));
}

/* R_MESSAGE_1 under the name @as, made from Alice's I_MESSAGE_1 with the key of @key_of. */
static void hand_r1(struct rig *r, struct hand *h, const char *key_of, const char *as)
{
	struct plain_point pti = { MIKEY_CURVE_P256, h->xp, NULL };
	struct plain_point ptr = { MIKEY_CURVE_P256, h->yp, (const uint8_t *)"\x01\x02\x03\x04" };
	struct buf plain = BUF_INIT, encr = BUF_INIT;
	uint8_t k[65], mpk[32];
	struct mikey_oct rnd = { h->rnd, 16 };
	const struct mikey_payload *sp;
	struct mikey_chain *c = malloc(sizeof(*c));
	struct mikey_writer w;
	struct mikey_msg m;

	assert_int_equal(mikey_parse(h->i1.data, h->i1.len, &m, NULL), 0);
	assert_int_equal(rig_open(r, &h->i1, key_of, &plain), 0);
	assert_int_equal(mikey_parse_chain(MIKEY_IDR, plain.data, plain.len, c, NULL), 0);
	memcpy(h->xp, mikey_chain_find(c, MIKEY_ECCPT, 0)->eccpt.point.data, 65);
	free(c);
	h->csb_id = m.hdr.csb_id;
	h->prf = m.hdr.prf;
	memcpy(h->rnd, mikey_find(&m, MIKEY_RAND, 0)->rand.data.data, 16);
	assert_int_equal(ibake_ecdh_generate(MIKEY_CURVE_P256, rig_secret_random, NULL, h->y, h->yp), 32);
	assert_int_equal(ibake_ecdh_shared(MIKEY_CURVE_P256, h->y, 32, h->xp, 65, k, NULL), 0);
	assert_int_equal(mikey_derive_mpk(h->prf, k, 8 * 65, rnd, mpk, 256, NULL), 0);
	assert_int_equal(mikey_derive_auth(h->prf, mpk, 256, h->csb_id, rnd, h->auth, 256, NULL), 0);
	buf_reset(&plain);
	assert_int_equal(ibake_plain_write(&plain, ALICE, &pti, as, &ptr, NULL, 0, NULL), 0);
	rig_encrypt(r, &plain, ALICE, &encr);
	put_header(&w, &h->r1, &m, MIKEY_R_MESSAGE_1);
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, ALICE, strlen(ALICE));
	mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, as, strlen(as));
	sp = mikey_find(&m, MIKEY_SP, 0);
	mikey_put(&w, sp);
	mikey_put_ibake(&w, encr.data, encr.len);
	assert_int_equal(mikey_write_end(&w, NULL), 0);
	buf_free(&plain);
	buf_free(&encr);
}

/* R_MESSAGE_2 with a right V. @binding: its octets, or NULL for none. */
static void hand_r2(struct hand *h, const char *as, const uint8_t *binding, size_t binding_len,
		    struct buf *out)
{
	struct mikey_oct ids[2] = {
		{ (const uint8_t *)ALICE, strlen(ALICE) }, { (const uint8_t *)as, strlen(as) },
	};
	struct mikey_writer w;
	struct mikey_msg m;

	assert_int_equal(mikey_parse(h->i2.data, h->i2.len, &m, NULL), 0);
	m.hdr.v = false;
	put_header(&w, out, &m, MIKEY_R_MESSAGE_2);
	if (binding)
		mikey_put_ext(&w, MIKEY_EXT_BINDING, binding, binding_len);
	mikey_v_append(&w, h->auth, 32, ids, 2);
	assert_int_equal(mikey_write_end(&w, NULL), 0);
}

/* The binding of R_MESSAGE_2 written down by hand, as the wire profile has it. */
static void hand_binding(struct hand *h, const uint8_t *nonce, uint8_t out[32])
{
	struct buf b = BUF_INIT;

	buf_put(&b, h->i1.data, h->i1.len);
	buf_put(&b, h->r1.data, h->r1.len);
	buf_put(&b, h->i2.data, h->i2.len);
	buf_put(&b, nonce, 32);
	SHA256(b.data, b.len, out);
	buf_free(&b);
}

/* Alice calls Bob under @policy; the attacker answers as @as. Returns what she says to it. */
static int impersonate(struct rig *r, struct hand *h, const struct ibake_policy *policy,
		       const char *as, struct err *e)
{
	struct letter l;
	struct ibake_peer from = rig_peer(1);

	rig_call(r, policy);
	l = rig_take(r);
	h->i1 = l.msg;
	hand_r1(r, h, BOB, as);
	return ibake_input(r->side[0]->en, &from, h->r1.data, h->r1.len, e);
}

static int answer_r2(struct rig *r, const struct buf *r2, struct err *e)
{
	struct ibake_peer from = rig_peer(1);

	return ibake_input(r->side[0]->en, &from, r2->data, r2->len, e);
}

/* By default nobody but the one called may answer. */
static void test_other_identity_refused(void **state)
{
	struct rig *r = rig_new();
	struct hand h = { 0 };
	struct err e = ERR_INIT;
	struct letter honest;

	assert_refused(impersonate(r, &h, NULL, CAROL, &e), e, EPERM, "somebody else than " BOB);
	assert_int_equal(rig_state(r->side[0]), IBAKE_ST_WAIT_R1);
	assert_int_equal(r->n, 0);
	/* Bob himself still can. */
	honest = (struct letter){ .from = rig_peer(0), .to = 1, .msg = h.i1 };
	assert_int_equal(rig_deliver(r, &honest, &e), 0);
	rig_pass(r, 3);
	rig_same_keys(r);
	hand_free(&h);
	rig_free(r);
}

/* Where others may answer, I_MESSAGE_2 goes to the name that was given, and only its owner can go
 * on. The attacker knows y and so has a right V, which RFC 6267 would take for proof.
 */
static void test_impersonation(void **state)
{
	static const enum ibake_binding policies[] = { IBAKE_BINDING_REQUIRE, IBAKE_BINDING_PREFER };
	uint8_t guess[32];

	for (size_t i = 0; i < 2; i++)
		for (int with = 0; with < 2; with++) {
			struct rig *r = rig_new();
			struct hand h = { 0 };
			struct ibake_policy p;
			struct buf r2 = BUF_INIT, plain = BUF_INIT;
			struct err e = ERR_INIT;

			ibake_policy_init(&p);
			p.binding = policies[i];
			p.accept_other = true;
			assert_int_equal(impersonate(r, &h, &p, CAROL, &e), 0);
			assert_int_equal(r->n, 1);
			h.i2 = rig_take(r).msg;
			/* Bob's key is of no use for what went to Carol. */
			assert_int_equal(rig_open(r, &h.i2, BOB, &plain), -EBADMSG);
			memset(guess, 0, sizeof(guess));
			hand_binding(&h, guess, guess);
			hand_r2(&h, CAROL, with ? guess : NULL, 32, &r2);
			assert_refused(answer_r2(r, &r2, &e), e, with ? EBADMSG : EACCES, "binding");
			assert_true(rig_gone(r->side[0]));
			assert_int_equal(r->side[0]->keyed, 0);
			assert_int_equal(r->side[0]->events[IBAKE_EV_FAILED], 1);
			assert_int_equal(r->side[0]->keys_out, 0);
			buf_free(&r2);
			buf_free(&plain);
			hand_free(&h);
			rig_free(r);
		}
}

/* Without binding there is no way to prove it, so nobody else is accepted. */
static void test_other_needs_binding(void **state)
{
	struct rig *r = rig_new();
	struct hand h = { 0 };
	struct ibake_policy p;
	struct err e = ERR_INIT;

	ibake_policy_init(&p);
	p.binding = IBAKE_BINDING_OFF;
	p.accept_other = true;
	assert_refused(impersonate(r, &h, &p, CAROL, &e), e, EPERM, "without binding");
	assert_int_equal(rig_state(r->side[0]), IBAKE_ST_WAIT_R1);
	hand_free(&h);
	rig_free(r);
}

/* The honest case of the same: Carol's device holds Bob's key too (a common identity, RFC 6267
 * 3.1), answers under its own name, and can open what goes to Carol.
 */
static void test_fork_accepted(void **state)
{
	struct rig *r = rig_new();
	struct hand h = { 0 };
	struct ibake_policy p;
	struct plain *in = malloc(sizeof(*in));
	struct buf r2 = BUF_INIT, plain = BUF_INIT;
	uint8_t proof[32], want[32];
	struct ibake_call_info info;
	struct err e = ERR_INIT;

	ibake_policy_init(&p);
	p.accept_other = true;
	assert_int_equal(impersonate(r, &h, &p, CAROL, &e), 0);
	h.i2 = rig_take(r).msg;
	assert_int_equal(rig_open(r, &h.i2, CAROL, &plain), 0);
	assert_int_equal(ibake_plain_parse(plain.data, plain.len, in, NULL), 0);
	assert_int_equal(in->binding.len, 64);
	/* I_MESSAGE_2's own proof, computed by hand from octets: IBAKE is its last payload. */
	{
		struct mikey_msg m;
		size_t off;
		struct buf b = BUF_INIT;

		assert_int_equal(mikey_parse(h.i2.data, h.i2.len, &m, NULL), 0);
		off = mikey_find(&m, MIKEY_IBAKE, 0)->off;
		assert_int_equal(off + mikey_find(&m, MIKEY_IBAKE, 0)->len, h.i2.len);
		buf_put(&b, h.i1.data, h.i1.len);
		buf_put(&b, h.r1.data, h.r1.len);
		buf_put(&b, h.i2.data, off + 1);
		buf_be16(&b, 0);
		SHA256(b.data, b.len, want);
		assert_memory_equal(in->binding.data + 32, want, 32);
		buf_free(&b);
	}
	hand_binding(&h, in->binding.data, proof);
	hand_r2(&h, CAROL, proof, 32, &r2);
	assert_int_equal(answer_r2(r, &r2, &e), 0);
	assert_int_equal(r->side[0]->keyed, 1);
	assert_true(r->side[0]->keys.bound);
	assert_int_equal(ibake_call_info(r->side[0]->en, r->side[0]->call, &info), 0);
	assert_string_equal(info.peer_uri, CAROL);
	free(in);
	buf_free(&r2);
	buf_free(&plain);
	hand_free(&h);
	rig_free(r);
}

/* ---- each policy on each side ---- */

static void test_policies(void **state)
{
	/* What happens: 'b' keyed and bound, 'u' keyed and unbound, 'i' the Responder refuses
	 * I_MESSAGE_2, 'r' the Initiator ends the call at R_MESSAGE_2.
	 */
	static const char want[3][4] = { "bbr", "bbu", "iuu" };

	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 3; b++) {
			struct rig *r = rig_new();
			struct side *alice = r->side[0], *bob = r->side[1];
			struct ibake_policy p;
			struct err e = ERR_INIT;
			int ret;

			ibake_policy_init(&p);
			p.binding = (enum ibake_binding)a;
			bob->incoming.binding = (enum ibake_binding)b;
			rig_call(r, &p);
			rig_pass(r, 2);
			rig_step(r, NULL); /* I_MESSAGE_2 */
			if (want[a][b] == 'i') {
				assert_int_equal(r->n, 0);
				assert_refused(-bob->last_refused.code, bob->last_refused, EACCES,
					       "no binding");
				assert_int_equal(rig_state(bob), IBAKE_ST_WAIT_I2);
				assert_int_equal(bob->keyed + alice->keyed, 0);
				rig_free(r);
				continue;
			}
			assert_int_equal(bob->keyed, 1);
			ret = rig_step(r, &e);
			if (want[a][b] == 'r') {
				assert_refused(ret, e, EACCES, "no binding");
				assert_true(rig_gone(alice));
				assert_int_equal(alice->keyed, 0);
			} else {
				rig_same_keys(r);
				assert_int_equal(alice->keys.bound, want[a][b] == 'b');
				assert_int_equal(bob->keys.bound, want[a][b] == 'b');
				assert_int_equal(alice->events[IBAKE_EV_UNBOUND],
						 want[a][b] == 'u' && a == IBAKE_BINDING_PREFER);
				assert_int_equal(bob->events[IBAKE_EV_UNBOUND],
						 want[a][b] == 'u' && b == IBAKE_BINDING_PREFER);
			}
			rig_free(r);
		}
}

/* The binding of one call in the I_MESSAGE_2 of another, a wrong length, two of them. */
static void test_swapped_binding(void **state)
{
	for (int policy = IBAKE_BINDING_REQUIRE; policy <= IBAKE_BINDING_PREFER; policy++) {
		struct rig *r = rig_new(), *other = rig_new();
		struct buf plain = BUF_INIT, foreign = BUF_INIT, m = BUF_INIT;
		struct plain *in = malloc(sizeof(*in)), *out = malloc(sizeof(*out));
		struct plain_point ptr = { .curve = MIKEY_CURVE_P256 };
		struct letter l, l2;

		r->side[1]->incoming.binding = (enum ibake_binding)policy;
		rig_call(r, NULL);
		rig_pass(r, 2);
		l = rig_take(r);
		rig_call(other, NULL);
		rig_pass(other, 2);
		l2 = rig_take(other);
		assert_int_equal(rig_open(r, &l.msg, BOB, &plain), 0);
		assert_int_equal(rig_open(other, &l2.msg, BOB, &foreign), 0);
		assert_int_equal(ibake_plain_parse(plain.data, plain.len, in, NULL), 0);
		assert_int_equal(ibake_plain_parse(foreign.data, foreign.len, out, NULL), 0);
		ptr.point = in->ptr->eccpt.point.data;
		ptr.mki = in->ptr->eccpt.kv.spi.data;
		for (int i = 0; i < 2; i++) {
			struct buf forged = BUF_INIT;

			ibake_plain_write(&forged, ALICE, NULL, BOB, &ptr,
					  i ? in->binding.data : out->binding.data, i ? 63 : 64, NULL);
			buf_put(&m, l.msg.data, l.msg.len);
			rig_reseal(r, &m, &forged, BOB);
			rig_refuses(r, &l, &m, EBADMSG, "binding of I_MESSAGE_2 is wrong");
			buf_free(&forged);
			buf_free(&m);
		}
		/* Its own, sealed again, is right: Encr data is not what the proof covers. */
		buf_put(&m, l.msg.data, l.msg.len);
		rig_reseal(r, &m, &plain, BOB);
		assert_int_equal(ibake_input(r->side[1]->en, &l.from, m.data, m.len, NULL), 0);
		assert_int_equal(r->side[1]->keyed, 1);
		free(in);
		free(out);
		buf_free(&m);
		buf_free(&plain);
		buf_free(&foreign);
		buf_free(&l.msg);
		buf_free(&l2.msg);
		rig_free(r);
		rig_free(other);
	}
}

/* A clear octet of I_MESSAGE_1 changed on its way: RFC 6267 has nothing that would tell. */
static void test_transcript(void **state)
{
	for (int policy = IBAKE_BINDING_REQUIRE; policy <= IBAKE_BINDING_OFF; policy++) {
		struct rig *r = rig_new();
		struct ibake_policy p;
		struct letter l;

		ibake_policy_init(&p);
		p.binding = (enum ibake_binding)policy;
		r->side[1]->incoming.binding = p.binding;
		rig_call(r, &p);
		l = rig_take(r);
		l.msg.data[11] ^= 1; /* SSRC of the first crypto session */
		assert_int_equal(rig_deliver(r, &l, NULL), 0);
		while (r->n)
			rig_step(r, NULL);
		assert_int_equal(r->side[0]->keyed, policy == IBAKE_BINDING_OFF);
		if (policy != IBAKE_BINDING_OFF)
			assert_non_null(strstr(r->side[1]->last_refused.msg, "changed on its way"));
		buf_free(&l.msg);
		rig_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_identity_refused),
		cmocka_unit_test(test_impersonation),
		cmocka_unit_test(test_other_needs_binding),
		cmocka_unit_test(test_fork_accepted),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_swapped_binding),
		cmocka_unit_test(test_transcript),
	};

	return run_tests(tests);
}
