// SPDX-License-Identifier: GPL-2.0-or-later
/* Key requests and their answers, both sides in one process, 512 bits. */
#include "kms_unit.h"

#include <errno.h>

#include "base/bytes.h"
#include "ibe/identity.h"

static char *dir;
static struct kms_store *st;

static const char *const alice_uris[] = { "sip:alice@a.example", "tel:+15550100" };

static struct kms_request alice(void)
{
	return (struct kms_request){ .district = "a.example", .user = "alice",
				     .uris = alice_uris, .n_uris = 1, .prf = 1 };
}

static void ask(struct kms_request *rq, const char *psk, struct buf *req)
{
	struct err e = ERR_INIT;

	if (kms_request_write(rq, (const uint8_t *)psk, strlen(psk), kms_ntp(TEST_NOW), req, &e))
		fail_msg("%s", e.msg);
}

/* Users' counters, to see that a refusal changes nothing. */
static uint64_t issued(const char *name)
{
	struct kms_user u;

	assert_int_equal(kms_store_user_find(st, name, NULL, 0, &u, NULL, NULL), 0);
	return u.issued;
}

static void check_key(const struct kms_request *rq, const struct kms_received *k)
{
	const struct ibe_sysparams *sys = kms_store_sys(st);
	const char *uri = rq->uris[k->uri];
	struct err e = ERR_INIT;
	struct buf id = BUF_INIT;
	struct ibe_key *key = NULL;

	if (ibe_identity(sys, (const uint8_t *)uri, strlen(uri), k->from, &id, &e) ||
	    ibe_key_from_der(sys->bf, k->der.data, k->der.len, &key, &e) ||
	    ibe_key_verify(sys->bf, id.data, id.len, key, &e))
		fail_msg("%s", e.msg);
	ibe_key_free(key);
	buf_free(&id);
}

static void good(uint8_t prf, size_t n_uris)
{
	struct kms_request rq = alice();
	struct buf req = BUF_INIT;
	struct err e = ERR_INIT;
	struct kms_answer a;
	struct kms_reply r;
	uint64_t before = issued("alice");

	rq.prf = prf;
	rq.n_uris = n_uris;
	ask(&rq, TEST_PSK, &req);
	serve(st, &req, &r);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.issued, 5 * n_uris);
	assert_int_equal(issued("alice"), before + 5 * n_uris);
	assert_string_equal(r.user, "alice");
	if (kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(a.n_keys, 5 * n_uris);
	assert_int_equal(a.more, 0);
	for (size_t i = 0; i < a.n_keys; i++) {
		assert_int_equal(a.keys[i].uri, i % n_uris);
		assert_int_equal(a.keys[i].from, TEST_DAY + (int64_t)(i / n_uris) * 86400);
		assert_int_equal(a.keys[i].to, a.keys[i].from + 86400);
		check_key(&rq, &a.keys[i]);
	}
	kms_answer_free(&a);
	kms_reply_free(&r);
	kms_request_wipe(&rq);
	buf_free(&req);
}

static void round_trip(void **state)
{
	good(MIKEY_PRF_HMAC_SHA_256, 1);
	good(MIKEY_PRF_HMAC_SHA_256, 2);
	good(MIKEY_PRF_MIKEY_1, 1);
}

/* KEMAC algorithms follow the PRF function, and V ends the answer (RFC 6043 12.1). */
static void algorithms(void **state)
{
	for (uint8_t prf = 0; prf < 2; prf++) {
		struct kms_request rq = alice();
		struct buf req = BUF_INIT;
		struct mikey_msg m;
		struct kms_reply r;

		rq.prf = prf;
		ask(&rq, TEST_PSK, &req);
		serve(st, &req, &r);
		assert_int_equal(mikey_parse(r.body.data, r.body.len, &m, NULL), 0);
		assert_int_equal(m.hdr.type, MIKEY_REQUEST_KEY_RESP);
		assert_false(m.hdr.v);
		assert_int_equal(mikey_find(&m, MIKEY_KEMAC, 0)->kemac.encr_alg,
				 prf ? MIKEY_ENCR_AES_CM_256 : MIKEY_ENCR_AES_CM_128);
		assert_int_equal(mikey_find(&m, MIKEY_KEMAC, 0)->kemac.mac_alg, MIKEY_MAC_NULL);
		assert_int_equal(mikey_find(&m, MIKEY_V, 0)->v.alg,
				 prf ? MIKEY_MAC_HMAC_SHA_256_256 : MIKEY_MAC_HMAC_SHA_1_160);
		kms_reply_free(&r);
		kms_request_wipe(&rq);
		buf_free(&req);
	}
}

