/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBAKE_INTERNAL_H
#define IBAKE_IBAKE_INTERNAL_H

/* What the files of the exchange share among themselves. */
#include "base/buf.h"
#include "ibake/ibake.h"
#include "ibe/identity.h"
#include "mikey/mikey.h"

#define POINT_MAX 133u /* uncompressed, P-521 */
#define SCALAR_MAX 66u
#define MASTER_LEN 32u /* MPK and TGK: 256 bits */
#define DIGEST_LEN 32u
#define NONCE_LEN 32u
#define RAND_LEN 16u /* what is sent; 16 to 255 are accepted */
#define RAND_MAX_LEN 255u
#define DEFAULT_SUITE "AES_CM_128_HMAC_SHA1_80" /* what no SP payload stands for */
#define OFFER_FIRST 1u				/* policy number of the first preference */

/* ---- ecdh.c ---- */

typedef void random_fn(void *arg, void *p, size_t len);

/* @scalar gets the curve's octets (n_len returned), @point 04 || X || Y. 0 length: out of memory.
 */
size_t ibake_ecdh_generate(uint8_t curve, random_fn *random, void *arg, uint8_t *scalar,
			   uint8_t *point);
/* -EPROTONOSUPPORT for a curve that is not offered, -EBADMSG for a point that is not on it. */
int ibake_ecdh_check(uint8_t curve, const uint8_t *point, size_t len, struct err *e);
/* K_SESSION = 04 || X || Y of [scalar]point (SEC1 2.3.3); the point is checked first. */
int ibake_ecdh_shared(uint8_t curve, const uint8_t *scalar, size_t scalar_len, const uint8_t *point,
		      size_t point_len, uint8_t *k_session, struct err *e);

/* ---- replay.c ---- */

struct replay;

struct replay *ibake_replay_new(unsigned int max);
void ibake_replay_free(struct replay *r);
bool ibake_replay_seen(struct replay *r, const uint8_t digest[DIGEST_LEN], uint64_t now_ms);
/* False when it is full of entries that live: the message must be refused. */
bool ibake_replay_room(struct replay *r, uint64_t now_ms);
bool ibake_replay_add(struct replay *r, const uint8_t digest[DIGEST_LEN], uint64_t expires_ms,
		      uint64_t now_ms);
unsigned int ibake_replay_count(const struct replay *r);

/* ---- bucket.c ---- */

struct buckets;

struct buckets *ibake_buckets_new(unsigned int sources, unsigned int rate, unsigned int burst);
void ibake_buckets_free(struct buckets *b);
/* Takes one token of the source's; false when it has none. */
bool ibake_buckets_take(struct buckets *b, const struct ibake_peer *p, uint64_t now_ms);

/* ---- plain.c: what is inside IBAKE payloads, and hints beside them ---- */

/**
 * struct plain - an IBAKE plaintext, pointing into it
 * @idi: identity data of IDRi
 * @idr: of IDRr
 * @pti: ECCPTi, NULL where there is none
 * @ptr: ECCPTr, likewise
 * @binding: data of the binding extension; data NULL where there is none
 * @chain: what the pointers point into
 */
struct plain {
	struct mikey_oct idi, idr;
	const struct mikey_payload *pti, *ptr;
	struct mikey_oct binding;
	struct mikey_chain chain;
};

/* IDRi, [ECCPTi], IDRr, [ECCPTr], extensions: in this order and nothing else. */
int ibake_plain_parse(const uint8_t *data, size_t len, struct plain *p, struct err *e);

/* A point to be written, with the MKI or NULL. */
struct plain_point {
	uint8_t curve;
	const uint8_t *point;
	const uint8_t *mki;
};

int ibake_plain_write(struct buf *out, const char *idi, const struct plain_point *pti,
		      const char *idr, const struct plain_point *ptr, const uint8_t *binding,
		      size_t binding_len, struct err *e);

/* The hint of the first IBE payload; 1 found, 0 none, negative errno. */
int ibake_hint_get(const struct mikey_msg *msg, struct ibake_hint *hint, struct err *e);
void ibake_hint_put(struct mikey_writer *w, const struct ibe_sysparams *sp, int64_t period_start);

