// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An SA applied to a packet: which key, which SSRC state, then the transform. With BH off, in the
 * RCU section of the packet.
 */
#include "event.h"
#include "key.h"
#include "net.h"
#include "sa.h"
#include "source.h"

static enum ksrtp_reason header(bool rtcp, const struct ksrtp_pkt *pkt, u32 trailer, u32 *ssrc,
				u16 *seq)
{
	struct ksrtp_rtp_hdr hdr;
	enum ksrtp_reason reason;

	if (pkt->len < trailer)
		return KSRTP_REASON_SHORT;
	if (rtcp)
		return ksrtp_rtcp_parse(pkt->data, pkt->len - trailer, ssrc);
	reason = ksrtp_rtp_parse(pkt->data, pkt->len - trailer, &hdr);
	if (!reason) {
		*ssrc = hdr.ssrc;
		*seq = hdr.seq;
	}
	return reason;
}

static enum ksrtp_reason no_key(const struct ksrtp_sa *sa)
{
	return READ_ONCE(sa->wiped) ? KSRTP_REASON_BLOCKED : KSRTP_REASON_NO_KEY;
}

/* Count a packet against the limits of its key. False: it is one too many. */
static bool key_take(struct ksrtp_sa *sa, struct ksrtp_key *key)
{
	u64 n;

	if (!ksrtp_key_limited(key))
		return true;

	n = atomic64_inc_return(&key->packets);
	if (key->soft_packets && n >= key->soft_packets &&
	    !test_and_set_bit(KSRTP_KEY_SOFT_SENT, &key->flags))
		ksrtp_event_key(sa, key, KSRTP_CMD_KEY_SOFT_NTF);
	if (!key->hard_packets || n < key->hard_packets)
		return true;
	/* The last one, or one that came at the same time on another CPU. */
	if (!test_and_set_bit(KSRTP_KEY_EXPIRED, &key->flags)) {
		ksrtp_event_key(sa, key, KSRTP_CMD_KEY_HARD_NTF);
		ksrtp_net_tick_soon(sa->kn);
	}
	return n == key->hard_packets;
}

/**
 * ksrtp_sa_protect() - RTP to SRTP, RTCP to SRTCP
 * @sa: a transmit SA
 * @rtcp: it is RTCP
 * @pkt: the packet; undefined after a refusal
 */
enum ksrtp_reason ksrtp_sa_protect(struct ksrtp_sa *sa, bool rtcp, struct ksrtp_pkt *pkt)
{
	struct ksrtp_key *key = rcu_dereference(sa->active);
	enum ksrtp_reason reason;
	struct ksrtp_source *source;
	u32 ssrc;
	u16 seq;

	if (!key)
		return no_key(sa);
	if (test_bit(KSRTP_KEY_EXPIRED, &key->flags))
		return KSRTP_REASON_KEY_EXPIRED;
	reason = header(rtcp, pkt, 0, &ssrc, &seq);
	if (reason)
		return reason;

	source = ksrtp_source_find(sa, key, ssrc);
	if (!source)
		source = ksrtp_source_make(sa, key, ssrc, &reason);
	if (!source)
		return reason;
	if (!key_take(sa, key))
		return KSRTP_REASON_KEY_EXPIRED;

	if (rtcp)
		return ksrtp_protect_rtcp(&key->ctx, &source->st, pkt);
	return ksrtp_protect_rtp(&key->ctx, &source->st, pkt);
}

static enum ksrtp_reason first_rtp(struct ksrtp_sa *sa, struct ksrtp_key *key, u32 ssrc, u16 seq,
				   struct ksrtp_pkt *pkt)
{
	u32 roc = ksrtp_source_roc(sa, key, ssrc, seq);
	enum ksrtp_reason reason;
	struct ksrtp_source *source;
	u64 index;

	reason = ksrtp_unprotect_rtp(&key->ctx, NULL, roc, pkt, &index);
	if (reason)
		return reason;
	source = ksrtp_source_make(sa, key, ssrc, &reason);
	if (!source)
		return reason;
	return ksrtp_commit_rtp(&source->st, index, pkt->len);
}

static enum ksrtp_reason first_rtcp(struct ksrtp_sa *sa, struct ksrtp_key *key, u32 ssrc,
				    struct ksrtp_pkt *pkt)
{
	enum ksrtp_reason reason;
	struct ksrtp_source *source;
	u32 index;

	reason = ksrtp_unprotect_rtcp(&key->ctx, NULL, pkt, &index);
	if (reason)
		return reason;
	source = ksrtp_source_make(sa, key, ssrc, &reason);
	if (!source)
		return reason;
	return ksrtp_commit_rtcp(&source->st, index, pkt->len);
}

static struct ksrtp_key *rx_key(const struct ksrtp_sa *sa, bool rtcp, const struct ksrtp_pkt *pkt,
				enum ksrtp_reason *reason)
{
	const u8 *mki = pkt->data;
	struct ksrtp_key *key;
	int i;

	if (sa->mki_len) {
		mki = rtcp ? ksrtp_rtcp_mki(sa->suite, pkt->data, pkt->len, sa->mki_len) :
			     ksrtp_rtp_mki(sa->suite, pkt->data, pkt->len, sa->mki_len);
		if (!mki) {
			*reason = KSRTP_REASON_SHORT;
			return NULL;
		}
	}
	key = ksrtp_key_find(sa, mki, sa->mki_len);
	if (key) {
		if (!test_bit(KSRTP_KEY_EXPIRED, &key->flags))
			return key;
		*reason = KSRTP_REASON_KEY_EXPIRED;
		return NULL;
	}
	*reason = no_key(sa);
	for (i = 0; i < KSRTP_KEY_SLOTS; i++)
		if (rcu_access_pointer(sa->keys[i]))
			*reason = KSRTP_REASON_MKI_UNKNOWN;
	return NULL;
}

/**
 * ksrtp_sa_unprotect() - SRTP to RTP, SRTCP to RTCP
 * @sa: a receive SA
 * @rtcp: it is SRTCP
 * @pkt: the packet; after a refusal it must not be delivered
 */
enum ksrtp_reason ksrtp_sa_unprotect(struct ksrtp_sa *sa, bool rtcp, struct ksrtp_pkt *pkt)
{
	u32 trailer = rtcp ? ksrtp_suite_rtcp_overhead(sa->suite, sa->mki_len) :
			     ksrtp_suite_rtp_overhead(sa->suite, sa->mki_len);
	struct ksrtp_source *source;
	enum ksrtp_reason reason;
	struct ksrtp_key *key;
	u64 index;
	u32 ssrc, index32;
	u16 seq;

	reason = header(rtcp, pkt, trailer, &ssrc, &seq);
	if (reason)
		return reason;
	key = rx_key(sa, rtcp, pkt, &reason);
	if (!key)
		return reason;

	source = ksrtp_source_find(sa, key, ssrc);
	if (source)
		reason = rtcp ? ksrtp_unprotect_rtcp(&key->ctx, &source->st, pkt, &index32) :
				ksrtp_unprotect_rtp(&key->ctx, &source->st, 0, pkt, &index);
	else
		reason = rtcp ? first_rtcp(sa, key, ssrc, pkt) :
				first_rtp(sa, key, ssrc, seq, pkt);
	if (!reason && !key_take(sa, key))
		reason = KSRTP_REASON_KEY_EXPIRED;
	return reason;
}
