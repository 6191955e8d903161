// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "kms/seal.h"

#define SCRYPT_MEM_MAX (512ull << 20)

int seal_put(const uint8_t *key, const void *aad, size_t aad_len, const void *data, size_t len,
	     struct buf *out, struct err *e)
{
	size_t start = out->len;
	EVP_CIPHER_CTX *ctx = NULL;
	uint8_t *p;
	int n, ok;

	if (len > BUF_MAX / 2 || aad_len > INT_MAX)
		return err_set(e, EMSGSIZE, "too many octets to seal");
	p = buf_add(out, SEAL_OVERHEAD + len);
	ctx = EVP_CIPHER_CTX_new();
	if (!p || !ctx) {
		EVP_CIPHER_CTX_free(ctx);
		if (p)
			out->len = start;
		return err_set(e, ENOMEM, "out of memory");
	}
	secret_random(p, SEAL_NONCE_LEN);
	ok = EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, p) == 1 &&
	     EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len) == 1 &&
	     EVP_EncryptUpdate(ctx, p + SEAL_NONCE_LEN, &n, data, (int)len) == 1 &&
	     EVP_EncryptFinal_ex(ctx, p + SEAL_NONCE_LEN + len, &n) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_LEN,
				 p + SEAL_NONCE_LEN + len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok) {
		secret_wipe(p, SEAL_OVERHEAD + len);
		out->len = start;
		return err_set(e, EIO, "AES-256-GCM is not to be had from OpenSSL");
	}
	return 0;
}

int seal_get(const uint8_t *key, const void *aad, size_t aad_len, const void *sealed, size_t len,
	     struct buf *out, struct err *e)
{
	const uint8_t *in = sealed;
	size_t start = out->len, plain;
	EVP_CIPHER_CTX *ctx;
	uint8_t *p;
	int n, ok;

	if (len < SEAL_OVERHEAD || len > BUF_MAX / 2 || aad_len > INT_MAX)
		return err_set(e, EBADMSG, "sealed octets are cut off");
	plain = len - SEAL_OVERHEAD;
	/* One octet more: an empty plaintext still needs a pointer. */
	p = buf_add(out, plain + 1);
	ctx = EVP_CIPHER_CTX_new();
	if (!p || !ctx) {
		EVP_CIPHER_CTX_free(ctx);
		if (p)
			out->len = start;
		return err_set(e, ENOMEM, "out of memory");
	}
	ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, in) == 1 &&
	     EVP_DecryptUpdate(ctx, NULL, &n, aad, (int)aad_len) == 1 &&
	     EVP_DecryptUpdate(ctx, p, &n, in + SEAL_NONCE_LEN, (int)plain) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_LEN,
				 (void *)(in + SEAL_NONCE_LEN + plain)) == 1 &&
	     EVP_DecryptFinal_ex(ctx, p + plain, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok) {
		secret_wipe(p, plain + 1);
		out->len = start;
		return err_set(e, EBADMSG, "sealed octets do not open: wrong key, or damaged");
	}
	out->len = start + plain;
	return 0;
}

int seal_derive(const void *pass, size_t pass_len, const uint8_t salt[SEAL_SALT_LEN],
		const struct seal_cost *cost, uint8_t key[SEAL_KEY_LEN], struct err *e)
{
	/* A state file is not trusted to make this process ask for gigabytes. */
	if (cost->n < 1024 || cost->n > 1u << 20 || (cost->n & (cost->n - 1)) || !cost->r ||
	    cost->r > 32 || !cost->p || cost->p > 16 ||
	    128ull * cost->n * cost->r > SCRYPT_MEM_MAX - (64u << 20))
		return err_set(e, EINVAL, "work factors of the passphrase are out of range");
	if (EVP_PBE_scrypt(pass, pass_len, salt, SEAL_SALT_LEN, cost->n, cost->r, cost->p,
			   SCRYPT_MEM_MAX, key, SEAL_KEY_LEN) != 1)
		return err_set(e, ENOMEM, "scrypt failed: out of memory");
	return 0;
}
