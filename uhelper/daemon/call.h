/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_CALL_H
#define IBAKE_DAEMON_CALL_H

#include <jansson.h>
#include <time.h>

#include "base/err.h"
#include "daemon/keying.h"
#include "ibake/ibake.h"

struct control_conn;
struct daemon;

enum call_state {
	CALL_INITIATING,	/* Initiator, not keyed yet: the secure leg is mute */
	CALL_ANSWERING,		/* Responder, likewise */
	CALL_PROVISIONAL,	/* Responder: keyed, no authentic media yet */
	CALL_KEYED,
	CALL_ADOPTED,		/* keyed by an earlier daemon */
	CALL_FAILED,		/* nothing is left of it but this record */
};

/* Messages that one call remembers; further ones only count. */
#define CALL_MESSAGES 16

struct call_message {
	bool sent, resent;
	uint8_t type;
	size_t len;
	struct timespec when;
};

/**
 * struct call - one call, of either role
 * @number: in the engine; 0: it knows nothing of it (any more)
 * @reason: why it failed
 * @proven: Responder: the exchange came to keys, so the peer is who it says
 * @suite: enum config_suite, -1 until it is settled
 * @media: addresses, and sockets from the start (Initiator) or from the proof of the peer's
 *	identity on (Responder)
 * @refs: objects in the kernel
 * @up: they are there
 * @confirm_by: adopted while the keys were provisional: cleared at this time (monotonic seconds)
 * @waiter: client that waits for the outcome
 * @wait_until: monotonic seconds
 */
struct call {
	struct call *next;
	char name[CALL_NAME_MAX + 1];
	uint64_t number;
	bool initiator;
	enum call_state state;
	char reason[240];
	char local[CALL_URI_MAX + 1], peer[CALL_URI_MAX + 1];
	struct addr via;
	int suite;
	bool proven;
	bool bound;
	bool has_keys;
	uint8_t mki[IBAKE_MKI_LEN];
	uint8_t fingerprint[IBAKE_FINGERPRINT_LEN];
	struct call_message messages[CALL_MESSAGES];
	size_t n_messages;
	unsigned int resent, refused;
	struct media media;
	struct keying_refs refs;
	bool up;
	time_t started, keyed, failed;
	time_t confirm_by;
	struct control_conn *waiter;
	time_t wait_until;
};

/* @name empty: the next free one of @prefix and a number. NULL: no memory, or max_calls reached. */
struct call *gw_call_new(struct daemon *d, const char *name, const char *prefix, struct err *e);
/* Takes everything down and forgets the call. */
void gw_call_free(struct daemon *d, struct call *c);
struct call *gw_call_find(struct daemon *d, const char *name);
struct call *gw_call_find_number(struct daemon *d, uint64_t number);
/* A live call other than @but one of whose ports is one of @m's. */
struct call *gw_call_on_ports(struct daemon *d, const struct media_addrs *m, const struct call *but);
bool gw_call_live(const struct call *c);

/* Keys go into the kernel; on failure the call has failed. */
void gw_call_key(struct daemon *d, struct call *c, const struct ibake_keys *keys);
void gw_call_confirm(struct daemon *d, struct call *c);
/* Media and keys go, the record stays for a while. */
void gw_call_fail(struct daemon *d, struct call *c, const char *reason);
void gw_call_message(struct daemon *d, struct call *c, bool sent, bool resent, uint8_t type,
		  size_t len);
/* Once a second. */
void calls_tick(struct daemon *d);

json_t *gw_call_show(const struct call *c);
const char *gw_call_state_name(enum call_state s);
/* Seconds of a clock that never goes back. */
time_t mono_seconds(void);

#endif
