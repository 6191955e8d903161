// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Index estimate and windows: what each sequence number in a row becomes, for receive and transmit
 * alike.
 */
#include <linux/bottom_half.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../ssrc.h"
#include "selftest.h"

#define OK KSRTP_REASON_OK
#define REPLAY KSRTP_REASON_REPLAY
#define TOO_OLD KSRTP_REASON_TOO_OLD
#define LIMIT KSRTP_REASON_INDEX_LIMIT

struct step {
	u16 seq;
	u32 roc;
	enum ksrtp_reason reason;
};

struct index_case {
	const char *name;
	u32 window;
	u32 start_roc;
	struct step steps[10];
	unsigned int n;
};

static const struct index_case cases[] __initconst = {
	{
		"wrap in order", 64, 0,
		{ { 65534, 0, OK }, { 65535, 0, OK }, { 0, 1, OK }, { 1, 1, OK } }, 4,
	},
	{
		"reordering around a wrap", 64, 0,
		{ { 65533, 0, OK }, { 65535, 0, OK }, { 1, 1, OK }, { 65534, 0, OK },
		  { 0, 1, OK }, { 65534, 0, REPLAY }, { 0, 1, REPLAY }, { 2, 1, OK },
		  { 65532, 0, OK }, { 65533, 0, REPLAY } }, 10,
	},
	{
		"a cycle before the start ROC", 128, 7,
		{ { 3, 7, OK }, { 65535, 6, OK }, { 4, 7, OK }, { 65535, 6, REPLAY } }, 4,
	},
	{
		"no cycle before ROC 0", 64, 0,
		{ { 2, 0, OK }, { 65535, 0, OK }, { 3, 1, OK }, { 2, 1, OK },
		  { 65535, 0, REPLAY } }, 5,
	},
	{
		"window of 64", 64, 0,
		{ { 1000, 0, OK }, { 937, 0, OK }, { 936, 0, TOO_OLD }, { 937, 0, REPLAY },
		  { 1001, 0, OK }, { 937, 0, TOO_OLD }, { 938, 0, OK } }, 7,
	},
	{
		"window over a wrap", 128, 2,
		{ { 10, 2, OK }, { 65419, 1, OK }, { 65418, 1, TOO_OLD }, { 10, 2, REPLAY } }, 4,
	},
	{
		"half a cycle ahead and back", 64, 5,
		{ { 0, 5, OK }, { 32768, 5, OK }, { 0, 5, TOO_OLD }, { 65535, 5, OK },
		  { 32766, 6, OK } }, 5,
	},
	{
		"several wraps by jumps", 64, 0,
		{ { 0, 0, OK }, { 30000, 0, OK }, { 60000, 0, OK }, { 24464, 1, OK },
		  { 54464, 1, OK }, { 18928, 2, OK }, { 48928, 2, OK }, { 54464, 2, OK } }, 8,
	},
	{
		"end of the index", 64, 0xffffffff,
		{ { 65530, 0xffffffff, OK }, { 65535, 0xffffffff, OK }, { 0, 0, LIMIT },
		  { 1, 0, LIMIT }, { 65534, 0xffffffff, OK }, { 65535, 0xffffffff, REPLAY } }, 6,
	},
};

static const u32 windows[] __initconst = { 64, 128, 192, 1024, 4096, 32768 };

/* What transmit calls the same thing. */
static enum ksrtp_reason __init tx_reason(enum ksrtp_reason reason)
{
	if (reason == REPLAY)
		return KSRTP_REASON_TX_REPLAY;
	return reason == TOO_OLD ? KSRTP_REASON_TX_OLD : reason;
}

static enum ksrtp_reason __init receive(struct ksrtp_ssrc *s, u16 seq, u64 *index)
{
	enum ksrtp_reason reason = ksrtp_ssrc_look_rtp(s, seq, index);

	return reason ? reason : ksrtp_commit_rtp(s, *index, 1);
}

static bool __init steps_hold(struct ksrtp_ssrc *s, const struct step *steps, unsigned int n,
			      bool tx)
{
	enum ksrtp_reason reason, want;
	unsigned int i;
	u64 index;

	for (i = 0; i < n; i++) {
		want = tx ? tx_reason(steps[i].reason) : steps[i].reason;
		reason = tx ? ksrtp_ssrc_take_rtp(s, steps[i].seq, 1, &index) :
			      receive(s, steps[i].seq, &index);
		if (reason != want)
			return false;
		if (!reason && index != ((u64)steps[i].roc << 16 | steps[i].seq))
			return false;
	}
	return true;
}

static const char *__init index_tables(struct ksrtp_ssrc *s, u64 *bits)
{
	unsigned int i, tx;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (tx = 0; tx < 2; tx++) {
			ksrtp_ssrc_init(s, 1, cases[i].window, cases[i].start_roc, bits);
			if (!steps_hold(s, cases[i].steps, cases[i].n, tx))
				return cases[i].name;
		}
	return NULL;
}

/* All of a window can be used once, wherever its top stands in a word of the ring. */
static bool __init window_holds(struct ksrtp_window *w, u32 size, u64 top)
{
	u64 i;

	if (ksrtp_window_check(w, top))
		return false;
	ksrtp_window_set(w, top);
	if (ksrtp_window_check(w, top - size) != TOO_OLD)
		return false;
	for (i = top - size + 1; i < top; i++) {
		if (ksrtp_window_check(w, i))
			return false;
		ksrtp_window_set(w, i);
	}
	for (i = top - size + 1; i <= top; i++)
		if (ksrtp_window_check(w, i) != REPLAY)
			return false;
	return w->top == top;
}

