/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows: one UDP port as an attach point, and where its media goes.
 */
#ifndef KSRTP_FLOW_H
#define KSRTP_FLOW_H

#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/spinlock.h>
#include <net/dst_cache.h>
#include "../netlink_proto/ksrtp.h"
#include "owner.h"
#include "reason.h"

struct file;
struct ksrtp_net;
struct ksrtp_sa;
struct netlink_ext_ack;
struct sock;

/**
 * struct ksrtp_endpoint - an address and a UDP port
 * @addr: the address; IPv4 fills the first word, the others are 0
 * @port: the port
 */
struct ksrtp_endpoint {
	union nf_inet_addr addr;
	__be16 port;
};

/**
 * struct ksrtp_destination_config - where media goes
 * @to: the address
 * @fd: socket it leaves from, or -1 for that of the flow
 * @ifindex: interface to leave by, or 0
 * @tx_sa: number of the transmit SA, or 0
 */
struct ksrtp_destination_config {
	struct ksrtp_endpoint to;
	int fd;
	u32 ifindex;
	u32 tx_sa;
};

/**
 * struct ksrtp_flow_config - what a flow is made of
 * @id: its number, or 0 to pick one
 * @kind: what the port carries
 * @fd: the socket
 * @remote: strict source
 * @has_remote: @remote is given
 * @remote_len: octets of the address in @remote
 * @ifindex: interface media must arrive on, or 0
 * @rx_sa: number of the receive SA, or 0
 * @cookie: the owner's cookie
 * @cookie_len: its octets
 * @portid: the owner, or 0 where it persists until deleted
 * @grace: seconds it outlives its owner
 * @nr_destinations: how many
 * @destinations: where media goes
 * @addr_len: octets of each address in @destinations
 */
struct ksrtp_flow_config {
	u32 id;
	enum ksrtp_kind kind;
	int fd;
	struct ksrtp_endpoint remote;
	bool has_remote;
	u32 remote_len;
	u32 ifindex;
	u32 rx_sa;
	const void *cookie;
	u32 cookie_len;
	u32 portid;
	u32 grace;
	u32 nr_destinations;
	struct ksrtp_destination_config destinations[KSRTP_DESTINATIONS_MAX];
	u32 addr_len[KSRTP_DESTINATIONS_MAX];
};

/**
 * struct ksrtp_destination - where media goes
 * @to: the address
 * @from: the address and port it leaves from; the address may be the wildcard
 * @file: the socket that reserves @from
 * @sk: the same
 * @ifindex: interface to leave by, or 0
 * @tx_sa: transmit SA, or NULL
 * @cache: the route
 * @sent: packets sent, under &struct ksrtp_flow.lock
 * @octets: octets of their UDP payloads, under &struct ksrtp_flow.lock
 * @failed: packets not sent, under &struct ksrtp_flow.lock
 * @last_reason: why the last of these was not, under &struct ksrtp_flow.lock
 */
struct ksrtp_destination {
	struct ksrtp_endpoint to;
	struct ksrtp_endpoint from;
	struct file *file;
	struct sock *sk;
	u32 ifindex;
	struct ksrtp_sa *tx_sa;
	struct dst_cache cache;
	u64 sent;
	u64 octets;
	u64 failed;
	enum ksrtp_reason last_reason;
};

/**
 * struct ksrtp_flow - one UDP port as an attach point
 * @kn: its network namespace
 * @node: in &struct ksrtp_net.table
 * @id: its number
 * @generation: tells it from a later one of the same number
 * @family: AF_INET or AF_INET6
 * @kind: what the port carries
 * @local: the address, maybe the wildcard, and the port
 * @any: @local is the wildcard
 * @ifindex: interface media must arrive on, or 0
 * @walk: last look for loops that came by, under &struct ksrtp_net.lock
 * @tailroom: octets that protection may add to a packet
 * @remote: strict source, where @has_remote
 * @has_remote: media from elsewhere is dropped
 * @file: the socket that reserves the port and receives what is not media; the reference keeps it
 *	when its process ends
 * @sk: the same
 * @rx_sa: receive SA, or NULL for a plain leg
 * @own: ownership, under &struct ksrtp_net.lock
 * @blocked: drops all media until it is deleted; the sockets are released some time after
 * @cookie_len: octets of @cookie
 * @cookie: the owner's
 * @lock: protects the counters, also those of @destinations
 * @packets: media packets seen
 * @octets: octets of their UDP payloads
 * @delivered: of these packets, sent on to at least one destination
 * @dropped: sent on to none
 * @passed: packets that are not media, left to the socket
 * @last_reason: why the last dropped packet was dropped
 * @nr_destinations: how many
 * @destinations: where media goes
 *
 * All but the counters, @own and @blocked never changes. Packets find it by RCU; its parts are
 * released a grace period after it left the table.
 */
struct ksrtp_flow {
	struct ksrtp_net *kn;
	struct hlist_node node;
	u32 id;
	u32 generation;
	u16 family;
	enum ksrtp_kind kind;
	struct ksrtp_endpoint local;
	bool any;
	u32 ifindex;
	u32 walk;
	u32 tailroom;
	struct ksrtp_endpoint remote;
	bool has_remote;
	struct file *file;
	struct sock *sk;
	struct ksrtp_sa *rx_sa;
	struct ksrtp_own own;
	bool blocked;
	u8 cookie_len;
	u8 cookie[KSRTP_COOKIE_MAX];
	spinlock_t lock; /* see above */
	u64 packets;
	u64 octets;
	u64 delivered;
	u64 dropped;
	u64 passed;
	enum ksrtp_reason last_reason;
	u32 nr_destinations;
	struct ksrtp_destination destinations[];
};

struct ksrtp_flow *ksrtp_flow_add(struct ksrtp_net *kn, const struct ksrtp_flow_config *config,
				  struct netlink_ext_ack *extack);
void ksrtp_flow_del(struct ksrtp_flow *flow);
struct ksrtp_flow *ksrtp_flow_by_id(struct ksrtp_net *kn, u32 id);
struct ksrtp_flow *ksrtp_flow_find(struct ksrtp_net *kn, u16 family, const union nf_inet_addr *addr,
				   __be16 port, int ifindex);
void ksrtp_flow_block(struct ksrtp_flow *flow, enum ksrtp_wipe why);
void ksrtp_flow_release(struct ksrtp_flow *flow);
void ksrtp_flow_free_all(struct ksrtp_net *kn);
enum ksrtp_state ksrtp_flow_state(const struct ksrtp_flow *flow);

/* hook.c */
int ksrtp_hook_get(struct ksrtp_net *kn, u16 family);
void ksrtp_hook_put(struct ksrtp_net *kn, u16 family);

/* relay.c */
void ksrtp_relay(struct ksrtp_flow *flow, struct sk_buff *skb, u32 off, u32 len, bool rtcp,
		 u8 dsfield);
void ksrtp_relay_drop(struct ksrtp_flow *flow, struct sk_buff *skb, u32 len,
		      enum ksrtp_reason reason);

#endif
