// SPDX-License-Identifier: GPL-2.0-or-later
/* Normal form of URIs, periods, and identity strings. */
#include "unit.h"

#include <errno.h>

#include "ibe/identity.h"
#include "ibe/sysparams.h"

struct uri_case {
	const char *in, *out;
};

static void test_uri_normal(void **state)
{
	static const struct uri_case cases[] = {
		{ "sip:alice@a.example", "sip:alice@a.example" },
		{ "SIP:alice@A.Example", "sip:alice@a.example" },
		{ "sip:Alice@a.example", "sip:Alice@a.example" }, /* users keep their case */
		{ "sip:alice@a.example:5060", "sip:alice@a.example" },
		{ "sip:alice@a.example:5061", "sip:alice@a.example:5061" },
		{ "sips:alice@a.example:05061", "sips:alice@a.example" },
		{ "sip:alice@a.example.", "sip:alice@a.example" },
		{ "sip:alice@a.example;transport=tcp;lr?subject=x", "sip:alice@a.example" },
		{ "sip:alice@a.example?to=b@c", "sip:alice@a.example" },
		{ "sip:alice@a.example;GR=urn:uuid:f81d;x=y", "sip:alice@a.example;gr=urn:uuid:f81d" },
		{ "sip:x@a.example;gr", "sip:x@a.example;gr" },
		{ "sip:%61lice@a.example", "sip:alice@a.example" },
		{ "sip:a%3ab%2F@a.example", "sip:a%3Ab%2F@a.example" },
		{ "sip:+1-555@a.example;user=phone", "sip:+1-555@a.example" },
		{ "sip:a.example", "sip:a.example" },
		{ "sip:bob@192.0.2.7", "sip:bob@192.0.2.7" },
		{ "sip:bob@[2001:DB8:0:0::1]:5060", "sip:bob@[2001:db8::1]" },
		{ "sip:bob@[2001:db8::1]:5070;gr=1", "sip:bob@[2001:db8::1]:5070;gr=1" },
		{ "tel:+1-(201).555-0123", "tel:+12015550123" },
		{ "TEL:+12015550123;phone-context=x", "tel:+12015550123" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = BUF_INIT;
		struct err e = ERR_INIT;

		if (ibe_uri_normalise(cases[i].in, &b, &e))
			fail_msg("%s: %s", cases[i].in, e.msg);
		if (b.len != strlen(cases[i].out) || memcmp(b.data, cases[i].out, b.len))
			fail_msg("%s gave %.*s", cases[i].in, (int)b.len, (char *)b.data);
		assert_true(ibe_uri_is_normal(b.data, b.len));
		if (strcmp(cases[i].in, cases[i].out))
			assert_false(ibe_uri_is_normal((const uint8_t *)cases[i].in,
						       strlen(cases[i].in)));
		buf_free(&b);
	}
}

static void test_uri_refused(void **state)
{
	static const struct uri_case cases[] = {
		{ "", "neither" }, { "alice@a.example", "neither" },
		{ "http://a.example", "neither" }, { "sip:", "no host" },
		{ "sip:alice@", "no host" }, { "sip:@a.example", "empty user" },
		{ "sip:alice:pw@a.example", "password" }, { "sip:al ice@a.example", "blank" },
		{ "sip:al\x80@a.example", "8-bit" }, { "sip:a%@a.example", "broken escape" },
		{ "sip:a%4@a.example", "broken escape" }, { "sip:a%00@a.example", "control" },
		{ "sip:a%zz@a.example", "broken escape" }, { "sip:a<b@a.example", "needs an escape" },
		{ "sip:a@a..example", "bad label" }, { "sip:a@-a.example", "bad label" },
		{ "sip:a@a_b.example", "bad character" }, { "sip:a@a@b", "bad character" },
		{ "sip:a@1.2.3", "IPv4" }, { "sip:a@01.2.3.4", "IPv4" }, { "sip:a@[::g]", "IPv6" },
		{ "sip:a@[::1", "IPv6" }, { "sip:a@b:", "bad port" }, { "sip:a@b:0", "bad port" },
		{ "sip:a@b:65536", "bad port" }, { "sip:a@b:5x", "bad port" },
		{ "sip:a@[::1]x", "goes on" }, { "sip:a@b;gr=1;gr=2", "two gr" },
		{ "sip:a@b;gr=", "empty" }, { "sip:a@b;;x", "without a name" },
		{ "sip:a@b;gr=%", "broken escape" },
		{ "tel:5550123", "global" }, { "tel:+", "digits" },
		{ "tel:+1234567890123456", "digits" }, { "tel:+1x", "character" },
		{ "tel:+1555;EXT=3", "extension" }, { "tel:+1555;a=b;isub=3", "extension" },
	};
	char longer[2048];
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		e = (struct err)ERR_INIT;
		if (ibe_uri_normalise(cases[i].in, &b, &e) != -EINVAL || !strstr(e.msg, cases[i].out))
			fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].in, e.msg, cases[i].out);
		assert_int_equal(b.len, 0);
	}
	memset(longer, 'a', sizeof(longer));
	memcpy(longer, "sip:", 4);
	strcpy(longer + 300, "@b");
	assert_refused(ibe_uri_normalise(longer, &b, &e), e, EMSGSIZE, "longer than 255");
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_refused(ibe_uri_normalise(longer, &b, &e), e, EMSGSIZE, "longer than 1024");
	assert_int_equal(b.len, 0);
	buf_free(&b);
	assert_false(ibe_uri_is_normal((const uint8_t *)"", 0));
	assert_false(ibe_uri_is_normal((const uint8_t *)"sip:a@b\0c", 9));
}