/* ---- binding.c ---- */

/* SHA-256(I_MESSAGE_1 || R_MESSAGE_1 || I_MESSAGE_2 with the Encr data of IBAKE emptied) */
int ibake_binding_of_i2(const struct buf *i1, const struct buf *r1, const uint8_t *i2,
			size_t i2_len, uint8_t out[DIGEST_LEN], struct err *e);
/* SHA-256(I_MESSAGE_1 || R_MESSAGE_1 || I_MESSAGE_2 || n) */
void ibake_binding_of_r2(const struct buf *i1, const struct buf *r1, const uint8_t *i2,
			 size_t i2_len, const uint8_t nonce[NONCE_LEN], uint8_t out[DIGEST_LEN]);

/* ---- exchange.c ---- */

/**
 * struct held_key - a private key that a call and its jobs share; released with the last of them
 */
struct held_key {
	unsigned int refs;
	struct ibake_key k;
};

struct held_key *ibake_held_key_new(const struct ibake_key *k);
struct held_key *ibake_held_key_get(struct held_key *h);
void ibake_held_key_put(struct held_key *h);

/**
 * struct call_secret - what must not outlive its use; on the secure heap
 * @scalar: x, only with the Initiator and only until R_MESSAGE_1 was accepted
 * @scalar_len: octets of @scalar
 * @tgk: TGK
 * @auth: auth_key from MPK
 * @auth_len: its octets
 * @nonce: n of the binding
 */
struct call_secret {
	uint8_t scalar[SCALAR_MAX];
	size_t scalar_len;
	uint8_t tgk[MASTER_LEN];
	uint8_t auth[32];
	size_t auth_len;
	uint8_t nonce[NONCE_LEN];
};

/**
 * struct ibake_call - one exchange
 * @prev: list of the engine
 * @next: likewise
 * @en: the engine
 * @id: its number
 * @role: ours
 * @state: see ibake.h
 * @dead: ended; released when the engine's outermost function returns
 * @busy: a job of this call is out; messages are dropped meanwhile, the peer repeats them
 * @announced: an event told the number of this call
 * @policy: how to talk to the peer
 * @local: own identity
 * @peer_uri: the other one's; Initiator: until R_MESSAGE_1 the one called
 * @called: Initiator: the one called
 * @peer: where messages go
 * @csb_id: CSB ID
 * @prf: PRF function
 * @rnd: RAND
 * @rnd_len: its octets
 * @t1: T of I_MESSAGE_1
 * @t2: T of I_MESSAGE_2
 * @t_unix: Unix seconds of @t1: the period of the exchange
 * @n_cs: crypto sessions
 * @cs: the CS ID map
 * @cs_policy: policy number of each
 * @has_sp: Responder: I_MESSAGE_1 brought SP payloads
 * @policy_no: number of the SP that was chosen
 * @suite: name of the suite, NULL until it is settled
 * @curve: of both points
 * @point_i: [x]P
 * @point_r: [y]P
 * @point_len: octets of each
 * @mki: drawn by the Responder
 * @secret: see there; NULL once the keys were handed over
 * @key: own private key
 * @peer_sp: parameters that messages to the peer are encrypted under
 * @i1: octets of each message, as long as the exchange needs them
 * @r1: likewise
 * @i2: likewise
 * @r2: likewise
 * @digest: SHA-256 of each message that came in or went out, by number
 * @encr_digest: SHA-256 of the Encr data of I_MESSAGE_1
 * @deadline: end of the present state, on the mono clock
 * @next_send: next repetition
 * @interval: what @next_send is put off by
 * @resends: repetitions of the present message so far
 * @keyed: keys were handed over
 * @bound: with a proven binding
 * @fingerprint: for people
 * @msg_len: octets of each message, by number
 * @sent: messages sent
 * @refused: messages refused
 * @last: why the last one was
 */
