/* SPDX-License-Identifier: GPL-2.0-or-later */
/* get_unaligned_be16() and its kin moved from asm/ to linux/ in 6.12. */
#ifndef KSRTP_COMPAT_UNALIGNED_H
#define KSRTP_COMPAT_UNALIGNED_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif
