// SPDX-License-Identifier: GPL-2.0-or-later
/* Two engines with calls between them, and somebody who reads, changes, invents and delays.
 *
 * The IBE is taken out: a ciphertext is its plaintext, so that the fuzzer gets behind the
 * decryption as an attacker with all private keys would, and fast. ECDH, PRF and V are real. The
 * input is a program: each octet an operation, some with operands.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ibake/internal.h"
#include "ibe/ibe.h"
#include "ibe/sysparams.h"

#define NOON 1795176000ll
#define ALICE "sip:alice@a.example"
#define BOB "sip:bob@b.example"
#define QUEUE 16
#define CALLS 8
#define OPS_MAX 200

struct letter {
	int from, to;
	struct buf msg;
};

struct keyed {
	uint32_t csb_id;
	bool bound;
	struct ibake_cs_keys cs;
};

struct side {
	int index;
	struct ibake_engine *en;
	unsigned int keys_out;
	struct keyed keyed[CALLS];
	unsigned int n_keyed;
	uint64_t last_call;
};

static struct ibe_params *bf;
static struct ibe_sysparams *district;
static struct side sides[2];
static struct letter queue[QUEUE];
static unsigned int n_queue;
static struct ibake_job *jobs;
static bool hold_jobs, drop_in_event;
static int64_t wall;
static uint64_t mono, random_state;

#define CHECK(c)                                                                                   \
	do {                                                                                       \
		if (!(c)) {                                                                        \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #c);      \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static struct ibake_peer peer_of(int index)
{
	struct ibake_peer p = {.len = 4, .source_len = 2};

	p.octets[1] = (uint8_t)(index + 1);
	return p;
}

static void op_now(void *arg, struct timespec *ts)
{
	ts->tv_sec = wall;
	ts->tv_nsec = 0;
}

static uint64_t op_mono(void *arg)
{
	return mono;
}

static void op_send(void *arg, const struct ibake_peer *to, const uint8_t *msg, size_t len)
{
	struct side *s = arg;
	struct letter *l = &queue[n_queue];

	if (n_queue == QUEUE || to->octets[1] < 1 || to->octets[1] > 2)
		return;
	l->from = s->index;
	l->to = to->octets[1] - 1;
	buf_put(&l->msg, msg, len);
	n_queue++;
}

/* In place of the pairings: what goes in comes out. An empty one does not open. */
static void run(struct ibake_job *job)
{
	struct work *w = (struct work *)job;

	buf_put(&w->out, w->in.data, w->in.len);
	if (!w->in.len)
		w->ret = err_set(&w->e, EBADMSG, "does not open");
}

static void op_submit(void *arg, struct ibake_job *job)
{
	struct ibake_job **at = &jobs;

	if (!hold_jobs) {
		run(job);
		job->done(job);
		return;
	}
	while (*at)
		at = &(*at)->next;
	job->next = NULL;
	*at = job;
}

static void run_jobs(void)
{
	while (jobs) {
		struct ibake_job *j = jobs;

		jobs = j->next;
		run(j);
		j->done(j);
	}
}

static void release(void *ref)
{
	struct side *s = ref;

	s->keys_out--;
}

static int op_find_key(void *arg, const char *uri, int64_t t, const struct ibake_hint *hint,
		       struct ibake_key *key, struct err *e)
{
	struct side *s = arg;

	if (strcmp(uri, s->index ? BOB : ALICE))
		return err_set(e, ENOENT, "no key of %s", uri);
	s->keys_out++;
	*key = (struct ibake_key){(const struct ibe_key *)"none", district, release, s};
	return 0;
}

static int op_find_params(void *arg, const char *uri, int64_t t, struct ibe_sysparams **sp,
			  struct err *e)
{
	*sp = ibe_sysparams_get(district);
	return 0;
}

static void op_event(void *arg, const struct ibake_event *ev)
{
	struct side *s = arg;

	CHECK(ev->local_uri && ev->peer_uri && ev->reason && ev->peer);
	if (ev->call)
		s->last_call = ev->call;
	if (ev->kind == IBAKE_EV_REFUSED || ev->kind == IBAKE_EV_FAILED)
		CHECK(ev->code > 0 && ev->reason[0]);
	if (ev->kind == IBAKE_EV_KEYED) {
		CHECK(ev->keys->n_cs >= 2 && ev->keys->n_cs <= IBAKE_CS_MAX);
		if (s->n_keyed < CALLS) {
			s->keyed[s->n_keyed].csb_id = ev->keys->csb_id;
			s->keyed[s->n_keyed].bound = ev->keys->bound;
			s->keyed[s->n_keyed++].cs = ev->keys->cs[0];
		}
	}
	if (drop_in_event)
		ibake_call_drop(s->en, ev->call);
}

static void op_random(void *arg, void *p, size_t len)
{
	uint8_t *o = p;

	for (size_t i = 0; i < len; i++) {
		random_state = random_state * 6364136223846793005u + 1442695040888963407u;
		o[i] = (uint8_t)(random_state >> 56);
	}
}

static void deliver(int from, int to, const uint8_t *msg, size_t len)
{
	struct ibake_peer src = peer_of(from);
	uint8_t *copy = malloc(len ? len : 1); /* so that ASan sees its end */
	struct err e = ERR_INIT;
	int ret;

	memcpy(copy, msg, len);
	ret = ibake_input(sides[to].en, &src, copy, len, &e);
	CHECK(!ret || (e.code == -ret && e.msg[0]));
	free(copy);
}

static struct letter take(unsigned int i)
{
	struct letter l = queue[i];

	memmove(&queue[i], &queue[i + 1], (n_queue - i - 1) * sizeof(l));
	n_queue--;
	memset(&queue[n_queue], 0, sizeof(l));
	return l;
}

