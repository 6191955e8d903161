// SPDX-License-Identifier: GPL-2.0-or-later
/* The Initiator: I_MESSAGE_1, R_MESSAGE_1 checked, I_MESSAGE_2, R_MESSAGE_2 checked.
 *
 * Nothing that came in by R_MESSAGE_1 can be trusted to be the Responder's before the echo of
 * ECCPTi was compared, and anybody can write an R_MESSAGE_1 that opens: whatever is wrong with one
 * is therefore refused without a change of state, and the right one may still come. What counts in
 * the end is the time limit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/ntp.h"
#include "base/secret.h"
#include "ibake/internal.h"
#include "ibe/sysparams.h"

static int policy_check(const struct ibake_policy *p, struct err *e)
{
	struct mikey_srtp_policy srtp;

	if (p->prf != MIKEY_PRF_MIKEY_1 && p->prf != MIKEY_PRF_HMAC_SHA_256)
		return err_set(e, EINVAL, "PRF function %u is not known", p->prf);
	if (!mikey_point_len(p->curve))
		return err_set(e, EINVAL, "curve %u is not supported", p->curve);
	if (p->n_suites > IBAKE_SUITES_MAX)
		return err_set(e, EINVAL, "policy names more than %u suites", IBAKE_SUITES_MAX);
	for (unsigned int i = 0; i < p->n_suites; i++)
		if (!p->suites[i] || !mikey_srtp_suite(p->suites[i], &srtp))
			return err_set(e, EINVAL, "suite %s is not known",
				       p->suites[i] ? p->suites[i] : "(none)");
	return 0;
}

static bool csb_in_use(struct ibake_engine *en, uint32_t csb_id)
{
	for (struct ibake_call *c = en->calls; c; c = c->next)
		if (!c->dead && c->csb_id == csb_id)
			return true;
	return false;
}

/* ---- I_MESSAGE_1 ---- */

static int build_i1(struct ibake_call *c, const struct buf *encr, struct err *e)
{
	struct mikey_srtp_policy p;
	struct mikey_writer w;
	struct mikey_hdr hdr;

	ibake_outer_hdr(c, MIKEY_I_MESSAGE_1, true, &hdr);
	mikey_write_msg(&w, &c->i1, &hdr, c->cs, c->n_cs);
	mikey_put_t(&w, MIKEY_TS_NTP_UTC, c->t1);
	mikey_put_rand(&w, c->rnd, c->rnd_len);
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, c->local, strlen(c->local));
	mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, c->called, strlen(c->called));
	for (unsigned int i = 0; i < c->policy.n_suites; i++) {
		mikey_srtp_suite(c->policy.suites[i], &p);
		mikey_put_sp(&w, (uint8_t)(OFFER_FIRST + i), &p);
	}
	ibake_hint_put(&w, c->peer_sp, ibe_period_start(c->t_unix, c->peer_sp->granularity));
	mikey_put_ibake(&w, encr->data, encr->len);
	return mikey_write_end(&w, e);
}

/* A message goes out for the first time, and from now on its answer is waited for. */
static void first_send(struct ibake_call *c, unsigned int n, const struct buf *msg)
{
	uint64_t now = ibake_engine_mono(c->en);

	c->resends = 0;
	c->interval = c->en->config.retransmit_ms;
	c->next_send = c->en->config.retransmit_max ? now + c->interval : IBAKE_NO_DEADLINE;
	c->deadline = now + c->en->config.give_up_ms;
	ibake_call_send(c, n, msg, false);
}

static void made_i1(struct ibake_call *c, struct work *w)
{
	if (w->ret || build_i1(c, &w->out, &w->e)) {
		ibake_call_fail(c, &w->e);
		return;
	}
	SHA256(c->i1.data, c->i1.len, c->digest[0]);
	first_send(c, 0, &c->i1);
}

static int make_i1(struct ibake_call *c, struct err *e)
{
	struct plain_point pti = {c->curve, c->point_i, NULL};
	struct buf plain = BUF_INIT;
	int ret = ibake_plain_write(&plain, c->local, &pti, c->called, NULL, NULL, 0, e);

	if (!ret)
		ret = ibake_work_encrypt(c, c->peer_sp, c->called, &plain, made_i1, e);
	buf_free(&plain);
	return ret;
}

