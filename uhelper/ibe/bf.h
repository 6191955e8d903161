/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_BF_H
#define IBAKE_IBE_BF_H

/* What the files of this folder know of each other's objects; others use ibe.h. */
#include <openssl/bn.h>
#include <stdatomic.h>

#include "ibe/hash.h"
#include "ibe/ibe.h"
#include "ibe/type1.h"

/**
 * struct ibe_params - public parameters
 * @refs: references
 * @c: the curve
 * @hash: the hash function
 * @P: generator of the group of order q
 * @Ppub: [s]P
 */
struct ibe_params {
	atomic_uint refs;
	struct type1 c;
	struct ibe_hash hash;
	struct ec_affine P;
	struct ec_affine Ppub;
};

/**
 * struct ibe_master - master secret; lies in the secure heap
 * @params: a reference to its parameters
 * @s: 2 to q - 1
 */
struct ibe_master {
	struct ibe_params *params;
	uint64_t s[TYPE1_Q_LIMBS];
};

/**
 * struct ibe_key - private key; lies in the secure heap
 * @params: a reference to its parameters
 * @S: the point S_id, of order q
 */
struct ibe_key {
	struct ibe_params *params;
	struct ec_affine S;
};

/**
 * struct ibe_octets - an unsigned big-endian integer that somebody else owns
 * @p: octets
 * @len: how many
 */
struct ibe_octets {
	const uint8_t *p;
	size_t len;
};

/**
 * struct ibe_ciphertext - a BFCiphertextBlock, decoded
 * @U: [l]P, on the curve
 * @v: hashlen octets
 * @w: as many octets as the plaintext
 */
struct ibe_ciphertext {
	struct ec_affine U;
	uint8_t v[IBE_HASH_MAX];
	struct buf *w;
};

/**
 * ibe_params_build - parameters from numbers
 * @hash: hash function
 * @p: the prime
 * @q: the order
 * @P: coordinates of P
 * @Ppub: coordinates of P_pub
 * @params: the parameters, one reference
 * @e: what was wrong
 *
 * Checks all that ibe_params_from_der() checks, but for the sizes of a level, the form of q and
 * the primality: those are der.c's. Only tests come here by another way.
 */
int ibe_params_build(const struct ibe_hash *hash, struct ibe_octets p, struct ibe_octets q,
		     const struct ibe_octets P[2], const struct ibe_octets Ppub[2],
		     struct ibe_params **params, struct err *e);

/* A point on the curve from coordinates, each below p; @what names it in the refusal. */
int ibe_point_from_octets(const struct field *f, struct ec_affine *r, const struct ibe_octets xy[2],
			  const char *what, struct err *e);

/* New objects that take a reference to @params; NULL when out of memory. */
struct ibe_master *ibe_master_new(const struct ibe_params *params);
struct ibe_key *ibe_key_new(const struct ibe_params *params);

/* Whether q = 2^a +- 2^b +- 1. */
bool ibe_is_solinas(const struct type1 *c);
/* Miller and Rabin with @rounds random bases: 1 probably prime, 0 not, -ENOMEM. */
int ibe_prime_test(const BIGNUM *n, unsigned int rounds, BN_CTX *ctx);
/* Rounds for numbers that somebody else chose: 4^-PRIME_ROUNDS that a composite passes. */
#define PRIME_ROUNDS 20

/* Appends the DER BFCiphertextBlock. */
int ibe_ciphertext_to_der(const struct field *f, const struct ec_affine *U, const uint8_t *v,
			  size_t v_len, const uint8_t *w, size_t w_len, struct buf *out);
/* Reads one; @ct->w must be an empty buffer. */
int ibe_ciphertext_from_der(const struct ibe_params *params, const uint8_t *der, size_t len,
			    struct ibe_ciphertext *ct, struct err *e);

#endif
