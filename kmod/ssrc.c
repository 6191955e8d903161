// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * State of one SSRC under one key in one direction.
 *
 * The lock is held for the index arithmetic only, never across cryptography. Even the look before
 * authentication takes it: a reader without it could meet a ring word on its way from one cycle to
 * the next, and drop a good packet.
 */
#include <linux/string.h>
#include "ssrc.h"

/**
 * ksrtp_ssrc_words() - words for the windows of an SSRC
 * @window: size of its SRTP window, one that ksrtp_window_size_valid()
 *
 * Return: how many u64 ksrtp_ssrc_init() needs. SRTCP always has the default window.
 */
unsigned int ksrtp_ssrc_words(u32 window)
{
	return ksrtp_window_words(window) + ksrtp_window_words(KSRTP_WINDOW_DEFAULT);
}

/**
 * ksrtp_ssrc_init() - state of an SSRC that nothing was sent or received of
 * @s: the state
 * @ssrc: the SSRC
 * @window: size of the SRTP window, one that ksrtp_window_size_valid()
 * @start_roc: ROC of the first packet
 * @bits: ksrtp_ssrc_words(@window) words that live as long as @s
 */
void ksrtp_ssrc_init(struct ksrtp_ssrc *s, u32 ssrc, u32 window, u32 start_roc, u64 *bits)
{
	memset(s, 0, sizeof(*s));
	spin_lock_init(&s->lock);
	s->ssrc = ssrc;
	ksrtp_window_init(&s->rtp, window, (u64)start_roc << 16, bits);
	ksrtp_window_init(&s->rtcp, KSRTP_WINDOW_DEFAULT, 0, bits + ksrtp_window_words(window));
}

/**
 * ksrtp_ssrc_restore_rtp() - go on behind an SRTP index
 * @s: the state
 * @index: highest index that was or may have been used; all up to it is refused from now on
 */
void ksrtp_ssrc_restore_rtp(struct ksrtp_ssrc *s, u64 index)
{
	spin_lock_bh(&s->lock);
	ksrtp_window_restore(&s->rtp, min_t(u64, index, KSRTP_RTP_INDEX_MAX));
	spin_unlock_bh(&s->lock);
}

/**
 * ksrtp_ssrc_restore_rtcp() - go on behind an SRTCP index
 * @s: the state
 * @index: highest index that was or may have been used, sent or received
 */
void ksrtp_ssrc_restore_rtcp(struct ksrtp_ssrc *s, u32 index)
{
	index = min_t(u32, index, KSRTP_RTCP_INDEX_MAX);
	spin_lock_bh(&s->lock);
	ksrtp_window_restore(&s->rtcp, index);
	s->rtcp_next = index + 1;
	spin_unlock_bh(&s->lock);
}

/**
 * ksrtp_ssrc_info() - a consistent copy
 * @s: the state
 * @info: filled
 *
 * Any context that is not hard interrupt.
 */
void ksrtp_ssrc_info(struct ksrtp_ssrc *s, struct ksrtp_ssrc_info *info)
{
	spin_lock_bh(&s->lock);
	info->rtp_used = s->rtp.used;
	info->rtcp_used = s->rtcp.used;
	info->rtp_index = s->rtp.top;
	info->rtcp_index = s->rtcp.top;
	info->rtcp_next = s->rtcp_next;
	info->counts = s->counts;
	info->last_reason = s->last_reason;
	spin_unlock_bh(&s->lock);
}

static void refused_locked(struct ksrtp_ssrc *s, enum ksrtp_reason reason)
{
	lockdep_assert_held(&s->lock);

	s->last_reason = reason;
	switch (reason) {
	case KSRTP_REASON_AUTH_FAIL:
		s->counts.auth_fail++;
		break;
	case KSRTP_REASON_REPLAY:
	case KSRTP_REASON_TX_REPLAY:
		s->counts.replay++;
		break;
	case KSRTP_REASON_TOO_OLD:
	case KSRTP_REASON_TX_OLD:
		s->counts.too_old++;
		break;
	default:
		s->counts.other++;
	}
}

/**
 * ksrtp_ssrc_refused() - count a refused packet
 * @s: the state
 * @reason: why
 */
void ksrtp_ssrc_refused(struct ksrtp_ssrc *s, enum ksrtp_reason reason)
{
	spin_lock(&s->lock);
	refused_locked(s, reason);
	spin_unlock(&s->lock);
}

/**
 * ksrtp_ssrc_take_rtp() - the index for a packet to send, used up by this call
 * @s: transmit state
 * @seq: sequence number of the packet
 * @octets: of the packet, to count
 * @index: the index, on success
 *
 * Return: KSRTP_REASON_OK, TX_REPLAY, TX_OLD or INDEX_LIMIT.
 */
enum ksrtp_reason ksrtp_ssrc_take_rtp(struct ksrtp_ssrc *s, u16 seq, u32 octets, u64 *index)
{
	enum ksrtp_reason reason;

