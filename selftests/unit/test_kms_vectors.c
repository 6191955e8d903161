// SPDX-License-Identifier: GPL-2.0-or-later
/* The published vectors of key requests: made again from their inputs, and compared.
 *
 * With IBAKE_VECTORS=write in the environment new ones are drawn and written; selftests/vectors/
 * README-request.md says what each field is.
 */
#include "kms_unit.h"

#include <errno.h>
#include <jansson.h>

#include "base/bytes.h"
#include "base/secret.h"

#define FILE_NAME TOP_DIR "/selftests/vectors/request-512.json"

static const char *const uris[] = { "sip:alice@a.example", "tel:+15550100" };

static struct buf hex_of(json_t *j, const char *name)
{
	const char *text = json_string_value(json_object_get(j, name));

	if (!text)
		fail_msg("vector has no %s", name);
	return unhex(text);
}

static void put_hex(json_t *j, const char *name, const void *data, size_t len)
{
	struct buf b = BUF_INIT;

	buf_hex(&b, data, len);
	json_object_set_new(j, name, json_stringn((char *)b.data, b.len));
	buf_free(&b);
}

/* A server with the vector's parameters and master secret, or with new ones. */
static struct kms_store *server(const char *dir, json_t *all, bool write)
{
	char path[256];
	struct kms_store_setup s = { .dir = path, .district = "a.example", .serial = 7, .bits = 512,
				     .granularity = 86400, .not_before = TEST_DAY,
				     .not_after = TEST_DAY + 1000ll * 86400,
				     .pass = (const uint8_t *)TEST_PASS,
				     .pass_len = strlen(TEST_PASS) };
	struct ibe_sysparams *sys = NULL;
	struct ibe_master *master = NULL;
	struct kms_store *st = NULL;
	struct buf params = BUF_INIT, m = BUF_INIT;
	struct err e = ERR_INIT;

	snprintf(path, sizeof(path), "%s/kms", dir);
	if (!write) {
		params = hex_of(all, "params");
		m = hex_of(all, "master");
		assert_int_equal(ibe_sysparams_from_der(params.data, params.len, &sys, &e), 0);
		assert_int_equal(ibe_master_from_der(sys->bf, m.data, m.len, &master, &e), 0);
		s.params = sys->bf;
		s.master = master;
	}
	if (kms_store_create(&s, &e) || kms_store_open(path, s.pass, s.pass_len, &st, &e))
		fail_msg("%s", e.msg);
	buf_reset(&params);
	buf_reset(&m);
	ibe_sysparams_to_der(kms_store_sys(st), &params);
	ibe_master_to_der(kms_store_master(st), &m);
	put_hex(all, "params", params.data, params.len);
	put_hex(all, "master", m.data, m.len);
	tmp_user(st, "alice", TEST_PSK, 3, uris[0], uris[1]);
	ibe_master_free(master);
	ibe_sysparams_put(sys);
	buf_free(&params);
	buf_free(&m);
	return st;
}

/* One exchange from csb_id and rand in @v; everything else is put into @v. */
static void exchange(struct kms_store *st, json_t *v, uint8_t prf)
{
	struct kms_request rq = { .district = "a.example", .user = "alice", .uris = uris,
				  .n_uris = 2, .prf = prf, .fixed = true };
	struct buf csb = hex_of(v, "csb_id"), rnd = hex_of(v, "rand"), req = BUF_INIT;
	struct err e = ERR_INIT;
	struct kms_answer a;
	struct kms_reply r;

	assert_int_equal(csb.len, 4);
	assert_int_equal(rnd.len, KMS_RAND_MIN);
	rq.csb_id = get_be32(csb.data);
	memcpy(rq.rand, rnd.data, rnd.len);
	if (prf) {
		rq.from = TEST_DAY + 86400;
		rq.to = TEST_DAY + 3 * 86400;
	}
	assert_int_equal(kms_request_write(&rq, (const uint8_t *)TEST_PSK, strlen(TEST_PSK),
					   kms_ntp(TEST_NOW) | 0x80000000, &req, &e), 0);
	/* A KEMAC of 1100 octets, so that there is a "more follows" without dates. */
	serve_max(st, req.data, req.len, TEST_NOW, prf ? KMS_KEMAC_MAX : 1100, &r);
	assert_int_equal(r.status, 200);
	if (kms_answer_read(&rq, r.body.data, r.body.len, TEST_NOW, &a, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(!!a.more, !prf);
	put_hex(v, "encr_key", rq.guard.encr, rq.guard.encr_len);
	put_hex(v, "salt_key", rq.guard.salt, sizeof(rq.guard.salt));
	put_hex(v, "auth_key", rq.guard.auth, rq.guard.auth_len);
	put_hex(v, "REQUEST_KEY_INIT_PSK", req.data, req.len);
	put_hex(v, "plaintext_KEMAC", a.plain.data, a.plain.len);
	put_hex(v, "REQUEST_KEY_RESP", r.body.data, r.body.len);
	kms_answer_free(&a);
	kms_reply_free(&r);
	kms_request_wipe(&rq);
	buf_free(&csb);
	buf_free(&rnd);
	buf_free(&req);
}

static json_t *draw(void)
{
	json_t *all = json_object(), *list = json_array();

	json_object_set_new(all, "bits", json_integer(512));
	json_object_set_new(all, "psk", json_string(""));
	put_hex(all, "psk", TEST_PSK, strlen(TEST_PSK));
	for (int prf = 0; prf < 2; prf++) {
		json_t *v = json_object();
		uint8_t rnd[KMS_RAND_MIN + 4];

		secret_random(rnd, sizeof(rnd));
		json_object_set_new(v, "prf", json_integer(prf));
		put_hex(v, "csb_id", rnd, 4);
		put_hex(v, "rand", rnd + 4, KMS_RAND_MIN);
		json_array_append_new(list, v);
	}
	json_object_set_new(all, "exchanges", list);
	return all;
}

static void vectors(void **state)
{
	bool write = getenv("IBAKE_VECTORS") && !strcmp(getenv("IBAKE_VECTORS"), "write");
	json_t *all = write ? draw() : json_load_file(FILE_NAME, 0, NULL), *made, *v;
	char *dir = tmp_dir();
	struct kms_store *st;
	size_t i;

	assert_non_null(all);
	made = json_deep_copy(all);
	st = server(dir, made, write);
	json_array_foreach(json_object_get(made, "exchanges"), i, v)
		exchange(st, v, (uint8_t)json_integer_value(json_object_get(v, "prf")));
	assert_int_equal(i, 2);
	if (write)
		assert_int_equal(json_dump_file(made, FILE_NAME, JSON_INDENT(1)), 0);
	else
		assert_true(json_equal(all, made));
	json_decref(all);
	json_decref(made);
	kms_store_close(st);
	tmp_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
	};

	return run_tests(tests);
}
