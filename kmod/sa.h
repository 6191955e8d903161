/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security associations: one direction of one RTP session with its RTCP.
 */
#ifndef KSRTP_SA_H
#define KSRTP_SA_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include "../netlink_proto/ksrtp.h"
#include "owner.h"
#include "srtp.h"

#define KSRTP_PRINTS 32

struct ksrtp_key;
struct ksrtp_net;
struct netlink_ext_ack;

/**
 * struct ksrtp_sa_config - what an SA is made of
 * @id: its number, or 0 to pick one
 * @direction: receive or transmit
 * @suite: number of the suite
 * @window: packets of the replay window
 * @mki_len: octets of the MKI in each packet
 * @ssrc_limit: SSRCs of each key
 * @cookie: the owner's cookie
 * @cookie_len: its octets
 * @portid: the owner, or 0 where it persists until deleted
 * @grace: seconds it outlives its owner
 */
struct ksrtp_sa_config {
	u32 id;
	enum ksrtp_direction direction;
	u32 suite;
	u32 window;
	u32 mki_len;
	u32 ssrc_limit;
	const void *cookie;
	u32 cookie_len;
	u32 portid;
	u32 grace;
};

/**
 * struct ksrtp_sa - a security association
 * @kn: its network namespace
 * @id: its number
 * @generation: tells it from a later one of the same number
 * @direction: receive or transmit
 * @suite: the suite of all its keys
 * @window: packets of the replay window
 * @ssrc_limit: SSRCs of each key
 * @mki_len: octets of the MKI in each packet
 * @cookie_len: octets of @cookie
 * @cookie: the owner's
 * @own: ownership, under &struct ksrtp_net.lock
 * @flows: references by flows, under &struct ksrtp_net.lock; a flow drops its own only when no
 *	packet can use the flow any more, so packets need no reference
 * @nr_prints: keys it ever had; the last KSRTP_PRINTS of them are in @prints
 * @prints: keyed hashes of keys it had, so that none comes back with its indices forgotten; under
 *	&struct ksrtp_net.lock
 * @wiped: its keys were wiped by an event; packets drop as blocked until a key comes
 * @keys: key slots: RCU, written under &struct ksrtp_net.lock
 * @active: transmit: the one of @keys that packets use
 * @source_lock: protects insertion into and removal from @sources, and the counts of SSRCs
 * @nr_carried: states in @sources whose key is gone
 * @source_mask: buckets of @sources less one
 * @sources: SSRC states, &struct ksrtp_source: RCU, written under @source_lock
 */
struct ksrtp_sa {
	struct ksrtp_net *kn;
	u32 id;
	u32 generation;
	enum ksrtp_direction direction;
	const struct ksrtp_suite_desc *suite;
	u32 window;
	u32 ssrc_limit;
	u8 mki_len;
	u8 cookie_len;
	u8 cookie[KSRTP_COOKIE_MAX];
	struct ksrtp_own own;
	u32 flows;
	u32 nr_prints;
	u64 prints[KSRTP_PRINTS];
	bool wiped;
	struct ksrtp_key __rcu *keys[KSRTP_KEY_SLOTS];
	struct ksrtp_key __rcu *active;
	spinlock_t source_lock; /* see above */
	u32 nr_carried;
	u32 source_mask;
	struct hlist_head sources[];
};

struct ksrtp_sa *ksrtp_sa_add(struct ksrtp_net *kn, const struct ksrtp_sa_config *config,
			      struct netlink_ext_ack *extack);
int ksrtp_sa_del(struct ksrtp_sa *sa, struct netlink_ext_ack *extack);
struct ksrtp_sa *ksrtp_sa_find(struct ksrtp_net *kn, u32 id);
void ksrtp_sa_wipe(struct ksrtp_sa *sa, enum ksrtp_wipe why, struct list_head *dead);
void ksrtp_sa_wipe_all(struct ksrtp_net *kn, enum ksrtp_wipe why);
void ksrtp_sa_expire(struct ksrtp_net *kn);
void ksrtp_sa_free_all(struct ksrtp_net *kn);

/* apply.c */
enum ksrtp_reason ksrtp_sa_protect(struct ksrtp_sa *sa, bool rtcp, struct ksrtp_pkt *pkt);
enum ksrtp_reason ksrtp_sa_unprotect(struct ksrtp_sa *sa, bool rtcp, struct ksrtp_pkt *pkt);

#endif
