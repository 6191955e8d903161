// SPDX-License-Identifier: GPL-2.0-or-later
/* The key server's side of REQUEST_KEY: from the octets of a request to those of its answer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/ntp.h"
#include "base/secret.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "kms/reqkey.h"
#include "kms/seal.h"

/**
 * struct task - one key to be issued
 * @id: index of the identity in the request
 * @period: start of its period
 * @key: DER BFPrivateKeyBlock, once extracted
 * @ret: what the extraction returned
 */
struct task {
	unsigned int id;
	int64_t period;
	struct buf key;
	int ret;
};

/**
 * struct kms_issue - a request that was found good, until its answer is recorded
 * @sys: parameters, referenced
 * @master: the store's; outlives it
 * @req: copy of the request, which @msg points into
 * @msg: parsed
 * @ids: identities of the request, into @req
 * @n_ids: how many
 * @user: whose
 * @guard: keys from its pre-shared key
 * @once: what fixes the key stream; its RAND points into @req
 * @from: first period
 * @to: end of the last one that fits
 * @more: where the next request has to start, 0 if this is all
 * @tasks: keys, period by period, @n_tasks
 */
struct kms_issue {
	struct ibe_sysparams *sys;
	const struct ibe_master *master;
	struct buf req;
	struct mikey_msg msg;
	struct mikey_oct ids[KMS_REQUEST_IDS];
	size_t n_ids;
	struct kms_user user;
	struct mikey_guard guard;
	struct kms_once once;
	int64_t from, to, more;
	struct task *tasks;
	size_t n_tasks;
};

/* A MIKEY error message (RFC 3830 5.1.2). It carries V once the requester has proven itself, so
 * that an honest client can tell the server's word from anybody's.
 */
static int refuse(struct kms_issue *is, struct kms_reply *reply, bool proven, uint8_t no)
{
	struct mikey_hdr hdr = { .type = MIKEY_ERROR, .prf = is->msg.hdr.prf,
				 .csb_id = is->msg.hdr.csb_id, .map_type = MIKEY_MAP_EMPTY };
	const struct mikey_payload *t = mikey_find(&is->msg, MIKEY_T, 0);
	struct mikey_oct ids[KMS_REQUEST_IDS + 1];
	struct mikey_writer w;

	reply->status = 403;
	mikey_write_msg(&w, &reply->body, &hdr, NULL, 0);
	if (t)
		mikey_put(&w, t);
	mikey_put_err(&w, no);
	if (proven)
		mikey_v_append(&w, is->guard.auth, is->guard.auth_len, ids,
			       kms_v_ids(&is->msg, ids));
	if (mikey_write_end(&w, NULL))
		reply->status = 500;
	return -EACCES;
}

static unsigned int count(const struct mikey_msg *msg, uint8_t type)
{
	unsigned int n = 0;

	while (mikey_find(msg, type, n))
		n++;
	return n;
}

