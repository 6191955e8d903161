/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers, run when the module loads and by selftests/kmod in userspace.
 * Each function returns the name of the first case that failed, NULL if none did.
 */
#ifndef KSRTP_SELFTEST_H
#define KSRTP_SELFTEST_H

const char *ksrtp_selftest_known(void);
const char *ksrtp_selftest_index(void);
const char *ksrtp_selftest_packet(void);

#endif
