// SPDX-License-Identifier: GPL-2.0-or-later
/* The Responder: I_MESSAGE_1 checked, R_MESSAGE_1, I_MESSAGE_2 checked, R_MESSAGE_2.
 *
 * Anybody can write an I_MESSAGE_1, so that the checks go from cheap to dear, and what it makes
 * this side keep is bounded. An I_MESSAGE_2 that is wrong changes nothing: octets of it may have
 * been changed by somebody who cannot stop the right one from coming.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/secret.h"
#include "ibake/internal.h"
#include "ibe/sysparams.h"

#define MKI_TRIES 16

/* ---- I_MESSAGE_1 ---- */

/* The first policy of the offer that is also in ours; no offer stands for SRTP's defaults. */
static int choose_suite(struct ibake_call *c, const struct mikey_msg *msg, struct err *e)
{
	const struct ibake_policy *own = &c->policy;
	const struct mikey_payload *sp;
	struct mikey_srtp_policy p;
	const char *name;

	c->has_sp = mikey_find(msg, MIKEY_SP, 0);
	for (unsigned int i = 0; (sp = mikey_find(msg, MIKEY_SP, i)) || (!i && !c->has_sp); i++) {
		name = DEFAULT_SUITE;
		if (sp)
			name = mikey_srtp_policy_get(sp, &p, NULL) ? NULL
								   : mikey_srtp_suite_name(&p);
		for (unsigned int k = 0; name && k < own->n_suites; k++) {
			if (strcmp(name, own->suites[k]))
				continue;
			c->suite = own->suites[k];
			c->policy_no = sp ? sp->sp.policy : c->cs_policy[0];
			return 0;
		}
	}
	return err_set(e, ENOPROTOOPT, "I_MESSAGE_1 offers no SRTP policy that is allowed here");
}

static int take_map(struct ibake_call *c, const struct mikey_hdr *hdr, struct err *e)
{
	if (hdr->map_type != MIKEY_MAP_SRTP_ID || !hdr->n_cs || hdr->n_cs % 2 ||
	    hdr->n_cs > IBAKE_CS_MAX)
		return err_set(
			e, EPROTO,
			"I_MESSAGE_1 does not map 2 to %u crypto sessions, two for each media line",
			IBAKE_CS_MAX);
	c->n_cs = hdr->n_cs;
	for (unsigned int i = 0; i < c->n_cs; i++) {
		struct mikey_cs cs;

		if (!mikey_cs_get(hdr, i, &cs))
			return err_set(e, EPROTO, "CS ID map of I_MESSAGE_1 is damaged");
		c->cs_policy[i] = cs.policies.data[0];
		c->cs[i] = cs;
		c->cs[i].policies = (struct mikey_oct){&c->cs_policy[i], 1};
	}
	return 0;
}

/*
 * Refusing new ones would let one message a second from anywhere keep everybody out. A peer that
 * is there answers within a round trip: the one that has waited longest goes.
 */
bool ibake_responder_evict(struct ibake_engine *en, uint64_t now)
{
	struct ibake_call *oldest = NULL;
	struct err e = ERR_INIT;

	for (struct ibake_call *c = en->calls; c; c = c->next)
		if (!c->dead && !c->busy && c->role == IBAKE_RESPONDER &&
		    c->state == IBAKE_ST_WAIT_I2 && (!oldest || c->deadline < oldest->deadline))
			oldest = c;
	if (!oldest || oldest->deadline - en->config.half_open_ms + en->config.evict_ms > now)
		return false;
	err_set(&e, EMFILE, "too many exchanges are half open, and this one is the oldest");
	ibake_call_fail(oldest, &e);
	return true;
}

