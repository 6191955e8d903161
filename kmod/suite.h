/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of crypto suites. Adding a suite is adding a row, see Documentation/srtp.md.
 */
#ifndef KSRTP_SUITE_H
#define KSRTP_SUITE_H

#include <linux/types.h>

#define KSRTP_MASTER_KEY_MAX 32
#define KSRTP_MASTER_SALT_MAX 14
#define KSRTP_SESSION_KEY_MAX 32
#define KSRTP_SESSION_SALT_MAX 14
#define KSRTP_AUTH_KEY_MAX 20
#define KSRTP_TAG_MAX 16
#define KSRTP_MKI_MAX 128

/* SRTCP: the E bit and the 31-bit index, one word after the payload (RFC 3711 3.4). */
#define KSRTP_RTCP_INDEX_LEN 4

/* The most octets that protection adds to a packet, RTP or RTCP, of any suite. */
#define KSRTP_TRAILER_MAX (KSRTP_RTCP_INDEX_LEN + KSRTP_MKI_MAX + KSRTP_TAG_MAX)

/* Suite numbers of the control plane; they are never reused. */
#define KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_80 1
#define KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_32 2
#define KSRTP_SUITE_ID_NULL_HMAC_SHA1_80 3
#define KSRTP_SUITE_ID_NULL_HMAC_SHA1_32 4

/**
 * enum ksrtp_cipher_kind - how payloads are encrypted
 * @KSRTP_CIPHER_NULL: not at all (RFC 3711 4.1.3)
 * @KSRTP_CIPHER_AES_CM: AES in counter mode (RFC 3711 4.1.1)
 */
enum ksrtp_cipher_kind {
	KSRTP_CIPHER_NULL,
	KSRTP_CIPHER_AES_CM,
};

struct ksrtp_transform_ops;

/**
 * struct ksrtp_suite_desc - one crypto suite
 * @name: its name in the registry of SDP security descriptions (RFC 4568)
 * @id: its number on the control plane, KSRTP_SUITE_ID_*
 * @cipher: how payloads are encrypted
 * @master_key_len: octets of the master key
 * @master_salt_len: octets of the master salt
 * @key_len: octets of the session encryption key, 0 without encryption
 * @salt_len: octets of the session salt
 * @auth_key_len: octets of the session authentication key, 0 for an AEAD
 * @rtp_tag_len: octets of the SRTP authentication tag
 * @rtcp_tag_len: octets of the SRTCP authentication tag
 * @ops: the functions that lay out, encrypt and authenticate a packet
 */
struct ksrtp_suite_desc {
	const char *name;
	u8 id;
	enum ksrtp_cipher_kind cipher;
	u8 master_key_len;
	u8 master_salt_len;
	u8 key_len;
	u8 salt_len;
	u8 auth_key_len;
	u8 rtp_tag_len;
	u8 rtcp_tag_len;
	const struct ksrtp_transform_ops *ops;
};

const struct ksrtp_suite_desc *ksrtp_suite_find(u32 id);
const struct ksrtp_suite_desc *ksrtp_suite_find_name(const char *name);
const struct ksrtp_suite_desc *ksrtp_suite_at(unsigned int n);

/**
 * ksrtp_suite_rtp_overhead() - octets that SRTP adds to an RTP packet
 * @suite: the suite
 * @mki_len: octets of the MKI, 0 without one
 */
static inline u32 ksrtp_suite_rtp_overhead(const struct ksrtp_suite_desc *suite, u32 mki_len)
{
	return mki_len + suite->rtp_tag_len;
}

/**
 * ksrtp_suite_rtcp_overhead() - octets that SRTCP adds to an RTCP packet
 * @suite: the suite
 * @mki_len: octets of the MKI, 0 without one
 */
static inline u32 ksrtp_suite_rtcp_overhead(const struct ksrtp_suite_desc *suite, u32 mki_len)
{
	return KSRTP_RTCP_INDEX_LEN + mki_len + suite->rtcp_tag_len;
}

#endif
