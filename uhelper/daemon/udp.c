// SPDX-License-Identifier: GPL-2.0-or-later
/* MIKEY over UDP: datagrams with the local address that they came to, and leave from. */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "daemon/udp.h"

/* As much at once; then other events have their turn. */
#define DATAGRAMS_AT_ONCE 32

struct udp {
	int fd;
	struct event *ev;
	struct addr listen;
	bool any;
	udp_fn *fn;
	void *arg;
};

union control_space {
	struct cmsghdr align;
	char v4[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char v6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static bool is_any(const struct addr *a)
{
	const struct sockaddr_in *a4 = (const void *)&a->ss;
	const struct sockaddr_in6 *a6 = (const void *)&a->ss;

	return a->ss.ss_family == AF_INET ? a4->sin_addr.s_addr == htonl(INADDR_ANY) :
					    IN6_IS_ADDR_UNSPECIFIED(&a6->sin6_addr);
}

/* The destination of a datagram, from its ancillary data. */
static void local_from(struct msghdr *mh, struct addr *local)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		struct sockaddr_in *a4 = (void *)&local->ss;
		struct sockaddr_in6 *a6 = (void *)&local->ss;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo pi;

			memcpy(&pi, CMSG_DATA(c), sizeof(pi));
			a4->sin_addr = pi.ipi_spec_dst;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo pi;

			memcpy(&pi, CMSG_DATA(c), sizeof(pi));
			a6->sin6_addr = pi.ipi6_addr;
			a6->sin6_scope_id = IN6_IS_ADDR_LINKLOCAL(&pi.ipi6_addr) ? pi.ipi6_ifindex : 0;
		}
	}
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t data[65536];
	struct udp *u = arg;

	for (int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
		struct udp_path path = { .local = u->listen };
		union control_space control;
		struct iovec iov = { data, sizeof(data) };
		struct msghdr mh = {
			.msg_name = &path.peer.ss,
			.msg_namelen = sizeof(path.peer.ss),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(fd, &mh, 0);

		/* ECONNREFUSED and the like tell of an earlier send; retransmission deals with it. */
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			continue;
		if (n < 0)
			return;
		path.peer.len = mh.msg_namelen;
		local_from(&mh, &path.local);
		u->fn(u->arg, &path, data, (size_t)n);
	}
}

static int bind_socket(struct udp *u)
{
	int one = 1, ret;

	if (u->listen.ss.ss_family == AF_INET6)
		ret = setsockopt(u->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) ?:
		      setsockopt(u->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one));
	else
		ret = setsockopt(u->fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
	return ret ?: bind(u->fd, (struct sockaddr *)&u->listen.ss, u->listen.len);
}

struct udp *udp_new(struct event_base *base, const struct addr *listen, udp_fn *fn, void *arg,
		    struct err *e)
{
	struct udp *u = calloc(1, sizeof(*u));
	char text[ADDR_TEXT_MAX];

	if (!u) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	u->listen = *listen;
	u->any = is_any(listen);
	u->fn = fn;
	u->arg = arg;
	u->fd = socket(listen->ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (u->fd < 0 || bind_socket(u))
		goto fail;
	u->ev = event_new(base, u->fd, EV_READ | EV_PERSIST, on_readable, u);
	if (!u->ev || event_add(u->ev, NULL))
		goto fail;
	return u;
fail:
	err_set(e, errno ? errno : ENOMEM, "cannot listen on %s: %s", addr_format(listen, text),
		strerror(errno ? errno : ENOMEM));
	udp_free(u);
	return NULL;
}

void udp_free(struct udp *u)
{
	if (!u)
		return;
	if (u->ev)
		event_free(u->ev);
	if (u->fd >= 0)
		close(u->fd);
	free(u);
}

int udp_owns(const struct udp *u, const struct addr *local)
{
	return u->any ? u->listen.ss.ss_family == local->ss.ss_family &&
				addr_port(&u->listen) == addr_port(local) :
			addr_equal(&u->listen, local);
}

int udp_source_for(const struct udp *u, const struct addr *peer, struct addr *local, struct err *e)
{
	char text[ADDR_TEXT_MAX];
	int fd, ret = 0;

	if (u->listen.ss.ss_family != peer->ss.ss_family)
		return err_set(e, EADDRNOTAVAIL, "no listening address of the family of %s",
			       addr_format(peer, text));
	if (!u->any) {
		*local = u->listen;
		return 0;
	}
	/* connect() on a datagram socket sends nothing and fills in the source address. */
	fd = socket(peer->ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	local->len = sizeof(local->ss);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&peer->ss, peer->len) ||
	    getsockname(fd, (struct sockaddr *)&local->ss, &local->len))
		ret = err_set(e, errno, "no route to %s: %s", addr_format(peer, text), strerror(errno));
	if (fd >= 0)
		close(fd);
	addr_set_port(local, addr_port(&u->listen));
	return ret;
}

int udp_send(const struct udp *u, const struct udp_path *path, const void *data, size_t len,
	     struct err *e)
{
	const struct sockaddr_in *a4 = (const void *)&path->local.ss;
	const struct sockaddr_in6 *a6 = (const void *)&path->local.ss;
	union control_space control = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr mh = {
		.msg_name = (void *)&path->peer.ss,
		.msg_namelen = path->peer.len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
	};
	char text[ADDR_TEXT_MAX];
	struct cmsghdr *c;

	if (len > UDP_MESSAGE_MAX)
		return err_set(e, EMSGSIZE, "a message of %zu octets is too large for a datagram (%d)",
			       len, UDP_MESSAGE_MAX);
	if (path->local.ss.ss_family == AF_INET) {
		struct in_pktinfo pi = { .ipi_spec_dst = a4->sin_addr };

		mh.msg_controllen = CMSG_SPACE(sizeof(pi));
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(pi));
		memcpy(CMSG_DATA(c), &pi, sizeof(pi));
	} else {
		struct in6_pktinfo pi = { .ipi6_addr = a6->sin6_addr,
					  .ipi6_ifindex = a6->sin6_scope_id };

		mh.msg_controllen = CMSG_SPACE(sizeof(pi));
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(pi));
		memcpy(CMSG_DATA(c), &pi, sizeof(pi));
	}
	if (sendmsg(u->fd, &mh, 0) < 0)
		return err_set(e, errno, "cannot send to %s: %s", addr_format(&path->peer, text),
			       strerror(errno));
	return 0;
}
