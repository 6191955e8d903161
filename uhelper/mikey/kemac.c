// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys that protect a message, and KEMAC's AES-CM (RFC 3830 4.1.4, 4.2.3, RFC 6043 6.2). */
#include "mikey/internal.h"

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/secret.h"

int mikey_guard_derive(struct mikey_guard *g, uint8_t prf, const void *key, size_t key_bits,
		       uint32_t csb_id, struct mikey_oct rnd, struct err *e)
{
	int ret;

	*g = (struct mikey_guard){ .prf = prf };
	switch (prf) {
	case MIKEY_PRF_MIKEY_1:
		g->encr_alg = MIKEY_ENCR_AES_CM_128;
		g->encr_len = 16;
		g->auth_len = 20;
		break;
	case MIKEY_PRF_HMAC_SHA_256:
		g->encr_alg = MIKEY_ENCR_AES_CM_256;
		g->encr_len = 32;
		g->auth_len = 32;
		break;
	default:
		return err_set(e, EPROTONOSUPPORT, "PRF function %u is not supported", prf);
	}
	ret = mikey_derive_encr(prf, key, key_bits, csb_id, rnd, g->encr, 8 * g->encr_len, e);
	if (!ret)
		ret = mikey_derive_salt(prf, key, key_bits, csb_id, rnd, g->salt,
					8 * sizeof(g->salt), e);
	if (!ret)
		ret = mikey_derive_auth(prf, key, key_bits, csb_id, rnd, g->auth, 8 * g->auth_len,
					e);
	if (ret)
		mikey_guard_wipe(g);
	return ret;
}

void mikey_guard_wipe(struct mikey_guard *g)
{
	secret_wipe(g, sizeof(*g));
}

int mikey_kemac_crypt(const struct mikey_guard *g, uint32_t csb_id, uint64_t ts64, const void *in,
		      size_t len, struct buf *out, struct err *e)
{
	const EVP_CIPHER *cipher = g->encr_alg == MIKEY_ENCR_AES_CM_256 ? EVP_aes_256_ctr() :
				   g->encr_alg == MIKEY_ENCR_AES_CM_128 ? EVP_aes_128_ctr() : NULL;
	EVP_CIPHER_CTX *ctx;
	uint8_t iv[16] = { 0 };
	uint8_t *o;
	int n = 0, ret = 0;

	if (!cipher)
		return err_set(e, EPROTONOSUPPORT, "encryption algorithm %u is not supported",
			       g->encr_alg);
	/* Also keeps the 16-bit block counter, 2^23 bits (RFC 3830 4.2.3), from running over. */
	if (len > 0xffff)
		return err_set(e, EMSGSIZE, "%zu octets do not fit Encr data", len);
	/* IV = (S XOR (0x0000 || CSB ID || T)) || 0x0000 */
	put_be32(iv + 2, csb_id);
	put_be64(iv + 6, ts64);
	for (size_t i = 0; i < sizeof(g->salt); i++)
		iv[i] ^= g->salt[i];
	ctx = EVP_CIPHER_CTX_new();
	o = buf_add(out, len);
	if (!ctx || !o ||
	    EVP_EncryptInit_ex2(ctx, cipher, g->encr, iv, NULL) != 1 ||
	    (len && EVP_EncryptUpdate(ctx, o, &n, in, (int)len) != 1))
		ret = err_set(e, ENOMEM, "AES-CM failed");
	EVP_CIPHER_CTX_free(ctx);
	secret_wipe(iv, sizeof(iv));
	if (ret && o)
		out->len -= len;
	return ret;
}

int mikey_kemac_open(const struct mikey_guard *g, const struct mikey_msg *msg, struct buf *out,
		     struct err *e)
{
	const struct mikey_payload *k = mikey_find(msg, MIKEY_KEMAC, 0);
	const struct mikey_payload *t = mikey_find(msg, MIKEY_T, 0);

	if (!k || !t)
		return err_set(e, EPROTO, "there is no %s payload", k ? "T" : "KEMAC");
	if (mikey_find(msg, MIKEY_KEMAC, 1))
		return err_set(e, EPROTO, "there is more than one KEMAC payload");
	if (k->kemac.encr_alg != g->encr_alg)
		return err_set(e, EPROTONOSUPPORT,
			       "KEMAC at offset %zu: encryption algorithm %u does not go with PRF function %u",
			       k->off, k->kemac.encr_alg, g->prf);
	if (k->kemac.mac_alg != MIKEY_MAC_NULL)
		return err_set(e, EPROTONOSUPPORT,
			       "KEMAC at offset %zu: MAC algorithm %u where V covers the message",
			       k->off, k->kemac.mac_alg);
	return mikey_kemac_crypt(g, msg->hdr.csb_id, mikey_ts64(t), k->kemac.encr.data,
				 k->kemac.encr.len, out, e);
}