/* A refusal: status, error number, whether the server proved itself, and nothing issued. */
static void refused(struct kms_request *rq, const void *req, size_t len, int status, int no,
		    bool proven, const char *log_word)
{
	uint64_t before = issued("alice") + issued("bob");
	struct mikey_msg m;
	struct kms_reply r;
	struct err e = ERR_INIT;
	struct kms_answer a;

	serve_max(st, req, len, TEST_NOW, KMS_KEMAC_MAX, &r);
	if (r.status != status || (log_word && !strstr(r.why.msg, log_word)))
		fail_msg("status %d, \"%s\" instead of \"%s\"", r.status, r.why.msg, log_word);
	assert_int_equal(r.issued, 0);
	assert_int_equal(issued("alice") + issued("bob"), before);
	if (no < 0) {
		assert_int_equal(r.body.len, 0);
	} else {
		assert_int_equal(mikey_parse(r.body.data, r.body.len, &m, NULL), 0);
		assert_int_equal(m.hdr.type, MIKEY_ERROR);
		assert_int_equal(mikey_find(&m, MIKEY_ERR, 0)->err.no, no);
		assert_int_equal(!!mikey_find(&m, MIKEY_V, 0), proven);
		if (rq) {
			assert_refused(kms_answer_read(rq, r.body.data, r.body.len, TEST_NOW, &a, &e),
				       e, EACCES, "refuses");
			assert_int_equal(!strstr(e.msg, "not authenticated") &&
					 !strstr(e.msg, "wrong pre-shared key"), proven);
			assert_int_equal(a.n_keys, 0);
		}
	}
	kms_reply_free(&r);
}

/* Wrong key and unknown user: the same octets but for what the requester chose itself. */
static void wrong_psk(void **state)
{
	struct buf req = BUF_INIT, one = BUF_INIT;
	const char *users[] = { "alice", "nobody" };

	for (size_t i = 0; i < 2; i++) {
		struct kms_request rq = alice();
		struct kms_reply r;

		rq.user = users[i];
		buf_reset(&req);
		ask(&rq, "this is not her key", &req);
		refused(&rq, req.data, req.len, 403, MIKEY_ERR_AUTH_FAILURE, false,
			i ? "unknown user nobody" : "wrong pre-shared key");
		serve(st, &req, &r);
		/* CSB ID is the requester's. */
		put_be32(r.body.data + 4, 0);
		if (!i)
			buf_put(&one, r.body.data, r.body.len);
		assert_int_equal(r.body.len, one.len);
		assert_memory_equal(r.body.data, one.data, one.len);
		kms_reply_free(&r);
		kms_request_wipe(&rq);
	}
	buf_free(&req);
	buf_free(&one);
}

static void user_by_identity(void **state)
{
	struct mikey_hdr hdr = { .type = MIKEY_REQUEST_KEY_PSK, .v = true, .prf = 1, .csb_id = 99,
				 .map_type = MIKEY_MAP_EMPTY };
	struct mikey_oct ids[2] = { { (const uint8_t *)"sip:alice@a.example", 19 },
				    { (const uint8_t *)"kms@a.example", 13 } };
	uint8_t rnd[16] = { 4 };
	struct mikey_guard g;
	struct mikey_writer w;
	struct kms_reply r;
	struct buf req = BUF_INIT;

	assert_int_equal(mikey_guard_derive(&g, 1, TEST_PSK, 8 * strlen(TEST_PSK), 99,
					    (struct mikey_oct){ rnd, 16 }, NULL), 0);
	mikey_write_msg(&w, &req, &hdr, NULL, 0);
	mikey_put_t(&w, MIKEY_TS_NTP_UTC, kms_ntp(TEST_NOW));
	mikey_put_rand(&w, rnd, 16);
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, ids[0].data, ids[0].len);
	mikey_put_idr(&w, MIKEY_ROLE_KMS, MIKEY_ID_NAI, ids[1].data, ids[1].len);
	mikey_v_append(&w, g.auth, g.auth_len, ids, 2);
	assert_int_equal(mikey_write_end(&w, NULL), 0);
	serve(st, &req, &r);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.user, "alice");
	kms_reply_free(&r);
	mikey_guard_wipe(&g);
	buf_free(&req);
}

