// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake ibe: the Boneh-Franklin scheme by itself, on files. Identity files count as they are. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "ibe/ibe.h"

static int refuse(struct cli *cli, const char *what)
{
	err_add(&cli->err, "%s", what);
	return -cli->err.code;
}

static const struct buf *file(const struct cli_args *args, const char *name)
{
	return &cli_get(args, name)->data;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* "-" is standard output; a file appears whole or not at all. */
static int put_file(struct cli *cli, const char *path, const struct buf *b, unsigned int mode)
{
	int ret;

	if (strcmp(path, "-"))
		return buf_write_file(path, b->data, b->len, mode, &cli->err);
	ret = write_all(STDOUT_FILENO, b->data, b->len);
	return ret ? err_set(&cli->err, -ret, "standard output: %s", strerror(-ret)) : 0;
}

static int read_params(struct cli *cli, const struct cli_args *args, struct ibe_params **params)
{
	const struct buf *b = file(args, "params");

	if (ibe_params_from_der(b->data, b->len, params, &cli->err))
		return refuse(cli, "params");
	return 0;
}

/* A line that is written over and over, on a terminal only. */
static bool progress(void *arg, const char *phase, unsigned long tried)
{
	fprintf(stderr, "\rlooking for %-6s %lu", phase, tried);
	return true;
}

static int setup(struct cli *cli, const struct cli_args *args)
{
	const char *to = cli_str(args, "master", "");
	bool tty = isatty(STDERR_FILENO);
	struct ibe_params *params = NULL;
	struct ibe_master *master = NULL;
	struct buf b = BUF_INIT;
	int ret;

	/* Every key of the old one would be lost with it. */
	if (strcmp(to, "-") && !access(to, F_OK))
		return err_set(&cli->err, EEXIST, "%s exists, and a master secret is not replaced",
			       to);
	ret = ibe_setup((unsigned int)cli_num(args, "bits", 0), tty ? progress : NULL, NULL,
			&params, &master, &cli->err);
	if (tty)
		fprintf(stderr, "\r\033[K");
	if (ret)
		return ret;
	/* The secret first: parameters without their master secret are of no use to anybody. */
	if (ibe_master_to_der(master, &b))
		ret = err_set(&cli->err, ENOMEM, "out of memory");
	if (!ret)
		ret = put_file(cli, to, &b, 0600);
	buf_reset(&b);
	if (!ret && ibe_params_to_der(params, &b))
		ret = err_set(&cli->err, ENOMEM, "out of memory");
	if (!ret)
		ret = put_file(cli, cli_str(args, "params", ""), &b, 0644);
	buf_free(&b);
	ibe_master_free(master);
	ibe_params_put(params);
	return ret;
}

static int extract(struct cli *cli, const struct cli_args *args)
{
	const struct buf *m = file(args, "master"), *id = file(args, "id");
	struct ibe_params *params = NULL;
	struct ibe_master *master = NULL;
	struct ibe_key *key = NULL;
	struct buf b = BUF_INIT;
	int ret;

	ret = read_params(cli, args, &params);
	if (ret)
		return ret;
	ret = ibe_master_from_der(params, m->data, m->len, &master, &cli->err);
	if (ret) {
		ret = refuse(cli, "master");
		goto out;
	}
	ret = ibe_extract(params, master, id->data, id->len, &key, &cli->err);
	if (ret) {
		ret = refuse(cli, "id");
		goto out;
	}
	if (ibe_key_to_der(key, &b))
		ret = err_set(&cli->err, ENOMEM, "out of memory");
	else
		ret = put_file(cli, cli_str(args, "out", ""), &b, 0600);
out:
	buf_free(&b);
	ibe_key_free(key);
	ibe_master_free(master);
	ibe_params_put(params);
	return ret;
}

static int encrypt(struct cli *cli, const struct cli_args *args)
{
	const struct buf *id = file(args, "id"), *in = file(args, "in");
	struct ibe_params *params = NULL;
	struct buf b = BUF_INIT;
	int ret;

	ret = read_params(cli, args, &params);
	if (ret)
		return ret;
	ret = ibe_encrypt(params, id->data, id->len, in->data, in->len, &b, &cli->err);
	if (!ret)
		ret = put_file(cli, cli_str(args, "out", ""), &b, 0644);
	buf_free(&b);
	ibe_params_put(params);
	return ret;
}

/* Reads the key of "key" and checks what can be checked without its identity. */
static int read_key(struct cli *cli, const struct cli_args *args, const struct ibe_params *params,
		    struct ibe_key **key)
{
	const struct buf *b = file(args, "key");

	if (ibe_key_from_der(params, b->data, b->len, key, &cli->err))
		return refuse(cli, "key");
	return 0;
}

static int decrypt(struct cli *cli, const struct cli_args *args)
{
	const struct buf *in = file(args, "in");
	struct ibe_params *params = NULL;
	struct ibe_key *key = NULL;
	struct buf b = BUF_INIT;
	int ret;

	ret = read_params(cli, args, &params);
	if (!ret)
		ret = read_key(cli, args, params, &key);
	if (!ret)
		ret = ibe_decrypt(params, key, in->data, in->len, &b, &cli->err);
	if (!ret)
		ret = put_file(cli, cli_str(args, "out", ""), &b, 0600);
	buf_free(&b);
	ibe_key_free(key);
	ibe_params_put(params);
	return ret;
}

static int verify(struct cli *cli, const struct cli_args *args)
{
	const struct buf *id = file(args, "id");
	struct ibe_params *params = NULL;
	struct ibe_key *key = NULL;
	int ret;

	ret = read_params(cli, args, &params);
	if (!ret)
		ret = read_key(cli, args, params, &key);
	if (!ret)
		ret = ibe_key_verify(params, id->data, id->len, key, &cli->err);
	ibe_key_free(key);
	ibe_params_put(params);
	return ret;
}

#define PARAMS_KEY { "params", CLI_FILE, CLI_REQUIRED, "FILE", "public parameters" }
#define ID_KEY { "id", CLI_FILE, CLI_REQUIRED, "FILE", "file that holds the identity's octets" }
#define KEY_KEY { "key", CLI_FILE, CLI_REQUIRED, "FILE", "private key" }

static const struct cli_key setup_keys[] = {
	{ "bits", CLI_NUM, CLI_REQUIRED, "N", "size of p: 512, 1024, 1536, 3840 or 7680",
	  .min = 1, .max = 65536 },
	{ "params", CLI_PATH, CLI_REQUIRED, "FILE", "where the public parameters go" },
	{ "master", CLI_PATH, CLI_REQUIRED, "FILE", "where the master secret goes" },
	{ }
};

static const struct cli_key extract_keys[] = {
	PARAMS_KEY,
	{ "master", CLI_FILE, CLI_REQUIRED, "FILE", "master secret" },
	ID_KEY,
	{ "out", CLI_PATH, CLI_REQUIRED, "FILE", "where the private key goes" },
	{ }
};

static const struct cli_key encrypt_keys[] = {
	PARAMS_KEY,
	ID_KEY,
	{ "in", CLI_FILE, CLI_REQUIRED, "FILE", "plaintext" },
	{ "out", CLI_PATH, CLI_REQUIRED, "FILE", "where the ciphertext goes" },
	{ }
};

static const struct cli_key decrypt_keys[] = {
	PARAMS_KEY,
	KEY_KEY,
	{ "in", CLI_FILE, CLI_REQUIRED, "FILE", "ciphertext" },
	{ "out", CLI_PATH, CLI_REQUIRED, "FILE", "where the plaintext goes" },
	{ }
};

static const struct cli_key verify_keys[] = { PARAMS_KEY, ID_KEY, KEY_KEY, { } };

static const struct cli_cmd cmds[] = {
	{ "setup", setup, setup_keys, "new parameters and their master secret", CLI_SECRETS },
	{ "extract", extract, extract_keys, "private key of an identity", CLI_SECRETS },
	{ "encrypt", encrypt, encrypt_keys, "encrypt a file for an identity", CLI_SECRETS },
	{ "decrypt", decrypt, decrypt_keys, "decrypt a file with a private key", CLI_SECRETS },
	{ "verify", verify, verify_keys, "whether a private key is an identity's", CLI_SECRETS },
	{ }
};

CLI_OBJECT(ibe, "identity-based encryption of files (RFC 5091)", cmds);
