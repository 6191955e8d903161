// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of an SA. A key is built whole before it is published in a slot and never changes after
 * that. It leaves in three steps: out of its slot, a grace period in which the last packets that
 * saw it end, then it is wiped and freed.
 */
#include <crypto/algapi.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/once.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "event.h"
#include "key.h"
#include "net.h"
#include "source.h"

/**
 * ksrtp_key_age() - seconds since a key was added
 * @key: the key
 */
u32 ksrtp_key_age(const struct ksrtp_key *key)
{
	return ktime_get_boottime_seconds() - key->added;
}

/**
 * ksrtp_key_limited() - must packets of this key be counted as they pass?
 * @key: the key
 */
bool ksrtp_key_limited(const struct ksrtp_key *key)
{
	return key->soft_packets || key->hard_packets;
}

/**
 * ksrtp_key_find() - the key with an MKI
 * @sa: the SA; its network namespace is locked, or the caller in an RCU section
 * @mki: the MKI
 * @mki_len: its octets; where it is not that of the SA, no key matches
 *
 * Compares with every slot in constant time, so that timing tells nobody how much of an MKI was
 * right.
 */
struct ksrtp_key *ksrtp_key_find(const struct ksrtp_sa *sa, const u8 *mki, u32 mki_len)
{
	struct ksrtp_key *key, *found = NULL;
	int i;

	if (mki_len != sa->mki_len)
		return NULL;
	for (i = 0; i < KSRTP_KEY_SLOTS; i++) {
		key = rcu_dereference_check(sa->keys[i], lockdep_is_held(&sa->kn->lock));
		if (key && !crypto_memneq(key->ctx.mki, mki, mki_len))
			found = key;
	}
	return found;
}

/*
 * A key that comes back would start with empty windows: what was sent under it could be sent again
 * with other content under the same keystream, what was received could be replayed.
 */
static u64 print(const struct ksrtp_key_params *params)
{
	static siphash_key_t secret __read_mostly;

	net_get_random_once(&secret, sizeof(secret));
	return siphash_2u64(siphash(params->master_key, params->master_key_len, &secret),
			    siphash(params->master_salt, params->master_salt_len, &secret),
			    &secret);
}

static bool print_known(const struct ksrtp_sa *sa, u64 print)
{
	u32 i;

	for (i = 0; i < min_t(u32, sa->nr_prints, KSRTP_PRINTS); i++)
		if (sa->prints[i] == print)
			return true;
	return false;
}

static int slot_free(const struct ksrtp_sa *sa)
{
	int i;

	for (i = 0; i < KSRTP_KEY_SLOTS; i++)
		if (!rcu_access_pointer(sa->keys[i]))
			return i;
	return -1;
}

static int key_check(const struct ksrtp_sa *sa, const struct ksrtp_key_config *config,
		     struct netlink_ext_ack *extack)
{
	const struct ksrtp_key_params *params = &config->params;

	if (params->mki_len != sa->mki_len) {
		NL_SET_ERR_MSG(extack, "the MKI must be exactly as long as the SA says");
		return -EINVAL;
	}
	if (params->master_key_len < sa->suite->master_key_len) {
		NL_SET_ERR_MSG(extack, "the master key is too short for the suite");
		return -EKEYREJECTED;
	}
	if (params->master_key_len > sa->suite->master_key_len) {
		NL_SET_ERR_MSG(extack, "the master key is too long for the suite");
		return -EKEYREJECTED;
	}
	if (params->master_salt_len < sa->suite->master_salt_len) {
		NL_SET_ERR_MSG(extack, "the master salt is too short for the suite");
		return -EKEYREJECTED;
	}
	if (params->master_salt_len > sa->suite->master_salt_len) {
		NL_SET_ERR_MSG(extack, "the master salt is too long for the suite");
		return -EKEYREJECTED;
	}
	if (config->hard_packets > KSRTP_RTP_INDEX_MAX + 1) {
		NL_SET_ERR_MSG(extack, "no key may be used for more than 2^48 packets");
		return -ERANGE;
	}
	if (config->active && sa->direction != KSRTP_DIRECTION_TX) {
		NL_SET_ERR_MSG(extack, "only a transmit SA has an active key");
		return -EINVAL;
	}
	if (sa->own.state == KSRTP_STATE_WIPED) {
		NL_SET_ERR_MSG(extack, "the grace time of the SA is over; delete it");
		return -EKEYREVOKED;
	}
	if (ksrtp_key_find(sa, params->mki, params->mki_len)) {
		if (sa->mki_len)
			NL_SET_ERR_MSG(extack, "the SA has a key with this MKI");
		else
			NL_SET_ERR_MSG(extack, "without an MKI the SA holds one key only");
		return -EEXIST;
	}
	if (print_known(sa, print(params))) {
		NL_SET_ERR_MSG(extack, "the SA has or had this key; it would repeat its keystream");
		return -EKEYREJECTED;
	}
	if (slot_free(sa) < 0) {
		NL_SET_ERR_MSG(extack, "all key slots of the SA are in use");
		return -ENOSPC;
	}
	return 0;
}

