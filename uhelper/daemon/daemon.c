// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon as a whole: what opens in which order, and what stays when it ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/keys.h"
#include "daemon/pool.h"

#define LINES_A_SECOND 10

/* FNV-1a: two daemons of one network namespace have two control sockets. */
static void instance_name(const char *control, char out[9])
{
	uint32_t h = 2166136261u;

	for (; *control; control++)
		h = (h ^ (uint8_t)*control) * 16777619u;
	snprintf(out, 9, "%08x", h);
}

static void on_news(void *arg, const char *name, enum keying_news what)
{
	struct daemon *d = arg;
	struct call *c = gw_call_find(d, name);

	if (!c || !c->up)
		return;
	if (what == KEYING_AUTHENTIC && (c->state == CALL_PROVISIONAL || c->confirm_by))
		gw_call_confirm(d, c);
	else if (what == KEYING_WIPED)
		gw_call_fail(d, c, "the kernel wiped its keys");
	exchange_rearm(d);
}

int daemon_keying(struct daemon *d, struct err *e)
{
	int ret;

	if (d->keying)
		return 0;
	ret = d->kops->open(d->base, d->instance, (unsigned int)d->cfg->grace, on_news, d, &d->keying,
			    e);
	if (!ret)
		adopt_all(d);
	return ret;
}

bool daemon_log_allows(struct daemon *d)
{
	return d->refusals++ < LINES_A_SECOND;
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	if (d->refusals > LINES_A_SECOND)
		log_warn("%u refusals in a second, not all of them logged", d->refusals);
	d->refusals = 0;
	calls_tick(d);
	exchange_rearm(d);
}

struct daemon *daemon_new(struct event_base *base, const struct config *cfg,
			  const struct keying_ops *kops, struct err *e)
{
	struct daemon *d = calloc(1, sizeof(*d));
	struct timeval second = { 1, 0 };
	struct err why = ERR_INIT;

	if (!d) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	d->base = base;
	d->cfg = cfg;
	d->kops = kops;
	d->started = time(NULL);
	instance_name(cfg->control, d->instance);
	/* First the control socket: it keeps a second daemon from the first one's calls. */
	d->control = control_new(base, cfg->control, &serve_ops, d, e);
	if (!d->control)
		goto fail;
	/* Room for what calls that run still have to do, after new ones are refused. */
	d->pool = pool_new(base, (unsigned int)cfg->workers,
			   (unsigned int)(cfg->max_jobs + cfg->max_calls), e);
	if (!d->pool)
		goto fail;
	d->keys = keys_new(base, cfg, e);
	if (!d->keys)
		goto fail;
	if (exchange_start(d, e))
		goto fail;
	d->second = event_new(base, -1, EV_PERSIST, on_second, d);
	if (!d->second || evtimer_add(d->second, &second)) {
		err_set(e, ENOMEM, "out of memory");
		goto fail;
	}
	if (daemon_keying(d, &why))
		log_warn("calls are refused until this is mended: %s", why.msg);
	return d;
fail:
	daemon_free(d, false);
	return NULL;
}

bool daemon_free(struct daemon *d, bool flush)
{
	struct call *c;
	bool idle;

	if (!d)
		return true;
	if (d->second)
		event_free(d->second);
	/* Jobs that are out are run and done while there is still an engine to take them. */
	pool_free(d->pool);
	while ((c = d->calls)) {
		/* Keys and flows outlive us by the grace time, for the next daemon to adopt. */
		if (!flush && c->up) {
			log_info("call %s: stays in the kernel for %d s", c->name, d->cfg->grace);
			media_close(&c->media);
			d->calls = c->next;
			free(c);
		} else {
			gw_call_free(d, c);
		}
	}
	control_free(d->control);
	exchange_stop(d);
	if (d->keying)
		d->kops->close(d->keying);
	idle = keys_free(d->keys);
	free(d->locals);
	free(d);
	return idle;
}