static void draw(struct ibake_call *c)
{
	struct ibake_engine *en = c->en;
	uint8_t id[4];

	do {
		ibake_engine_random(en, id, sizeof(id));
	} while (csb_in_use(en, (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
					(uint32_t)id[2] << 8 | id[3]));
	c->csb_id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
	c->rnd_len = RAND_LEN;
	ibake_engine_random(en, c->rnd, c->rnd_len);
	c->t1 = ibake_engine_new_t(en);
	c->t_unix = ntp_to_unix(c->t1, ibake_engine_unix(en));
}

static void random_of_engine(void *arg, void *p, size_t len)
{
	ibake_engine_random(arg, p, len);
}

static int names(const char *from, const char *to, struct ibake_call *c, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = ibe_uri_normalise(from, &b, e);

	if (!ret) {
		ibake_oct_copy_uri((struct mikey_oct){b.data, b.len}, c->local);
		buf_reset(&b);
		ret = ibe_uri_normalise(to, &b, e);
	}
	if (!ret) {
		ibake_oct_copy_uri((struct mikey_oct){b.data, b.len}, c->called);
		memcpy(c->peer_uri, c->called, sizeof(c->peer_uri));
		if (!strcmp(c->local, c->called))
			ret = err_set(e, EINVAL, "%s would call itself", c->local);
	}
	buf_free(&b);
	return ret;
}

static int start(struct ibake_call *c, const char *from, const char *to, unsigned int n_media,
		 struct err *e)
{
	struct ibake_engine *en = c->en;
	struct ibake_key key = { 0 };
	int ret;

	ret = names(from, to, c, e);
	if (ret)
		return ret;
	c->prf = c->policy.prf;
	c->curve = c->policy.curve;
	c->point_len = mikey_point_len(c->curve);
	c->n_cs = 2 * n_media;
	for (unsigned int i = 0; i < c->n_cs; i++) {
		c->cs_policy[i] = OFFER_FIRST;
		c->cs[i] = (struct mikey_cs){.id = (uint8_t)(i + 1), .has_ssrc = true};
		c->cs[i].policies = (struct mikey_oct){&c->cs_policy[i], 1};
	}
	draw(c);
	ret = en->ops.find_key(en->arg, c->local, c->t_unix, NULL, &key, e);
	if (ret)
		return ret;
	c->key = ibake_held_key_new(&key);
	if (!c->key) {
		if (key.release)
			key.release(key.ref);
		return err_set(e, ENOMEM, "out of memory");
	}
	ret = en->ops.find_params(en->arg, c->called, c->t_unix, &c->peer_sp, e);
	if (ret)
		return ret;
	ret = ibe_sysparams_check_time(c->peer_sp, c->t_unix, e);
	if (ret)
		return ret;
	c->secret->scalar_len =
		ibake_ecdh_generate(c->curve, random_of_engine, en, c->secret->scalar, c->point_i);
	if (!c->secret->scalar_len)
		return err_set(e, ENOMEM, "x cannot be drawn");
	c->announced = true;
	return make_i1(c, e);
}

int ibake_call_start(struct ibake_engine *en, const char *from, const char *to,
		     const struct ibake_peer *peer, unsigned int n_media,
		     const struct ibake_policy *policy, uint64_t *call, struct err *e)
{
	struct err local = ERR_INIT;
	struct ibake_call *c;
	uint64_t id;
	int ret;

	if (!policy)
		policy = &en->config.policy;
	ret = policy_check(policy, e);
	if (ret)
		return ret;
	if (!n_media || n_media > IBAKE_MEDIA_MAX)
		return err_set(e, EINVAL, "a call has 1 to %u media lines", IBAKE_MEDIA_MAX);
	if (peer->len > IBAKE_ADDR_MAX || peer->source_len > peer->len)
		return err_set(e, EINVAL, "address of the peer has an impossible length");
	ibake_engine_enter(en);
	/* Calls of our own come before exchanges that anybody may have begun. */
	if (ibake_call_count(en) >= en->config.max_calls &&
	    !ibake_responder_evict(en, ibake_engine_mono(en))) {
		ret = err_set(e, EMFILE, "there are %u calls already", en->config.max_calls);
		ibake_engine_leave(en);
		return ret;
	}
	c = ibake_call_new(en, IBAKE_INITIATOR, peer, policy);
	if (!c) {
		ret = err_set(e, ENOMEM, "out of memory");
	} else {
		id = c->id;
		if (call)
			*call = id;
		ret = start(c, from, to, n_media, &local);
		if (ret) {
			if (e)
				*e = local;
			ibake_call_end(c);
		} else {
			en->stats.calls_started++;
		}
	}
	ibake_engine_leave(en);
	return ret;
}

/* ---- R_MESSAGE_1 ---- */

/* The answer names one policy of the offer and repeats it; none stands for SRTP's defaults. */
static int answered_suite(const struct ibake_call *c, const struct mikey_msg *msg,
			  const char **suite, struct err *e)
{
	const struct mikey_payload *sp = mikey_find(msg, MIKEY_SP, 0);
	struct mikey_srtp_policy p;
	const char *name = DEFAULT_SUITE;
	unsigned int n;
	int ret;

	if (sp) {
		ret = mikey_srtp_policy_get(sp, &p, e);
		if (ret)
			return ret;
		name = mikey_srtp_suite_name(&p);
		n = sp->sp.policy - OFFER_FIRST;
		if (mikey_find(msg, MIKEY_SP, 1) || !name || n >= c->policy.n_suites ||
		    strcmp(name, c->policy.suites[n]))
			return err_set(e, EPROTO, "SP of R_MESSAGE_1 is not one of those offered");
	} else {
		for (n = 0; n < c->policy.n_suites && strcmp(name, c->policy.suites[n]); n++)
			;
		if (n == c->policy.n_suites)
			return err_set(e, EPROTO,
				       "R_MESSAGE_1 has no SP, and the default was not offered");
	}
	*suite = c->policy.suites[n];
	return 0;
}

/* Which policy was chosen is said twice, and the two must agree. */
static int answered_map(const struct ibake_call *c, const struct mikey_msg *msg, struct err *e)
{
	const struct mikey_payload *sp = mikey_find(msg, MIKEY_SP, 0);
	struct mikey_cs cs;

	for (unsigned int i = 0; i < c->n_cs; i++) {
		if (!mikey_cs_get(&msg->hdr, i, &cs) || cs.policies.len != 1)
			return err_set(e, EPROTO, "CS ID map of R_MESSAGE_1 is damaged");
		if (sp && cs.policies.data[0] != sp->sp.policy)
			return err_set(e, EPROTO,
				       "CS ID map of R_MESSAGE_1 names policy %u, its SP is policy %u",
				       cs.policies.data[0], sp->sp.policy);
	}
	return 0;
}

static int outer_r1(const struct ibake_call *c, const struct mikey_msg *msg, struct outer *o,
		    const char **suite, struct err *e)
{
	int ret = ibake_outer_get(msg, NEED_IDS | NEED_IBAKE, o, e);

	if (!ret)
		ret = ibake_outer_same_header(c, msg, e);
	if (ret)
		return ret;
	if (mikey_ts64(o->t) != c->t1)
		return err_set(e, EPROTO, "R_MESSAGE_1 has another timestamp than I_MESSAGE_1");
	if (!ibake_oct_is(o->idi->id.data, c->local))
		return err_set(e, EPROTO, "IDRi of R_MESSAGE_1 is not %s", c->local);
	if (ibake_oct_is(o->idr->id.data, c->local))
		return err_set(e, EPROTO, "R_MESSAGE_1 says to come from %s itself", c->local);
	if (!ibake_oct_is(o->idr->id.data, c->called)) {
		if (!c->policy.accept_other)
			return err_set(e, EPERM, "somebody else than %s answered", c->called);
		if (c->policy.binding == IBAKE_BINDING_OFF)
			return err_set(e, EPERM,
				       "somebody else than %s answered, and without binding he "
				       "cannot prove who he is",
				       c->called);
	}
	ret = answered_suite(c, msg, suite, e);
	return ret ? ret : answered_map(c, msg, e);
}

static bool mki_taken(struct ibake_engine *en, const struct ibake_call *self, const uint8_t *mki)
{
	if (en->ops.mki_live && en->ops.mki_live(en->arg, mki))
		return true;
	for (const struct ibake_call *c = en->calls; c; c = c->next)
		if (c != self && !c->dead && (c->keyed || c->r1.len) &&
		    !memcmp(c->mki, mki, IBAKE_MKI_LEN) && c->role == self->role)
			return true;
	return false;
}

static int inner_r1(struct ibake_call *c, const struct plain *in, const struct outer *o,
		    struct err *e)
{
	const struct mikey_payload *ptr = in->ptr, *pti = in->pti;
	int ret;

	if (!mikey_oct_equal(in->idi, o->idi->id.data) ||
	    !mikey_oct_equal(in->idr, o->idr->id.data))
		return err_set(e, EBADMSG, "identities inside R_MESSAGE_1 are not those outside");
	if (!pti)
		return err_set(e, ENOKEY,
			       "R_MESSAGE_1 has no ECCPTi: who sent it could not open I_MESSAGE_1");
	if (pti->eccpt.curve != c->curve || pti->eccpt.point.len != c->point_len ||
	    !secret_equal(pti->eccpt.point.data, c->point_i, c->point_len))
		return err_set(e, EBADMSG, "ECCPTi of R_MESSAGE_1 is not the one sent");
	if (!ptr)
		return err_set(e, EPROTO, "R_MESSAGE_1 has no ECCPTr");
	if (ptr->eccpt.curve != c->curve)
		return err_set(e, EPROTO, "ECCPTr is on another curve than ECCPTi");
	ret = ibake_ecdh_check(c->curve, ptr->eccpt.point.data, ptr->eccpt.point.len, e);
	if (ret) {
		err_add(e, "ECCPTr of R_MESSAGE_1");
		return ret;
	}
	if (secret_equal(ptr->eccpt.point.data, c->point_i, c->point_len))
		return err_set(e, EBADMSG, "ECCPTr of R_MESSAGE_1 is our own point");
	if (ptr->eccpt.kv.type != MIKEY_KV_SPI || ptr->eccpt.kv.spi.len != IBAKE_MKI_LEN)
		return err_set(e, EPROTO, "ECCPTr of R_MESSAGE_1 has no MKI of %u octets",
			       IBAKE_MKI_LEN);
	if (mki_taken(c->en, c, ptr->eccpt.kv.spi.data))
		return err_set(e, EEXIST, "MKI of R_MESSAGE_1 is that of a key in use");
	return 0;
}

/* ---- I_MESSAGE_2 ---- */

static int build_i2(struct ibake_call *c, const struct buf *encr, struct buf *out, struct err *e)
{
	struct mikey_writer w;
	struct mikey_hdr hdr;

	ibake_outer_hdr(c, MIKEY_I_MESSAGE_2, true, &hdr);
	mikey_write_msg(&w, out, &hdr, c->cs, c->n_cs);
	mikey_put_t(&w, MIKEY_TS_NTP_UTC, c->t2);
	mikey_put_rand(&w, c->rnd, c->rnd_len);
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, c->local, strlen(c->local));
	mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, c->peer_uri, strlen(c->peer_uri));
	ibake_hint_put(&w, c->peer_sp, ibe_period_start(c->t_unix, c->peer_sp->granularity));
	mikey_put_ibake(&w, encr->data, encr->len);
	return mikey_write_end(&w, e);
}

