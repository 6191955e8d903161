// SPDX-License-Identifier: GPL-2.0-or-later
/* A key server in a process of its own and a client, over HTTPS at 127.0.0.1. */
#include "kms_unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "ibe/identity.h"
#include "kms/config.h"
#include "kms/kms.h"
#include "kms/server.h"
#include "kms/tls.h"

static char *dir, log_file[256], ca[256], url[64], other_ca[256];
static pid_t server;
static const char *const uris[] = { "sip:alice@a.example", "sip:al@a.example" };

static void run_server(void)
{
	struct kmsd_config c = { .n_listen = 1, .log_level = LOG_DEBUG, .max_connections = 8 };
	struct err e = ERR_INIT;
	char state[256], key[256];
	struct kms_store *st;
	int ret;

	snprintf(state, sizeof(state), "%s/kms", dir);
	snprintf(key, sizeof(key), "%s/tls.key", dir);
	c.listen[0] = "127.0.0.1:0";
	c.tls_cert = ca;
	c.tls_key = key;
	ret = kms_store_open(state, (const uint8_t *)TEST_PASS, strlen(TEST_PASS), &st, &e);
	if (!ret) {
		ret = kms_server_run(&c, st, &e);
		kms_store_close(st);
	}
	if (ret)
		fprintf(stderr, "error: %s\n", e.msg);
	exit(ret ? 1 : 0);
}

/* How often the server's log says @words. */
static unsigned int logged(const char *words)
{
	struct buf b = BUF_INIT;
	unsigned int n = 0;

	assert_int_equal(buf_read_file(&b, log_file, 1u << 20, NULL), 0);
	buf_u8(&b, 0);
	for (const char *p = (char *)b.data; (p = strstr(p, words)); p++)
		n++;
	buf_free(&b);
	return n;
}

