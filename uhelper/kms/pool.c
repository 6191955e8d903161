// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads for what costs a scalar multiplication or a pairing each. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "kms/pool.h"

#define THREADS_MAX 16u

/**
 * struct kms_pool - threads and the works they take turns at
 * @lock: protects all below and what is the pool's own in each work
 * @more: signalled when a work is added, or at the end
 * @head: first work with items left
 * @tail: last one
 */
struct kms_pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct kms_work *head, *tail;
	bool stop;
	unsigned int n;
	pthread_t thread[THREADS_MAX];
};

static void push(struct kms_pool *p, struct kms_work *w)
{
	w->link = NULL;
	if (p->tail)
		p->tail->link = w;
	else
		p->head = w;
	p->tail = w;
}

static struct kms_work *pop(struct kms_pool *p)
{
	struct kms_work *w = p->head;

	p->head = w->link;
	if (!p->head)
		p->tail = NULL;
	return w;
}

static void *run(void *arg)
{
	struct kms_pool *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct kms_work *w;
		size_t i;
		bool last;

		while (!p->head && !p->stop)
			pthread_cond_wait(&p->more, &p->lock);
		if (p->stop)
			break;
		w = pop(p);
		i = w->next++;
		if (w->next < w->n)
			push(p, w);
		pthread_mutex_unlock(&p->lock);
		w->item(w->arg, i);
		pthread_mutex_lock(&p->lock);
		last = ++w->finished == w->n;
		if (last) {
			pthread_mutex_unlock(&p->lock);
			w->done(w->arg);
			pthread_mutex_lock(&p->lock);
		}
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int kms_pool_new(unsigned int threads, struct kms_pool **out, struct err *e)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct kms_pool *p = calloc(1, sizeof(*p));
	sigset_t all, old;

	if (!p)
		return err_set(e, ENOMEM, "out of memory");
	if (!threads)
		threads = cpus > 0 ? (unsigned int)cpus : 1;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	/* Signals belong to the thread with the event loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (p->n < threads && !pthread_create(&p->thread[p->n], NULL, run, p))
		p->n++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!p->n) {
		kms_pool_free(p);
		return err_set(e, EAGAIN, "cannot start a thread");
	}
	*out = p;
	return 0;
}

void kms_pool_free(struct kms_pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	while (p->n)
		pthread_join(p->thread[--p->n], NULL);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void kms_pool_submit(struct kms_pool *p, struct kms_work *w)
{
	w->next = 0;
	w->finished = 0;
	pthread_mutex_lock(&p->lock);
	push(p, w);
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
}

/**
 * struct wait - somebody who waits for a work
 */
struct wait {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
	void (*item)(void *arg, size_t i);
	void *arg;
};

static void wait_item(void *arg, size_t i)
{
	struct wait *w = arg;

	w->item(w->arg, i);
}

static void wait_done(void *arg)
{
	struct wait *w = arg;

	pthread_mutex_lock(&w->lock);
	w->done = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

void kms_pool_run(struct kms_pool *p, size_t n, void (*item)(void *arg, size_t i), void *arg)
{
	struct wait w = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, item, arg };
	struct kms_work work = { .n = n, .item = wait_item, .done = wait_done, .arg = &w };

	if (!n)
		return;
	kms_pool_submit(p, &work);
	pthread_mutex_lock(&w.lock);
	while (!w.done)
		pthread_cond_wait(&w.cond, &w.lock);
	pthread_mutex_unlock(&w.lock);
	pthread_cond_destroy(&w.cond);
	pthread_mutex_destroy(&w.lock);
}
