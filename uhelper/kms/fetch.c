// SPDX-License-Identifier: GPL-2.0-or-later
/* Brings private keys from a key server into the key store. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "ibe/ibe.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "kms/https.h"
#include "kms/keystore.h"
#include "kms/pool.h"
#include "kms/reqkey.h"

#define IDS_AT_ONCE 8u
#define TIMEOUT_DEFAULT 300u
/* More rounds than this for one batch of identities: the server is not getting anywhere. */
#define ROUNDS_MAX 512u

/**
 * struct check - keys of an answer under verification, by several threads
 * @sys: parameters
 * @rq: request
 * @a: answer
 * @ret: result for each key
 * @why: likewise
 */
struct check {
	const struct ibe_sysparams *sys;
	const struct kms_request *rq;
	const struct kms_answer *a;
	int *ret;
	struct err *why;
};

static void check_key(void *arg, size_t i)
{
	struct check *c = arg;
	const struct kms_received *k = &c->a->keys[i];
	const char *uri = c->rq->uris[k->uri];
	struct ibe_key *key = NULL;
	struct buf id = BUF_INIT;
	int ret;

	if (k->to - k->from != c->sys->granularity)
		ret = err_set(&c->why[i], EBADMSG, "a key for a period of another length");
	else
		ret = ibe_identity(c->sys, (const uint8_t *)uri, strlen(uri), k->from, &id,
				   &c->why[i]);
	if (!ret)
		ret = ibe_key_from_der(c->sys->bf, k->der.data, k->der.len, &key, &c->why[i]);
	if (!ret)
		ret = ibe_key_verify(c->sys->bf, id.data, id.len, key, &c->why[i]);
	ibe_key_free(key);
	buf_free(&id);
	c->ret[i] = ret;
}

static int key_order(const void *a, const void *b)
{
	const struct kms_received *x = a, *y = b;

	if (x->uri != y->uri)
		return x->uri < y->uri ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* All keys, before any is stored: what a server sends by mistake must not replace what is good. */
static int check_keys(struct kms_pool *pool, const struct ibe_sysparams *sys,
		      const struct kms_request *rq, struct kms_answer *a, struct err *e)
{
	struct check c = { sys, rq, a, calloc(a->n_keys, sizeof(*c.ret)),
			   calloc(a->n_keys, sizeof(*c.why)) };
	int ret = 0;

	if (!c.ret || !c.why) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto out;
	}
	qsort(a->keys, a->n_keys, sizeof(*a->keys), key_order);
	for (size_t i = 1; i < a->n_keys; i++) {
		if (key_order(&a->keys[i - 1], &a->keys[i]))
			continue;
		ret = err_set(e, EBADMSG, "two keys for one identity and period");
		goto out;
	}
	kms_pool_run(pool, a->n_keys, check_key, &c);
	for (size_t i = 0; !ret && i < a->n_keys; i++)
		if (c.ret[i])
			ret = err_set(e, EBADMSG, "a key of %s is not what it should be: %s; nothing stored",
				      rq->uris[a->keys[i].uri], c.why[i].msg);
out:
	free(c.ret);
	free(c.why);
	return ret;
}

static int address(const struct kms_fetch *f, const char *path, char *url, size_t size,
		   struct err *e)
{
	size_t len = strlen(f->url);

	while (len && f->url[len - 1] == '/')
		len--;
	if ((size_t)snprintf(url, size, "%.*s%s", (int)len, f->url, path) >= size)
		return err_set(e, ENAMETOOLONG, "the key server's address is too long");
	return 0;
}

static int post(const struct kms_fetch *f, const struct buf *req, struct buf *out, struct err *e)
{
	char url[1024], type[64] = "";
	struct https_request rq = { .url = url, .ca_file = f->ca_file, .mime = KMS_MIME,
				    .body = req->data, .body_len = req->len,
				    .max = MIKEY_MSG_MAX,
				    .timeout_s = f->timeout_s ? f->timeout_s : TIMEOUT_DEFAULT };
	int ret, status = 0;

	ret = address(f, KMS_PATH, url, sizeof(url), e);
	if (!ret)
		ret = https_do(&rq, out, &status, type, sizeof(type), e);
	if (ret)
		return ret;
	/* A refusal is a MIKEY message, too: who wrote it is seen by its V, not by the status. */
	if (strcmp(type, KMS_MIME))
		return err_set(e, EPROTO, "%s answers with HTTP status %d and no MIKEY message", url,
			       status);
	return 0;
}

