// SPDX-License-Identifier: GPL-2.0-or-later
/* Private keys and public parameters: the stores, and the fetching of what is missing. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/config.h"
#include "daemon/keys.h"
#include "daemon/pool.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "kms/kms.h"

#define DAY 86400
#define FETCH_AGAIN_S 3600
#define FETCH_RETRY_S 5

/* The two stores, once for the event thread and, while it fetches, once for the fetching one. */
struct stores {
	struct kms_params_store *params;
	struct kms_keystore *ks;
};

/**
 * struct keys - see keys_new()
 * @own: of the event thread
 * @fetcher: one worker, apart from the calls' ones: an unreachable server must not block those
 * @job: the fetch that is queued or runs
 * @busy: @job is
 * @now: when @job was submitted
 * @failed: of the last @job: a request failed, try again soon
 * @stored: of the last @job: keys that were stored
 * @retry: seconds until the next attempt after a failure, doubled each time
 */
struct keys {
	const struct config *cfg;
	struct stores own;
	struct pool *fetcher;
	struct pool_job job;
	struct event *timer;
	bool busy;
	int64_t now;
	bool failed;
	unsigned int stored;
	long retry;
};

static void stores_close(struct stores *s)
{
	kms_keystore_close(s->ks);
	kms_params_close(s->params);
	memset(s, 0, sizeof(*s));
}

static int stores_open(struct stores *s, const struct config *cfg, struct err *e)
{
	int ret;

	memset(s, 0, sizeof(*s));
	ret = kms_params_open(cfg->params, &s->params, e);
	for (size_t i = 0; i < cfg->n_districts && !ret; i++)
		ret = kms_params_map(s->params, cfg->districts[i].host, cfg->districts[i].district, e);
	if (!ret)
		ret = kms_keystore_open(cfg->keystore, s->params, &s->ks, e);
	if (ret)
		stores_close(s);
	return ret;
}

/* The district that serves an identity: configured, mapped, or the host itself. */
static int district_of(const struct config *cfg, const struct config_identity *id, struct buf *out,
		       struct err *e)
{
	int ret;

	if (id->kms.district) {
		buf_str(out, id->kms.district);
	} else {
		ret = ibe_uri_host((const uint8_t *)id->uri, strlen(id->uri), out, e);
		if (ret)
			return ret;
		for (size_t i = 0; i < cfg->n_districts; i++)
			if (strlen(cfg->districts[i].host) == out->len &&
			    !memcmp(cfg->districts[i].host, out->data, out->len)) {
				buf_reset(out);
				buf_str(out, cfg->districts[i].district);
				break;
			}
	}
	buf_u8(out, 0);
	return out->failed ? err_set(e, ENOMEM, "out of memory") : 0;
}

/* On the fetching thread. */
static void fetch_identity(struct keys *k, struct stores *s, const struct config_identity *id)
{
	int64_t covered = kms_keystore_covered_until(s->ks, id->uri, k->now);
	struct buf psk = BUF_INIT, district = BUF_INIT;
	const char *uris[] = { id->uri };
	struct kms_fetch f = {
		.url = id->kms.url,
		.ca_file = id->kms.ca,
		.user = id->kms.user,
		.uris = uris,
		.n_uris = 1,
		.from = covered > k->now ? covered : 0,
		.to = k->now + (int64_t)(k->cfg->fetch_days - 1) * DAY + 1,
		.prf = id->kms.prf == CONFIG_PRF_MIKEY_1 ? 0 : 1,
		.timeout_s = 60,
	};
	struct err e = ERR_INIT;
	unsigned int n = 0;
	int ret;

	if (covered - k->now >= (int64_t)k->cfg->fetch_days * DAY / 2)
		return;
	ret = kms_secret_file(id->kms.psk_file, true, 16, 256, &psk, &e);
	if (!ret)
		ret = district_of(k->cfg, id, &district, &e);
	if (!ret) {
		f.psk = psk.data;
		f.psk_len = psk.len;
		f.district = (const char *)district.data;
		log_info("fetching the keys of %s from %s", id->uri, id->kms.url);
		ret = kms_fetch(&f, s->params, s->ks, &n, &e);
	}
	if (ret) {
		log_warn("no keys for %s from %s: %s", id->uri, id->kms.url, e.msg);
		k->failed = true;
	}
	if (n)
		log_info("stored %u keys of %s", n, id->uri);
	k->stored += n;
	buf_free(&psk);
	buf_free(&district);
}

static void fetch_run(void *arg)
{
	struct keys *k = arg;
	struct err e = ERR_INIT;
	struct stores s;

	if (stores_open(&s, k->cfg, &e)) {
		log_warn("cannot fetch keys: %s", e.msg);
		k->failed = true;
		return;
	}
	for (size_t i = 0; i < k->cfg->n_identities; i++)
		if (k->cfg->identities[i].kms.url)
			fetch_identity(k, &s, &k->cfg->identities[i]);
	stores_close(&s);
}