static int limits(struct ibake_engine *en, const struct ibake_peer *src, struct err *e)
{
	uint64_t now = ibake_engine_mono(en);

	if (!ibake_replay_room(en->replay, now)) {
		en->stats.replay_full++;
		return err_set(e, ENOBUFS, "replay cache is full");
	}
	if (!ibake_buckets_take(en->buckets, src, now)) {
		en->stats.bucket_refusals++;
		return err_set(e, EBUSY, "source sends more than may be decrypted");
	}
	/* Last, because it ends somebody's exchange: a message refused above must not. */
	if (ibake_call_half_open(en) >= en->config.max_half_open &&
	    !ibake_responder_evict(en, now)) {
		en->stats.half_open_refusals++;
		return err_set(e, EMFILE, "there are %u exchanges half open already",
			       en->config.max_half_open);
	}
	if (ibake_call_count(en) >= en->config.max_calls && !ibake_responder_evict(en, now))
		return err_set(e, EMFILE, "there are %u calls already", en->config.max_calls);
	return 0;
}

static bool encr_known(struct ibake_engine *en, const uint8_t *digest)
{
	for (const struct ibake_call *c = en->calls; c; c = c->next)
		if (!c->dead && c->role == IBAKE_RESPONDER &&
		    !memcmp(c->encr_digest, digest, DIGEST_LEN))
			return true;
	return ibake_replay_seen(en->replay, digest, ibake_engine_mono(en));
}

static int find_keys(struct ibake_call *c, const struct mikey_msg *msg, struct err *e)
{
	struct ibake_engine *en = c->en;
	struct ibake_key key = { 0 };
	struct ibake_hint hint;
	int ret, hinted = ibake_hint_get(msg, &hint, e);

	if (hinted < 0)
		return hinted;
	ret = en->ops.find_key(en->arg, c->local, c->t_unix, hinted ? &hint : NULL, &key, e);
	if (ret)
		return ret;
	c->key = ibake_held_key_new(&key);
	if (!c->key) {
		if (key.release)
			key.release(key.ref);
		return err_set(e, ENOMEM, "out of memory");
	}
	/* T sets the period. A hint only spares a search; it must not bring in another day's key. */
	if (hinted && hint.period_start != ibe_period_start(c->t_unix, key.sys->granularity))
		return err_set(e, EPROTO, "hint names another period than that of T");
	ret = en->ops.find_params(en->arg, c->peer_uri, c->t_unix, &c->peer_sp, e);
	if (!ret)
		ret = ibe_sysparams_check_time(c->peer_sp, c->t_unix, e);
	return ret;
}

static void random_of_engine(void *arg, void *p, size_t len)
{
	ibake_engine_random(arg, p, len);
}

static bool mki_taken(struct ibake_engine *en, const struct ibake_call *self, const uint8_t *mki)
{
	if (en->ops.mki_live && en->ops.mki_live(en->arg, mki))
		return true;
	for (const struct ibake_call *c = en->calls; c; c = c->next)
		if (c != self && !c->dead && c->role == IBAKE_RESPONDER &&
		    !memcmp(c->mki, mki, IBAKE_MKI_LEN))
			return true;
	return false;
}

static int draw_mki(struct ibake_call *c, struct err *e)
{
	for (unsigned int i = 0; i < MKI_TRIES; i++) {
		ibake_engine_random(c->en, c->mki, IBAKE_MKI_LEN);
		if (!mki_taken(c->en, c, c->mki))
			return 0;
	}
	return err_set(e, EEXIST, "no free MKI was found");
}

static int inner_i1(struct ibake_call *c, const struct plain *in, struct err *e)
{
	int ret;

	if (!ibake_oct_is(in->idi, c->peer_uri) || !ibake_oct_is(in->idr, c->local))
		return err_set(e, EBADMSG, "identities inside I_MESSAGE_1 are not those outside");
	if (!in->pti || in->ptr)
		return err_set(e, EPROTO, "I_MESSAGE_1 does not have exactly one ECCPT, ECCPTi");
	ret = ibake_ecdh_check(in->pti->eccpt.curve, in->pti->eccpt.point.data,
			       in->pti->eccpt.point.len, e);
	if (ret)
		err_add(e, "ECCPTi of I_MESSAGE_1");
	return ret;
}

