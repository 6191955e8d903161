// SPDX-License-Identifier: GPL-2.0-or-later
/* Attributes: reading those of a reply, naming those of a request. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>

#include "netlink/nl.h"

bool nl_get_u32(struct nlattr **tb, int type, uint32_t *v)
{
	if (!tb[type])
		return true;
	if (nla_len(tb[type]) != sizeof(*v))
		return false;
	memcpy(v, nla_data(tb[type]), sizeof(*v));
	return true;
}

bool nl_get_u64(struct nlattr **tb, int type, uint64_t *v)
{
	if (!tb[type])
		return true;
	if (nla_len(tb[type]) != sizeof(*v))
		return false;
	memcpy(v, nla_data(tb[type]), sizeof(*v));
	return true;
}

static bool get_octets(struct nlattr *a, uint8_t *data, size_t size, size_t *len)
{
	if (!a)
		return true;
	if ((size_t)nla_len(a) > size)
		return false;
	*len = (size_t)nla_len(a);
	memcpy(data, nla_data(a), *len);
	return true;
}

bool nl_get_cookie(struct nlattr **tb, int type, struct ksrtp_cookie *c)
{
	return get_octets(tb[type], c->data, sizeof(c->data), &c->len);
}

bool nl_get_mki(struct nlattr **tb, int type, struct ksrtp_mki *mki)
{
	return get_octets(tb[type], mki->data, sizeof(mki->data), &mki->len);
}

bool nl_get_addr(struct nlattr **tb, int addr, int port, uint32_t ifindex,
		 struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;
	in_port_t p = 0;

	memset(ss, 0, sizeof(*ss));
	if (tb[port]) {
		if (nla_len(tb[port]) != sizeof(p))
			return false;
		memcpy(&p, nla_data(tb[port]), sizeof(p));
	}
	if (!tb[addr])
		return true;
	if (nla_len(tb[addr]) == sizeof(v4->sin_addr)) {
		v4->sin_family = AF_INET;
		v4->sin_port = p;
		memcpy(&v4->sin_addr, nla_data(tb[addr]), sizeof(v4->sin_addr));
		return true;
	}
	if (nla_len(tb[addr]) != sizeof(v6->sin6_addr))
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = p;
	memcpy(&v6->sin6_addr, nla_data(tb[addr]), sizeof(v6->sin6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
		v6->sin6_scope_id = ifindex;
	return true;
}

int nl_put_cookie(struct nl_msg *msg, int type, const struct ksrtp_cookie *c)
{
	return c->len ? nla_put(msg, type, (int)c->len, c->data) : 0;
}

int nl_put_mki(struct nl_msg *msg, int type, const struct ksrtp_mki *mki)
{
	return mki && mki->len ? nla_put(msg, type, (int)mki->len, mki->data) : 0;
}

/* Names of what requests carry, for refusals that point into one. */
struct set {
	const char *const *names;
	int max;
	int nest;		/* the attribute that is a nest, 0: none */
	const struct set *inner;
};

static const char *const key_names[] = {
	[KSRTP_A_KEY_SA_ID] = "sa-id",
	[KSRTP_A_KEY_MKI] = "mki",
	[KSRTP_A_KEY_MASTER_KEY] = "master-key",
	[KSRTP_A_KEY_MASTER_SALT] = "master-salt",
	[KSRTP_A_KEY_ACTIVE] = "active",
	[KSRTP_A_KEY_SOFT_PACKETS] = "soft-packets",
	[KSRTP_A_KEY_HARD_PACKETS] = "hard-packets",
	[KSRTP_A_KEY_SOFT_SECONDS] = "soft-seconds",
	[KSRTP_A_KEY_HARD_SECONDS] = "hard-seconds",
	[KSRTP_A_KEY_ROC] = "roc",
};

static const char *const sa_names[] = {
	[KSRTP_A_SA_ID] = "id",
	[KSRTP_A_SA_GENERATION] = "generation",
	[KSRTP_A_SA_DIRECTION] = "direction",
	[KSRTP_A_SA_SUITE] = "suite",
	[KSRTP_A_SA_WINDOW] = "window",
	[KSRTP_A_SA_MKI_LEN] = "mki-len",
	[KSRTP_A_SA_SSRC_LIMIT] = "ssrc-limit",
	[KSRTP_A_SA_COOKIE] = "cookie",
	[KSRTP_A_SA_OWNED] = "owned",
	[KSRTP_A_SA_GRACE] = "grace",
	[KSRTP_A_SA_KEY] = "key",
	[KSRTP_A_SA_MKI] = "mki",
};

static const char *const destination_names[] = {
	[KSRTP_A_DESTINATION_ADDR] = "addr",
	[KSRTP_A_DESTINATION_PORT] = "port",
	[KSRTP_A_DESTINATION_SOCKET_FD] = "socket-fd",
	[KSRTP_A_DESTINATION_IFINDEX] = "ifindex",
	[KSRTP_A_DESTINATION_TX_SA] = "tx-sa",
};

