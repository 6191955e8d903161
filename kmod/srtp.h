/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packet transform of RFC 3711: protect and unprotect one RTP or RTCP packet in a contiguous
 * buffer. It knows no hook and no skb, and compiles in userspace too.
 *
 * Context: everything but ksrtp_key_ctx_init() and _destroy() runs with BH off, in any context
 * that is not hard interrupt, and neither allocates nor sleeps.
 */
#ifndef KSRTP_SRTP_H
#define KSRTP_SRTP_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include "reason.h"
#include "replay.h"
#include "rtp.h"
#include "suite.h"

struct ksrtp_cipher;
struct ksrtp_mac;

/**
 * struct ksrtp_session - session keys of SRTP or of SRTCP
 * @cipher: keyed cipher, NULL where the suite does not encrypt
 * @mac: keyed MAC, NULL for an AEAD
 * @salt: session salt
 */
struct ksrtp_session {
	struct ksrtp_cipher *cipher;
	struct ksrtp_mac *mac;
	u8 salt[KSRTP_SESSION_SALT_MAX];
};

/**
 * struct ksrtp_key_ctx - everything one master key makes, read-only once built
 * @suite: the suite
 * @rtp: session keys of SRTP
 * @rtcp: session keys of SRTCP
 * @mki: the MKI that names this key in packets
 * @mki_len: its octets, 0 where packets carry none
 *
 * Master key and salt are not kept: the key derivation rate is 0, nothing is derived later.
 * Embed it in the object that RCU readers find; it may be read by any number of CPUs at once.
 */
struct ksrtp_key_ctx {
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_session rtp;
	struct ksrtp_session rtcp;
	u8 mki[KSRTP_MKI_MAX];
	u8 mki_len;
};

/**
 * struct ksrtp_key_params - what a key is made of
 * @suite: the suite
 * @master_key: master key
 * @master_key_len: its octets, exactly the suite's
 * @master_salt: master salt
 * @master_salt_len: its octets, exactly the suite's
 * @mki: the MKI, or NULL
 * @mki_len: its octets, 0..KSRTP_MKI_MAX
 */
struct ksrtp_key_params {
	const struct ksrtp_suite_desc *suite;
	const u8 *master_key;
	u32 master_key_len;
	const u8 *master_salt;
	u32 master_salt_len;
	const u8 *mki;
	u32 mki_len;
};

/**
 * struct ksrtp_counts - what one SSRC saw under one key in one direction
 * @rtp_packets: RTP packets that passed
 * @rtp_octets: octets of these packets in their plain form, header included
 * @rtcp_packets: RTCP packets that passed
 * @rtcp_octets: octets of these packets in their plain form
 * @auth_fail: tags that did not verify
 * @replay: duplicates refused, on receive or transmit
 * @too_old: indices before the window, on receive or transmit
 * @other: refusals for any other reason
 */
struct ksrtp_counts {
	u64 rtp_packets;
	u64 rtp_octets;
	u64 rtcp_packets;
	u64 rtcp_octets;
	u64 auth_fail;
	u64 replay;
	u64 too_old;
	u64 other;
};

/**
 * struct ksrtp_ssrc - state of one SSRC under one key in one direction
 * @lock: protects all that follows but @ssrc and the geometry of the windows
 * @ssrc: the SSRC
 * @rtp: SRTP index (ROC and sequence number) and its window
 * @rtcp: SRTCP index of received packets and its window
 * @rtcp_next: SRTCP index of the next packet sent
 * @counts: what happened
 * @last_reason: why the last refused packet was refused
 *
 * A transmit state lives as long as its key: re-creating it repeats keystream.
 */
struct ksrtp_ssrc {
	spinlock_t lock; /* all below but ssrc and the size of the windows */
	u32 ssrc;
	struct ksrtp_window rtp;
	struct ksrtp_window rtcp;
	u32 rtcp_next;
	struct ksrtp_counts counts;
	enum ksrtp_reason last_reason;
};

