// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include <event2/event.h>

#include "daemon/pool.h"

struct job {
	struct pool_job base;
	sem_t *gate;
	atomic_int *ran;
	int *done, until;
	struct event_base *loop;
	pthread_t main;
};

static void run(void *arg)
{
	struct job *j = arg;

	if (j->gate)
		sem_wait(j->gate);
	assert_false(pthread_equal(pthread_self(), j->main));
	atomic_fetch_add(j->ran, 1);
}

static void done(void *arg)
{
	struct job *j = arg;

	assert_true(pthread_equal(pthread_self(), j->main));
	if (++*j->done == j->until)
		event_base_loopbreak(j->loop);
}

static void fill(struct job *j, size_t n, struct event_base *loop, sem_t *gate, atomic_int *ran,
		 int *finished)
{
	for (size_t i = 0; i < n; i++)
		j[i] = (struct job){ { run, done, &j[i], NULL }, gate, ran, finished, (int)n, loop,
				     pthread_self() };
}

static void completes(void **state)
{
	struct event_base *loop = event_base_new();
	struct err e = ERR_INIT;
	struct pool *p = pool_new(loop, 3, 100, &e);
	struct job jobs[100];
	atomic_int ran = 0;
	int finished = 0;

	assert_non_null(p);
	assert_int_equal(pool_workers(p), 3);
	fill(jobs, 100, loop, NULL, &ran, &finished);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pool_submit(p, &jobs[i].base, &e), 0);
	event_base_dispatch(loop);
	assert_int_equal(finished, 100);
	assert_int_equal(ran, 100);
	pool_free(p);
	event_base_free(loop);
}

static void full(void **state)
{
	struct event_base *loop = event_base_new();
	struct err e = ERR_INIT;
	struct pool *p = pool_new(loop, 1, 2, &e);
	struct job jobs[4];
	atomic_int ran = 0;
	int finished = 0, accepted = 0;
	sem_t gate;

	sem_init(&gate, 0, 0);
	fill(jobs, 4, loop, &gate, &ran, &finished);
	/* One at most is with the worker, two wait: the fourth cannot be taken. */
	for (int i = 0; i < 4; i++) {
		int ret = pool_submit(p, &jobs[i].base, &e);

		if (ret)
			assert_refused(ret, e, EBUSY, "jobs already wait");
		else
			accepted++;
	}
	assert_in_range(accepted, 2, 3);
	for (int i = 0; i < accepted; i++)
		sem_post(&gate);
	/* Nothing that was accepted is lost at the end. */
	pool_free(p);
	assert_int_equal(finished, accepted);
	assert_int_equal(ran, accepted);
	sem_destroy(&gate);
	event_base_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completes),
		cmocka_unit_test(full),
	};

	return run_tests(tests);
}
