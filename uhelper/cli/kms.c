// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake kms: the state of a key server, on the machine that runs it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "kms/kms.h"
#include "kms/store.h"
#include "kms/tls.h"

#define ADDRESSES_MAX 16u
#define TLS_DAYS 3650u

static bool progress(void *arg, const char *phase, unsigned long tried)
{
	fprintf(stderr, "\rgenerating parameters: %s, %lu tried ", phase, tried);
	fflush(stderr);
	return true;
}

static int addresses(struct cli *cli, const struct cli_args *args, const char *district,
		     const char **names, size_t *n)
{
	const struct cli_val *v;
	uint8_t addr[16];

	for (*n = 0; (v = cli_get_nth(args, "address", *n)); names[(*n)++] = v->str) {
		if (*n == ADDRESSES_MAX)
			return cli_bad(cli, "at most %u times address", ADDRESSES_MAX);
		/* They become parts of a list: nothing but a name or an address may be in one. */
		if (!kms_district_ok(v->str) && inet_pton(AF_INET, v->str, addr) != 1 &&
		    inet_pton(AF_INET6, v->str, addr) != 1)
			return cli_bad(cli, "\"%s\" is not a host name in lower case or an address",
				       v->str);
	}
	if (!*n)
		names[(*n)++] = district;
	return 0;
}

static void init_report(struct cli *cli, const struct kms_store_setup *s, const char *cert)
{
	struct out *o = cli->out;

	out_obj_begin(o, "kms");
	out_str(o, "district", s->district);
	out_u64(o, "serial", s->serial);
	out_u64(o, "bits", s->bits);
	out_time(o, "valid_until", s->not_after);
	out_line(o);
	out_str(o, "dir", s->dir);
	out_fmt(o, "params", "%s/params.der", s->dir);
	out_str(o, "certificate", cert);
	out_obj_end(o);
}

static int make_tls(const struct kms_store_setup *s, const char *const *names, size_t n,
		    char *cert, size_t size, struct err *e)
{
	char key[4096];

	if (snprintf(cert, size, "%s/tls.crt", s->dir) >= (int)size ||
	    snprintf(key, sizeof(key), "%s/tls.key", s->dir) >= (int)sizeof(key))
		return err_set(e, ENAMETOOLONG, "path too long: %s", s->dir);
	return tls_self_signed(cert, key, names, n, TLS_DAYS, e);
}

static int init(struct cli *cli, const struct cli_args *args)
{
	static const unsigned int levels[] = { 512, 1024, 1536, 3840, 7680 };
	bool meter = isatty(STDERR_FILENO);
	const char *names[ADDRESSES_MAX];
	struct buf pass = BUF_INIT;
	struct kms_store_setup s = {
		.dir = cli_str(args, "dir", NULL),
		.district = cli_str(args, "district", NULL),
		.serial = cli_num(args, "serial", 1),
		.bits = levels[2],
		.granularity = (uint32_t)cli_num(args, "granularity", IBE_GRANULARITY_DEFAULT),
		.not_before = (int64_t)time(NULL),
		.progress = meter ? progress : NULL,
	};
	const struct cli_val *bits = cli_get(args, "bits");
	char cert[4096];
	size_t n_names;
	int ret;

	if (bits)
		s.bits = levels[bits->num];
	s.not_after = s.not_before + (int64_t)cli_num(args, "days", 1096) * 86400;
	if (!kms_district_ok(s.district))
		return cli_bad(cli, "\"%s\" is not a district: a host name in lower case is needed",
			       s.district);
	ret = addresses(cli, args, s.district, names, &n_names);
	if (ret)
		return ret;
	ret = kms_secret_file(cli_str(args, "passphrase-file", NULL), false, KMS_PASS_MIN,
			      KMS_PASS_MAX, &pass, &cli->err);
	if (ret)
		return ret;
	s.pass = pass.data;
	s.pass_len = pass.len;
	ret = kms_store_create(&s, &cli->err);
	if (meter)
		fprintf(stderr, "\r\033[K");
	if (!ret)
		ret = make_tls(&s, names, n_names, cert, sizeof(cert), &cli->err);
	if (!ret)
		init_report(cli, &s, cert);
	buf_free(&pass);
	return ret;
}

