// SPDX-License-Identifier: GPL-2.0-or-later
/* HTTPS in front of the key server: POST /mikey and GET /params. One event thread does all of the
 * protocol and the state; keys are extracted by a pool of threads meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "ibe/sysparams.h"
#include "kms/config.h"
#include "kms/listen.h"
#include "kms/pool.h"
#include "kms/reqkey.h"
#include "kms/server.h"

#define JOBS_MAX 64u		/* requests whose keys are being extracted */
#define JOBS_USER_MAX 2u	/* of them, of one user */
#define ANSWER_S 600		/* longest that an answer may take */
#define STOP_S 10		/* after SIGTERM */
#define EXPIRE_S 3600

/**
 * struct job - a request whose keys are being extracted
 * @work: for the pool
 * @is: the request
 * @http: its HTTP side
 * @done_next: in the server's list of those done
 * @next: in its list of all
 */
struct job {
	struct server *srv;
	struct kms_work work;
	struct kms_issue *is;
	struct evhttp_request *http;
	struct job *done_next;
	struct job *next;
};

/**
 * struct server - all of it
 * @jobs: in progress, @n_jobs
 * @lock: protects @done, which threads of the pool append to
 * @wake: eventfd, tells the event thread about @done
 */
struct server {
	struct event_base *base;
	struct listen *listen;
	struct kms_store *st;
	struct kms_pool *pool;
	struct job *jobs;
	unsigned int n_jobs;
	pthread_mutex_t lock;
	struct job *done;
	int wake;
	bool stopping;
	struct event *on_wake, *on_term, *on_int, *on_expire;
};

/* "192.0.2.1 port 4711" for the log. */
static const char *peer(struct evhttp_request *req, char *text, size_t size)
{
	struct evhttp_connection *c = evhttp_request_get_connection(req);
	char *addr = NULL;
	uint16_t port = 0;

	if (c)
		evhttp_connection_get_peer(c, &addr, &port);
	snprintf(text, size, "%s port %u", addr ? addr : "?", port);
	return text;
}

static void send_reply(struct evhttp_request *req, int status, const char *mime, const void *body,
		       size_t len)
{
	struct evkeyvalq *h = evhttp_request_get_output_headers(req);
	struct evbuffer *b = evbuffer_new();

	/* A request a connection: a client comes once a month. */
	evhttp_add_header(h, "Connection", "close");
	evhttp_add_header(h, "Cache-Control", "no-store");
	if (mime && len)
		evhttp_add_header(h, "Content-Type", mime);
	if (b && len)
		evbuffer_add(b, body, len);
	evhttp_send_reply(req, status, NULL, b);
	if (b)
		evbuffer_free(b);
}

static void answer(struct evhttp_request *req, struct kms_reply *r)
{
	char from[80];

	peer(req, from, sizeof(from));
	if (r->issued)
		log_info("user %s: %u keys issued to %s", r->user, r->issued, from);
	else if (r->status == 200)
		log_info("user %s: the same answer again to %s", r->user, from);
	else if (r->status >= 500)
		log_error("key request from %s failed: %s", from, r->why.msg);
	else
		log_warn("key request from %s refused: %s", from, r->why.msg);
	send_reply(req, r->status, KMS_MIME, r->body.data, r->body.len);
}

static void job_item(void *arg, size_t i)
{
	struct job *j = arg;

	kms_issue_extract(j->is, i);
}

/* On a thread of the pool. */
static void job_done(void *arg)
{
	struct job *j = arg;
	struct server *s = j->srv;
	uint64_t one = 1;

	pthread_mutex_lock(&s->lock);
	j->done_next = s->done;
	s->done = j;
	pthread_mutex_unlock(&s->lock);
	if (write(s->wake, &one, sizeof(one)) != sizeof(one))
		log_error("eventfd: %m");
}

static void job_free(struct server *s, struct job *j)
{
	struct job **p = &s->jobs;

	while (*p != j)
		p = &(*p)->next;
	*p = j->next;
	s->n_jobs--;
	kms_issue_free(j->is);
	free(j);
}

static void stop_soon(struct server *s, int seconds)
{
	struct timeval tv = { seconds, 0 };

	event_base_loopexit(s->base, &tv);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	struct kms_reply r;
	struct job *j;
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&s->lock);
	j = s->done;
	s->done = NULL;
	pthread_mutex_unlock(&s->lock);
	while (j) {
		struct job *next = j->done_next;

		kms_serve_end(s->st, j->is, (int64_t)time(NULL), &r);
		answer(j->http, &r);
		kms_reply_free(&r);
		job_free(s, j);
		j = next;
	}
	if (s->stopping && !s->n_jobs)
		stop_soon(s, 1);
}

/* Takes over @is. False where there is enough to do already. */
static bool job_start(struct server *s, struct evhttp_request *req, struct kms_issue *is)
{
	unsigned int of_user = 0;
	struct job *j;

	for (j = s->jobs; j; j = j->next)
		of_user += kms_issue_user(j->is) == kms_issue_user(is);
	j = s->n_jobs < JOBS_MAX && of_user < JOBS_USER_MAX && !s->stopping ?
	    calloc(1, sizeof(*j)) : NULL;
	if (!j) {
		kms_issue_free(is);
		return false;
	}
	j->srv = s;
	j->is = is;
	j->http = req;
	j->work = (struct kms_work){ .n = kms_issue_keys(is), .item = job_item, .done = job_done,
				     .arg = j };
	j->next = s->jobs;
	s->jobs = j;
	s->n_jobs++;
	listen_extend(req, ANSWER_S);
	kms_pool_submit(s->pool, &j->work);
	return true;
}

