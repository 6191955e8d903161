// SPDX-License-Identifier: GPL-2.0-or-later
/* Sealing, and the files that passphrases come from. */
#include "kms_unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kms/kms.h"
#include "kms/seal.h"

static const uint8_t key[SEAL_KEY_LEN] = { 1, 2, 3 };

static void round_trip(void **state)
{
	struct buf sealed = BUF_INIT, plain = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t len = 0; len < 100; len += 33) {
		uint8_t data[100];

		memset(data, 0xa5, sizeof(data));
		buf_reset(&sealed);
		buf_reset(&plain);
		assert_int_equal(seal_put(key, "here", 4, data, len, &sealed, &e), 0);
		assert_int_equal(sealed.len, len + SEAL_OVERHEAD);
		assert_int_equal(seal_get(key, "here", 4, sealed.data, sealed.len, &plain, &e), 0);
		assert_int_equal(plain.len, len);
		if (len)
			assert_memory_equal(plain.data, data, len);
	}
	buf_free(&sealed);
	buf_free(&plain);
}

static void every_bit_counts(void **state)
{
	struct buf sealed = BUF_INIT, plain = BUF_INIT;
	uint8_t other[SEAL_KEY_LEN] = { 1, 2, 4 };
	struct err e = ERR_INIT;

	assert_int_equal(seal_put(key, "here", 4, "secret", 6, &sealed, &e), 0);
	assert_int_equal(seal_get(other, "here", 4, sealed.data, sealed.len, &plain, &e), -EBADMSG);
	assert_int_equal(seal_get(key, "hero", 4, sealed.data, sealed.len, &plain, &e), -EBADMSG);
	for (size_t i = 0; i < 8 * sealed.len; i++) {
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(seal_get(key, "here", 4, sealed.data, sealed.len, &plain, &e),
				 -EBADMSG);
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_int_equal(seal_get(key, "here", 4, sealed.data, len, &plain, &e), -EBADMSG);
	assert_int_equal(plain.len, 0);
	buf_free(&sealed);
	buf_free(&plain);
}

static void same_twice_differs(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	assert_int_equal(seal_put(key, NULL, 0, "secret", 6, &a, NULL), 0);
	assert_int_equal(seal_put(key, NULL, 0, "secret", 6, &b, NULL), 0);
	assert_memory_not_equal(a.data, b.data, a.len);
	buf_free(&a);
	buf_free(&b);
}

static void derive(void **state)
{
	static const struct seal_cost bad[] = { { 0, 8, 1 }, { 1023, 8, 1 }, { 3000, 8, 1 },
						{ 1u << 31, 8, 1 }, { 1u << 20, 32, 1 },
						{ 16384, 0, 1 }, { 16384, 8, 0 },
						{ 16384, 33, 1 }, { 16384, 8, 17 } };
	struct seal_cost cost = { 1024, 8, 1 };
	uint8_t salt[SEAL_SALT_LEN] = { 9 }, a[SEAL_KEY_LEN], b[SEAL_KEY_LEN];
	struct err e = ERR_INIT;

	assert_int_equal(seal_derive("pass", 4, salt, &cost, a, &e), 0);
	assert_int_equal(seal_derive("pass", 4, salt, &cost, b, &e), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(seal_derive("past", 4, salt, &cost, b, &e), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	salt[0]++;
	assert_int_equal(seal_derive("pass", 4, salt, &cost, b, &e), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	/* A damaged or hostile state file must not make a server ask for all memory. */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(seal_derive("pass", 4, salt, &bad[i], b, &e), e, EINVAL,
			       "out of range");
}

static void secret_files(void **state)
{
	static const struct {
		const char *content;
		unsigned int mode;
		bool hex;
		int code;
		const char *word;
		size_t len;
	} rows[] = {
		{ "a passphrase\n", 0600, false, 0, NULL, 12 },
		{ "a passphrase", 0400, false, 0, NULL, 12 },
		{ "two lines\nhere\n\n", 0600, false, 0, NULL, 15 },
		{ "hex:00112233445566778899aabbccddeeff\n", 0600, true, 0, NULL, 16 },
		{ "hex:00112233445566778899aabbccddeeff\n", 0600, false, 0, NULL, 36 },
		{ "hex:001122334455667788", 0600, true, EINVAL, "holds 9 octets", 0 },
		{ "hex:00112233445566778899aabbccddeef\n", 0600, true, EINVAL, "even number", 0 },
		{ "hex:00112233445566778899aabbccddeefg", 0600, true, EINVAL, "even number", 0 },
		{ "short", 0600, false, EINVAL, "holds 5 octets", 0 },
		{ "", 0600, false, EINVAL, "holds 0 octets", 0 },
		{ "a passphrase\n", 0640, false, EPERM, "read or written by others", 0 },
		{ "a passphrase\n", 0604, false, EPERM, "chmod 600", 0 },
		{ "a passphrase\n", 0620, false, EPERM, "mode 620", 0 },
	};
	char *dir = tmp_dir(), path[256];

	snprintf(path, sizeof(path), "%s/f", dir);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		int ret;

		assert_int_equal(buf_write_file(path, rows[i].content, strlen(rows[i].content),
						rows[i].mode, &e), 0);
		ret = kms_secret_file(path, rows[i].hex, 12, 64, &b, &e);
		if (rows[i].code)
			assert_refused(ret, e, rows[i].code, rows[i].word);
		else
			assert_int_equal(ret, 0);
		assert_int_equal(b.len, rows[i].len);
		/* The sentence goes to logs: it must not tell the content. */
		if (strlen(rows[i].content) > 4)
			assert_null(strstr(e.msg, rows[i].content));
		buf_free(&b);
	}
	tmp_free(dir);
}

static void secret_file_kinds(void **state)
{
	char *dir = tmp_dir(), path[256];
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	assert_refused(kms_secret_file(dir, false, 1, 64, &b, &e), e, EINVAL, "regular file");
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(kms_secret_file(path, false, 1, 64, &b, &e), e, EINVAL, "regular file");
	snprintf(path, sizeof(path), "%s/none", dir);
	assert_refused(kms_secret_file(path, false, 1, 64, &b, &e), e, ENOENT, "cannot read");
	assert_int_equal(b.len, 0);
	tmp_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(same_twice_differs),
		cmocka_unit_test(derive),
		cmocka_unit_test(secret_files),
		cmocka_unit_test(secret_file_kinds),
	};

	return run_tests(tests);
}