static void host_is(const char *uri, const char *host)
{
	struct buf b = BUF_INIT;

	assert_int_equal(ibe_uri_host((const uint8_t *)uri, strlen(uri), &b, NULL), 0);
	assert_int_equal(b.len, strlen(host));
	assert_memory_equal(b.data, host, b.len);
	buf_free(&b);
}

static void test_uri_host(void **state)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	host_is("sip:alice@a.example;gr=z", "a.example");
	host_is("sip:alice@a.example:5070", "a.example");
	host_is("sips:a.example", "a.example");
	host_is("sip:a@[2001:db8::1]:5070", "[2001:db8::1]");
	host_is("tel:+1555", "+1555");
	assert_refused(ibe_uri_host((const uint8_t *)"sip:a@B", 7, &b, &e), e, EINVAL, "normal form");
	buf_free(&b);
}

static void test_period(void **state)
{
	char text[IBE_TIME_LEN + 1];
	int64_t t;

	assert_int_equal(ibe_period_start(0, 86400), 0);
	assert_int_equal(ibe_period_start(86399, 86400), 0);
	assert_int_equal(ibe_period_start(86400, 86400), 86400);
	assert_int_equal(ibe_period_start(-1, 86400), -86400);
	assert_int_equal(ibe_period_start(-86400, 86400), -86400);
	/* The example of RFC 5409 section 2, with the result that is right there. */
	assert_int_equal(ibe_period_start(1017619200, 604800), 1017273600);
	assert_true(ibe_time_to_text(1017273600, text));
	assert_string_equal(text, "20020328000000Z");
	assert_true(ibe_time_from_text(text, strlen(text), &t));
	assert_int_equal(t, 1017273600);
	assert_true(ibe_time_from_text("20360207062816Z", 15, &t)); /* NTP era 1 starts */
	assert_int_equal(t, 2085978496);
	assert_false(ibe_time_from_text("20020328000000z", 15, &t));
	assert_false(ibe_time_from_text("20020328000000Z ", 16, &t));
	assert_false(ibe_time_from_text("200203280000Z", 13, &t));
	assert_false(ibe_time_from_text("20020231000000Z", 15, &t));
	assert_false(ibe_time_from_text("20020328000060Z", 15, &t));
	assert_false(ibe_time_from_text("+0020328000000Z", 15, &t));
	assert_false(ibe_time_to_text(INT64_MAX, text));
	assert_false(ibe_time_to_text(253402300800, text)); /* year 10000 */
}

