// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake identity: private keys of this machine's identities; their octets are never shown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/cli.h"
#include "ibe/identity.h"
#include "kms/kms.h"
#include "kms/store.h"

struct stores {
	struct kms_params_store *params;
	struct kms_keystore *keys;
};

static int stores_open(const char *dir, struct stores *s, struct err *e)
{
	int ret;

	ret = kms_params_open(dir, &s->params, e);
	if (ret)
		return ret;
	ret = kms_keystore_open(dir, s->params, &s->keys, e);
	if (ret)
		kms_params_close(s->params);
	return ret;
}

static void stores_close(struct stores *s)
{
	kms_keystore_close(s->keys);
	kms_params_close(s->params);
}

static int show_one(const struct kms_key_range *r, void *arg)
{
	struct out *o = arg;

	out_obj_begin(o, "identity");
	out_str(o, "uri", r->uri);
	out_str(o, "district", r->district);
	out_u64(o, "serial", r->serial);
	out_line(o);
	out_u64(o, "keys", r->keys);
	if (r->keys) {
		out_time(o, "from", r->first);
		out_time(o, "until", r->last);
		out_bool(o, "complete", !r->holes);
	}
	if (r->damaged)
		out_u64(o, "damaged", r->damaged);
	out_obj_end(o);
	return 0;
}

/* What a running daemon holds, configured identities without a key included. */
static int show_daemon(struct cli *cli)
{
	struct out *o = cli->out;
	json_t *answer, *id, *r;
	size_t i, k;
	int ret;

	ret = ask(cli, json_pack("{s:s}", "command", "identity-show"), NULL, &answer);
	if (ret)
		return ret;
	out_list_begin(o, NULL);
	json_array_foreach(json_object_get(answer, "identities"), i, id) {
		out_obj_begin(o, "identity");
		out_str(o, "uri", json_string_value(json_object_get(id, "uri")));
		out_u64(o, "keys", (uint64_t)json_integer_value(json_object_get(id, "keys")));
		out_str(o, "kms", json_string_value(json_object_get(id, "kms")));
		out_list_begin(o, "ranges");
		json_array_foreach(json_object_get(id, "ranges"), k, r) {
			out_obj_begin(o, "range");
			out_str(o, "district", json_string_value(json_object_get(r, "district")));
			out_u64(o, "serial", (uint64_t)json_integer_value(json_object_get(r, "serial")));
			out_u64(o, "keys", (uint64_t)json_integer_value(json_object_get(r, "keys")));
			out_time(o, "from", json_integer_value(json_object_get(r, "from")));
			out_time(o, "until", json_integer_value(json_object_get(r, "until")));
			out_bool(o, "complete", json_is_false(json_object_get(r, "holes")));
			out_u64(o, "damaged", (uint64_t)json_integer_value(json_object_get(r, "damaged")));
			out_obj_end(o);
		}
		out_list_end(o);
		out_obj_end(o);
	}
	out_list_end(o);
	json_decref(answer);
	return 0;
}

static int show(struct cli *cli, const struct cli_args *args)
{
	const char *dir = cli_str(args, "dir", KMS_DIR_DEFAULT);
	struct stores s;
	int ret;

	/* The daemon knows its folders; without one, the usual folder or the one given. */
	if (!cli_has(args, "dir") && !access(cli->socket, F_OK))
		return show_daemon(cli);
	if (access(dir, F_OK))
		return err_set(&cli->err, errno, "cannot open %s: %m", dir);
	ret = stores_open(dir, &s, &cli->err);
	if (ret)
		return ret;
	out_list_begin(cli->out, NULL);
	ret = kms_keystore_each(s.keys, show_one, cli->out, &cli->err);
	out_list_end(cli->out);
	stores_close(&s);
	return ret;
}

