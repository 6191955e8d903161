/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_IBE_H
#define IBAKE_IBE_IBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/*
 * Identity-based encryption of Boneh and Franklin, RFC 5091, on type-1 curves y^2 = x^3 + 1.
 *
 * All objects are immutable once created and may be used by any number of threads at a time.
 * Every function returns 0 or a negative errno and says in @e what was wrong (@e may be NULL).
 * An output pointer is written only on success.
 */
struct ibe_params; /* BFPublicParameters: curve, generator, public point, hash */
struct ibe_master; /* BFMasterSecret: the integer s of one parameter set */
struct ibe_key;	   /* BFPrivateKeyBlock: the point S_id of one identity */

#define IBE_ID_MAX 4096u	   /* octets of an identity */
#define IBE_PLAINTEXT_MAX 65536u   /* octets of a plaintext */
#define IBE_HASH_MAX 64u	   /* octets of the longest hash, and so of rho */

/**
 * typedef ibe_progress_fn - told now and then how a parameter generation gets on
 * @arg: what was given to ibe_setup()
 * @phase: "q", "p" or "points"
 * @tried: candidates of this phase that were tried so far
 *
 * Return: false to give up (ibe_setup() then returns -ECANCELED).
 */
typedef bool ibe_progress_fn(void *arg, const char *phase, unsigned long tried);

/**
 * ibe_setup - new parameters and their master secret, RFC 5091 5.1.2 (BFsetup1)
 * @bits: size of p: 512, 1024, 1536, 3840 or 7680. 512 is for tests and old peers only (80 bits
 *	of security); 7680 may take a minute
 * @progress: called while searching, or NULL
 * @arg: for @progress
 * @params: the new parameters, one reference
 * @master: the new master secret
 * @e: what was wrong
 */
int ibe_setup(unsigned int bits, ibe_progress_fn *progress, void *arg, struct ibe_params **params,
	      struct ibe_master **master, struct err *e);

/* References to parameters; put() of the last one releases them. NULL is fine. */
struct ibe_params *ibe_params_get(struct ibe_params *params);
void ibe_params_put(struct ibe_params *params);
/* Size of p in bits: the level. */
unsigned int ibe_params_bits(const struct ibe_params *params);
/* Name of the level's hash function, "SHA-256". */
const char *ibe_params_hash(const struct ibe_params *params);
/* Octets of the hash function's output: the length of rho and of V. */
size_t ibe_params_hash_len(const struct ibe_params *params);
/* The same curve, points and hash: keys of one open ciphertexts of the other. */
bool ibe_params_equal(const struct ibe_params *a, const struct ibe_params *b);

/**
 * ibe_params_from_der - read and check a BFPublicParameters, RFC 5091 section 8
 * @der: its octets
 * @len: how many
 * @params: the parameters, one reference
 * @e: what was wrong
 *
 * Accepts DER only (decoding and encoding again gives the same octets), version 2, a type-1
 * curve, p and q of one of the five levels with the level's hash, both probably prime, p = 11
 * modulo 12, q of Solinas form and a divisor of p + 1, and both points on the curve and of
 * order q.
 *
 * Return: 0; -EBADMSG for octets that are not such an object, -EINVAL for values that do not
 * hold, -EOPNOTSUPP for a version, curve, level or hash that is not known.
 */
int ibe_params_from_der(const uint8_t *der, size_t len, struct ibe_params **params,
			struct err *e);
/* Appends the DER BFPublicParameters. */
int ibe_params_to_der(const struct ibe_params *params, struct buf *out);

/**
 * ibe_master_from_der - read a BFMasterSecret and check that it belongs to @params
 * @params: whose master secret it must be: [s]P = P_pub
 * @der: its octets
 * @len: how many
 * @master: the master secret
 * @e: what was wrong
 */
int ibe_master_from_der(const struct ibe_params *params, const uint8_t *der, size_t len,
			struct ibe_master **master, struct err *e);
