// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flows: made, deleted, found by packets.
 */
#include <linux/file.h>
#include <linux/inetdevice.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/route.h>
#include "event.h"
#include "flow.h"
#include "net.h"
#include "sa.h"
#include "sock.h"
#include "trace.h"

/* How many relays of this machine a packet may pass one after the other. */
#define CHAIN_MAX 8

static u32 hash(const union nf_inet_addr *addr, __be16 port)
{
	return jhash2((const u32 *)addr->all, ARRAY_SIZE(addr->all), (__force u16)port) &
	       (KSRTP_FLOW_BUCKETS - 1);
}

static struct ksrtp_flow *find_in(struct ksrtp_net *kn, struct hlist_head *table, u16 family,
				  const union nf_inet_addr *addr, __be16 port, int ifindex)
{
	struct ksrtp_flow *flow, *found = NULL;

	hlist_for_each_entry_rcu(flow, &table[hash(addr, port)], node,
				 lockdep_is_held(&kn->lock)) {
		if (flow->local.port != port || flow->family != family ||
		    !nf_inet_addr_cmp(&flow->local.addr, addr))
			continue;
		if (flow->ifindex && flow->ifindex == ifindex)
			return flow;
		if (!flow->ifindex)
			found = flow;
	}
	return found;
}

/**
 * ksrtp_flow_find() - the flow of a local address and port
 * @kn: the network namespace
 * @family: AF_INET or AF_INET6
 * @addr: the address
 * @port: the port
 * @ifindex: interface of arrival
 *
 * The most specific one: a wildcard address comes last, and flows of an interface before those of
 * any. Caller holds the lock of @kn or is in an RCU section.
 */
struct ksrtp_flow *ksrtp_flow_find(struct ksrtp_net *kn, u16 family, const union nf_inet_addr *addr,
				   __be16 port, int ifindex)
{
	static const union nf_inet_addr any;
	struct hlist_head *table = READ_ONCE(kn->table);
	struct ksrtp_flow *flow;

	if (!table)
		return NULL;
	flow = find_in(kn, table, family, addr, port, ifindex);
	if (!flow && atomic_read(&kn->wildcards))
		flow = find_in(kn, table, family, &any, port, ifindex);
	return flow;
}

/**
 * ksrtp_flow_by_id() - the flow with a number
 * @kn: the network namespace, locked
 * @id: the number
 */
struct ksrtp_flow *ksrtp_flow_by_id(struct ksrtp_net *kn, u32 id)
{
	lockdep_assert_held(&kn->lock);

	return xa_load(&kn->flows, id);
}

/**
 * ksrtp_flow_state() - active, orphan or wiped, its SAs considered
 * @flow: the flow, its network namespace locked
 */
enum ksrtp_state ksrtp_flow_state(const struct ksrtp_flow *flow)
{
	u32 i;

	if (flow->blocked || (flow->rx_sa && flow->rx_sa->wiped))
		return KSRTP_STATE_WIPED;
	for (i = 0; i < flow->nr_destinations; i++)
		if (flow->destinations[i].tx_sa && flow->destinations[i].tx_sa->wiped)
			return KSRTP_STATE_WIPED;
	return flow->own.state;
}

static bool is_any(const union nf_inet_addr *addr)
{
	return !(addr->all[0] | addr->all[1] | addr->all[2] | addr->all[3]);
}

static bool is_local(struct ksrtp_net *kn, u16 family, const union nf_inet_addr *addr)
{
	if (family == AF_INET)
		return ipv4_is_multicast(addr->ip) ||
		       inet_addr_type(kn->net, addr->ip) == RTN_LOCAL;
	return ipv6_addr_is_multicast(&addr->in6) ||
	       ipv6_chk_addr(kn->net, &addr->in6, NULL, 0) ||
	       ipv6_addr_loopback(&addr->in6);
}

/*
 * Would packets to this destination, on this machine, come back to the flow that is being made?
 * Each relay sends with a fresh TTL, so a loop would never end.
 */