/* What can be said without knowing any secret. */
static int check_form(struct kms_issue *is, struct err *e)
{
	const struct mikey_msg *m = &is->msg;
	const struct mikey_payload *t = mikey_find(m, MIKEY_T, 0), *r = mikey_find(m, MIKEY_RAND, 0);

	if (m->hdr.n_cs || m->hdr.map_type != MIKEY_MAP_EMPTY)
		return err_set(e, EPROTO, "a key request has no crypto sessions");
	if (count(m, MIKEY_T) != 1 || t->t.type != MIKEY_TS_NTP_UTC)
		return err_set(e, EPROTO, "a key request has one T of type NTP-UTC");
	if (count(m, MIKEY_RAND) != 1 || r->rand.data.len < KMS_RAND_MIN)
		return err_set(e, EPROTO, "a key request has one RAND of at least %u octets",
			       KMS_RAND_MIN);
	/* Its key stream would be the answer's. */
	if (count(m, MIKEY_KEMAC))
		return err_set(e, EPROTO, "KEMAC in a request");
	for (unsigned int i = 0; i < m->chain.n; i++) {
		const struct mikey_payload *p = &m->chain.p[i];

		if (p->type != MIKEY_IDR ||
		    (p->id.role != MIKEY_ROLE_I && p->id.role != MIKEY_ROLE_R))
			continue;
		if (is->n_ids == KMS_REQUEST_IDS)
			return err_set(e, EPROTO, "more than %u identities", KMS_REQUEST_IDS);
		if (p->id.type != MIKEY_ID_URI)
			return err_set(e, EPROTO, "an identity that is not a URI");
		is->ids[is->n_ids++] = p->id.data;
	}
	if (!is->n_ids)
		return err_set(e, EPROTO, "no identity");
	if (!mikey_find_idr(&m->chain, MIKEY_ROLE_KMS, 0) ||
	    mikey_find_idr(&m->chain, MIKEY_ROLE_KMS, 1) ||
	    mikey_find_idr(&m->chain, MIKEY_ROLE_PSK, 1))
		return err_set(e, EPROTO, "IDRkms once and IDRpsk once at most are needed");
	if (m->chain.p[m->chain.n - 1].type != MIKEY_V)
		return err_set(e, EPROTO, "V is not the last payload");
	return 0;
}

/* The name in IDRpsk, "" if it is none of this district. */
static void psk_name(const struct mikey_payload *id, const char *district, char *name)
{
	size_t dlen = strlen(district), nlen;

	name[0] = '\0';
	if (id->id.type != MIKEY_ID_NAI || id->id.data.len < dlen + 2)
		return;
	nlen = id->id.data.len - dlen - 1;
	if (id->id.data.data[nlen] != '@' ||
	    memcmp(id->id.data.data + nlen + 1, district, dlen) ||
	    !kms_name_ok((const char *)id->id.data.data, nlen))
		return;
	memcpy(name, id->id.data.data, nlen);
	name[nlen] = '\0';
}

/* Who asks, proven by V. An unknown user and a wrong key take the same path and time: the MAC is
 * checked under a key that nobody knows.
 */
static int authenticate(struct kms_store *st, struct kms_issue *is, struct kms_reply *reply)
{
	const struct mikey_payload *id = mikey_find_idr(&is->msg.chain, MIKEY_ROLE_PSK, 0);
	const struct mikey_payload *rnd = mikey_find(&is->msg, MIKEY_RAND, 0);
	struct mikey_oct ids[KMS_REQUEST_IDS + 1];
	char name[KMS_NAME_MAX + 1] = "";
	struct buf psk = BUF_INIT;
	uint8_t nobody[32];
	bool known;
	int ret;

	if (id)
		psk_name(id, is->sys->district, name);
	if (id && !name[0])
		ret = -ENOENT;
	else
		ret = kms_store_user_find(st, id ? name : NULL, (const char *)is->ids[0].data,
					  is->ids[0].len, &is->user, &psk, &reply->why);
	if (ret && ret != -ENOENT)
		goto out;
	known = !ret;
	if (!known) {
		struct buf sealed = BUF_INIT;

		secret_random(nobody, sizeof(nobody));
		seal_put(nobody, NULL, 0, nobody, sizeof(nobody), &sealed, NULL);
		buf_free(&sealed);
		buf_put(&psk, nobody, sizeof(nobody));
	}
	ret = mikey_guard_derive(&is->guard, is->msg.hdr.prf, psk.data, 8 * psk.len,
				 is->msg.hdr.csb_id, rnd->rand.data, &reply->why);
	if (ret)
		goto out;
	ret = mikey_v_check(&is->msg, is->guard.auth, is->guard.auth_len, ids,
			    kms_v_ids(&is->msg, ids), &reply->why);
	/* Not known is said in the log only. */
	if (!known)
		ret = err_set(&reply->why, EACCES, "unknown user%s%s", name[0] ? " " : "", name);
	else if (ret)
		ret = err_set(&reply->why, EACCES, "user %s: V does not verify: wrong pre-shared key",
			      is->user.name);
	else
		strcpy(reply->user, is->user.name);
	if (ret)
		refuse(is, reply, false, MIKEY_ERR_AUTH_FAILURE);
out:
	if (ret && !reply->status)
		reply->status = 500;
	buf_free(&psk);
	return ret;
}