/* A message of the queue, changed as the program says: @how 0 an octet, 1 cut, 2 octets put in. */
static void tamper(struct letter *l, struct rd *r)
{
	uint8_t how = rd_u8(r) % 3;
	size_t at = rd_be16(r), n;
	const uint8_t *more;
	struct buf out = BUF_INIT;

	if (!l->msg.len)
		return;
	at %= l->msg.len;
	switch (how) {
	case 0:
		l->msg.data[at] ^= rd_u8(r);
		return;
	case 1:
		l->msg.len = at;
		return;
	default:
		n = rd_u8(r) % 64;
		more = rd_bytes(r, n);
		buf_put(&out, l->msg.data, at);
		if (more)
			buf_put(&out, more, n);
		buf_put(&out, l->msg.data + at, l->msg.len - at);
		buf_free(&l->msg);
		l->msg = out;
	}
}

static void start_call(struct rd *r)
{
	struct ibake_peer to = peer_of(1);
	struct ibake_policy p;
	uint8_t v = rd_u8(r);

	ibake_policy_init(&p);
	p.binding = v % 3;
	p.accept_other = v & 4;
	p.prf = v >> 3 & 1;
	p.curve = v & 16 ? MIKEY_CURVE_P384 : MIKEY_CURVE_P256;
	ibake_call_start(sides[0].en, ALICE, BOB, &to, v >> 5 ? v >> 5 : 1, &p, &sides[0].last_call,
			 NULL);
}

static void step(struct rd *r)
{
	uint8_t op = rd_u8(r), v;
	const uint8_t *p;
	struct letter l;
	size_t len;

	switch (op % 12) {
	case 0: /* deliver what is there */
	case 1: /* deliver it and keep it, for a repetition or a change later */
	case 2: /* change it and deliver it */
	case 3: /* lose it */
		if (!n_queue)
			return;
		l = take(op / 12 % n_queue);
		if (op % 12 == 2)
			tamper(&l, r);
		if (op % 12 != 3)
			deliver(l.from, l.to, l.msg.data, l.msg.len);
		if (op % 12 == 1 && n_queue < QUEUE) {
			queue[n_queue++] = l;
			return;
		}
		buf_free(&l.msg);
		return;
	case 4: /* something invented */
		len = rd_be16(r) % 2048;
		p = rd_bytes(r, len < r->left ? len : r->left);
		if (p)
			deliver(op & 16 ? 0 : 1, op & 16 ? 1 : 0, p, (size_t)(r->p - p));
		return;
	case 5:
		start_call(r);
		return;
	case 6:
		mono += (uint64_t)rd_u8(r) * 100;
		ibake_tick(sides[0].en);
		ibake_tick(sides[1].en);
		return;
	case 7:
		v = rd_u8(r);
		wall += (int8_t)v;
		return;
	case 8:
		ibake_call_confirm(sides[1].en, sides[1].last_call);
		return;
	case 9:
		v = rd_u8(r);
		ibake_call_drop(sides[v & 1].en, sides[v & 1].last_call);
		return;
	case 10:
		hold_jobs = !hold_jobs;
		if (!hold_jobs)
			run_jobs();
		return;
	case 11:
		drop_in_event = rd_u8(r) == 1;
		return;
	}
}

static void new_side(int index)
{
	struct ibake_ops ops = {
		.now = op_now,
		.mono = op_mono,
		.send = op_send,
		.submit = op_submit,
		.find_key = op_find_key,
		.find_params = op_find_params,
		.event = op_event,
		.random = op_random,
	};
	struct ibake_config c;

	ibake_config_init(&c);
	c.max_calls = CALLS;
	c.max_half_open = 4;
	c.replay_max = 64;
	c.bucket_sources = 8;
	memset(&sides[index], 0, sizeof(sides[index]));
	sides[index].index = index;
	sides[index].en = ibake_engine_new(&ops, &sides[index], &c);
	CHECK(sides[index].en);
}

/* Bound on both sides means that both saw the same octets: then the keys are the same. */
static void compare_keys(void)
{
	for (unsigned int i = 0; i < sides[0].n_keyed; i++)
		for (unsigned int k = 0; k < sides[1].n_keyed; k++) {
			struct keyed *a = &sides[0].keyed[i], *b = &sides[1].keyed[k];

			if (a->csb_id == b->csb_id && a->bound && b->bound)
				CHECK(!memcmp(a->cs.key, b->cs.key, a->cs.key_len) &&
				      !memcmp(a->cs.salt, b->cs.salt, a->cs.salt_len));
		}
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (buf_read_file(&b, TOP_DIR "/selftests/vectors/ibe/params-512.der", 65536, &e) ||
	    ibe_params_from_der(b.data, b.len, &bf, &e) ||
	    ibe_sysparams_new("a.example", 1, NOON - 86400 * 10, NOON + 86400 * 10, 86400, bf,
			      &district, &e)) {
		fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
	buf_free(&b);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	unsigned int ops = 0;

	wall = NOON;
	mono = 1000;
	random_state = 1;
	hold_jobs = drop_in_event = false;
	new_side(0);
	new_side(1);
	while (r.left && ops++ < OPS_MAX)
		step(&r);
	compare_keys();
	drop_in_event = false;
	if (size & 1) {
		run_jobs();
		ibake_engine_free(sides[0].en);
		ibake_engine_free(sides[1].en);
	} else {
		ibake_engine_free(sides[0].en);
		ibake_engine_free(sides[1].en);
		run_jobs();
	}
	CHECK(!sides[0].keys_out && !sides[1].keys_out);
	while (n_queue) {
		struct letter l = take(0);

		buf_free(&l.msg);
	}
	return 0;
}