static void not_my_identity(void **state)
{
	static const char *const bobs[] = { "sip:bob@a.example" };
	static const char *const both[] = { "sip:alice@a.example", "sip:bob@a.example" };
	static const char *const twice[] = { "sip:alice@a.example", "sip:alice@a.example" };
	static const char *const spelt[] = { "SIP:alice@A.example" };
	static const struct {
		const char *const *uris;
		size_t n;
		const char *word;
	} rows[] = { { bobs, 1, "sip:bob@a.example is not its identity" },
		     { both, 2, "sip:bob@a.example is not its identity" },
		     { twice, 2, "twice" },
		     { spelt, 1, "normal form" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kms_request rq = alice();
		struct buf req = BUF_INIT;

		rq.uris = rows[i].uris;
		rq.n_uris = rows[i].n;
		ask(&rq, TEST_PSK, &req);
		refused(&rq, req.data, req.len, 403, MIKEY_ERR_INVALID_ID, true, rows[i].word);
		kms_request_wipe(&rq);
		buf_free(&req);
	}
}

static void other_server(void **state)
{
	struct kms_request rq = alice();
	struct buf req = BUF_INIT;

	/* The user's NAI names another district: nobody here. */
	rq.district = "b.example";
	ask(&rq, TEST_PSK, &req);
	refused(&rq, req.data, req.len, 403, MIKEY_ERR_AUTH_FAILURE, false, "unknown user");
	kms_request_wipe(&rq);
	buf_free(&req);
}

static void timestamps(void **state)
{
	static const int64_t off[] = { -301, -300, 0, 300, 301, 86400 * 40000ll };

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		struct kms_request rq = alice();
		struct buf req = BUF_INIT;
		struct kms_reply r;

		assert_int_equal(kms_request_write(&rq, (const uint8_t *)TEST_PSK,
						   strlen(TEST_PSK), kms_ntp(TEST_NOW + off[i]),
						   &req, NULL), 0);
		if (off[i] >= -KMS_TS_WINDOW && off[i] <= KMS_TS_WINDOW) {
			serve(st, &req, &r);
			assert_int_equal(r.status, 200);
			kms_reply_free(&r);
		} else {
			refused(&rq, req.data, req.len, 403, MIKEY_ERR_INVALID_TS, true,
				"seconds off");
		}
		kms_request_wipe(&rq);
		buf_free(&req);
	}
}

