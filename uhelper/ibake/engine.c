// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine: hands messages and time to the calls. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ntp.h"
#include "base/secret.h"
#include "ibake/internal.h"

void ibake_policy_init(struct ibake_policy *p)
{
	*p = (struct ibake_policy){
		.binding = IBAKE_BINDING_REQUIRE,
		.prf = MIKEY_PRF_HMAC_SHA_256,
		.curve = MIKEY_CURVE_P256,
		.n_suites = 1,
		.suites = {"AES_CM_128_HMAC_SHA1_80"},
	};
}

void ibake_policy_fill(struct ibake_policy *p)
{
	if (!p->n_suites)
		p->suites[p->n_suites++] = DEFAULT_SUITE;
}

void ibake_config_init(struct ibake_config *c)
{
	*c = (struct ibake_config){
		.window_s = 300,
		.retransmit_ms = 500,
		.retransmit_max = 5,
		.give_up_ms = 32000,
		.half_open_ms = 64000,
		.provisional_ms = 40000,
		.max_calls = 1024,
		.max_half_open = 256,
		.evict_ms = 4000,
		.replay_max = 65536,
		.bucket_rate = 20,
		.bucket_burst = 60,
		.bucket_sources = 1024,
	};
	ibake_policy_init(&c->policy);
}

static void engine_release(struct ibake_engine *en)
{
	ibake_replay_free(en->replay);
	ibake_buckets_free(en->buckets);
	ibake_buckets_free(en->in_call);
	free(en);
}

struct ibake_engine *ibake_engine_new(const struct ibake_ops *ops, void *arg,
				      const struct ibake_config *config)
{
	struct ibake_engine *en;

	if (!ops->now || !ops->mono || !ops->send || !ops->submit || !ops->find_key ||
	    !ops->find_params || !ops->event)
		return NULL;
	en = calloc(1, sizeof(*en));
	if (!en)
		return NULL;
	en->ops = *ops;
	en->arg = arg;
	en->config = *config;
	en->replay = ibake_replay_new(config->replay_max);
	en->buckets = ibake_buckets_new(config->bucket_sources, config->bucket_rate,
					config->bucket_burst);
	en->in_call = ibake_buckets_new(config->bucket_sources, config->bucket_rate,
					config->bucket_burst);
	if (!en->replay || !en->buckets || !en->in_call) {
		engine_release(en);
		return NULL;
	}
	return en;
}

static void reap(struct ibake_engine *en)
{
	struct ibake_call *next;

	for (struct ibake_call *c = en->calls; c; c = next) {
		next = c->next;
		if (!c->dead)
			continue;
		if (c->prev)
			c->prev->next = next;
		else
			en->calls = next;
		if (next)
			next->prev = c->prev;
		en->n_calls--;
		free(c);
	}
}

void ibake_engine_enter(struct ibake_engine *en)
{
	en->depth++;
}

void ibake_engine_leave(struct ibake_engine *en)
{
	if (--en->depth)
		return;
	reap(en);
	if (en->dying && !en->jobs)
		engine_release(en);
}

void ibake_engine_free(struct ibake_engine *en)
{
	if (!en)
		return;
	ibake_engine_enter(en);
	en->dying = true;
	for (struct ibake_call *c = en->calls; c; c = c->next)
		if (!c->dead)
			ibake_call_end(c);
	ibake_engine_leave(en);
}

uint64_t ibake_engine_mono(struct ibake_engine *en)
{
	return en->ops.mono(en->arg);
}

int64_t ibake_engine_unix(struct ibake_engine *en)
{
	struct timespec ts;

	en->ops.now(en->arg, &ts);
	return ts.tv_sec;
}

uint64_t ibake_engine_new_t(struct ibake_engine *en)
{
	struct timespec ts;
	uint64_t t;

	en->ops.now(en->arg, &ts);
	t = ntp_from_timespec(&ts);
	/* Two messages in one tick of the clock, or a clock that was set back a little. Set back by
	 * more than the window, the old T would be refused everywhere: then a new start is made.
	 */
	if (t <= en->last_t && en->last_t - t < (uint64_t)en->config.window_s << 32)
		t = en->last_t + 1;
	en->last_t = t;
	return t;
}

void ibake_engine_random(struct ibake_engine *en, void *p, size_t len)
{
	if (en->ops.random)
		en->ops.random(en->arg, p, len);
	else
		secret_random(p, len);
}

static int dispatch(struct ibake_engine *en, const struct ibake_peer *src,
		    const struct mikey_msg *msg, struct err *e)
{
	const struct mikey_payload *p;

	switch (msg->hdr.type) {
	case MIKEY_I_MESSAGE_1:
		return ibake_responder_i1(en, src, msg, e);
	case MIKEY_R_MESSAGE_1:
		return ibake_initiator_r1(en, src, msg, e);
	case MIKEY_I_MESSAGE_2:
		return ibake_responder_i2(en, src, msg, e);
	case MIKEY_R_MESSAGE_2:
		return ibake_initiator_r2(en, src, msg, e);
	case MIKEY_ERROR:
		/* Anybody could have sent it, so that it ends nothing; it goes to the log. */
		p = mikey_find(msg, MIKEY_ERR, 0);
		err_set(e, EPROTO, "peer reports an error: %s",
			p ? mikey_error_name(p->err.no) : "none named");
		break;
	default:
		err_set(e, EPROTONOSUPPORT, "%s (data type %u) has no place in this exchange",
			mikey_type_name(msg->hdr.type), msg->hdr.type);
		break;
	}
	return ibake_call_refuse(en, NULL, src, msg->hdr.type, msg->len, e);
}