/* Normal forms of all "uri" words, NUL-ended, one after another in @text. */
static int normal_uris(struct cli *cli, const struct cli_args *args, struct buf *text,
		       const char **uris, size_t *n)
{
	size_t off[KMS_USER_URIS_MAX];
	const struct cli_val *v;
	int ret;

	for (*n = 0; (v = cli_get_nth(args, "uri", *n)); ++*n) {
		if (*n == KMS_USER_URIS_MAX)
			return cli_bad(cli, "at most %u times uri", KMS_USER_URIS_MAX);
		off[*n] = text->len;
		ret = ibe_uri_normalise(v->str, text, &cli->err);
		if (ret)
			return ret;
		buf_u8(text, 0);
	}
	if (text->failed)
		return err_set(&cli->err, ENOMEM, "out of memory");
	for (size_t i = 0; i < *n; i++)
		uris[i] = (char *)text->data + off[i];
	return 0;
}

static int fetch(struct cli *cli, const struct cli_args *args)
{
	const char *uris[KMS_USER_URIS_MAX];
	struct buf psk = BUF_INIT, text = BUF_INIT;
	struct kms_fetch f = {
		.url = cli_str(args, "url", NULL),
		.ca_file = cli_str(args, "ca-file", NULL),
		.district = cli_str(args, "district", NULL),
		.user = cli_str(args, "user", NULL),
		.uris = uris,
		.prf = (uint8_t)cli_num(args, "prf", 1),
	};
	unsigned int n_keys = 0;
	struct stores s;
	int ret;

	if (cli_has(args, "days"))
		f.to = (int64_t)time(NULL) + (int64_t)cli_num(args, "days", 0) * 86400;
	ret = normal_uris(cli, args, &text, uris, &f.n_uris);
	if (!ret)
		ret = kms_secret_file(cli_str(args, "psk-file", NULL), true, KMS_PSK_MIN,
				      KMS_PSK_MAX, &psk, &cli->err);
	if (!ret)
		ret = stores_open(cli_str(args, "dir", KMS_DIR_DEFAULT), &s, &cli->err);
	if (ret)
		goto out;
	f.psk = psk.data;
	f.psk_len = psk.len;
	ret = kms_fetch(&f, s.params, s.keys, &n_keys, &cli->err);
	if (!ret) {
		out_obj_begin(cli->out, "fetched");
		out_u64(cli->out, "keys", n_keys);
		out_str(cli->out, "district", f.district);
		out_obj_end(cli->out);
	}
	stores_close(&s);
out:
	buf_free(&psk);
	buf_free(&text);
	return ret;
}

static const struct cli_key show_keys[] = {
	{ "dir", CLI_DIR, 0, "DIR", "folder; else the running ibaked is asked, else " KMS_DIR_DEFAULT },
	{ }
};

static const struct cli_key fetch_keys[] = {
	{ "url", CLI_STR, CLI_REQUIRED, "URL", "https://HOST:PORT of the key server" },
	{ "ca-file", CLI_PATH, CLI_REQUIRED, "FILE", "certificate that vouches for it, PEM" },
	{ "district", CLI_STR, CLI_REQUIRED, "NAME", "district of the key server" },
	{ "user", CLI_STR, CLI_REQUIRED, "NAME", "name of the account" },
	{ "psk-file", CLI_PATH, CLI_REQUIRED, "FILE", "pre-shared key, as for \"kms add-user\"" },
	{ "uri", CLI_STR, CLI_REQUIRED | CLI_REPEAT, "URI", "identity to ask keys for" },
	{ "days", CLI_NUM, 0, "DAYS", "no more than these days from now", .min = 1, .max = 366 },
	{ "prf", CLI_NUM, 0, "N", "MIKEY PRF function: 1 (SHA-256) or 0 (SHA-1)", .max = 1 },
	{ "dir", CLI_DIR, 0, "DIR", "folder, " KMS_DIR_DEFAULT " if not given" },
	{ }
};

static const struct cli_cmd cmds[] = {
	{ "show", show, show_keys, "print for whom and when private keys are there",
	  CLI_SECRETS },
	{ "fetch", fetch, fetch_keys, "ask a key server for private keys", CLI_SECRETS },
	{ }
};

CLI_OBJECT(identity, "identities and their private keys", cmds);