static const char *const flow_names[] = {
	[KSRTP_A_FLOW_ID] = "id",
	[KSRTP_A_FLOW_GENERATION] = "generation",
	[KSRTP_A_FLOW_MODE] = "mode",
	[KSRTP_A_FLOW_KIND] = "kind",
	[KSRTP_A_FLOW_SOCKET_FD] = "socket-fd",
	[KSRTP_A_FLOW_REMOTE_ADDR] = "remote-addr",
	[KSRTP_A_FLOW_REMOTE_PORT] = "remote-port",
	[KSRTP_A_FLOW_IFINDEX] = "ifindex",
	[KSRTP_A_FLOW_RX_SA] = "rx-sa",
	[KSRTP_A_FLOW_DESTINATION] = "destination",
	[KSRTP_A_FLOW_COOKIE] = "cookie",
	[KSRTP_A_FLOW_OWNED] = "owned",
	[KSRTP_A_FLOW_GRACE] = "grace",
};

static const char *const claim_names[] = {
	[KSRTP_A_CLAIM_SA_ID] = "sa-id",
	[KSRTP_A_CLAIM_FLOW_ID] = "flow-id",
	[KSRTP_A_CLAIM_GENERATION] = "generation",
	[KSRTP_A_CLAIM_GRACE] = "grace",
};

#define MAX(names) ((int)(sizeof(names) / sizeof((names)[0])) - 1)

static const struct set key_set = { key_names, MAX(key_names), 0, NULL };
static const struct set sa_set = { sa_names, MAX(sa_names), KSRTP_A_SA_KEY, &key_set };
static const struct set dst_set = { destination_names, MAX(destination_names), 0, NULL };
static const struct set flow_set = { flow_names, MAX(flow_names), KSRTP_A_FLOW_DESTINATION,
				     &dst_set };
static const struct set claim_set = { claim_names, MAX(claim_names), 0, NULL };

static const struct set *set_of(int cmd)
{
	switch (cmd) {
	case KSRTP_CMD_SA_NEW:
	case KSRTP_CMD_SA_DEL:
	case KSRTP_CMD_SA_GET:
	case KSRTP_CMD_KEY_NEW:
	case KSRTP_CMD_KEY_DEL:
	case KSRTP_CMD_KEY_ACTIVATE:
		return &sa_set;
	case KSRTP_CMD_FLOW_NEW:
	case KSRTP_CMD_FLOW_DEL:
	case KSRTP_CMD_FLOW_GET:
		return &flow_set;
	case KSRTP_CMD_CLAIM:
		return &claim_set;
	default:
		return NULL;
	}
}

static const char *name_of(const struct set *set, int type)
{
	const char *name = set && type > 0 && type <= set->max ? set->names[type] : NULL;

	return name ? name : "?";
}

/* Goes down to the attribute at @offset, its path in @path; @set becomes the inside of a nest. */
static bool descend(const struct nlmsghdr *req, uint32_t offset, const struct set **set,
		    char *path, size_t size)
{
	const char *base = (const char *)req;
	struct nlattr *a = (struct nlattr *)(base + NLMSG_HDRLEN + GENL_HDRLEN);
	int left = (int)req->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	size_t used = 0;

	path[0] = 0;
	while (*set && left > 0 && nla_ok(a, left)) {
		uint32_t at = (uint32_t)((const char *)a - base);

		if (offset >= at + (uint32_t)NLA_ALIGN(a->nla_len)) {
			a = nla_next(a, &left);
			continue;
		}
		used += (size_t)snprintf(path + used, size - used, "%s%s", used ? "." : "",
					 name_of(*set, nla_type(a)));
		*set = nla_type(a) == (*set)->nest ? (*set)->inner : NULL;
		if (used >= size || offset < at + NLA_HDRLEN || !*set)
			return used < size;
		left = nla_len(a);
		a = nla_data(a);
	}
	return false;
}

void nl_attr_path(const struct nlmsghdr *req, uint32_t offset, char *buf, size_t size)
{
	const struct set *set;
	char path[64];

	buf[0] = 0;
	if (!req)
		return;
	set = set_of(((const struct genlmsghdr *)(req + 1))->cmd);
	if (descend(req, offset, &set, path, sizeof(path)))
		snprintf(buf, size, " (%s)", path);
}

void nl_missing_path(const struct nlmsghdr *req, uint32_t nest_offset, uint32_t type, char *buf,
		     size_t size)
{
	const struct set *set;
	char path[64] = "";

	buf[0] = 0;
	if (!req)
		return;
	set = set_of(((const struct genlmsghdr *)(req + 1))->cmd);
	if (nest_offset && !descend(req, nest_offset, &set, path, sizeof(path)))
		return;
	snprintf(buf, size, " (%s%s%s is missing)", path, path[0] ? "." : "",
		 name_of(set, (int)(type & 0x3fff)));
}