static void made_i2(struct ibake_call *c, struct work *w)
{
	if (w->ret || build_i2(c, &w->out, &c->i2, &w->e)) {
		ibake_call_fail(c, &w->e);
		return;
	}
	first_send(c, 2, &c->i2);
}

static int make_i2(struct ibake_call *c, struct err *e)
{
	struct plain_point ptr = {c->curve, c->point_r, c->mki};
	bool bind = c->policy.binding != IBAKE_BINDING_OFF;
	uint8_t binding[NONCE_LEN + DIGEST_LEN];
	struct buf plain = BUF_INIT, draft = BUF_INIT, none = BUF_INIT;
	int ret = 0;

	if (bind) {
		ibake_engine_random(c->en, c->secret->nonce, NONCE_LEN);
		memcpy(binding, c->secret->nonce, NONCE_LEN);
		ret = build_i2(c, &none, &draft, e);
		if (!ret)
			ret = ibake_binding_of_i2(&c->i1, &c->r1, draft.data, draft.len,
						  binding + NONCE_LEN, e);
	}
	if (!ret)
		ret = ibake_plain_write(&plain, c->local, NULL, c->peer_uri, &ptr,
					bind ? binding : NULL, sizeof(binding), e);
	if (!ret)
		ret = ibake_work_encrypt(c, c->peer_sp, c->peer_uri, &plain, made_i2, e);
	secret_wipe(binding, sizeof(binding));
	buf_free(&draft);
	buf_free(&plain);
	return ret;
}

