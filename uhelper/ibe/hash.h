/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_HASH_H
#define IBAKE_IBE_HASH_H

#include <openssl/evp.h>

#include "ibe/type1.h"

/**
 * struct ibe_hash - a hash function of RFC 5091
 * @name: for people
 * @nid: OpenSSL's number for it, and so its OID
 * @len: octets of its output
 * @md: OpenSSL's implementation
 */
struct ibe_hash {
	const char *name;
	int nid;
	size_t len;
	const EVP_MD *(*md)(void);
};

/**
 * struct ibe_level - a row of RFC 5091 section 9, table 1
 * @p_bits: size of p
 * @q_bits: size of q
 * @hash: the hash function that goes with them
 */
struct ibe_level {
	unsigned int p_bits;
	unsigned int q_bits;
	struct ibe_hash hash;
};

#define IBE_LEVELS 5
extern const struct ibe_level ibe_levels[IBE_LEVELS];

/* The level whose p has so many bits; NULL if there is none. */
const struct ibe_level *ibe_level_find(unsigned int p_bits);

/* h(a || b) into @out; 0 or -ENOMEM (OpenSSL's only reason to fail). */
int ibe_hash(const struct ibe_hash *h, uint8_t *out, const void *a, size_t a_len, const void *b,
	     size_t b_len);

/**
 * ibe_hash_to_range - RFC 5091 4.1.1 (HashToRange)
 * @h: hash function
 * @f: the modulus n
 * @r: the integer, in plain limbs
 * @s: the string
 * @len: its octets
 *
 * Follows the algorithm for any n, also where 2 hashlen octets are less than n; the RFC's
 * "n MUST be less than 2^hashlen" does not hold in its own uses. Constant in time.
 */
int ibe_hash_to_range(const struct ibe_hash *h, const struct field *f, struct fp *r,
		      const uint8_t *s, size_t len);

/* RFC 5091 4.2.1 (HashBytes): @data ^= the first @len octets of the stream of @seed. */
int ibe_hash_bytes_xor(const struct ibe_hash *h, uint8_t *data, size_t len, const uint8_t *seed,
		       size_t seed_len);

/**
 * ibe_hash_to_curve - steps 1 to 3 of RFC 5091 4.4.2 (HashToPoint1)
 * @h: hash function
 * @c: the curve
 * @r: Q', any point of the curve
 * @id: the identity
 * @len: its octets
 */
int ibe_hash_to_curve(const struct ibe_hash *h, const struct type1 *c, struct ec_affine *r,
		      const uint8_t *id, size_t len);

/* All of HashToPoint1: Q_id = [(p + 1)/q]Q'. -EDOM where that is the infinite point. */
int ibe_hash_to_point(const struct ibe_hash *h, const struct type1 *c, struct ec_affine *r,
		      const uint8_t *id, size_t len);

#endif
