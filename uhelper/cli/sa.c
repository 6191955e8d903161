// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake sa: security associations and their keys, which go in and are never shown. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cli/kernel.h"

/* Octets of the master salt of every suite there is. */
#define SALT_LEN 14
#define KEY_MAX 64

static const char *const directions[] = { "rx", "tx", NULL };
static const char *const suites[] = {
	"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "NULL_HMAC_SHA1_80",
	"NULL_HMAC_SHA1_32", NULL,
};

static void show_key(struct cli *cli, const struct ksrtp_key_info *k)
{
	struct out *o = cli->out;

	out_obj_begin(o, "key");
	print_mki(o, &k->mki);
	out_bool(o, "active", k->active);
	out_bool(o, "expired", k->expired);
	out_u64(o, "packets", k->packets);
	out_u64(o, "age", k->age);
	out_u64(o, "roc", k->roc);
	if (k->soft_packets)
		out_u64(o, "soft_packets", k->soft_packets);
	if (k->hard_packets)
		out_u64(o, "hard_packets", k->hard_packets);
	if (k->soft_seconds)
		out_u64(o, "soft_seconds", k->soft_seconds);
	if (k->hard_seconds)
		out_u64(o, "hard_seconds", k->hard_seconds);
	out_obj_end(o);
}

static void show_ssrc(struct cli *cli, const struct ksrtp_ssrc_info *s)
{
	struct out *o = cli->out;

	out_obj_begin(o, "ssrc");
	print_ssrc(o, "ssrc", s->ssrc);
	print_mki(o, &s->mki);
	if (s->has_rtp) {
		out_u64(o, "roc", s->roc);
		out_u64(o, "seq", s->seq);
		out_u64(o, "index", s->index);
	} else {
		out_str(o, "roc", NULL);
		out_str(o, "index", NULL);
	}
	if (s->has_rtcp)
		out_u64(o, "rtcp_index", s->rtcp_index);
	else
		out_str(o, "rtcp_index", NULL);
	out_u64(o, "window", s->window);
	out_u64(o, "packets", s->rtp_packets);
	out_u64(o, "rtcp_packets", s->rtcp_packets);
	out_line(o);
	out_u64(o, "drops", s->auth_fail + s->replay + s->too_old + s->other);
	out_u64(o, "auth_fail", s->auth_fail);
	out_u64(o, "replay", s->replay);
	out_u64(o, "too_old", s->too_old);
	out_u64(o, "other", s->other);
	print_reason(o, s->last_reason);
	if (cli->stats) {
		out_u64(o, "octets", s->rtp_octets);
		out_u64(o, "rtcp_octets", s->rtcp_octets);
	}
	out_obj_end(o);
}

static void show_sa(struct cli *cli, const struct ksrtp_sa *sa)
{
	struct out *o = cli->out;
	size_t i;

	out_obj_begin(o, "sa");
	out_u64(o, "id", sa->ref.id);
	out_str(o, "direction", ksrtp_direction_name(sa->direction));
	out_str(o, "suite", ksrtp_suite_name(sa->suite));
	out_u64(o, "window", sa->window);
	out_u64(o, "mki_len", sa->mki_len);
	out_line(o);
	out_u64(o, "generation", sa->ref.generation);
	out_u64(o, "flows", sa->flows);
	out_u64(o, "ssrc_limit", sa->ssrc_limit);
	print_owner(o, &sa->cookie, sa->owned, sa->grace, sa->state, sa->grace_left);
	out_list_begin(o, "keys");
	for (i = 0; i < sa->n_keys; i++)
		show_key(cli, &sa->keys[i]);
	out_list_end(o);
	out_list_begin(o, "ssrcs");
	for (i = 0; i < sa->n_ssrcs; i++)
		show_ssrc(cli, &sa->ssrcs[i]);
	out_list_end(o);
	out_obj_end(o);
}

static uint32_t direction(const struct cli_val *v)
{
	return v->num ? KSRTP_DIRECTION_TX : KSRTP_DIRECTION_RX;
}

static int show(struct cli *cli, const struct cli_args *args)
{
	const struct cli_val *dir = cli_get(args, "direction");
	struct ksrtp_filter filter = { .id = (uint32_t)cli_num(args, "id", 0) };
	struct ksrtp_sa_list list;
	struct ksrtp_nl *nl;
	size_t i;
	int ret;

	if (dir)
		filter.direction = direction(dir);
	get_cookie(args, &filter.cookie);
	ret = ksrtp_nl_open(&nl, &cli->err);
	if (ret)
		return ret;
	ret = ksrtp_sa_dump(nl, &filter, &list, &cli->err);
	if (!ret && filter.id && !list.n)
		ret = err_set(&cli->err, ENOENT, "no sa %u", filter.id);
	if (!ret) {
		out_list_begin(cli->out, NULL);
		for (i = 0; i < list.n; i++)
			show_sa(cli, &list.v[i]);
		out_list_end(cli->out);
	}
	ksrtp_sa_list_free(&list);
	ksrtp_nl_close(nl);
	return ret;
}