struct ibake_call {
	struct ibake_call *prev, *next;
	struct ibake_engine *en;
	uint64_t id;
	enum ibake_role role;
	enum ibake_state state;
	bool dead, busy, announced;
	struct ibake_policy policy;
	char local[IBE_URI_MAX + 1];
	char peer_uri[IBE_URI_MAX + 1];
	char called[IBE_URI_MAX + 1];
	struct ibake_peer peer;
	uint32_t csb_id;
	uint8_t prf;
	uint8_t rnd[RAND_MAX_LEN];
	size_t rnd_len;
	uint64_t t1, t2;
	int64_t t_unix;
	unsigned int n_cs;
	struct mikey_cs cs[IBAKE_CS_MAX];
	uint8_t cs_policy[IBAKE_CS_MAX];
	bool has_sp;
	uint8_t policy_no;
	const char *suite;
	uint8_t curve;
	uint8_t point_i[POINT_MAX], point_r[POINT_MAX];
	size_t point_len;
	uint8_t mki[IBAKE_MKI_LEN];
	struct call_secret *secret;
	struct held_key *key;
	struct ibe_sysparams *peer_sp;
	struct buf i1, r1, i2, r2;
	uint8_t digest[4][DIGEST_LEN];
	uint8_t encr_digest[DIGEST_LEN];
	uint64_t deadline, next_send, interval;
	unsigned int resends;
	bool keyed, bound;
	uint8_t fingerprint[IBAKE_FINGERPRINT_LEN];
	size_t msg_len[4];
	unsigned int sent, refused;
	struct err last;
};

struct ibake_engine {
	struct ibake_ops ops;
	void *arg;
	struct ibake_config config;
	struct ibake_call *calls;
	unsigned int n_calls;
	uint64_t last_id;
	uint64_t last_t;    /* T never repeats, RFC 3830 5.4 */
	unsigned int depth; /* of our functions on the stack */
	unsigned int jobs;  /* that are out */
	bool dying;
	struct replay *replay;
	struct buckets *buckets; /* of I_MESSAGE_1, whose source may be forged */
	struct buckets *in_call; /* of messages with a T or RAND that only a call's peer can know */
	struct ibake_stats stats;
};

struct ibake_call *ibake_call_new(struct ibake_engine *en, enum ibake_role role,
				  const struct ibake_peer *peer, const struct ibake_policy *policy);
struct ibake_call *ibake_call_find(const struct ibake_engine *en, uint64_t id);
/* Wipes what an ended exchange does not need any more, which is nearly all of it. */
void ibake_call_wipe(struct ibake_call *c);
/* Wipes and marks it dead. */
void ibake_call_end(struct ibake_call *c);
unsigned int ibake_call_count(const struct ibake_engine *en);
unsigned int ibake_call_half_open(const struct ibake_engine *en);
/* Ends the call with an event. Always returns -e->code. */
int ibake_call_fail(struct ibake_call *c, const struct err *e);

/* No suite stands for DEFAULT_SUITE. */
void ibake_policy_fill(struct ibake_policy *p);
void ibake_engine_enter(struct ibake_engine *en);
void ibake_engine_leave(struct ibake_engine *en);
uint64_t ibake_engine_mono(struct ibake_engine *en);
int64_t ibake_engine_unix(struct ibake_engine *en);
uint64_t ibake_engine_new_t(struct ibake_engine *en);
void ibake_engine_random(struct ibake_engine *en, void *p, size_t len);

void ibake_call_event(struct ibake_call *c, enum ibake_event_kind kind, uint8_t type, size_t len);
/* The call of this role with the peer that @src is, NULL where there is none. */
struct ibake_call *ibake_call_of_peer(struct ibake_engine *en, enum ibake_role role,
				      const struct ibake_peer *src, uint32_t csb_id);
/* A message was dropped: counts, tells, remembers. Returns -e->code. */
int ibake_call_refuse(struct ibake_engine *en, struct ibake_call *c, const struct ibake_peer *src,
		      uint8_t type, size_t len, const struct err *e);
