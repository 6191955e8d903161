/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_STORE_H
#define IBAKE_KMS_STORE_H

/* The state of a key server: one SQLite file DIR/kms.db (0600, DIR 0700). Whatever is secret in
 * it (master secret, pre-shared keys, stored answers) is sealed under a random store key, which
 * itself is sealed under a key that scrypt makes from the passphrase.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ibe/ibe.h"

struct buf;
struct err;
struct ibe_sysparams;
struct kms_store;

#define KMS_NAME_MAX 64u	/* octets of a user's name */
#define KMS_PASS_MIN 12u
#define KMS_PASS_MAX 1024u
#define KMS_PSK_MIN 16u
#define KMS_PSK_MAX 256u
#define KMS_DAYS_MAX 366u
#define KMS_USER_URIS_MAX 16u
/* Recorded answers keep a key stream from being used twice, and so are needed as long as their T
 * would still be taken: 300 s to both sides, and a server's clock may be set back. A day leaves
 * room for a wrong time zone, and KMS_ANSWERS_MAX bounds what one user can fill the disk with.
 */
#define KMS_KEEP_S 86400
#define KMS_ANSWERS_MAX 256u	/* of one user */

/**
 * struct kms_store_setup - what a new key server is to be
 * @dir: folder, must not exist
 * @district: host name whose identities it serves
 * @serial: of its parameter set
 * @bits: size of p, see ibe_setup()
 * @granularity: seconds of a key's period
 * @not_before: start of the parameters' validity, Unix seconds
 * @not_after: end of it
 * @pass: passphrase
 * @pass_len: its octets
 * @params: used instead of new ones where not NULL
 * @master: likewise, of @params
 * @progress: for ibe_setup()
 * @progress_arg: likewise
 */
struct kms_store_setup {
	const char *dir;
	const char *district;
	uint64_t serial;
	unsigned int bits;
	uint32_t granularity;
	int64_t not_before;
	int64_t not_after;
	const uint8_t *pass;
	size_t pass_len;
	struct ibe_params *params;
	const struct ibe_master *master;
	ibe_progress_fn *progress;
	void *progress_arg;
};

/* A host name in lower case: what a district may be. */
bool kms_district_ok(const char *district);
/* A user's name: letters, digits and ".-_+", nothing that a NAI or a log line could trip over. */
bool kms_name_ok(const char *name, size_t len);

/* Generates parameters and master secret, and writes DIR; nothing is left behind on failure. */
int kms_store_create(const struct kms_store_setup *s, struct err *e);

/**
 * kms_store_open - open the state
 * @dir: its folder
 * @pass: passphrase; NULL opens it locked: only what is not secret can be read
 * @pass_len: its octets
 *
 * Return: 0; -EKEYREJECTED for a wrong passphrase; -EPERM where others could read it
 */
int kms_store_open(const char *dir, const uint8_t *pass, size_t pass_len,
		   struct kms_store **out, struct err *e);
void kms_store_close(struct kms_store *st);

/* Borrowed; the master secret is NULL while locked. */
const struct ibe_sysparams *kms_store_sys(const struct kms_store *st);
const struct ibe_master *kms_store_master(const struct kms_store *st);

/**
 * struct kms_user - an account
 * @id: never used again for another account
 * @name: its name
 * @days: days of keys that its plan allows, from the day of the request
 * @issued: keys issued so far; repeated answers do not count
 * @requests: requests answered so far
 * @last: Unix seconds of the last one, 0 if none
 */
struct kms_user {
	int64_t id;
	char name[KMS_NAME_MAX + 1];
	unsigned int days;
	uint64_t issued;
	uint64_t requests;
	int64_t last;
};

/* @uris are brought to normal form; each belongs to one user at most. */
int kms_store_user_add(struct kms_store *st, const char *name, unsigned int days,
		       const uint8_t *psk, size_t psk_len, const char *const *uris,
		       size_t n_uris, int64_t now, struct err *e);
/* By name, or where @name is NULL by one of the user's URIs; -ENOENT. @psk may be NULL. */
int kms_store_user_find(struct kms_store *st, const char *name, const char *uri, size_t uri_len,
			struct kms_user *user, struct buf *psk, struct err *e);
bool kms_store_user_has(struct kms_store *st, int64_t user, const char *uri, size_t uri_len);
int kms_store_user_each(struct kms_store *st,
			int (*fn)(const struct kms_user *user, const char *const *uris,
				  size_t n_uris, void *arg),
			void *arg, struct err *e);

/**
 * struct kms_once - what makes the key stream of an answer: the requester chooses all of it
 * @user: whose pre-shared key
 * @csb_id: CSB ID
 * @rand: RAND
 * @rand_len: its octets
 * @ts: T, as 64 bits
 * @request: SHA-256 of the whole request
 */
struct kms_once {
	int64_t user;
	uint32_t csb_id;
	const uint8_t *rand;
	size_t rand_len;
	uint64_t ts;
	uint8_t request[32];
};

/**
 * kms_store_answer_find - the answer that these values were already used for
 *
 * Return: 0, and the answer in @out, for an identical request; -ENOENT; -EEXIST where another
 * request used them: answering it would encrypt twice under one key stream
 */
int kms_store_answer_find(struct kms_store *st, const struct kms_once *o, struct buf *out,
			  struct err *e);
/* -EDQUOT where the user has KMS_ANSWERS_MAX answers of the last KMS_KEEP_S already. */
int kms_store_answer_room(struct kms_store *st, int64_t user, int64_t now, struct err *e);
/* Records the answer durably, counts its keys, and drops what is older than KMS_KEEP_S; -EEXIST and
 * -EDQUOT as above. Before it is sent.
 */
int kms_store_answer_put(struct kms_store *st, const struct kms_once *o, const struct buf *answer,
			 unsigned int n_keys, int64_t now, struct err *e);
/* Drops answers recorded before @before; T is far outside its window by then. */
int kms_store_answer_expire(struct kms_store *st, int64_t before, struct err *e);

#endif
