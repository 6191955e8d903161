/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_NOTIFY_H
#define IBAKE_DAEMON_NOTIFY_H

/* Tells the service manager, where there is one (NOTIFY_SOCKET, sd_notify(3)), for example
 * "READY=1\nSTATUS=2 calls". Without one, and on failure, nothing happens.
 */
void notify_manager(const char *state);

#endif
