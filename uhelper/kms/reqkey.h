/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_REQKEY_H
#define IBAKE_KMS_REQKEY_H

/* REQUEST_KEY_INIT_PSK and REQUEST_KEY_RESP, RFC 6267 4.2.1, both sides, without a transport.
 * Documentation/wire-profile.md, "Key requests", says what the RFC leaves open.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kms/store.h"
#include "mikey/mikey.h"

struct ibe_key;

#define KMS_MIME "application/mikey"
#define KMS_PATH "/mikey"
#define KMS_PARAMS_PATH "/params"

#define KMS_TS_WINDOW 300	/* seconds that T may be off, either way */
#define KMS_RAND_MIN 16u
#define KMS_REQUEST_IDS 16u	/* identities in one request */
#define KMS_REQUEST_MAX 16384u	/* octets of a request */
#define KMS_KEMAC_MAX 65535u	/* octets of Encr data, RFC 3830 6.2 */
#define KMS_KEYS_MAX 4096u	/* keys in one answer */

/* IDRkms and IDRpsk are NAIs (RFC 6043 6.6 with ID type 0): "kms@" or the user's name and "@",
 * then the district.
 */
void kms_nai(const char *name, const char *district, struct buf *out);
/* NTP-UTC of a whole second, and back; false where there is a fraction. */
uint64_t kms_ntp(int64_t unix_time);
bool kms_ntp_unix(struct mikey_oct o, int64_t now, int64_t *unix_time);
/* A whole number of identities and IDRkms, in the order of the message, as V covers them. */
size_t kms_v_ids(const struct mikey_msg *msg, struct mikey_oct ids[KMS_REQUEST_IDS + 1]);

/* ---- server ------------------------------------------------------------------------------ */

/**
 * struct kms_reply - what goes back
 * @status: HTTP status
 * @body: MIKEY message; empty where the request was not one
 * @issued: keys in it that were issued by this request
 * @user: whose request it was, "" while unknown
 * @why: for the log, where it was refused
 */
struct kms_reply {
	int status;
	struct buf body;
	unsigned int issued;
	char user[KMS_NAME_MAX + 1];
	struct err why;
};

struct kms_issue;

/**
 * kms_serve_begin - judge a request; on the thread that owns the store
 * @st: open and unlocked
 * @now: Unix seconds
 * @kemac_max: KMS_KEMAC_MAX, less in tests
 * @reply: the answer where it is known at once: a refusal, or the stored answer of an identical
 *	request; kms_reply_free() in any case
 *
 * V is checked before anything that costs more than it.
 *
 * Return: NULL where @reply is ready, else keys to extract
 */
struct kms_issue *kms_serve_begin(struct kms_store *st, const uint8_t *req, size_t len,
				  int64_t now, size_t kemac_max, struct kms_reply *reply);
int64_t kms_issue_user(const struct kms_issue *is);
size_t kms_issue_keys(const struct kms_issue *is);
/* Extracts key @i, on any thread. */
void kms_issue_extract(struct kms_issue *is, size_t i);
/* Encrypts and records the answer once all keys are there; on the thread that owns the store. */
void kms_serve_end(struct kms_store *st, struct kms_issue *is, int64_t now,
		   struct kms_reply *reply);
void kms_issue_free(struct kms_issue *is);
void kms_reply_free(struct kms_reply *reply);

/* ---- client ------------------------------------------------------------------------------ */

/**
 * struct kms_request - one request while its answer is awaited
 * @district: of the server's parameters
 * @user: name of the account
 * @uris: identities, normalised
 * @n_uris: how many, at most KMS_REQUEST_IDS
 * @from: first period wanted, Unix seconds; 0: as the server's policy says
 * @to: end of what is wanted, exclusive; 0: likewise
 * @prf: MIKEY PRF function
 * @fixed: CSB ID and RAND are given, for test vectors; never twice with one pre-shared key
 * @csb_id: drawn by kms_request_write(), as all below
 * @rand: RAND
 * @ts: T
 * @guard: derived keys
 */
struct kms_request {
	const char *district;
	const char *user;
	const char *const *uris;
	size_t n_uris;
	int64_t from;
	int64_t to;
	uint8_t prf;
	bool fixed;
	uint32_t csb_id;
	uint8_t rand[KMS_RAND_MIN];
	uint64_t ts;
	struct mikey_guard guard;
};

/* Appends the message; each call draws CSB ID and RAND anew and takes T from the clock, or from
 * @ntp where that is not 0. kms_request_wipe() afterwards.
 */
int kms_request_write(struct kms_request *rq, const uint8_t *psk, size_t psk_len, uint64_t ntp,
		      struct buf *out, struct err *e);
void kms_request_wipe(struct kms_request *rq);

/**
 * struct kms_received - one key of an answer; not checked against any parameters yet
 * @uri: index of the identity in the request
 * @from: start of its period
 * @to: end of it
 * @der: BFPrivateKeyBlock, inside of the answer's plaintext
 */
struct kms_received {
	size_t uri;
	int64_t from;
	int64_t to;
	struct mikey_oct der;
};

/**
 * struct kms_answer - an answer that verified
 * @plain: plaintext of KEMAC
 * @keys: what is in it
 * @n_keys: how many
 * @more: where the next request has to start, 0 if this is all
 */
struct kms_answer {
	struct buf plain;
	struct kms_received *keys;
	size_t n_keys;
	int64_t more;
};

/**
 * kms_answer_read - verify and open an answer
 * @now: Unix seconds, to tell the era of NTP values
 *
 * Return: 0; -EACCES for an error message (its number is in the sentence, and whether the server
 * authenticated it); -EBADMSG for V that does not verify; -EPROTO for anything else that is not
 * the answer to @rq. @a is empty then.
 */
int kms_answer_read(const struct kms_request *rq, const uint8_t *msg, size_t len, int64_t now,
		    struct kms_answer *a, struct err *e);
void kms_answer_free(struct kms_answer *a);

#endif
