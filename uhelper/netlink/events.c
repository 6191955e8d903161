// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: a socket of their own, so that they never mix with the answers to requests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "netlink/nl.h"

struct ksrtp_events {
	struct ksrtp_nl *nl;
};

/* What nl_feed() calls for each message. */
struct sink {
	ksrtp_event_fn *fn;
	void *arg;
};

int ksrtp_events_open(struct ksrtp_events **out, struct err *e)
{
	struct ksrtp_events *ev = calloc(1, sizeof(*ev));
	int ret, group;

	*out = NULL;
	if (!ev)
		return err_set(e, ENOMEM, "out of memory");
	ret = ksrtp_nl_open(&ev->nl, e);
	if (ret)
		goto err_free;
	group = genl_ctrl_resolve_grp(ev->nl->sk, KSRTP_FAMILY_NAME, KSRTP_MCGRP_EVENTS);
	if (group < 0) {
		ret = err_set(e, ENOENT, "the kernel module ksrtp has no events");
		goto err_close;
	}
	ret = nl_socket_add_membership(ev->nl->sk, group);
	if (ret < 0) {
		ret = ret != -NLE_PERM ?
			err_set(e, EIO, "cannot subscribe to events: %s", nl_geterror(ret)) :
			err_set(e, EPERM, "not permitted: events need CAP_NET_ADMIN over the "
				"network namespace");
		goto err_close;
	}
	*out = ev;
	return 0;

err_close:
	ksrtp_nl_close(ev->nl);
err_free:
	free(ev);
	return ret;
}

void ksrtp_events_close(struct ksrtp_events *ev)
{
	if (!ev)
		return;
	ksrtp_nl_close(ev->nl);
	free(ev);
}

int ksrtp_events_fd(const struct ksrtp_events *ev)
{
	return nl_socket_get_fd(ev->nl->sk);
}

int event_decode(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct nlattr *tb[KSRTP_A_EVENT_MAX + 1] = { NULL };
	struct ksrtp_event *ev = arg;

	memset(ev, 0, sizeof(*ev));
	if (nla_parse(tb, KSRTP_A_EVENT_MAX, attrs, len, NULL) < 0)
		return nl_bad_reply("event", e);
	ev->cmd = cmd;
	ev->has_sa = tb[KSRTP_A_EVENT_SA_ID];
	ev->has_flow = tb[KSRTP_A_EVENT_FLOW_ID];
	ev->has_ssrc = tb[KSRTP_A_EVENT_SSRC];
	if (!nl_get_u32(tb, KSRTP_A_EVENT_SA_ID, &ev->sa_id) ||
	    !nl_get_u32(tb, KSRTP_A_EVENT_FLOW_ID, &ev->flow_id) ||
	    !nl_get_u32(tb, KSRTP_A_EVENT_GENERATION, &ev->generation) ||
	    !nl_get_cookie(tb, KSRTP_A_EVENT_COOKIE, &ev->cookie) ||
	    !nl_get_mki(tb, KSRTP_A_EVENT_MKI, &ev->mki) ||
	    !nl_get_u32(tb, KSRTP_A_EVENT_SSRC, &ev->ssrc) ||
	    !nl_get_u32(tb, KSRTP_A_EVENT_GRACE, &ev->grace) ||
	    !nl_get_u32(tb, KSRTP_A_EVENT_WIPE, &ev->wipe) ||
	    !nl_get_u64(tb, KSRTP_A_EVENT_PACKETS, &ev->packets))
		return nl_bad_reply("event", e);
	return 0;
}

static int deliver(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct sink *sink = arg;
	struct ksrtp_event ev;
	int ret = event_decode(cmd, attrs, len, &ev, e);

	if (!ret)
		sink->fn(&ev, sink->arg);
	return ret;
}

int ksrtp_events_read(struct ksrtp_events *ev, ksrtp_event_fn *fn, void *arg, struct err *e)
{
	struct sink sink = { fn, arg };
	struct nl_walk w = { .family = ev->nl->family, .any = true, .fn = deliver, .arg = &sink };
	struct sockaddr_nl from = { 0 };
	socklen_t from_len;
	ssize_t n;
	int ret;

	for (;;) {
		from_len = sizeof(from);
		n = recvfrom(ksrtp_events_fd(ev), ev->nl->recv, sizeof(ev->nl->recv), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &from_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0 && errno == ENOBUFS)
			return err_set(e, ENOBUFS, "events were lost: too many at once");
		if (n < 0)
			return err_set(e, errno, "netlink: %s", strerror(errno));
		if (from.nl_pid)
			continue;	/* not the kernel */
		w.done = false;
		ret = nl_feed(&w, ev->nl->recv, (size_t)n, e);
		if (ret)
			return ret;
	}
}
