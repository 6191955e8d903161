// SPDX-License-Identifier: GPL-2.0-or-later
/* The user's side of REQUEST_KEY: the request, and what an answer must be like. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/ntp.h"
#include "base/secret.h"
#include "kms/reqkey.h"

static void put_nai(struct mikey_writer *w, uint8_t role, const char *name, const char *district)
{
	struct buf nai = BUF_INIT;

	kms_nai(name, district, &nai);
	mikey_put_idr(w, role, MIKEY_ID_NAI, nai.data, nai.len);
	buf_free(&nai);
}

/* The identities that V covers: those asked for, then IDRkms. */
static size_t v_ids(const struct kms_request *rq, const struct buf *kms,
		    struct mikey_oct ids[KMS_REQUEST_IDS + 1])
{
	for (size_t i = 0; i < rq->n_uris; i++)
		ids[i] = (struct mikey_oct){ (const uint8_t *)rq->uris[i], strlen(rq->uris[i]) };
	ids[rq->n_uris] = (struct mikey_oct){ kms->data, kms->len };
	return rq->n_uris + 1;
}

static void draw(struct kms_request *rq, uint64_t ntp)
{
	struct timespec now;

	if (!rq->fixed) {
		secret_random(&rq->csb_id, sizeof(rq->csb_id));
		secret_random(rq->rand, sizeof(rq->rand));
	}
	clock_gettime(CLOCK_REALTIME, &now);
	rq->ts = ntp ? ntp : ntp_from_timespec(&now);
}

int kms_request_write(struct kms_request *rq, const uint8_t *psk, size_t psk_len, uint64_t ntp,
		      struct buf *out, struct err *e)
{
	struct mikey_hdr hdr = { .type = MIKEY_REQUEST_KEY_PSK, .v = true, .prf = rq->prf,
				 .map_type = MIKEY_MAP_EMPTY };
	struct mikey_oct ids[KMS_REQUEST_IDS + 1];
	struct buf kms = BUF_INIT;
	struct mikey_writer w;
	uint8_t dates[16];
	int ret;

	if (!rq->n_uris || rq->n_uris > KMS_REQUEST_IDS)
		return err_set(e, EINVAL, "a request has 1 to %u identities", KMS_REQUEST_IDS);
	draw(rq, ntp);
	hdr.csb_id = rq->csb_id;
	ret = mikey_guard_derive(&rq->guard, rq->prf, psk, 8 * psk_len, rq->csb_id,
				 (struct mikey_oct){ rq->rand, sizeof(rq->rand) }, e);
	if (ret)
		return ret;
	kms_nai("kms", rq->district, &kms);
	mikey_write_msg(&w, out, &hdr, NULL, 0);
	mikey_put_t(&w, MIKEY_TS_NTP_UTC, rq->ts);
	mikey_put_rand(&w, rq->rand, sizeof(rq->rand));
	for (size_t i = 0; i < rq->n_uris; i++)
		mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, rq->uris[i], strlen(rq->uris[i]));
	mikey_put_idr(&w, MIKEY_ROLE_KMS, MIKEY_ID_NAI, kms.data, kms.len);
	put_nai(&w, MIKEY_ROLE_PSK, rq->user, rq->district);
	if (rq->from || rq->to) {
		/* An open end: as far as NTP-UTC of this era goes, within half of it from now. */
		int64_t now = ntp_to_unix(rq->ts, (int64_t)time(NULL));

		put_be64(dates, kms_ntp(rq->from ? rq->from : now - 86400ll * 800));
		put_be64(dates + 8, kms_ntp(rq->to ? rq->to : now + 86400ll * 800));
		mikey_put_ext(&w, MIKEY_EXT_DATES, dates, sizeof(dates));
	}
	mikey_v_append(&w, rq->guard.auth, rq->guard.auth_len, ids, v_ids(rq, &kms, ids));
	ret = mikey_write_end(&w, e);
	buf_free(&kms);
	if (ret)
		kms_request_wipe(rq);
	return ret;
}

void kms_request_wipe(struct kms_request *rq)
{
	mikey_guard_wipe(&rq->guard);
}

static int read_error(const struct kms_request *rq, const struct mikey_msg *m,
		      const struct mikey_oct *ids, size_t n_ids, struct err *e)
{
	const struct mikey_payload *p = mikey_find(m, MIKEY_ERR, 0);
	bool proven = mikey_find(m, MIKEY_V, 0) && m->hdr.csb_id == rq->csb_id &&
		      m->hdr.prf == rq->prf &&
		      !mikey_v_check(m, rq->guard.auth, rq->guard.auth_len, ids, n_ids, NULL);

	if (!p)
		return err_set(e, EPROTO, "an error message without an error");
	return err_set(e, EACCES, "the key server refuses: %s%s", mikey_error_name(p->err.no),
		       proven ? "" : p->err.no == MIKEY_ERR_AUTH_FAILURE ?
		       " (unknown user or wrong pre-shared key)" : " (not authenticated)");
}

