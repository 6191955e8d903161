// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include "../srtp.h"
#include "selftest.h"

struct group {
	const char *name;
	const char *(*run)(void);
};

static const struct group groups[] __initconst = {
	{ "known answers", ksrtp_selftest_known },
	{ "packet index", ksrtp_selftest_index },
	{ "packets", ksrtp_selftest_packet },
};

/**
 * ksrtp_selftest() - known answers of everything below the hooks
 *
 * May sleep; after ksrtp_crypto_init().
 *
 * Return: 0, or -ENOTRECOVERABLE after one line in the log that names the case: media is not to be
 * trusted to a machine that miscalculates.
 */
int __init ksrtp_selftest(void)
{
	const char *failed;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		failed = groups[i].run();
		if (failed) {
			pr_err("ksrtp: self-test failed: %s: %s\n", groups[i].name, failed);
			return -ENOTRECOVERABLE;
		}
	}
	return 0;
}
