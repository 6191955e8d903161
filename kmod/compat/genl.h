/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attributes of a dump request moved when struct genl_info became part of it in 6.6. */
#ifndef KSRTP_COMPAT_GENL_H
#define KSRTP_COMPAT_GENL_H

#include <linux/version.h>
#include <net/genetlink.h>

/**
 * ksrtp_dump_attrs() - parsed attributes of a dump request
 * @cb: the dump
 */
static inline struct nlattr **ksrtp_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif
