/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The primitives below the transform: crypto.c on the kernel's crypto API, and a twin on OpenSSL
 * for userspace in selftests/kmod/shim. Nothing here ever completes asynchronously.
 */
#ifndef KSRTP_CRYPTO_H
#define KSRTP_CRYPTO_H

#include <linux/types.h>

#define KSRTP_BLOCK_LEN 16
#define KSRTP_SHA1_LEN 20

struct ksrtp_cipher;
struct ksrtp_mac;

/* Allocation may sleep and returns ERR_PTR(); free takes NULL and wipes. */
struct ksrtp_cipher *ksrtp_cipher_alloc(const u8 *key, unsigned int len);
void ksrtp_cipher_free(struct ksrtp_cipher *cipher);
struct ksrtp_mac *ksrtp_mac_alloc(const u8 *key, unsigned int len);
void ksrtp_mac_free(struct ksrtp_mac *mac);

/* BH off. Return 0 or -errno. */
int ksrtp_cipher_ctr(const struct ksrtp_cipher *cipher, const u8 iv[KSRTP_BLOCK_LEN], u8 *data,
		     unsigned int len);
int ksrtp_cipher_ctr_busy(const struct ksrtp_cipher *cipher, const u8 iv[KSRTP_BLOCK_LEN],
			  u8 *data, unsigned int len);
int ksrtp_mac_sum(const struct ksrtp_mac *mac, const u8 *data, unsigned int len, const u8 *tail,
		  unsigned int tail_len, u8 sum[KSRTP_SHA1_LEN]);

#endif