static void on_mikey(struct evhttp_request *req, void *arg)
{
	const char *type = evhttp_find_header(evhttp_request_get_input_headers(req),
					      "Content-Type");
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	size_t len = evbuffer_get_length(in);
	struct server *s = arg;
	struct kms_issue *is;
	struct kms_reply r;

	if (evhttp_request_get_command(req) != EVHTTP_REQ_POST) {
		send_reply(req, 405, NULL, NULL, 0);
		return;
	}
	if (!type || strncmp(type, KMS_MIME, strlen(KMS_MIME)) ||
	    (type[strlen(KMS_MIME)] && !strchr("; ", type[strlen(KMS_MIME)]))) {
		send_reply(req, 415, NULL, NULL, 0);
		return;
	}
	is = kms_serve_begin(s->st, len ? evbuffer_pullup(in, -1) : NULL, len,
			     (int64_t)time(NULL), KMS_KEMAC_MAX, &r);
	if (is) {
		if (!job_start(s, req, is))
			send_reply(req, 503, NULL, NULL, 0);
	} else {
		answer(req, &r);
	}
	kms_reply_free(&r);
}

static void on_params(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;
	struct buf body = BUF_INIT;

	if (evhttp_request_get_command(req) != EVHTTP_REQ_GET)
		send_reply(req, 405, NULL, NULL, 0);
	else if (ibe_sysparams_to_base64(kms_store_sys(s->st), &body))
		send_reply(req, 500, NULL, NULL, 0);
	else
		send_reply(req, 200, IBE_SYSPARAMS_MIME, body.data, body.len);
	buf_free(&body);
}

static void on_other(struct evhttp_request *req, void *arg)
{
	send_reply(req, 404, NULL, NULL, 0);
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct server *s = arg;

	if (s->stopping) {
		event_base_loopbreak(s->base);
		return;
	}
	log_info("stopping");
	s->stopping = true;
	listen_stop(s->listen);
	stop_soon(s, s->n_jobs ? STOP_S : 0);
}

static void on_expire(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	struct err e = ERR_INIT;

	if (kms_store_answer_expire(s->st, (int64_t)time(NULL) - KMS_KEEP_S, &e))
		log_error("%s", e.msg);
}

static int set_up(struct server *s, const struct kmsd_config *c, struct err *e)
{
	struct timeval hour = { EXPIRE_S, 0 };
	int ret;

	s->base = event_base_new();
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!s->base || s->wake < 0)
		return err_set(e, errno, "cannot start the event loop: %m");
	ret = kms_pool_new(c->workers, &s->pool, e);
	if (!ret)
		ret = listen_new(s->base, c, &s->listen, e);
	if (ret)
		return ret;
	evhttp_set_cb(listen_http(s->listen), KMS_PATH, on_mikey, s);
	evhttp_set_cb(listen_http(s->listen), KMS_PARAMS_PATH, on_params, s);
	evhttp_set_gencb(listen_http(s->listen), on_other, s);
	s->on_wake = event_new(s->base, s->wake, EV_READ | EV_PERSIST, on_wake, s);
	s->on_term = evsignal_new(s->base, SIGTERM, on_signal, s);
	s->on_int = evsignal_new(s->base, SIGINT, on_signal, s);
	s->on_expire = event_new(s->base, -1, EV_PERSIST, on_expire, s);
	if (!s->on_wake || !s->on_term || !s->on_int || !s->on_expire ||
	    event_add(s->on_wake, NULL) || event_add(s->on_term, NULL) ||
	    event_add(s->on_int, NULL) || event_add(s->on_expire, &hour))
		return err_set(e, ENOMEM, "cannot start the event loop");
	return 0;
}

static void tear_down(struct server *s)
{
	/* The threads first: they write to what is released below. */
	kms_pool_free(s->pool);
	while (s->jobs) {
		send_reply(s->jobs->http, 503, NULL, NULL, 0);
		job_free(s, s->jobs);
	}
	listen_free(s->listen);
	if (s->on_wake)
		event_free(s->on_wake);
	if (s->on_term)
		event_free(s->on_term);
	if (s->on_int)
		event_free(s->on_int);
	if (s->on_expire)
		event_free(s->on_expire);
	if (s->base)
		event_base_free(s->base);
	if (s->wake >= 0)
		close(s->wake);
	pthread_mutex_destroy(&s->lock);
}

int kms_server_run(const struct kmsd_config *c, struct kms_store *st, struct err *e)
{
	struct server s = { .st = st, .wake = -1, .lock = PTHREAD_MUTEX_INITIALIZER };
	const struct ibe_sysparams *sys = kms_store_sys(st);
	int ret;

	signal(SIGPIPE, SIG_IGN);
	ret = set_up(&s, c, e);
	if (!ret) {
		log_info("key server of %s, serial %llu, %u bits", sys->district,
			 (unsigned long long)sys->serial, ibe_params_bits(sys->bf));
		on_expire(-1, 0, &s);
		if (event_base_dispatch(s.base) < 0)
			ret = err_set(e, EIO, "the event loop failed");
	}
	tear_down(&s);
	return ret;
}
