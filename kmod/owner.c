// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Objects whose life hangs on a netlink socket. When it closes, by whatever end of its process,
 * media keeps running for the grace time, so that a new daemon can claim what it finds. After that
 * the keys are wiped and the flows block: going on without anybody who could rekey or hang up is
 * no better than a leak, and letting the packets through would put plain RTP on the wire.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <net/netlink.h>
#include "event.h"
#include "flow.h"
#include "key.h"
#include "net.h"
#include "owner.h"
#include "sa.h"

/**
 * ksrtp_own_init() - note the owner of a new object
 * @kn: the network namespace, locked
 * @own: in the object
 * @object: what the object is
 * @portid: the netlink socket, or 0 where the object persists until deleted
 * @grace: seconds it outlives its owner
 */
void ksrtp_own_init(struct ksrtp_net *kn, struct ksrtp_own *own, enum ksrtp_object object,
		    u32 portid, u32 grace)
{
	lockdep_assert_held(&kn->lock);

	INIT_LIST_HEAD(&own->node);
	own->object = object;
	own->portid = portid;
	own->grace = grace;
	own->state = KSRTP_STATE_ACTIVE;
	if (portid) {
		list_add_tail(&own->node, &kn->owned);
		WRITE_ONCE(kn->nr_owned, kn->nr_owned + 1);
	}
}

/**
 * ksrtp_own_release() - forget the owner, on deletion of the object
 * @kn: the network namespace, locked
 * @own: in the object
 */
void ksrtp_own_release(struct ksrtp_net *kn, struct ksrtp_own *own)
{
	lockdep_assert_held(&kn->lock);

	if (list_empty(&own->node))
		return;
	list_del_init(&own->node);
	WRITE_ONCE(kn->nr_owned, kn->nr_owned - 1);
}

/**
 * ksrtp_own_claim() - make a netlink socket the owner of an orphan
 * @kn: the network namespace, locked
 * @own: in the object
 * @portid: the netlink socket
 * @grace: a new grace time, or NULL
 * @extack: gets the refusal
 */
int ksrtp_own_claim(struct ksrtp_net *kn, struct ksrtp_own *own, u32 portid, const u32 *grace,
		    struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&kn->lock);

	if (list_empty(&own->node)) {
		NL_SET_ERR_MSG(extack, "the object was not made with an owner");
		return -EINVAL;
	}
	if (own->state == KSRTP_STATE_WIPED) {
		NL_SET_ERR_MSG(extack, "the grace time is over and the keys are wiped");
		return -EKEYREVOKED;
	}
	if (own->portid && own->portid != portid) {
		NL_SET_ERR_MSG(extack, "the owner still lives");
		return -EBUSY;
	}
	own->portid = portid;
	own->state = KSRTP_STATE_ACTIVE;
	if (grace)
		own->grace = *grace;
	return 0;
}

/**
 * ksrtp_own_grace_left() - seconds until the keys of an orphan are wiped
 * @own: in the object
 */
u32 ksrtp_own_grace_left(const struct ksrtp_own *own)
{
	long left = own->deadline - jiffies;

	return left > 0 ? DIV_ROUND_UP(left, HZ) : 0;
}

static void own_wipe(struct ksrtp_own *own, struct list_head *dead)
{
	own->state = KSRTP_STATE_WIPED;
	if (own->object == KSRTP_OBJECT_SA)
		ksrtp_sa_wipe(container_of(own, struct ksrtp_sa, own), KSRTP_WIPE_GRACE, dead);
	else
		ksrtp_flow_block(container_of(own, struct ksrtp_flow, own), KSRTP_WIPE_GRACE);
}

/**
 * ksrtp_own_expire() - wipe the orphans whose grace time is over, and set the clock for the others
 * @kn: the network namespace, locked
 */
void ksrtp_own_expire(struct ksrtp_net *kn)
{
	struct ksrtp_own *own;
	bool blocked = false;
	LIST_HEAD(dead);

	lockdep_assert_held(&kn->lock);

	/*
	 * Flows first: from then on they drop as blocked, and never for want of the key that is
	 * about to go.
	 */
	list_for_each_entry(own, &kn->owned, node)
		if (own->object == KSRTP_OBJECT_FLOW && own->state == KSRTP_STATE_ORPHAN &&
		    time_after_eq(jiffies, own->deadline)) {
			own_wipe(own, &dead);
			blocked = true;
		}
	list_for_each_entry(own, &kn->owned, node) {
		if (own->state != KSRTP_STATE_ORPHAN)
			continue;
		if (own->object == KSRTP_OBJECT_SA && time_after_eq(jiffies, own->deadline))
			own_wipe(own, &dead);
		else
			ksrtp_net_tick_soon(kn);
	}
	ksrtp_key_bury(&dead);
	if (!blocked)
		return;
	synchronize_net();
	list_for_each_entry(own, &kn->owned, node)
		if (own->object == KSRTP_OBJECT_FLOW && own->state == KSRTP_STATE_WIPED)
			ksrtp_flow_release(container_of(own, struct ksrtp_flow, own));
}

static void owner_gone(struct ksrtp_net *kn, u32 portid)
{
	struct ksrtp_own *own;

	mutex_lock(&kn->lock);
	list_for_each_entry(own, &kn->owned, node) {
		if (own->portid != portid)
			continue;
		own->portid = 0;
		if (own->state != KSRTP_STATE_ACTIVE)
			continue;
		own->state = KSRTP_STATE_ORPHAN;
		own->deadline = jiffies + own->grace * HZ;
		ksrtp_event_owner_gone(kn, own);
	}
	ksrtp_own_expire(kn);
	mutex_unlock(&kn->lock);
}

static int owner_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *n = data;
	struct ksrtp_net *kn;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;

	kn = ksrtp_net(n->net);
	if (n->portid && READ_ONCE(kn->nr_owned))
		owner_gone(kn, n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block owner_notifier = {
	.notifier_call = owner_notify,
};

/**
 * ksrtp_owner_init() - watch netlink sockets
 */
int ksrtp_owner_init(void)
{
	return netlink_register_notifier(&owner_notifier);
}

/**
 * ksrtp_owner_exit() - watch them no more
 */
void ksrtp_owner_exit(void)
{
	netlink_unregister_notifier(&owner_notifier);
}