/* Proven requests: is it for this server, now, and for the user's own identities? */
static int authorise(struct kms_store *st, struct kms_issue *is, int64_t now,
		     struct kms_reply *reply)
{
	const struct mikey_payload *kms = mikey_find_idr(&is->msg.chain, MIKEY_ROLE_KMS, 0);
	const struct mikey_payload *t = mikey_find(&is->msg, MIKEY_T, 0);
	int64_t when = ntp_to_unix(mikey_ts64(t), now);
	struct buf self = BUF_INIT;
	bool ours;

	kms_nai("kms", is->sys->district, &self);
	ours = !self.failed && kms->id.type == MIKEY_ID_NAI &&
	       mikey_oct_equal(kms->id.data, (struct mikey_oct){ self.data, self.len });
	buf_free(&self);
	if (!ours) {
		err_set(&reply->why, EACCES, "user %s: IDRkms is not kms@%s", is->user.name,
			is->sys->district);
		return refuse(is, reply, true, MIKEY_ERR_INVALID_ID);
	}
	if (when < now - KMS_TS_WINDOW || when > now + KMS_TS_WINDOW) {
		err_set(&reply->why, EACCES, "user %s: T is %lld seconds off", is->user.name,
			(long long)(when - now));
		return refuse(is, reply, true, MIKEY_ERR_INVALID_TS);
	}
	for (size_t i = 0; i < is->n_ids; i++) {
		bool bad = !ibe_uri_is_normal(is->ids[i].data, is->ids[i].len) ||
			   !kms_store_user_has(st, is->user.id, (const char *)is->ids[i].data,
					       is->ids[i].len);

		for (size_t j = 0; j < i; j++)
			bad |= mikey_oct_equal(is->ids[i], is->ids[j]);
		if (!bad)
			continue;
		/* Normal form, or not shown at all: a log is no place for anybody's octets. */
		if (ibe_uri_is_normal(is->ids[i].data, is->ids[i].len))
			err_set(&reply->why, EACCES, "user %s: %.*s is not its identity, or twice",
				is->user.name, (int)is->ids[i].len, (const char *)is->ids[i].data);
		else
			err_set(&reply->why, EACCES, "user %s: an identity is not in normal form",
				is->user.name);
		return refuse(is, reply, true, MIKEY_ERR_INVALID_ID);
	}
	return 0;
}

/* Upper bound of what one key of this identity takes in KEMAC. */
static size_t key_room(const struct kms_issue *is, size_t id)
{
	size_t coordinate = ibe_params_bits(is->sys->bf) / 8 + 1;

	/* IDR header, identity; Key data header, DER with its lengths, KV of two 8 octets. */
	return 5 + is->ids[id].len + 4 + (2 * (coordinate + 4) + 32) + 18;
}

/* Which periods: the plan's, from that of T; fewer if asked for; as many as fit. */
static int choose_periods(struct kms_issue *is, int64_t now, size_t kemac_max,
			  struct kms_reply *reply)
{
	const struct mikey_payload *dates = mikey_find_ext(&is->msg.chain, MIKEY_EXT_DATES, 0);
	const struct mikey_payload *t = mikey_find(&is->msg, MIKEY_T, 0);
	int64_t gran = is->sys->granularity, from, to, want_from = 0, want_to = 0;
	size_t a_period = 0, periods, fit;

