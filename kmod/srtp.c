// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Order of checks on receive: parse, estimate the index, look it up in the window, authenticate,
 * decrypt, and under the SSRC's lock look it up again and mark it. Nothing is written before the
 * packet is authentic (RFC 3711 3.3).
 */
#include <crypto/algapi.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "crypto.h"
#include "kdf.h"
#include "ssrc.h"
#include "transform.h"

static void session_destroy(struct ksrtp_session *session)
{
	ksrtp_cipher_free(session->cipher);
	ksrtp_mac_free(session->mac);
	memzero_explicit(session, sizeof(*session));
}

/* Derive and install the session keys of SRTP or, with labels three higher, of SRTCP. */
static int session_init(struct ksrtp_session *session, const struct ksrtp_suite_desc *suite,
			const struct ksrtp_kdf *kdf, enum ksrtp_kdf_label base)
{
	u8 key[KSRTP_SESSION_KEY_MAX];
	u8 auth[KSRTP_AUTH_KEY_MAX];
	int ret = 0;

	if (suite->salt_len)
		ksrtp_kdf_derive(kdf, base + KSRTP_LABEL_RTP_SALT, 0, session->salt,
				 suite->salt_len);
	if (suite->key_len) {
		ksrtp_kdf_derive(kdf, base + KSRTP_LABEL_RTP_KEY, 0, key, suite->key_len);
		session->cipher = ksrtp_cipher_alloc(key, suite->key_len);
		memzero_explicit(key, sizeof(key));
		if (IS_ERR(session->cipher)) {
			ret = PTR_ERR(session->cipher);
			session->cipher = NULL;
			return ret;
		}
	}
	if (suite->auth_key_len) {
		ksrtp_kdf_derive(kdf, base + KSRTP_LABEL_RTP_AUTH, 0, auth, suite->auth_key_len);
		session->mac = ksrtp_mac_alloc(auth, suite->auth_key_len);
		memzero_explicit(auth, sizeof(auth));
		if (IS_ERR(session->mac)) {
			ret = PTR_ERR(session->mac);
			session->mac = NULL;
		}
	}
	return ret;
}

/**
 * ksrtp_key_ctx_init() - build all session keys of a master key
 * @key: to fill, before anybody else can see it
 * @params: what it is made of; the caller wipes its copies of master key and salt
 *
 * May sleep, and load modules of the crypto API.
 *
 * Return: 0, -EINVAL for a length that is not the suite's, -ENOMEM, or what the crypto API says.
 * After a failure @key holds nothing.
 */
int ksrtp_key_ctx_init(struct ksrtp_key_ctx *key, const struct ksrtp_key_params *params)
{
	const struct ksrtp_suite_desc *suite = params->suite;
	struct ksrtp_kdf *kdf;
	int ret;

	memset(key, 0, sizeof(*key));
	if (params->master_key_len != suite->master_key_len ||
	    params->master_salt_len != suite->master_salt_len || params->mki_len > KSRTP_MKI_MAX)
		return -EINVAL;

	kdf = kmalloc(sizeof(*kdf), GFP_KERNEL);
	if (!kdf)
		return -ENOMEM;
	ret = ksrtp_kdf_init(kdf, params->master_key, params->master_key_len, params->master_salt,
			     params->master_salt_len);
	if (ret)
		goto err_kdf;

	key->suite = suite;
	key->mki_len = params->mki_len;
	if (key->mki_len)
		memcpy(key->mki, params->mki, key->mki_len);
	ret = session_init(&key->rtp, suite, kdf, KSRTP_LABEL_RTP_KEY);
	if (!ret)
		ret = session_init(&key->rtcp, suite, kdf, KSRTP_LABEL_RTCP_KEY);
	if (ret)
		ksrtp_key_ctx_destroy(key);

err_kdf:
	kfree_sensitive(kdf);
	return ret;
}

/**
 * ksrtp_key_ctx_destroy() - wipe and free the session keys
 * @key: a key that no reader can reach any more; one that holds nothing is fine too
 *
 * May sleep.
 */
void ksrtp_key_ctx_destroy(struct ksrtp_key_ctx *key)
{
	session_destroy(&key->rtp);
	session_destroy(&key->rtcp);
	memzero_explicit(key, sizeof(*key));
}

