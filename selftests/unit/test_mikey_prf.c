// SPDX-License-Identifier: GPL-2.0-or-later
/* Key derivation against values that an independent script computed. */
#include "unit.h"

#include <errno.h>

#include "mikey/mikey.h"

#define PSK "74eb8672becc0b19eccb86f2780cfb0178097e8873944798ab096d69e7351862"
#define RAND "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
#define CSB_ID 0x12345678
/* Point of P-256 with K_SESSION's encoding, from the same script. */
#define K_SESSION "0466bc16876100e4c19af4bc6a95628d084c7b39849fe111f080b006fd16e089d" \
		  "7902272e047a40b267f7c661c449cedc9f150061de41a244e0cfae324ef3dfde4"

typedef int derive_fn(uint8_t prf, const void *key, size_t key_bits, uint32_t csb_id,
		      struct mikey_oct rnd, void *out, size_t out_bits, struct err *e);

static const struct {
	uint8_t prf;
	derive_fn *fn;
	const char *want;
} guards[] = {
	{ 0, mikey_derive_encr, "3aa16d3ad7b0836e14427ce45037eac2" },
	{ 0, mikey_derive_auth, "a98edd5efaf3c4437b1d3898c151fcdb2d16cfae" },
	{ 0, mikey_derive_salt, "1ec0668a48d83e5627a78640f178" },
	{ 1, mikey_derive_encr, "452e25b16add0d5b5ebe30713e1f598c" },
	{ 1, mikey_derive_auth, "cc942688fbd1cb1a26f70444e1d030ecf72d15937a121025aad002e0ab1256fe" },
	{ 1, mikey_derive_salt, "745b256d9066746bfff0be65d883" },
};

static void test_guard_keys(void **state)
{
	struct buf psk = unhex(PSK), rnd = unhex(RAND);
	struct err e = ERR_INIT;
	uint8_t out[32];

	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
		struct buf want = unhex(guards[i].want);

		assert_int_equal(0, guards[i].fn(guards[i].prf, psk.data, psk.len * 8, CSB_ID,
						 (struct mikey_oct){ rnd.data, rnd.len }, out,
						 want.len * 8, &e));
		assert_memory_equal(out, want.data, want.len);
		buf_free(&want);
	}
	buf_free(&psk);
	buf_free(&rnd);
}

/* An input key of three blocks: 256, 256 and 8 bits. */
static void test_session_keys(void **state)
{
	struct buf k = unhex(K_SESSION), rnd = unhex(RAND);
	struct buf mpk = unhex("a462f60cc67d7d84415d2b715dbfae6b");
	struct buf tgk = unhex("491b8b9f7e6ca563e1afdc38a77809ac649be97c16b9295870c8481045548a89");
	struct mikey_oct r = { rnd.data, rnd.len };
	struct err e = ERR_INIT;
	uint8_t out[32];

	assert_int_equal(65, k.len);
	assert_int_equal(0, mikey_derive_mpk(0, k.data, k.len * 8, r, out, 128, &e));
	assert_memory_equal(out, mpk.data, mpk.len);
	assert_int_equal(0, mikey_derive_tgk(0, k.data, k.len * 8, r, out, 256, &e));
	assert_memory_equal(out, tgk.data, tgk.len);
	buf_free(&k);
	buf_free(&rnd);
	buf_free(&mpk);
	buf_free(&tgk);
}

/* A longer output starts with the shorter one (the leftmost bits count). */
static void test_lengths(void **state)
{
	static const uint8_t key[32] = { 1 };
	uint8_t a[16], b[100];

	for (uint8_t prf = 0; prf < 2; prf++) {
		assert_int_equal(0, mikey_prf(prf, key, 256, "label", 5, a, 128, NULL));
		assert_int_equal(0, mikey_prf(prf, key, 256, "label", 5, b, 800, NULL));
		assert_memory_equal(a, b, 16);
	}
}

static void test_refusals(void **state)
{
	static const uint8_t key[32], label[300];
	struct err e = ERR_INIT;
	uint8_t out[32];

	assert_refused(mikey_prf(2, key, 256, label, 9, out, 128, &e), e, EPROTONOSUPPORT,
		       "PRF function 2");
	assert_refused(mikey_prf(1, key, 32, label, 9, out, 128, &e), e, EINVAL, "32");
	assert_refused(mikey_prf(1, key, 256, label, 9, out, 16, &e), e, EINVAL, "16");
	assert_refused(mikey_prf(1, key, 255, label, 9, out, 128, &e), e, EINVAL, "255");
	assert_refused(mikey_prf(1, key, 256, label, 300, out, 128, &e), e, EINVAL, "300");
	assert_refused(mikey_derive_tgk(1, key, 256, (struct mikey_oct){ label, 256 }, out, 128, &e),
		       e, EINVAL, "RAND");
}

/* Constants and labels keep the derived keys apart. */
static void test_all_differ(void **state)
{
	static const uint8_t key[32] = { 7 }, rnd[16] = { 9 };
	struct mikey_oct r = { rnd, 16 };
	uint8_t k[9][16];

	assert_int_equal(0, mikey_derive_mpk(1, key, 256, r, k[0], 128, NULL));
	assert_int_equal(0, mikey_derive_tgk(1, key, 256, r, k[1], 128, NULL));
	assert_int_equal(0, mikey_derive_auth(1, key, 256, 1, r, k[2], 128, NULL));
	assert_int_equal(0, mikey_derive_encr(1, key, 256, 1, r, k[3], 128, NULL));
	assert_int_equal(0, mikey_derive_salt(1, key, 256, 1, r, k[4], 128, NULL));
	assert_int_equal(0, mikey_derive_tek(1, key, 256, 1, 1, r, k[5], 128, NULL));
	assert_int_equal(0, mikey_derive_tek(1, key, 256, 2, 1, r, k[6], 128, NULL));
	assert_int_equal(0, mikey_derive_tek(1, key, 256, 1, 2, r, k[7], 128, NULL));
	assert_int_equal(0, mikey_derive_srtp_salt(1, key, 256, 1, 1, r, k[8], 128, NULL));
	for (int i = 0; i < 9; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(k[i], k[j], 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guard_keys),
		cmocka_unit_test(test_session_keys),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_all_differ),
	};

	return run_tests(tests);
}
