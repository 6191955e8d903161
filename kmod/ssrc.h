/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Index bookkeeping of an SSRC, for the transform alone; what others need is in srtp.h.
 */
#ifndef KSRTP_SSRC_H
#define KSRTP_SSRC_H

#include "srtp.h"

enum ksrtp_reason ksrtp_ssrc_take_rtp(struct ksrtp_ssrc *s, u16 seq, u32 octets, u64 *index);
enum ksrtp_reason ksrtp_ssrc_take_rtcp(struct ksrtp_ssrc *s, u32 octets, u32 *index);
enum ksrtp_reason ksrtp_ssrc_look_rtp(struct ksrtp_ssrc *s, u16 seq, u64 *index);
enum ksrtp_reason ksrtp_ssrc_look_rtcp(struct ksrtp_ssrc *s, u32 index);
void ksrtp_ssrc_refused(struct ksrtp_ssrc *s, enum ksrtp_reason reason);

#endif
