// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MIKEY messages, sub-payload chains, policies, and `ibake msg decode` on top of them.
 *
 * What parses is written again: the copy parses too, and writing that once more changes nothing
 * (the first copy may differ from the input in reserved bits, which readers ignore).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mikey/mikey.h"

/* The command's own code is no part of the library. */
#include "../../uhelper/cli/output.c"
#include "../../uhelper/cli/msg_show.c"
#include "../../uhelper/cli/msg_der.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	/* libFuzzer reports on standard error. */
	if (!freopen("/dev/null", "w", stdout))
		abort();
	return 0;
}

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void write_msg(const struct mikey_msg *m, struct buf *b)
{
	struct mikey_writer w;

	mikey_write_msg(&w, b, &m->hdr, NULL, 0);
	for (unsigned int i = 0; i < m->chain.n; i++)
		mikey_put(&w, &m->chain.p[i]);
	check(mikey_write_end(&w, NULL) == 0);
}

static void write_chain(const struct mikey_chain *c, struct buf *b)
{
	struct mikey_writer w;

	mikey_write_chain(&w, b);
	for (unsigned int i = 0; i < c->n; i++)
		mikey_put(&w, &c->p[i]);
	check(mikey_write_end(&w, NULL) == 0);
}

static void verify(const struct mikey_msg *m)
{
	static const uint8_t key[32];
	struct mikey_oct id = { key, 5 };
	struct mikey_guard g = { .encr_alg = MIKEY_ENCR_AES_CM_128, .encr_len = 16 };
	struct buf b = BUF_INIT;

	/* An HMAC under a key of zeros: nobody finds one by chance. */
	check(mikey_v_check(m, key, mikey_v_alg(m->hdr.prf) == MIKEY_MAC_HMAC_SHA_1_160 ? 20 : 32,
			    &id, 1, NULL) != 0);
	mikey_sign_input(m, &id, 1, &b, NULL);
	mikey_kemac_open(&g, m, &b, NULL);
	buf_free(&b);
}

static void message(const uint8_t *data, size_t size)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct err e = ERR_INIT;
	struct out *o = out_new(OUT_JSON);
	struct mikey_msg m, again;
	struct mikey_cs cs;

	out_list_begin(o, NULL);
	msg_show(o, data, size, true, NULL);
	out_list_end(o);
	out_free(o);
	o = out_new(0);
	out_list_begin(o, NULL);
	msg_show(o, data, size, false, NULL);
	out_list_end(o);
	out_free(o);

	if (mikey_parse(data, size, &m, &e)) {
		check(e.code && e.msg[0]);
		return;
	}
	for (unsigned int i = 0; i < m.hdr.n_cs; i++)
		check(mikey_cs_get(&m.hdr, i, &cs) || m.hdr.map_type == MIKEY_MAP_EMPTY);
	for (unsigned int i = 0; i < m.chain.n; i++) {
		struct mikey_srtp_policy p;

		if (m.chain.p[i].type == MIKEY_SP)
			mikey_srtp_policy_get(&m.chain.p[i], &p, NULL);
	}
	verify(&m);
	write_msg(&m, &one);
	check(one.len == size);
	check(mikey_parse(one.data, one.len, &again, NULL) == 0);
	write_msg(&again, &two);
	check(one.len == two.len && !memcmp(one.data, two.data, one.len));
	buf_free(&one);
	buf_free(&two);
}

static void chain(uint8_t first, const uint8_t *data, size_t size)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct mikey_chain c, again;
	struct mikey_payload p;
	struct mikey_iter it;
	size_t used = 0;
	int ret;

	mikey_chain_begin(&it, first, data, size);
	while ((ret = mikey_chain_next(&it, &p, NULL)) > 0) {
		check(p.len > 0 && p.off == used);
		used += p.len;
	}
	check(ret || used == size);
	if (mikey_parse_chain(first, data, size, &c, NULL))
		return;
	check(ret == 0);
	write_chain(&c, &one);
	check(mikey_parse_chain(first, one.data, one.len, &again, NULL) == 0);
	write_chain(&again, &two);
	check(one.len == two.len && (!one.len || !memcmp(one.data, two.data, one.len)));
	buf_free(&one);
	buf_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A message begins with its version; a chain with what no octet of it says, its type. */
	if (size && data[0] != MIKEY_VERSION)
		chain(data[0] & 31, data + 1, size - 1);
	else
		message(data, size);
	return 0;
}
