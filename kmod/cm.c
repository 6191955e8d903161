// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The suites of RFC 3711: AES-CM or nothing for the payload, HMAC-SHA1 for the packet.
 *
 *	SRTP	header | payload | MKI | tag		tag over header, payload, ROC
 *	SRTCP	header | rest | E, index | MKI | tag	tag over all before the MKI
 */
#include <crypto/algapi.h>
#include <linux/string.h>
#include "compat/unaligned.h"
#include "crypto.h"
#include "transform.h"

#define ROC_LEN 4

/* RFC 3711 4.1.1: salt, SSRC and index side by side, with 16 bits left for the block counter. */
static int cm_crypt(const struct ksrtp_session *session, u32 ssrc, u64 index, u8 *data, u32 len)
{
	u8 iv[KSRTP_BLOCK_LEN] = { 0 };
	u8 x[12];
	int ret, i;

	if (!session->cipher || !len)
		return 0;

	memcpy(iv, session->salt, sizeof(session->salt));
	put_unaligned_be32(ssrc, x);
	put_unaligned_be64(index << 16, x + 4);
	for (i = 0; i < (int)sizeof(x); i++)
		iv[4 + i] ^= x[i];
	ret = ksrtp_cipher_ctr(session->cipher, iv, data, len);
	memzero_explicit(iv, sizeof(iv));
	return ret;
}

/* Write the tag behind what it covers, and behind the MKI that it does not cover. */
static int cm_seal(const struct ksrtp_key_ctx *key, const struct ksrtp_session *session,
		   struct ksrtp_pkt *pkt, const u8 *tail, u32 tail_len, u32 tag_len)
{
	u8 sum[KSRTP_SHA1_LEN];
	int ret;

	ret = ksrtp_mac_sum(session->mac, pkt->data, pkt->len, tail, tail_len, sum);
	if (ret)
		return ret;
	memcpy(pkt->data + pkt->len, key->mki, key->mki_len);
	memcpy(pkt->data + pkt->len + key->mki_len, sum, tag_len);
	pkt->len += key->mki_len + tag_len;
	return 0;
}

/* Verify the tag over the first @len octets. A forged packet must not learn how much matched. */
static enum ksrtp_reason cm_verify(const struct ksrtp_session *session, const struct ksrtp_pkt *pkt,
				   u32 len, const u8 *tail, u32 tail_len, u32 tag_len)
{
	enum ksrtp_reason reason = KSRTP_REASON_OK;
	u8 sum[KSRTP_SHA1_LEN];

	if (ksrtp_mac_sum(session->mac, pkt->data, len, tail, tail_len, sum))
		reason = KSRTP_REASON_CRYPTO;
	else if (crypto_memneq(sum, pkt->data + pkt->len - tag_len, tag_len))
		reason = KSRTP_REASON_AUTH_FAIL;
	/* The right tag of a forged packet is worth something to whoever sent it. */
	memzero_explicit(sum, sizeof(sum));
	return reason;
}

static enum ksrtp_reason cm_protect_rtp(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					const struct ksrtp_rtp_hdr *hdr, u64 index)
{
	u8 roc[ROC_LEN];

	if (cm_crypt(&key->rtp, hdr->ssrc, index, pkt->data + hdr->len, pkt->len - hdr->len))
		return KSRTP_REASON_CRYPTO;
	put_unaligned_be32(index >> 16, roc);
	if (cm_seal(key, &key->rtp, pkt, roc, sizeof(roc), key->suite->rtp_tag_len))
		return KSRTP_REASON_CRYPTO;
	return KSRTP_REASON_OK;
}

static enum ksrtp_reason cm_unprotect_rtp(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					  const struct ksrtp_rtp_hdr *hdr, u64 index)
{
	u32 len = pkt->len - ksrtp_suite_rtp_overhead(key->suite, key->mki_len);
	enum ksrtp_reason reason;
	u8 roc[ROC_LEN];

	put_unaligned_be32(index >> 16, roc);
	reason = cm_verify(&key->rtp, pkt, len, roc, sizeof(roc), key->suite->rtp_tag_len);
	if (reason)
		return reason;
	if (cm_crypt(&key->rtp, hdr->ssrc, index, pkt->data + hdr->len, len - hdr->len))
		return KSRTP_REASON_CRYPTO;
	pkt->len = len;
	return KSRTP_REASON_OK;
}

static enum ksrtp_reason cm_protect_rtcp(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					 u32 ssrc, u32 index)
{
	u32 word = index;

	if (key->suite->cipher != KSRTP_CIPHER_NULL)
		word |= KSRTP_RTCP_E;
	if (cm_crypt(&key->rtcp, ssrc, index, pkt->data + KSRTP_RTCP_HDR_LEN,
		     pkt->len - KSRTP_RTCP_HDR_LEN))
		return KSRTP_REASON_CRYPTO;
	put_unaligned_be32(word, pkt->data + pkt->len);
	pkt->len += KSRTP_RTCP_INDEX_LEN;
	if (cm_seal(key, &key->rtcp, pkt, NULL, 0, key->suite->rtcp_tag_len))
		return KSRTP_REASON_CRYPTO;
	return KSRTP_REASON_OK;
}

static enum ksrtp_reason cm_unprotect_rtcp(const struct ksrtp_key_ctx *key, struct ksrtp_pkt *pkt,
					   u32 ssrc, u32 word)
{
	u32 len = pkt->len - ksrtp_suite_rtcp_overhead(key->suite, key->mki_len);
	enum ksrtp_reason reason;

	reason = cm_verify(&key->rtcp, pkt, len + KSRTP_RTCP_INDEX_LEN, NULL, 0,
			   key->suite->rtcp_tag_len);
	if (reason)
		return reason;
	/* The suite promises secrecy; a peer that leaves it off is not met half-way. */
	if (key->suite->cipher != KSRTP_CIPHER_NULL && !(word & KSRTP_RTCP_E))
		return KSRTP_REASON_CLEAR;
	if (cm_crypt(&key->rtcp, ssrc, word & ~KSRTP_RTCP_E, pkt->data + KSRTP_RTCP_HDR_LEN,
		     len - KSRTP_RTCP_HDR_LEN))
		return KSRTP_REASON_CRYPTO;
	pkt->len = len;
	return KSRTP_REASON_OK;
}

const struct ksrtp_transform_ops ksrtp_cm_ops = {
	.protect_rtp = cm_protect_rtp,
	.unprotect_rtp = cm_unprotect_rtp,
	.protect_rtcp = cm_protect_rtcp,
	.unprotect_rtcp = cm_unprotect_rtcp,
};
