// SPDX-License-Identifier: GPL-2.0-or-later
/* Replay cache of I_MESSAGE_1: digests that were opened and whose T may still be in the window. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/secret.h"
#include "ibake/internal.h"

#define CHAINS 4096u

struct entry {
	struct entry *next;
	uint64_t expires;
	uint8_t digest[DIGEST_LEN];
};

struct replay {
	struct entry *chains[CHAINS];
	unsigned int count, max;
	uint64_t seed; /* so that nobody outside can aim at one chain */
};

struct replay *ibake_replay_new(unsigned int max)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (r) {
		r->max = max;
		secret_random(&r->seed, sizeof(r->seed));
		r->seed |= 1;
	}
	return r;
}

/* Drops what has expired from one chain. */
static void sweep(struct replay *r, struct entry **at, uint64_t now)
{
	while (*at) {
		struct entry *n = *at;

		if (n->expires <= now) {
			*at = n->next;
			free(n);
			r->count--;
		} else {
			at = &n->next;
		}
	}
}

static void sweep_all(struct replay *r, uint64_t now)
{
	for (unsigned int i = 0; i < CHAINS; i++)
		sweep(r, &r->chains[i], now);
}

void ibake_replay_free(struct replay *r)
{
	if (!r)
		return;
	sweep_all(r, UINT64_MAX);
	free(r);
}

static struct entry **chain_of(struct replay *r, const uint8_t *digest)
{
	return &r->chains[(get_be64(digest) * r->seed) >> 52];
}

bool ibake_replay_seen(struct replay *r, const uint8_t digest[DIGEST_LEN], uint64_t now_ms)
{
	struct entry **chain = chain_of(r, digest);

	sweep(r, chain, now_ms);
	for (struct entry *n = *chain; n; n = n->next)
		if (!memcmp(n->digest, digest, DIGEST_LEN))
			return true;
	return false;
}

bool ibake_replay_room(struct replay *r, uint64_t now_ms)
{
	if (r->count >= r->max)
		sweep_all(r, now_ms);
	return r->count < r->max;
}

bool ibake_replay_add(struct replay *r, const uint8_t digest[DIGEST_LEN], uint64_t expires_ms,
		      uint64_t now_ms)
{
	struct entry **chain = chain_of(r, digest), *n;

	if (!ibake_replay_room(r, now_ms))
		return false;
	n = malloc(sizeof(*n));
	if (!n)
		return false;
	n->expires = expires_ms;
	memcpy(n->digest, digest, DIGEST_LEN);
	n->next = *chain;
	*chain = n;
	r->count++;
	return true;
}

unsigned int ibake_replay_count(const struct replay *r)
{
	return r->count;
}
