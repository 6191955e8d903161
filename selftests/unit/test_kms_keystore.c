// SPDX-License-Identifier: GPL-2.0-or-later
/* What a client keeps: parameters of districts, and its private keys. */
#include "kms_unit.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ibe/identity.h"
#include "kms/keystore.h"

static char *dir, client[256];
static struct kms_store *a, *b;

static const char alice[] = "sip:alice@a.example";

static void der_of(struct kms_store *st, struct buf *der)
{
	assert_int_equal(ibe_sysparams_to_der(kms_store_sys(st), der), 0);
}

static void fresh(void)
{
	static unsigned int n;

	snprintf(client, sizeof(client), "%s/client%u", dir, n++);
}

static int count_set(const struct ibe_sysparams *sys, const char *path, void *arg)
{
	assert_int_equal(access(path, R_OK), 0);
	++*(unsigned int *)arg;
	return 0;
}

static void params(void **state)
{
	struct buf der = BUF_INIT, text = BUF_INIT;
	struct kms_params_store *ps;
	struct ibe_sysparams *sys;
	uint64_t serial = 7, none = 8;
	struct err e = ERR_INIT;
	unsigned int n = 0;

	fresh();
	assert_int_equal(kms_params_open(client, &ps, &e), 0);
	assert_refused(kms_params_find(ps, "a.example", NULL, TEST_NOW, &sys, &e), e, ENOENT,
		       "no parameters of a.example");
	der_of(a, &der);
	assert_int_equal(kms_params_import(ps, der.data, der.len, NULL, &e), 0);
	assert_int_equal(kms_params_import(ps, der.data, der.len, NULL, &e), 0);
	assert_int_equal(ibe_sysparams_to_base64(kms_store_sys(b), &text), 0);
	assert_int_equal(kms_params_import(ps, text.data, text.len, &sys, &e), 0);
	assert_string_equal(sys->district, "b.example");
	ibe_sysparams_put(sys);
	/* What is on disk is found by the next one to open it. */
	kms_params_close(ps);
	assert_int_equal(kms_params_open(client, &ps, &e), 0);
	assert_int_equal(kms_params_each(ps, count_set, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(kms_params_find(ps, "a.example", &serial, TEST_NOW, &sys, &e), 0);
	ibe_sysparams_put(sys);
	assert_refused(kms_params_find(ps, "a.example", &none, TEST_NOW, &sys, &e), e, ENOENT,
		       "serial 8");
	assert_refused(kms_params_find(ps, "a.example", NULL, TEST_NOW + 2000ll * 86400, &sys, &e),
		       e, EKEYEXPIRED, "not valid now");
	assert_int_equal(kms_params_find_uri(ps, "sip:bob@b.example", NULL, TEST_NOW, &sys, &e), 0);
	ibe_sysparams_put(sys);
	assert_refused(kms_params_find_uri(ps, "tel:+15550100", NULL, TEST_NOW, &sys, &e), e, ENOENT,
		       "tel");
	assert_int_equal(kms_params_map(ps, "tel", "b.example", &e), 0);
	assert_refused(kms_params_map(ps, "tel", "a.example", &e), e, EEXIST, "mapped");
	assert_int_equal(kms_params_find_uri(ps, "tel:+15550100", NULL, TEST_NOW, &sys, &e), 0);
	assert_string_equal(sys->district, "b.example");
	ibe_sysparams_put(sys);
	kms_params_close(ps);
	buf_free(&der);
	buf_free(&text);
}

/* Other parameters under a name and serial that are known: nobody swaps them silently. */
static void params_swapped(void **state)
{
	struct ibe_sysparams *forged, *sys;
	struct kms_params_store *ps;
	struct buf der = BUF_INIT;
	struct err e = ERR_INIT;
	char name[512], other[512];

	fresh();
	assert_int_equal(kms_params_open(client, &ps, &e), 0);
	der_of(a, &der);
	assert_int_equal(kms_params_import(ps, der.data, der.len, NULL, &e), 0);
	assert_int_equal(ibe_sysparams_new("a.example", 7, TEST_DAY, TEST_DAY + 86400, 86400,
					   kms_store_sys(b)->bf, &forged, &e), 0);
	buf_reset(&der);
	assert_int_equal(ibe_sysparams_to_der(forged, &der), 0);
	assert_refused(kms_params_import(ps, der.data, der.len, NULL, &e), e, EEXIST,
		       "other content");
	kms_params_close(ps);
	/* A file under another set's name is not used. */
	snprintf(name, sizeof(name), "%s/params/a.example-7.der", client);
	snprintf(other, sizeof(other), "%s/params/c.example-7.der", client);
	assert_int_equal(rename(name, other), 0);
	assert_int_equal(kms_params_open(client, &ps, &e), 0);
	assert_int_equal(kms_params_find(ps, "c.example", NULL, TEST_NOW, &sys, &e), -ENOENT);
	assert_int_equal(kms_params_find(ps, "a.example", NULL, TEST_NOW, &sys, &e), -ENOENT);
	kms_params_close(ps);
	ibe_sysparams_put(forged);
	buf_free(&der);
}

static void params_rubbish(void **state)
{
	struct kms_params_store *ps;
	struct buf der = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned int n = 0;

	fresh();
	assert_int_equal(kms_params_open(client, &ps, &e), 0);
	der_of(a, &der);
	for (size_t len = 0; len < der.len; len++)
		assert_int_not_equal(kms_params_import(ps, der.data, len, NULL, &e), 0);
	for (size_t i = 0; i < der.len; i += 7) {
		struct ibe_sysparams *sys = NULL;

		der.data[i] ^= 0x40;
		/* A changed name or date is another set, well formed; the curve is checked. */
		if (!kms_params_import(ps, der.data, der.len, &sys, &e))
			n++;
		ibe_sysparams_put(sys);
		der.data[i] ^= 0x40;
	}
	assert_true(n < 8);
	kms_params_close(ps);
	buf_free(&der);
}

/* A key of alice for each of @days from @first, put into the store as kms_fetch() does. */
static void put_keys(struct kms_keystore *ks, int first, int days)
{
	const struct ibe_sysparams *sys = kms_store_sys(a);
	struct err e = ERR_INIT;

	for (int d = first; d < first + days; d++) {
		struct buf id = BUF_INIT, der = BUF_INIT;
		struct ibe_key *key;

		assert_int_equal(ibe_identity(sys, (const uint8_t *)alice, strlen(alice),
					      TEST_DAY + d * 86400ll, &id, &e), 0);
		assert_int_equal(ibe_extract(sys->bf, kms_store_master(a), id.data, id.len, &key,
					     &e), 0);
		assert_int_equal(ibe_key_to_der(key, &der), 0);
		assert_int_equal(kms_keystore_put(ks, sys, alice, TEST_DAY + d * 86400ll,
						  TEST_DAY + (d + 1) * 86400ll, der.data, der.len,
						  &e), 0);
		ibe_key_free(key);
		buf_free(&id);
		buf_free(&der);
	}
}

static void stores(struct kms_params_store **ps, struct kms_keystore **ks)
{
	struct buf der = BUF_INIT;
	struct err e = ERR_INIT;

	if (kms_params_open(client, ps, &e) || kms_keystore_open(client, *ps, ks, &e))
		fail_msg("%s", e.msg);
	der_of(a, &der);
	assert_int_equal(kms_params_import(*ps, der.data, der.len, NULL, &e), 0);
	buf_free(&der);
}

static int one_range(const struct kms_key_range *r, void *arg)
{
	*(struct kms_key_range *)arg = *r;
	return 0;
}

static void keys(void **state)
{
	uint64_t serial = 7, none = 8;
	struct kms_key_range r = { .keys = 0 };
	struct kms_params_store *ps;
	struct kms_keystore *ks;
	struct kms_key *k, *k2;
	struct err e = ERR_INIT;

	fresh();
	stores(&ps, &ks);
	put_keys(ks, 0, 12);
	for (int round = 0; round < 2; round++) {
		for (int d = 0; d < 12; d++) {
			struct buf id = BUF_INIT;

			assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY + d * 86400ll, NULL,
							   NULL, &k, &e), 0);
			assert_string_equal(k->uri, alice);
			assert_int_equal(k->from, TEST_DAY + d * 86400ll);
			assert_int_equal(k->to, k->from + 86400);
			assert_int_equal(ibe_identity(k->sys, (const uint8_t *)alice, strlen(alice),
						      k->from, &id, &e), 0);
			assert_int_equal(ibe_key_verify(k->sys->bf, id.data, id.len, k->key, &e),
					 0);
			buf_free(&id);
			kms_key_put(k);
		}
	}
	/* The same object while it is open, and it outlives the store for who holds it. */
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY, NULL, NULL, &k, &e), 0);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY, "a.example", &serial, &k2, &e), 0);
	assert_ptr_equal(k, k2);
	kms_key_put(k2);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY, "b.example", NULL, &k2, &e),
			 -ENOENT);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY, NULL, &none, &k2, &e), -ENOENT);
	assert_refused(kms_keystore_find(ks, alice, TEST_DAY + 12 * 86400, NULL, NULL, &k2, &e), e,
		       ENOENT, "no private key of sip:alice@a.example");
	assert_int_equal(kms_keystore_find(ks, "sip:bob@a.example", TEST_DAY, NULL, NULL, &k2, &e),
			 -ENOENT);
	assert_int_equal(kms_keystore_covered_until(ks, alice, TEST_NOW), TEST_DAY + 12 * 86400);
	assert_int_equal(kms_keystore_covered_until(ks, "sip:bob@a.example", TEST_NOW), TEST_NOW);
	put_keys(ks, 14, 1);
	assert_int_equal(kms_keystore_covered_until(ks, alice, TEST_NOW), TEST_DAY + 12 * 86400);
	assert_int_equal(kms_keystore_each(ks, one_range, &r, &e), 0);
	assert_int_equal(r.keys, 13);
	assert_true(r.holes);
	assert_int_equal(r.first, TEST_DAY);
	assert_int_equal(r.last, TEST_DAY + 15 * 86400);
	assert_int_equal(kms_keystore_expire(ks, TEST_DAY + 2 * 86400 + 5), 2);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY, NULL, NULL, &k2, &e), -ENOENT);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY + 2 * 86400, NULL, NULL, &k2, &e), 0);
	kms_key_put(k2);
	kms_keystore_close(ks);
	kms_params_close(ps);
	assert_string_equal(k->uri, alice);
	kms_key_put(k);
}

