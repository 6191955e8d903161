// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "cli/kernel.h"

void print_ssrc(struct out *o, const char *name, uint32_t ssrc)
{
	out_fmt(o, name, "0x%08x", ssrc);
}

void print_addr(struct out *o, const char *name, const struct sockaddr_storage *ss)
{
	char text[CLI_ADDRSTRLEN];

	out_str(o, name, ss->ss_family ? cli_addr_str(ss, text) : NULL);
}

void print_id(struct out *o, const char *name, uint32_t id)
{
	if (id)
		out_u64(o, name, id);
	else
		out_str(o, name, NULL);
}

void print_mki(struct out *o, const struct ksrtp_mki *mki)
{
	if (mki->len)
		out_hex(o, "mki", mki->data, mki->len);
	else
		out_str(o, "mki", NULL);
}

void print_owner(struct out *o, const struct ksrtp_cookie *cookie, bool owned, uint32_t grace,
		 uint32_t state, uint32_t grace_left)
{
	out_str(o, "state", ksrtp_state_name(state));
	out_bool(o, "owned", owned);
	if (owned || state == KSRTP_STATE_ORPHAN)
		out_u64(o, "grace", grace);
	if (state == KSRTP_STATE_ORPHAN)
		out_u64(o, "grace_left", grace_left);
	if (cookie->len)
		out_hex(o, "cookie", cookie->data, cookie->len);
}

void print_reason(struct out *o, uint32_t reason)
{
	out_str(o, "last_failure", reason == KSRTP_DROP_OK ? NULL : ksrtp_drop_name(reason));
}

void get_cookie(const struct cli_args *args, struct ksrtp_cookie *cookie)
{
	const struct cli_val *v = cli_get(args, "cookie");

	memset(cookie, 0, sizeof(*cookie));
	if (v) {
		memcpy(cookie->data, v->data.data, v->data.len);
		cookie->len = v->data.len;
	}
}

void get_mki(const struct cli_args *args, struct ksrtp_mki *mki)
{
	const struct cli_val *v = cli_get(args, "mki");

	memset(mki, 0, sizeof(*mki));
	if (v) {
		memcpy(mki->data, v->data.data, v->data.len);
		mki->len = v->data.len;
	}
}