/* y lives no longer than this function: TGK and auth_key are all that is kept of it. */
static int agree(struct ibake_call *c, const struct plain *in, struct err *e)
{
	struct call_secret *s = c->secret;
	int ret;

	c->curve = in->pti->eccpt.curve;
	c->point_len = in->pti->eccpt.point.len;
	memcpy(c->point_i, in->pti->eccpt.point.data, c->point_len);
	s->scalar_len =
		ibake_ecdh_generate(c->curve, random_of_engine, c->en, s->scalar, c->point_r);
	if (!s->scalar_len)
		ret = err_set(e, ENOMEM, "y cannot be drawn");
	else
		ret = ibake_keys_agree(c, s->scalar, s->scalar_len, c->point_i, s, e);
	secret_wipe(s->scalar, sizeof(s->scalar));
	s->scalar_len = 0;
	return ret;
}

static int build_r1(struct ibake_call *c, const struct buf *encr, struct err *e)
{
	struct mikey_srtp_policy p;
	struct mikey_writer w;
	struct mikey_hdr hdr;

	for (unsigned int i = 0; i < c->n_cs; i++)
		c->cs_policy[i] = c->policy_no;
	ibake_outer_hdr(c, MIKEY_R_MESSAGE_1, true, &hdr);
	mikey_write_msg(&w, &c->r1, &hdr, c->cs, c->n_cs);
	mikey_put_t(&w, MIKEY_TS_NTP_UTC, c->t1);
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, c->peer_uri, strlen(c->peer_uri));
	mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, c->local, strlen(c->local));
	if (c->has_sp && mikey_srtp_suite(c->suite, &p))
		mikey_put_sp(&w, c->policy_no, &p);
	ibake_hint_put(&w, c->peer_sp, ibe_period_start(c->t_unix, c->peer_sp->granularity));
	mikey_put_ibake(&w, encr->data, encr->len);
	return mikey_write_end(&w, e);
}

static void made_r1(struct ibake_call *c, struct work *w)
{
	if (w->ret || build_r1(c, &w->out, &w->e)) {
		ibake_call_fail(c, &w->e);
		return;
	}
	ibake_call_send(c, 1, &c->r1, false);
}

static int make_r1(struct ibake_call *c, struct err *e)
{
	struct plain_point pti = {c->curve, c->point_i, NULL};
	struct plain_point ptr = {c->curve, c->point_r, c->mki};
	struct buf plain = BUF_INIT;
	int ret = ibake_plain_write(&plain, c->peer_uri, &pti, c->local, &ptr, NULL, 0, e);

	if (!ret)
		ret = ibake_work_encrypt(c, c->peer_sp, c->peer_uri, &plain, made_r1, e);
	buf_free(&plain);
	return ret;
}

static int accept_i1(struct ibake_call *c, struct work *w, struct err *e)
{
	struct ibake_engine *en = c->en;
	struct plain *in = malloc(sizeof(*in));
	int64_t lives;
	int ret;

	if (!in)
		return err_set(e, ENOMEM, "out of memory");
	ret = ibake_plain_parse(w->out.data, w->out.len, in, e);
	if (!ret)
		ret = inner_i1(c, in, e);
	/* The entry stays for as long as T could pass, and as much again for a clock that is set.
	 */
	lives = c->t_unix - ibake_engine_unix(en) + 2 * (int64_t)en->config.window_s + 1;
	if (!ret &&
	    !ibake_replay_add(en->replay, c->encr_digest,
			      ibake_engine_mono(en) + (uint64_t)(lives > 0 ? lives : 0) * 1000,
			      ibake_engine_mono(en))) {
		en->stats.replay_full++;
		ret = err_set(e, ENOBUFS, "replay cache is full");
	}
	if (!ret)
		ret = draw_mki(c, e);
	if (!ret)
		ret = agree(c, in, e);
	free(in);
	return ret;
}