/* The first file below identity/, for a test to damage. */
static void a_key_file(char *name, size_t size)
{
	char sub[512];
	struct dirent *d;
	DIR *f;

	snprintf(sub, sizeof(sub), "%s/identity", client);
	for (int level = 0; level < 2; level++) {
		f = opendir(sub);
		assert_non_null(f);
		do
			d = readdir(f);
		while (d && d->d_name[0] == '.');
		assert_non_null(d);
		snprintf(name, size, "%s/%s", sub, d->d_name);
		closedir(f);
		snprintf(sub, sizeof(sub), "%s", name);
	}
}

static void key_files(void **state)
{
	struct kms_key_range r = { .keys = 0 };
	struct kms_params_store *ps;
	struct kms_keystore *ks;
	struct buf file = BUF_INIT, der = BUF_INIT;
	struct kms_key *k;
	struct err e = ERR_INIT;
	struct stat s;
	char name[1024];

	fresh();
	stores(&ps, &ks);
	put_keys(ks, 3, 1);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY + 3 * 86400, NULL, NULL, &k, &e), 0);
	assert_int_equal(ibe_key_to_der(k->key, &der), 0);
	kms_key_put(k);
	kms_keystore_expire(ks, 0); /* forget what is open */
	a_key_file(name, sizeof(name));
	assert_int_equal(stat(name, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
	assert_int_equal(buf_read_file(&file, name, 65536, &e), 0);
	/* Sealed: neither half of the point is in it. */
	assert_null(memmem(file.data, file.len, der.data + 20, 16));
	assert_null(memmem(file.data, file.len, der.data + der.len - 16, 16));
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 1;
		assert_int_equal(buf_write_file(name, file.data, file.len, 0600, NULL), 0);
		assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY + 3 * 86400, NULL, NULL, &k,
						   &e), -EBADMSG);
		assert_int_equal(buf_write_file(name, file.data, i, 0600, NULL), 0);
		assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY + 3 * 86400, NULL, NULL, &k,
						   &e), -EBADMSG);
		file.data[i] ^= 1;
	}
	assert_int_equal(kms_keystore_each(ks, one_range, &r, &e), 0);
	assert_int_equal(r.keys, 0);
	assert_int_equal(r.damaged, 1);
	assert_int_equal(buf_write_file(name, file.data, file.len, 0600, NULL), 0);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY + 3 * 86400, NULL, NULL, &k, &e), 0);
	kms_key_put(k);
	kms_keystore_close(ks);

	/* Another machine's key opens nothing. */
	snprintf(name, sizeof(name), "%s/machine.key", client);
	assert_int_equal(stat(name, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(kms_keystore_open(client, ps, &ks, &e), 0);
	assert_int_equal(kms_keystore_find(ks, alice, TEST_DAY + 3 * 86400, NULL, NULL, &k, &e),
			 -EBADMSG);
	kms_keystore_close(ks);
	/* One that others can read is not used. */
	assert_int_equal(chmod(name, 0644), 0);
	assert_refused(kms_keystore_open(client, ps, &ks, &e), e, EPERM, "open to others");
	assert_int_equal(chmod(name, 0600), 0);
	assert_int_equal(buf_write_file(name, "short", 5, 0600, NULL), 0);
	assert_refused(kms_keystore_open(client, ps, &ks, &e), e, EINVAL, "32 octets");
	assert_int_equal(unlink(name), 0);
	assert_int_equal(chmod(client, 0755), 0);
	assert_refused(kms_keystore_open(client, ps, &ks, &e), e, EPERM, "chmod 700");
	kms_params_close(ps);
	buf_free(&file);
	buf_free(&der);
}

static int set_up(void **state)
{
	char sub[300];

	dir = tmp_dir();
	a = tmp_store(dir, "a.example");
	snprintf(sub, sizeof(sub), "%s/b", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	b = tmp_store(sub, "b.example");
	return 0;
}

static int tear_down(void **state)
{
	kms_store_close(a);
	kms_store_close(b);
	tmp_free(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(params),
		cmocka_unit_test(params_swapped),
		cmocka_unit_test(params_rubbish),
		cmocka_unit_test(keys),
		cmocka_unit_test(key_files),
	};

	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
