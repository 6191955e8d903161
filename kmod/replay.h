/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet index estimate (RFC 3711 3.3.1 and appendix A) and the window of indices already used.
 * No locking here: the owner of a window serialises (struct ksrtp_ssrc).
 */
#ifndef KSRTP_REPLAY_H
#define KSRTP_REPLAY_H

#include <linux/types.h>
#include "reason.h"

#define KSRTP_WINDOW_MIN 64
#define KSRTP_WINDOW_MAX 32768
#define KSRTP_WINDOW_DEFAULT 128

#define KSRTP_RTP_INDEX_MAX ((1ULL << 48) - 1)
#define KSRTP_RTCP_INDEX_MAX ((1ULL << 31) - 1)

/**
 * struct ksrtp_window - which packet indices were used
 * @top: the highest index used, if @used; else the index an estimate starts from
 * @size: how many indices up to and with @top are remembered
 * @mask: words of the ring less one; the ring is a power of two of 64-bit words
 * @used: an index was committed
 * @bits: the ring; index i is bit i % 64 of word (i / 64) & @mask
 *
 * The ring is one word larger than the window, so that moving @top only has to clear whole words
 * that left the window; nothing is ever shifted (the idea of RFC 6479).
 */
struct ksrtp_window {
	u64 top;
	u32 size;
	u32 mask;
	bool used;
	u64 *bits;
};

unsigned int ksrtp_window_words(u32 size);
void ksrtp_window_init(struct ksrtp_window *w, u32 size, u64 start, u64 *bits);
void ksrtp_window_restore(struct ksrtp_window *w, u64 top);
enum ksrtp_reason ksrtp_window_check(const struct ksrtp_window *w, u64 index);
void ksrtp_window_set(struct ksrtp_window *w, u64 index);
enum ksrtp_reason ksrtp_index_estimate(const struct ksrtp_window *w, u16 seq, u64 *index);

/**
 * ksrtp_window_size_valid() - may a window have this size?
 * @size: packets
 *
 * Multiples of 64 from 64 (RFC 3711 3.3.2 demands as much) to 32768: beyond that a sequence number
 * could not be told from one of the next cycle.
 */
static inline bool ksrtp_window_size_valid(u32 size)
{
	return size >= KSRTP_WINDOW_MIN && size <= KSRTP_WINDOW_MAX && size % 64 == 0;
}

#endif
