// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kernel.h>
#include "reason.h"

static const char *const names[KSRTP_REASON_MAX] = {
	[KSRTP_REASON_OK] = "ok",
	[KSRTP_REASON_NOT_MEDIA] = "not_media",
	[KSRTP_REASON_SHORT] = "short",
	[KSRTP_REASON_VERSION] = "version",
	[KSRTP_REASON_HEADER] = "header",
	[KSRTP_REASON_RTCP_TYPE] = "rtcp_type",
	[KSRTP_REASON_ROOM] = "room",
	[KSRTP_REASON_NO_KEY] = "no_key",
	[KSRTP_REASON_MKI_UNKNOWN] = "mki_unknown",
	[KSRTP_REASON_KEY_EXPIRED] = "key_expired",
	[KSRTP_REASON_AUTH_FAIL] = "auth_fail",
	[KSRTP_REASON_REPLAY] = "replay",
	[KSRTP_REASON_TOO_OLD] = "too_old",
	[KSRTP_REASON_CLEAR] = "clear",
	[KSRTP_REASON_TX_REPLAY] = "tx_replay",
	[KSRTP_REASON_TX_OLD] = "tx_old",
	[KSRTP_REASON_INDEX_LIMIT] = "index_limit",
	[KSRTP_REASON_CRYPTO] = "crypto",
	[KSRTP_REASON_SSRC_LIMIT] = "ssrc_limit",
	[KSRTP_REASON_NO_MEMORY] = "no_memory",
	[KSRTP_REASON_BLOCKED] = "blocked",
	[KSRTP_REASON_SOURCE] = "source",
	[KSRTP_REASON_TOO_BIG] = "too_big",
	[KSRTP_REASON_NO_ROUTE] = "no_route",
	[KSRTP_REASON_LOOP] = "loop",
	[KSRTP_REASON_XMIT] = "xmit",
};

/**
 * ksrtp_reason_name() - the word for a reason, as counters and messages show it
 * @reason: the reason
 *
 * Return: its name, "unknown" for a number that is none.
 */
const char *ksrtp_reason_name(enum ksrtp_reason reason)
{
	if ((unsigned int)reason >= ARRAY_SIZE(names))
		return "unknown";
	return names[reason];
}
