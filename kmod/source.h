/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SSRC states of an SA.
 */
#ifndef KSRTP_SOURCE_H
#define KSRTP_SOURCE_H

#include <linux/rculist.h>
#include "srtp.h"

struct ksrtp_key;
struct ksrtp_sa;

/**
 * struct ksrtp_source - state of one SSRC under one key
 * @node: in &struct ksrtp_sa.sources
 * @rcu: frees it
 * @key: its key; NULL once that is gone and the state only carries ROC and SRTCP index over to
 *	the next key. Never dereferenced through here.
 * @st: the state
 * @bits: its windows
 */
struct ksrtp_source {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct ksrtp_key *key;
	struct ksrtp_ssrc st;
	u64 bits[];
};

struct hlist_head *ksrtp_source_bucket(struct ksrtp_sa *sa, u32 ssrc);
struct ksrtp_source *ksrtp_source_find(struct ksrtp_sa *sa, const struct ksrtp_key *key, u32 ssrc);
struct ksrtp_source *ksrtp_source_make(struct ksrtp_sa *sa, struct ksrtp_key *key, u32 ssrc,
				       enum ksrtp_reason *reason);
u32 ksrtp_source_roc(struct ksrtp_sa *sa, const struct ksrtp_key *key, u32 ssrc, u16 seq);
void ksrtp_source_carry(struct ksrtp_sa *sa, const struct ksrtp_key *key);
void ksrtp_source_free_all(struct ksrtp_sa *sa);

#endif