static void opened_i1(struct ibake_call *c, struct work *w)
{
	struct ibake_peer src = c->peer;
	int ret = w->ret;

	if (ret)
		err_add(&w->e, "I_MESSAGE_1 does not open with the key of %s", c->local);
	else
		ret = accept_i1(c, w, &w->e);
	if (ret) {
		ibake_call_refuse(c->en, c, &src, MIKEY_I_MESSAGE_1, w->msg.len, &w->e);
		ibake_call_end(c);
		return;
	}
	c->announced = true;
	c->en->stats.calls_incoming++;
	ibake_call_event(c, IBAKE_EV_INCOMING, MIKEY_I_MESSAGE_1, w->msg.len);
	if (!c->dead)
		ibake_call_received(c, 0, w->msg.len);
	if (!c->dead && make_r1(c, &w->e))
		ibake_call_fail(c, &w->e);
}

/* What needs no pairing. @c is new and goes away if anything is refused. */
static int judge_i1(struct ibake_call *c, const struct mikey_msg *msg, const struct outer *o,
		    struct err *e)
{
	struct ibake_engine *en = c->en;
	int ret;

	c->csb_id = msg->hdr.csb_id;
	c->prf = msg->hdr.prf;
	if (c->prf != MIKEY_PRF_MIKEY_1 && c->prf != MIKEY_PRF_HMAC_SHA_256)
		return err_set(e, EPROTONOSUPPORT, "PRF function %u is not known", c->prf);
	ret = take_map(c, &msg->hdr, e);
	if (ret)
		return ret;
	if (!ibake_oct_copy_uri(o->idi->id.data, c->peer_uri) ||
	    !ibake_oct_copy_uri(o->idr->id.data, c->local))
		return err_set(e, EPROTO, "identity of I_MESSAGE_1 is too long");
	if (!strcmp(c->peer_uri, c->local))
		return err_set(e, EPROTO, "I_MESSAGE_1 says to come from %s itself", c->local);
	c->rnd_len = o->rnd->rand.data.len;
	memcpy(c->rnd, o->rnd->rand.data.data, c->rnd_len);
	if (en->ops.incoming) {
		ret = en->ops.incoming(en->arg, c->peer_uri, c->local, &c->peer, &c->policy, e);
		if (ret)
			return ret;
	}
	ibake_policy_fill(&c->policy);
	ret = choose_suite(c, msg, e);
	if (ret)
		return ret;
	return find_keys(c, msg, e);
}

/* A repetition of what the call already has, octet by octet and from the same place. */
static int repeated(struct ibake_call *c, const struct mikey_msg *msg, unsigned int n,
		    const struct buf *answer, struct err *e)
{
	if (c->busy || !answer->len)
		return err_set(e, EALREADY, "%s is being looked at",
			       mikey_type_name(msg->hdr.type));
	c->en->stats.repeats_answered++;
	ibake_call_send(c, n, answer, true);
	return 0;
}

