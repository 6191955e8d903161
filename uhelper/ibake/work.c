// SPDX-License-Identifier: GPL-2.0-or-later
/* Jobs: the two IBE operations, off the event loop. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ibake/internal.h"
#include "ibe/ibe.h"
#include "ibe/sysparams.h"

struct held_key *ibake_held_key_new(const struct ibake_key *k)
{
	struct held_key *h = calloc(1, sizeof(*h));

	if (h) {
		h->refs = 1;
		h->k = *k;
	}
	return h;
}

struct held_key *ibake_held_key_get(struct held_key *h)
{
	h->refs++;
	return h;
}

void ibake_held_key_put(struct held_key *h)
{
	if (!h || --h->refs)
		return;
	if (h->k.release)
		h->k.release(h->k.ref);
	free(h);
}

static void work_free(struct work *w)
{
	ibe_sysparams_put(w->sp);
	ibake_held_key_put(w->key);
	buf_free(&w->id);
	buf_free(&w->in);
	buf_free(&w->rho);
	buf_free(&w->msg);
	buf_free(&w->out);
	free(w);
}

static void work_run(struct ibake_job *job)
{
	struct work *w = (struct work *)job;

	if (w->key)
		w->ret = ibe_decrypt(w->key->k.sys->bf, w->key->k.key, w->in.data, w->in.len,
				     &w->out, &w->e);
	else if (w->rho.len)
		w->ret = ibe_encrypt_rho(w->sp->bf, w->id.data, w->id.len, w->in.data, w->in.len,
					 w->rho.data, &w->out, &w->e);
	else
		w->ret = ibe_encrypt(w->sp->bf, w->id.data, w->id.len, w->in.data, w->in.len,
				     &w->out, &w->e);
	if (!w->ret && w->out.failed)
		w->ret = err_set(&w->e, ENOMEM, "out of memory");
}

static void work_done(struct ibake_job *job)
{
	struct work *w = (struct work *)job;
	struct ibake_engine *en = w->en;
	struct ibake_call *c;

	ibake_engine_enter(en);
	en->jobs--;
	c = en->dying ? NULL : ibake_call_find(en, w->call);
	if (c) {
		c->busy = false;
		w->then(c, w);
	}
	work_free(w);
	ibake_engine_leave(en);
}

static struct work *work_new(struct ibake_call *c, void (*then)(struct ibake_call *, struct work *))
{
	struct work *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->job.run = work_run;
	w->job.done = work_done;
	w->en = c->en;
	w->call = c->id;
	w->then = then;
	return w;
}

static void work_submit(struct ibake_call *c, struct work *w)
{
	struct ibake_engine *en = c->en;

	c->busy = true;
	en->jobs++;
	en->stats.jobs++;
	en->ops.submit(en->arg, &w->job);
}

int ibake_work_encrypt(struct ibake_call *c, struct ibe_sysparams *sp, const char *uri,
		       const struct buf *plain, void (*then)(struct ibake_call *, struct work *),
		       struct err *e)
{
	int64_t period = ibe_period_start(c->t_unix, sp->granularity);
	struct work *w = work_new(c, then);
	uint8_t *rho;
	int ret;

	if (!w)
		return err_set(e, ENOMEM, "out of memory");
	w->sp = ibe_sysparams_get(sp);
	ret = ibe_identity(sp, (const uint8_t *)uri, strlen(uri), period, &w->id, e);
	if (ret)
		goto err;
	buf_put(&w->in, plain->data, plain->len);
	/* Drawn here because @random is not a worker's to call. */
	if (c->en->ops.random) {
		rho = buf_add(&w->rho, ibe_params_hash_len(sp->bf));
		if (rho)
			ibake_engine_random(c->en, rho, w->rho.len);
	}
	if (w->in.failed || w->rho.failed) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto err;
	}
	work_submit(c, w);
	return 0;
err:
	work_free(w);
	return ret;
}

int ibake_work_decrypt(struct ibake_call *c, struct mikey_oct encr, const uint8_t *msg, size_t len,
		       void (*then)(struct ibake_call *, struct work *), struct err *e)
{
	struct work *w = work_new(c, then);

	if (!w)
		return err_set(e, ENOMEM, "out of memory");
	w->key = ibake_held_key_get(c->key);
	buf_put(&w->in, encr.data, encr.len);
	buf_put(&w->msg, msg, len);
	if (w->in.failed || w->msg.failed) {
		work_free(w);
		return err_set(e, ENOMEM, "out of memory");
	}
	work_submit(c, w);
	return 0;
}