static void fetch_done(void *arg)
{
	struct keys *k = arg;
	struct timeval in = { FETCH_AGAIN_S, 0 };
	struct err e = ERR_INIT;
	struct stores s;

	k->busy = false;
	/* Parameters that came with the keys are seen by a store that opens after they did. */
	if (k->stored) {
		if (stores_open(&s, k->cfg, &e)) {
			log_warn("cannot read the stores again: %s", e.msg);
		} else {
			stores_close(&k->own);
			k->own = s;
		}
	}
	if (k->failed) {
		k->retry = k->retry ? 2 * k->retry : FETCH_RETRY_S;
		if (k->retry > FETCH_AGAIN_S)
			k->retry = FETCH_AGAIN_S;
		in.tv_sec = k->retry;
	} else {
		k->retry = 0;
	}
	evtimer_add(k->timer, &in);
}

static void fetch_start(evutil_socket_t fd, short what, void *arg)
{
	struct keys *k = arg;
	struct err e = ERR_INIT;

	if (k->busy)
		return;
	k->busy = true;
	k->failed = false;
	k->stored = 0;
	k->now = time(NULL);
	k->job = (struct pool_job){ fetch_run, fetch_done, k, NULL };
	if (pool_submit(k->fetcher, &k->job, &e))
		k->busy = false;
}

struct keys *keys_new(struct event_base *base, const struct config *cfg, struct err *e)
{
	struct keys *k = calloc(1, sizeof(*k));
	bool any = false;

	if (!k) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	k->cfg = cfg;
	if (stores_open(&k->own, cfg, e))
		goto fail;
	for (size_t i = 0; i < cfg->n_identities; i++)
		any |= cfg->identities[i].kms.url != NULL;
	if (cfg->fetch_days && any) {
		k->fetcher = pool_new(base, 1, 1, e);
		if (!k->fetcher)
			goto fail;
		k->timer = evtimer_new(base, fetch_start, k);
		if (!k->timer) {
			err_set(e, ENOMEM, "out of memory");
			goto fail;
		}
		fetch_start(-1, 0, k);
	}
	return k;
fail:
	keys_free(k);
	return NULL;
}

bool keys_free(struct keys *k)
{
	if (!k)
		return true;
	/* A server that does not answer must not hold up the end of the process, which is what
	 * follows: its thread and what that uses go with the process.
	 */
	if (k->busy)
		return false;
	pool_free(k->fetcher);
	if (k->timer)
		event_free(k->timer);
	stores_close(&k->own);
	free(k);
	return true;
}

int keys_find(struct keys *k, const char *uri, int64_t period, const char *district,
	      const uint64_t *serial, struct kms_key **out, struct err *e)
{
	return kms_keystore_find(k->own.ks, uri, period, district, serial, out, e);
}

int keys_params(struct keys *k, const char *uri, const uint64_t *serial, int64_t now,
		struct ibe_sysparams **out, struct err *e)
{
	return kms_params_find_uri(k->own.params, uri, serial, now, out, e);
}

static int show_range(const struct kms_key_range *r, void *arg)
{
	size_t i;
	json_t *id;

	json_array_foreach((json_t *)arg, i, id) {
		json_t *keys = json_object_get(id, "keys");

		if (strcmp(json_string_value(json_object_get(id, "uri")), r->uri))
			continue;
		json_integer_set(keys, json_integer_value(keys) + r->keys);
		json_array_append_new(json_object_get(id, "ranges"),
				      json_pack("{s:s, s:I, s:i, s:I, s:I, s:b, s:i}", "district",
						r->district, "serial", (json_int_t)r->serial,
						"keys", (int)r->keys, "from",
						(json_int_t)r->first, "until",
						(json_int_t)r->last,
						"holes", r->holes, "damaged", (int)r->damaged));
	}
	return 0;
}

json_t *keys_show(struct keys *k)
{
	json_t *list = json_array();
	struct err e = ERR_INIT;
	int64_t now = time(NULL);

	for (size_t i = 0; i < k->cfg->n_identities; i++) {
		const struct config_identity *id = &k->cfg->identities[i];
		json_t *o = json_pack("{s:s, s:i, s:I, s:s?, s:[]}", "uri", id->uri, "keys", 0,
				      "seconds_covered", (json_int_t)
				      (kms_keystore_covered_until(k->own.ks, id->uri, now) - now),
				      "kms", id->kms.url, "ranges");

		json_array_append_new(list, o);
	}
	if (kms_keystore_each(k->own.ks, show_range, list, &e))
		log_warn("key store: %s", e.msg);
	return list;
}
