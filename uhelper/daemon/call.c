// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls: their life from the first message to the deletion of their keys. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "mikey/mikey.h"

/* How long a failed call is shown, and how many. */
#define FAILED_KEPT_S 600
#define FAILED_KEPT 100
/* The same for calls whose caller proved nothing: anybody can make those. */
#define UNPROVEN_KEPT_S 60
#define UNPROVEN_KEPT 10

time_t mono_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

bool gw_call_live(const struct call *c)
{
	return c->state != CALL_FAILED;
}

struct call *gw_call_find(struct daemon *d, const char *name)
{
	struct call *c;

	for (c = d->calls; c && strcmp(c->name, name); c = c->next)
		;
	return c;
}

struct call *gw_call_find_number(struct daemon *d, uint64_t number)
{
	struct call *c;

	for (c = d->calls; c && c->number != number; c = c->next)
		;
	return number ? c : NULL;
}

struct call *gw_call_on_ports(struct daemon *d, const struct media_addrs *m, const struct call *but)
{
	for (struct call *c = d->calls; c; c = c->next) {
		/* Who answers has no ports yet: nothing about the caller is proven. */
		if (c == but || !gw_call_live(c) || c->state == CALL_ANSWERING)
			continue;
		for (int i = 0; i < LEGS; i++)
			for (int k = 0; k < LEGS; k++) {
				struct addr mine, other;

				media_local(m, (enum leg)i, &mine);
				media_local(&c->media.addrs, (enum leg)k, &other);
				if (addr_equal(&mine, &other))
					return c;
			}
	}
	return NULL;
}

/* Without those that nobody stands behind yet: of them the engine keeps count. */
static size_t live_calls(const struct daemon *d)
{
	size_t n = 0;

	for (const struct call *c = d->calls; c; c = c->next)
		n += gw_call_live(c) && c->state != CALL_ANSWERING;
	return n;
}

struct call *gw_call_new(struct daemon *d, const char *name, const char *prefix, struct err *e)
{
	struct call *c;

