/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_KMS_H
#define IBAKE_KMS_KMS_H

/* What a client of key servers keeps: private keys, public parameters of its own and of other
 * districts, and the request that brings new keys. The server's side is in kms/store.h.
 *
 * One folder (KMS_DIR_DEFAULT) holds all of it, mode 0700:
 *   machine.key                              32 random octets that seal the private keys, 0600
 *   identity/<SHA-256 of the URI>/<district>-<serial>-<period>.key    one sealed key each, 0600
 *   params/<district>-<serial>.der           IBESysParams, RFC 5408 4.2
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct ibe_key;
struct ibe_sysparams;

#define KMS_DIR_DEFAULT "/var/lib/ibake"

/* ---- public parameters ------------------------------------------------------------------- */

struct kms_params_store;

/**
 * kms_params_open - open (and where needed create) the parameters kept in a folder
 * @dir: the client's folder; NULL stands for KMS_DIR_DEFAULT
 *
 * All that is there is read and checked now; a file that is damaged is skipped with a warning in
 * the log. Used from one thread.
 *
 * Return: 0 or a negative errno, *@out set on success only
 */
int kms_params_open(const char *dir, struct kms_params_store **out, struct err *e);
void kms_params_close(struct kms_params_store *s);

/* Maps the domain @host of identities to @district; without it the district is the host itself. */
int kms_params_map(struct kms_params_store *s, const char *host, const char *district,
		   struct err *e);

/**
 * kms_params_find - the parameter set that serves a domain
 * @host: host part of a normalised URI
 * @serial: the set with this serial, or NULL for the newest that is valid at @now
 * @now: Unix seconds
 * @out: gets a reference that the caller gives back with ibe_sysparams_put()
 *
 * Return: 0; -ENOENT where no set is known; -EKEYEXPIRED where none is valid at @now
 */
int kms_params_find(struct kms_params_store *s, const char *host, const uint64_t *serial,
		    int64_t now, struct ibe_sysparams **out, struct err *e);

/* The same for a normalised URI ("sip:bob@b.example", "tel:+..." needs a map entry "tel"). */
int kms_params_find_uri(struct kms_params_store *s, const char *uri, const uint64_t *serial,
			int64_t now, struct ibe_sysparams **out, struct err *e);

/* Each set in turn: district in alphabetical order, newest serial first. A non-zero return of
 * @fn ends the walk and is handed through.
 */
int kms_params_each(struct kms_params_store *s,
		    int (*fn)(const struct ibe_sysparams *p, const char *path, void *arg),
		    void *arg);

/**
 * kms_params_import - check a parameter set and keep it
 * @data: DER IBESysParams, or its base64
 * @out: gets a reference on success where not NULL
 *
 * A different set under a district and serial already known is refused: -EEXIST.
 */
int kms_params_import(struct kms_params_store *s, const uint8_t *data, size_t len,
		      struct ibe_sysparams **out, struct err *e);

/* ---- private keys ------------------------------------------------------------------------ */

struct kms_keystore;

/**
 * struct kms_key - a private key of one identity and period, with what it belongs to
 * @key: for ibe_decrypt()
 * @sys: the parameter set it was issued under
 * @uri: normalised
 * @from: first second of the period, Unix time
 * @to: first second after it
 *
 * Immutable; kms_key_get() and kms_key_put() may be called from any thread.
 */
struct kms_key {
	struct ibe_key *key;
	struct ibe_sysparams *sys;
	const char *uri;
	int64_t from;
	int64_t to;
};

struct kms_key *kms_key_get(struct kms_key *k);
void kms_key_put(struct kms_key *k);

/**
 * kms_keystore_open - open (and where needed create) the key store of a folder
 * @params: must outlive the store; keys are read under its parameter sets
 *
 * Refuses a folder or machine.key that others can read. Used from one thread.
 */
int kms_keystore_open(const char *dir, struct kms_params_store *params,
		      struct kms_keystore **out, struct err *e);
void kms_keystore_close(struct kms_keystore *ks);

