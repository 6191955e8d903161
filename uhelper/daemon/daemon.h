/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_DAEMON_H
#define IBAKE_DAEMON_DAEMON_H

/* What the parts of the daemon share. Everything here belongs to the event thread. */
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/addr.h"
#include "daemon/keying.h"

struct call;
struct config;
struct control;
struct event;
struct event_base;
struct ibake_engine;
struct ibake_peer;
struct keys;
struct pool;
struct udp;

/**
 * struct daemon - one ibaked
 * @instance: marks its objects in the kernel, eight octets of text
 * @kops: where keys go
 * @keying: NULL while the kernel has no module
 * @locals: own addresses that messages came to or left from, for struct ibake_peer
 * @timer: the engine's next deadline
 * @second: once a second: waiting clients, provisional keys, old failures
 * @calls: newest first
 * @names: number of the next call that comes without a name
 * @refusals: lines in this second that daemon_log_allows() was asked about
 */
struct daemon {
	const struct config *cfg;
	char instance[9];
	struct event_base *base;
	const struct keying_ops *kops;
	struct keying *keying;
	struct keys *keys;
	struct pool *pool;
	struct control *control;
	struct udp **udp;
	size_t n_udp;
	struct addr *locals;
	size_t n_locals;
	struct ibake_engine *engine;
	struct event *timer, *second;
	struct call *calls;
	size_t n_calls;
	unsigned int names;
	unsigned int refusals;
	time_t started;
};

/**
 * daemon_new - open everything; calls work when this returns
 * @cfg: outlives the daemon
 * @kops: &keying_netlink, or what a test puts in its place
 *
 * A kernel without the module is no failure here: calls are refused, with the reason, until it is
 * loaded.
 */
struct daemon *daemon_new(struct event_base *base, const struct config *cfg,
			  const struct keying_ops *kops, struct err *e);
/* Calls stay in the kernel for the grace time, or go with @flush. False: as of keys_free(). */
bool daemon_free(struct daemon *d, bool flush);

/* The way to the kernel, opened now if it was not; adopts what an earlier daemon left. */
int daemon_keying(struct daemon *d, struct err *e);

/* Whether the log has room in this second for a line that anybody on the network can cause. */
bool daemon_log_allows(struct daemon *d);

/* exchange.c: the engine, its timer, its messages. */
int exchange_start(struct daemon *d, struct err *e);
void exchange_stop(struct daemon *d);
/* After anything that may have brought the engine's next deadline nearer. */
void exchange_rearm(struct daemon *d);
int exchange_path(struct daemon *d, const struct addr *via, struct ibake_peer *peer,
		  struct err *e);
/* The peer's address and port, of what exchange_path() or a message gave. */
void exchange_peer_addr(const struct ibake_peer *peer, struct addr *out);

/* adopt.c: calls that survived an earlier daemon; the files that describe them. */
void adopt_all(struct daemon *d);
void adopt_save(struct daemon *d, const struct call *c);
void adopt_forget(struct daemon *d, const struct call *c);

/* serve.c: the control socket's requests. */
extern const struct control_ops serve_ops;

#endif
