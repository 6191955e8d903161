/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications to the multicast group "events".
 */
#ifndef KSRTP_EVENT_H
#define KSRTP_EVENT_H

#include <linux/types.h>
#include "../netlink_proto/ksrtp.h"

struct ksrtp_flow;
struct ksrtp_key;
struct ksrtp_net;
struct ksrtp_own;
struct ksrtp_sa;

void ksrtp_event_sa_gone(const struct ksrtp_sa *sa);
void ksrtp_event_flow_gone(const struct ksrtp_flow *flow);
void ksrtp_event_key(const struct ksrtp_sa *sa, const struct ksrtp_key *key, u8 cmd);
void ksrtp_event_ssrc(const struct ksrtp_sa *sa, const struct ksrtp_key *key, u32 ssrc, u8 cmd);
void ksrtp_event_owner_gone(struct ksrtp_net *kn, const struct ksrtp_own *own);
void ksrtp_event_sa_wiped(const struct ksrtp_sa *sa, enum ksrtp_wipe why);
void ksrtp_event_flow_blocked(const struct ksrtp_flow *flow, enum ksrtp_wipe why);

#endif
