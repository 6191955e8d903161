// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/string.h>
#include "replay.h"

#define SEQ_BITS 16
#define SEQ_HALF (1U << (SEQ_BITS - 1))
#define ROC_MAX 0xffffffffU

/**
 * ksrtp_window_words() - 64-bit words that a window needs
 * @size: its size in packets
 *
 * A window that does not start on a word's edge touches one word more than it fills; a power of
 * two spares the data path a division.
 */
unsigned int ksrtp_window_words(u32 size)
{
	return roundup_pow_of_two(size / 64 + 1);
}

/**
 * ksrtp_window_init() - an empty window
 * @w: the window
 * @size: a size that ksrtp_window_size_valid()
 * @start: where an index estimate starts while nothing was committed: ROC << 16
 * @bits: ksrtp_window_words(@size) words that live as long as the window
 */
void ksrtp_window_init(struct ksrtp_window *w, u32 size, u64 start, u64 *bits)
{
	w->top = start;
	w->size = size;
	w->mask = ksrtp_window_words(size) - 1;
	w->used = false;
	w->bits = bits;
	memset(bits, 0, (w->mask + 1) * sizeof(*bits));
}

/**
 * ksrtp_window_restore() - take every index up to @top for used
 * @w: the window
 * @top: highest index that was or may have been used
 *
 * For keys that were used before: which indices below @top were used is not known any more.
 */
void ksrtp_window_restore(struct ksrtp_window *w, u64 top)
{
	memset(w->bits, 0xff, (w->mask + 1) * sizeof(*w->bits));
	w->bits[(top / 64) & w->mask] = ~0ULL >> (63 - top % 64);
	w->top = top;
	w->used = true;
}

/**
 * ksrtp_window_check() - may this index be used?
 * @w: the window
 * @index: the index
 *
 * Return: KSRTP_REASON_OK, REPLAY or TOO_OLD. Nothing is written.
 */
enum ksrtp_reason ksrtp_window_check(const struct ksrtp_window *w, u64 index)
{
	if (!w->used || index > w->top)
		return KSRTP_REASON_OK;
	if (w->top - index >= w->size)
		return KSRTP_REASON_TOO_OLD;
	if (w->bits[(index / 64) & w->mask] & (1ULL << index % 64))
		return KSRTP_REASON_REPLAY;
	return KSRTP_REASON_OK;
}

/**
 * ksrtp_window_set() - mark an index as used
 * @w: the window
 * @index: an index that ksrtp_window_check() allowed under the same lock
 */
void ksrtp_window_set(struct ksrtp_window *w, u64 index)
{
	u64 word;

	if (!w->used) {
		w->used = true;
		w->top = index;
	} else if (index > w->top) {
		/* After a jump beyond the ring each of its words is stale, and cleared once. */
		word = max(w->top / 64 + 1, index / 64 - min_t(u64, w->mask, index / 64));
		for (; word <= index / 64; word++)
			w->bits[word & w->mask] = 0;
		w->top = index;
	}
	w->bits[(index / 64) & w->mask] |= 1ULL << index % 64;
}

/**
 * ksrtp_index_estimate() - the 48-bit index of a sequence number (RFC 3711 appendix A)
 * @w: the window of its SSRC
 * @seq: sequence number from the packet
 * @index: the estimate, on success
 *
 * The ROC that brings the sequence number closest to the highest index used. With ROC 0 there is
 * no cycle before: a sequence number more than half a cycle ahead is then taken for what it says.
 *
 * Return: KSRTP_REASON_OK, or INDEX_LIMIT where the ROC would wrap.
 */
enum ksrtp_reason ksrtp_index_estimate(const struct ksrtp_window *w, u16 seq, u64 *index)
{
	u32 roc = w->top >> SEQ_BITS;
	u16 last = w->top;

	if (w->used && last < SEQ_HALF && seq > last + SEQ_HALF) {
		if (roc)
			roc--;
	} else if (w->used && last >= SEQ_HALF && seq < last - SEQ_HALF) {
		if (roc == ROC_MAX)
			return KSRTP_REASON_INDEX_LIMIT;
		roc++;
	}
	*index = (u64)roc << SEQ_BITS | seq;
	return KSRTP_REASON_OK;
}