/* Repeats: the same octets again, without a charge; other octets under the same key stream never. */
static void repeats(void **state)
{
	struct kms_request rq = alice(), again;
	struct buf req = BUF_INIT, other = BUF_INIT;
	struct mikey_oct ids[2] = { { (const uint8_t *)"sip:alice@a.example", 19 },
				    { (const uint8_t *)"kms@a.example", 13 } };
	struct mikey_hdr hdr = { .type = MIKEY_REQUEST_KEY_PSK, .v = true, .prf = 1,
				 .map_type = MIKEY_MAP_EMPTY };
	uint8_t dates[16];
	struct mikey_writer w;
	struct kms_reply r1, r2;
	uint64_t before;

	ask(&rq, TEST_PSK, &req);
	serve(st, &req, &r1);
	assert_int_equal(r1.status, 200);
	before = issued("alice");
	serve(st, &req, &r2);
	assert_int_equal(r2.status, 200);
	assert_int_equal(r2.issued, 0);
	assert_int_equal(issued("alice"), before);
	assert_int_equal(r1.body.len, r2.body.len);
	assert_memory_equal(r1.body.data, r2.body.data, r1.body.len);
	kms_reply_free(&r2);

	/* The same CSB ID, RAND and T, but narrowed to a day: its KEMAC would differ. */
	again = rq;
	hdr.csb_id = again.csb_id;
	put_be64(dates, kms_ntp(TEST_DAY + 86400));
	put_be64(dates + 8, kms_ntp(TEST_DAY + 2 * 86400));
	mikey_write_msg(&w, &other, &hdr, NULL, 0);
	mikey_put_t(&w, MIKEY_TS_NTP_UTC, again.ts);
	mikey_put_rand(&w, again.rand, sizeof(again.rand));
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, ids[0].data, ids[0].len);
	mikey_put_idr(&w, MIKEY_ROLE_KMS, MIKEY_ID_NAI, ids[1].data, ids[1].len);
	mikey_put_ext(&w, MIKEY_EXT_DATES, dates, sizeof(dates));
	mikey_v_append(&w, again.guard.auth, again.guard.auth_len, ids, 2);
	assert_int_equal(mikey_write_end(&w, NULL), 0);
	refused(&again, other.data, other.len, 403, MIKEY_ERR_UNSPECIFIED, true,
		"were used for another request");
	kms_reply_free(&r1);
	kms_request_wipe(&rq);
	buf_free(&req);
	buf_free(&other);
}

/* A second identical request while the first is worked on; and a differing one. */
static void overtaken(void **state)
{
	struct kms_request rq = alice();
	struct kms_issue *slow;
	struct buf req = BUF_INIT;
	struct kms_reply r1, r2;

	ask(&rq, TEST_PSK, &req);
	slow = kms_serve_begin(st, req.data, req.len, TEST_NOW, KMS_KEMAC_MAX, &r1);
	assert_non_null(slow);
	kms_reply_free(&r1);
	serve(st, &req, &r2);
	assert_int_equal(r2.status, 200);
	for (size_t i = 0; i < kms_issue_keys(slow); i++)
		kms_issue_extract(slow, i);
	kms_serve_end(st, slow, TEST_NOW, &r1);
	assert_int_equal(r1.status, 200);
	assert_int_equal(r1.issued, 0);
	assert_memory_equal(r1.body.data, r2.body.data, r2.body.len);
	kms_issue_free(slow);
	kms_reply_free(&r1);
	kms_reply_free(&r2);
	kms_request_wipe(&rq);
	buf_free(&req);
}

