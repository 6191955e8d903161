/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SELFTESTS_IBAKE_RIG_H
#define SELFTESTS_IBAKE_RIG_H

/* Two engines and what is around them: districts with real parameters, private keys by extraction,
 * a network that holds messages until the test lets them pass, clocks that stand still.
 */
#include "unit.h"

#include <errno.h>
#include <time.h>

#include "base/secret.h"
#include "ibake/ibake.h"
#include "ibake/internal.h"
#include "ibe/ibe.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "mikey/mikey.h"

#define DAY 1795132800ll	/* 2026-11-20 00:00:00 UTC */
#define NOON (DAY + 43200)
#define ALICE "sip:alice@a.example"
#define BOB "sip:bob@b.example"
#define CAROL "sip:carol@b.example"
#define I1 0
#define R1 1
#define I2 2
#define R2 3
#define QUEUE 64

/* A district: what its key server knows. */
struct district {
	struct ibe_params *params;
	struct ibe_master *master;
	struct ibe_sysparams *sp;
};

struct letter {
	struct ibake_peer from;
	int to; /* index of the side */
	struct buf msg;
};

struct side;

struct rig {
	struct district a, b;
	struct side *side[3]; /* alice, bob, carol */
	struct letter q[QUEUE];
	unsigned int n;
	int64_t now;	/* wall clock, s */
	uint64_t mono;	/* ms */
	bool hold_jobs;
	struct ibake_job *jobs;
	bool random_fixed;
	uint64_t random_state;
};

/* One gateway. */
struct side {
	struct rig *rig;
	int index;
	const char *uri;
	const char *key_of;	/* whose private key find_key gives; NULL: of the identity asked for */
	int64_t key_shift;	/* added to the time that keys are asked for */
	bool ignore_hint;
	unsigned int keys_out;
	struct ibake_engine *en;
	uint64_t call;
	/* what was told */
	unsigned int events[IBAKE_EV_FAILED + 1];
	struct err last_refused, last_failed;
	struct ibake_keys keys;
	unsigned int keyed;
	bool drop_on[IBAKE_EV_FAILED + 1];
	uint8_t mki_live[IBAKE_MKI_LEN];
	bool has_mki_live;
	bool refuse_incoming;
	struct ibake_policy incoming;
	size_t sent_len[4];
	unsigned int sends, resends;
	uint8_t sent_type;
};

static inline struct ibake_peer rig_peer(int index)
{
	struct ibake_peer p = { .len = 8, .source_len = 5 };

	p.octets[0] = 2;
	p.octets[1] = 192;
	p.octets[4] = (uint8_t)(index + 1);
	p.octets[5] = 0x08;
	p.octets[6] = 0xdd;
	return p;
}

static inline void rig_now(void *arg, struct timespec *ts)
{
	struct side *s = arg;

	ts->tv_sec = s->rig->now;
	ts->tv_nsec = 0;
}

static inline uint64_t rig_mono(void *arg)
{
	struct side *s = arg;

	return s->rig->mono;
}

static inline void rig_send(void *arg, const struct ibake_peer *to, const uint8_t *msg, size_t len)
{
	struct side *s = arg;
	struct rig *r = s->rig;
	struct letter *l = &r->q[r->n];

	assert_true(r->n < QUEUE);
	l->from = rig_peer(s->index);
	l->to = to->octets[4] - 1;
	buf_put(&l->msg, msg, len);
	r->n++;
	s->sends++;
}

static inline void rig_submit(void *arg, struct ibake_job *job)
{
	struct side *s = arg;
	struct ibake_job **at = &s->rig->jobs;

	if (!s->rig->hold_jobs) {
		job->run(job);
		job->done(job);
		return;
	}
	while (*at)
		at = &(*at)->next;
	job->next = NULL;
	*at = job;
}

static inline unsigned int rig_run_jobs(struct rig *r)
{
	unsigned int n = 0;

	while (r->jobs) {
		struct ibake_job *job = r->jobs;

		r->jobs = job->next;
		job->run(job);
		job->done(job);
		n++;
	}
	return n;
}

static inline struct district *rig_district(struct rig *r, const char *uri)
{
	const char *at = strchr(uri, '@');

	if (at && !strncmp(at + 1, "a.example", 9))
		return &r->a;
	if (at && !strncmp(at + 1, "b.example", 9))
		return &r->b;
	return NULL;
}

struct lent {
	struct side *s;
	struct ibe_key *key;
};

static inline void rig_release(void *ref)
{
	struct lent *l = ref;

	ibe_key_free(l->key);
	l->s->keys_out--;
	free(l);
}

