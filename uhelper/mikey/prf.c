// SPDX-License-Identifier: GPL-2.0-or-later
/* Key derivation: RFC 3830 4.1, RFC 6043 6.1, RFC 6267 5. */
#include "mikey/internal.h"

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/bytes.h"
#include "base/secret.h"

#define BLOCK_LEN 32	/* the input key is split into 256 bits, whatever the hash */
#define LABEL_MAX (4 + 1 + 4 + 255)
#define HASH_MAX 32

int mikey_hmac(uint8_t mac_alg, const void *key, size_t key_len, const void *data, size_t len,
	       uint8_t *out, struct err *e)
{
	const EVP_MD *md = mac_alg == MIKEY_MAC_HMAC_SHA_256_256 ? EVP_sha256() :
			   mac_alg == MIKEY_MAC_HMAC_SHA_1_160 ? EVP_sha1() : NULL;

	if (!md)
		return err_set(e, EPROTONOSUPPORT, "MAC algorithm %u is not supported", mac_alg);
	if (key_len > INT32_MAX || !HMAC(md, key, (int)key_len, data, len, out, NULL))
		return err_set(e, ENOMEM, "HMAC failed");
	return 0;
}

/* XORs P(s, label, m) of RFC 3830 4.1.2 into @out, cut to @out_len octets. */
static int xor_p(uint8_t mac, const uint8_t *s, size_t s_len, const uint8_t *label,
		 size_t label_len, uint8_t *out, size_t out_len, struct err *e)
{
	size_t h = (size_t)mikey_mac_len(mac), n;
	/* A_i || label; A_0 is the label alone. */
	uint8_t in[HASH_MAX + LABEL_MAX], block[HASH_MAX] = { 0 };
	int ret;

	ret = mikey_hmac(mac, s, s_len, label, label_len, in, e);
	while (!ret) {
		memcpy(in + h, label, label_len);
		ret = mikey_hmac(mac, s, s_len, in, h + label_len, block, e);
		if (ret)
			break;
		n = out_len < h ? out_len : h;
		for (size_t i = 0; i < n; i++)
			out[i] ^= block[i];
		out += n;
		out_len -= n;
		if (!out_len)
			break;
		ret = mikey_hmac(mac, s, s_len, in, h, block, e);
		memcpy(in, block, h);
	}
	secret_wipe(in, sizeof(in));
	secret_wipe(block, sizeof(block));
	return ret;
}

int mikey_prf(uint8_t prf, const void *inkey, size_t inkey_bits, const void *label,
	      size_t label_len, void *out, size_t out_bits, struct err *e)
{
	uint8_t mac = mikey_v_alg(prf);
	size_t len = inkey_bits / 8, out_len = out_bits / 8;
	const uint8_t *s = inkey;
	int ret = 0;

	if (!mac)
		return err_set(e, EPROTONOSUPPORT, "PRF function %u is not supported", prf);
	/* The floor catches a length in octets where bits were meant. */
	if (inkey_bits % 8 || inkey_bits < 64 || out_bits % 8 || out_bits < 64)
		return err_set(e, EINVAL,
			       "key derivation from %zu to %zu bits: not multiples of 8 from 64 up",
			       inkey_bits, out_bits);
	if (label_len > LABEL_MAX)
		return err_set(e, EINVAL, "label of %zu octets is longer than %d", label_len,
			       LABEL_MAX);
	memset(out, 0, out_len);
	for (size_t n; len && !ret; s += n, len -= n) {
		n = len < BLOCK_LEN ? len : BLOCK_LEN;
		ret = xor_p(mac, s, n, label, label_len, out, out_len, e);
	}
	if (ret)
		secret_wipe(out, out_len);
	return ret;
}

/* constant || cs_id || csb_id || RAND */
static int derive(uint8_t prf, uint32_t constant, const void *key, size_t key_bits, uint8_t cs_id,
		  uint32_t csb_id, struct mikey_oct rnd, void *out, size_t out_bits, struct err *e)
{
	uint8_t label[LABEL_MAX];

	if (rnd.len > 255)
		return err_set(e, EINVAL, "RAND of %zu octets is longer than 255", rnd.len);
	put_be32(label, constant);
	label[4] = cs_id;
	put_be32(label + 5, csb_id);
	if (rnd.len)
		memcpy(label + 9, rnd.data, rnd.len);
	return mikey_prf(prf, key, key_bits, label, 9 + rnd.len, out, out_bits, e);
}

int mikey_derive_mpk(uint8_t prf, const void *k_session, size_t k_bits, struct mikey_oct rnd,
		     void *out, size_t out_bits, struct err *e)
{
	return derive(prf, MIKEY_CONST_MPK, k_session, k_bits, 0xff, 0xffffffff, rnd, out,
		      out_bits, e);
}

int mikey_derive_tgk(uint8_t prf, const void *k_session, size_t k_bits, struct mikey_oct rnd,
		     void *out, size_t out_bits, struct err *e)
{
	return derive(prf, MIKEY_CONST_TGK, k_session, k_bits, 0xff, 0xffffffff, rnd, out,
		      out_bits, e);
}

int mikey_derive_auth(uint8_t prf, const void *key, size_t key_bits, uint32_t csb_id,
		      struct mikey_oct rnd, void *out, size_t out_bits, struct err *e)
{
	return derive(prf, MIKEY_CONST_AUTH, key, key_bits, 0xff, csb_id, rnd, out, out_bits, e);
}

int mikey_derive_encr(uint8_t prf, const void *key, size_t key_bits, uint32_t csb_id,
		      struct mikey_oct rnd, void *out, size_t out_bits, struct err *e)
{
	return derive(prf, MIKEY_CONST_ENCR, key, key_bits, 0xff, csb_id, rnd, out, out_bits, e);
}

int mikey_derive_salt(uint8_t prf, const void *key, size_t key_bits, uint32_t csb_id,
		      struct mikey_oct rnd, void *out, size_t out_bits, struct err *e)
{
	return derive(prf, MIKEY_CONST_SALT, key, key_bits, 0xff, csb_id, rnd, out, out_bits, e);
}

int mikey_derive_tek(uint8_t prf, const void *tgk, size_t tgk_bits, uint8_t cs_id, uint32_t csb_id,
		     struct mikey_oct rnd, void *out, size_t out_bits, struct err *e)
{
	return derive(prf, MIKEY_CONST_TEK, tgk, tgk_bits, cs_id, csb_id, rnd, out, out_bits, e);
}

int mikey_derive_srtp_salt(uint8_t prf, const void *tgk, size_t tgk_bits, uint8_t cs_id,
			   uint32_t csb_id, struct mikey_oct rnd, void *out, size_t out_bits,
			   struct err *e)
{
	return derive(prf, MIKEY_CONST_SRTP_SALT, tgk, tgk_bits, cs_id, csb_id, rnd, out, out_bits,
		      e);
}
