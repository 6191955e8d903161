// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Module and network namespaces: set-up and end.
 */
#include <linux/module.h>
#include <linux/user_namespace.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <net/netns/generic.h>
#include "flow.h"
#include "net.h"
#include "netlink.h"
#include "owner.h"
#include "sa.h"
#include "srtp.h"

/* Ceilings. Any user reaches the control plane through a user namespace of their own. */
static const struct ksrtp_limits limits_init = {
	.sas = 1 << 18,
	.flows = 1 << 18,
	.ssrcs = 1 << 20,
};

static const struct ksrtp_limits limits_user = {
	.sas = 1 << 10,
	.flows = 1 << 10,
	.ssrcs = 1 << 13,
};

static unsigned int net_id __read_mostly;

/* Protects ksrtp_nets; taken before the lock of a network namespace. */
DEFINE_MUTEX(ksrtp_nets_lock);
LIST_HEAD(ksrtp_nets);

/**
 * ksrtp_net() - what a network namespace holds
 * @net: the network namespace
 */
struct ksrtp_net *ksrtp_net(const struct net *net)
{
	return net_generic(net, net_id);
}

/**
 * ksrtp_net_tick_soon() - have grace times and lifetimes looked at within a second
 * @kn: the network namespace
 *
 * Any context.
 */
void ksrtp_net_tick_soon(struct ksrtp_net *kn)
{
	queue_delayed_work(system_long_wq, &kn->tick, HZ);
}

static void net_tick(struct work_struct *work)
{
	struct ksrtp_net *kn = container_of(to_delayed_work(work), struct ksrtp_net, tick);

	mutex_lock(&kn->lock);
	ksrtp_own_expire(kn);
	ksrtp_sa_expire(kn);
	mutex_unlock(&kn->lock);
}

static int __net_init net_init(struct net *net)
{
	struct ksrtp_net *kn = ksrtp_net(net);

	kn->stats = ksrtp_stats_alloc();
	if (!kn->stats)
		return -ENOMEM;
	kn->net = net;
	kn->limits = net->user_ns == &init_user_ns ? limits_init : limits_user;
	mutex_init(&kn->lock);
	xa_init_flags(&kn->sas, XA_FLAGS_ALLOC);
	xa_init_flags(&kn->flows, XA_FLAGS_ALLOC);
	INIT_LIST_HEAD(&kn->owned);
	INIT_DELAYED_WORK(&kn->tick, net_tick);

	mutex_lock(&ksrtp_nets_lock);
	list_add_tail(&kn->node, &ksrtp_nets);
	mutex_unlock(&ksrtp_nets_lock);
	return 0;
}

/* Nothing sends or receives in a network namespace that ends, so there is nothing to wait for. */
static void __net_exit net_exit(struct net *net)
{
	struct ksrtp_net *kn = ksrtp_net(net);

	mutex_lock(&ksrtp_nets_lock);
	list_del(&kn->node);
	mutex_unlock(&ksrtp_nets_lock);

	ksrtp_flow_free_all(kn);
	ksrtp_sa_free_all(kn);
	cancel_delayed_work_sync(&kn->tick);
	xa_destroy(&kn->sas);
	xa_destroy(&kn->flows);
	kvfree(kn->table);
	free_percpu(kn->stats);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct ksrtp_net),
};

static int __init ksrtp_init(void)
{
	int err;

	err = ksrtp_crypto_init();
	if (err)
		return err;
	err = ksrtp_selftest();
	if (err)
		goto err_crypto;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_crypto;
	err = ksrtp_owner_init();
	if (err)
		goto err_net;
	err = ksrtp_pm_init();
	if (err)
		goto err_owner;
	err = ksrtp_netlink_init();
	if (err)
		goto err_pm;
	return 0;

err_pm:
	ksrtp_pm_exit();
err_owner:
	ksrtp_owner_exit();
err_net:
	unregister_pernet_subsys(&net_ops);
	rcu_barrier();
err_crypto:
	ksrtp_crypto_exit();
	return err;
}

static void __exit ksrtp_exit(void)
{
	ksrtp_netlink_exit();
	ksrtp_pm_exit();
	ksrtp_owner_exit();
	unregister_pernet_subsys(&net_ops);
	rcu_barrier();
	ksrtp_crypto_exit();
}

module_init(ksrtp_init);
module_exit(ksrtp_exit);

MODULE_DESCRIPTION("SRTP and SRTCP for media relays, RFC 3711");
MODULE_AUTHOR("The ibake project");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY("ksrtp");
/* Without these drivers loaded first, ctr(aes) and hmac(sha1) would be the generic ones. */
MODULE_SOFTDEP("pre: udp_tunnel ip6_udp_tunnel aesni_intel sha1_ssse3 ctr hmac");
