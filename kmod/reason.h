/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a packet was dropped: one list for the transform, the statistics and the control plane.
 * The order is part of the netlink contract (enum ksrtp_reason there): append only.
 */
#ifndef KSRTP_REASON_H
#define KSRTP_REASON_H

#define KSRTP_REASONS(X)						\
	/* not a drop */						\
	X(OK, "ok")							\
	/* the packet itself */						\
	X(NOT_MEDIA, "not_media")					\
	X(SHORT, "short")						\
	X(VERSION, "version")						\
	X(HEADER, "header")						\
	X(RTCP_TYPE, "rtcp_type")					\
	X(ROOM, "room")							\
	/* keys */							\
	X(NO_KEY, "no_key")						\
	X(MKI_UNKNOWN, "mki_unknown")					\
	X(KEY_EXPIRED, "key_expired")					\
	/* receive */							\
	X(AUTH_FAIL, "auth_fail")					\
	X(REPLAY, "replay")						\
	X(TOO_OLD, "too_old")						\
	X(CLEAR, "clear")						\
	/* transmit */							\
	X(TX_REPLAY, "tx_replay")					\
	X(TX_OLD, "tx_old")						\
	/* both */							\
	X(INDEX_LIMIT, "index_limit")					\
	X(CRYPTO, "crypto")						\
	/* around the transform: flows, SSRCs, routes */		\
	X(SSRC_LIMIT, "ssrc_limit")					\
	X(NO_MEMORY, "no_memory")					\
	X(BLOCKED, "blocked")						\
	X(SOURCE, "source")						\
	X(TOO_BIG, "too_big")						\
	X(NO_ROUTE, "no_route")						\
	X(LOOP, "loop")							\
	X(XMIT, "xmit")

/**
 * enum ksrtp_reason - why a packet was dropped
 * @KSRTP_REASON_OK: not dropped
 * @KSRTP_REASON_NOT_MEDIA: first octet outside 128..191 (RFC 7983)
 * @KSRTP_REASON_SHORT: shorter than the fixed header and the trailer of its suite
 * @KSRTP_REASON_VERSION: RTP version is not 2
 * @KSRTP_REASON_HEADER: CSRC list, extension or first RTCP length ends beyond the packet
 * @KSRTP_REASON_RTCP_TYPE: packet type outside 192..223 where RTCP is expected
 * @KSRTP_REASON_ROOM: the buffer has no room for the trailer
 * @KSRTP_REASON_NO_KEY: the SA holds no usable key
 * @KSRTP_REASON_MKI_UNKNOWN: no key has the MKI of the packet
 * @KSRTP_REASON_KEY_EXPIRED: a lifetime of the key ran out
 * @KSRTP_REASON_AUTH_FAIL: the authentication tag does not verify
 * @KSRTP_REASON_REPLAY: this index was received before
 * @KSRTP_REASON_TOO_OLD: the index lies before the replay window
 * @KSRTP_REASON_CLEAR: authentic SRTCP sent unencrypted although the suite encrypts
 * @KSRTP_REASON_TX_REPLAY: this sequence number was sent before
 * @KSRTP_REASON_TX_OLD: the sequence number lies before the transmit window
 * @KSRTP_REASON_INDEX_LIMIT: 2^48 SRTP or 2^31 SRTCP packets are used up
 * @KSRTP_REASON_CRYPTO: the crypto layer refused
 * @KSRTP_REASON_SSRC_LIMIT: one SSRC more than the SA may have
 * @KSRTP_REASON_NO_MEMORY: state or packet could not be allocated
 * @KSRTP_REASON_BLOCKED: the flow is blocked
 * @KSRTP_REASON_SOURCE: not from the remote address the flow demands
 * @KSRTP_REASON_TOO_BIG: larger than the path or the socket permits
 * @KSRTP_REASON_NO_ROUTE: no route to the destination
 * @KSRTP_REASON_LOOP: relayed too often
 * @KSRTP_REASON_XMIT: the network refused to send
 * @KSRTP_REASON_MAX: how many there are
 */
enum ksrtp_reason {
#define KSRTP_REASON_ENUM(id, name) KSRTP_REASON_##id,
	KSRTP_REASONS(KSRTP_REASON_ENUM)
#undef KSRTP_REASON_ENUM
	KSRTP_REASON_MAX
};

const char *ksrtp_reason_name(enum ksrtp_reason reason);

#endif