/* All that may still refuse comes first, then the call changes at once. */
static int accept_r1(struct ibake_call *c, struct work *w, struct err *e)
{
	struct ibake_engine *en = c->en;
	struct ibe_sysparams *sp = NULL;
	char other[IBE_URI_MAX + 1];
	const char *suite = NULL;
	struct mikey_msg msg;
	struct outer o;
	struct plain *in;
	int ret;

	in = malloc(sizeof(*in));
	if (!in)
		return err_set(e, ENOMEM, "out of memory");
	ret = mikey_parse(w->msg.data, w->msg.len, &msg, e);
	if (!ret)
		ret = outer_r1(c, &msg, &o, &suite, e);
	if (!ret)
		ret = ibake_plain_parse(w->out.data, w->out.len, in, e);
	if (!ret)
		ret = inner_r1(c, in, &o, e);
	if (!ret)
		ibake_oct_copy_uri(o.idr->id.data, other);
	if (!ret && strcmp(other, c->called)) {
		ret = en->ops.find_params(en->arg, other, c->t_unix, &sp, e);
		if (!ret)
			ret = ibe_sysparams_check_time(sp, c->t_unix, e);
	}
	if (!ret)
		ret = ibake_keys_agree(c, c->secret->scalar, c->secret->scalar_len,
				       in->ptr->eccpt.point.data, c->secret, e);
	if (!ret) {
		buf_put(&c->r1, w->msg.data, w->msg.len);
		if (c->r1.failed)
			ret = err_set(e, ENOMEM, "out of memory");
	}
	if (ret) {
		ibe_sysparams_put(sp);
		goto out;
	}
	secret_wipe(c->secret->scalar, sizeof(c->secret->scalar));
	c->secret->scalar_len = 0;
	if (sp) {
		ibe_sysparams_put(c->peer_sp);
		c->peer_sp = sp;
		memcpy(c->peer_uri, other, sizeof(other));
	}
	memcpy(c->point_r, in->ptr->eccpt.point.data, c->point_len);
	memcpy(c->mki, in->ptr->eccpt.kv.spi.data, IBAKE_MKI_LEN);
	c->suite = suite;
	for (unsigned int i = 0; i < c->n_cs; i++) {
		struct mikey_cs cs;

		/* I_MESSAGE_2 repeats the map as the answer filled it in. */
		if (mikey_cs_get(&msg.hdr, i, &cs)) {
			c->cs_policy[i] = cs.policies.data[0];
			c->cs[i].ssrc = cs.ssrc;
			c->cs[i].roc = cs.roc;
		}
	}
	SHA256(c->r1.data, c->r1.len, c->digest[1]);
	c->t2 = ibake_engine_new_t(en);
	if ((int64_t)(c->t2 - c->t1) <= 0) /* the clock was set back meanwhile */
		c->t2 = c->t1 + 1;
	c->state = IBAKE_ST_WAIT_R2;
	c->next_send = IBAKE_NO_DEADLINE;
out:
	free(in);
	return ret;
}