/* Appends the DER BFMasterSecret. */
int ibe_master_to_der(const struct ibe_master *master, struct buf *out);
/* Wipes and releases; NULL is fine. */
void ibe_master_free(struct ibe_master *master);

/**
 * ibe_key_from_der - read a BFPrivateKeyBlock; the point must be on the curve and of order q
 * @params: the parameters it belongs to
 * @der: its octets
 * @len: how many
 * @key: the private key
 * @e: what was wrong
 *
 * That the key is the right one for an identity is what ibe_key_verify() tells.
 */
int ibe_key_from_der(const struct ibe_params *params, const uint8_t *der, size_t len,
		     struct ibe_key **key, struct err *e);
/* Appends the DER BFPrivateKeyBlock. */
int ibe_key_to_der(const struct ibe_key *key, struct buf *out);
/* Wipes and releases; NULL is fine. */
void ibe_key_free(struct ibe_key *key);

/**
 * ibe_extract - the private key of an identity, RFC 5091 5.3.1 (BFextractPriv)
 * @params: public parameters
 * @master: their master secret
 * @id: the identity string, as it is
 * @id_len: its octets, 1 to IBE_ID_MAX
 * @key: the private key
 * @e: what was wrong
 */
int ibe_extract(const struct ibe_params *params, const struct ibe_master *master,
		const uint8_t *id, size_t id_len, struct ibe_key **key, struct err *e);

/**
 * ibe_key_verify - whether a private key is the one of an identity: e(P, S_id) = e(P_pub, Q_id)
 * @params: public parameters
 * @id: the identity string
 * @id_len: its octets
 * @key: the key in question
 * @e: what was wrong
 *
 * Return: 0, or -EKEYREJECTED where it is the key of somebody else or of other parameters.
 */
int ibe_key_verify(const struct ibe_params *params, const uint8_t *id, size_t id_len,
		   const struct ibe_key *key, struct err *e);

/**
 * ibe_encrypt - encrypt for an identity, RFC 5091 5.4.1 (BFencrypt)
 * @params: public parameters of the recipient's key server
 * @id: the recipient's identity string
 * @id_len: its octets, 1 to IBE_ID_MAX
 * @m: the plaintext
 * @m_len: its octets, 0 to IBE_PLAINTEXT_MAX
 * @der_out: the DER BFCiphertextBlock is appended
 * @e: what was wrong
 */
int ibe_encrypt(const struct ibe_params *params, const uint8_t *id, size_t id_len,
		const uint8_t *m, size_t m_len, struct buf *der_out, struct err *e);

/**
 * ibe_encrypt_rho - ibe_encrypt() with a given rho, for test vectors
 * @params: public parameters
 * @id: the recipient's identity string
 * @id_len: its octets
 * @m: the plaintext
 * @m_len: its octets
 * @rho: the random octets of step 3, ibe_params_hash_len() of them
 * @der_out: the DER BFCiphertextBlock is appended
 * @e: what was wrong
 *
 * Never to be used with a rho that was used before or that anybody else knows.
 */
int ibe_encrypt_rho(const struct ibe_params *params, const uint8_t *id, size_t id_len,
		    const uint8_t *m, size_t m_len, const uint8_t *rho, struct buf *der_out,
		    struct err *e);

/**
 * ibe_decrypt - decrypt with a private key, RFC 5091 5.5.1 (BFdecrypt)
 * @params: public parameters
 * @key: the recipient's private key
 * @der: a DER BFCiphertextBlock
 * @len: its octets
 * @m_out: the plaintext is appended; nothing is appended on failure
 * @e: what was wrong
 *
 * Return: 0; -EBADMSG where the octets are not a ciphertext block of these parameters or where
 * it does not open with this key. The latter is one and the same answer, after the same work,
 * whatever made it fail.
 */
int ibe_decrypt(const struct ibe_params *params, const struct ibe_key *key, const uint8_t *der,
		size_t len, struct buf *m_out, struct err *e);

#endif
