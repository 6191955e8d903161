// SPDX-License-Identifier: GPL-2.0-or-later
/* Flows: ports of sockets, and where their media goes. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/nl.h"

#define DUMP_TRIES 8

/* Address and port; an unset family puts nothing. Non-zero: no room. */
static int put_addr(struct nl_msg *m, int addr, int port, const struct sockaddr_storage *ss,
		    bool any_port)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;
	in_port_t p;

	switch (ss->ss_family) {
	case AF_INET:
		p = v4->sin_port;
		if (nla_put(m, addr, sizeof(v4->sin_addr), &v4->sin_addr))
			return -1;
		break;
	case AF_INET6:
		p = v6->sin6_port;
		if (nla_put(m, addr, sizeof(v6->sin6_addr), &v6->sin6_addr))
			return -1;
		break;
	default:
		return 0;
	}
	return !p && any_port ? 0 : nla_put(m, port, sizeof(p), &p);
}

static uint32_t scope_of(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)ss)->sin6_scope_id : 0;
}

static int put_destination(struct nl_msg *m, const struct ksrtp_dst_new *d)
{
	struct nlattr *nest = nla_nest_start(m, KSRTP_A_FLOW_DESTINATION | NLA_F_NESTED);
	uint32_t ifindex = d->ifindex ? d->ifindex : scope_of(&d->addr);

	if (!nest ||
	    put_addr(m, KSRTP_A_DESTINATION_ADDR, KSRTP_A_DESTINATION_PORT, &d->addr, false) ||
	    (d->socket_fd >= 0 &&
	     nla_put_u32(m, KSRTP_A_DESTINATION_SOCKET_FD, (uint32_t)d->socket_fd)) ||
	    (ifindex && nla_put_u32(m, KSRTP_A_DESTINATION_IFINDEX, ifindex)) ||
	    (d->tx_sa && nla_put_u32(m, KSRTP_A_DESTINATION_TX_SA, d->tx_sa)))
		return -1;
	nla_nest_end(m, nest);
	return 0;
}

int ksrtp_flow_add(struct ksrtp_nl *nl, const struct ksrtp_flow_new *f, struct ksrtp_ref *ref,
		   struct err *e)
{
	struct nl_msg *m = nl_request(nl, KSRTP_CMD_FLOW_NEW, 0);
	uint32_t ifindex = f->ifindex ? f->ifindex : scope_of(&f->remote);
	struct ksrtp_ref got = { 0, 0 };
	size_t i;
	int ret;

	if (!m || (f->id && nla_put_u32(m, KSRTP_A_FLOW_ID, f->id)) ||
	    nla_put_u32(m, KSRTP_A_FLOW_KIND, f->kind) ||
	    nla_put_u32(m, KSRTP_A_FLOW_SOCKET_FD, (uint32_t)f->socket_fd) ||
	    put_addr(m, KSRTP_A_FLOW_REMOTE_ADDR, KSRTP_A_FLOW_REMOTE_PORT, &f->remote, true) ||
	    (ifindex && nla_put_u32(m, KSRTP_A_FLOW_IFINDEX, ifindex)) ||
	    (f->rx_sa && nla_put_u32(m, KSRTP_A_FLOW_RX_SA, f->rx_sa)) ||
	    nl_put_cookie(m, KSRTP_A_FLOW_COOKIE, &f->cookie) ||
	    (f->owned && nla_put_flag(m, KSRTP_A_FLOW_OWNED)) ||
	    ((f->grace || f->grace_now) && nla_put_u32(m, KSRTP_A_FLOW_GRACE, f->grace)))
		return nl_overflow(m, e);
	for (i = 0; i < f->n_dst; i++)
		if (put_destination(m, &f->dst[i]))
			return nl_overflow(m, e);
	ret = nl_transact(nl, m, flow_ref_decode, &got, e);
	if (!ret && !got.id)
		ret = nl_bad_reply("flow: no id", e);
	if (!ret && ref)
		*ref = got;
	return ret;
}

int ksrtp_flow_del(struct ksrtp_nl *nl, uint32_t id, uint32_t generation, struct err *e)
{
	struct nl_msg *m = nl_request(nl, KSRTP_CMD_FLOW_DEL, 0);

	if (!m || nla_put_u32(m, KSRTP_A_FLOW_ID, id) ||
	    (generation && nla_put_u32(m, KSRTP_A_FLOW_GENERATION, generation)))
		return nl_overflow(m, e);
	return nl_transact(nl, m, NULL, NULL, e);
}

int flow_ref_decode(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct nlattr *tb[KSRTP_A_FLOW_MAX + 1] = { NULL };
	struct ksrtp_ref *ref = arg;

	if (nla_parse(tb, KSRTP_A_FLOW_MAX, attrs, len, NULL) < 0 || !tb[KSRTP_A_FLOW_ID] ||
	    !tb[KSRTP_A_FLOW_GENERATION] || !nl_get_u32(tb, KSRTP_A_FLOW_ID, &ref->id) ||
	    !nl_get_u32(tb, KSRTP_A_FLOW_GENERATION, &ref->generation))
		return nl_bad_reply("flow", e);
	return 0;
}