int ibake_input(struct ibake_engine *en, const struct ibake_peer *src, const uint8_t *data,
		size_t len, struct err *e)
{
	struct err local = ERR_INIT;
	struct ibake_peer from = *src; /* the caller's may be gone when an event looks at it */
	struct mikey_msg msg;
	int ret;

	if (from.len > IBAKE_ADDR_MAX || from.source_len > from.len)
		return err_set(e, EINVAL, "address of the peer has an impossible length");
	ibake_engine_enter(en);
	en->stats.msgs_in++;
	if (mikey_parse(data, len, &msg, &local))
		ret = ibake_call_refuse(en, NULL, &from, len > 1 ? data[1] : 0, len, &local);
	else
		ret = dispatch(en, &from, &msg, &local);
	if (ret && e)
		*e = local;
	ibake_engine_leave(en);
	return ret;
}

uint64_t ibake_deadline(const struct ibake_engine *en)
{
	uint64_t next = IBAKE_NO_DEADLINE;
	uint64_t now = en->ops.mono(en->arg);

	for (const struct ibake_call *c = en->calls; c; c = c->next) {
		/* A busy call waits for its job, which brings the next deadline. */
		if (c->dead || c->busy)
			continue;
		if (c->deadline < next)
			next = c->deadline;
		if (c->next_send < next)
			next = c->next_send;
	}
	if (next == IBAKE_NO_DEADLINE)
		return next;
	return next > now ? next - now : 0;
}

uint64_t ibake_tick(struct ibake_engine *en)
{
	uint64_t now = ibake_engine_mono(en), next;

	ibake_engine_enter(en);
	for (struct ibake_call *c = en->calls; c; c = c->next) {
		if (c->dead || c->busy)
			continue;
		if (c->role == IBAKE_INITIATOR)
			ibake_initiator_tick(c, now);
		else
			ibake_responder_tick(c, now);
	}
	next = ibake_deadline(en);
	ibake_engine_leave(en);
	return next;
}

int ibake_call_drop(struct ibake_engine *en, uint64_t call)
{
	struct ibake_call *c = ibake_call_find(en, call);

	if (!c)
		return -ENOENT;
	ibake_engine_enter(en);
	ibake_call_end(c);
	ibake_engine_leave(en);
	return 0;
}

int ibake_call_confirm(struct ibake_engine *en, uint64_t call)
{
	struct ibake_call *c = ibake_call_find(en, call);

	if (!c)
		return -ENOENT;
	if (c->state == IBAKE_ST_ESTABLISHED)
		return 0;
	if (c->state != IBAKE_ST_PROVISIONAL)
		return -EAGAIN;
	ibake_engine_enter(en);
	c->state = IBAKE_ST_ESTABLISHED;
	c->deadline = IBAKE_NO_DEADLINE;
	ibake_call_event(c, IBAKE_EV_CONFIRMED, 0, 0);
	ibake_engine_leave(en);
	return 0;
}

const char *ibake_state_name(enum ibake_state s)
{
	static const char *const names[] = {
		[IBAKE_ST_WAIT_R1] = "waiting for R_MESSAGE_1",
		[IBAKE_ST_WAIT_R2] = "waiting for R_MESSAGE_2",
		[IBAKE_ST_WAIT_I2] = "waiting for I_MESSAGE_2",
		[IBAKE_ST_PROVISIONAL] = "provisional",
		[IBAKE_ST_ESTABLISHED] = "established",
	};

	return (unsigned int)s < sizeof(names) / sizeof(names[0]) ? names[s] : "unknown";
}

int ibake_call_info(const struct ibake_engine *en, uint64_t call, struct ibake_call_info *info)
{
	const struct ibake_call *c = ibake_call_find(en, call);

	if (!c)
		return -ENOENT;
	*info = (struct ibake_call_info){
		.role = c->role,
		.state = c->state,
		.local_uri = c->local,
		.peer_uri = c->peer_uri,
		.peer = c->peer,
		.csb_id = c->csb_id,
		.suite = c->suite ? c->suite : "",
		.keyed = c->keyed,
		.bound = c->bound,
		.sent = c->sent,
		.refused = c->refused,
		.t = c->t_unix,
	};
	memcpy(info->mki, c->mki, sizeof(info->mki));
	memcpy(info->fingerprint, c->fingerprint, sizeof(info->fingerprint));
	memcpy(info->msg_len, c->msg_len, sizeof(info->msg_len));
	return 0;
}

uint64_t ibake_call_next(const struct ibake_engine *en, uint64_t call)
{
	uint64_t next = 0;

	for (const struct ibake_call *c = en->calls; c; c = c->next)
		if (!c->dead && c->id > call && (!next || c->id < next))
			next = c->id;
	return next;
}

void ibake_stats(const struct ibake_engine *en, struct ibake_stats *s)
{
	*s = en->stats;
	s->half_open = ibake_call_half_open(en);
	s->replay_entries = ibake_replay_count(en->replay);
	for (const struct ibake_call *c = en->calls; c; c = c->next)
		s->calls += !c->dead;
}