/**
 * kms_keystore_find - the private key of an identity for a period
 * @uri: normalised
 * @period: first second of the period, as ibe_period_start() gives it
 * @district: only of this district, or NULL for any (normally there is one)
 * @serial: only of this serial, or NULL for the newest there is
 * @out: gets a reference; kms_key_put() gives it back
 *
 * The keys used last stay open in locked memory: a repeated find costs nothing.
 *
 * Return: 0; -ENOENT; -EBADMSG where the file is damaged or was sealed on another machine
 */
int kms_keystore_find(struct kms_keystore *ks, const char *uri, int64_t period,
		      const char *district, const uint64_t *serial, struct kms_key **out,
		      struct err *e);

/**
 * struct kms_key_range - keys of one identity under one parameter set, for people
 * @first: start of the earliest period
 * @last: end of the latest one
 * @keys: how many keys
 * @holes: whether a period between them has none
 * @damaged: files that do not open with this machine.key
 */
struct kms_key_range {
	char *uri;
	char *district;
	uint64_t serial;
	int64_t first;
	int64_t last;
	unsigned int keys;
	unsigned int damaged;
	bool holes;
};

int kms_keystore_each(struct kms_keystore *ks,
		      int (*fn)(const struct kms_key_range *r, void *arg), void *arg,
		      struct err *e);

/* The first period of @uri at or after that of @now which has no key, as its start; where the
 * answer is more than some days away nothing needs to be fetched.
 */
int64_t kms_keystore_covered_until(struct kms_keystore *ks, const char *uri, int64_t now);

/* Deletes keys whose period ended before @before. Return: how many. */
int kms_keystore_expire(struct kms_keystore *ks, int64_t before);

/* ---- the request for keys ---------------------------------------------------------------- */

/**
 * struct kms_fetch - one user's request to one key server
 * @url: "https://host:port" of ibake-kmsd; paths are added
 * @ca_file: PEM of the authorities (or the one certificate) that may vouch for the server; there
 *	is no way to switch the check off
 * @district: of the server's parameters; they come from the params store, or, where it has none
 *	that is valid, from GET /params over the verified connection
 * @user: name of the account, as in "ibake kms add-user"
 * @psk: pre-shared key, 16 to 256 octets
 * @uris: identities to ask keys for, each normalised
 * @n_uris: how many
 * @from: narrow to periods that start at or after this, Unix seconds; 0: no wish
 * @to: narrow to periods that start before this; 0: no wish
 * @prf: MIKEY PRF function: 1 (HMAC-SHA-256 and AES-CM-256) or 0 (HMAC-SHA-1 and AES-CM-128)
 * @timeout_s: for each HTTPS request; 0 stands for 300
 */
struct kms_fetch {
	const char *url;
	const char *ca_file;
	const char *district;
	const char *user;
	const uint8_t *psk;
	size_t psk_len;
	const char *const *uris;
	size_t n_uris;
	int64_t from;
	int64_t to;
	uint8_t prf;
	unsigned int timeout_s;
};

/**
 * kms_fetch - bring private keys and store them
 * @f: what to ask for, and where
 * @params: gets the district's parameters where they were missing
 * @ks: gets the keys, each checked against parameters and identity first
 * @n_keys: how many were stored, or NULL
 *
 * Blocks: call it from a thread of its own or before the event loop starts; @params and @ks
 * must not be used by another thread meanwhile (a daemon opens second handles on the same
 * folder for it; finds see new keys at once, parameters after kms_params_open()).
 *
 * Return: 0; -EACCES refused by the server; -EBADMSG an answer that does not verify (nothing of
 * it is stored); others as they come
 */
int kms_fetch(const struct kms_fetch *f, struct kms_params_store *params,
	      struct kms_keystore *ks, unsigned int *n_keys, struct err *e);

/**
 * kms_secret_file - read a passphrase or pre-shared key that only its owner may read
 * @path: regular file, of this user or root, no permission for group or others
 * @hex: the content may be "hex:" and an even number of digits; else it is taken as it is,
 *	without one trailing newline
 * @min: fewest octets accepted
 * @max: most
 * @out: gets the octets
 *
 * Return: 0 or a negative errno, with a sentence that says what is wrong with the file
 */
struct buf;
int kms_secret_file(const char *path, bool hex, size_t min, size_t max, struct buf *out,
		    struct err *e);

#endif
