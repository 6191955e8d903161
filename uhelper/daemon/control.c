// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket: lines of JSON between this daemon and the ibake command. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/control.h"

#define CONNS_MAX 64
/* A client that leaves this much unread is gone for us. */
#define UNREAD_MAX (4u << 20)

struct control_conn {
	struct control *control;
	struct bufferevent *bev;
	struct control_conn *next, **prev;
	bool closing;
};

struct control {
	const struct control_ops *ops;
	void *arg;
	struct evconnlistener *listener;
	struct control_conn *conns;
	unsigned int count;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void conn_free(struct control_conn *conn)
{
	struct control *c = conn->control;

	c->ops->closed(c->arg, conn);
	*conn->prev = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	c->count--;
	bufferevent_free(conn->bev);
	free(conn);
}

void control_send(struct control_conn *conn, json_t *answer)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;

	if (text && !conn->closing) {
		evbuffer_add(out, text, strlen(text));
		evbuffer_add(out, "\n", 1);
		/* Not freed here: the caller still works with @conn. */
		if (evbuffer_get_length(out) > UNREAD_MAX) {
			conn->closing = true;
			bufferevent_trigger_event(conn->bev, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
		}
	}
	free(text);
	json_decref(answer);
}

void control_refuse(struct control_conn *conn, const char *sentence)
{
	char text[sizeof(((struct err *)0)->msg)];
	size_t i;

	/* It may quote the request, cut anywhere; JSON wants UTF-8. */
	for (i = 0; sentence[i] && i < sizeof(text) - 1; i++)
		text[i] = sentence[i] < ' ' || sentence[i] > '~' ? '?' : sentence[i];
	text[i] = '\0';
	control_send(conn, json_pack("{s:b, s:s}", "ok", 0, "error", text));
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct control_conn *conn = arg;

	if (conn->closing)
		conn_free(conn);
}

/* The answer, whatever of it fits, then the end. */
static void conn_close_after(struct control_conn *conn)
{
	conn->closing = true;
	bufferevent_disable(conn->bev, EV_READ);
	if (!evbuffer_get_length(bufferevent_get_output(conn->bev)))
		conn_free(conn);
}

static void on_readable(struct bufferevent *bev, void *arg)
{
	struct control_conn *conn = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	struct control *c = conn->control;
	struct err e = ERR_INIT;
	struct request r;
	size_t len;
	char *line;

	while (!conn->closing && (line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF))) {
		if (request_parse(line, len, &r, &e))
			control_refuse(conn, e.msg);
		else
			c->ops->request(c->arg, conn, &r);
		free(line);
	}
	if (!conn->closing && evbuffer_get_length(in) > REQUEST_LINE_MAX) {
		control_refuse(conn, "a request is longer than a line may be");
		conn_close_after(conn);
	}
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
		conn_free(arg);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int salen,
		      void *arg)
{
	struct control *c = arg;
	struct control_conn *conn;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ||
	    (peer.uid && peer.uid != geteuid())) {
		log_warn("control socket: refused a client of another user");
		close(fd);
		return;
	}
	conn = c->count < CONNS_MAX ? calloc(1, sizeof(*conn)) : NULL;
	if (!conn) {
		log_warn("control socket: refused a client, %u are connected", c->count);
		close(fd);
		return;
	}
	conn->bev = bufferevent_socket_new(evconnlistener_get_base(l), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!conn->bev) {
		free(conn);
		close(fd);
		return;
	}
	conn->control = c;
	conn->next = c->conns;
	conn->prev = &c->conns;
	if (c->conns)
		c->conns->prev = &conn->next;
	c->conns = conn;
	c->count++;
	bufferevent_setcb(conn->bev, on_readable, on_written, on_event, conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, REQUEST_LINE_MAX + 1);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}

/* Removes what a daemon that died left behind, not what a living one answers on. */
static int path_take(const char *path, const struct sockaddr_un *sun, struct err *e)
{
	char dir[sizeof(sun->sun_path)];
	char *slash;
	int fd, ret;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash && slash != dir) {
		*slash = '\0';
		if (mkdir(dir, 0755) && errno != EEXIST)
			return err_set(e, errno, "cannot create %s: %s", dir, strerror(errno));
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, errno, "control socket: %s", strerror(errno));
	ret = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	if (!ret)
		ret = err_set(e, EADDRINUSE, "another daemon answers on %s", path);
	else if (errno == ECONNREFUSED)
		ret = unlink(path) ? err_set(e, errno, "cannot remove %s: %s", path, strerror(errno)) : 0;
	else if (errno == ENOENT)
		ret = 0;
	else
		ret = err_set(e, errno, "control socket %s: %s", path, strerror(errno));
	close(fd);
	return ret;
}

struct control *control_new(struct event_base *base, const char *path,
			    const struct control_ops *ops, void *arg, struct err *e)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct control *c;
	mode_t mask;
	int fd, ret;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		err_set(e, ENAMETOOLONG, "control socket path is longer than %zu octets",
			sizeof(sun.sun_path) - 1);
		return NULL;
	}
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (path_take(path, &sun, e))
		return NULL;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		goto fail;
	/* Narrow from the first moment: a chmod() afterwards would leave a gap. */
	mask = umask(0177);
	ret = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (ret)
		goto fail_close;
	c = calloc(1, sizeof(*c));
	if (!c)
		goto fail_unlink;
	c->ops = ops;
	c->arg = arg;
	memcpy(c->path, sun.sun_path, sizeof(c->path));
	c->listener = evconnlistener_new(base, on_accept, c, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
					 16, fd);
	if (!c->listener) {
		free(c);
		goto fail_unlink;
	}
	return c;
fail_unlink:
	unlink(path);
fail_close:
	close(fd);
fail:
	err_set(e, errno ? errno : ENOMEM, "control socket %s: %s", path,
		strerror(errno ? errno : ENOMEM));
	return NULL;
}

void control_free(struct control *c)
{
	struct control_conn *conn, *next;

	if (!c)
		return;
	for (conn = c->conns; conn; conn = next) {
		next = conn->next;
		conn_free(conn);
	}
	evconnlistener_free(c->listener);
	unlink(c->path);
	free(c);
}