/* Requests that leave out or add something; V is right wherever the form lets it count. */
static void forms(void **state)
{
	enum { NO_T = 1, TWO_T, NO_RAND, SHORT_RAND, KEMAC, NO_ID, NO_KMS, TWO_KMS, COUNTER, MAP,
	       NAI_ID, BAD_DATES, MANY, PRF, LAST };
	static const struct {
		int what, no;
		bool proven;
		const char *word;
	} rows[] = {
		{ NO_T, MIKEY_ERR_UNSPECIFIED, false, "T" },
		{ TWO_T, MIKEY_ERR_UNSPECIFIED, false, "one T" },
		{ NO_RAND, MIKEY_ERR_UNSPECIFIED, false, "RAND" },
		{ SHORT_RAND, MIKEY_ERR_UNSPECIFIED, false, "RAND" },
		{ KEMAC, MIKEY_ERR_UNSPECIFIED, false, "KEMAC in a request" },
		{ NO_ID, MIKEY_ERR_UNSPECIFIED, false, "no identity" },
		{ NO_KMS, MIKEY_ERR_UNSPECIFIED, false, "IDRkms" },
		{ TWO_KMS, MIKEY_ERR_UNSPECIFIED, false, "IDRkms" },
		{ COUNTER, MIKEY_ERR_UNSPECIFIED, false, "NTP-UTC" },
		{ MAP, MIKEY_ERR_UNSPECIFIED, false, "crypto sessions" },
		{ NAI_ID, MIKEY_ERR_UNSPECIFIED, false, "not a URI" },
		{ BAD_DATES, MIKEY_ERR_UNSPECIFIED, true, "malformed dates" },
		{ MANY, MIKEY_ERR_UNSPECIFIED, false, "more than 16 identities" },
	};
	static const uint8_t policy = 0;
	static const struct mikey_cs cs = { .id = 1, .policies = { &policy, 1 } };
	const struct mikey_oct ids[2] = { { (const uint8_t *)"sip:alice@a.example", 19 },
					  { (const uint8_t *)"kms@a.example", 13 } };
	uint8_t rnd[16] = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int what = rows[i].what;
		struct mikey_hdr hdr = { .type = MIKEY_REQUEST_KEY_PSK, .v = true, .prf = 1,
					 .csb_id = (uint32_t)what,
					 .map_type = what == MAP ? MIKEY_MAP_SRTP_ID :
								   MIKEY_MAP_EMPTY };
		struct mikey_writer w;
		struct mikey_guard g;
		struct buf req = BUF_INIT;

		assert_int_equal(mikey_guard_derive(&g, 1, TEST_PSK, 8 * strlen(TEST_PSK),
						    hdr.csb_id, (struct mikey_oct){ rnd, 16 },
						    NULL), 0);
		mikey_write_msg(&w, &req, &hdr, what == MAP ? &cs : NULL, what == MAP);
		if (what == COUNTER)
			mikey_put_t(&w, MIKEY_TS_COUNTER, 5);
		else if (what != NO_T)
			mikey_put_t(&w, MIKEY_TS_NTP_UTC, kms_ntp(TEST_NOW));
		if (what == TWO_T)
			mikey_put_t(&w, MIKEY_TS_NTP_UTC, kms_ntp(TEST_NOW));
		if (what != NO_RAND)
			mikey_put_rand(&w, rnd, what == SHORT_RAND ? 15 : 16);
		if (what == NAI_ID)
			mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_NAI, "alice@a.example", 15);
		else if (what != NO_ID)
			mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, "sip:alice@a.example", 19);
		for (int n = 0; what == MANY && n < 16; n++)
			mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, "sip:alice@a.example", 19);
		if (what != NO_KMS)
			mikey_put_idr(&w, MIKEY_ROLE_KMS, MIKEY_ID_NAI, "kms@a.example", 13);
		if (what == TWO_KMS)
			mikey_put_idr(&w, MIKEY_ROLE_KMS, MIKEY_ID_NAI, "kms@a.example", 13);
		mikey_put_idr(&w, MIKEY_ROLE_PSK, MIKEY_ID_NAI, "alice@a.example", 15);
		if (what == KEMAC)
			mikey_put_kemac(&w, MIKEY_ENCR_AES_CM_256, rnd, 16);
		if (what == BAD_DATES)
			mikey_put_ext(&w, MIKEY_EXT_DATES, rnd, 15);
		if (what == NO_T)
			mikey_put(&w, &(struct mikey_payload){ .type = MIKEY_V,
				  .v = { MIKEY_MAC_HMAC_SHA_256_256, { g.auth, 32 } } });
		else
			mikey_v_append(&w, g.auth, g.auth_len, ids, 2);
		assert_int_equal(mikey_write_end(&w, NULL), 0);
		refused(NULL, req.data, req.len, 403, rows[i].no, rows[i].proven, rows[i].word);
		mikey_guard_wipe(&g);
		buf_free(&req);
	}
}

static void not_requests(void **state)
{
	struct kms_request rq = alice();
	struct buf req = BUF_INIT;
	struct buf big = BUF_INIT;

	ask(&rq, TEST_PSK, &req);
	req.data[1] = MIKEY_REQUEST_KEY_PKE;
	refused(NULL, req.data, req.len, 403, MIKEY_ERR_UNSUPPORTED_TYPE, false, "type 20");
	req.data[1] = MIKEY_REQUEST_KEY_PSK;
	req.data[3] = 0x80 | 9;
	refused(NULL, req.data, req.len, 403, MIKEY_ERR_INVALID_PRF, false, "PRF function 9");
	refused(NULL, NULL, 0, 400, -1, false, "0 octets");
	assert_non_null(buf_add(&big, KMS_REQUEST_MAX + 1));
	memset(big.data, 1, big.len);
	refused(NULL, big.data, big.len, 400, -1, false, "a request of");
	kms_request_wipe(&rq);
	buf_free(&req);
	buf_free(&big);
}