int ibake_responder_i1(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e)
{
	struct ibake_call *c = ibake_call_of_peer(en, IBAKE_RESPONDER, src, msg->hdr.csb_id);
	uint8_t digest[DIGEST_LEN], encr_digest[DIGEST_LEN];
	struct outer o;
	int64_t t_unix;
	uint64_t t;
	int ret;

	SHA256(msg->data, msg->len, digest);
	if (c && !memcmp(digest, c->digest[0], DIGEST_LEN)) {
		if (c->state != IBAKE_ST_WAIT_I2)
			return err_set(e, EALREADY, "I_MESSAGE_1 came again");
		return repeated(c, msg, 1, &c->r1, e);
	}
	ret = ibake_outer_get(msg, NEED_RAND | NEED_IDS | NEED_IBAKE, &o, e);
	if (!ret)
		ret = ibake_outer_time(en, &o, &t, &t_unix, e);
	if (ret)
		return ibake_call_refuse(en, NULL, src, MIKEY_I_MESSAGE_1, msg->len, e);
	SHA256(o.ibake->encr.data, o.ibake->encr.len, encr_digest);
	if (encr_known(en, encr_digest)) {
		en->stats.replays++;
		err_set(e, EEXIST, "I_MESSAGE_1 is a replay");
		return ibake_call_refuse(en, NULL, src, MIKEY_I_MESSAGE_1, msg->len, e);
	}
	if (c) {
		err_set(e, EEXIST, "CSB ID of I_MESSAGE_1 is that of a call of the same peer");
		return ibake_call_refuse(en, NULL, src, MIKEY_I_MESSAGE_1, msg->len, e);
	}
	ret = limits(en, src, e);
	if (ret)
		return ibake_call_refuse(en, NULL, src, MIKEY_I_MESSAGE_1, msg->len, e);
	c = ibake_call_new(en, IBAKE_RESPONDER, src, &en->config.policy);
	if (!c) {
		err_set(e, ENOMEM, "out of memory");
		return ibake_call_refuse(en, NULL, src, MIKEY_I_MESSAGE_1, msg->len, e);
	}
	c->t1 = t;
	c->t_unix = t_unix;
	memcpy(c->digest[0], digest, DIGEST_LEN);
	memcpy(c->encr_digest, encr_digest, DIGEST_LEN);
	c->deadline = ibake_engine_mono(en) + en->config.half_open_ms;
	buf_put(&c->i1, msg->data, msg->len);
	ret = c->i1.failed ? err_set(e, ENOMEM, "out of memory") : judge_i1(c, msg, &o, e);
	if (!ret)
		ret = ibake_work_decrypt(c, o.ibake->encr, msg->data, msg->len, opened_i1, e);
	if (ret) {
		ibake_call_refuse(en, c, src, MIKEY_I_MESSAGE_1, msg->len, e);
		ibake_call_end(c);
	}
	return ret;
}

/* ---- I_MESSAGE_2 ---- */

static int outer_i2(struct ibake_call *c, const struct mikey_msg *msg, struct outer *o, uint64_t *t,
		    struct err *e)
{
	int64_t t_unix;
	int ret = ibake_outer_get(msg, NEED_RAND | NEED_IDS | NEED_IBAKE, o, e);

	if (!ret)
		ret = ibake_outer_same_header(c, msg, e);
	if (!ret)
		ret = ibake_outer_time(c->en, o, t, &t_unix, e);
	if (ret)
		return ret;
	/* As a difference: the era of NTP may change between the two. */
	if ((int64_t)(*t - c->t1) <= 0)
		return err_set(e, EPROTO,
			       "timestamp of I_MESSAGE_2 is not after that of I_MESSAGE_1");
	if (o->rnd->rand.data.len != c->rnd_len ||
	    memcmp(o->rnd->rand.data.data, c->rnd, c->rnd_len))
		return err_set(e, EPROTO, "I_MESSAGE_2 does not repeat the RAND of I_MESSAGE_1");
	if (!ibake_oct_is(o->idi->id.data, c->peer_uri) || !ibake_oct_is(o->idr->id.data, c->local))
		return err_set(e, EPROTO, "I_MESSAGE_2 names other identities than R_MESSAGE_1");
	return 0;
}

static int inner_i2(struct ibake_call *c, const struct plain *in, struct err *e)
{
	const struct mikey_payload *ptr = in->ptr;

	if (!ibake_oct_is(in->idi, c->peer_uri) || !ibake_oct_is(in->idr, c->local))
		return err_set(e, EBADMSG, "identities inside I_MESSAGE_2 are not those outside");
	if (in->pti)
		return err_set(e, EPROTO, "I_MESSAGE_2 has an ECCPTi that R_MESSAGE_1 had too");
	if (!ptr)
		return err_set(e, EPROTO, "I_MESSAGE_2 has no ECCPTr");
	if (ptr->eccpt.curve != c->curve || ptr->eccpt.point.len != c->point_len ||
	    !secret_equal(ptr->eccpt.point.data, c->point_r, c->point_len))
		return err_set(e, EBADMSG, "ECCPTr of I_MESSAGE_2 is not the one sent");
	if (ptr->eccpt.kv.type != MIKEY_KV_SPI || ptr->eccpt.kv.spi.len != IBAKE_MKI_LEN ||
	    memcmp(ptr->eccpt.kv.spi.data, c->mki, IBAKE_MKI_LEN))
		return err_set(e, EBADMSG,
			       "ECCPTr of I_MESSAGE_2 has another MKI than the one sent");
	return 0;
}

