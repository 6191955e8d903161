/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets that reserve the ports of flows.
 */
#ifndef KSRTP_SOCK_H
#define KSRTP_SOCK_H

#include "flow.h"

struct file *ksrtp_sock_get(struct ksrtp_net *kn, int fd, u16 *family,
			    struct ksrtp_endpoint *local, struct netlink_ext_ack *extack);
struct sock *ksrtp_sock_sk(struct file *file);

#endif
