/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_MIKEY_INTERNAL_H
#define IBAKE_MIKEY_INTERNAL_H

#include "mikey/mikey.h"

/* Shared between the files of this folder; nobody else includes it. */

#define MIKEY_SALT_LEN 14 /* salt_key of AES-CM, RFC 3830 4.2.3 */

/* Octets of a TS value, of a DH value, of a hash; -1 where the type is not known. */
int mikey_ts_len(uint8_t ts_type);
int mikey_dh_len(uint8_t group);
int mikey_hash_len(uint8_t func);

/* Key data types that carry a salt (RFC 3830 6.13, RFC 6043 6.2.1). */
static inline bool mikey_key_has_salt(uint8_t type)
{
	return type == MIKEY_KEY_TGK_SALT || type == MIKEY_KEY_TEK_SALT ||
	       type == MIKEY_KEY_GTGK_SALT;
}

/**
 * mikey_payload_read - one payload of @type from the front of @r
 * @off: where @r stands in the input, for @p->off and sentences
 * Return: 0 or negative errno
 */
int mikey_payload_read(uint8_t type, struct rd *r, size_t off, struct mikey_payload *p,
		       struct err *e);

/* CS ID map info from the front of @r into @hdr->map; n_cs and map_type are read already. */
int mikey_map_read(struct rd *r, struct mikey_hdr *hdr, struct err *e);
/* Appends the CS ID map info of @cs. Returns 0 or negative errno. */
int mikey_map_write(struct buf *b, uint8_t map_type, const struct mikey_cs *cs, unsigned int n,
		    struct err *e);

/* Common header from the front of @r. */
int mikey_hdr_read(struct rd *r, struct mikey_hdr *hdr, struct err *e);

/* HMAC of @mac_alg (not NULL) over @data; @out has room for 32 octets. */
int mikey_hmac(uint8_t mac_alg, const void *key, size_t key_len, const void *data, size_t len,
	       uint8_t *out, struct err *e);

#endif