/* Sets @nonce and @bound where I_MESSAGE_2 proves that its sender knows [y]P and wrote all of it.
 */
static int binding_i2(struct ibake_call *c, const struct plain *in, const struct buf *i2,
		      uint8_t nonce[NONCE_LEN], bool *bound, struct err *e)
{
	uint8_t want[DIGEST_LEN];
	int ret;

	*bound = false;
	if (c->policy.binding == IBAKE_BINDING_OFF)
		return 0;
	if (!in->binding.data) {
		if (c->policy.binding == IBAKE_BINDING_REQUIRE)
			return err_set(e, EACCES, "I_MESSAGE_2 has no binding, which is required");
		return 0;
	}
	ret = ibake_binding_of_i2(&c->i1, &c->r1, i2->data, i2->len, want, e);
	if (ret)
		return ret;
	if (in->binding.len != NONCE_LEN + DIGEST_LEN ||
	    !secret_equal(in->binding.data + NONCE_LEN, want, DIGEST_LEN))
		return err_set(e, EBADMSG,
			       "binding of I_MESSAGE_2 is wrong: a message was changed on its way");
	memcpy(nonce, in->binding.data, NONCE_LEN);
	*bound = true;
	return 0;
}

static int build_r2(struct ibake_call *c, const struct buf *i2, uint64_t t2, bool bound,
		    const uint8_t *nonce, struct err *e)
{
	struct mikey_oct ids[2] = {
		{(const uint8_t *)c->peer_uri, strlen(c->peer_uri)},
		{(const uint8_t *)c->local, strlen(c->local)},
	};
	uint8_t binding[DIGEST_LEN];
	struct mikey_writer w;
	struct mikey_hdr hdr;

	ibake_outer_hdr(c, MIKEY_R_MESSAGE_2, false, &hdr);
	mikey_write_msg(&w, &c->r2, &hdr, c->cs, c->n_cs);
	mikey_put_t(&w, MIKEY_TS_NTP_UTC, t2);
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, ids[0].data, ids[0].len);
	mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, ids[1].data, ids[1].len);
	if (bound) {
		ibake_binding_of_r2(&c->i1, &c->r1, i2->data, i2->len, nonce, binding);
		mikey_put_ext(&w, MIKEY_EXT_BINDING, binding, sizeof(binding));
	}
	mikey_v_append(&w, c->secret->auth, c->secret->auth_len, ids, 2);
	return mikey_write_end(&w, e);
}

static int accept_i2(struct ibake_call *c, struct work *w, struct err *e)
{
	struct plain *in = malloc(sizeof(*in));
	uint8_t nonce[NONCE_LEN];
	struct mikey_msg msg;
	struct outer o;
	bool bound;
	uint64_t t;
	int ret;

	if (!in)
		return err_set(e, ENOMEM, "out of memory");
	ret = mikey_parse(w->msg.data, w->msg.len, &msg, e);
	if (!ret)
		ret = outer_i2(c, &msg, &o, &t, e);
	if (!ret)
		ret = ibake_plain_parse(w->out.data, w->out.len, in, e);
	if (!ret)
		ret = inner_i2(c, in, e);
	if (!ret)
		ret = binding_i2(c, in, &w->msg, nonce, &bound, e);
	if (!ret)
		ret = build_r2(c, &w->msg, t, bound, nonce, e);
	if (!ret) {
		c->t2 = t;
		c->bound = bound;
		SHA256(w->msg.data, w->msg.len, c->digest[2]);
		c->state = IBAKE_ST_PROVISIONAL;
		c->deadline = ibake_engine_mono(c->en) + c->en->config.provisional_ms;
	}
	secret_wipe(nonce, sizeof(nonce));
	free(in);
	return ret;
}