/* Every octet of a request changed, and every prefix of it: refused, nothing issued. */
static void mutated_requests(void **state)
{
	uint64_t before = issued("alice");
	struct kms_request rq = alice();
	struct buf req = BUF_INIT;
	struct kms_reply r;

	rq.from = TEST_DAY;
	rq.to = TEST_DAY + 86400;
	ask(&rq, TEST_PSK, &req);
	for (size_t i = 0; i < req.len; i++) {
		uint8_t *copy = malloc(i ? i : 1);

		assert_non_null(copy);
		memcpy(copy, req.data, i);
		serve_max(st, copy, i, TEST_NOW, KMS_KEMAC_MAX, &r);
		assert_int_not_equal(r.status, 200);
		kms_reply_free(&r);
		free(copy);
		for (unsigned int bit = 0; bit < 8; bit++) {
			req.data[i] ^= (uint8_t)(1 << bit);
			serve(st, &req, &r);
			/* The V flag is the one bit that V covers and the receiver ignores: it is
			 * under V all the same.
			 */
			if (r.status == 200)
				fail_msg("octet %zu bit %u does not matter", i, bit);
			kms_reply_free(&r);
			req.data[i] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(issued("alice"), before);
	serve(st, &req, &r);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.issued, 1);
	kms_reply_free(&r);
	kms_request_wipe(&rq);
	buf_free(&req);
}

static void mutated_answers(void **state)
{
	struct kms_request rq = alice();
	struct buf req = BUF_INIT;
	struct kms_reply r;
	struct kms_answer a;
	struct err e = ERR_INIT;

	rq.from = TEST_DAY;
	rq.to = TEST_DAY + 86400;
	ask(&rq, TEST_PSK, &req);
	serve(st, &req, &r);
	assert_int_equal(r.status, 200);
	for (size_t i = 0; i < r.body.len; i++) {
		uint8_t *copy = malloc(i ? i : 1);

		assert_non_null(copy);
		memcpy(copy, r.body.data, i);
		assert_int_not_equal(kms_answer_read(&rq, copy, i, TEST_NOW, &a, &e), 0);
		assert_int_equal(a.n_keys, 0);
		free(copy);
		for (unsigned int bit = 0; bit < 8; bit++) {
			r.body.data[i] ^= (uint8_t)(1 << bit);
			if (!kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a, &e))
				fail_msg("octet %zu bit %u does not matter", i, bit);
			assert_int_equal(a.n_keys, 0);
			assert_int_equal(a.plain.len, 0);
			r.body.data[i] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a, &e), 0);
	kms_answer_free(&a);
	kms_reply_free(&r);
	kms_request_wipe(&rq);
	buf_free(&req);
}

/* Answers that verify, or that somebody else made, and are not the answer to this request. */
static void forged_answers(void **state)
{
	struct kms_request rq = alice(), other = alice();
	struct buf req = BUF_INIT, req2 = BUF_INIT;
	struct kms_reply r, r2;
	struct kms_answer a;
	struct err e = ERR_INIT;
	struct mikey_guard g;

	ask(&rq, TEST_PSK, &req);
	ask(&other, TEST_PSK, &req2);
	serve(st, &req, &r);
	serve(st, &req2, &r2);
	/* The answer to an earlier request of the same user. */
	assert_refused(kms_answer_read(&rq, r2.body.data, r2.body.len, TEST_NOW, &a, &e), e, EPROTO,
		       "header");
	/* The request itself, back to its sender. */
	assert_refused(kms_answer_read(&rq, req.data, req.len, TEST_NOW, &a, &e), e, EPROTO,
		       "message type 19");
	/* The right form, made with another pre-shared key. */
	g = rq.guard;
	assert_int_equal(mikey_guard_derive(&rq.guard, 1, "another key, 16 o", 8 * 17, rq.csb_id,
					    (struct mikey_oct){ rq.rand, sizeof(rq.rand) }, NULL),
			 0);
	assert_refused(kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a, &e), e, EBADMSG,
		       "does not verify");
	assert_int_equal(a.n_keys, 0);
	rq.guard = g;
	assert_refused(kms_answer_read(&rq, (const uint8_t *)"<html>", 6, TEST_NOW, &a, &e), e,
		       EPROTO, "not a MIKEY message");
	kms_reply_free(&r);
	kms_reply_free(&r2);
	kms_request_wipe(&rq);
	kms_request_wipe(&other);
	buf_free(&req);
	buf_free(&req2);
}