	from = ibe_period_start(ntp_to_unix(mikey_ts64(t), now), is->sys->granularity);
	/* A plan of one day has at least the one period, of a week as it may be, that T is in. */
	to = from + ((int64_t)is->user.days * 86400 + gran - 1) / gran * gran;
	if (dates) {
		struct mikey_oct d = dates->ext.data;

		if (d.len != 16 ||
		    !kms_ntp_unix((struct mikey_oct){ d.data, 8 }, now, &want_from) ||
		    !kms_ntp_unix((struct mikey_oct){ d.data + 8, 8 }, now, &want_to) ||
		    want_from >= want_to) {
			err_set(&reply->why, EACCES, "user %s: malformed dates", is->user.name);
			return refuse(is, reply, true, MIKEY_ERR_UNSPECIFIED);
		}
		/* Periods that start inside of what is asked for. */
		want_from = ibe_period_start(want_from + gran - 1, is->sys->granularity);
		want_to = ibe_period_start(want_to + gran - 1, is->sys->granularity);
		from = want_from > from ? want_from : from;
		to = want_to < to ? want_to : to;
	}
	if (from < is->sys->not_before)
		from = ibe_period_start(is->sys->not_before + gran - 1, is->sys->granularity);
	if (to > is->sys->not_after)
		to = ibe_period_start(is->sys->not_after + gran, is->sys->granularity);
	if (from >= to) {
		err_set(&reply->why, EACCES, "user %s: no keys for the dates asked for",
			is->user.name);
		return refuse(is, reply, true, MIKEY_ERR_UNSPECIFIED);
	}
	for (size_t i = 0; i < is->n_ids; i++)
		a_period += key_room(is, i);
	periods = (size_t)((to - from) / gran);
	fit = a_period ? kemac_max / a_period : 0;
	if (fit * is->n_ids > KMS_KEYS_MAX)
		fit = KMS_KEYS_MAX / KMS_REQUEST_IDS;
	if (!fit) {
		err_set(&reply->why, EACCES, "user %s: keys of %zu identities do not fit one answer",
			is->user.name, is->n_ids);
		return refuse(is, reply, true, MIKEY_ERR_UNSPECIFIED);
	}
	is->from = from;
	is->to = periods > fit ? from + (int64_t)fit * gran : to;
	is->more = periods > fit ? is->to : 0;
	return 0;
}

static int plan_tasks(struct kms_issue *is, struct err *e)
{
	size_t n = (size_t)((is->to - is->from) / is->sys->granularity) * is->n_ids;

	is->tasks = calloc(n, sizeof(*is->tasks));
	if (!is->tasks)
		return err_set(e, ENOMEM, "out of memory");
	for (int64_t p = is->from; p < is->to; p += is->sys->granularity) {
		for (unsigned int i = 0; i < is->n_ids; i++) {
			is->tasks[is->n_tasks].id = i;
			is->tasks[is->n_tasks++].period = p;
		}
	}
	return 0;
}

/* A client needs a handful a day. This one gets no more until some of its answers are a day old. */
static int refuse_many(struct kms_issue *is, struct kms_reply *reply)
{
	err_set(&reply->why, EDQUOT, "user %s: %u answers within a day already", is->user.name,
		KMS_ANSWERS_MAX);
	return refuse(is, reply, true, MIKEY_ERR_UNSPECIFIED);
}

/* 0: keys have to be extracted; else @reply is ready. */
static int judge(struct kms_store *st, struct kms_issue *is, int64_t now, size_t kemac_max,
		 struct kms_reply *reply)
{
	int ret;