static bool decode_destination(struct nlattr *nest, struct ksrtp_dst *d)
{
	struct nlattr *tb[KSRTP_A_DESTINATION_MAX + 1] = { NULL };

	memset(d, 0, sizeof(*d));
	return nla_parse(tb, KSRTP_A_DESTINATION_MAX, nla_data(nest), nla_len(nest), NULL) >= 0 &&
	       tb[KSRTP_A_DESTINATION_ADDR] &&
	       nl_get_u32(tb, KSRTP_A_DESTINATION_IFINDEX, &d->ifindex) &&
	       nl_get_addr(tb, KSRTP_A_DESTINATION_ADDR, KSRTP_A_DESTINATION_PORT, d->ifindex,
			   &d->addr) &&
	       nl_get_addr(tb, KSRTP_A_DESTINATION_SOURCE_ADDR, KSRTP_A_DESTINATION_SOURCE_PORT,
			   d->ifindex, &d->source) &&
	       nl_get_u32(tb, KSRTP_A_DESTINATION_TX_SA, &d->tx_sa) &&
	       nl_get_u64(tb, KSRTP_A_DESTINATION_SENT, &d->sent) &&
	       nl_get_u64(tb, KSRTP_A_DESTINATION_OCTETS, &d->octets) &&
	       nl_get_u64(tb, KSRTP_A_DESTINATION_FAILED, &d->failed) &&
	       nl_get_u32(tb, KSRTP_A_DESTINATION_LAST_REASON, &d->last_reason);
}

static bool decode_fixed(struct nlattr **tb, struct ksrtp_flow *f)
{
	f->owned = tb[KSRTP_A_FLOW_OWNED];
	return nl_get_u32(tb, KSRTP_A_FLOW_ID, &f->ref.id) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_GENERATION, &f->ref.generation) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_MODE, &f->mode) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_KIND, &f->kind) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_IFINDEX, &f->ifindex) &&
	       nl_get_addr(tb, KSRTP_A_FLOW_LOCAL_ADDR, KSRTP_A_FLOW_LOCAL_PORT, f->ifindex,
			   &f->local) &&
	       nl_get_addr(tb, KSRTP_A_FLOW_REMOTE_ADDR, KSRTP_A_FLOW_REMOTE_PORT, f->ifindex,
			   &f->remote) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_RX_SA, &f->rx_sa) &&
	       nl_get_cookie(tb, KSRTP_A_FLOW_COOKIE, &f->cookie) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_GRACE, &f->grace) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_GRACE_LEFT, &f->grace_left) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_STATE, &f->state) &&
	       nl_get_u64(tb, KSRTP_A_FLOW_PACKETS, &f->packets) &&
	       nl_get_u64(tb, KSRTP_A_FLOW_OCTETS, &f->octets) &&
	       nl_get_u64(tb, KSRTP_A_FLOW_DELIVERED, &f->delivered) &&
	       nl_get_u64(tb, KSRTP_A_FLOW_DROPPED, &f->dropped) &&
	       nl_get_u64(tb, KSRTP_A_FLOW_PASSED, &f->passed) &&
	       nl_get_u32(tb, KSRTP_A_FLOW_LAST_REASON, &f->last_reason);
}

int flow_decode(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct nlattr *tb[KSRTP_A_FLOW_MAX + 1] = { NULL }, *a;
	struct ksrtp_flow_list *list = arg;
	struct ksrtp_flow *f;
	int left;

	if (nla_parse(tb, KSRTP_A_FLOW_MAX, attrs, len, NULL) < 0)
		return nl_bad_reply("flow", e);
	if (!tb[KSRTP_A_FLOW_ID] || !tb[KSRTP_A_FLOW_GENERATION] || !tb[KSRTP_A_FLOW_KIND] ||
	    !tb[KSRTP_A_FLOW_LOCAL_ADDR] || !tb[KSRTP_A_FLOW_LOCAL_PORT])
		return nl_bad_reply("flow: an attribute is missing", e);
	/* Capacity is the next power of two, so it changes only when the count is one. */
	if (!(list->n & (list->n - 1))) {
		f = reallocarray(list->v, list->n ? list->n * 2 : 1, sizeof(*f));
		if (!f)
			return err_set(e, ENOMEM, "out of memory");
		list->v = f;
	}
	f = &list->v[list->n++];
	memset(f, 0, sizeof(*f));
	if (!decode_fixed(tb, f))
		return nl_bad_reply("flow", e);
	nla_for_each_attr(a, attrs, len, left) {
		if (nla_type(a) != KSRTP_A_FLOW_DESTINATION)
			continue;
		if (f->n_dst == KSRTP_DESTINATIONS_MAX ||
		    !decode_destination(a, &f->dst[f->n_dst++]))
			return nl_bad_reply("destination", e);
	}
	return 0;
}

void ksrtp_flow_list_free(struct ksrtp_flow_list *list)
{
	free(list->v);
	list->v = NULL;
	list->n = 0;
}

static void keep_id(struct ksrtp_flow_list *list, uint32_t id)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++)
		if (list->v[i].ref.id == id)
			list->v[n++] = list->v[i];
	list->n = n;
}

int ksrtp_flow_dump(struct ksrtp_nl *nl, const struct ksrtp_filter *filter,
		    struct ksrtp_flow_list *list, struct err *e)
{
	int ret = -EAGAIN, tries;

	*list = (struct ksrtp_flow_list){ NULL, 0 };
	for (tries = 0; ret == -EAGAIN && tries < DUMP_TRIES; tries++) {
		struct nl_msg *m = nl_request(nl, KSRTP_CMD_FLOW_GET, NLM_F_DUMP);

		ksrtp_flow_list_free(list);
		if (!m || (filter && ((filter->id && nla_put_u32(m, KSRTP_A_FLOW_ID, filter->id)) ||
				      (filter->rx_sa &&
				       nla_put_u32(m, KSRTP_A_FLOW_RX_SA, filter->rx_sa)) ||
				      nl_put_cookie(m, KSRTP_A_FLOW_COOKIE, &filter->cookie))))
			return nl_overflow(m, e);
		ret = nl_transact(nl, m, flow_decode, list, e);
	}
	if (!ret && filter && filter->id)
		keep_id(list, filter->id);
	return ret;
}
