// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake-kmsd: the key server of a district. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"
#include "kms/config.h"
#include "kms/kms.h"
#include "kms/server.h"
#include "kms/store.h"
#include "kms/tls.h"

static const char usage[] =
	"Usage: ibake-kmsd -c FILE\n"
	"       ibake-kmsd -h\n"
	"\n"
	"Key server of a district: answers key requests (RFC 6267 4.2.1) and publishes the\n"
	"district's parameters (RFC 5408 4.1) over HTTPS. \"ibake kms init\" makes its state.\n"
	"\n"
	"  -c, --config FILE   configuration, see ibake-kmsd(8)\n"
	"  -t, --test          check configuration, state, passphrase and TLS files, then end\n"
	"  -h, --help          this text\n";

static int serve(const struct kmsd_config *c, bool test, struct err *e)
{
	struct kms_store *st = NULL;
	struct buf pass = BUF_INIT;
	SSL_CTX *tls;
	int ret;

	ret = kms_secret_file(c->passphrase_file, false, KMS_PASS_MIN, KMS_PASS_MAX, &pass, e);
	if (!ret)
		ret = kms_store_open(c->dir, pass.data, pass.len, &st, e);
	buf_free(&pass);
	if (!ret && test) {
		ret = tls_server(c->tls_cert, c->tls_key, &tls, e);
		if (!ret)
			SSL_CTX_free(tls);
	} else if (!ret) {
		ret = kms_server_run(c, st, e);
	}
	kms_store_close(st);
	return ret;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *config = NULL;
	struct err e = ERR_INIT;
	struct kmsd_config c;
	bool test = false;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "c:th", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			config = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 1;
		}
	}
	if (!config || optind != argc) {
		fputs(usage, stderr);
		return 1;
	}
	umask(077);
	ret = secret_process_init(&e);
	if (!ret)
		ret = kmsd_config_read(config, &c, &e);
	if (!ret) {
		log_level(c.log_level);
		ret = serve(&c, test, &e);
		kmsd_config_free(&c);
	}
	if (ret)
		log_error("%s", e.msg);
	return ret ? 2 : 0;
}