static void start_server(void)
{
	const char *where;
	struct buf b = BUF_INIT;
	int fd;

	fd = open(log_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	fflush(NULL);
	server = fork();
	assert_true(server >= 0);
	if (!server) {
		dup2(fd, STDERR_FILENO);
		dup2(fd, STDOUT_FILENO);
		run_server();
	}
	close(fd);
	for (int i = 0; i < 3000 && !logged("key server of"); i++) {
		if (waitpid(server, NULL, WNOHANG))
			break;
		usleep(10000);
	}
	assert_int_equal(buf_read_file(&b, log_file, 1u << 20, NULL), 0);
	buf_u8(&b, 0);
	where = strstr((char *)b.data, "listening at 127.0.0.1:");
	if (!where)
		fail_msg("the server says: %s", (char *)b.data);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/", atoi(where + 23));
	buf_free(&b);
}

static struct kms_fetch alice(void)
{
	return (struct kms_fetch){ .url = url, .ca_file = ca, .district = "a.example",
				   .user = "alice", .psk = (const uint8_t *)TEST_PSK,
				   .psk_len = strlen(TEST_PSK), .uris = uris, .n_uris = 2,
				   .prf = 1 };
}

/* A fetch into a folder of its own, which stays open for a look. */
static int fetch(const struct kms_fetch *f, const char *client, struct kms_params_store **ps,
		 struct kms_keystore **ks, unsigned int *n, struct err *e)
{
	*n = 0;
	if (kms_params_open(client, ps, e) || kms_keystore_open(client, *ps, ks, e))
		fail_msg("%s", e->msg);
	return kms_fetch(f, *ps, *ks, n, e);
}

static int count_keys(const struct kms_key_range *r, void *arg)
{
	*(unsigned int *)arg += r->keys;
	return 0;
}

static const void *needle;
static size_t needle_len;
static char found[512];

static int look_into(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct buf b = BUF_INIT, hex = BUF_INIT;

	if (type == FTW_F && !buf_read_file(&b, path, 1u << 22, NULL)) {
		buf_hex(&hex, needle, needle_len);
		if (memmem(b.data, b.len, needle, needle_len) ||
		    memmem(b.data, b.len, hex.data, hex.len))
			snprintf(found, sizeof(found), "%s", path);
	}
	buf_free(&b);
	buf_free(&hex);
	return 0;
}

static void not_on_disk(const void *data, size_t len)
{
	needle = data;
	needle_len = len;
	found[0] = '\0';
	nftw(dir, look_into, 16, FTW_PHYS);
	if (found[0])
		fail_msg("%s holds it", found);
}

static void days(void **state)
{
	struct kms_params_store *ps;
	struct kms_keystore *ks;
	struct kms_fetch f = alice();
	struct buf der = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned int n, stored = 0;
	struct kms_key *k;
	int64_t today;
	char client[256];

	snprintf(client, sizeof(client), "%s/client", dir);
	if (fetch(&f, client, &ps, &ks, &n, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(n, 62);
	assert_int_equal(kms_keystore_each(ks, count_keys, &stored, &e), 0);
	assert_int_equal(stored, 62);
	/* Which day it is may have changed since the request, but not by two. */
	today = ibe_period_start((int64_t)time(NULL), 86400);
	assert_int_equal(kms_keystore_find(ks, uris[1], today + 86400, NULL, NULL, &k, &e), 0);
	assert_int_equal(ibe_key_to_der(k->key, &der), 0);
	not_on_disk(der.data + der.len / 2, 24);
	not_on_disk(TEST_PSK, strlen(TEST_PSK));
	not_on_disk(TEST_PASS, strlen(TEST_PASS));
	assert_int_equal(logged("user alice: 62 keys issued"), 1);
	/* Once more: new keys over the old ones, the same ones. */
	assert_int_equal(kms_fetch(&f, ps, ks, &n, &e), 0);
	assert_int_equal(n, 62);
	stored = 0;
	assert_int_equal(kms_keystore_each(ks, count_keys, &stored, &e), 0);
	assert_true(stored == 62 || stored == 64);
	/* SHA-1 and AES-CM-128, and a narrowed window. */
	f.prf = 0;
	f.to = today + 3 * 86400;
	assert_int_equal(kms_fetch(&f, ps, ks, &n, &e), 0);
	assert_true(n == 6 || n == 4);
	kms_key_put(k);
	kms_keystore_close(ks);
	kms_params_close(ps);
	buf_free(&der);
}

static void refusals(void **state)
{
	static const char *const bobs[] = { "sip:bob@a.example" };
	struct kms_fetch right = alice();
	struct {
		struct kms_fetch f;
		int code;
		const char *client, *log;
	} rows[] = {
		{ right, EACCES, "unknown user or wrong pre-shared key",
		  "refused: user alice: V does not verify" },
		{ right, EACCES, "unknown user or wrong pre-shared key",
		  "refused: unknown user mallory" },
		{ right, EACCES, "Invalid ID", "sip:bob@a.example is not its identity" },
		{ right, EKEYREJECTED, "certificate", NULL },
		{ right, EKEYREJECTED, "", NULL },
		{ right, EINVAL, "https", NULL },
		{ right, EBADMSG, "publishes the parameters of a.example", NULL },
		{ right, EINVAL, "no file of trusted", NULL },
	};
	char by_name[64];

	rows[0].f.psk = (const uint8_t *)"some other key, long enough";
	rows[1].f.user = "mallory";
	rows[2].f.uris = bobs;
	rows[2].f.n_uris = 1;
	rows[3].f.ca_file = other_ca;
	/* Trusted, but for another name. */
	snprintf(by_name, sizeof(by_name), "https://localhost:%s", strrchr(url, ':') + 1);
	rows[4].f.url = by_name;
	rows[5].f.url = "http://127.0.0.1/";
	rows[6].f.district = "b.example";
	rows[7].f.ca_file = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kms_params_store *ps;
		struct kms_keystore *ks;
		struct err e = ERR_INIT;
		unsigned int n, stored = 0;
		char client[256];
		int ret;

		snprintf(client, sizeof(client), "%s/refused%zu", dir, i);
		ret = fetch(&rows[i].f, client, &ps, &ks, &n, &e);
		assert_refused(ret, e, rows[i].code, rows[i].client);
		assert_int_equal(n, 0);
		assert_int_equal(kms_keystore_each(ks, count_keys, &stored, NULL), 0);
		assert_int_equal(stored, 0);
		if (rows[i].log && !logged(rows[i].log))
			fail_msg("the log does not say \"%s\"", rows[i].log);
		kms_keystore_close(ks);
		kms_params_close(ps);
	}
	/* Each line of a refusal says where it came from. */
	assert_int_equal(logged("refused: "), 3);
	assert_int_equal(logged("from 127.0.0.1 port"), 3);
}

/* Its own parameters are known and other than the server's: no key passes the check. */
static void other_master(void **state)
{
	struct kms_params_store *ps;
	struct kms_keystore *ks;
	struct kms_fetch f = alice();
	struct kms_store *st;
	struct buf der = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned int n = 0, stored = 0;
	char client[256];

	snprintf(client, sizeof(client), "%s/other", dir);
	assert_int_equal(mkdir(client, 0700), 0);
	st = tmp_store(client, "a.example");
	assert_int_equal(ibe_sysparams_to_der(kms_store_sys(st), &der), 0);
	assert_int_equal(kms_params_open(client, &ps, &e), 0);
	assert_int_equal(kms_keystore_open(client, ps, &ks, &e), 0);
	assert_int_equal(kms_params_import(ps, der.data, der.len, NULL, &e), 0);
	assert_refused(kms_fetch(&f, ps, ks, &n, &e), e, EBADMSG, "nothing stored");
	assert_int_equal(kms_keystore_each(ks, count_keys, &stored, NULL), 0);
	assert_int_equal(stored, 0);
	kms_keystore_close(ks);
	kms_params_close(ps);
	kms_store_close(st);
	buf_free(&der);
}

static void stops(void **state)
{
	struct kms_params_store *ps;
	struct kms_keystore *ks;
	struct kms_fetch f = alice();
	struct err e = ERR_INIT;
	unsigned int n;
	int status;
	char client[256];

	assert_int_equal(kill(server, SIGTERM), 0);
	assert_int_equal(waitpid(server, &status, 0), server);
	server = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(logged("stopping"), 1);
	snprintf(client, sizeof(client), "%s/late", dir);
	assert_refused(fetch(&f, client, &ps, &ks, &n, &e), e, ECONNREFUSED, "127.0.0.1");
	kms_keystore_close(ks);
	kms_params_close(ps);
}

static int set_up(void **state)
{
	static const char *const names[] = { "127.0.0.1", "kms.a.example" };
	struct err e = ERR_INIT;
	struct kms_store_setup s = { .district = "a.example", .serial = 7, .bits = 512,
				     .granularity = 86400, .pass = (const uint8_t *)TEST_PASS,
				     .pass_len = strlen(TEST_PASS) };
	struct kms_store *st = NULL;
	char path[256], key[256];

	dir = tmp_dir();
	snprintf(path, sizeof(path), "%s/kms", dir);
	snprintf(log_file, sizeof(log_file), "%s/log", dir);
	snprintf(ca, sizeof(ca), "%s/tls.crt", dir);
	snprintf(other_ca, sizeof(other_ca), "%s/other.crt", dir);
	s.dir = path;
	s.not_before = (int64_t)time(NULL) - 86400;
	s.not_after = s.not_before + 100 * 86400;
	if (kms_store_create(&s, &e) || kms_store_open(path, s.pass, s.pass_len, &st, &e))
		fail_msg("%s", e.msg);
	tmp_user(st, "alice", TEST_PSK, 31, uris[0], uris[1]);
	tmp_user(st, "bob", "the key of bob, 22 oct", 31, "sip:bob@a.example", NULL);
	kms_store_close(st);
	snprintf(key, sizeof(key), "%s/tls.key", dir);
	assert_int_equal(tls_self_signed(ca, key, names, 2, 10, &e), 0);
	snprintf(key, sizeof(key), "%s/other.key", dir);
	assert_int_equal(tls_self_signed(other_ca, key, names, 2, 10, &e), 0);
	start_server();
	return 0;
}

static int tear_down(void **state)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	tmp_free(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days),
		cmocka_unit_test(refusals),
		cmocka_unit_test(other_master),
		cmocka_unit_test(stops),
	};

	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
	/* A proxy of the machine has no business between these two. */
	setenv("no_proxy", "127.0.0.1,localhost", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
