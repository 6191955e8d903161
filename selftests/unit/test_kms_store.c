// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of a key server: sealed, durable, and one owner for each identity. */
#include "kms_unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static char path[256];
static struct kms_store *st;

static int open_with(const char *pass, struct kms_store **out, struct err *e)
{
	return kms_store_open(path, (const uint8_t *)pass, strlen(pass), out, e);
}

static void again(void)
{
	struct err e = ERR_INIT;

	kms_store_close(st);
	st = NULL;
	if (open_with(TEST_PASS, &st, &e))
		fail_msg("%s", e.msg);
}

static unsigned int mode_of(const char *name)
{
	char file[512];
	struct stat s;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	assert_int_equal(stat(file, &s), 0);
	return s.st_mode & 0777;
}

static void modes(void **state)
{
	assert_int_equal(mode_of("."), 0700);
	assert_int_equal(mode_of("kms.db"), 0600);
	assert_int_equal(mode_of("params.der"), 0644);
}

static void wrong_passphrase(void **state)
{
	struct kms_store *other = NULL;
	struct err e = ERR_INIT;

	assert_refused(open_with("correct horse batterz", &other, &e), e, EKEYREJECTED,
		       "passphrase");
	assert_null(other);
}

static void locked(void **state)
{
	const char *uri = "sip:x@a.example";
	struct kms_user u;
	struct buf psk = BUF_INIT;
	struct kms_store *l;
	struct err e = ERR_INIT;

	tmp_user(st, "locked", TEST_PSK, 3, "sip:locked@a.example", NULL);
	assert_int_equal(kms_store_open(path, NULL, 0, &l, &e), 0);
	assert_null(kms_store_master(l));
	assert_string_equal(kms_store_sys(l)->district, "a.example");
	assert_int_equal(kms_store_user_find(l, "locked", NULL, 0, &u, NULL, &e), 0);
	assert_int_equal(u.days, 3);
	assert_refused(kms_store_user_find(l, "locked", NULL, 0, &u, &psk, &e), e, EPERM, "locked");
	assert_int_equal(psk.len, 0);
	assert_refused(kms_store_user_add(l, "y", 1, (const uint8_t *)TEST_PSK, strlen(TEST_PSK),
					  &uri, 1, TEST_NOW, &e), e, EPERM, "locked");
	kms_store_close(l);
}

static void open_to_others(void **state)
{
	struct kms_store *other = NULL;
	struct err e = ERR_INIT;
	char file[512];

	snprintf(file, sizeof(file), "%s/kms.db", path);
	assert_int_equal(chmod(file, 0644), 0);
	assert_refused(open_with(TEST_PASS, &other, &e), e, EPERM, "open to others");
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(chmod(path, 0711), 0);
	assert_refused(open_with(TEST_PASS, &other, &e), e, EPERM, "open to others");
	assert_int_equal(chmod(path, 0700), 0);
}

static void create_refusals(void **state)
{
	static const char *const bad[] = { "", "A.example", "a..example", ".a", "a.", "-a.example",
					   "a-.example", "a b", "a/b", "a\nb", "../x" };
	struct kms_store_setup s = { .dir = path, .district = "a.example", .serial = 1,
				     .bits = 512, .granularity = 86400, .not_before = 0,
				     .not_after = 86400, .pass = (const uint8_t *)TEST_PASS,
				     .pass_len = strlen(TEST_PASS) };
	struct err e = ERR_INIT;
	char file[512];

	assert_refused(kms_store_create(&s, &e), e, EEXIST, "exists already");
	snprintf(file, sizeof(file), "%s/new", dir);
	s.dir = file;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s.district = bad[i];
		assert_refused(kms_store_create(&s, &e), e, EINVAL, "is not a district");
	}
	s.district = "a.example";
	s.pass_len = 11;
	assert_refused(kms_store_create(&s, &e), e, EINVAL, "passphrase");
	s.pass_len = strlen(TEST_PASS);
	s.bits = 600;
	assert_int_not_equal(kms_store_create(&s, &e), 0);
	assert_int_not_equal(access(file, F_OK), 0);
	/* Nothing is left of one that fails half-way. */
	s.bits = 512;
	snprintf(file, sizeof(file), "%s/none/new", dir);
	assert_refused(kms_store_create(&s, &e), e, ENOENT, "cannot create");
}

