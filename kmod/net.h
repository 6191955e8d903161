/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a network namespace holds.
 */
#ifndef KSRTP_NET_H
#define KSRTP_NET_H

#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include "stats.h"

#define KSRTP_FLOW_BUCKETS 8192

/**
 * struct ksrtp_limits - how much a network namespace may hold
 * @sas: SAs
 * @flows: flows
 * @ssrcs: SSRC states of all keys
 */
struct ksrtp_limits {
	u32 sas;
	u32 flows;
	u32 ssrcs;
};

/**
 * struct ksrtp_net - state of a network namespace
 * @net: the network namespace
 * @node: in the list of all, for suspend and VM fork; protected by ksrtp_nets_lock
 * @lock: serialises configuration: what is in @sas, @flows and @owned, keys and their slots,
 *	ownership. Packets never take it.
 * @sas: struct ksrtp_sa by id
 * @flows: struct ksrtp_flow by id
 * @table: flows by local address and port, for packets: RCU, written under @lock; NULL before the
 *	first flow
 * @wildcards: flows on every local address; packets skip the second look-up without any
 * @nr_sas: how many SAs
 * @nr_flows: how many flows; the hooks are registered while there is one
 * @nr_flows6: how many IPv6 flows; fragments are reassembled before our hook while there is one
 * @nr_ssrcs: SSRC states of all keys
 * @generation: last generation given to an object
 * @walk: number of the last look for loops of flows
 * @owned: objects tied to a netlink socket
 * @nr_owned: how many; lets the end of any other netlink socket pass without @lock
 * @tick: ends grace times and key lifetimes
 * @stats: counters of each CPU
 * @limits: ceilings
 */
struct ksrtp_net {
	struct net *net;
	struct list_head node;
	struct mutex lock; /* see above */
	struct xarray sas;
	struct xarray flows;
	struct hlist_head *table;
	atomic_t wildcards;
	u32 nr_sas;
	u32 nr_flows;
	u32 nr_flows6;
	atomic_t nr_ssrcs;
	u32 generation;
	u32 walk;
	struct list_head owned;
	u32 nr_owned;
	struct delayed_work tick;
	struct ksrtp_stats __percpu *stats;
	struct ksrtp_limits limits;
};

extern struct mutex ksrtp_nets_lock;
extern struct list_head ksrtp_nets;

struct ksrtp_net *ksrtp_net(const struct net *net);
void ksrtp_net_tick_soon(struct ksrtp_net *kn);

int ksrtp_pm_init(void);
void ksrtp_pm_exit(void);

#endif
