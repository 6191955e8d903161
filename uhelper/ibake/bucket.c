// SPDX-License-Identifier: GPL-2.0-or-later
/* Token buckets: how many pairings a second one source address may cost. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "ibake/internal.h"

#define WAYS 4u	    /* places that a source may have in the table */
#define TOKEN 1000u /* a token in thousandths, so that milliseconds count */

struct bucket {
	uint8_t source[IBAKE_ADDR_MAX];
	uint8_t len;
	bool used;
	uint64_t tokens;
	uint64_t last;
};

struct buckets {
	struct bucket *table;
	struct bucket shared; /* of all sources that found no place */
	unsigned int sets;
	uint64_t rate, full;
	uint64_t seed;
};

struct buckets *ibake_buckets_new(unsigned int sources, unsigned int rate, unsigned int burst)
{
	struct buckets *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->sets = (sources + WAYS - 1) / WAYS;
	if (!b->sets)
		b->sets = 1;
	b->rate = rate; /* tokens a second are thousandths a millisecond */
	b->full = (uint64_t)burst * TOKEN;
	b->shared.tokens = b->full;
	secret_random(&b->seed, sizeof(b->seed));
	b->table = calloc(b->sets, WAYS * sizeof(*b->table));
	if (!b->table) {
		free(b);
		return NULL;
	}
	return b;
}

void ibake_buckets_free(struct buckets *b)
{
	if (!b)
		return;
	free(b->table);
	free(b);
}

/* FNV-1a from a secret start: good enough to spread addresses that nobody can aim. */
static uint64_t hash(const struct buckets *b, const uint8_t *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u ^ b->seed;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

static void refill(const struct buckets *b, struct bucket *k, uint64_t now)
{
	uint64_t passed = now > k->last ? now - k->last : 0;

	if (b->rate && passed > b->full / b->rate)
		k->tokens = b->full;
	else
		k->tokens += passed * b->rate;
	if (k->tokens > b->full)
		k->tokens = b->full;
	k->last = now;
}

/* A bucket that is full again says nothing about its source: its place is free. */
static struct bucket *place(struct buckets *b, const uint8_t *source, uint8_t len, uint64_t now)
{
	struct bucket *set = &b->table[hash(b, source, len) % b->sets * WAYS], *room = NULL;

	for (unsigned int i = 0; i < WAYS; i++) {
		if (set[i].used && set[i].len == len && !memcmp(set[i].source, source, len))
			return &set[i];
		if (set[i].used)
			refill(b, &set[i], now);
		if (!room && (!set[i].used || set[i].tokens == b->full))
			room = &set[i];
	}
	if (!room)
		return &b->shared;
	memcpy(room->source, source, len);
	room->len = len;
	room->used = true;
	room->tokens = b->full;
	room->last = now;
	return room;
}

bool ibake_buckets_take(struct buckets *b, const struct ibake_peer *p, uint64_t now_ms)
{
	uint8_t len = p->source_len < p->len ? p->source_len : p->len;
	struct bucket *k = place(b, p->octets, len, now_ms);

	refill(b, k, now_ms);
	if (k->tokens < TOKEN)
		return false;
	k->tokens -= TOKEN;
	return true;
}