static int open_unlocked(const struct cli_args *args, struct kms_store **st, struct err *e)
{
	struct buf pass = BUF_INIT;
	int ret;

	ret = kms_secret_file(cli_str(args, "passphrase-file", NULL), false, KMS_PASS_MIN,
			      KMS_PASS_MAX, &pass, e);
	if (!ret)
		ret = kms_store_open(cli_str(args, "dir", NULL), pass.data, pass.len, st, e);
	buf_free(&pass);
	return ret;
}

/* A typing error in the host would only be seen when a call fails. */
static int check_hosts(struct cli *cli, const struct cli_args *args, const char *district)
{
	const struct cli_val *v;

	if (cli_has(args, "any-host"))
		return 0;
	for (size_t i = 0; (v = cli_get_nth(args, "uri", i)); i++) {
		struct buf norm = BUF_INIT, host = BUF_INIT;
		int ret;

		ret = ibe_uri_normalise(v->str, &norm, &cli->err);
		if (!ret && strncmp((char *)norm.data, "tel:", norm.len < 4 ? norm.len : 4)) {
			ret = ibe_uri_host(norm.data, norm.len, &host, &cli->err);
			if (!ret && (host.len != strlen(district) ||
				     memcmp(host.data, district, host.len)))
				ret = err_set(&cli->err, EINVAL,
					      "%s is not an identity of %s (any-host allows it)",
					      v->str, district);
		}
		buf_free(&norm);
		buf_free(&host);
		if (ret)
			return ret;
	}
	return 0;
}

static int add_user(struct cli *cli, const struct cli_args *args)
{
	unsigned int days = (unsigned int)cli_num(args, "days", 31);
	const char *name = cli_str(args, "name", NULL);
	const char *uris[KMS_USER_URIS_MAX];
	struct kms_store *st = NULL;
	const struct cli_val *v;
	struct buf psk = BUF_INIT;
	size_t n;
	int ret;

	for (n = 0; (v = cli_get_nth(args, "uri", n)); uris[n++] = v->str)
		if (n == KMS_USER_URIS_MAX)
			return cli_bad(cli, "at most %u times uri", KMS_USER_URIS_MAX);
	ret = kms_secret_file(cli_str(args, "psk-file", NULL), true, KMS_PSK_MIN, KMS_PSK_MAX,
			      &psk, &cli->err);
	if (!ret)
		ret = open_unlocked(args, &st, &cli->err);
	if (!ret)
		ret = check_hosts(cli, args, kms_store_sys(st)->district);
	if (!ret)
		ret = kms_store_user_add(st, name, days, psk.data, psk.len, uris, n,
					 (int64_t)time(NULL), &cli->err);
	if (!ret) {
		out_obj_begin(cli->out, "user");
		out_str(cli->out, "name", name);
		out_u64(cli->out, "days", days);
		out_u64(cli->out, "uris_count", n);
		out_obj_end(cli->out);
	}
	kms_store_close(st);
	buf_free(&psk);
	return ret;
}

static int show_user(const struct kms_user *u, const char *const *uris, size_t n, void *arg)
{
	struct out *o = arg;

	out_obj_begin(o, "user");
	out_str(o, "name", u->name);
	out_u64(o, "days", u->days);
	out_u64(o, "issued", u->issued);
	out_u64(o, "requests", u->requests);
	if (u->last)
		out_time(o, "last", u->last);
	out_line(o);
	out_list_begin(o, "uris");
	for (size_t i = 0; i < n; i++)
		out_str(o, NULL, uris[i]);
	out_list_end(o);
	out_obj_end(o);
	return 0;
}

