// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SSRC states of an SA.
 *
 * A state belongs to an SSRC under a key. It lives as long as the key: making a transmit state
 * again would repeat keystream, making a receive state again would accept old packets. ROC and
 * SRTCP index of an SSRC go on over a change of keys (RFC 3711 3.3.1 and 3.4), so a new state
 * starts from the most advanced one the SSRC has in this SA, and states of a key that is removed
 * stay as carriers of these numbers.
 */
#include <linux/jhash.h>
#include <linux/slab.h>
#include "event.h"
#include "key.h"
#include "net.h"
#include "sa.h"
#include "source.h"

/**
 * ksrtp_source_bucket() - where states of an SSRC are
 * @sa: the SA
 * @ssrc: the SSRC
 */
struct hlist_head *ksrtp_source_bucket(struct ksrtp_sa *sa, u32 ssrc)
{
	return &sa->sources[jhash_1word(ssrc, sa->generation) & sa->source_mask];
}

/**
 * ksrtp_source_find() - the state of an SSRC under a key
 * @sa: the SA
 * @key: the key, NULL for a carrier
 * @ssrc: the SSRC
 *
 * Return: NULL if there is none; else valid until the end of the caller's RCU section.
 */
struct ksrtp_source *ksrtp_source_find(struct ksrtp_sa *sa, const struct ksrtp_key *key, u32 ssrc)
{
	struct ksrtp_source *source;

	hlist_for_each_entry_rcu(source, ksrtp_source_bucket(sa, ssrc), node,
				 lockdep_is_held(&sa->source_lock))
		if (source->st.ssrc == ssrc && READ_ONCE(source->key) == key)
			return source;
	return NULL;
}

/* The state of this SSRC that advanced most, under whatever key. */
static struct ksrtp_source *most_advanced(struct ksrtp_sa *sa, u32 ssrc)
{
	struct ksrtp_source *source, *best = NULL;

	hlist_for_each_entry_rcu(source, ksrtp_source_bucket(sa, ssrc), node,
				 lockdep_is_held(&sa->source_lock)) {
		if (source->st.ssrc != ssrc)
			continue;
		if (!best || READ_ONCE(source->st.rtp.top) > READ_ONCE(best->st.rtp.top))
			best = source;
	}
	return best;
}

/* Start a state where others of the same SSRC stand. */
static void inherit(struct ksrtp_sa *sa, struct ksrtp_source *source)
{
	struct ksrtp_source *other;
	struct ksrtp_ssrc_info info;

	hlist_for_each_entry_rcu(other, ksrtp_source_bucket(sa, source->st.ssrc), node,
				 lockdep_is_held(&sa->source_lock)) {
		if (other->st.ssrc != source->st.ssrc)
			continue;
		ksrtp_ssrc_info(&other->st, &info);
		/* The window stays empty: nothing was sent or received under this key yet. */
		if (info.rtp_used &&
		    (!source->st.rtp.used || info.rtp_index > source->st.rtp.top)) {
			source->st.rtp.top = info.rtp_index;
			source->st.rtp.used = true;
		}
		source->st.rtcp_next = max(source->st.rtcp_next, info.rtcp_next);
	}
}

/**
 * ksrtp_source_make() - the state of an SSRC under a key, made where there is none
 * @sa: the SA
 * @key: the key
 * @ssrc: the SSRC
 * @reason: why not, where NULL is returned
 *
 * For receive only after a packet was authentic, or anybody could fill the table.
 */
struct ksrtp_source *ksrtp_source_make(struct ksrtp_sa *sa, struct ksrtp_key *key, u32 ssrc,
				       enum ksrtp_reason *reason)
{
	struct ksrtp_source *source, *made;

	made = kzalloc(struct_size(made, bits, ksrtp_ssrc_words(sa->window)),
		       GFP_ATOMIC | __GFP_NOWARN);
	if (!made) {
		*reason = KSRTP_REASON_NO_MEMORY;
		return NULL;
	}
	ksrtp_ssrc_init(&made->st, ssrc, sa->window, key->roc, made->bits);
	made->key = key;