/* Jumps by less than, exactly, and more than the ring leave nothing of the last cycle behind. */
static const char *__init index_windows(struct ksrtp_ssrc *s, u64 *bits)
{
	static const u32 edges[] __initconst = { 0, 1, 31, 62, 63 };
	unsigned int i, e, ring;
	u64 top;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		if (!ksrtp_window_size_valid(windows[i]))
			return "window sizes";
		ring = 64 * ksrtp_window_words(windows[i]);
		for (e = 0; e < ARRAY_SIZE(edges); e++) {
			/* The large ones once: this runs with BH off. */
			if (e && windows[i] > 1024)
				break;
			top = (1ULL << 30) + edges[e];
			ksrtp_window_init(&s->rtp, windows[i], 0, bits);
			if (!window_holds(&s->rtp, windows[i], top) ||
			    !window_holds(&s->rtp, windows[i], top + windows[i]) ||
			    !window_holds(&s->rtp, windows[i], top + windows[i] + ring) ||
			    !window_holds(&s->rtp, windows[i], top + 10 * (u64)ring + 7))
				return "windows of all sizes";
		}
	}
	if (ksrtp_window_size_valid(0) || ksrtp_window_size_valid(63) ||
	    ksrtp_window_size_valid(100) || ksrtp_window_size_valid(32768 + 64))
		return "window sizes";
	return NULL;
}

static const char *__init index_restore(struct ksrtp_ssrc *s, u64 *bits)
{
	static const struct step after[] __initconst = {
		{ 5, 1, REPLAY }, { 4, 1, REPLAY }, { 65530, 0, REPLAY }, { 6, 1, OK },
		{ 9, 1, OK }, { 8, 1, OK }, { 65400, 0, TOO_OLD }, { 200, 1, OK },
		{ 199, 1, OK }, { 3, 1, TOO_OLD },
	};
	unsigned int tx;

	for (tx = 0; tx < 2; tx++) {
		ksrtp_ssrc_init(s, 1, 128, 0, bits);
		ksrtp_ssrc_restore_rtp(s, 1 << 16 | 5);
		if (!steps_hold(s, after, ARRAY_SIZE(after), tx))
			return "state of a key used before";
	}
	return NULL;
}

static const char *__init index_rtcp(struct ksrtp_ssrc *s, u64 *bits)
{
	struct ksrtp_ssrc_info info;
	u32 index;

	ksrtp_ssrc_init(s, 1, 64, 0, bits);
	if (ksrtp_ssrc_take_rtcp(s, 1, &index) || index != 0 ||
	    ksrtp_ssrc_take_rtcp(s, 1, &index) || index != 1)
		return "first SRTCP indices";

	ksrtp_ssrc_restore_rtcp(s, KSRTP_RTCP_INDEX_MAX - 1);
	if (ksrtp_ssrc_take_rtcp(s, 1, &index) || index != KSRTP_RTCP_INDEX_MAX ||
	    ksrtp_ssrc_take_rtcp(s, 1, &index) != LIMIT ||
	    ksrtp_ssrc_take_rtcp(s, 1, &index) != LIMIT)
		return "last SRTCP index";
	ksrtp_ssrc_info(s, &info);
	if (info.counts.rtcp_packets != 3 || info.counts.other != 2 || info.last_reason != LIMIT)
		return "counts";

	ksrtp_ssrc_init(s, 1, 64, 0, bits);
	if (ksrtp_commit_rtcp(s, 0, 1) || ksrtp_commit_rtcp(s, 0, 1) != REPLAY ||
	    ksrtp_commit_rtcp(s, 127, 1) || ksrtp_commit_rtcp(s, 0, 1) != REPLAY ||
	    ksrtp_commit_rtcp(s, 128, 1) || ksrtp_commit_rtcp(s, 0, 1) != TOO_OLD ||
	    ksrtp_commit_rtcp(s, 1, 1) || ksrtp_ssrc_look_rtcp(s, 1) != REPLAY ||
	    ksrtp_commit_rtcp(s, KSRTP_RTCP_INDEX_MAX, 1))
		return "SRTCP window";
	return NULL;
}

/**
 * ksrtp_selftest_index() - index estimate and windows
 */
const char *__init ksrtp_selftest_index(void)
{
	const char *failed;
	struct ksrtp_ssrc *s;
	u64 *bits;

	s = kmalloc(sizeof(*s), GFP_KERNEL);
	bits = kmalloc_array(ksrtp_ssrc_words(KSRTP_WINDOW_MAX), sizeof(*bits), GFP_KERNEL);
	if (!s || !bits) {
		failed = "memory";
		goto out;
	}

	local_bh_disable();
	failed = index_tables(s, bits);
	if (!failed)
		failed = index_windows(s, bits);
	if (!failed)
		failed = index_restore(s, bits);
	if (!failed)
		failed = index_rtcp(s, bits);
	local_bh_enable();
out:
	kfree(bits);
	kfree(s);
	return failed;
}
