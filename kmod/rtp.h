/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP and RTCP headers: no allocation, no state, total on any octets.
 */
#ifndef KSRTP_RTP_H
#define KSRTP_RTP_H

#include <linux/types.h>
#include "compat/unaligned.h"
#include "reason.h"

#define KSRTP_RTP_HDR_LEN 12
#define KSRTP_RTCP_HDR_LEN 8

/**
 * struct ksrtp_rtp_hdr - what the transform needs of an RTP header
 * @ssrc: synchronisation source
 * @len: octets before the payload: fixed header, CSRC list and extension
 * @seq: sequence number
 * @pt: payload type, without the marker
 */
struct ksrtp_rtp_hdr {
	u32 ssrc;
	u32 len;
	u16 seq;
	u8 pt;
};

/**
 * ksrtp_is_media() - can this datagram be RTP or RTCP at all?
 * @data: the UDP payload
 * @len: its octets
 *
 * First octet 128..191 (RFC 7983 section 7); STUN, DTLS, TURN channels and ZRTP lie outside.
 */
static inline bool ksrtp_is_media(const u8 *data, u32 len)
{
	return len && (data[0] & 0xc0) == 0x80;
}

/**
 * ksrtp_is_rtcp() - is this media packet RTCP, where RTP shares its port?
 * @data: a packet that ksrtp_is_media()
 * @len: its octets
 *
 * RFC 5761 section 4: second octet 192..223, i.e. RTP payload types 64..95 with the marker set
 * cannot be used on such a port. A port without multiplexing decides by itself instead.
 */
static inline bool ksrtp_is_rtcp(const u8 *data, u32 len)
{
	return len >= 2 && data[1] >= 192 && data[1] <= 223;
}

/**
 * ksrtp_rtp_parse() - read the header of an RTP packet
 * @data: the packet
 * @len: its octets, without the trailer where there is one
 * @hdr: filled on success
 *
 * Return: KSRTP_REASON_OK, SHORT, VERSION, or HEADER where CSRC list or extension end beyond @len.
 */
static inline enum ksrtp_reason ksrtp_rtp_parse(const u8 *data, u32 len, struct ksrtp_rtp_hdr *hdr)
{
	u32 end;

	if (len < KSRTP_RTP_HDR_LEN)
		return KSRTP_REASON_SHORT;
	if (data[0] >> 6 != 2)
		return KSRTP_REASON_VERSION;

	end = KSRTP_RTP_HDR_LEN + 4 * (data[0] & 0x0f);
	if (end > len)
		return KSRTP_REASON_HEADER;
	if (data[0] & 0x10) {
		if (len - end < 4)
			return KSRTP_REASON_HEADER;
		/* Length of the extension in words, without its own first word. */
		end += 4 + 4 * (u32)get_unaligned_be16(data + end + 2);
		if (end > len)
			return KSRTP_REASON_HEADER;
	}

	hdr->seq = get_unaligned_be16(data + 2);
	hdr->ssrc = get_unaligned_be32(data + 8);
	hdr->pt = data[1] & 0x7f;
	hdr->len = end;
	return KSRTP_REASON_OK;
}

/**
 * ksrtp_rtcp_parse() - read the first header of an RTCP packet
 * @data: the packet, compound or reduced-size (RFC 5506)
 * @len: its octets, without the trailer where there is one
 * @ssrc: the sender's SSRC, on success
 *
 * Only the first header is looked at: the others are encrypted in SRTCP, and whoever sent
 * authentic nonsense there is for the receiver of the RTCP to judge.
 *
 * Return: KSRTP_REASON_OK, SHORT, VERSION, RTCP_TYPE, or HEADER where the first packet ends
 * beyond @len.
 */
static inline enum ksrtp_reason ksrtp_rtcp_parse(const u8 *data, u32 len, u32 *ssrc)
{
	if (len < KSRTP_RTCP_HDR_LEN)
		return KSRTP_REASON_SHORT;
	if (data[0] >> 6 != 2)
		return KSRTP_REASON_VERSION;
	if (!ksrtp_is_rtcp(data, len))
		return KSRTP_REASON_RTCP_TYPE;
	if (4 + 4 * (u32)get_unaligned_be16(data + 2) > len)
		return KSRTP_REASON_HEADER;

	*ssrc = get_unaligned_be32(data + 4);
	return KSRTP_REASON_OK;
}

#endif
