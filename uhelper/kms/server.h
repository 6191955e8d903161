/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_SERVER_H
#define IBAKE_KMS_SERVER_H

struct err;
struct kms_store;
struct kmsd_config;

/* Serves until SIGTERM or SIGINT; what is being answered then is finished, for ten seconds at most.
 * @st is open and unlocked, and used by nobody else meanwhile.
 */
int kms_server_run(const struct kmsd_config *c, struct kms_store *st, struct err *e);

#endif
