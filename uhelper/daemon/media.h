/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_MEDIA_H
#define IBAKE_DAEMON_MEDIA_H

#include "daemon/request.h"

/* The four local ports of a call. */
enum leg {
	LEG_PLAIN_RTP,
	LEG_PLAIN_RTCP,
	LEG_SECURE_RTP,
	LEG_SECURE_RTCP,
	LEGS,
};

/**
 * struct media - the sockets that keep a call's ports, from its start to its end
 * @addrs: as configured or asked for
 * @fd: by enum leg, -1 where there is none
 *
 * Before keys are there they hold the ports and nothing is relayed; afterwards the kernel takes the
 * media before it reaches them. What they receive is never read, so their queues are minimal.
 */
struct media {
	struct media_addrs addrs;
	int fd[LEGS];
};

/* -EADDRINUSE and the like with a sentence that names the port; nothing stays open then. */
int media_open(struct media *m, const struct media_addrs *addrs, struct err *e);
void media_close(struct media *m);
/* The local address of a leg, and the one at its other end. */
void media_local(const struct media_addrs *a, enum leg leg, struct addr *out);
void media_far(const struct media_addrs *a, enum leg leg, struct addr *out);
const char *leg_name(enum leg leg);

#endif
