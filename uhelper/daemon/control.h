/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_CONTROL_H
#define IBAKE_DAEMON_CONTROL_H

#include <jansson.h>

#include "daemon/request.h"

struct event_base;
struct control;

/**
 * struct control_conn - one client of the control socket
 *
 * Ends when the client closes, breaks a limit, or does not read its answers. Whoever keeps a
 * pointer for a later answer hears of that by control_ops.closed().
 */
struct control_conn;

/**
 * struct control_ops - what the owner of the control socket does
 * @request: a checked request; answers now or later by control_send()
 * @closed: @conn is about to be freed
 */
struct control_ops {
	void (*request)(void *arg, struct control_conn *conn, const struct request *r);
	void (*closed)(void *arg, struct control_conn *conn);
};

/**
 * control_new - listen on a UNIX stream socket of mode 0600
 * @path: removed first if nobody answers there; its folder is created if it is missing
 */
struct control *control_new(struct event_base *base, const char *path,
			    const struct control_ops *ops, void *arg, struct err *e);
/* One line. Takes over the reference to @answer. */
void control_send(struct control_conn *conn, json_t *answer);
/* {"ok": false, "error": @sentence}, after which the client knows that its request is over. */
void control_refuse(struct control_conn *conn, const char *sentence);
/* Closes all connections and removes the socket. */
void control_free(struct control *c);

#endif
