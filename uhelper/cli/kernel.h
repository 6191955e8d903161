/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_CLI_KERNEL_H
#define IBAKE_CLI_KERNEL_H

/* What the objects of the kernel (sa, flow, stats, monitor) print alike. */
#include "cli/cli.h"
#include "netlink/ksrtp.h"

/* An SSRC as 0x and eight digits. */
void print_ssrc(struct out *o, const char *name, uint32_t ssrc);
/* Address and port; null where there is none. */
void print_addr(struct out *o, const char *name, const struct sockaddr_storage *ss);
/* A number that is null at 0: "rx_sa none" of a plain leg. */
void print_id(struct out *o, const char *name, uint32_t id);
void print_mki(struct out *o, const struct ksrtp_mki *mki);
/* Cookie, ownership, state: the same members of an sa and a flow. */
void print_owner(struct out *o, const struct ksrtp_cookie *cookie, bool owned, uint32_t grace,
		 uint32_t state, uint32_t grace_left);
/* Why the last packet was dropped; null where none was. */
void print_reason(struct out *o, uint32_t reason);
/* The value of key word "cookie". */
void get_cookie(const struct cli_args *args, struct ksrtp_cookie *cookie);
/* The value of key word "mki". */
void get_mki(const struct cli_args *args, struct ksrtp_mki *mki);

#endif
