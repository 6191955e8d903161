// SPDX-License-Identifier: GPL-2.0-or-later
/* The published test vectors: made again from their inputs, and compared.
 *
 * With IBAKE_VECTORS=write in the environment new ones are drawn and written; selftests/vectors/
 * README.md says what each field is.
 */
#include "ibake_rig.h"

#include <jansson.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "base/bytes.h"

#define MAX_DRAWS 8


/* The draws of each side in their order. */
static const char *const draws[2][MAX_DRAWS] = {
	{ "csb_id", "rand", "x", "rho_i1", "nonce", "rho_i2" },
	{ "mki", "y", "rho_r1" },
};

static unsigned int drawn[2];
static json_t *current;
static bool drawing;

static struct buf field(json_t *j, const char *name)
{
	const char *hex = json_string_value(json_object_get(j, name));

	if (!hex)
		fail_msg("vector has no %s", name);
	return unhex(hex);
}

static void set_field(json_t *j, const char *name, const void *data, size_t len)
{
	struct buf b = BUF_INIT;

	buf_hex(&b, data, len);
	json_object_set_new(j, name, json_stringn((const char *)b.data, b.len));
	buf_free(&b);
}

static void random_of_vector(void *arg, void *p, size_t len)
{
	struct side *s = arg;
	const char *name = draws[s->index][drawn[s->index]++];
	struct buf b;

	if (!name)
		fail_msg("an octet too many was drawn");
	if (drawing) {
		secret_random(p, len);
		if (!strcmp(name, "x") || !strcmp(name, "y"))
			*(uint8_t *)p &= 0x7f; /* below the order at the first try */
		set_field(current, name, p, len);
		return;
	}
	b = field(current, name);
	assert_int_equal(b.len, len);
	memcpy(p, b.data, len);
	buf_free(&b);
}

/* Compares with the vector, or writes it down. */
static void check(const char *name, const void *data, size_t len)
{
	struct buf b;

	if (drawing) {
		set_field(current, name, data, len);
		return;
	}
	b = field(current, name);
	if (b.len != len || memcmp(b.data, data, len))
		fail_msg("%s is not that of the vector", name);
	buf_free(&b);
}

static void district_of_vector(struct district *d, const char *who, unsigned int bits,
			       const char *name, uint64_t serial)
{
	char params[32], master[32];
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	snprintf(params, sizeof(params), "params_%s", who);
	snprintf(master, sizeof(master), "master_%s", who);
	if (drawing) {
		district_new(d, bits, name, serial);
		ibe_sysparams_to_der(d->sp, &b);
		set_field(current, params, b.data, b.len);
		buf_reset(&b);
		ibe_master_to_der(d->master, &b);
		set_field(current, master, b.data, b.len);
		buf_free(&b);
		return;
	}
	b = field(current, params);
	if (ibe_sysparams_from_der(b.data, b.len, &d->sp, &e))
		fail_msg("%s: %s", params, e.msg);
	d->params = ibe_params_get(d->sp->bf);
	assert_int_equal(ibe_params_bits(d->params), bits);
	buf_free(&b);
	b = field(current, master);
	if (ibe_master_from_der(d->params, b.data, b.len, &d->master, &e))
		fail_msg("%s: %s", master, e.msg);
	buf_free(&b);
}

/* Identity string and private key of one side. */
static void check_identity(struct district *d, const char *uri, const char *who)
{
	struct buf id = BUF_INIT, der = BUF_INIT;
	struct ibe_key *key;
	char name[32];

	assert_int_equal(ibe_identity(d->sp, (const uint8_t *)uri, strlen(uri), DAY, &id, NULL), 0);
	snprintf(name, sizeof(name), "identity_%s", who);
	check(name, id.data, id.len);
	assert_int_equal(ibe_extract(d->params, d->master, id.data, id.len, &key, NULL), 0);
	ibe_key_to_der(key, &der);
	snprintf(name, sizeof(name), "private_key_%s", who);
	check(name, der.data, der.len);
	ibe_key_free(key);
	buf_free(&der);
	buf_free(&id);
}

/* Everything between the scalars and the keys, computed here once more. */
static void check_derivation(const struct ibake_keys *keys)
{
	struct buf x = field(current, "x"), y = field(current, "y"), rnd = field(current, "rand");
	struct mikey_oct r = { rnd.data, rnd.len };
	struct buf xp = field(current, "xP"), yp = field(current, "yP");
	uint8_t k1[65], k2[65], mpk[32], tgk[32], auth[32], tek[16], salt[14];
	char name[32];

	assert_int_equal(ibake_ecdh_shared(MIKEY_CURVE_P256, x.data, x.len, yp.data, yp.len, k1, NULL),
			 0);
	assert_int_equal(ibake_ecdh_shared(MIKEY_CURVE_P256, y.data, y.len, xp.data, xp.len, k2, NULL),
			 0);
	assert_memory_equal(k1, k2, sizeof(k1));
	check("K_SESSION", k1, sizeof(k1));
	assert_int_equal(mikey_derive_mpk(1, k1, 8 * 65, r, mpk, 256, NULL), 0);
	check("MPK", mpk, sizeof(mpk));
	assert_int_equal(mikey_derive_tgk(1, k1, 8 * 65, r, tgk, 256, NULL), 0);
	check("TGK", tgk, sizeof(tgk));
	assert_int_equal(mikey_derive_auth(1, mpk, 256, keys->csb_id, r, auth, 256, NULL), 0);
	check("auth_key", auth, sizeof(auth));
	for (uint8_t i = 1; i <= keys->n_cs; i++) {
		assert_int_equal(mikey_derive_tek(1, tgk, 256, i, keys->csb_id, r, tek, 128, NULL), 0);
		assert_int_equal(mikey_derive_srtp_salt(1, tgk, 256, i, keys->csb_id, r, salt, 112,
							NULL), 0);
		assert_memory_equal(tek, keys->cs[i - 1].key, sizeof(tek));
		assert_memory_equal(salt, keys->cs[i - 1].salt, sizeof(salt));
		snprintf(name, sizeof(name), "TEK_%u", i);
		check(name, tek, sizeof(tek));
		snprintf(name, sizeof(name), "salt_%u", i);
		check(name, salt, sizeof(salt));
	}
	check("fingerprint", keys->fingerprint, sizeof(keys->fingerprint));
	buf_free(&x);
	buf_free(&y);
	buf_free(&rnd);
	buf_free(&xp);
	buf_free(&yp);
}

