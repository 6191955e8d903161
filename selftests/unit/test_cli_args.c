// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of a command by its table: what is taken, and how the rest is refused. */
#include <netinet/in.h>
#include <stdio.h>

#include "unit.h"
#include "cli/args.c"
#include "cli/table.c"
#include "cli/value.c"

static const char *const ways[] = { "tx", "rx", NULL };

static const struct cli_key keys[] = {
	{ "FILE", CLI_PATH, CLI_POSITIONAL, "FILE", "what to read" },
	{ "id", CLI_NUM, CLI_REQUIRED, "N", "which", .min = 1, .max = 100 },
	{ "direction", CLI_CHOICE, 0, "WAY", "which way", .choices = ways },
	{ "mki", CLI_HEX, CLI_REPEAT, "HEX", "key identifier", .min = 1, .max = 4 },
	{ "to", CLI_ADDR, CLI_REPEAT, "ADDR", "where to" },
	{ "label", CLI_STR, 0, "TEXT", "a name", .min = 1, .max = 3 },
	{ "key", CLI_FILE, 0, "FILE", "a file" },
	{ "force", CLI_FLAG, 0, NULL, "anyway" },
	{ NULL },
};

static const struct cli_cmd cmds[] = {
	{ "show", NULL, NULL, "print" },
	{ "add", NULL, keys, "add one" },
	{ "adopt", NULL, NULL, "adopt one" },
	{ NULL },
};

CLI_OBJECT(stats, "counters", cmds)
CLI_OBJECT(sa, "associations", cmds)
CLI_OBJECT(sample, "third", cmds)

/* Parses the words of @line, which blanks separate. */
static int parse(struct cli *cli, struct cli_args *args, const char *line)
{
	static char copy[512];
	char *argv[32], *save, *w;
	int argc = 0;

	memset(cli, 0, sizeof(*cli));
	snprintf(copy, sizeof(copy), "%s", line);
	for (w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return cli_args_parse(cli, &cmds[1], argc, argv, args);
}

static void test_taken(void **state)
{
	struct sockaddr_in6 *a6;
	struct cli_args args;
	char text[CLI_ADDRSTRLEN];
	struct cli cli;

	assert_int_equal(parse(&cli, &args, "id 0x10 in.txt direction rx mki 00ff mki 1234abCD "
			       "to 192.0.2.1:5000 to [2001:db8::1]:65535 force label abc"), 0);
	assert_int_equal(cli_num(&args, "id", 0), 16);
	assert_int_equal(cli_num(&args, "direction", 9), 1);
	assert_string_equal(cli_str(&args, "FILE", ""), "in.txt");
	assert_int_equal(cli_get(&args, "mki")->data.len, 2);
	assert_memory_equal(cli_get_nth(&args, "mki", 1)->data.data, "\x12\x34\xab\xcd", 4);
	assert_null(cli_get_nth(&args, "mki", 2));
	assert_true(cli_has(&args, "force"));
	assert_false(cli_has(&args, "key"));
	assert_int_equal(cli_num(&args, "key", 7), 7);
	a6 = (struct sockaddr_in6 *)&cli_get_nth(&args, "to", 1)->addr;
	assert_int_equal(a6->sin6_port, htons(65535));
	assert_string_equal(cli_addr_str(a6, text), "[2001:db8::1]:65535");
	assert_string_equal(cli_addr_str(&cli_get(&args, "to")->addr, text), "192.0.2.1:5000");
	assert_ptr_equal(args.vals[0].key, &keys[1]);
	cli_args_free(&args);
}

static void test_refused(void **state)
{
	static const struct {
		const char *line, *word;
	} bad[] = {
		{ "", "\"id\" is missing: which" },
		{ "id", "\"id\" lacks its value, expected N" },
		{ "id 0", "id \"0\": expected a number from 1 to 100" },
		{ "id 101", "expected a number from 1 to 100" },
		{ "id -1", "expected a number" },
		{ "id 1x", "expected a number" },
		{ "id 0x", "expected a number" },
		{ "id 99999999999999999999999", "expected a number" },
		{ "id 1 id 2", "\"id\" is given twice" },
		{ "id 1 direction up", "direction \"up\": expected tx, rx" },
		{ "id 1 mki 0", "1 to 4 octets in hexadecimal" },
		{ "id 1 mki 0102030405", "1 to 4 octets in hexadecimal" },
		{ "id 1 mki zz", "mki \"zz\"" },
		{ "id 1 to 192.0.2.1", "to \"192.0.2.1\": expected ADDRESS:PORT" },
		{ "id 1 to 192.0.2.1:", "expected ADDRESS:PORT" },
		{ "id 1 to 192.0.2.1:65536", "expected ADDRESS:PORT" },
		{ "id 1 to 192.0.2:1", "expected ADDRESS:PORT" },
		{ "id 1 to 2001:db8::1:5", "expected ADDRESS:PORT" },
		{ "id 1 to []:5", "expected ADDRESS:PORT" },
		{ "id 1 to [192.0.2.1]:5", "expected ADDRESS:PORT" },
		{ "id 1 to example.org:5", "expected ADDRESS:PORT" },
		{ "id 1 label abcd", "1 to 3 characters" },
		{ "id 1 key /nonexistent/file", "cannot read /nonexistent/file" },
		{ "id 1 a b", "unknown word \"b\", expected direction, mki, to" },
	};
	struct cli_args args;
	struct cli cli;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(parse(&cli, &args, bad[i].line) < 0);
		assert_true(cli.usage);
		if (!strstr(cli.err.msg, bad[i].word))
			fail_msg("\"%s\": \"%s\" lacks \"%s\"", bad[i].line, cli.err.msg,
				 bad[i].word);
		assert_null(strchr(cli.err.msg, '\n'));
		cli_args_free(&args);
	}
}

static void test_abbreviations(void **state)
{
	struct cli cli = { 0 };

	assert_string_equal(cli_object_find(&cli, "st")->name, "stats");
	assert_string_equal(cli_object_find(&cli, "sa")->name, "sa");
	assert_string_equal(cli_object_find(&cli, "sam")->name, "sample");
	assert_null(cli_object_find(&cli, "s"));
	assert_refused(-cli.err.code, cli.err, EINVAL, "object \"s\" could be sa, sample, stats");
	assert_null(cli_object_find(&cli, "sax"));
	assert_refused(-cli.err.code, cli.err, EINVAL, "expected sa, sample, stats");
	assert_null(cli_object_find(&cli, ""));
	assert_ptr_equal(cli_cmd_find(&cli, cli_object_find(&cli, "sa"), "sh"), &cmds[0]);
	assert_null(cli_cmd_find(&cli, cli_object_find(&cli, "sa"), "ad"));
	assert_refused(-cli.err.code, cli.err, EINVAL, "could be add, adopt");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_abbreviations),
	};

	return run_tests(tests);
}
