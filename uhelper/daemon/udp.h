/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_UDP_H
#define IBAKE_DAEMON_UDP_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct err;
struct event_base;

/* Larger messages are not sent as datagrams: fragments get lost on the way. Wire profile. */
#define UDP_MESSAGE_MAX 1200

/**
 * struct udp_path - between which two addresses a datagram travelled
 * @local: ours, with the listening port
 * @peer: the other side's
 */
struct udp_path {
	struct addr local, peer;
};

struct udp;
typedef void udp_fn(void *arg, const struct udp_path *path, const uint8_t *data, size_t len);

/* Binds to @listen (a wildcard too) and calls @fn on each datagram. */
struct udp *udp_new(struct event_base *base, const struct addr *listen, udp_fn *fn, void *arg,
		    struct err *e);
void udp_free(struct udp *u);
/* True where a datagram with source address @local can leave from this socket. */
int udp_owns(const struct udp *u, const struct addr *local);
/* The address that the routing table would send from, if @u may use it; else -EADDRNOTAVAIL. */
int udp_source_for(const struct udp *u, const struct addr *peer, struct addr *local, struct err *e);
int udp_send(const struct udp *u, const struct udp_path *path, const void *data, size_t len,
	     struct err *e);

#endif
