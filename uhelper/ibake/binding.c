// SPDX-License-Identifier: GPL-2.0-or-later
/* What the binding hashes (Documentation/wire-profile.md, "Binding"). */
#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "ibake/internal.h"

struct piece {
	const void *data;
	size_t len;
};

static void sha256(const struct piece *p, unsigned int n, uint8_t out[DIGEST_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);

	for (unsigned int i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, p[i].data, p[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	/* A digest that was not computed must not equal one that somebody else could know. */
	if (!ok)
		abort();
}

int ibake_binding_of_i2(const struct buf *i1, const struct buf *r1, const uint8_t *i2,
			size_t i2_len, uint8_t out[DIGEST_LEN], struct err *e)
{
	static const uint8_t no_octets[2] = {0, 0};
	const struct mikey_payload *p;
	struct mikey_msg msg;
	int ret = mikey_parse(i2, i2_len, &msg, e);

	if (ret)
		return ret;
	p = mikey_find(&msg, MIKEY_IBAKE, 0);
	if (!p)
		return err_set(e, EPROTO, "I_MESSAGE_2 has no IBAKE payload");
	/* Everything up to the length of Encr data, a length of zero, everything after Encr data.
	 */
	sha256(
		(struct piece[]){
			{i1->data, i1->len},
			{r1->data, r1->len},
			{i2, p->off + 1},
			{no_octets, sizeof(no_octets)},
			{i2 + p->off + p->len, i2_len - p->off - p->len},
		},
		5, out);
	return 0;
}

void ibake_binding_of_r2(const struct buf *i1, const struct buf *r1, const uint8_t *i2,
			 size_t i2_len, const uint8_t nonce[NONCE_LEN], uint8_t out[DIGEST_LEN])
{
	sha256(
		(struct piece[]){
			{i1->data, i1->len},
			{r1->data, r1->len},
			{i2, i2_len},
			{nonce, NONCE_LEN},
		},
		4, out);
}
