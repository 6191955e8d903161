/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_POOL_H
#define IBAKE_DAEMON_POOL_H

struct err;
struct event_base;
struct pool;

/**
 * struct pool_job - work for another thread
 * @run: called on a worker; must not touch what the event thread owns
 * @done: called on the event thread afterwards, exactly once for every accepted job
 * @arg: the submitter's
 *
 * The submitter keeps the memory until @done.
 */
struct pool_job {
	void (*run)(void *arg);
	void (*done)(void *arg);
	void *arg;
	struct pool_job *next;
};

/**
 * pool_new - start worker threads
 * @base: the loop on which jobs are completed
 * @workers: how many threads; 0: one for each CPU
 * @max_queued: how many accepted jobs may wait; the next one is refused
 */
struct pool *pool_new(struct event_base *base, unsigned int workers, unsigned int max_queued,
		      struct err *e);
/* 0; -EBUSY where the queue is full: the caller says no to its peer rather than grow. */
int pool_submit(struct pool *p, struct pool_job *job, struct err *e);
unsigned int pool_workers(const struct pool *p);
unsigned int pool_queued(struct pool *p);
/* Runs what was accepted to its end, calls every @done, joins the threads. */
void pool_free(struct pool *p);

#endif
