/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a packet was dropped: one list for the transform, the statistics and the control plane.
 * The order is part of the netlink contract (enum ksrtp_drop there): append only.
 */
#ifndef KSRTP_REASON_H
#define KSRTP_REASON_H

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
	KSRTP_REASON_OK,
	KSRTP_REASON_NOT_MEDIA,
	KSRTP_REASON_SHORT,
	KSRTP_REASON_VERSION,
	KSRTP_REASON_HEADER,
	KSRTP_REASON_RTCP_TYPE,
	KSRTP_REASON_ROOM,
	KSRTP_REASON_NO_KEY,
	KSRTP_REASON_MKI_UNKNOWN,
	KSRTP_REASON_KEY_EXPIRED,
	KSRTP_REASON_AUTH_FAIL,
	KSRTP_REASON_REPLAY,
	KSRTP_REASON_TOO_OLD,
	KSRTP_REASON_CLEAR,
	KSRTP_REASON_TX_REPLAY,
	KSRTP_REASON_TX_OLD,
	KSRTP_REASON_INDEX_LIMIT,
	KSRTP_REASON_CRYPTO,
	KSRTP_REASON_SSRC_LIMIT,
	KSRTP_REASON_NO_MEMORY,
	KSRTP_REASON_BLOCKED,
	KSRTP_REASON_SOURCE,
	KSRTP_REASON_TOO_BIG,
	KSRTP_REASON_NO_ROUTE,
	KSRTP_REASON_LOOP,
	KSRTP_REASON_XMIT,
	KSRTP_REASON_MAX
};

const char *ksrtp_reason_name(enum ksrtp_reason reason);

#endif