static void opened_i2(struct ibake_call *c, struct work *w)
{
	struct ibake_peer src = c->peer;
	int ret = w->ret;

	if (ret)
		err_add(&w->e, "I_MESSAGE_2 does not open with the key of %s", c->local);
	else
		ret = accept_i2(c, w, &w->e);
	if (ret) {
		ibake_call_refuse(c->en, c, &src, MIKEY_I_MESSAGE_2, w->msg.len, &w->e);
		return;
	}
	ibake_call_received(c, 2, w->msg.len);
	if (!c->dead && !c->bound && c->policy.binding == IBAKE_BINDING_PREFER)
		ibake_call_event(c, IBAKE_EV_UNBOUND, MIKEY_I_MESSAGE_2, w->msg.len);
	/* Keys first: the Initiator may send media as soon as it has R_MESSAGE_2. */
	if (!c->dead && ibake_keys_hand_over(c, &w->e)) {
		ibake_call_fail(c, &w->e);
		return;
	}
	if (!c->dead)
		ibake_call_send(c, 3, &c->r2, false);
	if (!c->dead)
		ibake_call_wipe(c);
}

int ibake_responder_i2(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e)
{
	struct ibake_call *c = ibake_call_of_peer(en, IBAKE_RESPONDER, src, msg->hdr.csb_id);
	uint8_t digest[DIGEST_LEN];
	struct outer o;
	uint64_t t;
	int ret;

	if (!c || !c->announced) {
		err_set(e, ENOENT, "I_MESSAGE_2 belongs to no call");
		return ibake_call_refuse(en, NULL, src, MIKEY_I_MESSAGE_2, msg->len, e);
	}
	if (c->state != IBAKE_ST_WAIT_I2) {
		SHA256(msg->data, msg->len, digest);
		if (!memcmp(digest, c->digest[2], DIGEST_LEN))
			return repeated(c, msg, 3, &c->r2, e);
		err_set(e, EPROTO, "I_MESSAGE_2 comes when another one was accepted");
		return ibake_call_refuse(en, c, src, MIKEY_I_MESSAGE_2, msg->len, e);
	}
	if (!c->r1.len) {
		err_set(e, EPROTO, "I_MESSAGE_2 comes before R_MESSAGE_1 was sent");
		return ibake_call_refuse(en, c, src, MIKEY_I_MESSAGE_2, msg->len, e);
	}
	if (c->busy)
		return err_set(e, EALREADY, "I_MESSAGE_2 is being looked at");
	ret = outer_i2(c, msg, &o, &t, e);
	if (!ret && !ibake_buckets_take(en->in_call, src, ibake_engine_mono(en))) {
		en->stats.bucket_refusals++;
		ret = err_set(e, EBUSY, "source sends more than may be decrypted");
	}
	if (!ret)
		ret = ibake_work_decrypt(c, o.ibake->encr, msg->data, msg->len, opened_i2, e);
	if (ret)
		return ibake_call_refuse(en, c, src, MIKEY_I_MESSAGE_2, msg->len, e);
	return 0;
}

/* ---- time ---- */

void ibake_responder_tick(struct ibake_call *c, uint64_t now)
{
	struct err e = ERR_INIT;

	if (now < c->deadline)
		return;
	if (c->state == IBAKE_ST_WAIT_I2)
		err_set(&e, ETIMEDOUT, "no good I_MESSAGE_2 within %u s%s%s",
			c->en->config.half_open_ms / 1000, c->last.code ? "; the last one: " : "",
			c->last.msg);
	else
		err_set(&e, ETIMEDOUT, "no authentic media of %s within %u s", c->peer_uri,
			c->en->config.provisional_ms / 1000);
	ibake_call_fail(c, &e);
}
