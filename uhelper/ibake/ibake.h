/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBAKE_IBAKE_H
#define IBAKE_IBAKE_IBAKE_H

/* The four-message exchange of MIKEY-IBAKE (RFC 6267 4.2.2, Documentation/wire-profile.md).
 *
 * The engine does no I/O, starts no threads and reads no clock: the caller hands in messages and
 * ticks, and gets messages, jobs and events by callbacks. All functions are for one thread (the
 * caller's event loop); only ibake_job.run() belongs elsewhere. Calls are named by numbers that
 * are never used twice, so a number of a call that is gone is refused, not misunderstood.
 *
 * Every callback may call back into the engine, ibake_call_drop() of the same call included;
 * ibake_engine_free() is the exception.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

struct ibe_key;
struct ibe_sysparams;
struct ibake_engine;

#define IBAKE_ADDR_MAX 32u
#define IBAKE_MKI_LEN 4u
#define IBAKE_FINGERPRINT_LEN 16u
#define IBAKE_MEDIA_MAX 8u		    /* media lines of one call */
#define IBAKE_CS_MAX (2u * IBAKE_MEDIA_MAX) /* crypto sessions: two for each */
#define IBAKE_SUITES_MAX 4u
#define IBAKE_NO_DEADLINE UINT64_MAX

/**
 * struct ibake_peer - where messages come from and go to; opaque to the engine
 * @octets: whatever the transport wants back in send(); the first @len are compared octet by
 *	octet, so padding among them must be zero
 * @len: how many octets count
 * @source_len: how many of the first octets name the source for the token bucket: for UDP the
 *	family and the address come first and count, the port comes after them and does not
 */
struct ibake_peer {
	uint8_t octets[IBAKE_ADDR_MAX];
	uint8_t len;
	uint8_t source_len;
};

/* What to do with a peer whose I_MESSAGE_2 or R_MESSAGE_2 proves no binding. A wrong binding is
 * refused under REQUIRE and PREFER.
 */
enum ibake_binding {
	IBAKE_BINDING_REQUIRE = 0, /* refuse */
	IBAKE_BINDING_PREFER,	   /* accept, and say so: keys.bound is false, event UNBOUND */
	IBAKE_BINDING_OFF,	   /* neither send nor ask for it: strict RFC 6267 peers */
};

/**
 * struct ibake_policy - how to talk to a peer
 * @binding: see there
 * @accept_other: Initiator: go on when somebody else than the one called answers (forking,
 *	retargeting). Only with a proven binding, whatever @binding says
 * @prf: MIKEY PRF function of I_MESSAGE_1: 1 (HMAC-SHA-256), or 0 for old peers. A Responder
 *	takes both
 * @curve: ECC curve number of ECCPTi: 8 (P-256), 11 or 14. A Responder takes all three
 * @n_suites: how many of @suites; 0 stands for AES_CM_128_HMAC_SHA1_80 alone
 * @suites: names of SRTP suites, best first: what an Initiator offers, what a Responder takes
 *	(it picks the first of the offer that is in its list). Must outlive the engine
 */
struct ibake_policy {
	enum ibake_binding binding;
	bool accept_other;
	uint8_t prf;
	uint8_t curve;
	unsigned int n_suites;
	const char *suites[IBAKE_SUITES_MAX];
};

/* Binding required, PRF function 1, P-256, AES_CM_128_HMAC_SHA1_80. */
void ibake_policy_init(struct ibake_policy *p);

/**
 * struct ibake_hint - what a peer says an IBE payload was encrypted for; not authenticated
 * @district: a string here; without NUL on the wire
 * @serial: serial of the parameter set
 * @period_start: Unix seconds
 */
struct ibake_hint {
	char district[256];
	uint64_t serial;
	int64_t period_start;
};

/**
 * struct ibake_key - a private key lent to the engine
 * @key: for ibe_decrypt()
 * @sys: parameters that it belongs to
 * @release: called once, on the engine's thread, when the engine is through with it
 * @ref: for @release
 *
 * Key and parameters must stay as they are until @release: a job on another thread reads them.
 */