#define PERIOD 1795132800 /* 20261120000000Z */

static struct ibe_sysparams params(void)
{
	return (struct ibe_sysparams){
		.district = (char *)"https://kms.a.example/params", .serial = 7,
		.not_before = PERIOD - 86400, .not_after = PERIOD + 86400 * 30,
		.granularity = 86400,
	};
}

static void test_identity(void **state)
{
	/* Written by another encoder. */
	static const char hex[] =
		"3062161c68747470733a2f2f6b6d732e612e6578616d706c652f706172616d730201070615698397"
		"8ba6e6b386c290d38cb4d2beeaaaefeb4d010428302616137369703a616c69636540612e6578616d"
		"706c65180f32303236313132303030303030305a";
	const struct ibe_sysparams sp = params();
	const char *uri = "sip:alice@a.example";
	struct ibe_identity_info info;
	struct buf b = BUF_INIT, want = unhex(hex);
	struct err e = ERR_INIT;

	assert_int_equal(ibe_identity(&sp, (const uint8_t *)uri, strlen(uri), PERIOD, &b, &e), 0);
	assert_int_equal(b.len, want.len);
	assert_memory_equal(b.data, want.data, b.len);
	buf_free(&want);
	assert_int_equal(ibe_identity_parse(b.data, b.len, &info, &e), 0);
	assert_string_equal(info.district, sp.district);
	assert_int_equal(info.serial, 7);
	assert_string_equal(info.uri, uri);
	assert_int_equal(info.period_start, PERIOD);
	buf_free(&b);
}

static void test_identity_refused(void **state)
{
	const struct ibe_sysparams sp = params();
	const uint8_t *uri = (const uint8_t *)"sip:alice@a.example";
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	assert_refused(ibe_identity(&sp, (const uint8_t *)"sip:alice@A.example", 19, PERIOD, &b, &e),
		       e, EINVAL, "normal form");
	assert_refused(ibe_identity(&sp, uri, 19, PERIOD + 1, &b, &e), e, EINVAL, "start of a period");
	assert_refused(ibe_identity(&sp, uri, 19, PERIOD - 2 * 86400, &b, &e), e, ERANGE, "validity");
	assert_refused(ibe_identity(&sp, uri, 19, PERIOD + 31 * 86400, &b, &e), e, ERANGE, "validity");
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

/* Every single changed octet gives another identity or none, never the same. */
static void test_identity_mutations(void **state)
{
	const struct ibe_sysparams sp = params();
	struct ibe_identity_info info, orig;
	struct buf b = BUF_INIT;
	unsigned int refused = 0;

	assert_int_equal(ibe_identity(&sp, (const uint8_t *)"sip:alice@a.example", 19, PERIOD, &b,
				      NULL), 0);
	memset(&orig, 0, sizeof(orig));
	assert_int_equal(ibe_identity_parse(b.data, b.len, &orig, NULL), 0);
	for (size_t n = 0; n < b.len; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, b.data, n);
		assert_int_not_equal(ibe_identity_parse(cut, n, &info, NULL), 0);
		free(cut);
	}
	for (size_t i = 0; i < b.len; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			b.data[i] ^= (uint8_t)(1 << bit);
			if (ibe_identity_parse(b.data, b.len, &info, NULL))
				refused++;
			else
				assert_true(strcmp(info.district, orig.district) ||
					    info.serial != orig.serial || strcmp(info.uri, orig.uri) ||
					    info.period_start != orig.period_start);
			b.data[i] ^= (uint8_t)(1 << bit);
		}
	assert_true(refused > b.len);
	buf_put(&b, "", 1);
	assert_int_not_equal(ibe_identity_parse(b.data, b.len, &info, NULL), 0);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uri_normal),
		cmocka_unit_test(test_uri_refused),
		cmocka_unit_test(test_uri_host),
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_refused),
		cmocka_unit_test(test_identity_mutations),
	};

	return run_tests(tests);
}
