// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake params: public parameters of the districts that this machine talks to. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "ibe/ibe.h"
#include "ibe/sysparams.h"
#include "kms/kms.h"

static void print(struct out *o, const struct ibe_sysparams *sys, const char *path)
{
	out_obj_begin(o, "params");
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
	if (path)
		out_str(o, "file", path);
	out_obj_end(o);
}

struct show {
	struct out *out;
	const char *district;
};

static int show_one(const struct ibe_sysparams *sys, const char *path, void *arg)
{
	struct show *s = arg;

	if (!s->district || !strcmp(s->district, sys->district))
		print(s->out, sys, path);
	return 0;
}

static int show(struct cli *cli, const struct cli_args *args)
{
	const char *dir = cli_str(args, "dir", KMS_DIR_DEFAULT);
	struct show s = { cli->out, cli_str(args, "district", NULL) };
	struct kms_params_store *store;
	int ret;

	/* Looking must not create anything. */
	if (access(dir, F_OK))
		return err_set(&cli->err, errno, "cannot open %s: %m", dir);
	ret = kms_params_open(dir, &store, &cli->err);
	if (ret)
		return ret;
	out_list_begin(cli->out, NULL);
	ret = kms_params_each(store, show_one, &s);
	out_list_end(cli->out);
	kms_params_close(store);
	return ret;
}

static int import(struct cli *cli, const struct cli_args *args)
{
	const struct cli_val *file = cli_get(args, "file");
	struct kms_params_store *store;
	struct ibe_sysparams *sys = NULL;
	int ret;

	ret = kms_params_open(cli_str(args, "dir", KMS_DIR_DEFAULT), &store, &cli->err);
	if (ret)
		return ret;
	ret = kms_params_import(store, file->data.data, file->data.len, &sys, &cli->err);
	if (!ret)
		print(cli->out, sys, NULL);
	ibe_sysparams_put(sys);
	kms_params_close(store);
	return ret;
}

static const struct cli_key show_keys[] = {
	{ "dir", CLI_DIR, 0, "DIR", "folder, " KMS_DIR_DEFAULT " if not given" },
	{ "district", CLI_STR, 0, "NAME", "only of this district" },
	{ }
};

static const struct cli_key import_keys[] = {
	{ "file", CLI_FILE, CLI_REQUIRED | CLI_POSITIONAL, "FILE",
	  "IBESysParams (RFC 5408), DER or base64" },
	{ "dir", CLI_DIR, 0, "DIR", "folder, " KMS_DIR_DEFAULT " if not given" },
	{ }
};

static const struct cli_cmd cmds[] = {
	{ "show", show, show_keys, "print the parameters that are known" },
	{ "import", import, import_keys, "check a parameter set and keep it" },
	{ }
};

CLI_OBJECT(params, "public parameters of districts", cmds);
