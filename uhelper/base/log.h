/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_BASE_LOG_H
#define IBAKE_BASE_LOG_H

/* syslog(3) priorities, written to stderr as "<N>text" under systemd (JOURNAL_STREAM), else as
 * "LEVEL text". Nothing secret is ever passed to it.
 */
#include <syslog.h>

/* Lines above @max are dropped; LOG_INFO at the start. */
void log_level(int max);
void log_msg(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