/* HDR, T, (IDRi/r), IDRkms: those of the request and no others. */
static int check_echo(const struct kms_request *rq, const struct mikey_msg *m,
		      const struct mikey_oct *ids, size_t n_ids, struct err *e)
{
	const struct mikey_payload *t = mikey_find(m, MIKEY_T, 0);
	struct mikey_oct got[KMS_REQUEST_IDS + 1];

	if (m->hdr.type != MIKEY_REQUEST_KEY_RESP)
		return err_set(e, EPROTO, "the answer has message type %u (%s)", m->hdr.type,
			       mikey_type_name(m->hdr.type));
	if (m->hdr.csb_id != rq->csb_id || m->hdr.prf != rq->prf || m->hdr.n_cs ||
	    m->hdr.map_type != MIKEY_MAP_EMPTY)
		return err_set(e, EPROTO, "the answer's header is not that of the request");
	if (!t || t->t.type != MIKEY_TS_NTP_UTC || mikey_ts64(t) != rq->ts ||
	    mikey_find(m, MIKEY_T, 1))
		return err_set(e, EPROTO, "the answer's T is not that of the request");
	/* They may be left out (RFC 6267 4.2.1); V covers those of the request anyhow. */
	if (mikey_find(m, MIKEY_IDR, 0)) {
		if (kms_v_ids(m, got) != n_ids)
			return err_set(e, EPROTO, "the answer names other identities");
		for (size_t i = 0; i < n_ids; i++)
			if (!mikey_oct_equal(got[i], ids[i]))
				return err_set(e, EPROTO, "the answer names other identities");
	}
	if (!mikey_find(m, MIKEY_KEMAC, 0) || mikey_find(m, MIKEY_KEMAC, 1))
		return err_set(e, EPROTO, "the answer does not have one KEMAC");
	return 0;
}

static int add_key(const struct kms_request *rq, const struct mikey_oct *ids, int64_t now,
		   const struct mikey_payload *id, const struct mikey_payload *key,
		   struct kms_answer *a, struct err *e)
{
	struct kms_received *r, *grown;

	if (id->type != MIKEY_IDR || id->id.type != MIKEY_ID_URI ||
	    key->type != MIKEY_KEY_DATA || key->key.type != MIKEY_KEY_K_PR ||
	    key->key.kv.type != MIKEY_KV_INTERVAL)
		return err_set(e, EPROTO, "KEMAC is not a list of identities and their keys");
	if (a->n_keys == KMS_KEYS_MAX)
		return err_set(e, EPROTO, "more than %u keys in one answer", KMS_KEYS_MAX);
	if (!(a->n_keys & (a->n_keys - 1))) {
		grown = realloc(a->keys, (a->n_keys ? 2 * a->n_keys : 1) * sizeof(*grown));
		if (!grown)
			return err_set(e, ENOMEM, "out of memory");
		a->keys = grown;
	}
	r = &a->keys[a->n_keys];
	for (r->uri = 0; r->uri < rq->n_uris; r->uri++)
		if (mikey_oct_equal(ids[r->uri], id->id.data))
			break;
	if (r->uri == rq->n_uris)
		return err_set(e, EPROTO, "a key of an identity that was not asked for");
	if (!kms_ntp_unix(key->key.kv.from, now, &r->from) ||
	    !kms_ntp_unix(key->key.kv.to, now, &r->to) || r->from >= r->to)
		return err_set(e, EPROTO, "a key without a proper period");
	r->der = key->key.data;
	a->n_keys++;
	return 0;
}

static int read_keys(const struct kms_request *rq, const struct mikey_oct *ids, int64_t now,
		     struct kms_answer *a, struct err *e)
{
	struct mikey_payload id, key;
	struct mikey_iter it;
	int ret;

	mikey_chain_begin(&it, MIKEY_IDR, a->plain.data, a->plain.len);
	while ((ret = mikey_chain_next(&it, &id, e)) == 1) {
		ret = mikey_chain_next(&it, &key, e);
		if (ret == 0)
			ret = err_set(e, EPROTO, "KEMAC ends with an identity without key");
		if (ret < 0)
			return ret;
		ret = add_key(rq, ids, now, &id, &key, a, e);
		if (ret)
			return ret;
	}
	if (!ret && !a->n_keys)
		ret = err_set(e, EPROTO, "an answer without keys");
	return ret;
}

static int read_answer(const struct kms_request *rq, const struct mikey_msg *m, int64_t now,
		       struct kms_answer *a, struct err *e)
{
	const struct mikey_payload *more = mikey_find_ext(&m->chain, MIKEY_EXT_MORE, 0);
	struct mikey_oct ids[KMS_REQUEST_IDS + 1];
	struct buf kms = BUF_INIT;
	size_t n_ids;
	int ret;

	kms_nai("kms", rq->district, &kms);
	n_ids = v_ids(rq, &kms, ids);
	if (m->hdr.type == MIKEY_ERROR)
		ret = read_error(rq, m, ids, n_ids, e);
	else
		ret = check_echo(rq, m, ids, n_ids, e);
	if (!ret) {
		ret = mikey_v_check(m, rq->guard.auth, rq->guard.auth_len, ids, n_ids, e);
		if (ret)
			ret = err_set(e, EBADMSG,
				      "the answer does not verify (forged, or another pre-shared key): discarded");
	}
	if (!ret && more && (!kms_ntp_unix(more->ext.data, now, &a->more) || !a->more))
		ret = err_set(e, EPROTO, "malformed more-follows extension");
	if (!ret)
		ret = mikey_kemac_open(&rq->guard, m, &a->plain, e);
	if (!ret)
		ret = read_keys(rq, ids, now, a, e);
	buf_free(&kms);
	return ret;
}

int kms_answer_read(const struct kms_request *rq, const uint8_t *msg, size_t len, int64_t now,
		    struct kms_answer *a, struct err *e)
{
	struct mikey_msg *m = malloc(sizeof(*m));
	int ret;

	memset(a, 0, sizeof(*a));
	if (!m)
		return err_set(e, ENOMEM, "out of memory");
	ret = mikey_parse(msg, len, m, e);
	if (ret)
		ret = err_set(e, EPROTO, "the answer is not a MIKEY message");
	else
		ret = read_answer(rq, m, now, a, e);
	free(m);
	if (ret)
		kms_answer_free(a);
	return ret;
}

void kms_answer_free(struct kms_answer *a)
{
	buf_free(&a->plain);
	free(a->keys);
	memset(a, 0, sizeof(*a));
}