static void users(void **state)
{
	static const struct {
		const char *name, *uri;
		unsigned int days;
		size_t psk_len;
		int code;
		const char *word;
	} rows[] = {
		{ "carol", "sip:carol2@a.example", 31, 16, EEXIST, "user carol already" },
		{ "dave", "sip:carol@A.EXAMPLE", 31, 16, EEXIST, "belongs to a user already" },
		{ "da ve", "sip:dave@a.example", 31, 16, EINVAL, "name" },
		{ "", "sip:dave@a.example", 31, 16, EINVAL, "name" },
		{ "dave@x", "sip:dave@a.example", 31, 16, EINVAL, "name" },
		{ "dave", "sip:dave@a.example", 0, 16, EINVAL, "days" },
		{ "dave", "sip:dave@a.example", 367, 16, EINVAL, "days" },
		{ "dave", "sip:dave@a.example", 31, 15, EINVAL, "pre-shared key" },
		{ "dave", "sip:dave@a.example", 31, 257, EINVAL, "pre-shared key" },
		{ "dave", "http://a.example", 31, 16, EINVAL, "" },
		{ "dave", "dave", 31, 16, EINVAL, "" },
	};
	static const uint8_t psk[300] = { 1 };
	struct kms_user u;

	tmp_user(st, "carol", TEST_PSK, 31, "sip:carol@a.example", "sip:c@a.example");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		int ret = kms_store_user_add(st, rows[i].name, rows[i].days, psk, rows[i].psk_len,
					     &rows[i].uri, 1, TEST_NOW, &e);

		assert_refused(ret, e, rows[i].code, rows[i].word);
	}
	/* A user whose URI is refused does not come to be at all. */
	assert_int_equal(kms_store_user_find(st, "dave", NULL, 0, &u, NULL, NULL), -ENOENT);
	/* The part before "@" has its case: that is another identity. */
	tmp_user(st, "dave", TEST_PSK, 31, "sip:Carol@a.example", NULL);
}

static void find(void **state)
{
	struct buf psk = BUF_INIT;
	struct kms_user u;

	tmp_user(st, "frank", TEST_PSK, 8, "sip:frank@a.example", "tel:+15550199");
	again();
	assert_int_equal(kms_store_user_find(st, "frank", NULL, 0, &u, &psk, NULL), 0);
	assert_int_equal(u.days, 8);
	assert_int_equal(u.issued, 0);
	assert_int_equal(psk.len, strlen(TEST_PSK));
	assert_memory_equal(psk.data, TEST_PSK, psk.len);
	assert_int_equal(kms_store_user_find(st, NULL, "tel:+15550199", 13, &u, NULL, NULL), 0);
	assert_string_equal(u.name, "frank");
	assert_true(kms_store_user_has(st, u.id, "sip:frank@a.example", 19));
	assert_false(kms_store_user_has(st, u.id, "sip:frank@a.exampl", 18));
	assert_false(kms_store_user_has(st, u.id + 1, "sip:frank@a.example", 19));
	assert_int_equal(kms_store_user_find(st, "Frank", NULL, 0, &u, NULL, NULL), -ENOENT);
	/* SQL is not made from what people send. */
	assert_int_equal(kms_store_user_find(st, "' OR 1=1 --", NULL, 0, &u, NULL, NULL), -ENOENT);
	buf_free(&psk);
}

static void answers(void **state)
{
	static const uint8_t rnd[16] = { 1, 2 };
	struct kms_once o = { .csb_id = 0xfffffff0, .rand = rnd, .rand_len = 16,
			      .ts = 0xfedcba9876543210ull, .request = { 5 } }, other;
	struct buf answer = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	struct kms_user u;

	tmp_user(st, "gina", TEST_PSK, 8, "sip:gina@a.example", NULL);
	assert_int_equal(kms_store_user_find(st, "gina", NULL, 0, &u, NULL, NULL), 0);
	o.user = u.id;
	buf_str(&answer, "the answer that was sent");
	assert_int_equal(kms_store_answer_find(st, &o, &got, &e), -ENOENT);
	assert_int_equal(kms_store_answer_put(st, &o, &answer, 31, TEST_NOW, &e), 0);
	/* Twice is once: whoever comes second learns it before it sends. */
	assert_refused(kms_store_answer_put(st, &o, &answer, 31, TEST_NOW, &e), e, EEXIST, "used");
	again();
	assert_int_equal(kms_store_answer_find(st, &o, &got, &e), 0);
	assert_int_equal(got.len, answer.len);
	assert_memory_equal(got.data, answer.data, got.len);
	assert_int_equal(kms_store_user_find(st, "gina", NULL, 0, &u, NULL, NULL), 0);
	assert_int_equal(u.issued, 31);
	assert_int_equal(u.requests, 1);
	assert_int_equal(u.last, TEST_NOW);
	buf_reset(&got);

	other = o;
	other.request[31]++;
	assert_int_equal(kms_store_answer_find(st, &other, &got, &e), -EEXIST);
	other = o;
	other.csb_id++;
	assert_int_equal(kms_store_answer_find(st, &other, &got, &e), -ENOENT);
	other = o;
	other.ts++;
	assert_int_equal(kms_store_answer_find(st, &other, &got, &e), -ENOENT);
	other = o;
	other.rand_len = 15;
	assert_int_equal(kms_store_answer_find(st, &other, &got, &e), -ENOENT);
	assert_int_equal(got.len, 0);

	assert_int_equal(kms_store_answer_expire(st, TEST_NOW, &e), 0);
	assert_int_equal(kms_store_answer_find(st, &o, &got, &e), 0);
	assert_int_equal(kms_store_answer_expire(st, TEST_NOW + 1, &e), 0);
	assert_int_equal(kms_store_answer_find(st, &o, &got, &e), -ENOENT);
	buf_free(&answer);
	buf_free(&got);
}

