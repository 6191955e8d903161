// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Security associations: made, deleted, wiped.
 */
#include <linux/log2.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include "event.h"
#include "key.h"
#include "net.h"
#include "sa.h"
#include "source.h"
#include "trace.h"

#define SOURCE_BUCKETS_MAX 1024

/**
 * ksrtp_sa_find() - the SA with a number
 * @kn: the network namespace, locked
 * @id: the number
 */
struct ksrtp_sa *ksrtp_sa_find(struct ksrtp_net *kn, u32 id)
{
	lockdep_assert_held(&kn->lock);

	return xa_load(&kn->sas, id);
}

static int sa_check(struct ksrtp_net *kn, const struct ksrtp_sa_config *config,
		    struct netlink_ext_ack *extack)
{
	if (!ksrtp_suite_find(config->suite)) {
		NL_SET_ERR_MSG(extack, "unknown crypto suite");
		return -EOPNOTSUPP;
	}
	if (!ksrtp_window_size_valid(config->window)) {
		NL_SET_ERR_MSG(extack, "the window must be a multiple of 64 from 64 to 32768");
		return -EINVAL;
	}
	/* Windows are made by packets, which no memory cgroup pays for. */
	if (config->window > 1024 && kn->net->user_ns != &init_user_ns) {
		NL_SET_ERR_MSG(extack, "in a user namespace a window holds at most 1024 packets");
		return -EINVAL;
	}
	if (config->id > KSRTP_ID_MAX) {
		NL_SET_ERR_MSG(extack, "numbers above id-max are the kernel's to give");
		return -ERANGE;
	}
	if (config->id && ksrtp_sa_find(kn, config->id)) {
		NL_SET_ERR_MSG(extack, "an SA with this number exists");
		return -EEXIST;
	}
	if (kn->nr_sas >= kn->limits.sas) {
		NL_SET_ERR_MSG(extack, "the network namespace holds as many SAs as it may");
		return -ENOSPC;
	}
	return 0;
}

/**
 * ksrtp_sa_add() - make an SA, without keys yet
 * @kn: the network namespace, locked
 * @config: what it is made of
 * @extack: gets the refusal
 */
struct ksrtp_sa *ksrtp_sa_add(struct ksrtp_net *kn, const struct ksrtp_sa_config *config,
			      struct netlink_ext_ack *extack)
{
	struct ksrtp_sa *sa;
	u32 buckets, id;
	int err;

	lockdep_assert_held(&kn->lock);

	err = sa_check(kn, config, extack);
	if (err)
		return ERR_PTR(err);

	buckets = roundup_pow_of_two(min_t(u32, config->ssrc_limit, SOURCE_BUCKETS_MAX));
	sa = kvzalloc(struct_size(sa, sources, buckets), GFP_KERNEL_ACCOUNT);
	if (!sa)
		return ERR_PTR(-ENOMEM);
	sa->kn = kn;
	sa->direction = config->direction;
	sa->suite = ksrtp_suite_find(config->suite);
	sa->window = config->window;
	sa->mki_len = config->mki_len;
	sa->ssrc_limit = config->ssrc_limit;
	sa->cookie_len = config->cookie_len;
	memcpy(sa->cookie, config->cookie, config->cookie_len);
	sa->source_mask = buckets - 1;
	spin_lock_init(&sa->source_lock);

	if (config->id) {
		id = config->id;
		err = xa_insert(&kn->sas, id, sa, GFP_KERNEL_ACCOUNT);
	} else {
		err = xa_alloc(&kn->sas, &id, sa, XA_LIMIT(KSRTP_ID_MAX + 1U, U32_MAX),
			       GFP_KERNEL_ACCOUNT);
	}
	if (err)
		goto err_id;

	sa->id = id;
	sa->generation = ++kn->generation;
	ksrtp_own_init(kn, &sa->own, KSRTP_OBJECT_SA, config->portid, config->grace);
	kn->nr_sas++;
	trace_ksrtp_sa_add(sa);
	return sa;

err_id:
	kvfree(sa);
	return ERR_PTR(err);
}

static void unlink_keys(struct ksrtp_sa *sa, struct list_head *dead)
{
	struct ksrtp_key *key;
	int i;

	for (i = 0; i < KSRTP_KEY_SLOTS; i++) {
		key = rcu_dereference_protected(sa->keys[i], lockdep_is_held(&sa->kn->lock));
		if (key)
			ksrtp_key_unlink(sa, key, dead);
	}
}

static void sa_free(struct ksrtp_sa *sa)
{
	LIST_HEAD(dead);

	unlink_keys(sa, &dead);
	ksrtp_key_bury(&dead);
	ksrtp_source_free_all(sa);
	kvfree(sa);
}

/**
 * ksrtp_sa_del() - delete an SA with its keys
 * @sa: the SA, its network namespace locked
 * @extack: gets the refusal
 */