static int status(struct cli *cli, const struct cli_args *args)
{
	const struct ibe_sysparams *sys;
	struct out *o = cli->out;
	struct kms_store *st;
	int ret;

	/* Nothing shown here is secret, so that no passphrase is asked for. */
	ret = kms_store_open(cli_str(args, "dir", NULL), NULL, 0, &st, &cli->err);
	if (ret)
		return ret;
	sys = kms_store_sys(st);
	out_obj_begin(o, "kms");
	out_str(o, "district", sys->district);
	out_u64(o, "serial", sys->serial);
	out_u64(o, "bits", ibe_params_bits(sys->bf));
	out_str(o, "hash", ibe_params_hash(sys->bf));
	out_u64(o, "granularity", sys->granularity);
	out_line(o);
	out_time(o, "valid_from", sys->not_before);
	out_time(o, "valid_until", sys->not_after);
	out_bool(o, "valid", !ibe_sysparams_check_time(sys, (int64_t)time(NULL), NULL));
	out_line(o);
	out_hex(o, "sha256", sys->digest, sizeof(sys->digest));
	out_fmt(o, "params", "%s/params.der", cli_str(args, "dir", NULL));
	out_list_begin(o, "users");
	ret = kms_store_user_each(st, show_user, o, &cli->err);
	out_list_end(o);
	out_obj_end(o);
	kms_store_close(st);
	return ret;
}

static const char *const level_names[] = { "512", "1024", "1536", "3840", "7680", NULL };

#define KEY_DIR { "dir", CLI_DIR, CLI_REQUIRED, "DIR", "folder of the key server's state" }
#define KEY_PASS { "passphrase-file", CLI_PATH, CLI_REQUIRED, "FILE", \
		   "passphrase of the state; only its owner may read it" }

static const struct cli_key status_keys[] = {
	KEY_DIR,
	{ }
};

static const struct cli_key init_keys[] = {
	KEY_DIR,
	{ "district", CLI_STR, CLI_REQUIRED, "NAME", "host name of the identities it serves" },
	KEY_PASS,
	{ "bits", CLI_CHOICE, 0, "BITS", "size of p, 1536 (128-bit security) if not given",
	  .choices = level_names },
	{ "serial", CLI_NUM, 0, "N", "of this parameter set, 1 if not given", .min = 1,
	  .max = INT64_MAX },
	{ "days", CLI_NUM, 0, "DAYS", "validity of the parameters, 1096 if not given", .min = 1,
	  .max = 36500 },
	{ "granularity", CLI_NUM, 0, "SECONDS", "period of a key, a day if not given",
	  .min = IBE_GRANULARITY_MIN, .max = IBE_GRANULARITY_MAX },
	{ "address", CLI_STR, CLI_REPEAT, "HOST",
	  "how clients reach it, for its certificate; the district if not given" },
	{ }
};

static const struct cli_key add_user_keys[] = {
	KEY_DIR,
	KEY_PASS,
	{ "name", CLI_STR, CLI_REQUIRED, "NAME", "name of the account" },
	{ "psk-file", CLI_PATH, CLI_REQUIRED, "FILE",
	  "pre-shared key, 16 to 256 octets as they are, or \"hex:\" and digits" },
	{ "uri", CLI_STR, CLI_REQUIRED | CLI_REPEAT, "URI", "an identity of this user" },
	{ "days", CLI_NUM, 0, "DAYS", "keys for how many days ahead, 31 if not given", .min = 1,
	  .max = KMS_DAYS_MAX },
	{ "any-host", CLI_FLAG, 0, NULL, "allow identities whose host is not the district" },
	{ }
};

static const struct cli_cmd cmds[] = {
	{ "status", status, status_keys, "print parameters and users of a key server" },
	{ "init", init, init_keys, "make a key server's state", CLI_SECRETS },
	{ "add-user", add_user, add_user_keys, "add an account", CLI_SECRETS },
	{ }
};

CLI_OBJECT(kms, "key server of a district", cmds);