static bool leads_to(struct ksrtp_net *kn, const struct ksrtp_flow *flow,
		     const struct ksrtp_endpoint *to, int depth)
{
	struct ksrtp_flow *next;
	u32 i;

	if (!is_local(kn, flow->family, &to->addr))
		return false;
	if (to->port == flow->local.port &&
	    (flow->any || nf_inet_addr_cmp(&flow->local.addr, &to->addr)))
		return true;
	/* What this machine sends to itself arrives on the loopback device. */
	next = ksrtp_flow_find(kn, flow->family, &to->addr, to->port,
			       kn->net->loopback_dev->ifindex);
	/* Each flow once: with several destinations the paths are many, the flows are not. */
	if (!next || next->walk == kn->walk)
		return false;
	next->walk = kn->walk;
	if (depth == CHAIN_MAX)
		return true;
	for (i = 0; i < next->nr_destinations; i++)
		if (leads_to(kn, flow, &next->destinations[i].to, depth + 1))
			return true;
	return false;
}

static bool valid_destination(u16 family, const struct ksrtp_endpoint *to)
{
	if (!to->port)
		return false;
	if (family == AF_INET)
		return to->addr.ip && !ipv4_is_lbcast(to->addr.ip);
	return !ipv6_addr_any(&to->addr.in6) && !ipv6_addr_v4mapped(&to->addr.in6);
}

static struct ksrtp_sa *sa_get(struct ksrtp_net *kn, u32 id, enum ksrtp_direction direction,
			       struct netlink_ext_ack *extack)
{
	struct ksrtp_sa *sa = ksrtp_sa_find(kn, id);

	if (!sa) {
		NL_SET_ERR_MSG(extack, "no SA with this number");
		return ERR_PTR(-ENOENT);
	}
	if (sa->direction != direction) {
		if (direction == KSRTP_DIRECTION_RX)
			NL_SET_ERR_MSG(extack, "rx-sa names a transmit SA");
		else
			NL_SET_ERR_MSG(extack, "tx-sa names a receive SA");
		return ERR_PTR(-EINVAL);
	}
	sa->flows++;
	return sa;
}

static void sa_put(struct ksrtp_sa *sa)
{
	if (sa)
		sa->flows--;
}

static int destination_init(struct ksrtp_flow *flow, struct ksrtp_destination *d,
			    const struct ksrtp_destination_config *config, u32 addr_len,
			    struct netlink_ext_ack *extack)
{
	struct ksrtp_net *kn = flow->kn;
	struct ksrtp_sa *sa;
	u16 family;
	int err;

	if (addr_len != (flow->family == AF_INET ? 4 : 16)) {
		NL_SET_ERR_MSG(extack, "the destination is of another address family");
		return -EAFNOSUPPORT;
	}
	if (!valid_destination(flow->family, &config->to)) {
		NL_SET_ERR_MSG(extack, "media cannot be sent to this destination");
		return -EINVAL;
	}
	d->to = config->to;
	d->ifindex = config->ifindex;
	if (flow->family == AF_INET6 && !d->ifindex &&
	    ipv6_addr_type(&d->to.addr.in6) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG(extack, "a link-local destination needs an ifindex");
		return -EINVAL;
	}

	if (config->fd < 0) {
		d->from = flow->local;
		d->file = get_file(flow->file);
	} else {
		d->file = ksrtp_sock_get(kn, config->fd, &family, &d->from, extack);
		if (IS_ERR(d->file)) {
			err = PTR_ERR(d->file);
			d->file = NULL;
			return err;
		}
		if (family != flow->family) {
			NL_SET_ERR_MSG(extack, "the socket to send from is of another family");
			return -EAFNOSUPPORT;
		}
	}
	d->sk = ksrtp_sock_sk(d->file);
	if (!d->ifindex)
		d->ifindex = READ_ONCE(d->sk->sk_bound_dev_if);

	kn->walk++;
	if (leads_to(kn, flow, &d->to, 0)) {
		NL_SET_ERR_MSG(extack, "the destination leads back to the flow");
		return -ELOOP;
	}
	if (config->tx_sa) {
		sa = sa_get(kn, config->tx_sa, KSRTP_DIRECTION_TX, extack);
		if (IS_ERR(sa))
			return PTR_ERR(sa);
		d->tx_sa = sa;
		flow->tailroom = max(flow->tailroom,
				     ksrtp_suite_rtcp_overhead(sa->suite, sa->mki_len));
	}
	return dst_cache_init(&d->cache, GFP_KERNEL_ACCOUNT);
}

/**
 * ksrtp_flow_release() - give back sockets and routes
 * @flow: a flow that no packet can use, because it is blocked or out of the table for a grace
 *	period; its network namespace is locked
 *
 * A blocked flow needs neither: its verdict is by address and port. Keeping the sockets would keep
 * the network namespace of a dead daemon for ever.
 */
