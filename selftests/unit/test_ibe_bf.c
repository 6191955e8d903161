// SPDX-License-Identifier: GPL-2.0-or-later
/* The scheme as others use it, at every level. */
#include <errno.h>

#include "ibe_vectors.h"

static const uint8_t alice[] = "alice";

/* Keys of somebody else: one of each is enough for the slow levels. */
static void wrong_key(struct ibe_params *p, const struct buf *ct)
{
	struct ibe_key *bob = ibe_vector_key(p, "bob");
	struct buf m = BUF_INIT;
	struct err e = ERR_INIT;

	assert_refused(ibe_decrypt(p, bob, ct->data, ct->len, &m, &e), e, EBADMSG, "open");
	assert_int_equal(m.len, 0);
	assert_refused(ibe_key_verify(p, alice, 5, bob, &e), e, EKEYREJECTED, "identity");
	ibe_key_free(bob);
}

/* Everything once with the checked-in parameters of a level. */
static void round_trip(unsigned int bits)
{
	struct ibe_params *p = ibe_vector_params(bits);
	struct buf want = ibe_vector("params", bits), got = BUF_INIT;
	struct ibe_key *k = ibe_vector_key(p, "alice"), *k2 = NULL;
	struct buf ct = BUF_INIT, m = BUF_INIT, der = BUF_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(ibe_params_bits(p), bits);
	assert_int_equal(ibe_params_to_der(p, &got), 0);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);

	assert_int_equal(ibe_encrypt(p, alice, 5, (const uint8_t *)"session key", 11, &ct, &e), 0);
	assert_int_equal(ibe_decrypt(p, k, ct.data, ct.len, &m, &e), 0);
	assert_int_equal(m.len, 11);
	assert_memory_equal(m.data, "session key", 11);

	assert_int_equal(ibe_key_verify(p, alice, 5, k, &e), 0);
	assert_int_equal(ibe_key_to_der(k, &der), 0);
	assert_int_equal(ibe_key_from_der(p, der.data, der.len, &k2, &e), 0);
	if (bits <= 1536)
		wrong_key(p, &ct);

	ibe_key_free(k);
	ibe_key_free(k2);
	buf_free(&want);
	buf_free(&got);
	buf_free(&der);
	buf_free(&ct);
	buf_free(&m);
	ibe_params_put(p);
}

static void level_512(void **state)
{
	round_trip(512);
}

static void level_1024(void **state)
{
	round_trip(1024);
}

static void level_1536(void **state)
{
	round_trip(1536);
}

static void level_3840(void **state)
{
	round_trip(3840);
}

static void level_7680(void **state)
{
	round_trip(7680);
}

/* Ends of the hash's blocks, nothing at all, and the largest. */
static void plaintext_lengths(void **state)
{
	static const size_t lens[] = { 0, 1, 19, 20, 21, 40, 41, 1000, IBE_PLAINTEXT_MAX };
	static uint8_t in[IBE_PLAINTEXT_MAX + 1];
	struct ibe_params *p = ibe_vector_params(512);
	struct ibe_key *k = ibe_vector_key(p, "alice");
	struct buf ct = BUF_INIT, m = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		buf_reset(&ct);
		buf_reset(&m);
		assert_int_equal(ibe_encrypt(p, alice, 5, in, lens[i], &ct, &e), 0);
		assert_int_equal(ibe_decrypt(p, k, ct.data, ct.len, &m, &e), 0);
		assert_int_equal(m.len, lens[i]);
		if (m.len)
			assert_memory_equal(m.data, in, m.len);
	}
	assert_refused(ibe_encrypt(p, alice, 5, in, sizeof(in), &ct, &e), e, EMSGSIZE, "longer");
	buf_free(&ct);
	buf_free(&m);
	ibe_key_free(k);
	ibe_params_put(p);
}

/* Two encryptions differ; with a given rho they do not; output is appended. */
static void randomness(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	struct buf a = BUF_INIT, b = BUF_INIT;
	uint8_t rho[20] = { 1, 2, 3 };

	assert_int_equal(ibe_params_hash_len(p), sizeof(rho));
	assert_int_equal(ibe_encrypt(p, alice, 5, rho, 3, &a, NULL), 0);
	assert_int_equal(ibe_encrypt(p, alice, 5, rho, 3, &b, NULL), 0);
	assert_true(a.len != b.len || memcmp(a.data, b.data, a.len));
	buf_reset(&a);
	assert_int_equal(ibe_encrypt_rho(p, alice, 5, rho, 3, rho, &a, NULL), 0);
	buf_reset(&b);
	buf_str(&b, "before");
	assert_int_equal(ibe_encrypt_rho(p, alice, 5, rho, 3, rho, &b, NULL), 0);
	assert_int_equal(b.len, a.len + 6);
	assert_memory_equal(b.data, "before", 6);
	assert_memory_equal(b.data + 6, a.data, a.len);
	buf_free(&a);
	buf_free(&b);
	ibe_params_put(p);
}

