/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys: immutable once published, found by RCU readers, wiped after a grace period.
 */
#ifndef KSRTP_KEY_H
#define KSRTP_KEY_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/time64.h>
#include "sa.h"
#include "srtp.h"

/* Bits of struct ksrtp_key.flags */
#define KSRTP_KEY_SOFT_SENT 0
#define KSRTP_KEY_EXPIRED 1
#define KSRTP_KEY_LIMIT_SENT 2

/**
 * struct ksrtp_key_config - what a key is made of, and how long it may be used
 * @params: suite, master key, salt and MKI
 * @soft_packets: packets until a notification, 0 for none
 * @hard_packets: packets until it is used no more, 0 for the suite's limit
 * @soft_seconds: seconds until a notification, 0 for none
 * @hard_seconds: seconds until it is wiped, 0 for never
 * @roc: ROC of new SSRCs
 * @active: transmit: switch to it
 */
struct ksrtp_key_config {
	struct ksrtp_key_params params;
	u64 soft_packets;
	u64 hard_packets;
	u32 soft_seconds;
	u32 hard_seconds;
	u32 roc;
	bool active;
};

/**
 * struct ksrtp_key - a key in a slot
 * @ctx: session keys
 * @dead: in the list of a batch that waits for the grace period before it is wiped
 * @soft_packets: as in &struct ksrtp_key_config
 * @hard_packets: as in &struct ksrtp_key_config
 * @soft_seconds: as in &struct ksrtp_key_config
 * @hard_seconds: as in &struct ksrtp_key_config
 * @roc: as in &struct ksrtp_key_config
 * @added: when, in seconds of boot time: a key ages while the machine sleeps
 * @nr_ssrcs: SSRC states under it, under &struct ksrtp_sa.source_lock
 * @flags: KSRTP_KEY_*
 * @packets: packets passed; counted here only under a limit, else it is the sum over SSRCs
 */
struct ksrtp_key {
	struct ksrtp_key_ctx ctx;
	struct list_head dead;
	u64 soft_packets;
	u64 hard_packets;
	u32 soft_seconds;
	u32 hard_seconds;
	u32 roc;
	time64_t added;
	u32 nr_ssrcs;
	unsigned long flags;
	atomic64_t packets;
};

struct ksrtp_key *ksrtp_key_find(const struct ksrtp_sa *sa, const u8 *mki, u32 mki_len);
int ksrtp_key_add(struct ksrtp_sa *sa, const struct ksrtp_key_config *config,
		  struct netlink_ext_ack *extack);
void ksrtp_key_del(struct ksrtp_sa *sa, struct ksrtp_key *key);
int ksrtp_key_activate(struct ksrtp_sa *sa, struct ksrtp_key *key, struct netlink_ext_ack *extack);
bool ksrtp_key_limited(const struct ksrtp_key *key);
u32 ksrtp_key_age(const struct ksrtp_key *key);

void ksrtp_key_unlink(struct ksrtp_sa *sa, struct ksrtp_key *key, struct list_head *dead);
void ksrtp_key_bury(struct list_head *dead);

#endif