static void opened_r1(struct ibake_call *c, struct work *w)
{
	struct ibake_peer src = c->peer;
	int ret = w->ret;

	if (ret)
		err_add(&w->e, "R_MESSAGE_1 does not open with the key of %s", c->local);
	else
		ret = accept_r1(c, w, &w->e);
	if (ret) {
		ibake_call_refuse(c->en, c, &src, MIKEY_R_MESSAGE_1, w->msg.len, &w->e);
		return;
	}
	ibake_call_received(c, 1, w->msg.len);
	if (c->dead)
		return;
	if (make_i2(c, &w->e))
		ibake_call_fail(c, &w->e);
}

int ibake_initiator_r1(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e)
{
	struct ibake_call *c = ibake_call_of_peer(en, IBAKE_INITIATOR, src, msg->hdr.csb_id);
	uint8_t digest[DIGEST_LEN];
	const char *suite;
	struct outer o;
	int ret;

	if (!c) {
		err_set(e, ENOENT, "R_MESSAGE_1 belongs to no call");
		return ibake_call_refuse(en, NULL, src, MIKEY_R_MESSAGE_1, msg->len, e);
	}
	SHA256(msg->data, msg->len, digest);
	if (c->state != IBAKE_ST_WAIT_R1) {
		if (!memcmp(digest, c->digest[1], DIGEST_LEN))
			return err_set(e, EALREADY, "R_MESSAGE_1 came again");
		err_set(e, EPROTO, "R_MESSAGE_1 comes when another one was accepted");
		return ibake_call_refuse(en, c, src, MIKEY_R_MESSAGE_1, msg->len, e);
	}
	if (!c->i1.len) {
		err_set(e, EPROTO, "R_MESSAGE_1 comes before I_MESSAGE_1 was sent");
		return ibake_call_refuse(en, c, src, MIKEY_R_MESSAGE_1, msg->len, e);
	}
	if (c->busy)
		return err_set(e, EALREADY, "R_MESSAGE_1 is being looked at");
	ret = outer_r1(c, msg, &o, &suite, e);
	if (!ret && !ibake_buckets_take(en->in_call, src, ibake_engine_mono(en))) {
		en->stats.bucket_refusals++;
		ret = err_set(e, EBUSY, "source sends more than may be decrypted");
	}
	if (!ret)
		ret = ibake_work_decrypt(c, o.ibake->encr, msg->data, msg->len, opened_r1, e);
	if (ret)
		return ibake_call_refuse(en, c, src, MIKEY_R_MESSAGE_1, msg->len, e);
	return 0;
}