static inline int rig_find_key(void *arg, const char *uri, int64_t t, const struct ibake_hint *hint,
			       struct ibake_key *key, struct err *e)
{
	struct side *s = arg;
	struct district *d = rig_district(s->rig, uri);
	const char *whose = s->key_of ? s->key_of : uri;
	struct buf id = BUF_INIT;
	struct lent *l;
	int64_t period;
	int ret;

	if (!d || (strcmp(uri, s->uri) && !s->key_of))
		return err_set(e, ENOENT, "no private key of %s", uri);
	period = ibe_period_start(t + s->key_shift, d->sp->granularity);
	if (hint && !s->ignore_hint &&
	    (hint->period_start != period || hint->serial != d->sp->serial ||
	     strcmp(hint->district, d->sp->district)))
		return err_set(e, ENOENT, "no private key of %s for what the hint names", uri);
	ret = ibe_identity(d->sp, (const uint8_t *)whose, strlen(whose), period, &id, e);
	if (ret)
		return ret;
	l = calloc(1, sizeof(*l));
	l->s = s;
	ret = ibe_extract(d->params, d->master, id.data, id.len, &l->key, e);
	assert_int_equal(ret, 0);
	buf_free(&id);
	s->keys_out++;
	*key = (struct ibake_key){ l->key, d->sp, rig_release, l };
	return 0;
}

static inline int rig_find_params(void *arg, const char *uri, int64_t t, struct ibe_sysparams **sp,
				  struct err *e)
{
	struct side *s = arg;
	struct district *d = rig_district(s->rig, uri);

	if (!d)
		return err_set(e, ENOENT, "no parameters for %s", uri);
	*sp = ibe_sysparams_get(d->sp);
	return 0;
}

static inline int rig_incoming(void *arg, const char *from, const char *to,
			       const struct ibake_peer *peer, struct ibake_policy *policy,
			       struct err *e)
{
	struct side *s = arg;

	if (s->refuse_incoming)
		return err_set(e, EACCES, "%s may not call %s", from, to);
	*policy = s->incoming;
	return 0;
}

static inline bool rig_mki_live(void *arg, const uint8_t mki[IBAKE_MKI_LEN])
{
	struct side *s = arg;

	return s->has_mki_live && !memcmp(mki, s->mki_live, IBAKE_MKI_LEN);
}

static inline void rig_event(void *arg, const struct ibake_event *ev)
{
	struct side *s = arg;

	assert_non_null(ev->local_uri);
	assert_non_null(ev->peer_uri);
	assert_non_null(ev->reason);
	s->events[ev->kind]++;
	switch (ev->kind) {
	case IBAKE_EV_INCOMING:
		s->call = ev->call;
		break;
	case IBAKE_EV_SENT:
		s->sent_len[ev->msg_type - MIKEY_I_MESSAGE_1] = ev->msg_len;
		s->sent_type = ev->msg_type;
		s->resends += ev->resent;
		break;
	case IBAKE_EV_REFUSED:
		assert_true(ev->code && ev->reason[0]);
		err_set(&s->last_refused, ev->code, "%s", ev->reason);
		break;
	case IBAKE_EV_KEYED:
		s->keys = *ev->keys;
		s->keyed++;
		break;
	case IBAKE_EV_FAILED:
		assert_true(ev->code && ev->reason[0]);
		err_set(&s->last_failed, ev->code, "%s", ev->reason);
		break;
	default:
		break;
	}
	if (s->drop_on[ev->kind])
		ibake_call_drop(s->en, ev->call);
}

/* Octets that a seed fixes: SHA-256 would do, but this is easier to write down. */
static inline void rig_random(void *arg, void *p, size_t len)
{
	struct side *s = arg;
	uint8_t *o = p;

	for (size_t i = 0; i < len; i++) {
		/* splitmix64 */
		uint64_t z = (s->rig->random_state += 0x9e3779b97f4a7c15u);

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		o[i] = (uint8_t)(z >> 24);
	}
}

static inline void rig_engine(struct side *s, const struct ibake_config *config)
{
	struct ibake_ops ops = {
		.now = rig_now, .mono = rig_mono, .send = rig_send, .submit = rig_submit,
		.find_key = rig_find_key, .find_params = rig_find_params,
		.incoming = rig_incoming, .mki_live = rig_mki_live, .event = rig_event,
		.random = s->rig->random_fixed ? rig_random : NULL,
	};

	s->en = ibake_engine_new(&ops, s, config);
	assert_non_null(s->en);
}

static inline struct side *rig_side(struct rig *r, int index, const char *uri,
				    const struct ibake_config *config)
{
	struct side *s = calloc(1, sizeof(*s));

	s->rig = r;
	s->index = index;
	s->uri = uri;
	s->incoming = config->policy;
	rig_engine(s, config);
	r->side[index] = s;
	return s;
}

