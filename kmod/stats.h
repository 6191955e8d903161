/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of a network namespace.
 */
#ifndef KSRTP_STATS_H
#define KSRTP_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>
#include "reason.h"

/**
 * struct ksrtp_stats - counters of one CPU; written with BH off
 * @packets: media packets that configured flows saw
 * @delivered: of these, sent on to at least one destination
 * @passed: packets that are not media and went on to the socket
 * @sent: packets sent
 * @dropped: media packets sent on to none, by reason; with @delivered they sum to @packets
 * @not_sent: copies of delivered packets that one of several destinations did not get, by reason
 * @syncp: keeps readers on 32-bit machines from half a value
 */
struct ksrtp_stats {
	u64_stats_t packets;
	u64_stats_t delivered;
	u64_stats_t passed;
	u64_stats_t sent;
	u64_stats_t dropped[KSRTP_REASON_MAX];
	u64_stats_t not_sent[KSRTP_REASON_MAX];
	struct u64_stats_sync syncp;
};

/**
 * struct ksrtp_stats_sum - the sum over all CPUs
 * @packets: as in &struct ksrtp_stats
 * @delivered: as in &struct ksrtp_stats
 * @passed: as in &struct ksrtp_stats
 * @sent: as in &struct ksrtp_stats
 * @dropped: as in &struct ksrtp_stats
 * @not_sent: as in &struct ksrtp_stats
 */
struct ksrtp_stats_sum {
	u64 packets;
	u64 delivered;
	u64 passed;
	u64 sent;
	u64 dropped[KSRTP_REASON_MAX];
	u64 not_sent[KSRTP_REASON_MAX];
};

struct ksrtp_stats __percpu *ksrtp_stats_alloc(void);
void ksrtp_stats_media(struct ksrtp_stats __percpu *stats, enum ksrtp_reason reason);
void ksrtp_stats_sent(struct ksrtp_stats __percpu *stats);
void ksrtp_stats_not_sent(struct ksrtp_stats __percpu *stats, enum ksrtp_reason reason);
void ksrtp_stats_passed(struct ksrtp_stats __percpu *stats);
void ksrtp_stats_sum(struct ksrtp_stats __percpu *stats, struct ksrtp_stats_sum *sum);

#endif