	spin_lock(&s->lock);
	reason = ksrtp_index_estimate(&s->rtp, seq, index);
	if (!reason)
		reason = ksrtp_window_check(&s->rtp, *index);
	if (reason == KSRTP_REASON_REPLAY)
		reason = KSRTP_REASON_TX_REPLAY;
	else if (reason == KSRTP_REASON_TOO_OLD)
		reason = KSRTP_REASON_TX_OLD;

	if (reason) {
		refused_locked(s, reason);
	} else {
		ksrtp_window_set(&s->rtp, *index);
		s->counts.rtp_packets++;
		s->counts.rtp_octets += octets;
	}
	spin_unlock(&s->lock);
	return reason;
}

/**
 * ksrtp_ssrc_take_rtcp() - the index for an RTCP packet to send, used up by this call
 * @s: transmit state
 * @octets: of the packet, to count
 * @index: the index, on success; the first one is 0 (RFC 3711 3.4)
 *
 * Return: KSRTP_REASON_OK, or INDEX_LIMIT after 2^31 packets.
 */
enum ksrtp_reason ksrtp_ssrc_take_rtcp(struct ksrtp_ssrc *s, u32 octets, u32 *index)
{
	enum ksrtp_reason reason = KSRTP_REASON_OK;

	spin_lock(&s->lock);
	if (s->rtcp_next > KSRTP_RTCP_INDEX_MAX) {
		reason = KSRTP_REASON_INDEX_LIMIT;
		refused_locked(s, reason);
	} else {
		*index = s->rtcp_next++;
		s->counts.rtcp_packets++;
		s->counts.rtcp_octets += octets;
	}
	spin_unlock(&s->lock);
	return reason;
}

/**
 * ksrtp_ssrc_look_rtp() - estimate the index of a received packet and look it up
 * @s: receive state, which stays as it is
 * @seq: sequence number of the packet
 * @index: the estimate, on success
 *
 * Return: KSRTP_REASON_OK, REPLAY, TOO_OLD or INDEX_LIMIT.
 */
enum ksrtp_reason ksrtp_ssrc_look_rtp(struct ksrtp_ssrc *s, u16 seq, u64 *index)
{
	enum ksrtp_reason reason;

	spin_lock(&s->lock);
	reason = ksrtp_index_estimate(&s->rtp, seq, index);
	if (!reason)
		reason = ksrtp_window_check(&s->rtp, *index);
	spin_unlock(&s->lock);
	return reason;
}

/**
 * ksrtp_ssrc_look_rtcp() - look up the index of a received RTCP packet
 * @s: receive state, which stays as it is
 * @index: from the packet
 *
 * Return: KSRTP_REASON_OK, REPLAY or TOO_OLD.
 */
enum ksrtp_reason ksrtp_ssrc_look_rtcp(struct ksrtp_ssrc *s, u32 index)
{
	enum ksrtp_reason reason;

	spin_lock(&s->lock);
	reason = ksrtp_window_check(&s->rtcp, index);
	spin_unlock(&s->lock);
	return reason;
}

/* Check again and mark: another CPU may have been faster with the same index. */
static enum ksrtp_reason commit_locked(struct ksrtp_ssrc *s, struct ksrtp_window *w, u64 index)
{
	enum ksrtp_reason reason = ksrtp_window_check(w, index);

	if (reason)
		refused_locked(s, reason);
	else
		ksrtp_window_set(w, index);
	return reason;
}

/**
 * ksrtp_commit_rtp() - mark the index of an authentic packet
 * @s: receive state
 * @index: from ksrtp_unprotect_rtp()
 * @octets: of the decrypted packet, to count
 *
 * Return: KSRTP_REASON_OK, REPLAY or TOO_OLD: then the packet is dropped.
 */
enum ksrtp_reason ksrtp_commit_rtp(struct ksrtp_ssrc *s, u64 index, u32 octets)
{
	enum ksrtp_reason reason;

	spin_lock(&s->lock);
	reason = commit_locked(s, &s->rtp, index);
	if (!reason) {
		s->counts.rtp_packets++;
		s->counts.rtp_octets += octets;
	}
	spin_unlock(&s->lock);
	return reason;
}

/**
 * ksrtp_commit_rtcp() - mark the index of an authentic RTCP packet
 * @s: receive state
 * @index: from ksrtp_unprotect_rtcp()
 * @octets: of the decrypted packet, to count
 *
 * Return: KSRTP_REASON_OK, REPLAY or TOO_OLD: then the packet is dropped.
 */
enum ksrtp_reason ksrtp_commit_rtcp(struct ksrtp_ssrc *s, u32 index, u32 octets)
{
	enum ksrtp_reason reason;

	spin_lock(&s->lock);
	reason = commit_locked(s, &s->rtcp, index);
	if (!reason) {
		s->counts.rtcp_packets++;
		s->counts.rtcp_octets += octets;
	}
	spin_unlock(&s->lock);
	return reason;
}