static bool is_hex(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isxdigit(p[i]))
			return false;
	return true;
}

/* Master key and master salt, one behind the other as in RFC 4568, in hexadecimal or base64. */
static int read_key(struct cli *cli, const struct cli_val *v, struct buf *key)
{
	const uint8_t *p = v->data.data;
	size_t len = v->data.len;
	struct buf text = BUF_INIT;
	bool good;

	while (len && isspace(p[len - 1]))
		len--;
	if (len && is_hex(p, len)) {
		buf_put(&text, p, len);
		buf_u8(&text, 0);
		good = !text.failed && buf_unhex(key, (const char *)text.data);
		buf_free(&text);
	} else {
		good = len && buf_unbase64(key, (const char *)p, len);
	}
	if (!good)
		return cli_bad(cli, "key %s: expected master key and salt in hexadecimal or base64",
			       v->str);
	if (key->len <= SALT_LEN || key->len > KEY_MAX)
		return cli_bad(cli, "key %s: expected a master key and %d octets of master salt, "
			       "got %zu octets", v->str, SALT_LEN, key->len);
	return 0;
}

/* Adds the key of the command line to an sa, and forgets it. */
static int put_key(struct cli *cli, struct ksrtp_nl *nl, const struct cli_args *args,
		   const struct buf *key, uint32_t id)
{
	struct ksrtp_key_new k = {
		.sa_id = id,
		.key = key->data,
		.key_len = key->len - SALT_LEN,
		.salt = key->data + key->len - SALT_LEN,
		.salt_len = SALT_LEN,
		.active = cli_has(args, "active"),
		.soft_packets = cli_num(args, "soft-packets", 0),
		.hard_packets = cli_num(args, "hard-packets", 0),
		.soft_seconds = (uint32_t)cli_num(args, "soft-seconds", 0),
		.hard_seconds = (uint32_t)cli_num(args, "hard-seconds", 0),
		.roc = (uint32_t)cli_num(args, "roc", 0),
	};

	get_mki(args, &k.mki);
	return ksrtp_key_add(nl, &k, &cli->err);
}

static int add(struct cli *cli, const struct cli_args *args)
{
	const struct cli_val *file = cli_get(args, "key"), *mki = cli_get(args, "mki");
	struct ksrtp_sa_new sa = {
		.id = (uint32_t)cli_num(args, "id", 0),
		.direction = direction(cli_get(args, "direction")),
		.suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 + (uint32_t)cli_num(args, "suite", 0),
		.window = (uint32_t)cli_num(args, "window", 0),
		.mki_len = (uint32_t)cli_num(args, "mki-len", mki ? mki->data.len : 0),
		.ssrc_limit = (uint32_t)cli_num(args, "ssrc-limit", 0),
	};
	struct buf key = BUF_INIT;
	struct ksrtp_ref ref;
	struct ksrtp_nl *nl;
	int ret;

	get_cookie(args, &sa.cookie);
	ret = file ? read_key(cli, file, &key) : 0;
	if (ret)
		goto out_key;
	ret = ksrtp_nl_open(&nl, &cli->err);
	if (ret)
		goto out_key;
	ret = ksrtp_sa_add(nl, &sa, &ref, &cli->err);
	if (!ret && file) {
		ret = put_key(cli, nl, args, &key, ref.id);
		/* Whole or not at all. */
		if (ret)
			ksrtp_sa_del(nl, ref.id, ref.generation, NULL);
	}
	if (!ret) {
		out_obj_begin(cli->out, "sa");
		out_u64(cli->out, "id", ref.id);
		out_u64(cli->out, "generation", ref.generation);
		out_obj_end(cli->out);
	}
	ksrtp_nl_close(nl);
out_key:
	buf_free(&key);
	return ret;
}

static int del(struct cli *cli, const struct cli_args *args)
{
	struct ksrtp_nl *nl;
	int ret = ksrtp_nl_open(&nl, &cli->err);

	if (ret)
		return ret;
	ret = ksrtp_sa_del(nl, (uint32_t)cli_num(args, "id", 0),
			   (uint32_t)cli_num(args, "generation", 0), &cli->err);
	ksrtp_nl_close(nl);
	return ret;
}

static int key_add(struct cli *cli, const struct cli_args *args)
{
	struct buf key = BUF_INIT;
	struct ksrtp_nl *nl;
	int ret = read_key(cli, cli_get(args, "key"), &key);

	if (!ret)
		ret = ksrtp_nl_open(&nl, &cli->err);
	if (!ret) {
		ret = put_key(cli, nl, args, &key, (uint32_t)cli_num(args, "id", 0));
		ksrtp_nl_close(nl);
	}
	buf_free(&key);
	return ret;
}