/* A small KEMAC: the earliest keys that fit, and a client that asks on. */
static void more_follows(void **state)
{
	struct kms_request rq = alice();
	int64_t next = TEST_DAY;
	unsigned int rounds = 0;

	rq.n_uris = 2;
	for (; rounds < 9; rounds++) {
		struct buf req = BUF_INIT;
		struct err e = ERR_INIT;
		struct kms_answer a;
		struct kms_reply r;

		ask(&rq, TEST_PSK, &req);
		serve_max(st, req.data, req.len, TEST_NOW, 1100, &r);
		assert_int_equal(r.status, 200);
		if (kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a, &e))
			fail_msg("%s", e.msg);
		assert_true(a.plain.len <= 1100);
		assert_int_equal(a.n_keys % 2, 0);
		for (size_t i = 0; i < a.n_keys; i += 2) {
			assert_int_equal(a.keys[i].from, next);
			assert_int_equal(a.keys[i + 1].from, next);
			next += 86400;
		}
		rq.from = a.more;
		kms_reply_free(&r);
		buf_free(&req);
		kms_request_wipe(&rq);
		if (!a.more) {
			kms_answer_free(&a);
			break;
		}
		assert_int_equal(a.more, next);
		kms_answer_free(&a);
	}
	assert_int_equal(next, TEST_DAY + 5 * 86400);
	assert_true(rounds > 0 && rounds < 5);
}

static void too_small_for_one(void **state)
{
	struct kms_request rq = alice();
	struct buf req = BUF_INIT;
	struct kms_reply r;

	rq.n_uris = 2;
	ask(&rq, TEST_PSK, &req);
	serve_max(st, req.data, req.len, TEST_NOW, 100, &r);
	assert_int_equal(r.status, 403);
	assert_non_null(strstr(r.why.msg, "do not fit"));
	kms_reply_free(&r);
	kms_request_wipe(&rq);
	buf_free(&req);
}

/* Dates narrow the plan's window and never widen it. */
static void dates(void **state)
{
	static const struct {
		int64_t from, to; /* days from today */
		unsigned int first, n;
	} rows[] = { { 0, 1, 0, 1 }, { 2, 4, 2, 2 }, { -30, 30, 0, 5 }, { 4, 400, 4, 1 },
		     { 5, 6, 0, 0 }, { -3, -1, 0, 0 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kms_request rq = alice();
		struct buf req = BUF_INIT;
		struct err e = ERR_INIT;
		struct kms_answer a;
		struct kms_reply r;

		rq.from = TEST_DAY + rows[i].from * 86400;
		rq.to = TEST_DAY + rows[i].to * 86400;
		ask(&rq, TEST_PSK, &req);
		if (!rows[i].n) {
			refused(&rq, req.data, req.len, 403, MIKEY_ERR_UNSPECIFIED, true,
				"no keys for the dates");
		} else {
			serve(st, &req, &r);
			assert_int_equal(kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a,
							 &e), 0);
			assert_int_equal(a.n_keys, rows[i].n);
			assert_int_equal(a.keys[0].from, TEST_DAY + rows[i].first * 86400ll);
			kms_answer_free(&a);
			kms_reply_free(&r);
		}
		kms_request_wipe(&rq);
		buf_free(&req);
	}
}

