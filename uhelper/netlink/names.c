// SPDX-License-Identifier: GPL-2.0-or-later
/* Words for the constants of the contract. */
#include <stddef.h>

#include "netlink/ksrtp.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LOOKUP(names, i) ((i) < COUNT(names) && (names)[i] ? (names)[i] : "unknown")

static const char *const suites[] = {
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = "AES_CM_128_HMAC_SHA1_80",
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = "AES_CM_128_HMAC_SHA1_32",
	[KSRTP_SUITE_NULL_HMAC_SHA1_80] = "NULL_HMAC_SHA1_80",
	[KSRTP_SUITE_NULL_HMAC_SHA1_32] = "NULL_HMAC_SHA1_32",
};

static const char *const directions[] = {
	[KSRTP_DIRECTION_RX] = "rx",
	[KSRTP_DIRECTION_TX] = "tx",
};

static const char *const kinds[] = {
	[KSRTP_KIND_RTP] = "rtp",
	[KSRTP_KIND_RTCP] = "rtcp",
	[KSRTP_KIND_MUX] = "mux",
};

static const char *const modes[] = {
	[KSRTP_MODE_RELAY] = "relay",
	[KSRTP_MODE_LOCAL] = "local",
};

static const char *const states[] = {
	[KSRTP_STATE_ACTIVE] = "active",
	[KSRTP_STATE_ORPHAN] = "orphan",
	[KSRTP_STATE_WIPED] = "wiped",
};

static const char *const drops[] = {
	[KSRTP_DROP_OK] = "ok",
	[KSRTP_DROP_NOT_MEDIA] = "not-media",
	[KSRTP_DROP_SHORT] = "short",
	[KSRTP_DROP_VERSION] = "version",
	[KSRTP_DROP_HEADER] = "header",
	[KSRTP_DROP_RTCP_TYPE] = "rtcp-type",
	[KSRTP_DROP_ROOM] = "room",
	[KSRTP_DROP_NO_KEY] = "no-key",
	[KSRTP_DROP_MKI_UNKNOWN] = "mki-unknown",
	[KSRTP_DROP_KEY_EXPIRED] = "key-expired",
	[KSRTP_DROP_AUTH_FAIL] = "auth-fail",
	[KSRTP_DROP_REPLAY] = "replay",
	[KSRTP_DROP_TOO_OLD] = "too-old",
	[KSRTP_DROP_CLEAR] = "clear",
	[KSRTP_DROP_TX_REPLAY] = "tx-replay",
	[KSRTP_DROP_TX_OLD] = "tx-old",
	[KSRTP_DROP_INDEX_LIMIT] = "index-limit",
	[KSRTP_DROP_CRYPTO] = "crypto",
	[KSRTP_DROP_SSRC_LIMIT] = "ssrc-limit",
	[KSRTP_DROP_NO_MEMORY] = "no-memory",
	[KSRTP_DROP_BLOCKED] = "blocked",
	[KSRTP_DROP_SOURCE] = "source",
	[KSRTP_DROP_TOO_BIG] = "too-big",
	[KSRTP_DROP_NO_ROUTE] = "no-route",
	[KSRTP_DROP_LOOP] = "loop",
	[KSRTP_DROP_XMIT] = "xmit",
};

_Static_assert(COUNT(drops) == KSRTP_DROP_COUNT, "a reason without a name");

static const char *const wipes[] = {
	[KSRTP_WIPE_GRACE] = "grace",
	[KSRTP_WIPE_SUSPEND] = "suspend",
	[KSRTP_WIPE_VM_FORK] = "vm-fork",
	[KSRTP_WIPE_NETNS] = "netns",
};

static const char *const events[] = {
	[KSRTP_CMD_SA_GONE_NTF] = "sa-gone",
	[KSRTP_CMD_FLOW_GONE_NTF] = "flow-gone",
	[KSRTP_CMD_KEY_SOFT_NTF] = "key-soft",
	[KSRTP_CMD_KEY_HARD_NTF] = "key-hard",
	[KSRTP_CMD_SSRC_NEW_NTF] = "ssrc-new",
	[KSRTP_CMD_SSRC_LIMIT_NTF] = "ssrc-limit",
	[KSRTP_CMD_OWNER_GONE_NTF] = "owner-gone",
	[KSRTP_CMD_BLOCKED_NTF] = "blocked",
};

const char *ksrtp_suite_name(uint32_t suite)
{
	return LOOKUP(suites, suite);
}

const char *ksrtp_direction_name(uint32_t direction)
{
	return LOOKUP(directions, direction);
}

const char *ksrtp_kind_name(uint32_t kind)
{
	return LOOKUP(kinds, kind);
}

const char *ksrtp_mode_name(uint32_t mode)
{
	return LOOKUP(modes, mode);
}

const char *ksrtp_state_name(uint32_t state)
{
	return LOOKUP(states, state);
}

const char *ksrtp_drop_name(uint32_t reason)
{
	return LOOKUP(drops, reason);
}

const char *ksrtp_wipe_name(uint32_t wipe)
{
	return LOOKUP(wipes, wipe);
}

const char *ksrtp_event_name(int cmd)
{
	return LOOKUP(events, (size_t)cmd);
}