/* ---- R_MESSAGE_2 ---- */

static int outer_r2(struct ibake_call *c, const struct mikey_msg *msg, struct err *e)
{
	struct mikey_oct ids[2] = {
		{(const uint8_t *)c->local, strlen(c->local)},
		{(const uint8_t *)c->peer_uri, strlen(c->peer_uri)},
	};
	struct outer o;
	int ret = ibake_outer_get(msg, 0, &o, e);

	if (!ret)
		ret = ibake_outer_same_header(c, msg, e);
	if (ret)
		return ret;
	if (mikey_ts64(o.t) != c->t2)
		return err_set(e, EPROTO, "R_MESSAGE_2 has another timestamp than I_MESSAGE_2");
	if ((o.idi && !ibake_oct_is(o.idi->id.data, c->local)) ||
	    (o.idr && !ibake_oct_is(o.idr->id.data, c->peer_uri)))
		return err_set(e, EPROTO, "R_MESSAGE_2 names other identities than I_MESSAGE_2");
	ret = mikey_v_check(msg, c->secret->auth, c->secret->auth_len, ids, 2, e);
	if (ret)
		err_add(e, "R_MESSAGE_2");
	return ret;
}

/* What V covers is the Responder's word: if it is wrong, no better one will come. */
static int binding_r2(struct ibake_call *c, const struct mikey_msg *msg, struct err *e)
{
	const struct mikey_payload *x = mikey_find_ext(&msg->chain, MIKEY_EXT_BINDING, 0);
	uint8_t want[DIGEST_LEN];

	if (c->policy.binding == IBAKE_BINDING_OFF)
		return 0;
	if (!x) {
		if (c->policy.binding == IBAKE_BINDING_REQUIRE)
			return err_set(e, EACCES, "R_MESSAGE_2 has no binding, which is required");
		if (strcmp(c->peer_uri, c->called))
			return err_set(e, EACCES, "%s answered for %s and has no binding",
				       c->peer_uri, c->called);
		return 0;
	}
	ibake_binding_of_r2(&c->i1, &c->r1, c->i2.data, c->i2.len, c->secret->nonce, want);
	if (mikey_find_ext(&msg->chain, MIKEY_EXT_BINDING, 1) || x->ext.data.len != DIGEST_LEN ||
	    !secret_equal(x->ext.data.data, want, DIGEST_LEN))
		return err_set(e, EBADMSG,
			       "binding of R_MESSAGE_2 is wrong: somebody changed a message, or %s "
			       "did not open I_MESSAGE_2",
			       c->peer_uri);
	c->bound = true;
	return 0;
}

