// SPDX-License-Identifier: GPL-2.0-or-later
/* What the control socket's requests do. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/keys.h"
#include "daemon/pool.h"
#include "ibe/identity.h"

static void serve_status(struct daemon *d, struct control_conn *conn)
{
	struct ibake_stats s = { 0 };
	size_t calls = 0;

	for (const struct call *c = d->calls; c; c = c->next)
		calls += gw_call_live(c);
	ibake_stats(d->engine, &s);
	control_send(conn,
		     json_pack("{s:b, s:{s:b, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}}",
			       "ok", 1, "status",
			       "kernel", d->keying != NULL,
			       "calls", (int)calls,
			       "workers", (int)pool_workers(d->pool),
			       "jobs_waiting", (int)pool_queued(d->pool),
			       "calls_started", (json_int_t)s.calls_started,
			       "calls_incoming", (json_int_t)s.calls_incoming,
			       "calls_keyed", (json_int_t)s.calls_keyed,
			       "calls_failed", (json_int_t)s.calls_failed,
			       "messages_in", (json_int_t)s.msgs_in,
			       "messages_out", (json_int_t)s.msgs_out,
			       "messages_refused", (json_int_t)s.msgs_refused,
			       "replays", (json_int_t)s.replays));
}

static void serve_show(struct daemon *d, struct control_conn *conn, const struct request *r)
{
	json_t *list = json_array();
	char text[80];

	for (const struct call *c = d->calls; c; c = c->next)
		if (!r->name[0] || !strcmp(r->name, c->name))
			json_array_append_new(list, gw_call_show(c));
	if (r->name[0] && !json_array_size(list)) {
		json_decref(list);
		snprintf(text, sizeof(text), "there is no call %s", r->name);
		control_refuse(conn, text);
		return;
	}
	control_send(conn, json_pack("{s:b, s:o}", "ok", 1, "calls", list));
}

static void serve_del(struct daemon *d, struct control_conn *conn, const struct request *r)
{
	struct call *c = gw_call_find(d, r->name);
	char text[80];

	if (!c) {
		snprintf(text, sizeof(text), "there is no call %s", r->name);
		control_refuse(conn, text);
		return;
	}
	log_info("call %s: deleted", c->name);
	gw_call_free(d, c);
	control_send(conn, json_pack("{s:b}", "ok", 1));
}

static int normal(const char *uri, char out[CALL_URI_MAX + 1], struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = ibe_uri_normalise(uri, &b, e);

	if (!ret && b.len > CALL_URI_MAX)
		ret = err_set(e, EINVAL, "the identity is longer than %d octets", CALL_URI_MAX);
	if (!ret) {
		memcpy(out, b.data, b.len);
		out[b.len] = '\0';
	}
	buf_free(&b);
	return ret;
}

static int add(struct daemon *d, const struct request *r, struct call *c, struct err *e)
{
	const struct config *cfg = d->cfg;
	struct ibake_policy policy;
	struct ibake_peer peer;
	int ret;

	ibake_policy_init(&policy);
	policy.binding = (enum ibake_binding)config_binding_for(cfg, c->peer);
	policy.n_suites = r->suite[0] ? 1 : (unsigned int)cfg->n_suites;
	for (size_t i = 0; i < policy.n_suites; i++)
		policy.suites[i] = config_suite_name(r->suite[0] ? config_suite_from_name(r->suite) :
						     cfg->suites[i]);
	ret = exchange_path(d, &r->via, &peer, e);
	if (!ret)
		ret = media_open(&c->media, &r->media, e);
	if (!ret)
		ret = ibake_call_start(d->engine, c->local, c->peer, &peer, 1, &policy, &c->number, e);
	return ret;
}

static void serve_add(struct daemon *d, struct control_conn *conn, const struct request *r)
{
	char from[CALL_URI_MAX + 1], to[CALL_URI_MAX + 1], name[CALL_NAME_MAX + 1];
	struct err e = ERR_INIT;
	struct call *c;
	int ret;

	ret = normal(r->from, from, &e);
	if (!ret)
		ret = normal(r->to, to, &e);
	if (!ret && !config_identity_find(d->cfg, from))
		ret = err_set(&e, ENOENT, "%s is none of the identities of this daemon", from);
	if (!ret && r->suite[0] && config_suite_from_name(r->suite) < 0)
		ret = err_set(&e, EINVAL, "there is no suite \"%s\" here", r->suite);
	c = r->name[0] ? gw_call_find(d, r->name) : NULL;
	if (!ret && c && gw_call_live(c))
		ret = err_set(&e, EEXIST, "there is a call %s already", r->name);
	if (!ret && pool_queued(d->pool) >= (unsigned int)d->cfg->max_jobs)
		ret = err_set(&e, EBUSY, "too busy: %u jobs wait for %u workers", pool_queued(d->pool),
			      pool_workers(d->pool));
	if (!ret)
		ret = daemon_keying(d, &e);
	if (ret) {
		control_refuse(conn, e.msg);
		return;
	}
	/* A failed one of this name has been told; its record makes way. */
	if (c)
		gw_call_free(d, c);
	c = gw_call_new(d, r->name, "call", &e);
	if (!c) {
		control_refuse(conn, e.msg);
		return;
	}
	c->initiator = true;
	c->state = CALL_INITIATING;
	c->via = r->via;
	memcpy(c->local, from, sizeof(from));
	memcpy(c->peer, to, sizeof(to));
	memcpy(name, c->name, sizeof(name));
	c->waiter = r->wait ? conn : NULL;
	c->wait_until = mono_seconds() + (time_t)r->wait;
	log_info("call %s: initiating, %s with %s", c->name, c->local, c->peer);
	ret = add(d, r, c, &e);
	exchange_rearm(d);
	/* Events of the start may have ended it, in words, already. */
	if (c->state == CALL_FAILED) {
		if (!r->wait)
			control_refuse(conn, c->reason);
	} else if (ret) {
		log_warn("call %s: cannot be started: %s", name, e.msg);
		c->waiter = NULL;
		gw_call_free(d, c);
		control_refuse(conn, e.msg);
	} else if (!r->wait) {
		control_send(conn, json_pack("{s:b, s:o}", "ok", 1, "call", gw_call_show(c)));
	}
}

static void serve_request(void *arg, struct control_conn *conn, const struct request *r)
{
	struct daemon *d = arg;

	switch (r->command) {
	case REQUEST_STATUS:
		serve_status(d, conn);
		break;
	case REQUEST_IDENTITY_SHOW:
		control_send(conn, json_pack("{s:b, s:o}", "ok", 1, "identities", keys_show(d->keys)));
		break;
	case REQUEST_CALL_ADD:
		serve_add(d, conn, r);
		break;
	case REQUEST_CALL_DEL:
		serve_del(d, conn, r);
		break;
	case REQUEST_CALL_SHOW:
		serve_show(d, conn, r);
		break;
	}
}

static void serve_closed(void *arg, struct control_conn *conn)
{
	struct daemon *d = arg;

	/* Whoever waited has left; the call goes on. */
	for (struct call *c = d->calls; c; c = c->next)
		if (c->waiter == conn)
			c->waiter = NULL;
}

const struct control_ops serve_ops = { serve_request, serve_closed };
