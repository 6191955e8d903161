/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key derivation, RFC 3711 4.3.
 */
#ifndef KSRTP_KDF_H
#define KSRTP_KDF_H

#include <crypto/aes.h>
#include <linux/types.h>

#define KSRTP_KDF_SALT_LEN 14

/**
 * enum ksrtp_kdf_label - what is derived (RFC 3711 4.3.1, 4.3.2)
 * @KSRTP_LABEL_RTP_KEY: SRTP session encryption key
 * @KSRTP_LABEL_RTP_AUTH: SRTP session authentication key
 * @KSRTP_LABEL_RTP_SALT: SRTP session salt
 * @KSRTP_LABEL_RTCP_KEY: SRTCP session encryption key
 * @KSRTP_LABEL_RTCP_AUTH: SRTCP session authentication key
 * @KSRTP_LABEL_RTCP_SALT: SRTCP session salt
 */
enum ksrtp_kdf_label {
	KSRTP_LABEL_RTP_KEY = 0,
	KSRTP_LABEL_RTP_AUTH = 1,
	KSRTP_LABEL_RTP_SALT = 2,
	KSRTP_LABEL_RTCP_KEY = 3,
	KSRTP_LABEL_RTCP_AUTH = 4,
	KSRTP_LABEL_RTCP_SALT = 5,
};

/**
 * struct ksrtp_kdf - a master key at work; secret, wiped by its owner
 * @aes: its round keys
 * @salt: master salt
 */
struct ksrtp_kdf {
	struct crypto_aes_ctx aes;
	u8 salt[KSRTP_KDF_SALT_LEN];
};

int ksrtp_kdf_init(struct ksrtp_kdf *kdf, const u8 *key, unsigned int key_len, const u8 *salt,
		   unsigned int salt_len);
void ksrtp_kdf_derive(const struct ksrtp_kdf *kdf, enum ksrtp_kdf_label label, u64 r, u8 *out,
		      unsigned int len);

#endif
