/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects whose life hangs on a netlink socket.
 */
#ifndef KSRTP_OWNER_H
#define KSRTP_OWNER_H

#include <linux/list.h>
#include <linux/types.h>
#include "../netlink_proto/ksrtp.h"

struct ksrtp_net;
struct netlink_ext_ack;

/**
 * enum ksrtp_object - what is owned
 * @KSRTP_OBJECT_SA: a &struct ksrtp_sa
 * @KSRTP_OBJECT_FLOW: a &struct ksrtp_flow
 */
enum ksrtp_object {
	KSRTP_OBJECT_SA,
	KSRTP_OBJECT_FLOW,
};

/**
 * struct ksrtp_own - ownership of an object; all under &struct ksrtp_net.lock
 * @node: in &struct ksrtp_net.owned; empty where the object persists until deleted
 * @object: what embeds this
 * @portid: the netlink socket that owns it, 0 without a living owner
 * @grace: seconds between the owner's end and the wiping of keys
 * @state: active, orphan or wiped
 * @deadline: while orphan, when the keys are wiped, in jiffies
 */
struct ksrtp_own {
	struct list_head node;
	enum ksrtp_object object;
	u32 portid;
	u32 grace;
	enum ksrtp_state state;
	unsigned long deadline;
};

void ksrtp_own_init(struct ksrtp_net *kn, struct ksrtp_own *own, enum ksrtp_object object,
		    u32 portid, u32 grace);
void ksrtp_own_release(struct ksrtp_net *kn, struct ksrtp_own *own);
int ksrtp_own_claim(struct ksrtp_net *kn, struct ksrtp_own *own, u32 portid, const u32 *grace,
		    struct netlink_ext_ack *extack);
u32 ksrtp_own_grace_left(const struct ksrtp_own *own);
void ksrtp_own_expire(struct ksrtp_net *kn);

int ksrtp_owner_init(void);
void ksrtp_owner_exit(void);

#endif
