/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_LISTEN_H
#define IBAKE_KMS_LISTEN_H

#include <event2/event.h>
#include <event2/http.h>

struct err;
struct kmsd_config;
struct listen;

/* HTTP over TLS at the addresses of the configuration: a bound on connections, and on the time
 * from a connection to its whole request, however slowly its octets come.
 */
int listen_new(struct event_base *base, const struct kmsd_config *c, struct listen **out,
	       struct err *e);
struct evhttp *listen_http(struct listen *l);
/* No new connections. */
void listen_stop(struct listen *l);
void listen_free(struct listen *l);
/* The request is there: its connection may live for another @seconds. */
void listen_extend(struct evhttp_request *req, int seconds);

#endif
