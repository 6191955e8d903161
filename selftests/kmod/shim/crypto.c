// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The twin of kmod/crypto.c on OpenSSL, and the kernel's AES library.
 */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <crypto/aes.h>
#include "crypto.h"
#include "srtp.h"

unsigned int shim_fail_at;

int crypto_memneq(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) != 0;
}

/* OpenSSL's contexts hold the state of a computation; the kernel's keys are shared by all CPUs. */
struct ksrtp_cipher {
	pthread_mutex_t lock;
	EVP_CIPHER_CTX *ctx;
};

struct ksrtp_mac {
	pthread_mutex_t lock;
	EVP_MAC_CTX *ctx;
};

int ksrtp_crypto_init(void)
{
	return 0;
}

void ksrtp_crypto_exit(void)
{
}

struct ksrtp_cipher *ksrtp_cipher_alloc(const u8 *key, unsigned int len)
{
	const EVP_CIPHER *alg = len == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
	struct ksrtp_cipher *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return ERR_PTR(-ENOMEM);
	pthread_mutex_init(&c->lock, NULL);
	c->ctx = EVP_CIPHER_CTX_new();
	if (!c->ctx || !EVP_EncryptInit_ex2(c->ctx, alg, key, NULL, NULL)) {
		ksrtp_cipher_free(c);
		return ERR_PTR(-EINVAL);
	}
	return c;
}

void ksrtp_cipher_free(struct ksrtp_cipher *cipher)
{
	if (!cipher)
		return;
	EVP_CIPHER_CTX_free(cipher->ctx);
	kfree(cipher);
}

int ksrtp_cipher_ctr(const struct ksrtp_cipher *cipher, const u8 iv[KSRTP_BLOCK_LEN], u8 *data,
		     unsigned int len)
{
	struct ksrtp_cipher *c = (struct ksrtp_cipher *)cipher;
	int n, ok;

	pthread_mutex_lock(&c->lock);
	ok = EVP_EncryptInit_ex2(c->ctx, NULL, NULL, iv, NULL) &&
	     EVP_EncryptUpdate(c->ctx, data, &n, data, len);
	pthread_mutex_unlock(&c->lock);
	return ok ? 0 : -EIO;
}

int ksrtp_cipher_ctr_busy(const struct ksrtp_cipher *cipher, const u8 iv[KSRTP_BLOCK_LEN],
			  u8 *data, unsigned int len)
{
	return ksrtp_cipher_ctr(cipher, iv, data, len);
}

struct ksrtp_mac *ksrtp_mac_alloc(const u8 *key, unsigned int len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA1", 0),
		OSSL_PARAM_construct_end(),
	};
	struct ksrtp_mac *m = kzalloc(sizeof(*m), GFP_KERNEL);
	EVP_MAC *alg;

	if (!m)
		return ERR_PTR(-ENOMEM);
	pthread_mutex_init(&m->lock, NULL);
	alg = EVP_MAC_fetch(NULL, "HMAC", NULL);
	m->ctx = EVP_MAC_CTX_new(alg);
	EVP_MAC_free(alg);
	if (!m->ctx || !EVP_MAC_init(m->ctx, key, len, params)) {
		ksrtp_mac_free(m);
		return ERR_PTR(-EINVAL);
	}
	return m;
}

void ksrtp_mac_free(struct ksrtp_mac *mac)
{
	if (!mac)
		return;
	EVP_MAC_CTX_free(mac->ctx);
	kfree(mac);
}

int ksrtp_mac_sum(const struct ksrtp_mac *mac, const u8 *data, unsigned int len, const u8 *tail,
		  unsigned int tail_len, u8 sum[KSRTP_SHA1_LEN])
{
	struct ksrtp_mac *m = (struct ksrtp_mac *)mac;
	size_t n;
	int ok;

	pthread_mutex_lock(&m->lock);
	ok = EVP_MAC_init(m->ctx, NULL, 0, NULL) && EVP_MAC_update(m->ctx, data, len) &&
	     EVP_MAC_update(m->ctx, tail, tail_len) &&
	     EVP_MAC_final(m->ctx, sum, &n, KSRTP_SHA1_LEN);
	pthread_mutex_unlock(&m->lock);
	return ok ? 0 : -EIO;
}

int aes_expandkey(struct crypto_aes_ctx *ctx, const u8 *key, unsigned int len)
{
	if (len != 16 && len != 24 && len != 32)
		return -EINVAL;
	memcpy(ctx->key, key, len);
	ctx->len = len;
	return 0;
}

void aes_encrypt(const struct crypto_aes_ctx *ctx, u8 *out, const u8 *in)
{
	const EVP_CIPHER *alg = ctx->len == 16 ? EVP_aes_128_ecb() :
				ctx->len == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	if (!c || !EVP_EncryptInit_ex2(c, alg, ctx->key, NULL, NULL) ||
	    !EVP_EncryptUpdate(c, out, &n, in, AES_BLOCK_SIZE))
		abort();
	EVP_CIPHER_CTX_free(c);
}
