/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a family of suites does to one packet whose header was parsed and whose index is settled.
 */
#ifndef KSRTP_TRANSFORM_H
#define KSRTP_TRANSFORM_H

#include <linux/bits.h>
#include "srtp.h"

/**
 * struct ksrtp_transform_ops - lay out, encrypt and authenticate
 * @protect_rtp: encrypt the payload, append the trailer; the room was checked
 * @unprotect_rtp: verify, decrypt, cut the trailer off; its presence was checked
 * @protect_rtcp: likewise for SRTCP, with the SRTCP index to use
 * @unprotect_rtcp: likewise for SRTCP, with the word of E bit and index found in the packet
 *
 * unprotect_* must leave the packet unchanged when it returns KSRTP_REASON_AUTH_FAIL.
 */
struct ksrtp_transform_ops {
	enum ksrtp_reason (*protect_rtp)(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					 const struct ksrtp_rtp_hdr *hdr, u64 index);
	enum ksrtp_reason (*unprotect_rtp)(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					   const struct ksrtp_rtp_hdr *hdr, u64 index);
	enum ksrtp_reason (*protect_rtcp)(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					  u32 ssrc, u32 index);
	enum ksrtp_reason (*unprotect_rtcp)(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					    u32 ssrc, u32 word);
};

/* In the word that carries the SRTCP index: the packet is encrypted (RFC 3711 3.4). */
#define KSRTP_RTCP_E BIT(31)

extern const struct ksrtp_transform_ops ksrtp_cm_ops;

#endif