	if (mikey_parse(is->req.data, is->req.len, &is->msg, &reply->why)) {
		reply->status = 400;
		return -EPROTO;
	}
	if (is->msg.hdr.type != MIKEY_REQUEST_KEY_PSK) {
		err_set(&reply->why, EPROTO, "message type %u (%s) is not served here",
			is->msg.hdr.type, mikey_type_name(is->msg.hdr.type));
		return refuse(is, reply, false, MIKEY_ERR_UNSUPPORTED_TYPE);
	}
	if (!mikey_v_alg(is->msg.hdr.prf)) {
		err_set(&reply->why, EPROTO, "unknown PRF function %u", is->msg.hdr.prf);
		is->msg.hdr.prf = MIKEY_PRF_MIKEY_1;
		return refuse(is, reply, false, MIKEY_ERR_INVALID_PRF);
	}
	if (check_form(is, &reply->why))
		return refuse(is, reply, false, MIKEY_ERR_UNSPECIFIED);
	ret = authenticate(st, is, reply);
	if (!ret)
		ret = authorise(st, is, now, reply);
	if (ret)
		return ret;
	is->once = (struct kms_once){
		.user = is->user.id,
		.csb_id = is->msg.hdr.csb_id,
		.rand = mikey_find(&is->msg, MIKEY_RAND, 0)->rand.data.data,
		.rand_len = mikey_find(&is->msg, MIKEY_RAND, 0)->rand.data.len,
		.ts = mikey_ts64(mikey_find(&is->msg, MIKEY_T, 0)),
	};
	SHA256(is->req.data, is->req.len, is->once.request);
	ret = kms_store_answer_find(st, &is->once, &reply->body, &reply->why);
	if (!ret) {
		reply->status = 200;
		return 1;
	}
	if (ret == -EEXIST)
		return refuse(is, reply, true, MIKEY_ERR_UNSPECIFIED);
	if (ret != -ENOENT)
		return ret;
	reply->why = (struct err)ERR_INIT;
	ret = kms_store_answer_room(st, is->user.id, now, &reply->why);
	if (ret == -EDQUOT)
		return refuse_many(is, reply);
	if (ret)
		return ret;
	ret = choose_periods(is, now, kemac_max, reply);
	return ret ? ret : plan_tasks(is, &reply->why);
}

struct kms_issue *kms_serve_begin(struct kms_store *st, const uint8_t *req, size_t len,
				  int64_t now, size_t kemac_max, struct kms_reply *reply)
{
	struct kms_issue *is = calloc(1, sizeof(*is));

	memset(reply, 0, sizeof(*reply));
	if (!is) {
		reply->status = 500;
		return NULL;
	}
	is->master = kms_store_master(st);
	is->sys = ibe_sysparams_get((struct ibe_sysparams *)kms_store_sys(st));
	buf_put(&is->req, req, len);
	if (!is->req.failed && len && len <= KMS_REQUEST_MAX) {
		if (!judge(st, is, now, kemac_max, reply))
			return is;
		if (!reply->status)
			reply->status = 500;
	} else {
		err_set(&reply->why, EMSGSIZE, "a request of %zu octets", len);
		reply->status = 400;
	}
	kms_issue_free(is);
	return NULL;
}

int64_t kms_issue_user(const struct kms_issue *is)
{
	return is->user.id;
}

size_t kms_issue_keys(const struct kms_issue *is)
{
	return is->n_tasks;
}

void kms_issue_extract(struct kms_issue *is, size_t i)
{
	struct task *t = &is->tasks[i];
	const struct mikey_oct *uri = &is->ids[t->id];
	struct ibe_key *key = NULL;
	struct buf id = BUF_INIT;

	t->ret = ibe_identity(is->sys, uri->data, uri->len, t->period, &id, NULL);
	if (!t->ret)
		t->ret = ibe_extract(is->sys->bf, is->master, id.data, id.len, &key, NULL);
	if (!t->ret)
		t->ret = ibe_key_to_der(key, &t->key);
	ibe_key_free(key);
	buf_free(&id);
}

static int write_keys(const struct kms_issue *is, struct buf *plain, struct err *e)
{
	struct mikey_writer w;

	mikey_write_chain(&w, plain);
	for (size_t i = 0; i < is->n_tasks; i++) {
		const struct task *t = &is->tasks[i];
		uint8_t from[8], to[8];
		struct mikey_kv kv = { .type = MIKEY_KV_INTERVAL, .from = { from, 8 }, .to = { to, 8 } };

		if (t->ret)
			return err_set(e, -t->ret, "extraction of a key failed");
		put_be64(from, kms_ntp(t->period));
		put_be64(to, kms_ntp(t->period + is->sys->granularity));
		mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, is->ids[t->id].data,
			      is->ids[t->id].len);
		mikey_put_key(&w, MIKEY_KEY_K_PR, t->key.data, t->key.len, NULL, 0, &kv);
	}
	return mikey_write_end(&w, e);
}

