// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of the kernel as libraries see them: the first octet picks the decoder, the second the
 * request that the answer is to, the rest is a datagram.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "netlink/nl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(nl_reply_fn *fn, void *arg, uint8_t cmd, const void *msg, size_t len)
{
	/* A request with a nest in it, so that offsets have something to point into. */
	struct nl_msg *req = nlmsg_alloc();
	struct err e = ERR_INIT;
	struct nl_walk w = { .family = 0x20, .any = true, .fn = fn, .arg = arg };
	struct genlmsghdr g = { .cmd = cmd };
	struct nlattr *nest;

	nlmsg_put(req, 0, 0, 0x20, 0, 0);
	nlmsg_append(req, &g, sizeof(g), NLMSG_ALIGNTO);
	nla_put_u32(req, KSRTP_A_SA_ID, 7);
	nest = nla_nest_start(req, cmd & 1 ? KSRTP_A_SA_KEY : KSRTP_A_FLOW_DESTINATION);
	nla_put_u32(req, 1, 1);
	nla_put(req, 2, 5, "12345");
	nla_nest_end(req, nest);
	w.req = nlmsg_hdr(req);
	if (nl_feed(&w, msg, len, &e) && (!e.code || !e.msg[0]))
		abort();
	nlmsg_free(req);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ksrtp_sa_list sas = { NULL, 0 };
	struct ksrtp_flow_list flows = { NULL, 0 };
	struct ksrtp_stats stats = { 0 };
	struct ksrtp_event ev;
	struct ksrtp_ref ref;
	uint8_t *msg;
	int fd;

	if (size < 2)
		return 0;
	msg = malloc(size - 2 ? size - 2 : 1);	/* aligned, and its end guarded */
	memcpy(msg, data + 2, size - 2);
	switch (data[0] % 7) {
	case 0:
		feed(sa_decode, &sas, data[1], msg, size - 2);
		ksrtp_sa_list_free(&sas);
		break;
	case 1:
		feed(flow_decode, &flows, data[1], msg, size - 2);
		ksrtp_flow_list_free(&flows);
		break;
	case 2:
		feed(stats_decode, &stats, data[1], msg, size - 2);
		break;
	case 3:
		feed(event_decode, &ev, data[1], msg, size - 2);
		break;
	case 4:
		feed(claim_decode, &fd, data[1], msg, size - 2);
		break;
	case 5:
		feed(sa_ref_decode, &ref, data[1], msg, size - 2);
		break;
	case 6:
		feed(flow_ref_decode, &ref, data[1], msg, size - 2);
		break;
	}
	free(msg);
	return 0;
}
