// SPDX-License-Identifier: GPL-2.0-or-later
/* Worker threads with a bounded queue; completions return to the event thread by an eventfd. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "daemon/pool.h"

#define POOL_WORKERS_MAX 256

struct job_list {
	struct pool_job *head, **tail;
};

/**
 * struct pool - see pool_new()
 * @lock: protects @waiting, @finished, @queued and @stop
 * @more: signalled when @waiting grows or @stop is set
 * @waiting: accepted, not yet taken by a worker, oldest first
 * @finished: run, waiting for the event thread
 * @queued: length of @waiting
 * @efd: readable while @finished may hold something
 */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job_list waiting, finished;
	unsigned int queued, max_queued;
	bool stop;
	int efd;
	struct event *ev;
	unsigned int workers;
	pthread_t thread[];
};

static void list_init(struct job_list *l)
{
	l->head = NULL;
	l->tail = &l->head;
}

static void list_put(struct job_list *l, struct pool_job *job)
{
	job->next = NULL;
	*l->tail = job;
	l->tail = &job->next;
}

static struct pool_job *list_get(struct job_list *l)
{
	struct pool_job *job = l->head;

	if (job) {
		l->head = job->next;
		if (!l->head)
			l->tail = &l->head;
	}
	return job;
}

static void *worker(void *arg)
{
	struct pool *p = arg;
	const uint64_t one = 1;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct pool_job *job = list_get(&p->waiting);

		if (!job) {
			if (p->stop)
				break;
			pthread_cond_wait(&p->more, &p->lock);
			continue;
		}
		p->queued--;
		pthread_mutex_unlock(&p->lock);
		job->run(job->arg);
		pthread_mutex_lock(&p->lock);
		list_put(&p->finished, job);
		/* Fails only when the counter is full, and then the loop wakes up anyway. */
		if (write(p->efd, &one, sizeof(one)) < 0)
			continue;
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void pool_complete(struct pool *p)
{
	struct pool_job *job;

	for (;;) {
		pthread_mutex_lock(&p->lock);
		job = list_get(&p->finished);
		pthread_mutex_unlock(&p->lock);
		if (!job)
			return;
		job->done(job->arg);
	}
}

static void on_finished(evutil_socket_t fd, short what, void *arg)
{
	uint64_t n;

	/* Emptied first: a job that finishes after the list was taken makes it readable again. */
	if (read(fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		return;
	pool_complete(arg);
}

static unsigned int cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

static void join_all(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (unsigned int i = 0; i < p->workers; i++)
		pthread_join(p->thread[i], NULL);
}

struct pool *pool_new(struct event_base *base, unsigned int workers, unsigned int max_queued,
		      struct err *e)
{
	sigset_t all, old;
	struct pool *p;
	int ret = 0;

	if (!workers)
		workers = cpus();
	if (workers > POOL_WORKERS_MAX)
		workers = POOL_WORKERS_MAX;
	p = calloc(1, sizeof(*p) + workers * sizeof(p->thread[0]));
	if (!p)
		goto fail;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	list_init(&p->waiting);
	list_init(&p->finished);
	p->max_queued = max_queued;
	p->efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->efd < 0)
		goto fail_free;
	p->ev = event_new(base, p->efd, EV_READ | EV_PERSIST, on_finished, p);
	if (!p->ev || event_add(p->ev, NULL))
		goto fail_event;
	/* Signals are the event thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (p->workers < workers && !ret) {
		ret = pthread_create(&p->thread[p->workers], NULL, worker, p);
		p->workers += !ret;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret) {
		join_all(p);
		errno = ret;
		goto fail_event;
	}
	return p;
fail_event:
	if (p->ev)
		event_free(p->ev);
	close(p->efd);
fail_free:
	free(p);
fail:
	err_set(e, errno ? errno : ENOMEM, "cannot start %u worker threads: %s", workers,
		strerror(errno ? errno : ENOMEM));
	return NULL;
}

int pool_submit(struct pool *p, struct pool_job *job, struct err *e)
{
	int ret = 0;

	pthread_mutex_lock(&p->lock);
	if (p->stop || p->queued >= p->max_queued) {
		ret = err_set(e, EBUSY, "too busy: %u jobs already wait for %u workers", p->queued,
			      p->workers);
	} else {
		list_put(&p->waiting, job);
		p->queued++;
		pthread_cond_signal(&p->more);
	}
	pthread_mutex_unlock(&p->lock);
	return ret;
}

unsigned int pool_workers(const struct pool *p)
{
	return p->workers;
}

unsigned int pool_queued(struct pool *p)
{
	unsigned int n;

	pthread_mutex_lock(&p->lock);
	n = p->queued;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	join_all(p);
	pool_complete(p);
	event_free(p->ev);
	close(p->efd);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
