/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_STORE_INTERNAL_H
#define IBAKE_KMS_STORE_INTERNAL_H

#include <sqlite3.h>

#include "kms/seal.h"
#include "kms/store.h"

/**
 * struct kms_store - an open state file
 * @db: SQLite
 * @sys: published parameters
 * @master: master secret; NULL while locked
 * @key: store key in the secure heap, SEAL_KEY_LEN octets; NULL while locked
 */
struct kms_store {
	sqlite3 *db;
	struct ibe_sysparams *sys;
	struct ibe_master *master;
	uint8_t *key;
};

/* "kms.db: what SQLite says" into @e. */
int store_fail(sqlite3 *db, struct err *e);
int store_exec(sqlite3 *db, const char *sql, struct err *e);
int store_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt, struct err *e);

/* Seals and opens under the store key; @what and @row name the place in the database. */
int store_seal(struct kms_store *st, const char *what, const void *row, size_t row_len,
	       const void *data, size_t len, struct buf *out, struct err *e);
int store_unseal(struct kms_store *st, const char *what, const void *row, size_t row_len,
		 const void *sealed, size_t len, struct buf *out, struct err *e);

#endif
