/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SELFTESTS_IBE_VECTORS_H
#define SELFTESTS_IBE_VECTORS_H

#include <stdio.h>

#include "ibe/ibe.h"
#include "unit.h"

/* A file of selftests/vectors/ibe, "params" or "master" of a level. */
static inline struct buf ibe_vector(const char *what, unsigned int bits)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/selftests/vectors/ibe/%s-%u.der", TOP_DIR, what, bits);
	if (buf_read_file(&b, path, 8192, &e))
		fail_msg("%s", e.msg);
	return b;
}

static inline struct ibe_params *ibe_vector_params(unsigned int bits)
{
	struct buf b = ibe_vector("params", bits);
	struct ibe_params *p = NULL;
	struct err e = ERR_INIT;

	if (ibe_params_from_der(b.data, b.len, &p, &e))
		fail_msg("%s", e.msg);
	buf_free(&b);
	return p;
}

static inline struct ibe_master *ibe_vector_master(const struct ibe_params *params)
{
	struct buf b = ibe_vector("master", ibe_params_bits(params));
	struct ibe_master *m = NULL;
	struct err e = ERR_INIT;

	if (ibe_master_from_der(params, b.data, b.len, &m, &e))
		fail_msg("%s", e.msg);
	buf_free(&b);
	return m;
}

static inline struct ibe_key *ibe_vector_key(const struct ibe_params *params, const char *id)
{
	struct ibe_master *m = ibe_vector_master(params);
	struct ibe_key *k = NULL;
	struct err e = ERR_INIT;

	if (ibe_extract(params, m, (const uint8_t *)id, strlen(id), &k, &e))
		fail_msg("%s", e.msg);
	ibe_master_free(m);
	return k;
}

#endif
