// SPDX-License-Identifier: GPL-2.0-or-later
/* The words behind OBJECT COMMAND, by the command's table. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

int cli_bad(struct cli *cli, const char *fmt, ...)
{
	char msg[sizeof(cli->err.msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	cli->usage = true;
	return err_set(&cli->err, EINVAL, "%s", msg);
}

const struct cli_val *cli_get_nth(const struct cli_args *args, const char *name, size_t nth)
{
	size_t i;

	for (i = 0; i < args->n; i++)
		if (!strcmp(args->vals[i].key->name, name) && !nth--)
			return &args->vals[i];
	return NULL;
}

const struct cli_val *cli_get(const struct cli_args *args, const char *name)
{
	return cli_get_nth(args, name, 0);
}

const char *cli_str(const struct cli_args *args, const char *name, const char *def)
{
	const struct cli_val *v = cli_get(args, name);

	return v ? v->str : def;
}

uint64_t cli_num(const struct cli_args *args, const char *name, uint64_t def)
{
	const struct cli_val *v = cli_get(args, name);

	return v ? v->num : def;
}

static size_t given(const struct cli_args *args, const struct cli_key *key)
{
	size_t i, n = 0;

	for (i = 0; i < args->n; i++)
		n += args->vals[i].key == key;
	return n;
}

/* What the word at this place may be, for the sentence of a refusal. */
static void expected(const struct cli_key *keys, const struct cli_args *args, struct buf *b)
{
	const struct cli_key *k;

	for (k = keys; k && k->name; k++) {
		if (given(args, k) && !(k->flags & CLI_REPEAT))
			continue;
		buf_str(b, b->len ? ", " : "");
		buf_str(b, k->flags & CLI_POSITIONAL ? k->meta : k->name);
	}
	if (!b->len)
		buf_str(b, "the end of the command");
	buf_u8(b, 0);
}

static int unknown_word(struct cli *cli, const struct cli_key *keys, const struct cli_args *args,
			const char *word)
{
	struct buf b = BUF_INIT;
	int ret;

	expected(keys, args, &b);
	ret = cli_bad(cli, "unknown word \"%s\", expected %s", word, (const char *)b.data);
	buf_free(&b);
	return ret;
}

/* "a number from 1 to 10", for the same purpose */
static int bad_value(struct cli *cli, const struct cli_key *k, const char *str)
{
	unsigned long long min = k->min, max = k->max;
	struct buf b = BUF_INIT;
	int ret;
	size_t i;

	switch (k->type) {
	case CLI_NUM:
		buf_printf(&b, "a number from %llu", min);
		if (max)
			buf_printf(&b, " to %llu", max);
		break;
	case CLI_HEX:
	case CLI_STR:
		if (k->max && min == max)
			buf_printf(&b, "%llu", min);
		else if (k->max)
			buf_printf(&b, "%llu to %llu", min, max);
		buf_printf(&b, "%s%s", k->max ? " " : "",
			   k->type == CLI_HEX ? "octets in hexadecimal" : "characters");
		break;
	case CLI_ADDR:
		buf_str(&b, "ADDRESS:PORT such as 192.0.2.1:5000 or [2001:db8::1]:5000");
		break;
	case CLI_CHOICE:
		for (i = 0; k->choices[i]; i++)
			buf_printf(&b, "%s%s", i ? ", " : "", k->choices[i]);
		break;
	default:
		buf_str(&b, k->meta ? k->meta : "a value");
	}
	buf_u8(&b, 0);
	ret = cli_bad(cli, "%s \"%s\": expected %s", k->name, str, (const char *)b.data);
	buf_free(&b);
	return ret;
}

static bool in_range(const struct cli_key *k, size_t len)
{
	return !k->max || (len >= k->min && len <= k->max);
}

static int read_file(struct cli *cli, struct cli_val *v)
{
	const char *path = strcmp(v->str, "-") ? v->str : "/dev/stdin";
	int ret = buf_read_file(&v->data, path, BUF_MAX - 1, &cli->err);

	if (ret) {
		/* A file that is not there is a matter of the command's wording. */
		cli->usage = true;
		err_add(&cli->err, "%s", v->key->name);
	}
	return ret;
}

static int parse_value(struct cli *cli, struct cli_val *v)
{
	const struct cli_key *k = v->key;
	bool good = true;
	size_t i;

	switch (k->type) {
	case CLI_STR:
		good = in_range(k, strlen(v->str));
		break;
	case CLI_NUM:
		good = cli_parse_num(v->str, k->min, k->max, &v->num);
		break;
	case CLI_HEX:
		good = buf_unhex(&v->data, v->str) && in_range(k, v->data.len);
		break;
	case CLI_ADDR:
		good = cli_parse_addr(v->str, &v->addr, &v->addr_len);
		break;
	case CLI_FILE:
		return read_file(cli, v);
	case CLI_CHOICE:
		for (i = 0; k->choices[i] && strcmp(k->choices[i], v->str); i++)
			;
		good = k->choices[i];
		v->num = i;
		break;
	case CLI_PATH:
	case CLI_DIR:
		good = *v->str;
		break;
	case CLI_FLAG:
		break;
	}
	return good ? 0 : bad_value(cli, k, v->str);
}

static const struct cli_key *find_key(const struct cli_key *keys, const struct cli_args *args,
				      const char *word)
{
	const struct cli_key *k;

	for (k = keys; k && k->name; k++)
		if (!(k->flags & CLI_POSITIONAL) && !strcmp(k->name, word))
			return k;
	for (k = keys; k && k->name; k++)
		if ((k->flags & CLI_POSITIONAL) &&
		    (!given(args, k) || (k->flags & CLI_REPEAT)))
			return k;
	return NULL;
}

int cli_args_parse(struct cli *cli, const struct cli_cmd *cmd, int argc, char **argv,
		   struct cli_args *args)
{
	const struct cli_key *k;
	struct cli_val *v;
	int i, ret;

	args->vals = calloc((size_t)argc + 1, sizeof(*args->vals));
	args->n = 0;
	if (!args->vals)
		return err_set(&cli->err, ENOMEM, "out of memory");
	for (i = 0; i < argc; i++) {
		k = find_key(cmd->keys, args, argv[i]);
		if (!k)
			return unknown_word(cli, cmd->keys, args, argv[i]);
		if (given(args, k) && !(k->flags & CLI_REPEAT))
			return cli_bad(cli, "\"%s\" is given twice", k->name);
		if (k->type != CLI_FLAG && !(k->flags & CLI_POSITIONAL) && ++i == argc)
			return cli_bad(cli, "\"%s\" lacks its value, expected %s", k->name,
				       k->meta ? k->meta : "one");
		v = &args->vals[args->n++];
		v->key = k;
		v->str = argv[i];
		ret = parse_value(cli, v);
		if (ret)
			return ret;
	}
	for (k = cmd->keys; k && k->name; k++)
		if ((k->flags & CLI_REQUIRED) && !given(args, k))
			return cli_bad(cli, "\"%s\" is missing: %s", k->flags & CLI_POSITIONAL ?
				       k->meta : k->name, k->help);
	return 0;
}

void cli_args_free(struct cli_args *args)
{
	size_t i;

	for (i = 0; i < args->n; i++)
		buf_free(&args->vals[i].data);
	free(args->vals);
	args->vals = NULL;
	args->n = 0;
}