struct ibake_key {
	const struct ibe_key *key;
	const struct ibe_sysparams *sys;
	void (*release)(void *ref);
	void *ref;
};

/**
 * struct ibake_job - pairings to do off the event loop
 * @run: does the work; touches nothing but the job, so that any thread may call it
 * @done: must be called once after @run, on the engine's thread; releases the job
 * @next: the caller's, while the job is his
 *
 * A job whose call was dropped meanwhile is run and done like any other.
 */
struct ibake_job {
	void (*run)(struct ibake_job *job);
	void (*done)(struct ibake_job *job);
	struct ibake_job *next;
};

enum ibake_role {
	IBAKE_INITIATOR,
	IBAKE_RESPONDER,
};

/**
 * struct ibake_cs_keys - keys of one crypto session
 * @id: CS ID; odd from the Initiator to the Responder, even the other way
 * @transmit: this side sends with it
 * @suite: name of the SRTP suite
 * @key: SRTP master key (TEK)
 * @key_len: its octets
 * @salt: SRTP master salt
 * @salt_len: its octets
 */
struct ibake_cs_keys {
	uint8_t id;
	bool transmit;
	const char *suite;
	uint8_t key[32];
	size_t key_len;
	uint8_t salt[14];
	size_t salt_len;
};

/**
 * struct ibake_keys - what an exchange came to; wiped when the event callback returns
 * @role: of this side
 * @csb_id: CSB ID
 * @mki: for both directions
 * @bound: the peer's proof of its identity was checked (see enum ibake_binding)
 * @provisional: Responder: to be cleared if the peer does not show up, see ibake_call_confirm()
 * @fingerprint: the same octets on both sides, for people to compare; says nothing about keys
 * @n_cs: how many of @cs; session i and i + 1 with odd i belong to one media line
 * @cs: the sessions, by ID from 1
 */
struct ibake_keys {
	enum ibake_role role;
	uint32_t csb_id;
	uint8_t mki[IBAKE_MKI_LEN];
	bool bound;
	bool provisional;
	uint8_t fingerprint[IBAKE_FINGERPRINT_LEN];
	unsigned int n_cs;
	struct ibake_cs_keys cs[IBAKE_CS_MAX];
};

enum ibake_event_kind {
	IBAKE_EV_INCOMING, /* Responder: an I_MESSAGE_1 opened; @peer_uri is not proven yet */
	IBAKE_EV_SENT,	   /* a message went out: @msg_type, @msg_len, @resent */
	IBAKE_EV_RECEIVED, /* a message was accepted: @msg_type, @msg_len */
	IBAKE_EV_REFUSED,  /* a message was dropped, nothing else changed: @reason; call may be 0 */
	IBAKE_EV_UNBOUND,  /* the peer sent no binding and the policy lets that pass */
	IBAKE_EV_KEYED,	   /* @keys */
	IBAKE_EV_CONFIRMED, /* Responder: keys are no longer provisional */
	IBAKE_EV_FAILED,    /* the call is over and wiped: @reason. Keys handed over must go */
};

/**
 * struct ibake_event - what happened; valid during the callback
 * @kind: says which other members count
 * @call: number of the call, 0 where a message belongs to none
 * @role: of this side in that call
 * @local_uri: own identity, "" where @call is 0
 * @peer_uri: the other side's, "" where @call is 0
 * @peer: where the message came from or the call goes to
 * @msg_type: MIKEY data type, 22 to 25, or whatever came in
 * @msg_len: octets
 * @resent: not the first time that this message goes out
 * @code: positive errno behind @reason
 * @reason: a sentence, without secrets
 * @keys: only with KEYED
 */
struct ibake_event {
	enum ibake_event_kind kind;
	uint64_t call;
	enum ibake_role role;
	const char *local_uri;
	const char *peer_uri;
	const struct ibake_peer *peer;
	uint8_t msg_type;
	size_t msg_len;
	bool resent;
	int code;
	const char *reason;
	const struct ibake_keys *keys;
};