/* HDR, T, (IDRi/r), IDRkms, [more], KEMAC, V */
static int write_answer(const struct kms_issue *is, const struct buf *encr, struct buf *out,
			struct err *e)
{
	struct mikey_hdr hdr = is->msg.hdr;
	struct mikey_oct ids[KMS_REQUEST_IDS + 1];
	struct mikey_writer w;
	uint8_t more[8];

	hdr.type = MIKEY_REQUEST_KEY_RESP;
	hdr.v = false;
	mikey_write_msg(&w, out, &hdr, NULL, 0);
	mikey_put(&w, mikey_find(&is->msg, MIKEY_T, 0));
	for (unsigned int i = 0; i < is->msg.chain.n; i++) {
		const struct mikey_payload *p = &is->msg.chain.p[i];

		if (p->type == MIKEY_IDR &&
		    (p->id.role == MIKEY_ROLE_I || p->id.role == MIKEY_ROLE_R))
			mikey_put(&w, p);
	}
	mikey_put(&w, mikey_find_idr(&is->msg.chain, MIKEY_ROLE_KMS, 0));
	if (is->more) {
		put_be64(more, kms_ntp(is->more));
		mikey_put_ext(&w, MIKEY_EXT_MORE, more, sizeof(more));
	}
	mikey_put_kemac(&w, is->guard.encr_alg, encr->data, encr->len);
	mikey_v_append(&w, is->guard.auth, is->guard.auth_len, ids, kms_v_ids(&is->msg, ids));
	return mikey_write_end(&w, e);
}

void kms_serve_end(struct kms_store *st, struct kms_issue *is, int64_t now,
		   struct kms_reply *reply)
{
	struct buf plain = BUF_INIT, encr = BUF_INIT;
	int ret;

	memset(reply, 0, sizeof(*reply));
	strcpy(reply->user, is->user.name);
	/* A repeat that came while the first one was worked on finds the first one's answer. */
	ret = kms_store_answer_find(st, &is->once, &reply->body, &reply->why);
	if (!ret) {
		reply->status = 200;
		return;
	}
	if (ret == -EEXIST) {
		refuse(is, reply, true, MIKEY_ERR_UNSPECIFIED);
		return;
	}
	if (ret == -ENOENT)
		ret = write_keys(is, &plain, &reply->why);
	if (!ret)
		ret = mikey_kemac_crypt(&is->guard, is->msg.hdr.csb_id, is->once.ts, plain.data,
					plain.len, &encr, &reply->why);
	if (!ret)
		ret = write_answer(is, &encr, &reply->body, &reply->why);
	if (!ret)
		ret = kms_store_answer_put(st, &is->once, &reply->body,
					   (unsigned int)is->n_tasks, now, &reply->why);
	buf_free(&plain);
	buf_free(&encr);
	if (ret) {
		/* What was not recorded is not sent: it might be a second use of its key stream. */
		buf_reset(&reply->body);
		reply->status = 500;
		if (ret == -EDQUOT) /* others of this user were recorded meanwhile */
			refuse_many(is, reply);
		return;
	}
	reply->status = 200;
	reply->issued = (unsigned int)is->n_tasks;
}

void kms_issue_free(struct kms_issue *is)
{
	if (!is)
		return;
	for (size_t i = 0; i < is->n_tasks; i++)
		buf_free(&is->tasks[i].key);
	free(is->tasks);
	mikey_guard_wipe(&is->guard);
	buf_free(&is->req);
	ibe_sysparams_put(is->sys);
	free(is);
}

void kms_reply_free(struct kms_reply *reply)
{
	buf_free(&reply->body);
}