/* Where the MKI of a packet with this overhead and fixed header stands. */
static const u8 *mki_at(const u8 *data, u32 len, u32 hdr_len, u32 overhead, u32 behind)
{
	return len < hdr_len + overhead ? NULL : data + len - behind;
}

/**
 * ksrtp_rtp_mki() - find the MKI of an SRTP packet
 * @suite: suite of the SA
 * @data: the packet
 * @len: its octets
 * @mki_len: octets of an MKI in this SA
 *
 * Return: a pointer into the packet, NULL where the packet is too short.
 */
const u8 *ksrtp_rtp_mki(const struct ksrtp_suite_desc *suite, const u8 *data, u32 len, u32 mki_len)
{
	return mki_at(data, len, KSRTP_RTP_HDR_LEN, ksrtp_suite_rtp_overhead(suite, mki_len),
		      suite->rtp_tag_len + mki_len);
}

/**
 * ksrtp_rtcp_mki() - find the MKI of an SRTCP packet
 * @suite: suite of the SA
 * @data: the packet
 * @len: its octets
 * @mki_len: octets of an MKI in this SA
 *
 * Return: a pointer into the packet, NULL where the packet is too short.
 */
const u8 *ksrtp_rtcp_mki(const struct ksrtp_suite_desc *suite, const u8 *data, u32 len, u32 mki_len)
{
	return mki_at(data, len, KSRTP_RTCP_HDR_LEN, ksrtp_suite_rtcp_overhead(suite, mki_len),
		      suite->rtcp_tag_len + mki_len);
}

/**
 * ksrtp_protect_rtp() - turn RTP into SRTP
 * @key: the key
 * @s: transmit state of the packet's SSRC under this key
 * @pkt: the packet
 *
 * The index is taken for good before the packet is encrypted: a sequence number that comes again,
 * from a relayed duplicate or a confused sender, never meets the same keystream (RFC 3711 9.1).
 *
 * Return: KSRTP_REASON_OK, ROOM, TX_REPLAY, TX_OLD, INDEX_LIMIT, CRYPTO, or why it is not RTP.
 */
enum ksrtp_reason ksrtp_protect_rtp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				    struct ksrtp_pkt *pkt)
{
	u32 overhead = ksrtp_suite_rtp_overhead(key->suite, key->mki_len);
	enum ksrtp_reason reason;
	struct ksrtp_rtp_hdr hdr;
	u64 index;

	reason = ksrtp_rtp_parse(pkt->data, pkt->len, &hdr);
	if (!reason && (pkt->cap < pkt->len || pkt->cap - pkt->len < overhead))
		reason = KSRTP_REASON_ROOM;
	if (!reason)
		reason = ksrtp_ssrc_take_rtp(s, hdr.seq, pkt->len, &index);
	else
		ksrtp_ssrc_refused(s, reason);
	if (reason)
		return reason;

	reason = key->suite->ops->protect_rtp(key, pkt, &hdr, index);
	if (reason)
		ksrtp_ssrc_refused(s, reason);
	return reason;
}

/**
 * ksrtp_protect_rtcp() - turn RTCP into SRTCP
 * @key: the key
 * @s: transmit state of the packet's SSRC under this key
 * @pkt: the packet
 *
 * Return: KSRTP_REASON_OK, ROOM, INDEX_LIMIT, CRYPTO, or why it is not RTCP.
 */
enum ksrtp_reason ksrtp_protect_rtcp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				     struct ksrtp_pkt *pkt)
{
	u32 overhead = ksrtp_suite_rtcp_overhead(key->suite, key->mki_len);
	enum ksrtp_reason reason;
	u32 ssrc, index;

	reason = ksrtp_rtcp_parse(pkt->data, pkt->len, &ssrc);
	if (!reason && (pkt->cap < pkt->len || pkt->cap - pkt->len < overhead))
		reason = KSRTP_REASON_ROOM;
	if (!reason)
		reason = ksrtp_ssrc_take_rtcp(s, pkt->len, &index);
	else
		ksrtp_ssrc_refused(s, reason);
	if (reason)
		return reason;

