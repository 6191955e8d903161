/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_POOL_H
#define IBAKE_KMS_POOL_H

#include <stddef.h>

struct err;
struct kms_pool;

/**
 * struct kms_work - items that threads take from, one at a time
 * @n: how many items, at least 1
 * @item: does number @i; called from any thread, several at once
 * @done: after the last item, on the thread that did it; @arg may be freed in it
 * @arg: for both
 */
struct kms_work {
	size_t n;
	void (*item)(void *arg, size_t i);
	void (*done)(void *arg);
	void *arg;
	/* the pool's own */
	size_t next;
	size_t finished;
	struct kms_work *link;
};

/* @threads 0: as many as there are processors, at most 16. */
int kms_pool_new(unsigned int threads, struct kms_pool **out, struct err *e);
/* Takes no more items, waits for those being worked on; @done of unfinished works is not called. */
void kms_pool_free(struct kms_pool *p);
/* @w stays the caller's and must live until @done. Works take turns, item by item. */
void kms_pool_submit(struct kms_pool *p, struct kms_work *w);
/* All items of @n on the pool, and wait. */
void kms_pool_run(struct kms_pool *p, size_t n, void (*item)(void *arg, size_t i), void *arg);

#endif