static void identities(void **state)
{
	static uint8_t id[IBE_ID_MAX + 1];
	struct ibe_params *p = ibe_vector_params(512);
	struct ibe_master *s = ibe_vector_master(p);
	struct buf ct = BUF_INIT, m = BUF_INIT;
	struct ibe_key *k = NULL;
	struct err e = ERR_INIT;

	assert_refused(ibe_encrypt(p, id, 0, id, 1, &ct, &e), e, EINVAL, "empty");
	assert_refused(ibe_encrypt(p, id, sizeof(id), id, 1, &ct, &e), e, EINVAL, "longer");
	assert_refused(ibe_extract(p, s, id, 0, &k, &e), e, EINVAL, "empty");
	assert_refused(ibe_extract(p, s, id, sizeof(id), &k, &e), e, EINVAL, "longer");
	assert_null(k);
	assert_int_equal(ct.len, 0);
	/* Zero octets are part of an identity like any other. */
	assert_int_equal(ibe_extract(p, s, id, IBE_ID_MAX, &k, &e), 0);
	assert_int_equal(ibe_encrypt(p, id, IBE_ID_MAX, alice, 5, &ct, &e), 0);
	assert_int_equal(ibe_decrypt(p, k, ct.data, ct.len, &m, &e), 0);
	assert_refused(ibe_key_verify(p, id, IBE_ID_MAX - 1, k, &e), e, EKEYREJECTED, "identity");
	buf_free(&ct);
	buf_free(&m);
	ibe_key_free(k);
	ibe_master_free(s);
	ibe_params_put(p);
}

/* No octet of a ciphertext can be changed, by one bit or to another value, nor can one be cut
 * off or added.
 */
static void every_octet(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	struct ibe_key *k = ibe_vector_key(p, "alice");
	struct buf ct = BUF_INIT, m = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	assert_int_equal(ibe_encrypt(p, alice, 5, alice, 5, &ct, &e), 0);
	for (i = 0; i < ct.len; i++) {
		ct.data[i] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(ibe_decrypt(p, k, ct.data, ct.len, &m, &e), -EBADMSG);
		ct.data[i] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(ibe_decrypt(p, k, ct.data, i, &m, &e), -EBADMSG);
	}
	buf_u8(&ct, 0);
	assert_refused(ibe_decrypt(p, k, ct.data, ct.len, &m, &e), e, EBADMSG, "DER");
	assert_int_equal(m.len, 0);
	assert_int_equal(ibe_decrypt(p, k, ct.data, ct.len - 1, &m, &e), 0);
	buf_free(&ct);
	buf_free(&m);
	ibe_key_free(k);
	ibe_params_put(p);
}

static bool give_up(void *arg, const char *phase, unsigned long tried)
{
	++*(unsigned int *)arg;
	return false;
}

static bool count_calls(void *arg, const char *phase, unsigned long tried)
{
	++*(unsigned int *)arg;
	return true;
}

/* Fresh parameters pass their own checks, and keys of two sets do not mix. */
static void setup(void **state)
{
	struct ibe_params *p = NULL, *again = NULL, *other = ibe_vector_params(512);
	struct ibe_key *k = NULL, *ok = ibe_vector_key(other, "alice");
	struct ibe_master *s = NULL, *s2 = NULL;
	struct buf ct = BUF_INIT, m = BUF_INIT, der = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned int calls = 0;

	assert_refused(ibe_setup(1000, NULL, NULL, &p, &s, &e), e, EOPNOTSUPP, "level");
	assert_refused(ibe_setup(512, give_up, &calls, &p, &s, &e), e, ECANCELED, "given up");
	assert_int_equal(calls, 1);
	assert_int_equal(ibe_setup(512, count_calls, &calls, &p, &s, &e), 0);
	assert_true(calls > 3);
	assert_int_equal(ibe_params_to_der(p, &der), 0);
	assert_int_equal(ibe_params_from_der(der.data, der.len, &again, &e), 0);
	assert_true(ibe_params_equal(p, again));
	assert_false(ibe_params_equal(p, other));

	/* Objects of the two equal ones serve for each other. */
	assert_int_equal(ibe_extract(again, s, alice, 5, &k, &e), 0);
	assert_int_equal(ibe_encrypt(p, alice, 5, alice, 5, &ct, &e), 0);
	assert_int_equal(ibe_decrypt(again, k, ct.data, ct.len, &m, &e), 0);

	assert_refused(ibe_decrypt(other, k, ct.data, ct.len, &m, &e), e, EINVAL,
		       "other parameters");
	assert_refused(ibe_key_verify(p, alice, 5, ok, &e), e, EKEYREJECTED, "other parameters");
	assert_int_equal(ibe_decrypt(other, ok, ct.data, ct.len, &m, &e), -EBADMSG);
	buf_reset(&der);
	assert_int_equal(ibe_master_to_der(s, &der), 0);
	assert_int_equal(ibe_master_from_der(p, der.data, der.len, &s2, &e), 0);
	ibe_master_free(s2);
	s2 = NULL;
	assert_int_equal(ibe_master_from_der(other, der.data, der.len, &s2, &e), -EINVAL);
	assert_refused(ibe_extract(other, s, alice, 5, &k, &e), e, EINVAL, "other parameters");
	ibe_key_free(k);
	ibe_key_free(ok);
	ibe_master_free(s);
	buf_free(&der);
	buf_free(&ct);
	buf_free(&m);
	ibe_params_put(p);
	ibe_params_put(again);
	ibe_params_put(other);
}

static void references(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	struct ibe_key *k = ibe_vector_key(p, "alice");
	struct buf der = BUF_INIT;

	assert_ptr_equal(ibe_params_get(p), p);
	ibe_params_put(p);
	ibe_params_put(p);
	/* The key holds the last one. */
	assert_int_equal(ibe_key_to_der(k, &der), 0);
	ibe_key_free(k);
	ibe_params_put(NULL);
	ibe_key_free(NULL);
	ibe_master_free(NULL);
	assert_null(ibe_params_get(NULL));
	buf_free(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_512),
		cmocka_unit_test(level_1024),
		cmocka_unit_test(level_1536),
		cmocka_unit_test(level_3840),
		cmocka_unit_test(level_7680),
		cmocka_unit_test(plaintext_lengths),
		cmocka_unit_test(randomness),
		cmocka_unit_test(identities),
		cmocka_unit_test(every_octet),
		cmocka_unit_test(setup),
		cmocka_unit_test(references),
	};

	return run_tests(tests);
}
