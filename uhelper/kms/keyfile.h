/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_KEYFILE_H
#define IBAKE_KMS_KEYFILE_H

/* One private key in a file: whose it is in clear, the key sealed, both under one tag. */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

#define KEYFILE_MAX 16384u
#define KEYFILE_NAME_MAX 255u

/**
 * struct keyfile - what a file of a key says in clear
 * @uri: whose key, normalised
 * @district: under which parameters
 * @serial: of them
 * @from: start of the period, Unix seconds
 * @to: end of it
 */
struct keyfile {
	char uri[KEYFILE_NAME_MAX + 1];
	char district[KEYFILE_NAME_MAX + 1];
	uint64_t serial;
	int64_t from;
	int64_t to;
};

int keyfile_write(const char *path, const uint8_t *machine_key, const struct keyfile *k,
		  const void *der, size_t len, struct err *e);
/* @der may be NULL: the tag is checked all the same. -EBADMSG where the file is not whole or was
 * sealed under another key; @k is filled as far as it could be read.
 */
int keyfile_read(const char *path, const uint8_t *machine_key, struct keyfile *k,
		 struct buf *der, struct err *e);

#endif
