// SPDX-License-Identifier: GPL-2.0-or-later
/* The UDP sockets of a call's media. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/media.h"

static const char *const leg_names[LEGS] = {
	[LEG_PLAIN_RTP] = "plain-rtp",
	[LEG_PLAIN_RTCP] = "plain-rtcp",
	[LEG_SECURE_RTP] = "secure-rtp",
	[LEG_SECURE_RTCP] = "secure-rtcp",
};

const char *leg_name(enum leg leg)
{
	return leg_names[leg];
}

static void above(struct addr *a, enum leg leg)
{
	if (leg == LEG_PLAIN_RTCP || leg == LEG_SECURE_RTCP)
		addr_set_port(a, (uint16_t)(addr_port(a) + 1));
}

void media_local(const struct media_addrs *a, enum leg leg, struct addr *out)
{
	*out = leg == LEG_PLAIN_RTP || leg == LEG_PLAIN_RTCP ? a->plain : a->secure;
	above(out, leg);
}

void media_far(const struct media_addrs *a, enum leg leg, struct addr *out)
{
	*out = leg == LEG_PLAIN_RTP || leg == LEG_PLAIN_RTCP ? a->phone : a->remote;
	above(out, leg);
}

static int leg_open(const struct addr *a, enum leg leg, struct err *e)
{
	int fd = socket(a->ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char text[ADDR_TEXT_MAX];
	int one = 1, least = 1;

	if (fd < 0)
		return err_set(e, errno, "cannot open a socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	if ((a->ss.ss_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
	    bind(fd, (const struct sockaddr *)&a->ss, a->len)) {
		int code = errno;

		close(fd);
		if (code == EADDRINUSE)
			return err_set(e, code, "port in use: %s (%s)", addr_format(a, text),
				       leg_names[leg]);
		return err_set(e, code, "cannot bind %s (%s): %s", addr_format(a, text),
			       leg_names[leg], strerror(code));
	}
	return fd;
}

int media_open(struct media *m, const struct media_addrs *addrs, struct err *e)
{
	struct addr a;
	int leg;

	m->addrs = *addrs;
	for (leg = 0; leg < LEGS; leg++)
		m->fd[leg] = -1;
	for (leg = 0; leg < LEGS; leg++) {
		media_local(addrs, (enum leg)leg, &a);
		m->fd[leg] = leg_open(&a, (enum leg)leg, e);
		if (m->fd[leg] < 0) {
			int ret = m->fd[leg];

			media_close(m);
			return ret;
		}
	}
	return 0;
}

void media_close(struct media *m)
{
	for (int leg = 0; leg < LEGS; leg++) {
		if (m->fd[leg] >= 0)
			close(m->fd[leg]);
		m->fd[leg] = -1;
	}
}
