// SPDX-License-Identifier: GPL-2.0-or-later
/* Datagrams of the kernel: messages, acknowledgements, refusals with their sentences. */
#include <errno.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "netlink/nl.h"

int nl_bad_reply(const char *what, struct err *e)
{
	return err_set(e, EPROTO, "reply of the kernel: bad %s", what);
}

/* Sentence and attribute of a refusal; @tlv and @len are its extended acknowledgement. */
static int refusal(const struct nl_walk *w, int code, struct nlattr *tlv, int len, struct err *e)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { NULL };
	uint32_t offset = 0, miss;
	char path[96] = "";
	const char *text;
	int n;

	if (len > 0 && nla_parse(tb, NLMSGERR_ATTR_MAX, tlv, len, NULL) < 0)
		memset(tb, 0, sizeof(tb));
	if (nl_get_u32(tb, NLMSGERR_ATTR_MISS_TYPE, &miss) && tb[NLMSGERR_ATTR_MISS_TYPE]) {
		nl_get_u32(tb, NLMSGERR_ATTR_MISS_NEST, &offset);
		nl_missing_path(w->req, offset, miss, path, sizeof(path));
	} else if (tb[NLMSGERR_ATTR_OFFS] && nl_get_u32(tb, NLMSGERR_ATTR_OFFS, &offset)) {
		nl_attr_path(w->req, offset, path, sizeof(path));
	}
	text = tb[NLMSGERR_ATTR_MSG] ? nla_data(tb[NLMSGERR_ATTR_MSG]) : NULL;
	n = text ? (int)strnlen(text, (size_t)nla_len(tb[NLMSGERR_ATTR_MSG])) : 0;
	if (n)
		return err_set(e, code, "%.*s%s", n, text, path);
	if (code == EPERM)
		return err_set(e, code, "not permitted: this needs CAP_NET_ADMIN over the network "
			       "namespace");
	return err_set(e, code, "%s%s", strerror(code), path);
}

static int ack(struct nl_walk *w, const struct nlmsghdr *h, struct err *e)
{
	const struct nlmsgerr *ne = (const void *)((const char *)h + NLMSG_HDRLEN);
	size_t len = h->nlmsg_len - NLMSG_HDRLEN, used = sizeof(*ne);

	if (len < sizeof(*ne))
		return nl_bad_reply("acknowledgement", e);
	if (ne->error > 0 || ne->error < -4095)
		return nl_bad_reply("error code", e);
	w->done = true;
	if (!ne->error)
		return 0;
	if (!(h->nlmsg_flags & NLM_F_CAPPED)) {
		if (ne->msg.nlmsg_len < NLMSG_HDRLEN ||
		    ne->msg.nlmsg_len - NLMSG_HDRLEN > len - sizeof(*ne))
			return nl_bad_reply("acknowledgement", e);
		used += NLMSG_ALIGN(ne->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || used > len)
		used = len;
	return refusal(w, -ne->error, (struct nlattr *)((const char *)ne + used),
		       (int)(len - used), e);
}

/* The end of a dump has a status of its own. */
static int end(struct nl_walk *w, const struct nlmsghdr *h, struct err *e)
{
	size_t len = h->nlmsg_len - NLMSG_HDRLEN;
	int code = 0;

	w->done = true;
	if (len >= sizeof(code))
		memcpy(&code, (const char *)h + NLMSG_HDRLEN, sizeof(code));
	if (code > 0 || code < -4095)
		return nl_bad_reply("error code", e);
	if (!code)
		return 0;
	return refusal(w, -code, (struct nlattr *)((const char *)h + NLMSG_HDRLEN + sizeof(code)),
		       h->nlmsg_flags & NLM_F_ACK_TLVS ? (int)(len - sizeof(code)) : 0, e);
}

static int message(struct nl_walk *w, const struct nlmsghdr *h, struct err *e)
{
	const struct genlmsghdr *g = (const void *)((const char *)h + NLMSG_HDRLEN);

	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		w->changed = true;
	if (!w->any && (h->nlmsg_seq != w->seq || h->nlmsg_pid != w->port))
		return 0;	/* left over from a request that was given up */
	if (h->nlmsg_type == NLMSG_ERROR)
		return ack(w, h, e);
	if (h->nlmsg_type == NLMSG_DONE)
		return end(w, h, e);
	if (h->nlmsg_type != w->family)
		return 0;
	if (h->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return nl_bad_reply("message", e);
	if (!w->fn)
		return 0;
	return w->fn(g->cmd, (struct nlattr *)((const char *)g + GENL_HDRLEN),
		     (int)(h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN), w->arg, e);
}

int nl_feed(struct nl_walk *w, const void *data, size_t len, struct err *e)
{
	const struct nlmsghdr *h = data;
	size_t step;
	int ret;

	while (len && !w->done) {
		if (len < NLMSG_HDRLEN || h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > len)
			return nl_bad_reply("message length", e);
		ret = message(w, h, e);
		if (ret)
			return ret;
		step = NLMSG_ALIGN(h->nlmsg_len);
		if (step >= len)
			break;
		len -= step;
		h = (const void *)((const char *)h + step);
	}
	return 0;
}
