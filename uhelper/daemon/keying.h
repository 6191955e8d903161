/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_KEYING_H
#define IBAKE_DAEMON_KEYING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/media.h"

struct err;
struct event_base;

#define KEYING_MKI_LEN 4
#define KEYING_KEY_LEN 16
#define KEYING_SALT_LEN 14

struct keying_key {
	uint8_t key[KEYING_KEY_LEN];
	uint8_t salt[KEYING_SALT_LEN];
};

/**
 * struct keying_material - what one call's media is protected with; wiped after keying_ops.up()
 * @suite: enum config_suite
 * @mki: names the key in both directions
 * @tx: of what we send
 * @rx: of what we receive
 */
struct keying_material {
	int suite;
	uint8_t mki[KEYING_MKI_LEN];
	struct keying_key tx, rx;
};

/* Number and generation of an object of the kernel; number 0: none. */
struct keying_ref {
	uint32_t id, generation;
};

/* What the kernel holds for a call. */
struct keying_refs {
	struct keying_ref sa_tx, sa_rx;
	struct keying_ref flow[LEGS];
};

/**
 * struct keying_found - a call that an earlier daemon left in the kernel
 * @name: its name, from the cookies
 * @initiator: our role in it
 * @refs: its objects; complete only if all of them are there
 * @media: new descriptors of its sockets, and its addresses
 * @suite: enum config_suite, -1 where this daemon does not know it
 * @mki: of the key that sends
 */
struct keying_found {
	char name[CALL_NAME_MAX + 1];
	bool initiator;
	struct keying_refs refs;
	struct media media;
	int suite;
	uint8_t mki[KEYING_MKI_LEN];
};

enum keying_news {
	KEYING_AUTHENTIC,	/* the peer's first packet verified: it has the keys */
	KEYING_WIPED,		/* the kernel wiped the keys of its own accord */
};

struct keying;

/**
 * struct keying_ops - the way to put keys where media is protected
 * @open: @instance tells the objects of this daemon from those of another in the same namespace;
 *	-ENOENT and a sentence where the kernel has no such thing
 * @up: keys and flows of a call, all or nothing
 * @down: flows and keys are gone afterwards; what was not there is fine
 * @authentic: whether anything that the peer protected has been received
 * @adopt: calls @fn for each whole call of an earlier daemon of this instance, deletes the rest;
 *	@fn takes over the descriptors and returns false to have the call deleted
 */
struct keying_ops {
	int (*open)(struct event_base *base, const char *instance, unsigned int grace,
		    void (*news)(void *arg, const char *call, enum keying_news what), void *arg,
		    struct keying **out, struct err *e);
	void (*close)(struct keying *k);
	int (*up)(struct keying *k, const char *call, bool initiator, const struct media *m,
		  const struct keying_material *km, struct keying_refs *refs, struct err *e);
	int (*down)(struct keying *k, struct keying_refs *refs, struct err *e);
	bool (*authentic)(struct keying *k, const struct keying_refs *refs);
	int (*adopt)(struct keying *k, bool (*fn)(void *arg, struct keying_found *found), void *arg,
		     struct err *e);
};

/* ksrtp.ko by generic netlink: what the daemon uses. */
extern const struct keying_ops keying_netlink;

/**
 * struct keying_cookie - what an object of the kernel is for, as written into its cookie
 * @instance: eight octets of text
 * @part: 't' or 'r' for the sas, '0' to '3' for the flow of an enum leg
 */
struct keying_cookie {
	char instance[9];
	bool initiator;
	char part;
	char name[CALL_NAME_MAX + 1];
};

/* Into at most 64 octets; the length. */
size_t keying_cookie_write(const struct keying_cookie *c, uint8_t out[64]);
/* False where the cookie is not one of this format. */
bool keying_cookie_read(const uint8_t *data, size_t len, struct keying_cookie *c);

#endif