/* No answer holds a key's octets in clear. */
static void nothing_in_clear(void **state)
{
	struct kms_request rq = alice();
	struct buf req = BUF_INIT;
	struct kms_answer a;
	struct kms_reply r;

	ask(&rq, TEST_PSK, &req);
	serve(st, &req, &r);
	assert_int_equal(kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a, NULL), 0);
	for (size_t i = 0; i < a.n_keys; i++) {
		const struct mikey_oct *der = &a.keys[i].der;

		assert_null(memmem(r.body.data, r.body.len, der->data + der->len / 2, 16));
	}
	kms_answer_free(&a);
	kms_reply_free(&r);
	kms_request_wipe(&rq);
	buf_free(&req);
}

/* The bound of a day: refused with the server's word, before any key is extracted. */
static void too_many(void **state)
{
	struct kms_request rq = { .district = "a.example", .user = "carl", .prf = 1, .n_uris = 1,
				  .uris = (const char *const[]){ "sip:carl@a.example" } };
	uint8_t rnd[16] = { 9 };
	struct kms_once o = { .rand = rnd, .rand_len = 16 };
	struct buf req = BUF_INIT, last = BUF_INIT, answer = BUF_INIT;
	struct kms_issue *late;
	struct kms_reply r;
	struct kms_user u;

	tmp_user(st, "carl", TEST_PSK, 1, rq.uris[0], NULL);
	assert_int_equal(kms_store_user_find(st, "carl", NULL, 0, &u, NULL, NULL), 0);
	o.user = u.id;
	buf_str(&answer, "an answer");
	for (; o.csb_id < KMS_ANSWERS_MAX - 1; o.csb_id++)
		assert_int_equal(kms_store_answer_put(st, &o, &answer, 1, TEST_NOW, NULL), 0);
	/* Two at once while there is room for one. */
	ask(&rq, TEST_PSK, &req);
	late = kms_serve_begin(st, req.data, req.len, TEST_NOW, KMS_KEMAC_MAX, &r);
	assert_non_null(late);
	kms_request_wipe(&rq);
	ask(&rq, TEST_PSK, &last);
	serve(st, &last, &r);
	assert_int_equal(r.status, 200);
	kms_reply_free(&r);
	for (size_t i = 0; i < kms_issue_keys(late); i++)
		kms_issue_extract(late, i);
	kms_serve_end(st, late, TEST_NOW, &r);
	assert_int_equal(r.status, 403);
	assert_int_equal(r.issued, 0);
	assert_non_null(strstr(r.why.msg, "user carl: 256 answers within a day"));
	kms_reply_free(&r);
	kms_issue_free(late);
	refused(NULL, req.data, req.len, 403, MIKEY_ERR_UNSPECIFIED, true,
		"user carl: 256 answers within a day");
	/* A repeat costs nothing. */
	serve(st, &last, &r);
	assert_int_equal(r.status, 200);
	kms_reply_free(&r);
	kms_request_wipe(&rq);
	buf_free(&req);
	buf_free(&last);
	buf_free(&answer);
}

static int set_up(void **state)
{
	dir = tmp_dir();
	st = tmp_store(dir, "a.example");
	tmp_user(st, "alice", TEST_PSK, 5, alice_uris[0], alice_uris[1]);
	tmp_user(st, "bob", "the key of bob, 22 oct", 31, "sip:bob@a.example", NULL);
	return 0;
}

static int tear_down(void **state)
{
	kms_store_close(st);
	tmp_free(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(algorithms),
		cmocka_unit_test(wrong_psk),
		cmocka_unit_test(user_by_identity),
		cmocka_unit_test(not_my_identity),
		cmocka_unit_test(other_server),
		cmocka_unit_test(timestamps),
		cmocka_unit_test(repeats),
		cmocka_unit_test(overtaken),
		cmocka_unit_test(forms),
		cmocka_unit_test(not_requests),
		cmocka_unit_test(mutated_requests),
		cmocka_unit_test(mutated_answers),
		cmocka_unit_test(forged_answers),
		cmocka_unit_test(more_follows),
		cmocka_unit_test(too_small_for_one),
		cmocka_unit_test(dates),
		cmocka_unit_test(too_many),
		cmocka_unit_test(nothing_in_clear),
	};

	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
