// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DER of RFC 5091. The first octet chooses what the rest is: parameters, master secret, private
 * key or ciphertext, the last three of the checked-in 512-bit parameters. What is accepted must
 * encode to the same octets.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "ibe/ibe.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct ibe_params *params;
static struct ibe_key *key;

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void load(struct buf *b, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/selftests/vectors/ibe/%s", TOP_DIR, name);
	check(!buf_read_file(b, path, 8192, NULL), path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct ibe_master *master = NULL;
	struct buf b = BUF_INIT;

	load(&b, "params-512.der");
	check(!ibe_params_from_der(b.data, b.len, &params, NULL), "params");
	buf_reset(&b);
	load(&b, "master-512.der");
	check(!ibe_master_from_der(params, b.data, b.len, &master, NULL), "master");
	check(!ibe_extract(params, master, (const uint8_t *)"alice", 5, &key, NULL), "extract");
	ibe_master_free(master);
	buf_free(&b);
	return 0;
}

static void same(const struct buf *b, const uint8_t *data, size_t len)
{
	check(b->len == len && !memcmp(b->data, data, len), "accepted, but encodes otherwise");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ibe_master *m = NULL;
	struct ibe_params *p = NULL;
	struct ibe_key *k = NULL;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int ret;

	if (!len)
		return 0;
	data++;
	len--;
	switch (data[-1] % 4) {
	case 0:
		ret = ibe_params_from_der(data, len, &p, &e);
		if (!ret && !ibe_params_to_der(p, &b))
			same(&b, data, len);
		ibe_params_put(p);
		break;
	case 1:
		ret = ibe_master_from_der(params, data, len, &m, &e);
		if (!ret && !ibe_master_to_der(m, &b))
			same(&b, data, len);
		ibe_master_free(m);
		break;
	case 2:
		ret = ibe_key_from_der(params, data, len, &k, &e);
		if (!ret && !ibe_key_to_der(k, &b))
			same(&b, data, len);
		ibe_key_free(k);
		break;
	default:
		ret = ibe_decrypt(params, key, data, len, &b, &e);
		check(!ret || ret == -EBADMSG, "another refusal than EBADMSG");
		check(!ret || !b.len, "octets although refused");
	}
	check(!ret == !e.msg[0], "a refusal without a sentence, or the reverse");
	buf_free(&b);
	return 0;
}