/* A user cannot fill the disk: so many answers in a day, and what is a day old goes by itself. */
static void answers_bound(void **state)
{
	uint8_t rnd[16] = { 7 };
	struct kms_once o = { .rand = rnd, .rand_len = 16, .ts = 1 };
	struct buf answer = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	struct kms_user u;

	tmp_user(st, "hugo", TEST_PSK, 8, "sip:hugo@a.example", NULL);
	tmp_user(st, "ida", TEST_PSK, 8, "sip:ida@a.example", NULL);
	assert_int_equal(kms_store_user_find(st, "hugo", NULL, 0, &u, NULL, NULL), 0);
	o.user = u.id;
	buf_str(&answer, "an answer");
	for (o.csb_id = 0; o.csb_id < KMS_ANSWERS_MAX; o.csb_id++) {
		assert_int_equal(kms_store_answer_room(st, u.id, TEST_NOW, &e), 0);
		assert_int_equal(kms_store_answer_put(st, &o, &answer, 1, TEST_NOW, &e), 0);
	}
	assert_refused(kms_store_answer_room(st, u.id, TEST_NOW, &e), e, EDQUOT, "within a day");
	assert_refused(kms_store_answer_put(st, &o, &answer, 1, TEST_NOW + KMS_KEEP_S, &e), e, EDQUOT,
		       "within a day");
	assert_int_equal(kms_store_answer_find(st, &o, &got, &e), -ENOENT);
	assert_int_equal(kms_store_user_find(st, "hugo", NULL, 0, &u, NULL, NULL), 0);
	assert_int_equal(u.issued, KMS_ANSWERS_MAX);
	/* Nobody else is kept out by it. */
	assert_int_equal(kms_store_user_find(st, "ida", NULL, 0, &u, NULL, NULL), 0);
	assert_int_equal(kms_store_answer_room(st, u.id, TEST_NOW, &e), 0);
	/* A second later the first day is over, and the next one recorded drops all of it. */
	assert_int_equal(kms_store_answer_room(st, o.user, TEST_NOW + KMS_KEEP_S + 1, &e), 0);
	assert_int_equal(kms_store_answer_put(st, &o, &answer, 1, TEST_NOW + KMS_KEEP_S + 1, &e), 0);
	assert_int_equal(kms_store_answer_find(st, &o, &got, &e), 0);
	o.csb_id = 0;
	assert_int_equal(kms_store_answer_find(st, &o, &got, &e), -ENOENT);
	buf_free(&answer);
	buf_free(&got);
}

/* What is in the file in clear: names and URIs, no key and no answer. */
static void nothing_in_clear(void **state)
{
	struct buf file = BUF_INIT, der = BUF_INIT;
	char name[512];

	assert_int_equal(ibe_master_to_der(kms_store_master(st), &der), 0);
	snprintf(name, sizeof(name), "%s/kms.db", path);
	assert_int_equal(buf_read_file(&file, name, 1u << 24, NULL), 0);
	assert_non_null(memmem(file.data, file.len, "carol", 5));
	assert_null(memmem(file.data, file.len, TEST_PSK, strlen(TEST_PSK)));
	assert_null(memmem(file.data, file.len, TEST_PASS, strlen(TEST_PASS)));
	assert_null(memmem(file.data, file.len, "the answer that was sent", 24));
	assert_null(memmem(file.data, file.len, der.data + der.len - 16, 16));
	buf_free(&file);
	buf_free(&der);
}

static void damaged(void **state)
{
	struct buf file = BUF_INIT;
	struct kms_store *other = NULL;
	struct err e = ERR_INIT;
	char name[512];

	snprintf(name, sizeof(name), "%s/kms.db", path);
	assert_int_equal(buf_read_file(&file, name, 1u << 24, NULL), 0);
	kms_store_close(st);
	st = NULL;
	for (size_t len = 0; len < file.len; len += 1000) {
		assert_int_equal(buf_write_file(name, file.data, len, 0600, NULL), 0);
		if (!open_with(TEST_PASS, &other, &e))
			kms_store_close(other);
	}
	assert_int_equal(buf_write_file(name, "no database at all, but long enough to be read",
					46, 0600, NULL), 0);
	assert_refused(open_with(TEST_PASS, &other, &e), e, EIO, "kms.db");
	assert_int_equal(buf_write_file(name, file.data, file.len, 0600, NULL), 0);
	again();
	buf_free(&file);
}

static int set_up(void **state)
{
	dir = tmp_dir();
	snprintf(path, sizeof(path), "%s/kms", dir);
	st = tmp_store(dir, "a.example");
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
		cmocka_unit_test(modes),
		cmocka_unit_test(wrong_passphrase),
		cmocka_unit_test(locked),
		cmocka_unit_test(open_to_others),
		cmocka_unit_test(create_refusals),
		cmocka_unit_test(users),
		cmocka_unit_test(find),
		cmocka_unit_test(answers),
		cmocka_unit_test(answers_bound),
		cmocka_unit_test(nothing_in_clear),
		cmocka_unit_test(damaged),
	};

	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