int ksrtp_sa_del(struct ksrtp_sa *sa, struct netlink_ext_ack *extack)
{
	struct ksrtp_net *kn = sa->kn;

	lockdep_assert_held(&kn->lock);

	if (sa->flows) {
		NL_SET_ERR_MSG(extack, "flows use the SA; delete them first");
		return -EBUSY;
	}
	xa_erase(&kn->sas, sa->id);
	kn->nr_sas--;
	ksrtp_own_release(kn, &sa->own);
	trace_ksrtp_sa_del(sa);
	ksrtp_event_sa_gone(sa);
	sa_free(sa);
	return 0;
}

/**
 * ksrtp_sa_wipe() - wipe all keys, for a reason other than a command
 * @sa: the SA, its network namespace locked
 * @why: the reason
 * @dead: list to add the keys to, for ksrtp_key_bury()
 *
 * The flows stay, and drop their media as blocked.
 */
void ksrtp_sa_wipe(struct ksrtp_sa *sa, enum ksrtp_wipe why, struct list_head *dead)
{
	lockdep_assert_held(&sa->kn->lock);

	WRITE_ONCE(sa->wiped, true);
	unlink_keys(sa, dead);
	ksrtp_event_sa_wiped(sa, why);
}

/**
 * ksrtp_sa_wipe_all() - wipe all keys of a network namespace
 * @kn: the network namespace
 * @why: the reason
 */
void ksrtp_sa_wipe_all(struct ksrtp_net *kn, enum ksrtp_wipe why)
{
	struct ksrtp_sa *sa;
	unsigned long id;
	LIST_HEAD(dead);

	mutex_lock(&kn->lock);
	xa_for_each(&kn->sas, id, sa) {
		WRITE_ONCE(sa->wiped, true);
		unlink_keys(sa, &dead);
	}
	ksrtp_key_bury(&dead);
	xa_for_each(&kn->sas, id, sa)
		ksrtp_event_sa_wiped(sa, why);
	mutex_unlock(&kn->lock);
}

/**
 * ksrtp_sa_free_all() - delete what a network namespace leaves behind
 * @kn: the network namespace, without flows
 */
void ksrtp_sa_free_all(struct ksrtp_net *kn)
{
	struct ksrtp_sa *sa;
	unsigned long id;
	LIST_HEAD(dead);

	mutex_lock(&kn->lock);
	xa_for_each(&kn->sas, id, sa)
		unlink_keys(sa, &dead);
	ksrtp_key_bury(&dead);
	xa_for_each(&kn->sas, id, sa) {
		xa_erase(&kn->sas, id);
		ksrtp_own_release(kn, &sa->own);
		ksrtp_source_free_all(sa);
		kvfree(sa);
	}
	kn->nr_sas = 0;
	mutex_unlock(&kn->lock);
}

/* Return: does the key have a limit of seconds ahead? */
static bool key_expire(struct ksrtp_sa *sa, struct ksrtp_key *key, struct list_head *dead)
{
	u32 age = ksrtp_key_age(key);

	if (key->soft_seconds && age >= key->soft_seconds &&
	    !test_and_set_bit(KSRTP_KEY_SOFT_SENT, &key->flags))
		ksrtp_event_key(sa, key, KSRTP_CMD_KEY_SOFT_NTF);

	if (test_bit(KSRTP_KEY_EXPIRED, &key->flags)) {
		/* By packets; that packet sent the notification. */
		ksrtp_key_unlink(sa, key, dead);
		return false;
	}
	if (key->hard_seconds && age >= key->hard_seconds) {
		ksrtp_event_key(sa, key, KSRTP_CMD_KEY_HARD_NTF);
		ksrtp_key_unlink(sa, key, dead);
		return false;
	}
	return key->hard_seconds ||
	       (key->soft_seconds && !test_bit(KSRTP_KEY_SOFT_SENT, &key->flags));
}

/**
 * ksrtp_sa_expire() - wipe the keys that reached a hard limit, and look again in a second
 * @kn: the network namespace, locked
 */
void ksrtp_sa_expire(struct ksrtp_net *kn)
{
	struct ksrtp_key *key;
	struct ksrtp_sa *sa;
	bool again = false;
	unsigned long id;
	LIST_HEAD(dead);
	int i;

	lockdep_assert_held(&kn->lock);

	xa_for_each(&kn->sas, id, sa) {
		for (i = 0; i < KSRTP_KEY_SLOTS; i++) {
			key = rcu_dereference_protected(sa->keys[i], lockdep_is_held(&kn->lock));
			if (key && key_expire(sa, key, &dead))
				again = true;
		}
	}
	ksrtp_key_bury(&dead);
	if (again)
		ksrtp_net_tick_soon(kn);
}
