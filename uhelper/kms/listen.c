// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/log.h"
#include "kms/config.h"
#include "kms/listen.h"
#include "kms/reqkey.h"
#include "kms/tls.h"

#define REQUEST_S 20	/* handshake and whole request */
#define IDLE_S 10	/* without an octet */
#define HEADERS_MAX 8192

/**
 * struct listen - sockets, HTTP, TLS
 * @conns: open connections
 * @max: how many there may be; the kernel's backlog holds back others
 * @paused: accepting has stopped because of @max
 * @stopped: for good
 */
struct listen {
	struct event_base *base;
	struct evhttp *http;
	SSL_CTX *tls;
	struct evconnlistener *sock[KMSD_LISTEN_MAX];
	size_t n_socks;
	unsigned int conns;
	unsigned int max;
	bool paused;
	bool stopped;
};

/**
 * struct conn - one connection; lives as long as its SSL object
 * @bev: what evhttp reads and writes; it owns the SSL object
 * @deadline: ends the connection
 */
struct conn {
	struct listen *l;
	struct bufferevent *bev;
	struct event *deadline;
};

static int conn_index = -1;

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	/* evhttp sees the end of the connection and cleans up by itself. */
	shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
}

static void accepting(struct listen *l, bool on)
{
	for (size_t i = 0; i < l->n_socks; i++) {
		if (on)
			evconnlistener_enable(l->sock[i]);
		else
			evconnlistener_disable(l->sock[i]);
	}
}

static void conn_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
	struct conn *c = ptr;

	if (!c)
		return;
	event_free(c->deadline);
	c->l->conns--;
	if (c->l->paused && !c->l->stopped) {
		c->l->paused = false;
		accepting(c->l, true);
	}
	free(c);
}

/* For evhttp, which would fall back to plain TCP if it were given NULL: there is no way to go on
 * without memory here.
 */
static struct bufferevent *conn_new(struct event_base *base, void *arg)
{
	struct timeval limit = { REQUEST_S, 0 };
	struct conn *c = calloc(1, sizeof(*c));
	struct listen *l = arg;
	SSL *ssl = SSL_new(l->tls);

	if (!c || !ssl)
		goto fatal;
	c->l = l;
	c->deadline = evtimer_new(base, on_deadline, c);
	c->bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
						BEV_OPT_CLOSE_ON_FREE);
	if (!c->deadline || !c->bev || event_add(c->deadline, &limit) ||
	    SSL_set_ex_data(ssl, conn_index, c) != 1)
		goto fatal;
	bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
	if (++l->conns >= l->max && !l->paused) {
		l->paused = true;
		accepting(l, false);
		log_warn("%u connections: no more for now", l->conns);
	}
	return c->bev;
fatal:
	log_error("out of memory");
	abort();
}

void listen_extend(struct evhttp_request *req, int seconds)
{
	struct evhttp_connection *ec = evhttp_request_get_connection(req);
	struct timeval limit = { seconds, 0 };
	struct conn *c;
	SSL *ssl;

	if (!ec)
		return;
	ssl = bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(ec));
	c = ssl ? SSL_get_ex_data(ssl, conn_index) : NULL;
	if (c)
		event_add(c->deadline, &limit);
}

static int bind_one(struct listen *l, const char *where, struct err *e)
{
	struct evconnlistener *sock;
	char text[ADDR_TEXT_MAX];
	size_t len = strlen(where);
	struct addr a;
	int ret;

	/* Port 0, "any that is free", is an address for listening only. */
	if (len > 2 && len < sizeof(text) - 1 && !strcmp(where + len - 2, ":0")) {
		snprintf(text, sizeof(text), "%.*s1", (int)len - 1, where);
		ret = addr_parse(text, 0, &a, e);
		if (!ret)
			addr_set_port(&a, 0);
	} else {
		ret = addr_parse(where, 0, &a, e);
	}
	if (ret) {
		err_add(e, "listen");
		return ret;
	}
	sock = evconnlistener_new_bind(l->base, NULL, NULL,
				       LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC |
				       LEV_OPT_CLOSE_ON_FREE, 64, (struct sockaddr *)&a.ss,
				       (int)a.len);
	if (!sock)
		return err_set(e, errno, "cannot listen at %s: %s", where, strerror(errno));
	if (!evhttp_bind_listener(l->http, sock)) {
		evconnlistener_free(sock);
		return err_set(e, ENOMEM, "out of memory");
	}
	l->sock[l->n_socks++] = sock;
	getsockname(evconnlistener_get_fd(sock), (struct sockaddr *)&a.ss, &a.len);
	log_info("listening at %s", addr_format(&a, text));
	return 0;
}

int listen_new(struct event_base *base, const struct kmsd_config *c, struct listen **out,
	       struct err *e)
{
	struct listen *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return err_set(e, ENOMEM, "out of memory");
	l->base = base;
	l->max = c->max_connections;
	if (conn_index < 0)
		conn_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, conn_free);
	ret = tls_server(c->tls_cert, c->tls_key, &l->tls, e);
	if (ret)
		goto fail;
	l->http = evhttp_new(base);
	if (!l->http || conn_index < 0) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto fail;
	}
	evhttp_set_bevcb(l->http, conn_new, l);
	evhttp_set_timeout(l->http, IDLE_S);
	evhttp_set_max_body_size(l->http, KMS_REQUEST_MAX);
	evhttp_set_max_headers_size(l->http, HEADERS_MAX);
	evhttp_set_allowed_methods(l->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	for (size_t i = 0; i < c->n_listen; i++) {
		ret = bind_one(l, c->listen[i], e);
		if (ret)
			goto fail;
	}
	*out = l;
	return 0;
fail:
	listen_free(l);
	return ret;
}

struct evhttp *listen_http(struct listen *l)
{
	return l->http;
}

void listen_stop(struct listen *l)
{
	l->stopped = true;
	accepting(l, false);
}

void listen_free(struct listen *l)
{
	if (!l)
		return;
	/* Freeing connections must not start to accept again. */
	l->stopped = true;
	if (l->http)
		evhttp_free(l->http);
	SSL_CTX_free(l->tls);
	free(l);
}