	reason = key->suite->ops->protect_rtcp(key, pkt, ssrc, index);
	if (reason)
		ksrtp_ssrc_refused(s, reason);
	return reason;
}

/**
 * ksrtp_unprotect_rtp() - turn SRTP into RTP
 * @key: the key
 * @s: receive state of the packet's SSRC under this key, or NULL while there is none
 * @start_roc: the ROC to try, without @s
 * @pkt: the packet
 * @index: its index, on success
 *
 * With @s the index is committed. Without, the caller makes the state, because only authentic
 * packets may cost memory, and calls ksrtp_commit_rtp().
 *
 * Return: KSRTP_REASON_OK, SHORT, VERSION, HEADER, MKI_UNKNOWN, INDEX_LIMIT, REPLAY, TOO_OLD,
 * AUTH_FAIL or CRYPTO.
 */
enum ksrtp_reason ksrtp_unprotect_rtp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				      u32 start_roc, struct ksrtp_pkt *pkt, u64 *index)
{
	u32 overhead = ksrtp_suite_rtp_overhead(key->suite, key->mki_len);
	enum ksrtp_reason reason;
	struct ksrtp_rtp_hdr hdr;
	const u8 *mki;

	mki = ksrtp_rtp_mki(key->suite, pkt->data, pkt->len, key->mki_len);
	if (!mki)
		reason = KSRTP_REASON_SHORT;
	else if (crypto_memneq(mki, key->mki, key->mki_len))
		reason = KSRTP_REASON_MKI_UNKNOWN;
	else
		reason = ksrtp_rtp_parse(pkt->data, pkt->len - overhead, &hdr);
	if (reason)
		goto refused;

	if (s)
		reason = ksrtp_ssrc_look_rtp(s, hdr.seq, index);
	else
		*index = (u64)start_roc << 16 | hdr.seq;
	if (reason)
		goto refused;

	reason = key->suite->ops->unprotect_rtp(key, pkt, &hdr, *index);
	if (reason)
		goto refused;
	return s ? ksrtp_commit_rtp(s, *index, pkt->len) : KSRTP_REASON_OK;

refused:
	if (s)
		ksrtp_ssrc_refused(s, reason);
	return reason;
}

/**
 * ksrtp_unprotect_rtcp() - turn SRTCP into RTCP
 * @key: the key
 * @s: receive state of the packet's SSRC under this key, or NULL while there is none
 * @pkt: the packet
 * @index: its index, on success
 *
 * With @s the index is committed, without the caller does it with ksrtp_commit_rtcp().
 *
 * Return: KSRTP_REASON_OK, SHORT, VERSION, RTCP_TYPE, HEADER, MKI_UNKNOWN, REPLAY, TOO_OLD,
 * AUTH_FAIL, CLEAR or CRYPTO.
 */
enum ksrtp_reason ksrtp_unprotect_rtcp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				       struct ksrtp_pkt *pkt, u32 *index)
{
	u32 overhead = ksrtp_suite_rtcp_overhead(key->suite, key->mki_len);
	enum ksrtp_reason reason;
	u32 ssrc, word;
	const u8 *mki;

	mki = ksrtp_rtcp_mki(key->suite, pkt->data, pkt->len, key->mki_len);
	if (!mki)
		reason = KSRTP_REASON_SHORT;
	else if (crypto_memneq(mki, key->mki, key->mki_len))
		reason = KSRTP_REASON_MKI_UNKNOWN;
	else
		reason = ksrtp_rtcp_parse(pkt->data, pkt->len - overhead, &ssrc);
	if (reason)
		goto refused;

	word = get_unaligned_be32(pkt->data + pkt->len - overhead);
	*index = word & ~KSRTP_RTCP_E;
	if (s)
		reason = ksrtp_ssrc_look_rtcp(s, *index);
	if (reason)
		goto refused;

	reason = key->suite->ops->unprotect_rtcp(key, pkt, ssrc, word);
	if (reason)
		goto refused;
	return s ? ksrtp_commit_rtcp(s, *index, pkt->len) : KSRTP_REASON_OK;

refused:
	if (s)
		ksrtp_ssrc_refused(s, reason);
	return reason;
}
