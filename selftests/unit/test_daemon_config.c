// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/config.h"

static char path[64];

static int load(const char *text, struct config *c, struct err *e)
{
	FILE *f;
	int ret;

	snprintf(path, sizeof(path), "/tmp/test_daemon_config.%d", (int)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	ret = config_load(path, c, e);
	unlink(path);
	return ret;
}

#define MINIMUM "listen = \"127.0.0.1\";\nidentities = ( { uri = \"sip:bob@b.example\"; } );\n"
#define LEGS(p) "plain = \"10.0.4.1:" p "\"; phone = \"10.0.4.2:4000\"; "			\
		"secure = \"10.0.3.1:5000\"; remote = \"10.0.2.1:5000\";"

static void whole(void **state)
{
	struct config c;
	struct err e = ERR_INIT;
	char text[ADDR_TEXT_MAX];

	assert_int_equal(load("listen = ( \"10.0.3.1\", \"[2001:db8::1]:2270\" );\n"
			      "control = \"/tmp/c\"; keystore = \"/tmp/s\"; grace = 5;\n"
			      "identities = ( { uri = \"SIP:bob@B.example:5060\"; kms = {\n"
			      " url = \"https://10.0.3.2:8443\"; ca = \"/etc/ca\"; user = \"bob\";\n"
			      " district = \"b.example\"; psk-file = \"/etc/psk\"; }; } );\n"
			      "districts = ( { host = \"a.example\"; district = \"x\"; } );\n"
			      "routes = ( { identity = \"sip:bob@b.example\"; " LEGS("4000") " },\n"
			      " { identity = \"sip:bob@b.example\"; peer = \"sip:alice@a.example\"; "
			      LEGS("4002") " } );\n"
			      "suites = ( \"AES_CM_128_HMAC_SHA1_32\", \"AES_CM_128_HMAC_SHA1_80\" );\n"
			      "peers = ( { uri = \"sip:old@a.example\"; binding = \"prefer\"; } );\n"
			      "limits = { calls = 7; skew = 60; }; workers = 2; log-level = \"debug\";\n"
			      "flush-on-exit = true; fetch-days = 3;\n", &c, &e), 0);
	assert_int_equal(c.n_listen, 2);
	assert_string_equal(addr_format(&c.listen[0], text), "10.0.3.1:2269");
	assert_string_equal(addr_format(&c.listen[1], text), "[2001:db8::1]:2270");
	assert_string_equal(c.identities[0].uri, "sip:bob@b.example");
	assert_string_equal(c.identities[0].kms.user, "bob");
	assert_int_equal(c.n_suites, 2);
	assert_int_equal(c.suites[0], CONFIG_SUITE_AES_CM_128_HMAC_SHA1_32);
	assert_int_equal(c.max_calls, 7);
	assert_int_equal(c.fetch_days, 3);
	assert_true(c.flush_on_exit);
	assert_int_equal(config_binding_for(&c, "sip:old@a.example"), CONFIG_BINDING_PREFER);
	assert_int_equal(config_binding_for(&c, "sip:alice@a.example"), CONFIG_BINDING_REQUIRE);
	assert_int_equal(addr_port(&config_route_find(&c, "sip:bob@b.example",
						      "sip:alice@a.example")->media.plain), 4002);
	assert_int_equal(addr_port(&config_route_find(&c, "sip:bob@b.example",
						      "sip:carol@a.example")->media.plain), 4000);
	assert_null(config_route_find(&c, "sip:bobby@b.example", "sip:alice@a.example"));
	config_free(&c);
}

static void defaults(void **state)
{
	struct config c;
	struct err e = ERR_INIT;

	assert_int_equal(load(MINIMUM, &c, &e), 0);
	assert_string_equal(c.control, "/run/ibake/ibaked.sock");
	assert_int_equal(c.fetch_days, 31);
	assert_int_equal(c.grace, 60);
	assert_int_equal(c.suites[0], CONFIG_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(c.binding, CONFIG_BINDING_REQUIRE);
	assert_false(c.flush_on_exit);
	config_free(&c);
}

static const struct {
	const char *text, *line, *word;
} bad[] = {
	{ MINIMUM "colour = \"red\";\n", ":3: colour:", "no such setting" },
	{ MINIMUM "grace = 0;\n", ":3: grace:", "1 to 3600" },
	{ MINIMUM "grace = \"60\";\n", ":3: grace:", "1 to 3600" },
	{ MINIMUM "flush-on-exit = 1;\n", ":3: flush-on-exit:", "true or false" },
	{ MINIMUM "binding = \"maybe\";\n", ":3: binding:", "\"require\", \"prefer\", \"off\"" },
	{ MINIMUM "suites = ( \"ROT13\" );\n", ":3: suites:", "AES_CM_128_HMAC_SHA1_80" },
	{ MINIMUM "suites = ( \"AES_CM_128_HMAC_SHA1_80\", \"AES_CM_128_HMAC_SHA1_80\" );\n",
	  ":3: suites:", "twice" },
	{ MINIMUM "limits = { calls = 1;\n speed = 2; };\n", ":4: speed:", "no such setting" },
	{ MINIMUM "limits = 3;\n", ":3: limits:", "must be a group" },
	{ MINIMUM "params = \"\";\n", ":3: params:", "not empty" },
	{ MINIMUM "params = ;\n", ":3:", "syntax error" },
	{ MINIMUM "grace = 5;\ngrace = 6;\n", ":4:", "duplicate" },
	{ "listen = ( \"10.0.3.1:70000\" );\nidentities = ( { uri = \"sip:b@b.example\"; } );\n",
	  ":1: listen:", "port" },
	{ "listen = ( \"gateway.example\" );\nidentities = ( { uri = \"sip:b@b.example\"; } );\n",
	  ":1: listen:", "numeric" },
	{ "listen = ( );\nidentities = ( { uri = \"sip:b@b.example\"; } );\n", ":1: listen:",
	  "empty" },
	{ "identities = ( { uri = \"sip:b@b.example\"; } );\n", "", "\"listen\" is missing" },
	{ "listen = \"10.0.0.1\";\n", "", "\"identities\" is missing" },
	{ "listen = \"10.0.0.1\";\nidentities = ( { } );\n", ":2: identities:",
	  "\"uri\" is missing" },
	{ "listen = \"10.0.0.1\";\nidentities = ( { uri = \"mailto:b@b\"; } );\n", ":2: uri:", "" },
	{ "listen = \"10.0.0.1\";\nidentities = ( { uri = \"sip:b@b.example\"; },\n"
	  " { uri = \"SIP:b@B.example\"; } );\n", ":3: uri:", "twice" },
	{ "listen = \"10.0.0.1\";\nidentities = ( { uri = \"sip:b@b.example\";\n"
	  " kms = { url = \"https://x\"; }; } );\n", ":3: kms:", "\"ca\" is missing" },
	{ MINIMUM "routes = ( { identity = \"sip:eve@b.example\"; " LEGS("4000") " } );\n",
	  ":3: identity:", "none of the identities" },
	{ MINIMUM "routes = ( { identity = \"sip:bob@b.example\"; " LEGS("65535") " } );\n",
	  ":3: routes:", "RTCP" },
	{ MINIMUM "routes = ( { identity = \"sip:bob@b.example\"; } );\n", ":3: routes:",
	  "\"plain\" is missing" },
	{ MINIMUM "routes = ( { identity = \"sip:bob@b.example\"; " LEGS("4000") " },\n"
	  " { identity = \"sip:bob@b.example\"; " LEGS("4002") " } );\n", ":4: routes:", "earlier" },
};

static void refused(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;
		struct config c;
		int ret = load(bad[i].text, &c, &e);

		assert_true(ret < 0);
		if (strncmp(e.msg, path, strlen(path)) || !strstr(e.msg, bad[i].line) ||
		    !strstr(e.msg, bad[i].word))
			fail_msg("row %zu: \"%s\" does not say \"%s\" and \"%s\"", i, e.msg, bad[i].line,
				 bad[i].word);
	}
}

static void missing(void **state)
{
	struct err e = ERR_INIT;
	struct config c;

	assert_refused(config_load("/nonexistent/ibaked.conf", &c, &e), e, ENOENT, "cannot be read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(defaults),
		cmocka_unit_test(refused),
		cmocka_unit_test(missing),
	};

	return run_tests(tests);
}
