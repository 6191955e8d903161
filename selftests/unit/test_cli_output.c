// SPDX-License-Identifier: GPL-2.0-or-later
/* Text and JSON of the same calls. */
#include <stdio.h>
#include <unistd.h>

#include "unit.h"
#include "cli/output.c"

typedef void (*printer)(struct out *o);

/* What the calls write to standard output with these flags. */
static char *printed(printer fn, unsigned int flags)
{
	static char text[8192];
	FILE *f = tmpfile();
	int keep = dup(1);
	struct out *o;
	size_t n;

	assert_non_null(f);
	fflush(stdout);
	dup2(fileno(f), 1);
	o = out_new(flags);
	fn(o);
	out_free(o);
	fflush(stdout);
	dup2(keep, 1);
	close(keep);
	rewind(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	fclose(f);
	return text;
}

static void assert_json(const char *text)
{
	json_error_t e;
	json_t *v = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

	if (!v)
		fail_msg("not JSON: %s: %s", e.text, text);
	json_decref(v);
}

static void records(struct out *o)
{
	int i;

	out_list_begin(o, NULL);
	for (i = 1; i <= 2; i++) {
		out_obj_begin(o, "sa");
		out_u64(o, "id", i);
		out_list_begin(o, "keys");
		out_obj_begin(o, "key");
		out_hex(o, "mki", "\x00\x01", 2);
		out_bool(o, "active", i == 1);
		out_obj_end(o);
		out_list_end(o);
		out_str(o, "cookie", NULL);
		out_line(o);
		out_list_begin(o, "names");
		out_str(o, NULL, "a");
		out_str(o, NULL, "b");
		out_list_end(o);
		out_list_begin(o, "empty");
		out_list_end(o);
		out_obj_begin(o, "hollow");
		out_obj_end(o);
		out_obj_end(o);
	}
	out_list_end(o);
}

static void test_records(void **state)
{
	assert_string_equal(printed(records, 0),
			    "sa id 1\n    key mki 0001 active yes\n    cookie none\n    names a,b\n"
			    "sa id 2\n    key mki 0001 active no\n    cookie none\n    names a,b\n");
	assert_string_equal(printed(records, OUT_JSON),
			    "[\n"
			    "{\"id\":1,\"keys\":[{\"mki\":\"0001\",\"active\":true}],\"cookie\":null,"
			    "\"names\":[\"a\",\"b\"],\"empty\":[],\"hollow\":{}},\n"
			    "{\"id\":2,\"keys\":[{\"mki\":\"0001\",\"active\":false}],\"cookie\":null,"
			    "\"names\":[\"a\",\"b\"],\"empty\":[],\"hollow\":{}}\n]\n");
	assert_json(printed(records, OUT_JSON));
	assert_json(printed(records, OUT_JSON | OUT_PRETTY));
	assert_string_equal(printed(records, OUT_ONELINE),
			    "sa id 1\\    key mki 0001 active yes\\    cookie none\\    names a,b\n"
			    "sa id 2\\    key mki 0001 active no\\    cookie none\\    names a,b\n");
}

static void nothing(struct out *o)
{
	out_list_begin(o, NULL);
	out_list_end(o);
}

static void broken_off(struct out *o)
{
	out_list_begin(o, NULL);
	out_obj_begin(o, "sa");
	out_list_begin(o, "keys");
	out_obj_begin(o, "key");
	out_u64(o, "n", 1);
}

static void test_always_json(void **state)
{
	assert_string_equal(printed(nothing, 0), "");
	assert_string_equal(printed(nothing, OUT_JSON), "[]\n");
	assert_string_equal(printed(broken_off, OUT_JSON), "[\n{\"keys\":[{\"n\":1}]}\n]\n");
	assert_string_equal(printed(broken_off, 0), "sa\n    key n 1\n");
}

static void lines(struct out *o)
{
	out_obj_begin(o, "event");
	out_str(o, "kind", "x");
	out_obj_begin(o, "more");
	out_u64(o, "n", 1);
	out_obj_end(o);
	out_obj_end(o);
	out_obj_begin(o, "event");
	out_obj_end(o);
}

static void test_lines(void **state)
{
	assert_string_equal(printed(lines, OUT_JSON | OUT_LINES | OUT_PRETTY),
			    "{\"kind\":\"x\",\"more\":{\"n\":1}}\n{}\n");
	assert_string_equal(printed(lines, OUT_LINES), "event kind x\n    more n 1\nevent\n");
}

static void values(struct out *o)
{
	struct timespec ts = { 1763667000, 123456789 };

	out_obj_begin(o, NULL);
	out_str(o, "hostile", "a\x1b[2J\nb");
	out_strn(o, "latin", "\xff\x00z", 3);
	out_str(o, "blank", "");
	out_u64(o, "big", UINT64_MAX);
	out_i64(o, "minus", INT64_MIN);
	out_time(o, "at", 0);
	out_timespec(o, "ts", &ts);
	out_fmt(o, "f", "%d%%", 7);
	out_obj_end(o);
}

static void test_values(void **state)
{
	assert_string_equal(printed(values, 0),
			    "hostile a\\x1b[2J\\x0ab latin \\xff\\x00z blank \"\" "
			    "big 18446744073709551615 minus -9223372036854775808 "
			    "at 1970-01-01T00:00:00Z ts 2025-11-20T19:30:00.123456Z f 7%\n");
	assert_string_equal(printed(values, OUT_JSON),
			    "{\"hostile\":\"a\\u001B[2J\\nb\",\"latin\":\"\\\\xff\\\\x00z\","
			    "\"blank\":\"\",\"big\":\"18446744073709551615\","
			    "\"minus\":-9223372036854775808,\"at\":\"1970-01-01T00:00:00Z\","
			    "\"ts\":\"2025-11-20T19:30:00.123456Z\",\"f\":\"7%\"}\n");
}

static void tree(struct out *o)
{
	json_t *v = json_loads("{\"a\":1,\"l\":[{\"x\":true},{\"x\":null}],\"s\":[\"p\",\"q\"],"
			       "\"o\":{\"r\":0.5}}", 0, NULL);

	out_json(o, "call", v);
	json_decref(v);
}

static void test_tree(void **state)
{
	assert_string_equal(printed(tree, OUT_JSON),
			    "{\"a\":1,\"l\":[{\"x\":true},{\"x\":null}],\"s\":[\"p\",\"q\"],"
			    "\"o\":{\"r\":0.5}}\n");
	assert_string_equal(printed(tree, 0),
			    "call a 1\n    l x yes\n    l x none\n    s p,q\n    o r 0.5\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_always_json),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_tree),
	};

	return run_tests(tests);
}