	spin_lock_bh(&sa->source_lock);
	source = ksrtp_source_find(sa, key, ssrc);
	if (source) {
		spin_unlock_bh(&sa->source_lock);
		kfree(made);
		return source;
	}
	/* No state for a key that lost its slot: ksrtp_source_carry() was there and is done. */
	if (key->nr_ssrcs >= sa->ssrc_limit || test_bit(KSRTP_KEY_EXPIRED, &key->flags) ||
	    !atomic_add_unless(&sa->kn->nr_ssrcs, 1, sa->kn->limits.ssrcs)) {
		spin_unlock_bh(&sa->source_lock);
		kfree(made);
		*reason = test_bit(KSRTP_KEY_EXPIRED, &key->flags) ? KSRTP_REASON_KEY_EXPIRED :
								    KSRTP_REASON_SSRC_LIMIT;
		if (*reason == KSRTP_REASON_SSRC_LIMIT &&
		    !test_and_set_bit(KSRTP_KEY_LIMIT_SENT, &key->flags))
			ksrtp_event_ssrc(sa, key, ssrc, KSRTP_CMD_SSRC_LIMIT_NTF);
		return NULL;
	}
	key->nr_ssrcs++;
	inherit(sa, made);
	hlist_add_head_rcu(&made->node, ksrtp_source_bucket(sa, ssrc));
	spin_unlock_bh(&sa->source_lock);

	ksrtp_event_ssrc(sa, key, ssrc, KSRTP_CMD_SSRC_NEW_NTF);
	return made;
}

/**
 * ksrtp_source_roc() - ROC to try on the first packet of an SSRC under a key
 * @sa: the SA
 * @key: the key
 * @ssrc: the SSRC
 * @seq: sequence number of the packet
 */
u32 ksrtp_source_roc(struct ksrtp_sa *sa, const struct ksrtp_key *key, u32 ssrc, u16 seq)
{
	struct ksrtp_source *other = most_advanced(sa, ssrc);
	u32 roc = key->roc;
	u64 index;

	if (!other)
		return roc;
	spin_lock_bh(&other->st.lock);
	if (other->st.rtp.used && !ksrtp_index_estimate(&other->st.rtp, seq, &index))
		roc = index >> 16;
	spin_unlock_bh(&other->st.lock);
	return roc;
}

static void source_free(struct ksrtp_sa *sa, struct ksrtp_source *source)
{
	hlist_del_rcu(&source->node);
	atomic_dec(&sa->kn->nr_ssrcs);
	kfree_rcu(source, rcu);
}

/**
 * ksrtp_source_carry() - keep the numbers of a key that is removed
 * @sa: the SA
 * @key: the key, out of its slot; a packet that still holds it can make no new states
 */
void ksrtp_source_carry(struct ksrtp_sa *sa, const struct ksrtp_key *key)
{
	struct ksrtp_source *source, *carrier;
	struct hlist_node *next;
	u32 i;

	spin_lock_bh(&sa->source_lock);
	for (i = 0; i <= sa->source_mask; i++) {
		hlist_for_each_entry_safe(source, next, &sa->sources[i], node) {
			if (source->key != key)
				continue;
			carrier = ksrtp_source_find(sa, NULL, source->st.ssrc);
			if (!carrier && sa->nr_carried < sa->ssrc_limit) {
				sa->nr_carried++;
				WRITE_ONCE(source->key, NULL);
				continue;
			}
			if (carrier) {
				/* One carrier for each SSRC is enough. */
				spin_lock(&carrier->st.lock);
				if (source->st.rtp.used &&
				    (!carrier->st.rtp.used ||
				     source->st.rtp.top > carrier->st.rtp.top)) {
					carrier->st.rtp.top = source->st.rtp.top;
					carrier->st.rtp.used = true;
				}
				carrier->st.rtcp_next = max(carrier->st.rtcp_next,
							    source->st.rtcp_next);
				spin_unlock(&carrier->st.lock);
			}
			source_free(sa, source);
		}
	}
	spin_unlock_bh(&sa->source_lock);
}

/**
 * ksrtp_source_free_all() - free all states of an SA that no packet uses
 * @sa: the SA
 */
void ksrtp_source_free_all(struct ksrtp_sa *sa)
{
	struct ksrtp_source *source;
	struct hlist_node *next;
	u32 i;

	spin_lock_bh(&sa->source_lock);
	for (i = 0; i <= sa->source_mask; i++)
		hlist_for_each_entry_safe(source, next, &sa->sources[i], node)
			source_free(sa, source);
	spin_unlock_bh(&sa->source_lock);
}