/**
 * ksrtp_key_add() - give an SA one more key
 * @sa: the SA, its network namespace locked
 * @config: the key; the caller wipes it
 * @extack: gets the refusal
 */
int ksrtp_key_add(struct ksrtp_sa *sa, const struct ksrtp_key_config *config,
		  struct netlink_ext_ack *extack)
{
	struct ksrtp_key *key;
	int err;

	lockdep_assert_held(&sa->kn->lock);

	err = key_check(sa, config, extack);
	if (err)
		return err;

	key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
	if (!key)
		return -ENOMEM;
	err = ksrtp_key_ctx_init(&key->ctx, &config->params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the crypto layer refused the key");
		kfree_sensitive(key);
		return err;
	}
	INIT_LIST_HEAD(&key->dead);
	key->soft_packets = config->soft_packets;
	key->hard_packets = config->hard_packets;
	key->soft_seconds = config->soft_seconds;
	key->hard_seconds = config->hard_seconds;
	key->roc = config->roc;
	key->added = ktime_get_boottime_seconds();

	sa->prints[sa->nr_prints++ % KSRTP_PRINTS] = print(&config->params);
	rcu_assign_pointer(sa->keys[slot_free(sa)], key);
	if (sa->direction == KSRTP_DIRECTION_TX &&
	    (config->active || !rcu_access_pointer(sa->active)))
		rcu_assign_pointer(sa->active, key);
	WRITE_ONCE(sa->wiped, false);

	if (key->soft_seconds || key->hard_seconds)
		ksrtp_net_tick_soon(sa->kn);
	return 0;
}

/**
 * ksrtp_key_activate() - make packets use a key
 * @sa: the SA, its network namespace locked
 * @key: one of its keys
 * @extack: gets the refusal
 */
int ksrtp_key_activate(struct ksrtp_sa *sa, struct ksrtp_key *key, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&sa->kn->lock);

	if (sa->direction != KSRTP_DIRECTION_TX) {
		NL_SET_ERR_MSG(extack, "only a transmit SA has an active key");
		return -EINVAL;
	}
	if (test_bit(KSRTP_KEY_EXPIRED, &key->flags)) {
		NL_SET_ERR_MSG(extack, "the key reached its hard limit");
		return -EKEYEXPIRED;
	}
	rcu_assign_pointer(sa->active, key);
	return 0;
}

/**
 * ksrtp_key_unlink() - take a key out of its slot
 * @sa: the SA, its network namespace locked
 * @key: one of its keys
 * @dead: list to add it to, for ksrtp_key_bury()
 *
 * No other key takes over the transmission: which one is the owner's to say.
 */
void ksrtp_key_unlink(struct ksrtp_sa *sa, struct ksrtp_key *key, struct list_head *dead)
{
	int i;

	lockdep_assert_held(&sa->kn->lock);

	if (rcu_access_pointer(sa->active) == key)
		RCU_INIT_POINTER(sa->active, NULL);
	for (i = 0; i < KSRTP_KEY_SLOTS; i++)
		if (rcu_access_pointer(sa->keys[i]) == key)
			RCU_INIT_POINTER(sa->keys[i], NULL);
	/* A packet under way with it makes no new SSRC state after this. */
	set_bit(KSRTP_KEY_EXPIRED, &key->flags);
	ksrtp_source_carry(sa, key);
	list_add(&key->dead, dead);
}

/**
 * ksrtp_key_bury() - wipe and free keys that are out of their slots
 * @dead: keys by ksrtp_key_unlink()
 *
 * Sleeps until no packet uses them; one grace period serves the whole batch.
 */
void ksrtp_key_bury(struct list_head *dead)
{
	struct ksrtp_key *key, *next;

	if (list_empty(dead))
		return;
	synchronize_net();
	list_for_each_entry_safe(key, next, dead, dead) {
		list_del(&key->dead);
		ksrtp_key_ctx_destroy(&key->ctx);
		kfree_sensitive(key);
	}
}

/**
 * ksrtp_key_del() - remove a key
 * @sa: the SA, its network namespace locked
 * @key: one of its keys; wiped on return
 */
void ksrtp_key_del(struct ksrtp_sa *sa, struct ksrtp_key *key)
{
	LIST_HEAD(dead);

	ksrtp_key_unlink(sa, key, &dead);
	ksrtp_key_bury(&dead);
}