/**
 * struct ibake_ops - what the engine asks of its caller
 * @now: wall clock (CLOCK_REALTIME), for T
 * @mono: milliseconds of a clock that never goes back (CLOCK_MONOTONIC), for time limits
 * @send: send a message; losing it is fine
 * @submit: have @job run and done; may do both before it returns
 * @find_key: private key of the own identity @uri for the period of its district that holds @t
 *	(Unix seconds). @hint: only under this district, serial and period, or NULL. -ENOENT where
 *	there is none: the message is refused with the sentence in @e
 * @find_params: parameters of the district that serves @uri, valid at @t; a reference, which the
 *	engine puts. From the caller's table of hosts only, never from what a message says
 * @incoming: somebody calls @to and says to be @from: nothing is proven yet, and nothing was
 *	computed. Fills in the policy (initialised with the engine's default); non-zero refuses.
 *	NULL: everybody may call with the default policy
 * @mki_live: whether a key with this MKI is in use where a new one would meet it; NULL: none
 * @event: see struct ibake_event
 * @random: NULL in production, where secret_random() is used; fixed octets for test vectors
 */
struct ibake_ops {
	void (*now)(void *arg, struct timespec *ts);
	uint64_t (*mono)(void *arg);
	void (*send)(void *arg, const struct ibake_peer *to, const uint8_t *msg, size_t len);
	void (*submit)(void *arg, struct ibake_job *job);
	int (*find_key)(void *arg, const char *uri, int64_t t, const struct ibake_hint *hint,
			struct ibake_key *key, struct err *e);
	int (*find_params)(void *arg, const char *uri, int64_t t, struct ibe_sysparams **sp,
			   struct err *e);
	int (*incoming)(void *arg, const char *from, const char *to, const struct ibake_peer *peer,
			struct ibake_policy *policy, struct err *e);
	bool (*mki_live)(void *arg, const uint8_t mki[IBAKE_MKI_LEN]);
	void (*event)(void *arg, const struct ibake_event *ev);
	void (*random)(void *arg, void *p, size_t len);
};

/**
 * struct ibake_config - limits; ibake_config_init() gives the usual ones
 * @policy: for incoming calls
 * @window_s: how far T may be from the own clock, seconds (300)
 * @retransmit_ms: first interval of the Initiator's retransmission, doubled each time (500)
 * @retransmit_max: how often a message is sent again (5)
 * @give_up_ms: Initiator: how long to wait for the answer to a message (32000)
 * @half_open_ms: Responder: how long to wait for I_MESSAGE_2 (64000)
 * @provisional_ms: Responder: how long keys live without ibake_call_confirm() (40000)
 * @max_calls: calls at a time, of both roles (1024)
 * @max_half_open: Responder: exchanges that are not authenticated yet (256). When there are as
 *	many, the oldest makes room if it is @evict_ms old, else the new one is refused
 * @evict_ms: see there (4000)
 * @replay_max: entries of the replay cache; when it is full of live ones, new I_MESSAGE_1 are
 *	refused (65536)
 * @bucket_rate: I_MESSAGE_1 a second from one source that may cost a pairing (20); as many
 *	R_MESSAGE_1 and I_MESSAGE_2 that fit a call, from a bucket that spoofing cannot empty
 * @bucket_burst: and at once (60)
 * @bucket_sources: sources that are told apart; more share one bucket (1024)
 */
struct ibake_config {
	struct ibake_policy policy;
	unsigned int window_s;
	unsigned int retransmit_ms;
	unsigned int retransmit_max;
	unsigned int give_up_ms;
	unsigned int half_open_ms;
	unsigned int provisional_ms;
	unsigned int max_calls;
	unsigned int max_half_open;
	unsigned int evict_ms;
	unsigned int replay_max;
	unsigned int bucket_rate;
	unsigned int bucket_burst;
	unsigned int bucket_sources;
};

void ibake_config_init(struct ibake_config *c);

/* @ops is copied; @arg is handed to each of them. NULL when out of memory or without an op that is
 * not optional.
 */
struct ibake_engine *ibake_engine_new(const struct ibake_ops *ops, void *arg,
				      const struct ibake_config *config);
/* Wipes and ends all calls, without events. Jobs that are still out may finish afterwards: their
 * done() releases what is left; no callback but ibake_key.release() is called any more.
 */
void ibake_engine_free(struct ibake_engine *en);

