// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counters of a network namespace, each written by its own CPU alone.
 */
#include <linux/cpumask.h>
#include <linux/string.h>
#include "stats.h"

/**
 * ksrtp_stats_alloc() - counters at zero
 *
 * Return: NULL without memory; to be freed with free_percpu().
 */
struct ksrtp_stats __percpu *ksrtp_stats_alloc(void)
{
	struct ksrtp_stats __percpu *stats = alloc_percpu(struct ksrtp_stats);
	int cpu;

	if (stats)
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

/**
 * ksrtp_stats_media() - count a media packet of a flow
 * @stats: the counters
 * @reason: KSRTP_REASON_OK where it was delivered, else why it was dropped
 */
void ksrtp_stats_media(struct ksrtp_stats __percpu *stats, enum ksrtp_reason reason)
{
	struct ksrtp_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->packets);
	u64_stats_inc(reason ? &s->dropped[reason] : &s->delivered);
	u64_stats_update_end(&s->syncp);
}

/**
 * ksrtp_stats_sent() - count a packet handed to the network
 * @stats: the counters
 */
void ksrtp_stats_sent(struct ksrtp_stats __percpu *stats)
{
	struct ksrtp_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->sent);
	u64_stats_update_end(&s->syncp);
}

/**
 * ksrtp_stats_not_sent() - count a copy that one destination did not get while another did
 * @stats: the counters
 * @reason: why
 */
void ksrtp_stats_not_sent(struct ksrtp_stats __percpu *stats, enum ksrtp_reason reason)
{
	struct ksrtp_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->not_sent[reason]);
	u64_stats_update_end(&s->syncp);
}

/**
 * ksrtp_stats_passed() - count a packet left to the socket
 * @stats: the counters
 */
void ksrtp_stats_passed(struct ksrtp_stats __percpu *stats)
{
	struct ksrtp_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->passed);
	u64_stats_update_end(&s->syncp);
}

static void sum_add(struct ksrtp_stats_sum *sum, const struct ksrtp_stats *s)
{
	int i;

	sum->packets += u64_stats_read(&s->packets);
	sum->delivered += u64_stats_read(&s->delivered);
	sum->passed += u64_stats_read(&s->passed);
	sum->sent += u64_stats_read(&s->sent);
	for (i = 0; i < KSRTP_REASON_MAX; i++) {
		sum->dropped[i] += u64_stats_read(&s->dropped[i]);
		sum->not_sent[i] += u64_stats_read(&s->not_sent[i]);
	}
}

/**
 * ksrtp_stats_sum() - add up all CPUs
 * @stats: the counters
 * @sum: filled; where no packet is under way, packets is delivered and the sum of dropped
 */
void ksrtp_stats_sum(struct ksrtp_stats __percpu *stats, struct ksrtp_stats_sum *sum)
{
	struct ksrtp_stats_sum before;
	unsigned int start;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct ksrtp_stats *s = per_cpu_ptr(stats, cpu);

		before = *sum;
		do {
			*sum = before;
			start = u64_stats_fetch_begin(&s->syncp);
			sum_add(sum, s);
		} while (u64_stats_fetch_retry(&s->syncp, start));
	}
}