void ksrtp_flow_release(struct ksrtp_flow *flow)
{
	struct ksrtp_destination *d;
	u32 i;

	for (i = 0; i < flow->nr_destinations; i++) {
		d = &flow->destinations[i];
		dst_cache_destroy(&d->cache);
		d->cache.cache = NULL;
		d->sk = NULL;
		if (d->file)
			fput(d->file);
		d->file = NULL;
	}
	flow->sk = NULL;
	if (flow->file)
		fput(flow->file);
	flow->file = NULL;
}

/* Free a flow that no packet uses. Its network namespace is locked. */
static void flow_free(struct ksrtp_flow *flow)
{
	u32 i;

	ksrtp_flow_release(flow);
	for (i = 0; i < flow->nr_destinations; i++)
		sa_put(flow->destinations[i].tx_sa);
	sa_put(flow->rx_sa);
	kvfree(flow);
	module_put(THIS_MODULE);
}

static int flow_check(struct ksrtp_net *kn, const struct ksrtp_flow_config *config,
		      struct netlink_ext_ack *extack)
{
	if (config->id > KSRTP_ID_MAX) {
		NL_SET_ERR_MSG(extack, "numbers above id-max are the kernel's to give");
		return -ERANGE;
	}
	if (config->id && ksrtp_flow_by_id(kn, config->id)) {
		NL_SET_ERR_MSG(extack, "a flow with this number exists");
		return -EEXIST;
	}
	if (kn->nr_flows >= kn->limits.flows) {
		NL_SET_ERR_MSG(extack, "the network namespace holds as many flows as it may");
		return -ENOSPC;
	}
	/* Its socket would hold the namespace for ever, and no name leads there to delete it. */
	if (!config->portid && kn->net->user_ns != &init_user_ns) {
		NL_SET_ERR_MSG(extack, "in a user namespace a flow needs an owner");
		return -EPERM;
	}
	return 0;
}

/* The socket, and what hangs on its address. */
static int flow_bind(struct ksrtp_flow *flow, const struct ksrtp_flow_config *config,
		     struct netlink_ext_ack *extack)
{
	struct ksrtp_flow *other;
	struct file *file;
	int bound;

	file = ksrtp_sock_get(flow->kn, config->fd, &flow->family, &flow->local, extack);
	if (IS_ERR(file))
		return PTR_ERR(file);
	flow->file = file;
	flow->sk = ksrtp_sock_sk(file);
	flow->any = is_any(&flow->local.addr);
	bound = READ_ONCE(flow->sk->sk_bound_dev_if);
	if (bound && flow->ifindex && flow->ifindex != bound) {
		NL_SET_ERR_MSG(extack, "the socket is bound to another interface");
		return -EXDEV;
	}
	if (bound)
		flow->ifindex = bound;

	other = find_in(flow->kn, flow->kn->table, flow->family, &flow->local.addr,
			flow->local.port, flow->ifindex);
	if (other && other->ifindex == flow->ifindex) {
		NL_SET_ERR_MSG(extack, "another flow has this address and port");
		return -EADDRINUSE;
	}
	if (flow->family == AF_INET6 && !flow->ifindex &&
	    ipv6_addr_type(&flow->local.addr.in6) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG(extack, "a link-local address needs an ifindex");
		return -EINVAL;
	}
	if (!config->has_remote)
		return 0;
	if (config->remote_len != (flow->family == AF_INET ? 4 : 16)) {
		NL_SET_ERR_MSG(extack, "the remote address is of another address family");
		return -EAFNOSUPPORT;
	}
	flow->has_remote = true;
	flow->remote = config->remote;
	return 0;
}