/* Sends message number @n (0 to 3) from @msg; @again for a repetition. */
void ibake_call_send(struct ibake_call *c, unsigned int n, const struct buf *msg, bool again);
void ibake_call_received(struct ibake_call *c, unsigned int n, size_t len);

/* ---- work.c ---- */

/**
 * struct work - one IBE operation as a job
 * @job: first member
 * @en: the engine
 * @call: number of the call that wants it
 * @then: what to do with the outcome, on the engine's thread; not called for a call that is gone
 * @sp: parameters to encrypt under; a reference
 * @id: identity string to encrypt for
 * @key: private key to decrypt with; then @sp is NULL
 * @in: plaintext or ciphertext
 * @rho: fixed randomness of vectors; empty otherwise
 * @msg: the message that is being judged, for @then
 * @out: ciphertext or plaintext
 * @ret: 0 or negative errno
 * @e: sentence
 */
struct work {
	struct ibake_job job;
	struct ibake_engine *en;
	uint64_t call;
	void (*then)(struct ibake_call *c, struct work *w);
	struct ibe_sysparams *sp;
	struct buf id;
	struct held_key *key;
	struct buf in;
	struct buf rho;
	struct buf msg;
	struct buf out;
	int ret;
	struct err e;
};

/* Both take over nothing on failure. The call is busy until @then; it may be gone on return. */
int ibake_work_encrypt(struct ibake_call *c, struct ibe_sysparams *sp, const char *uri,
		       const struct buf *plain, void (*then)(struct ibake_call *, struct work *),
		       struct err *e);
int ibake_work_decrypt(struct ibake_call *c, struct mikey_oct encr, const uint8_t *msg, size_t len,
		       void (*then)(struct ibake_call *, struct work *), struct err *e);

/* ---- derive.c ---- */

/* MPK, TGK and auth_key of the call from its scalar and the other point; wipes K_SESSION. */
int ibake_keys_agree(struct ibake_call *c, const uint8_t *scalar, size_t scalar_len,
		     const uint8_t *other, struct call_secret *s, struct err *e);
/* TEKs and salts into a KEYED event; then what is secret is wiped. */
int ibake_keys_hand_over(struct ibake_call *c, struct err *e);

/* ---- outer.c: the clear part of messages ---- */

/**
 * struct outer - the payloads of an I or R message, each found exactly once where it has to be
 */
struct outer {
	const struct mikey_msg *msg;
	const struct mikey_payload *t, *rnd, *idi, *idr, *ibake;
};

enum outer_need {
	NEED_RAND = 1,
	NEED_IDS = 2,
	NEED_IBAKE = 4,
};

int ibake_outer_get(const struct mikey_msg *msg, unsigned int need, struct outer *o, struct err *e);
/* T of the right type within the window; Unix seconds in @t_unix. */
int ibake_outer_time(struct ibake_engine *en, const struct outer *o, uint64_t *t, int64_t *t_unix,
		     struct err *e);
/* Header fields that may not change in an exchange (RFC 6267 4.2.2.3 and so on). */
int ibake_outer_same_header(const struct ibake_call *c, const struct mikey_msg *msg, struct err *e);
void ibake_outer_hdr(const struct ibake_call *c, uint8_t type, bool v, struct mikey_hdr *hdr);
bool ibake_oct_is(struct mikey_oct o, const char *s);
bool ibake_oct_copy_uri(struct mikey_oct o, char uri[IBE_URI_MAX + 1]);

/* ---- initiator.c, responder.c ---- */

int ibake_initiator_r1(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e);
int ibake_initiator_r2(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e);
void ibake_initiator_tick(struct ibake_call *c, uint64_t now);
int ibake_responder_i1(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e);
int ibake_responder_i2(struct ibake_engine *en, const struct ibake_peer *src,
		       const struct mikey_msg *msg, struct err *e);
/* Ends the oldest exchange that is half open, if it has had its time; false if there is none. */
bool ibake_responder_evict(struct ibake_engine *en, uint64_t now);
void ibake_responder_tick(struct ibake_call *c, uint64_t now);

#endif
