/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_SEAL_H
#define IBAKE_KMS_SEAL_H

/* Secrets on disk: AES-256-GCM under a key that is itself derived from a passphrase (key server)
 * or kept in a file of the machine (client).
 */
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

#define SEAL_KEY_LEN 32u
#define SEAL_NONCE_LEN 12u
#define SEAL_TAG_LEN 16u
#define SEAL_OVERHEAD (SEAL_NONCE_LEN + SEAL_TAG_LEN)

/**
 * seal_put - seal octets: nonce, ciphertext, tag are appended to @out
 * @key: SEAL_KEY_LEN octets
 * @aad: what the octets are and whose, so that a sealed value moved to another place in a file
 *	or database does not open there
 *
 * Nonces are random: one key must not seal more than 2^32 times (NIST SP 800-38D, 8.3).
 */
int seal_put(const uint8_t *key, const void *aad, size_t aad_len, const void *data, size_t len,
	     struct buf *out, struct err *e);

/* The inverse, appended to @out; -EBADMSG, and @out unchanged, where it does not open. */
int seal_get(const uint8_t *key, const void *aad, size_t aad_len, const void *sealed, size_t len,
	     struct buf *out, struct err *e);

/**
 * struct seal_cost - work factors of scrypt, RFC 7914 section 2
 * @n: CPU and memory cost, a power of two
 * @r: block size
 * @p: parallelisation
 */
struct seal_cost {
	uint32_t n;
	uint32_t r;
	uint32_t p;
};

/* 32 MiB and about a tenth of a second: kmsd starts in a small machine, too. */
#define SEAL_COST_DEFAULT { 32768, 8, 1 }
#define SEAL_SALT_LEN 16u

/* SEAL_KEY_LEN octets from a passphrase; refuses costs outside of what makes sense. */
int seal_derive(const void *pass, size_t pass_len, const uint8_t salt[SEAL_SALT_LEN],
		const struct seal_cost *cost, uint8_t key[SEAL_KEY_LEN], struct err *e);

#endif
