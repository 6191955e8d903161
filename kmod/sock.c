// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets that reserve the ports of flows. A flow holds the file, not only the socket: that alone
 * keeps the port when the last process with a descriptor of it ends.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "net.h"
#include "sock.h"

static int sock_check(struct ksrtp_net *kn, struct socket *sock, struct netlink_ext_ack *extack)
{
	struct sock *sk = sock->sk;

	if (sk->sk_protocol != IPPROTO_UDP || sk->sk_type != SOCK_DGRAM ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)) {
		NL_SET_ERR_MSG(extack, "the descriptor is not of a UDP socket");
		return -EPROTOTYPE;
	}
	if (!net_eq(sock_net(sk), kn->net)) {
		NL_SET_ERR_MSG(extack, "the socket belongs to another network namespace");
		return -EXDEV;
	}
	if (!inet_sk(sk)->inet_num) {
		NL_SET_ERR_MSG(extack, "the socket is not bound to a port");
		return -EDESTADDRREQ;
	}
	if (sk->sk_family == AF_INET6 &&
	    (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr) || !ipv6_only_sock(sk))) {
		NL_SET_ERR_MSG(extack, "an IPv6 socket must be IPV6_V6ONLY");
		return -EAFNOSUPPORT;
	}
	return 0;
}

/**
 * ksrtp_sock_get() - adopt a bound UDP socket of the calling process
 * @kn: the network namespace it must belong to
 * @fd: the descriptor
 * @family: its address family, on success
 * @local: its address and port, on success
 * @extack: gets the refusal
 *
 * Return: a reference on the file.
 */
struct file *ksrtp_sock_get(struct ksrtp_net *kn, int fd, u16 *family,
			    struct ksrtp_endpoint *local, struct netlink_ext_ack *extack)
{
	struct file *file = fget(fd);
	struct socket *sock;
	struct sock *sk;
	int err;

	if (!file) {
		NL_SET_ERR_MSG(extack, "no such descriptor");
		return ERR_PTR(-EBADF);
	}
	sock = sock_from_file(file);
	if (!sock) {
		NL_SET_ERR_MSG(extack, "the descriptor is not of a socket");
		err = -ENOTSOCK;
		goto err_put;
	}
	err = sock_check(kn, sock, extack);
	if (err)
		goto err_put;

	sk = sock->sk;
	memset(local, 0, sizeof(*local));
	*family = sk->sk_family;
	local->port = inet_sk(sk)->inet_sport;
	if (sk->sk_family == AF_INET6)
		local->addr.in6 = sk->sk_v6_rcv_saddr;
	else
		local->addr.ip = inet_sk(sk)->inet_rcv_saddr;
	return file;

err_put:
	fput(file);
	return ERR_PTR(err);
}

/**
 * ksrtp_sock_sk() - the socket of an adopted file
 * @file: from ksrtp_sock_get()
 */
struct sock *ksrtp_sock_sk(struct file *file)
{
	return sock_from_file(file)->sk;
}
