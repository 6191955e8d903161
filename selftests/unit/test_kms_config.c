// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake-kmsd.conf: what is wrong is said with its line. */
#include "kms_unit.h"

#include <errno.h>
#include <syslog.h>

#include "kms/config.h"

#define WHOLE "listen = \"127.0.0.1:8443\";\ndir = \"/d\";\npassphrase-file = \"/p\";\n"

static char *dir, path[256];

static int read_text(const char *text, struct kmsd_config *c, struct err *e)
{
	assert_int_equal(buf_write_file(path, text, strlen(text), 0600, NULL), 0);
	return kmsd_config_read(path, c, e);
}

static void defaults(void **state)
{
	struct kmsd_config c;
	struct err e = ERR_INIT;

	assert_int_equal(read_text(WHOLE, &c, &e), 0);
	assert_int_equal(c.n_listen, 1);
	assert_string_equal(c.listen[0], "127.0.0.1:8443");
	assert_string_equal(c.tls_cert, "/d/tls.crt");
	assert_string_equal(c.tls_key, "/d/tls.key");
	assert_int_equal(c.log_level, LOG_INFO);
	kmsd_config_free(&c);
}

static void all(void **state)
{
	struct kmsd_config c;
	struct err e = ERR_INIT;

	assert_int_equal(read_text("listen = ( \"127.0.0.1:1\", \"[::1]:2\" );\ndir = \"/d\";\n"
				   "passphrase-file = \"/p\"; tls-cert = \"/c\"; tls-key = \"/k\";\n"
				   "log-level = \"warning\"; workers = 3; max-connections = 9;\n",
				   &c, &e), 0);
	assert_int_equal(c.n_listen, 2);
	assert_string_equal(c.listen[1], "[::1]:2");
	assert_string_equal(c.tls_key, "/k");
	assert_int_equal(c.log_level, LOG_WARNING);
	assert_int_equal(c.workers, 3);
	assert_int_equal(c.max_connections, 9);
	kmsd_config_free(&c);
}

static void wrong(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ "", "listen" },
		{ "listen = \"127.0.0.1:1\";", "dir is missing" },
		{ "listen = \"127.0.0.1:1\"; dir = \"/d\";", "passphrase-file is missing" },
		{ WHOLE "tls-cert = \"/c\";", "go together" },
		{ WHOLE "workers = -1;", "line 4: workers" },
		{ WHOLE "workers = 17;", "0 to 16" },
		{ WHOLE "workers = \"two\";", "needs a number" },
		{ WHOLE "max-connections = 0;", "at least 1" },
		{ WHOLE "log-level = \"loud\";", "line 4: log-level" },
		{ WHOLE "\nsurprise = 1;", "line 5: unknown setting \"surprise\"" },
		{ WHOLE "dir = 5;", "line 4" },
		{ "listen = 5;", "line 1: listen" },
		{ "listen = \"\";", "line 1: listen" },
		{ "listen = ( 5 );", "listen" },
		{ "listen = ( \"a:1\",\"a:1\",\"a:1\",\"a:1\",\"a:1\",\"a:1\",\"a:1\",\"a:1\",\"a:1\" );",
		  "at most 8" },
		{ WHOLE "{", "line 4" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct kmsd_config c;

		assert_refused(read_text(rows[i].text, &c, &e), e, EINVAL, rows[i].word);
	}
}

static void missing(void **state)
{
	struct kmsd_config c;
	struct err e = ERR_INIT;

	assert_refused(kmsd_config_read("/nowhere/at/all", &c, &e), e, ENOENT, "cannot read");
}

static int set_up(void **state)
{
	dir = tmp_dir();
	snprintf(path, sizeof(path), "%s/conf", dir);
	return 0;
}

static int tear_down(void **state)
{
	tmp_free(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(all),
		cmocka_unit_test(wrong),
		cmocka_unit_test(missing),
	};

	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