static inline void district_new(struct district *d, unsigned int bits, const char *name,
				uint64_t serial)
{
	struct err e = ERR_INIT;

	if (ibe_setup(bits, NULL, NULL, &d->params, &d->master, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(ibe_sysparams_new(name, serial, DAY - 10 * 86400, DAY + 30 * 86400, 86400,
					   d->params, &d->sp, &e), 0);
}

static inline void district_free(struct district *d)
{
	ibe_sysparams_put(d->sp);
	ibe_master_free(d->master);
	ibe_params_put(d->params);
}

static inline struct rig *rig_new_config(unsigned int bits, const struct ibake_config *config)
{
	static struct district a, b; /* once for all tests of a program: they are immutable */
	static unsigned int have;
	struct rig *r = calloc(1, sizeof(*r));

	if (have != bits) {
		if (have) {
			district_free(&a);
			district_free(&b);
		}
		district_new(&a, bits, "https://kms.a.example/params", 1);
		district_new(&b, bits, "https://kms.b.example/params", 4);
		have = bits;
	}
	r->a = a;
	r->b = b;
	r->now = NOON;
	r->mono = 1000000;
	rig_side(r, 0, ALICE, config);
	rig_side(r, 1, BOB, config);
	rig_side(r, 2, CAROL, config);
	return r;
}

static inline struct rig *rig_new(void)
{
	struct ibake_config c;

	ibake_config_init(&c);
	return rig_new_config(512, &c);
}

static inline void rig_free(struct rig *r)
{
	for (int i = 0; i < 3; i++) {
		ibake_engine_free(r->side[i]->en);
		rig_run_jobs(r);
		assert_int_equal(r->side[i]->keys_out, 0);
		free(r->side[i]);
	}
	for (unsigned int i = 0; i < QUEUE; i++)
		buf_free(&r->q[i].msg);
	free(r);
}

/* The oldest message of the network; the caller frees it. */
static inline struct letter rig_take(struct rig *r)
{
	struct letter l;

	assert_true(r->n > 0);
	l = r->q[0];
	memmove(&r->q[0], &r->q[1], (QUEUE - 1) * sizeof(r->q[0]));
	memset(&r->q[QUEUE - 1], 0, sizeof(r->q[0]));
	r->n--;
	return l;
}

static inline int rig_deliver(struct rig *r, const struct letter *l, struct err *e)
{
	return ibake_input(r->side[l->to]->en, &l->from, l->msg.data, l->msg.len, e);
}

/* One message from the network to where it belongs. */
static inline int rig_step(struct rig *r, struct err *e)
{
	struct letter l = rig_take(r);
	int ret = rig_deliver(r, &l, e);

	buf_free(&l.msg);
	return ret;
}

static inline void rig_drop(struct rig *r)
{
	struct letter l = rig_take(r);

	buf_free(&l.msg);
}

static inline void rig_call(struct rig *r, const struct ibake_policy *policy)
{
	struct ibake_peer to = rig_peer(1);
	struct err e = ERR_INIT;

	if (ibake_call_start(r->side[0]->en, ALICE, BOB, &to, 1, policy, &r->side[0]->call, &e))
		fail_msg("%s", e.msg);
}

/* Lets @n messages of a call pass. */
static inline void rig_pass(struct rig *r, unsigned int n)
{
	struct err e = ERR_INIT;

	for (unsigned int i = 0; i < n; i++)
		if (rig_step(r, &e))
			fail_msg("message %u: %s", i, e.msg);
}

static inline enum ibake_state rig_state(struct side *s)
{
	struct ibake_call_info info;

	assert_int_equal(ibake_call_info(s->en, s->call, &info), 0);
	return info.state;
}

static inline bool rig_gone(struct side *s)
{
	struct ibake_call_info info;

	return ibake_call_info(s->en, s->call, &info) == -ENOENT;
}

static inline void rig_same_keys(struct rig *r)
{
	struct ibake_keys *a = &r->side[0]->keys, *b = &r->side[1]->keys;

	assert_int_equal(r->side[0]->keyed, 1);
	assert_int_equal(r->side[1]->keyed, 1);
	assert_int_equal(a->csb_id, b->csb_id);
	assert_memory_equal(a->mki, b->mki, IBAKE_MKI_LEN);
	assert_memory_equal(a->fingerprint, b->fingerprint, IBAKE_FINGERPRINT_LEN);
	assert_int_equal(a->n_cs, b->n_cs);
	for (unsigned int i = 0; i < a->n_cs; i++) {
		assert_int_equal(a->cs[i].id, i + 1);
		assert_int_equal(a->cs[i].key_len, b->cs[i].key_len);
		assert_memory_equal(a->cs[i].key, b->cs[i].key, a->cs[i].key_len);
		assert_memory_equal(a->cs[i].salt, b->cs[i].salt, a->cs[i].salt_len);
		assert_string_equal(a->cs[i].suite, b->cs[i].suite);
		assert_true(a->cs[i].transmit != b->cs[i].transmit);
	}
}

/* ---- what an attacker, or another implementation, does by hand ---- */

static inline void rig_identity(struct rig *r, const char *uri, struct buf *id)
{
	struct district *d = rig_district(r, uri);

	assert_int_equal(ibe_identity(d->sp, (const uint8_t *)uri, strlen(uri), DAY, id, NULL), 0);
}

/* The plaintext of the IBAKE payload, opened with the private key of @uri. */
static inline int rig_open(struct rig *r, const struct buf *msg, const char *uri, struct buf *plain)
{
	struct district *d = rig_district(r, uri);
	struct buf id = BUF_INIT;
	struct ibe_key *key;
	struct mikey_msg m;
	int ret;

	assert_int_equal(mikey_parse(msg->data, msg->len, &m, NULL), 0);
	rig_identity(r, uri, &id);
	assert_int_equal(ibe_extract(d->params, d->master, id.data, id.len, &key, NULL), 0);
	ret = ibe_decrypt(d->params, key, mikey_find(&m, MIKEY_IBAKE, 0)->encr.data,
			  mikey_find(&m, MIKEY_IBAKE, 0)->encr.len, plain, NULL);
	ibe_key_free(key);
	buf_free(&id);
	return ret;
}

static inline void rig_encrypt(struct rig *r, const struct buf *plain, const char *uri,
			       struct buf *encr)
{
	struct district *d = rig_district(r, uri);
	struct buf id = BUF_INIT;

	rig_identity(r, uri, &id);
	assert_int_equal(ibe_encrypt(d->params, id.data, id.len, plain->data, plain->len, encr, NULL),
			 0);
	buf_free(&id);
}

/* Puts another plaintext, encrypted for @uri, into the IBAKE payload of @msg. */
static inline void rig_reseal(struct rig *r, struct buf *msg, const struct buf *plain,
			      const char *uri)
{
	const struct mikey_payload *p;
	struct buf encr = BUF_INIT, out = BUF_INIT;
	struct mikey_msg m;

	rig_encrypt(r, plain, uri, &encr);
	assert_int_equal(mikey_parse(msg->data, msg->len, &m, NULL), 0);
	p = mikey_find(&m, MIKEY_IBAKE, 0);
	buf_put(&out, msg->data, p->off + 1);
	buf_be16(&out, (uint16_t)encr.len);
	buf_put(&out, encr.data, encr.len);
	buf_put(&out, msg->data + p->off + p->len, msg->len - p->off - p->len);
	buf_free(&encr);
	buf_free(msg);
	*msg = out;
}

static inline void rig_secret_random(void *arg, void *p, size_t len)
{
	secret_random(p, len);
}

/* A call as its other side sees it, to find out whether a refused message changed anything. */
static inline void rig_snapshot(struct side *s, struct ibake_call_info *info)
{
	memset(info, 0, sizeof(*info));
	if (ibake_call_info(s->en, s->call, info))
		return;
	info->refused = 0;
	info->local_uri = info->peer_uri = NULL;
}

/* Hands @msg to whom @l was for; it has to be refused with @code and @word, and nothing may have
 * changed: state, counters of messages, keys, what is on the network.
 */
static inline void rig_refuses(struct rig *r, const struct letter *l, const struct buf *msg, int code,
			       const char *word)
{
	struct side *s = r->side[l->to];
	struct ibake_call_info before, after;
	unsigned int n = r->n, keyed = s->keyed, failed = s->events[IBAKE_EV_FAILED];
	struct err e = ERR_INIT;

	rig_snapshot(s, &before);
	s->last_refused = (struct err)ERR_INIT;
	ibake_input(s->en, &l->from, msg->data, msg->len, &e);
	rig_run_jobs(r);
	if (s->last_refused.code != code || !strstr(s->last_refused.msg, word))
		fail_msg("refused with %d \"%s\", not with %d \"%s\"", s->last_refused.code,
			 s->last_refused.msg, code, word);
	rig_snapshot(s, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(r->n, n);
	assert_int_equal(s->keyed, keyed);
	assert_int_equal(s->events[IBAKE_EV_FAILED], failed);
}

#endif
