/* SPDX-License-Identifier: GPL-2.0-or-later */
/* skb_gso_segment() left netdevice.h for net/gso.h in 6.5. */
#ifndef KSRTP_COMPAT_GSO_H
#define KSRTP_COMPAT_GSO_H

#include <linux/netdevice.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

#endif