/**
 * ibake_call_start - call somebody, as Initiator
 * @from: own identity, any spelling; needs a key of the current period
 * @to: identity called, any spelling; its district's parameters have to be known
 * @peer: where to send
 * @n_media: media lines, 1 to IBAKE_MEDIA_MAX
 * @policy: NULL for the engine's default
 * @call: number of the new call, set before any event
 *
 * Return: 0; -EINVAL; -ENOENT and others of find_key and find_params; -EMFILE (too many calls)
 */
int ibake_call_start(struct ibake_engine *en, const char *from, const char *to,
		     const struct ibake_peer *peer, unsigned int n_media,
		     const struct ibake_policy *policy, uint64_t *call, struct err *e);

/**
 * ibake_input - a message came in; any octets
 *
 * Return: 0 where it was of use (a repetition that was answered included), else a negative errno
 * with the sentence in @e; the REFUSED event has told the same. -EALREADY: a repetition that
 * needs no answer, no event. What needs a job is judged later, by events only.
 */
int ibake_input(struct ibake_engine *en, const struct ibake_peer *src, const uint8_t *msg,
		size_t len, struct err *e);

/**
 * ibake_tick - do what time demands: retransmit, give up, expire
 *
 * Return: milliseconds (of ops.mono) until it has to be called again, or IBAKE_NO_DEADLINE. Other
 * calls may bring the next deadline nearer: ibake_deadline() asks without doing anything.
 */
uint64_t ibake_tick(struct ibake_engine *en);
uint64_t ibake_deadline(const struct ibake_engine *en);

/* Authentic media of the peer was seen: the Responder's keys stay. -ENOENT, -EAGAIN (not keyed). */
int ibake_call_confirm(struct ibake_engine *en, uint64_t call);
/* Ends and wipes a call without an event; nothing is sent. -ENOENT where there is none. */
int ibake_call_drop(struct ibake_engine *en, uint64_t call);

enum ibake_state {
	IBAKE_ST_WAIT_R1,     /* Initiator: I_MESSAGE_1 is being made or is out */
	IBAKE_ST_WAIT_R2,     /* Initiator: I_MESSAGE_2 is being made or is out */
	IBAKE_ST_WAIT_I2,     /* Responder: I_MESSAGE_1 came */
	IBAKE_ST_PROVISIONAL, /* Responder: keyed, no media yet */
	IBAKE_ST_ESTABLISHED,
};

/**
 * struct ibake_call_info - a call as it is now
 * @msg_len: octets of I_MESSAGE_1, R_MESSAGE_1, I_MESSAGE_2, R_MESSAGE_2; 0 where not seen yet
 * @suite: "" until it is settled
 * @sent: messages sent, repetitions included
 * @refused: messages of this call that were dropped
 * @t: Unix seconds of T of I_MESSAGE_1
 */
struct ibake_call_info {
	enum ibake_role role;
	enum ibake_state state;
	const char *local_uri;
	const char *peer_uri;
	struct ibake_peer peer;
	uint32_t csb_id;
	const char *suite;
	bool keyed, bound;
	uint8_t mki[IBAKE_MKI_LEN];
	uint8_t fingerprint[IBAKE_FINGERPRINT_LEN];
	size_t msg_len[4];
	unsigned int sent, refused;
	int64_t t;
};

const char *ibake_state_name(enum ibake_state s);
/* Strings live until the next call of an engine function. -ENOENT. */
int ibake_call_info(const struct ibake_engine *en, uint64_t call, struct ibake_call_info *info);
/* Number of the call after @call (0: the first), 0 at the end. */
uint64_t ibake_call_next(const struct ibake_engine *en, uint64_t call);

/**
 * struct ibake_stats - since the engine was made
 */
struct ibake_stats {
	uint64_t calls_started, calls_incoming, calls_keyed, calls_failed;
	uint64_t msgs_in, msgs_out, msgs_refused, repeats_answered;
	uint64_t replays, bucket_refusals, half_open_refusals, replay_full;
	uint64_t jobs;
	unsigned int calls, half_open, replay_entries;
};

void ibake_stats(const struct ibake_engine *en, struct ibake_stats *s);

#endif