/* RFC 5408 4.1: over a connection that was verified, so that TLS vouches for them. */
static int get_params(const struct kms_fetch *f, struct kms_params_store *params, struct err *e)
{
	char url[1024], type[64] = "";
	struct https_request rq = { .url = url, .ca_file = f->ca_file,
				    .max = 2 * IBE_SYSPARAMS_MAX,
				    .timeout_s = f->timeout_s ? f->timeout_s : TIMEOUT_DEFAULT };
	struct ibe_sysparams *sys = NULL;
	struct buf body = BUF_INIT;
	int ret, status = 0;

	ret = address(f, KMS_PARAMS_PATH, url, sizeof(url), e);
	if (!ret)
		ret = https_do(&rq, &body, &status, type, sizeof(type), e);
	if (!ret && (status != 200 || strcmp(type, IBE_SYSPARAMS_MIME)))
		ret = err_set(e, EPROTO, "%s answers with HTTP status %d and no parameters", url,
			      status);
	if (!ret)
		ret = ibe_sysparams_from_base64((char *)body.data, body.len, &sys, e);
	if (!ret && strcmp(sys->district, f->district))
		ret = err_set(e, EBADMSG, "%s publishes the parameters of %s, not of %s", url,
			      sys->district, f->district);
	if (!ret)
		ret = kms_params_import(params, body.data, body.len, NULL, e);
	ibe_sysparams_put(sys);
	buf_free(&body);
	return ret;
}

static int own_params(const struct kms_fetch *f, struct kms_params_store *params,
		      struct ibe_sysparams **sys, struct err *e)
{
	int64_t now = (int64_t)time(NULL);
	int ret;

	ret = kms_params_find(params, f->district, NULL, now, sys, e);
	if (ret != -ENOENT && ret != -EKEYEXPIRED)
		return ret;
	ret = get_params(f, params, e);
	return ret ? ret : kms_params_find(params, f->district, NULL, now, sys, e);
}

/* One request and its answer. @rq->from moves on where more follows; *@more says so. */
static int round_trip(const struct kms_fetch *f, struct kms_request *rq, struct kms_pool *pool,
		      const struct ibe_sysparams *sys, struct kms_keystore *ks,
		      unsigned int *n_keys, bool *more, struct err *e)
{
	struct buf req = BUF_INIT, resp = BUF_INIT;
	struct kms_answer a = { .n_keys = 0 };
	int ret;

	*more = false;
	ret = kms_request_write(rq, f->psk, f->psk_len, 0, &req, e);
	if (!ret)
		ret = post(f, &req, &resp, e);
	if (!ret)
		ret = kms_answer_read(rq, resp.data, resp.len, (int64_t)time(NULL), &a, e);
	if (!ret)
		ret = check_keys(pool, sys, rq, &a, e);
	for (size_t i = 0; !ret && i < a.n_keys; i++) {
		const struct kms_received *k = &a.keys[i];

		ret = kms_keystore_put(ks, sys, rq->uris[k->uri], k->from, k->to, k->der.data,
				       k->der.len, e);
		if (!ret)
			++*n_keys;
	}
	if (!ret && a.more) {
		*more = true;
		if (a.more <= rq->from)
			ret = err_set(e, EPROTO, "the key server repeats itself");
		rq->from = a.more;
	}
	kms_answer_free(&a);
	kms_request_wipe(rq);
	buf_free(&req);
	buf_free(&resp);
	return ret;
}

static int check_wish(const struct kms_fetch *f, struct err *e)
{
	if (!kms_name_ok(f->user, strlen(f->user)))
		return err_set(e, EINVAL, "\"%s\" is not a user's name", f->user);
	if (f->psk_len < KMS_PSK_MIN || f->psk_len > KMS_PSK_MAX)
		return err_set(e, EINVAL, "a pre-shared key has %u to %u octets", KMS_PSK_MIN,
			       KMS_PSK_MAX);
	if (!mikey_v_alg(f->prf))
		return err_set(e, EINVAL, "PRF function %u is not known", f->prf);
	if (f->to && f->from >= f->to)
		return err_set(e, EINVAL, "the dates asked for end before they start");
	for (size_t i = 0; i < f->n_uris; i++)
		if (!ibe_uri_is_normal((const uint8_t *)f->uris[i], strlen(f->uris[i])))
			return err_set(e, EINVAL, "%s is not in normal form", f->uris[i]);
	return 0;
}

int kms_fetch(const struct kms_fetch *f, struct kms_params_store *params,
	      struct kms_keystore *ks, unsigned int *n_keys, struct err *e)
{
	struct ibe_sysparams *sys = NULL;
	struct kms_pool *pool = NULL;
	unsigned int keys = 0;
	int ret;

	ret = check_wish(f, e);
	if (!ret)
		ret = own_params(f, params, &sys, e);
	if (!ret)
		ret = kms_pool_new(0, &pool, e);
	for (size_t i = 0; !ret && i < f->n_uris; i += IDS_AT_ONCE) {
		size_t left = f->n_uris - i;
		struct kms_request rq = { .district = f->district, .user = f->user,
					  .uris = f->uris + i,
					  .n_uris = left < IDS_AT_ONCE ? left : IDS_AT_ONCE,
					  .from = f->from, .to = f->to, .prf = f->prf };
		bool more = true;

		for (unsigned int round = 0; !ret && more; round++) {
			if (round == ROUNDS_MAX)
				ret = err_set(e, EPROTO, "the key server does not come to an end");
			else
				ret = round_trip(f, &rq, pool, sys, ks, &keys, &more, e);
		}
	}
	kms_pool_free(pool);
	ibe_sysparams_put(sys);
	if (n_keys)
		*n_keys = keys;
	return ret;
}