int ibake_initiator_r2(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e)
{
	struct ibake_call *c = ibake_call_of_peer(en, IBAKE_INITIATOR, src, msg->hdr.csb_id);
	int ret;

	if (!c) {
		err_set(e, ENOENT, "R_MESSAGE_2 belongs to no call");
		return ibake_call_refuse(en, NULL, src, MIKEY_R_MESSAGE_2, msg->len, e);
	}
	if (c->state == IBAKE_ST_ESTABLISHED)
		return err_set(e, EALREADY, "R_MESSAGE_2 came after the exchange");
	if (c->state != IBAKE_ST_WAIT_R2 || !c->i2.len) {
		err_set(e, EPROTO, "R_MESSAGE_2 comes before I_MESSAGE_2 was sent");
		return ibake_call_refuse(en, c, src, MIKEY_R_MESSAGE_2, msg->len, e);
	}
	ret = outer_r2(c, msg, e);
	if (ret)
		return ibake_call_refuse(en, c, src, MIKEY_R_MESSAGE_2, msg->len, e);
	ret = binding_r2(c, msg, e);
	if (ret)
		return ibake_call_fail(c, e);
	c->state = IBAKE_ST_ESTABLISHED;
	c->deadline = c->next_send = IBAKE_NO_DEADLINE;
	ibake_call_received(c, 3, msg->len);
	if (!c->dead && !c->bound && c->policy.binding == IBAKE_BINDING_PREFER)
		ibake_call_event(c, IBAKE_EV_UNBOUND, MIKEY_R_MESSAGE_2, msg->len);
	if (!c->dead) {
		ret = ibake_keys_hand_over(c, e);
		if (ret)
			return ibake_call_fail(c, e);
	}
	if (!c->dead)
		ibake_call_wipe(c);
	return 0;
}

/* ---- time ---- */

void ibake_initiator_tick(struct ibake_call *c, uint64_t now)
{
	bool second = c->state == IBAKE_ST_WAIT_R2;
	struct err e = ERR_INIT;

	if (now >= c->deadline) {
		err_set(&e, ETIMEDOUT, "no good answer to %s within %u s%s%s",
			mikey_type_name(second ? MIKEY_I_MESSAGE_2 : MIKEY_I_MESSAGE_1),
			c->en->config.give_up_ms / 1000, c->last.code ? "; the last one: " : "",
			c->last.msg);
		ibake_call_fail(c, &e);
		return;
	}
	if (now < c->next_send)
		return;
	c->resends++;
	c->interval *= 2;
	c->next_send =
		c->resends < c->en->config.retransmit_max ? now + c->interval : IBAKE_NO_DEADLINE;
	ibake_call_send(c, second ? 2 : 0, second ? &c->i2 : &c->i1, true);
}