/**
 * struct ksrtp_ssrc_info - a consistent copy of the state of an SSRC, for dumps and replication
 * @rtp_used: an SRTP packet passed, so that @rtp_index holds
 * @rtcp_used: an SRTCP packet was received, so that @rtcp_index holds
 * @rtp_index: highest SRTP index, 48 bits: ROC << 16 | sequence number
 * @rtcp_index: highest SRTCP index received, 31 bits
 * @rtcp_next: SRTCP index of the next packet sent; 2^31 when used up
 * @counts: what happened
 * @last_reason: why the last refused packet was refused
 */
struct ksrtp_ssrc_info {
	bool rtp_used;
	bool rtcp_used;
	u64 rtp_index;
	u32 rtcp_index;
	u32 rtcp_next;
	struct ksrtp_counts counts;
	enum ksrtp_reason last_reason;
};

/**
 * struct ksrtp_pkt - a packet in a contiguous buffer (no vmalloc memory, not the stack)
 * @data: first octet of the RTP or RTCP header
 * @len: octets; protect adds the trailer, unprotect takes it off
 * @cap: octets from @data on that may be written
 */
struct ksrtp_pkt {
	u8 *data;
	u32 len;
	u32 cap;
};

/* Keys. May sleep. */
int ksrtp_key_ctx_init(struct ksrtp_key_ctx *key, const struct ksrtp_key_params *params);
void ksrtp_key_ctx_destroy(struct ksrtp_key_ctx *key);

/* SSRC state. @bits: ksrtp_ssrc_words(window) words the caller allocates with the object. */
unsigned int ksrtp_ssrc_words(u32 window);
void ksrtp_ssrc_init(struct ksrtp_ssrc *s, u32 ssrc, u32 window, u32 start_roc, u64 *bits);
void ksrtp_ssrc_restore_rtp(struct ksrtp_ssrc *s, u64 index);
void ksrtp_ssrc_restore_rtcp(struct ksrtp_ssrc *s, u32 index);
void ksrtp_ssrc_info(struct ksrtp_ssrc *s, struct ksrtp_ssrc_info *info);

/* Which key? The MKI of a protected packet, NULL where the packet is too short for one. */
const u8 *ksrtp_rtp_mki(const struct ksrtp_suite_desc *suite, const u8 *data, u32 len, u32 mki_len);
const u8 *ksrtp_rtcp_mki(const struct ksrtp_suite_desc *suite, const u8 *data, u32 len,
			 u32 mki_len);

/* Transmit. On any refusal the caller drops the packet: its octets may be half transformed. */
enum ksrtp_reason ksrtp_protect_rtp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				    struct ksrtp_pkt *pkt);
enum ksrtp_reason ksrtp_protect_rtcp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				     struct ksrtp_pkt *pkt);

/*
 * Receive. With @s the packet is committed to it. Without (@s NULL: first packet of an SSRC) it is
 * authenticated and decrypted under @start_roc and nothing is remembered; the caller then finds or
 * makes the state and must pass @index to ksrtp_commit_*(), whose refusal drops the packet.
 * A packet refused as AUTH_FAIL, or before, is unchanged, so that another key or ROC can be tried.
 */
enum ksrtp_reason ksrtp_unprotect_rtp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				      u32 start_roc, struct ksrtp_pkt *pkt, u64 *index);
enum ksrtp_reason ksrtp_unprotect_rtcp(const struct ksrtp_key_ctx *key, struct ksrtp_ssrc *s,
				       struct ksrtp_pkt *pkt, u32 *index);
enum ksrtp_reason ksrtp_commit_rtp(struct ksrtp_ssrc *s, u64 index, u32 octets);
enum ksrtp_reason ksrtp_commit_rtcp(struct ksrtp_ssrc *s, u32 index, u32 octets);

/* Module load: per-CPU scratch of the crypto layer, then the known answers. */
int ksrtp_crypto_init(void);
void ksrtp_crypto_exit(void);
int ksrtp_selftest(void);

#endif
