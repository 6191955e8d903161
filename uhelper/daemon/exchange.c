// SPDX-License-Identifier: GPL-2.0-or-later
/* Between the exchange engine and the world: clocks, datagrams, keys, workers, calls. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/bytes.h"
#include "base/log.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "mikey/mikey.h"
#include "daemon/keys.h"
#include "daemon/pool.h"
#include "daemon/udp.h"
#include "ibake/ibake.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "kms/kms.h"

#define LOCALS_MAX 4096

/*
 * A struct ibake_peer of ours: family (1), address (16, the rest of an IPv4 one zero), port (2),
 * interface of a link-local address (4), index of the own address in daemon.locals (2).
 */
enum { AT_FAMILY = 0, AT_ADDR = 1, AT_PORT = 17, AT_SCOPE = 19, AT_LOCAL = 23, PEER_LEN = 25 };

/* Own addresses are few: a number for each, so that a peer's octets have room for it. */
static int local_index(struct daemon *d, const struct addr *a)
{
	struct addr *v;

	for (size_t i = 0; i < d->n_locals; i++)
		if (addr_equal(&d->locals[i], a))
			return (int)i;
	if (d->n_locals == LOCALS_MAX)
		return -ENOSPC;
	v = reallocarray(d->locals, d->n_locals + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	d->locals = v;
	v[d->n_locals] = *a;
	return (int)d->n_locals++;
}

static int peer_from_path(struct daemon *d, const struct udp_path *path, struct ibake_peer *p)
{
	const struct sockaddr_in *a4 = (const void *)&path->peer.ss;
	const struct sockaddr_in6 *a6 = (const void *)&path->peer.ss;
	int local = local_index(d, &path->local);

	if (local < 0)
		return local;
	memset(p, 0, sizeof(*p));
	p->len = PEER_LEN;
	p->source_len = AT_PORT;
	if (path->peer.ss.ss_family == AF_INET) {
		p->octets[AT_FAMILY] = 4;
		memcpy(p->octets + AT_ADDR, &a4->sin_addr, 4);
	} else {
		p->octets[AT_FAMILY] = 6;
		/* A host has 2^64 addresses to send from: its network pays. */
		p->source_len = AT_ADDR + 8;
		memcpy(p->octets + AT_ADDR, &a6->sin6_addr, 16);
		put_be32(p->octets + AT_SCOPE, a6->sin6_scope_id);
	}
	put_be16(p->octets + AT_PORT, addr_port(&path->peer));
	put_be16(p->octets + AT_LOCAL, (uint16_t)local);
	return 0;
}

void exchange_peer_addr(const struct ibake_peer *p, struct addr *out)
{
	struct sockaddr_in *a4 = (void *)&out->ss;
	struct sockaddr_in6 *a6 = (void *)&out->ss;

	memset(out, 0, sizeof(*out));
	if (p->len != PEER_LEN)
		return;
	if (p->octets[AT_FAMILY] == 4) {
		a4->sin_family = AF_INET;
		memcpy(&a4->sin_addr, p->octets + AT_ADDR, 4);
		out->len = sizeof(*a4);
	} else {
		a6->sin6_family = AF_INET6;
		memcpy(&a6->sin6_addr, p->octets + AT_ADDR, 16);
		a6->sin6_scope_id = get_be32(p->octets + AT_SCOPE);
		out->len = sizeof(*a6);
	}
	addr_set_port(out, get_be16(p->octets + AT_PORT));
}

int exchange_path(struct daemon *d, const struct addr *via, struct ibake_peer *peer, struct err *e)
{
	struct udp_path path = { .peer = *via };
	int ret = -EADDRNOTAVAIL;

	for (size_t i = 0; i < d->n_udp && ret; i++)
		ret = udp_source_for(d->udp[i], via, &path.local, e);
	if (!ret && peer_from_path(d, &path, peer))
		ret = err_set(e, ENOMEM, "out of memory");
	return ret;
}

static void op_now(void *arg, struct timespec *ts)
{
	clock_gettime(CLOCK_REALTIME, ts);
}

static uint64_t op_mono(void *arg)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void op_send(void *arg, const struct ibake_peer *to, const uint8_t *msg, size_t len)
{
	struct daemon *d = arg;
	struct err e = ERR_INIT;
	struct udp_path path;
	size_t i;

	exchange_peer_addr(to, &path.peer);
	path.local = d->locals[get_be16(to->octets + AT_LOCAL)];
	for (i = 0; i < d->n_udp && !udp_owns(d->udp[i], &path.local); i++)
		;
	/*
	 * Repetition or the time limit follow; the log says why, but not as often as somebody with a
	 * forged address that cannot be answered likes.
	 */
	if (i < d->n_udp && udp_send(d->udp[i], &path, msg, len, &e) &&
	    daemon_log_allows(d))
		log_warn("%s", e.msg);
}

struct work {
	struct pool_job pool;
	struct ibake_job *job;
	struct daemon *d;
};

static void work_run(void *arg)
{
	struct work *w = arg;

	w->job->run(w->job);
}

static void work_done(void *arg)
{
	struct work *w = arg;
	struct daemon *d = w->d;

	w->job->done(w->job);
	free(w);
	exchange_rearm(d);
}

static void op_submit(void *arg, struct ibake_job *job)
{
	struct daemon *d = arg;
	struct work *w = malloc(sizeof(*w));

	if (w) {
		*w = (struct work){ { work_run, work_done, w, NULL }, job, d };
		if (!pool_submit(d->pool, &w->pool, NULL))
			return;
		free(w);
	}
	/*
	 * New calls are refused long before the queue is full, so this is the end of the process or
	 * of its memory; a job that is never done would leak a key.
	 */
	job->run(job);
	job->done(job);
}

static void release_key(void *ref)
{
	kms_key_put(ref);
}

static int op_find_key(void *arg, const char *uri, int64_t t, const struct ibake_hint *hint,
		       struct ibake_key *key, struct err *e)
{
	struct daemon *d = arg;
	struct ibe_sysparams *sys = NULL;
	struct kms_key *k;
	int64_t period;
	int ret;

	if (!config_identity_find(d->cfg, uri))
		return err_set(e, ENOENT, "%s is none of the identities of this daemon", uri);
	ret = keys_params(d->keys, uri, hint ? &hint->serial : NULL, t, &sys, e);
	if (ret)
		return ret;
	period = hint ? hint->period_start : ibe_period_start(t, sys->granularity);
	ibe_sysparams_put(sys);
	ret = keys_find(d->keys, uri, period, hint ? hint->district : NULL,
			hint ? &hint->serial : NULL, &k, e);
	if (ret)
		return ret;
	*key = (struct ibake_key){ k->key, k->sys, release_key, k };
	return 0;
}

static int op_find_params(void *arg, const char *uri, int64_t t, struct ibe_sysparams **sp,
			  struct err *e)
{
	struct daemon *d = arg;

	return keys_params(d->keys, uri, NULL, t, sp, e);
}

static int op_incoming(void *arg, const char *from, const char *to, const struct ibake_peer *peer,
		       struct ibake_policy *policy, struct err *e)
{
	const struct config_route *r;
	struct daemon *d = arg;
	struct media trial;
	struct call *other;
	int ret;

	r = config_route_find(d->cfg, to, from);
	if (!r)
		return err_set(e, ENOENT, "there is no route for calls of %s to %s", from, to);
	ret = daemon_keying(d, e);
	if (ret)
		return ret;
	if (pool_queued(d->pool) >= (unsigned int)d->cfg->max_jobs)
		return err_set(e, EBUSY, "too busy: %u jobs wait for %u workers", pool_queued(d->pool),
			       pool_workers(d->pool));
	policy->binding = (enum ibake_binding)config_binding_for(d->cfg, from);
	/* Only looked at: the ports are taken when the peer has proven who it is. */
	other = gw_call_on_ports(d, &r->media, NULL);
	if (other && (strcmp(other->peer, from) || strcmp(other->local, to)))
		return err_set(e, EADDRINUSE, "the ports of the route for %s are in use by call %s", to,
			       other->name);
	if (other)
		return 0;
	ret = media_open(&trial, &r->media, e);
	if (!ret)
		media_close(&trial);
	return ret;
}

static bool op_mki_live(void *arg, const uint8_t mki[IBAKE_MKI_LEN])
{
	struct daemon *d = arg;

	for (const struct call *c = d->calls; c; c = c->next)
		if (gw_call_live(c) && c->has_keys && !memcmp(c->mki, mki, IBAKE_MKI_LEN))
			return true;
	return false;
}

static void on_incoming(struct daemon *d, const struct ibake_event *ev)
{
	const struct config_route *r = config_route_find(d->cfg, ev->local_uri, ev->peer_uri);
	struct err e = ERR_INIT;
	struct call *c = r ? gw_call_new(d, "", "in", &e) : NULL;

	if (!c) {
		if (daemon_log_allows(d))
			log_warn("refused a call of %s to %s: %s", ev->peer_uri, ev->local_uri, e.msg);
		ibake_call_drop(d->engine, ev->call);
		return;
	}
	c->number = ev->call;
	c->state = CALL_ANSWERING;
	c->media.addrs = r->media;
	snprintf(c->local, sizeof(c->local), "%s", ev->local_uri);
	snprintf(c->peer, sizeof(c->peer), "%s", ev->peer_uri);
	exchange_peer_addr(ev->peer, &c->via);
	if (daemon_log_allows(d))
		log_info("call %s: answering, to %s from somebody who says to be %s", c->name,
			 c->local, c->peer);
}

static void on_refused(struct daemon *d, struct call *c, const struct ibake_event *ev)
{
	char text[ADDR_TEXT_MAX];
	struct addr from;

	if (c)
		c->refused++;
	/* Whoever sends rubbish must not fill the log. */
	if (!daemon_log_allows(d))
		return;
	exchange_peer_addr(ev->peer, &from);
	log_warn("%s%s: refused %s of %zu octets from %s: %s", c ? "call " : "", c ? c->name : "mikey",
		 mikey_type_name(ev->msg_type), ev->msg_len, addr_format(&from, text), ev->reason);
}

static void op_event(void *arg, const struct ibake_event *ev)
{
	struct daemon *d = arg;
	struct call *c = gw_call_find_number(d, ev->call);

	switch (ev->kind) {
	case IBAKE_EV_INCOMING:
		on_incoming(d, ev);
		break;
	case IBAKE_EV_SENT:
	case IBAKE_EV_RECEIVED:
		if (c)
			gw_call_message(d, c, ev->kind == IBAKE_EV_SENT, ev->resent, ev->msg_type,
				     ev->msg_len);
		break;
	case IBAKE_EV_REFUSED:
		on_refused(d, c, ev);
		break;
	case IBAKE_EV_KEYED:
		if (c)
			gw_call_key(d, c, ev->keys);
		else
			ibake_call_drop(d->engine, ev->call);
		break;
	case IBAKE_EV_CONFIRMED:
		if (c)
			gw_call_confirm(d, c);
		break;
	case IBAKE_EV_FAILED:
		if (c)
			gw_call_fail(d, c, ev->reason);
		break;
	case IBAKE_EV_UNBOUND:
		break; /* gw_call_key() tells */
	}
}

static void on_datagram(void *arg, const struct udp_path *path, const uint8_t *data, size_t len)
{
	struct daemon *d = arg;
	struct err e = ERR_INIT;
	struct ibake_peer peer;

	if (peer_from_path(d, path, &peer))
		return;
	/* A refusal has had its event. */
	if (!ibake_input(d->engine, &peer, data, len, &e))
		log_debug("a message of %zu octets came in", len);
	exchange_rearm(d);
}

void exchange_rearm(struct daemon *d)
{
	struct timeval tv;
	uint64_t in;

	if (!d->engine || !d->timer)
		return;
	in = ibake_deadline(d->engine);
	if (in == IBAKE_NO_DEADLINE) {
		evtimer_del(d->timer);
		return;
	}
	tv = (struct timeval){ (time_t)(in / 1000), (suseconds_t)(in % 1000) * 1000 };
	evtimer_add(d->timer, &tv);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	ibake_tick(d->engine);
	exchange_rearm(d);
}

int exchange_start(struct daemon *d, struct err *e)
{
	static const struct ibake_ops ops = {
		.now = op_now,
		.mono = op_mono,
		.send = op_send,
		.submit = op_submit,
		.find_key = op_find_key,
		.find_params = op_find_params,
		.incoming = op_incoming,
		.mki_live = op_mki_live,
		.event = op_event,
	};
	const struct config *cfg = d->cfg;
	struct ibake_config c;

	ibake_config_init(&c);
	c.window_s = (unsigned int)cfg->max_skew;
	c.max_calls = (unsigned int)cfg->max_calls;
	c.bucket_rate = (unsigned int)cfg->rate;
	c.bucket_burst = (unsigned int)cfg->burst;
	c.give_up_ms = (unsigned int)cfg->give_up * 1000;
	c.provisional_ms = (unsigned int)cfg->provisional * 1000;
	c.policy.binding = (enum ibake_binding)cfg->binding;
	c.policy.n_suites = (unsigned int)cfg->n_suites;
	for (size_t i = 0; i < cfg->n_suites; i++)
		c.policy.suites[i] = config_suite_name(cfg->suites[i]);
	d->engine = ibake_engine_new(&ops, d, &c);
	d->timer = evtimer_new(d->base, on_deadline, d);
	d->udp = calloc(cfg->n_listen, sizeof(*d->udp));
	if (!d->engine || !d->timer || !d->udp)
		return err_set(e, ENOMEM, "out of memory");
	for (size_t i = 0; i < cfg->n_listen; i++) {
		d->udp[i] = udp_new(d->base, &cfg->listen[i], on_datagram, d, e);
		if (!d->udp[i])
			return -e->code;
		d->n_udp++;
	}
	return 0;
}

void exchange_stop(struct daemon *d)
{
	for (size_t i = 0; i < d->n_udp; i++)
		udp_free(d->udp[i]);
	free(d->udp);
	d->n_udp = 0;
	d->udp = NULL;
	ibake_engine_free(d->engine);
	d->engine = NULL;
	if (d->timer)
		event_free(d->timer);
	d->timer = NULL;
}
