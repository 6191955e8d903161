/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control plane: what its files share.
 */
#ifndef KSRTP_NETLINK_H
#define KSRTP_NETLINK_H

#include <net/genetlink.h>

extern struct genl_family ksrtp_family;

int ksrtp_nl_cookie(const struct nlattr *attr, const void **cookie, u32 *len,
		    struct netlink_ext_ack *extack);
bool ksrtp_nl_filtered(const struct nlattr *cookie, const void *own, u32 own_len);
int ksrtp_netlink_init(void);
void ksrtp_netlink_exit(void);

#endif