	if (live_calls(d) >= (size_t)d->cfg->max_calls) {
		err_set(e, EMFILE, "there are %d calls already (limits.calls)", d->cfg->max_calls);
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	if (name[0])
		snprintf(c->name, sizeof(c->name), "%s", name);
	else
		do
			snprintf(c->name, sizeof(c->name), "%s%u", prefix, ++d->names);
		while (gw_call_find(d, c->name));
	for (int leg = 0; leg < LEGS; leg++)
		c->media.fd[leg] = -1;
	c->suite = -1;
	c->started = time(NULL);
	c->next = d->calls;
	d->calls = c;
	return c;
}

/* Nothing of the call is left in the kernel or on a port. */
static void take_down(struct daemon *d, struct call *c)
{
	struct err e = ERR_INIT;

	if (c->number)
		ibake_call_drop(d->engine, c->number);
	c->number = 0;
	if (c->up && d->kops->down(d->keying, &c->refs, &e))
		log_error("call %s: not everything could be taken out of the kernel: %s", c->name, e.msg);
	c->up = false;
	memset(&c->refs, 0, sizeof(c->refs));
	media_close(&c->media);
	adopt_forget(d, c);
}

static void answer(struct call *c, json_t *line)
{
	struct control_conn *conn = c->waiter;

	c->waiter = NULL;
	if (conn)
		control_send(conn, line);
	else
		json_decref(line);
}

void gw_call_free(struct daemon *d, struct call *c)
{
	struct call **p;

	take_down(d, c);
	if (c->waiter)
		control_refuse(c->waiter, "the call was deleted");
	c->waiter = NULL;
	for (p = &d->calls; *p != c; p = &(*p)->next)
		;
	*p = c->next;
	free(c);
}

void gw_call_fail(struct daemon *d, struct call *c, const char *reason)
{
	struct control_conn *conn = c->waiter;
	char text[sizeof(c->reason) + 64];

	if (!gw_call_live(c))
		return;
	take_down(d, c);
	c->state = CALL_FAILED;
	c->failed = mono_seconds();
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	if (c->initiator || c->proven || daemon_log_allows(d))
		log_warn("call %s: failed: %s", c->name, c->reason);
	c->waiter = NULL;
	if (conn) {
		snprintf(text, sizeof(text), "call %s failed: %s", c->name, c->reason);
		control_refuse(conn, text);
	}
}

static void log_state(const struct call *c)
{
	log_info("call %s: %s, %s with %s", c->name, gw_call_state_name(c->state), c->local, c->peer);
}

/* The two crypto sessions of the only media line, as the kernel wants them. */
static int material(const struct ibake_keys *keys, struct keying_material *km, struct err *e)
{
	unsigned int have = 0;

	km->suite = -1;
	memcpy(km->mki, keys->mki, sizeof(km->mki));
	for (unsigned int i = 0; i < keys->n_cs; i++) {
		const struct ibake_cs_keys *cs = &keys->cs[i];
		struct keying_key *key = cs->transmit ? &km->tx : &km->rx;
		int suite = config_suite_from_name(cs->suite);

		if (cs->key_len != sizeof(key->key) || cs->salt_len != sizeof(key->salt) || suite < 0)
			return err_set(e, EPROTO, "the exchange agreed a suite unknown here, %s", cs->suite);
		memcpy(key->key, cs->key, sizeof(key->key));
		memcpy(key->salt, cs->salt, sizeof(key->salt));
		km->suite = suite;
		have |= cs->transmit ? 1 : 2;
	}
	return have == 3 && keys->n_cs == 2 ? 0 :
		err_set(e, EPROTO, "the exchange gave keys for %u sessions instead of two", keys->n_cs);
}

/*
 * Both sides called at once: each would drop its own call for the other's, and none would be left.
 * Both know both names, so that the call of the one that sorts first counts. A call that came in
 * after ours had keys is no glare: the peer has forgotten ours.
 */
static bool ours_counts(const struct call *ours, const struct call *incoming)
{
	return ours->initiator && strcmp(incoming->local, incoming->peer) < 0 &&
	       (!ours->has_keys || ours->keyed >= incoming->started);
}

void gw_call_key(struct daemon *d, struct call *c, const struct ibake_keys *keys)
{
	struct keying_material *km = secret_alloc(sizeof(*km));
	struct err e = ERR_INIT;
	struct call *older;
	int ret;

	c->proven = true;
	if (!km) {
		gw_call_fail(d, c, "out of memory");
		return;
	}
	ret = material(keys, km, &e);
	if (!ret && !c->initiator) {
		/*
		 * Ports of an incoming call are taken only now, when the peer has proven who it is:
		 * before, anybody could have kept them from it. If it has a call there already, it
		 * has forgotten that one, and this one takes its place.
		 */
		older = gw_call_on_ports(d, &c->media.addrs, c);
		if (older && (strcmp(older->peer, c->peer) || strcmp(older->local, c->local)))
			older = NULL;
		if (older && ours_counts(older, c))
			ret = err_set(&e, EBUSY, "both sides called at once, and call %s counts",
				      older->name);
		else if (older)
			gw_call_fail(d, older, "the peer made a new call");
		if (!ret)
			ret = media_open(&c->media, &c->media.addrs, &e);
	}
	if (!ret)
		ret = daemon_keying(d, &e);
	if (!ret) {
		ret = d->kops->up(d->keying, c->name, c->initiator, &c->media, km, &c->refs, &e);
		c->up = !ret;
	}
	c->suite = km->suite;
	secret_free(km, sizeof(*km));
	if (ret) {
		gw_call_fail(d, c, e.msg);
		return;
	}
	c->has_keys = true;
	c->bound = keys->bound;
	memcpy(c->mki, keys->mki, sizeof(c->mki));
	memcpy(c->fingerprint, keys->fingerprint, sizeof(c->fingerprint));
	c->keyed = time(NULL);
	c->state = keys->provisional ? CALL_PROVISIONAL : CALL_KEYED;
	log_state(c);
	if (!c->bound)
		log_warn("call %s: the peer proved no binding of its identity", c->name);
	adopt_save(d, c);
	answer(c, json_pack("{s:b, s:o}", "ok", 1, "call", gw_call_show(c)));
}

void gw_call_confirm(struct daemon *d, struct call *c)
{
	c->confirm_by = 0;
	if (c->state != CALL_PROVISIONAL)
		return;
	c->state = CALL_KEYED;
	log_state(c);
	if (c->number)
		ibake_call_confirm(d->engine, c->number);
}

void gw_call_message(struct daemon *d, struct call *c, bool sent, bool resent, uint8_t type,
		  size_t len)
{
	struct call_message *m;

	c->resent += resent;
	if (c->n_messages < CALL_MESSAGES) {
		m = &c->messages[c->n_messages++];
		*m = (struct call_message){ sent, resent, type, len, { 0 } };
		clock_gettime(CLOCK_REALTIME, &m->when);
		if (c->has_keys)
			adopt_save(d, c);
	}
	if (c->waiter)
		control_send(c->waiter,
			     json_pack("{s:{s:s, s:s, s:i, s:b}}", "progress", "direction",
				       sent ? "sent" : "received", "type", mikey_type_name(type),
				       "octets", (int)len, "again", resent));
}

static void tick_one(struct daemon *d, struct call *c, time_t now)
{
	if (c->waiter && now >= c->wait_until) {
		char text[160];

		snprintf(text, sizeof(text), "call %s is not keyed yet; it goes on, see \"ibake call show\"",
			 c->name);
		control_refuse(c->waiter, text);
		c->waiter = NULL;
	}
	/* The kernel's event may have been lost; it is only quicker. */
	if ((c->state == CALL_PROVISIONAL || c->confirm_by) &&
	    d->kops->authentic(d->keying, &c->refs))
		gw_call_confirm(d, c);
	if (c->confirm_by && now >= c->confirm_by)
		gw_call_fail(d, c, "no authentic media of the peer came in time; its keys are cleared");
}

void calls_tick(struct daemon *d)
{
	time_t now = mono_seconds();
	struct call *c, *next;
	size_t failed = 0, unproven = 0;

	for (c = d->calls; c; c = next) {
		next = c->next;
		tick_one(d, c, now);
		if (c->state != CALL_FAILED)
			continue;
		if (c->initiator || c->proven ?
		    ++failed > FAILED_KEPT || now - c->failed > FAILED_KEPT_S :
		    ++unproven > UNPROVEN_KEPT || now - c->failed > UNPROVEN_KEPT_S)
			gw_call_free(d, c);
	}
}