static void check_point(const struct buf *plain, unsigned int nth, const char *name)
{
	struct mikey_chain *c = malloc(sizeof(*c));

	assert_int_equal(mikey_parse_chain(MIKEY_IDR, plain->data, plain->len, c, NULL), 0);
	check(name, mikey_chain_find(c, MIKEY_ECCPT, nth)->eccpt.point.data, 65);
	free(c);
}

static void check_message(struct rig *r, unsigned int n)
{
	static const char *const names[] = { "I_MESSAGE_1", "R_MESSAGE_1", "I_MESSAGE_2", "R_MESSAGE_2" };
	const struct buf *m = &r->q[0].msg;
	struct buf plain = BUF_INIT;
	struct mikey_msg msg;
	uint8_t t[8];
	char name[40];

	assert_int_equal(r->n, 1);
	assert_int_equal(mikey_parse(m->data, m->len, &msg, NULL), 0);
	if (n == 0 || n == 2) {
		put_be64(t, mikey_ts64(mikey_find(&msg, MIKEY_T, 0)));
		check(n ? "T_I_MESSAGE_2" : "T_I_MESSAGE_1", t, sizeof(t));
	}
	if (n < 3) {
		assert_int_equal(rig_open(r, m, n == 1 ? ALICE : BOB, &plain), 0);
		snprintf(name, sizeof(name), "plaintext_%s", names[n]);
		check(name, plain.data, plain.len);
		if (n == 0)
			check_point(&plain, 0, "xP");
		if (n == 1)
			check_point(&plain, 1, "yP");
		buf_free(&plain);
	}
	check(names[n], m->data, m->len);
}

static json_t *load(const char *path, unsigned int bits)
{
	json_error_t je;
	json_t *j;

	if (!drawing) {
		j = json_load_file(path, 0, &je);
		if (!j)
			fail_msg("%s: %s", path, je.text);
		return j;
	}
	j = json_object();
	json_object_set_new(j, "bits", json_integer(bits));
	json_object_set_new(j, "uri_i", json_string(ALICE));
	json_object_set_new(j, "uri_r", json_string(BOB));
	json_object_set_new(j, "period", json_string("20261120000000Z"));
	return j;
}

static void vector(unsigned int bits)
{
	struct ibake_config config;
	struct ibake_ops ops;
	struct rig *r = calloc(1, sizeof(*r));
	char path[256];

	snprintf(path, sizeof(path), TOP_DIR "/selftests/vectors/ibake-%u.json", bits);
	drawing = getenv("IBAKE_VECTORS") && !strcmp(getenv("IBAKE_VECTORS"), "write");
	current = load(path, bits);
	drawn[0] = drawn[1] = 0;
	ibake_config_init(&config);
	r->now = NOON;
	r->mono = 1000;
	district_of_vector(&r->a, "i", bits, "https://kms.a.example/params", 1);
	district_of_vector(&r->b, "r", bits, "https://kms.b.example/params", 4);
	check_identity(&r->a, ALICE, "i");
	check_identity(&r->b, BOB, "r");
	for (int i = 0; i < 3; i++) {
		struct side *s = rig_side(r, i, i ? BOB : ALICE, &config);

		if (i == 2)
			continue;
		ibake_engine_free(s->en);
		ops = (struct ibake_ops){
			.now = rig_now, .mono = rig_mono, .send = rig_send, .submit = rig_submit,
			.find_key = rig_find_key, .find_params = rig_find_params,
			.event = rig_event, .random = random_of_vector,
		};
		s->en = ibake_engine_new(&ops, s, &config);
	}
	rig_call(r, NULL);
	for (unsigned int n = 0; n < 4; n++) {
		check_message(r, n);
		r->now++;
		rig_pass(r, 1);
	}
	rig_same_keys(r);
	check_derivation(&r->side[0]->keys);
	assert_int_equal(drawn[0], 6);
	assert_int_equal(drawn[1], 3);
	if (drawing)
		assert_int_equal(json_dump_file(current, path, JSON_INDENT(2)), 0);
	json_decref(current);
	district_free(&r->a);
	district_free(&r->b);
	rig_free(r);
}

static void test_512(void **state)
{
	vector(512);
}

static void test_1536(void **state)
{
	vector(1536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_512),
		cmocka_unit_test(test_1536),
	};

	return run_tests(tests);
}
