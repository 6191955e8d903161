// SPDX-License-Identifier: GPL-2.0-or-later
/* A call's life: from its slot in the engine to its end, and what it tells the outside. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/secret.h"
#include "ibake/internal.h"
#include "ibe/sysparams.h"

struct ibake_call *ibake_call_new(struct ibake_engine *en, enum ibake_role role,
				  const struct ibake_peer *peer, const struct ibake_policy *policy)
{
	struct ibake_call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->secret = secret_alloc(sizeof(*c->secret));
	if (!c->secret) {
		free(c);
		return NULL;
	}
	c->en = en;
	c->id = ++en->last_id;
	c->role = role;
	c->state = role == IBAKE_INITIATOR ? IBAKE_ST_WAIT_R1 : IBAKE_ST_WAIT_I2;
	c->peer = *peer;
	c->policy = *policy;
	ibake_policy_fill(&c->policy);
	c->deadline = c->next_send = IBAKE_NO_DEADLINE;
	c->next = en->calls;
	if (c->next)
		c->next->prev = c;
	en->calls = c;
	en->n_calls++;
	return c;
}

struct ibake_call *ibake_call_find(const struct ibake_engine *en, uint64_t id)
{
	for (struct ibake_call *c = en->calls; c; c = c->next)
		if (c->id == id && !c->dead)
			return c;
	return NULL;
}

void ibake_call_wipe(struct ibake_call *c)
{
	secret_free(c->secret, sizeof(*c->secret));
	c->secret = NULL;
	ibake_held_key_put(c->key);
	c->key = NULL;
	ibe_sysparams_put(c->peer_sp);
	c->peer_sp = NULL;
	buf_free(&c->i1);
	buf_free(&c->r1);
	buf_free(&c->i2);
	c->next_send = IBAKE_NO_DEADLINE;
}

void ibake_call_end(struct ibake_call *c)
{
	ibake_call_wipe(c);
	buf_free(&c->r2);
	c->deadline = IBAKE_NO_DEADLINE;
	c->dead = true;
}

unsigned int ibake_call_count(const struct ibake_engine *en)
{
	unsigned int n = 0;

	for (const struct ibake_call *c = en->calls; c; c = c->next)
		n += !c->dead;
	return n;
}

unsigned int ibake_call_half_open(const struct ibake_engine *en)
{
	unsigned int n = 0;

	for (const struct ibake_call *c = en->calls; c; c = c->next)
		n += !c->dead && c->role == IBAKE_RESPONDER && c->state == IBAKE_ST_WAIT_I2;
	return n;
}

static struct ibake_event event_of(struct ibake_call *c, enum ibake_event_kind kind)
{
	return (struct ibake_event){
		.kind = kind,
		.call = c->id,
		.role = c->role,
		.local_uri = c->local,
		.peer_uri = c->peer_uri,
		.peer = &c->peer,
		.reason = "",
	};
}

void ibake_call_event(struct ibake_call *c, enum ibake_event_kind kind, uint8_t type, size_t len)
{
	struct ibake_event ev = event_of(c, kind);

	ev.msg_type = type;
	ev.msg_len = len;
	c->en->ops.event(c->en->arg, &ev);
}

int ibake_call_fail(struct ibake_call *c, const struct err *e)
{
	struct ibake_event ev = event_of(c, IBAKE_EV_FAILED);

	ev.code = e->code;
	ev.reason = e->msg;
	c->en->stats.calls_failed++;
	/* First wiped, then told: whatever the callback does finds nothing half done. */
	ibake_call_end(c);
	c->en->ops.event(c->en->arg, &ev);
	return -e->code;
}

struct ibake_call *ibake_call_of_peer(struct ibake_engine *en, enum ibake_role role,
				      const struct ibake_peer *src, uint32_t csb_id)
{
	for (struct ibake_call *c = en->calls; c; c = c->next)
		if (!c->dead && c->role == role && c->csb_id == csb_id &&
		    c->peer.len == src->len && !memcmp(c->peer.octets, src->octets, src->len))
			return c;
	return NULL;
}

int ibake_call_refuse(struct ibake_engine *en, struct ibake_call *c, const struct ibake_peer *src,
		      uint8_t type, size_t len, const struct err *e)
{
	struct ibake_event ev = {.kind = IBAKE_EV_REFUSED, .local_uri = "", .peer_uri = ""};

	en->stats.msgs_refused++;
	if (c) {
		c->refused++;
		c->last = *e;
		/* A call that nothing was said of does not exist outside. */
		if (c->announced)
			ev = event_of(c, IBAKE_EV_REFUSED);
	}
	ev.peer = src;
	ev.msg_type = type;
	ev.msg_len = len;
	ev.code = e->code;
	ev.reason = e->msg;
	en->ops.event(en->arg, &ev);
	return -e->code;
}

void ibake_call_send(struct ibake_call *c, unsigned int n, const struct buf *msg, bool again)
{
	struct ibake_engine *en = c->en;
	struct ibake_event ev = event_of(c, IBAKE_EV_SENT);

	c->sent++;
	c->msg_len[n] = msg->len;
	en->stats.msgs_out++;
	ev.msg_type = (uint8_t)(MIKEY_I_MESSAGE_1 + n);
	ev.msg_len = msg->len;
	ev.resent = again;
	en->ops.send(en->arg, &c->peer, msg->data, msg->len);
	en->ops.event(en->arg, &ev);
}

void ibake_call_received(struct ibake_call *c, unsigned int n, size_t len)
{
	c->msg_len[n] = len;
	ibake_call_event(c, IBAKE_EV_RECEIVED, (uint8_t)(MIKEY_I_MESSAGE_1 + n), len);
}
