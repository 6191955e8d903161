// SPDX-License-Identifier: GPL-2.0-or-later
/* The socket: opening it, a request and its answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "base/secret.h"
#include "netlink/nl.h"

struct ksrtp_nl *nl_connect_family(struct err *e)
{
	struct ksrtp_nl *nl = calloc(1, sizeof(*nl));
	int one = 1, fd, ret;

	if (nl)
		nl->sk = nl_socket_alloc();
	if (!nl || !nl->sk) {
		err_set(e, ENOMEM, "out of memory");
		goto err_free;
	}
	ret = genl_connect(nl->sk);
	if (ret < 0) {
		err_set(e, EIO, "cannot open a netlink socket: %s", nl_geterror(ret));
		goto err_sock;
	}
	/* The sentence behind an errno; and no copy of a request, which may hold keys. */
	fd = nl_socket_get_fd(nl->sk);
	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one))) {
		err_set(e, errno, "cannot set up a netlink socket: %s", strerror(errno));
		goto err_sock;
	}
	/* Asking for the family makes the kernel load the module, where that is installed. */
	nl->family = genl_ctrl_resolve(nl->sk, KSRTP_FAMILY_NAME);
	if (nl->family < 0) {
		err_set(e, ENOENT, "the kernel module ksrtp is not loaded: modprobe ksrtp");
		goto err_sock;
	}
	nl->port = nl_socket_get_local_port(nl->sk);
	return nl;

err_sock:
	nl_socket_free(nl->sk);
err_free:
	free(nl);
	return NULL;
}

int ksrtp_nl_open(struct ksrtp_nl **out, struct err *e)
{
	struct err why = ERR_INIT;

	*out = nl_connect_family(&why);
	return *out ? 0 : err_set(e, why.code, "%s", why.msg);
}

void ksrtp_nl_close(struct ksrtp_nl *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->sk);
	free(nl);
}

struct nl_msg *nl_request(struct ksrtp_nl *nl, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, NLM_F_REQUEST | flags, cmd,
			 KSRTP_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* A request may hold keys. */
static void wipe_free(struct nl_msg *msg)
{
	secret_wipe(nlmsg_hdr(msg), nlmsg_get_max_size(msg));
	nlmsg_free(msg);
}

int nl_overflow(struct nl_msg *msg, struct err *e)
{
	if (!msg)
		return err_set(e, ENOMEM, "out of memory");
	wipe_free(msg);
	return err_set(e, EMSGSIZE, "the request does not fit into a message");
}

/* One datagram from the kernel; those of other senders are ignored, as anybody may send some. */
static ssize_t receive(struct ksrtp_nl *nl, struct err *e)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { nl->recv, sizeof(nl->recv) };
	struct msghdr mh = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t n;

	do {
		n = recvmsg(nl_socket_get_fd(nl->sk), &mh, 0);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid));
	if (n < 0)
		return err_set(e, errno, "netlink: %s", strerror(errno));
	if (!n || (mh.msg_flags & MSG_TRUNC))
		return nl_bad_reply("datagram", e);
	return n;
}

int nl_transact(struct ksrtp_nl *nl, struct nl_msg *msg, nl_reply_fn *fn, void *arg,
		struct err *e)
{
	struct nl_walk w = { .family = nl->family, .port = nl->port, .fn = fn, .arg = arg };
	ssize_t n;
	int ret;

	ret = nl_send_auto(nl->sk, msg);
	if (ret < 0) {
		ret = err_set(e, EIO, "netlink: %s", nl_geterror(ret));
		goto out;
	}
	w.req = nlmsg_hdr(msg);
	w.seq = w.req->nlmsg_seq;
	ret = 0;
	while (!ret && !w.done) {
		n = receive(nl, e);
		ret = n < 0 ? (int)n : nl_feed(&w, nl->recv, (size_t)n, e);
	}
	if (!ret && w.changed)
		ret = err_set(e, EAGAIN, "the list kept changing while it was read");
out:
	wipe_free(msg);
	return ret;
}
