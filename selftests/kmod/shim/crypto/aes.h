/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's AES library, on OpenSSL. */
#ifndef KSRTP_SHIM_AES_H
#define KSRTP_SHIM_AES_H

#include "../shim.h"

#define AES_BLOCK_SIZE 16

struct crypto_aes_ctx {
	u8 key[32];
	unsigned int len;
};

int aes_expandkey(struct crypto_aes_ctx *ctx, const u8 *key, unsigned int len);
void aes_encrypt(const struct crypto_aes_ctx *ctx, u8 *out, const u8 *in);

#endif