static int on_key(struct cli *cli, const struct cli_args *args,
		  int (*fn)(struct ksrtp_nl *nl, uint32_t id, const struct ksrtp_mki *mki,
			    struct err *e))
{
	struct ksrtp_mki mki;
	struct ksrtp_nl *nl;
	int ret = ksrtp_nl_open(&nl, &cli->err);

	if (ret)
		return ret;
	get_mki(args, &mki);
	ret = fn(nl, (uint32_t)cli_num(args, "id", 0), &mki, &cli->err);
	ksrtp_nl_close(nl);
	return ret;
}

static int key_del(struct cli *cli, const struct cli_args *args)
{
	return on_key(cli, args, ksrtp_key_del);
}

static int key_activate(struct cli *cli, const struct cli_args *args)
{
	return on_key(cli, args, ksrtp_key_activate);
}

#define ID(flags, help) { "id", CLI_NUM, flags, "N", help, .min = 1, .max = UINT32_MAX }
#define COOKIE(help) { "cookie", CLI_HEX, 0, "HEX", help, .min = 1, .max = KSRTP_COOKIE_MAX }
#define MKI(help) { "mki", CLI_HEX, 0, "HEX", help, .min = 1, .max = KSRTP_MKI_MAX }
#define U32(name, help) { name, CLI_NUM, 0, "N", help, .min = 1, .max = UINT32_MAX }
#define LIMITS \
	{ "soft-packets", CLI_NUM, 0, "N", "send the event key-soft after so many packets", \
	  .min = 1 }, \
	{ "hard-packets", CLI_NUM, 0, "N", "use the key no longer after so many packets", \
	  .min = 1 }, \
	U32("soft-seconds", "send the event key-soft after so many seconds"), \
	U32("hard-seconds", "wipe the key after so many seconds"), \
	U32("roc", "roll-over counter that new SSRCs start with")

static const struct cli_key show_keys[] = {
	ID(0, "only this one"),
	{ "direction", CLI_CHOICE, 0, "WAY", "only those that receive or transmit",
	  .choices = directions },
	COOKIE("only those of this owner's cookie"),
	{ NULL },
};

static const struct cli_key add_keys[] = {
	{ "direction", CLI_CHOICE, CLI_REQUIRED, "WAY", "receive or transmit",
	  .choices = directions },
	{ "suite", CLI_CHOICE, 0, "SUITE", "crypto suite, by default the first",
	  .choices = suites },
	ID(0, "its number; left out, the kernel picks one"),
	{ "window", CLI_NUM, 0, "N", "packets of the replay window, a multiple of 64", .min = 1,
	  .max = UINT32_MAX },
	{ "mki-len", CLI_NUM, 0, "N", "octets of the MKI in each packet, by default those of mki",
	  .max = UINT32_MAX },
	U32("ssrc-limit", "SSRCs a key keeps state for"),
	COOKIE("octets that dumps and events show"),
	{ "key", CLI_FILE, 0, "FILE",
	  "file with master key and salt in hex or base64, - for stdin" },
	MKI("MKI of the key"),
	LIMITS,
	{ NULL },
};

static const struct cli_key del_keys[] = {
	ID(CLI_REQUIRED, "which"),
	{ "generation", CLI_NUM, 0, "N", "only if it is still this one", .min = 1,
	  .max = UINT32_MAX },
	{ NULL },
};

static const struct cli_key key_add_keys[] = {
	ID(CLI_REQUIRED, "the sa"),
	{ "key", CLI_FILE, CLI_REQUIRED, "FILE",
	  "file with master key and salt in hex or base64, - for stdin" },
	MKI("MKI of the key"),
	{ "active", CLI_FLAG, 0, NULL, "transmit with it at once" },
	LIMITS,
	{ NULL },
};

static const struct cli_key key_keys[] = {
	ID(CLI_REQUIRED, "the sa"),
	MKI("MKI of the key, where the sa has MKIs"),
	{ NULL },
};

static const struct cli_cmd cmds[] = {
	{ "show", show, show_keys, "print them, with keys by MKI and the state of each SSRC" },
	{ "add", add, add_keys, "make one, with its first key if a file is given", CLI_SECRETS },
	{ "del", del, del_keys, "delete one that no flow uses, and wipe its keys" },
	{ "key-add", key_add, key_add_keys, "add a key", CLI_SECRETS },
	{ "key-del", key_del, key_keys, "remove a key and wipe it" },
	{ "key-activate", key_activate, key_keys, "transmit with this key from now on" },
	{ NULL },
};

CLI_OBJECT(sa, "security associations in the kernel", cmds)