static int table_init(struct ksrtp_net *kn)
{
	struct hlist_head *table;

	if (kn->table)
		return 0;
	table = kvcalloc(KSRTP_FLOW_BUCKETS, sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;
	/* Zeroed heads are empty lists; readers meet the table whole or not at all. */
	smp_store_release(&kn->table, table);
	return 0;
}

static int flow_publish(struct ksrtp_flow *flow, u32 id)
{
	struct ksrtp_net *kn = flow->kn;
	int err;

	err = ksrtp_hook_get(kn, flow->family);
	if (err)
		return err;
	if (id)
		err = xa_insert(&kn->flows, id, flow, GFP_KERNEL_ACCOUNT);
	else
		err = xa_alloc(&kn->flows, &id, flow, XA_LIMIT(KSRTP_ID_MAX + 1U, U32_MAX),
			       GFP_KERNEL_ACCOUNT);
	if (err) {
		ksrtp_hook_put(kn, flow->family);
		return err;
	}
	flow->id = id;
	flow->generation = ++kn->generation;
	if (flow->any)
		atomic_inc(&kn->wildcards);
	hlist_add_head_rcu(&flow->node, &kn->table[hash(&flow->local.addr, flow->local.port)]);
	return 0;
}

/**
 * ksrtp_flow_add() - attach a port
 * @kn: the network namespace, locked
 * @config: what the flow is made of
 * @extack: gets the refusal
 */
struct ksrtp_flow *ksrtp_flow_add(struct ksrtp_net *kn, const struct ksrtp_flow_config *config,
				  struct netlink_ext_ack *extack)
{
	struct ksrtp_flow *flow;
	struct ksrtp_sa *sa;
	u32 i;
	int err;

	lockdep_assert_held(&kn->lock);

	err = flow_check(kn, config, extack);
	if (err)
		return ERR_PTR(err);
	err = table_init(kn);
	if (err)
		return ERR_PTR(err);
	flow = kvzalloc(struct_size(flow, destinations, config->nr_destinations),
			GFP_KERNEL_ACCOUNT);
	if (!flow)
		return ERR_PTR(-ENOMEM);

	/* Each flow holds the module: unloading it would undo the verdict of a blocked one. */
	__module_get(THIS_MODULE);
	flow->kn = kn;
	flow->kind = config->kind;
	flow->ifindex = config->ifindex;
	flow->cookie_len = config->cookie_len;
	memcpy(flow->cookie, config->cookie, config->cookie_len);
	flow->nr_destinations = config->nr_destinations;
	spin_lock_init(&flow->lock);

	err = flow_bind(flow, config, extack);
	if (err)
		goto err_free;
	if (config->rx_sa) {
		sa = sa_get(kn, config->rx_sa, KSRTP_DIRECTION_RX, extack);
		if (IS_ERR(sa)) {
			err = PTR_ERR(sa);
			goto err_free;
		}
		flow->rx_sa = sa;
	}
	for (i = 0; i < config->nr_destinations; i++) {
		err = destination_init(flow, &flow->destinations[i], &config->destinations[i],
				       config->addr_len[i], extack);
		if (err)
			goto err_free;
	}
	ksrtp_own_init(kn, &flow->own, KSRTP_OBJECT_FLOW, config->portid, config->grace);
	err = flow_publish(flow, config->id);
	if (err)
		goto err_own;
	trace_ksrtp_flow_add(flow);
	return flow;

err_own:
	ksrtp_own_release(kn, &flow->own);
err_free:
	flow_free(flow);
	return ERR_PTR(err);
}

static void flow_unlink(struct ksrtp_flow *flow)
{
	struct ksrtp_net *kn = flow->kn;

	xa_erase(&kn->flows, flow->id);
	hlist_del_rcu(&flow->node);
	if (flow->any)
		atomic_dec(&kn->wildcards);
	ksrtp_own_release(kn, &flow->own);
	trace_ksrtp_flow_del(flow);
	ksrtp_event_flow_gone(flow);
	ksrtp_hook_put(kn, flow->family);
}

/**
 * ksrtp_flow_del() - detach a port
 * @flow: the flow, its network namespace locked
 *
 * Sleeps until no packet uses the flow.
 */
void ksrtp_flow_del(struct ksrtp_flow *flow)
{
	lockdep_assert_held(&flow->kn->lock);

	flow_unlink(flow);
	synchronize_net();
	flow_free(flow);
}

/**
 * ksrtp_flow_free_all() - delete what a network namespace leaves behind
 * @kn: the network namespace; its flows are blocked ones, since others hold it by their sockets,
 *	and no packet is left in it
 */
void ksrtp_flow_free_all(struct ksrtp_net *kn)
{
	struct ksrtp_flow *flow;
	unsigned long id;

	mutex_lock(&kn->lock);
	xa_for_each(&kn->flows, id, flow) {
		flow_unlink(flow);
		flow_free(flow);
	}
	mutex_unlock(&kn->lock);
}

/**
 * ksrtp_flow_block() - drop all media of a flow from now on
 * @flow: the flow, its network namespace locked
 * @why: the reason
 *
 * After a grace period ksrtp_flow_release() is due.
 */
void ksrtp_flow_block(struct ksrtp_flow *flow, enum ksrtp_wipe why)
{
	lockdep_assert_held(&flow->kn->lock);

	WRITE_ONCE(flow->blocked, true);
	ksrtp_event_flow_blocked(flow, why);
}
