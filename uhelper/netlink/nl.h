/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_NETLINK_NL_H
#define IBAKE_NETLINK_NL_H

/* What the files of this folder, its tests and its fuzz target share. */
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "netlink/ksrtp.h"

struct nl_sock;

#define NL_RECV_MAX 65536

struct ksrtp_nl {
	struct nl_sock *sk;
	int family;
	uint32_t port;
	/* One datagram of the kernel, which never sends larger ones than 32 KiB. */
	uint8_t recv[NL_RECV_MAX] __attribute__((aligned(8)));
};

/**
 * typedef nl_reply_fn - take one message of the family
 * @cmd: generic netlink command
 * @attrs: its attributes, which need not be well formed
 * @len: octets of @attrs
 *
 * Return: 0, or a negative errno with the reason in @e
 */
typedef int nl_reply_fn(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e);

/**
 * struct nl_walk - what is known while answers to a request come in
 * @family: message type of the family
 * @seq: sequence number of the request
 * @port: our own port
 * @any: take every message of the family, whatever @seq and @port (events)
 * @req: the request, by which the place of a refused attribute gets its name; or NULL
 * @fn: gets each message
 * @arg: its last argument
 * @done: the answer is complete
 * @changed: a dump was not of one moment
 */
struct nl_walk {
	int family;
	uint32_t seq;
	uint32_t port;
	bool any;
	const struct nlmsghdr *req;
	nl_reply_fn *fn;
	void *arg;
	bool done;
	bool changed;
};

/* One datagram of answers; total for any octets. @data is 4-aligned. */
int nl_feed(struct nl_walk *w, const void *data, size_t len, struct err *e);

/* A request with room for attributes; NULL when out of memory. */
struct nl_msg *nl_request(struct ksrtp_nl *nl, int cmd, int flags);
/* Sends @msg, wipes and frees it, takes the answers. -EAGAIN: a dump was not of one moment. */
int nl_transact(struct ksrtp_nl *nl, struct nl_msg *msg, nl_reply_fn *fn, void *arg,
		struct err *e);
/* The refusal of a request whose attributes did not fit; frees it. */
int nl_overflow(struct nl_msg *msg, struct err *e);
int nl_put_cookie(struct nl_msg *msg, int type, const struct ksrtp_cookie *cookie);
int nl_put_mki(struct nl_msg *msg, int type, const struct ksrtp_mki *mki);

struct ksrtp_nl *nl_connect_family(struct err *e);

/* Name of the attribute at octet @offset of the request, or of @type missing in the nest there. */
void nl_attr_path(const struct nlmsghdr *req, uint32_t offset, char *buf, size_t size);
void nl_missing_path(const struct nlmsghdr *req, uint32_t nest_offset, uint32_t type, char *buf,
		     size_t size);

/* Attributes of a reply: false where they are there and too long or of the wrong length. */
bool nl_get_u32(struct nlattr **tb, int type, uint32_t *v);
bool nl_get_u64(struct nlattr **tb, int type, uint64_t *v);
bool nl_get_cookie(struct nlattr **tb, int type, struct ksrtp_cookie *cookie);
bool nl_get_mki(struct nlattr **tb, int type, struct ksrtp_mki *mki);
/* Address and port attributes as a socket address; ss_family 0 where there is no address. */
bool nl_get_addr(struct nlattr **tb, int addr, int port, uint32_t ifindex,
		 struct sockaddr_storage *ss);
/* "reply of the kernel: bad WHAT" */
int nl_bad_reply(const char *what, struct err *e);

/* Decoders, each an nl_reply_fn; @arg is named behind it. */
int sa_decode(int cmd, struct nlattr *attrs, int len, void *list, struct err *e);
int flow_decode(int cmd, struct nlattr *attrs, int len, void *list, struct err *e);
int stats_decode(int cmd, struct nlattr *attrs, int len, void *stats, struct err *e);
int event_decode(int cmd, struct nlattr *attrs, int len, void *event, struct err *e);
/* id and generation of sa-new and flow-new, which have them at the same place: struct ksrtp_ref */
int sa_ref_decode(int cmd, struct nlattr *attrs, int len, void *ref, struct err *e);
int flow_ref_decode(int cmd, struct nlattr *attrs, int len, void *ref, struct err *e);
/* int: the new descriptor, -1 where there is none */
int claim_decode(int cmd, struct nlattr *attrs, int len, void *fd, struct err *e);

#endif
