// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake msg: MIKEY messages in whatever form they are at hand. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/msg_show.h"
#include "mikey/mikey.h"

/* RFC 4567 3.1 and 3.2: the SDP attribute, and RTSP's KeyMgmt header. */
#define SDP "key-mgmt:mikey"
#define RTSP "prot=mikey"
#define MESSAGES_MAX 64 /* attributes of one session description */

/* Looks for @word in @p, which is no string. */
static const char *find(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);

	for (; (size_t)(end - p) >= len; p++)
		if (!memcmp(p, word, len))
			return p;
	return NULL;
}

/* The end of an attribute's value: its line, and lines after it that begin with white space, which
 * is how documents fold it.
 */
static const char *value_end(const char *p, const char *end)
{
	for (; p < end; p++)
		if (*p == '\n' && (p + 1 == end || (p[1] != ' ' && p[1] != '\t')))
			return p;
	return end;
}

/**
 * struct found - messages taken out of the input, before anything is printed
 */
struct found {
	struct buf msg[MESSAGES_MAX];
	unsigned int n;
};

static int add_base64(struct found *f, const char *p, const char *end, const char *what,
		      struct err *e)
{
	if (f->n == MESSAGES_MAX)
		return err_set(e, E2BIG, "more than %d messages", MESSAGES_MAX);
	if (!buf_unbase64(&f->msg[f->n], p, (size_t)(end - p)) || !f->msg[f->n].len)
		return err_set(e, EINVAL, "%s is not base64", what);
	f->n++;
	return 0;
}

/* Every attribute of an SDP text, or every KeyMgmt header of an RTSP message. */
static int add_attributes(struct found *f, const char *p, const char *end, struct err *e)
{
	const char *at, *to;
	int ret = 0;

	for (at = p; !ret && (at = find(at, end, SDP)); at = to) {
		at += strlen(SDP);
		to = value_end(at, end);
		ret = add_base64(f, at, to, "the value of a=key-mgmt:mikey", e);
	}
	for (at = p; !ret && (at = find(at, end, RTSP)); at = to) {
		at = find(at, end, "data=\"");
		to = at ? find(at + 6, end, "\"") : NULL;
		if (!to)
			return err_set(e, EINVAL, "KeyMgmt header has no data=\"...\"");
		ret = add_base64(f, at + 6, to, "data of KeyMgmt", e);
	}
	return ret;
}

/* Hexadecimal in digits and white space alone; a message in base64 begins with A, in hex with 0. */
static bool from_hex(struct buf *out, const char *p, const char *end)
{
	struct buf digits = BUF_INIT;
	bool ok;

	for (; p < end; p++)
		if (!isspace((unsigned char)*p))
			buf_u8(&digits, (uint8_t)*p);
	buf_u8(&digits, 0);
	ok = !digits.failed && !memchr(digits.data, 0, digits.len - 1) &&
	     buf_unhex(out, (const char *)digits.data);
	buf_free(&digits);
	return ok;
}

static int find_messages(struct found *f, const struct buf *in, struct err *e)
{
	const char *p = (const char *)in->data, *end = p + in->len;
	int ret;

	if (!in->len)
		return err_set(e, EINVAL, "the input is empty");
	/* No text form contains an octet 1, and every message begins with it: version 1. */
	if (*p == MIKEY_VERSION) {
		buf_put(&f->msg[f->n++], in->data, in->len);
		return 0;
	}
	ret = add_attributes(f, p, end, e);
	if (ret || f->n)
		return ret;
	while (p < end && isspace((unsigned char)*p))
		p++;
	if (p < end && *p == '0' && from_hex(&f->msg[0], p, end))
		f->n = 1;
	else if (add_base64(f, p, end, "text", NULL))
		return err_set(e, EINVAL,
			       "neither a MIKEY message (first octet 1) nor base64, hexadecimal or a=key-mgmt:mikey");
	return 0;
}

static int decode(struct cli *cli, const struct cli_args *args)
{
	const struct cli_val *file = cli_get(args, "file");
	struct found f = { .n = 0 };
	int ret, one;

	ret = find_messages(&f, &file->data, &cli->err);
	if (!ret) {
		out_list_begin(cli->out, NULL);
		for (unsigned int i = 0; i < f.n; i++) {
			one = msg_show(cli->out, f.msg[i].data, f.msg[i].len,
				       cli_has(args, "full"), ret ? NULL : &cli->err);
			if (!ret)
				ret = one;
		}
		out_list_end(cli->out);
	}
	for (unsigned int i = 0; i < MESSAGES_MAX; i++)
		buf_free(&f.msg[i]);
	if (ret && strcmp(file->str, "-"))
		err_add(&cli->err, "%s", file->str);
	return ret;
}

static const struct cli_key decode_keys[] = {
	{ "file", CLI_FILE, CLI_REQUIRED | CLI_POSITIONAL, "FILE",
	  "message: binary, base64, hexadecimal, or text with a=key-mgmt:mikey; - for standard input" },
	{ "full", CLI_FLAG, 0, NULL, "all octets of long fields" },
	{ }
};

static const struct cli_cmd cmds[] = {
	{ "decode", decode, decode_keys, "print the fields of MIKEY messages" },
	{ }
};

CLI_OBJECT(msg, "MIKEY messages", cmds)
