// SPDX-License-Identifier: GPL-2.0-or-later
/* Accounts of a key server, and whose identity is whose. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "ibe/identity.h"
#include "kms/store_internal.h"

static int uri_add(struct kms_store *st, int64_t user, const char *uri, struct err *e)
{
	struct buf norm = BUF_INIT;
	sqlite3_stmt *q = NULL;
	int ret;

	ret = ibe_uri_normalise(uri, &norm, e);
	if (!ret)
		ret = store_prepare(st->db, "INSERT INTO uris (uri, user) VALUES (?, ?)", &q, e);
	if (ret)
		goto out;
	sqlite3_bind_text(q, 1, (const char *)norm.data, (int)norm.len, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, user);
	ret = sqlite3_step(q);
	if (ret == SQLITE_DONE)
		ret = 0;
	else if (ret == SQLITE_CONSTRAINT)
		ret = err_set(e, EEXIST, "%.*s belongs to a user already", (int)norm.len,
			      (const char *)norm.data);
	else
		ret = store_fail(st->db, e);
out:
	sqlite3_finalize(q);
	buf_free(&norm);
	return ret;
}

/* The name, not the id, is in the sealed key's place: it is known before the row exists. */
static int user_insert(struct kms_store *st, const char *name, unsigned int days,
		       const struct buf *sealed, int64_t now, struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	ret = store_prepare(st->db, "INSERT INTO users (name, days, psk, created) VALUES (?, ?, ?, ?)",
			    &q, e);
	if (ret)
		return ret;
	sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, days);
	sqlite3_bind_blob(q, 3, sealed->data, (int)sealed->len, SQLITE_STATIC);
	sqlite3_bind_int64(q, 4, now);
	ret = sqlite3_step(q);
	if (ret == SQLITE_DONE)
		ret = 0;
	else if (ret == SQLITE_CONSTRAINT)
		ret = err_set(e, EEXIST, "there is a user %s already", name);
	else
		ret = store_fail(st->db, e);
	sqlite3_finalize(q);
	return ret;
}

int kms_store_user_add(struct kms_store *st, const char *name, unsigned int days,
		       const uint8_t *psk, size_t psk_len, const char *const *uris,
		       size_t n_uris, int64_t now, struct err *e)
{
	struct buf sealed = BUF_INIT;
	int64_t id;
	int ret;

	if (!kms_name_ok(name, strlen(name)))
		return err_set(e, EINVAL, "a user's name is 1 to %u letters, digits or one of .-_+",
			       KMS_NAME_MAX);
	if (!days || days > KMS_DAYS_MAX)
		return err_set(e, EINVAL, "a plan has 1 to %u days", KMS_DAYS_MAX);
	if (psk_len < KMS_PSK_MIN || psk_len > KMS_PSK_MAX)
		return err_set(e, EINVAL, "a pre-shared key has %u to %u octets", KMS_PSK_MIN,
			       KMS_PSK_MAX);
	if (!n_uris || n_uris > KMS_USER_URIS_MAX)
		return err_set(e, EINVAL, "a user has 1 to %u URIs", KMS_USER_URIS_MAX);
	ret = store_seal(st, "psk", name, strlen(name), psk, psk_len, &sealed, e);
	if (!ret)
		ret = store_exec(st->db, "BEGIN IMMEDIATE", e);
	if (ret)
		goto out;
	ret = user_insert(st, name, days, &sealed, now, e);
	id = sqlite3_last_insert_rowid(st->db);
	for (size_t i = 0; !ret && i < n_uris; i++)
		ret = uri_add(st, id, uris[i], e);
	if (!ret)
		ret = store_exec(st->db, "COMMIT", e);
	if (ret)
		store_exec(st->db, "ROLLBACK", NULL);
out:
	buf_free(&sealed);
	return ret;
}

#define USER_COLUMNS "u.id, u.name, u.days, u.issued, u.requests, u.last"

static void user_read(sqlite3_stmt *q, struct kms_user *user)
{
	const char *name = (const char *)sqlite3_column_text(q, 1);

	memset(user, 0, sizeof(*user));
	user->id = sqlite3_column_int64(q, 0);
	strncpy(user->name, name ? name : "", KMS_NAME_MAX);
	user->days = (unsigned int)sqlite3_column_int64(q, 2);
	user->issued = (uint64_t)sqlite3_column_int64(q, 3);
	user->requests = (uint64_t)sqlite3_column_int64(q, 4);
	user->last = sqlite3_column_int64(q, 5);
}

int kms_store_user_find(struct kms_store *st, const char *name, const char *uri, size_t uri_len,
			struct kms_user *user, struct buf *psk, struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	if (name)
		ret = store_prepare(st->db, "SELECT " USER_COLUMNS ", u.psk FROM users u WHERE name = ?",
				    &q, e);
	else
		ret = store_prepare(st->db, "SELECT " USER_COLUMNS ", u.psk FROM users u JOIN uris i"
				    " ON i.user = u.id WHERE i.uri = ?", &q, e);
	if (ret)
		return ret;
	if (name)
		sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	else
		sqlite3_bind_text(q, 1, uri, (int)uri_len, SQLITE_STATIC);
	ret = sqlite3_step(q);
	if (ret == SQLITE_ROW) {
		user_read(q, user);
		ret = psk ? store_unseal(st, "psk", user->name, strlen(user->name),
					 sqlite3_column_blob(q, 6),
					 (size_t)sqlite3_column_bytes(q, 6), psk, e) : 0;
	} else if (ret == SQLITE_DONE) {
		ret = err_set(e, ENOENT, "no such user");
	} else {
		ret = store_fail(st->db, e);
	}
	sqlite3_finalize(q);
	return ret;
}

bool kms_store_user_has(struct kms_store *st, int64_t user, const char *uri, size_t uri_len)
{
	sqlite3_stmt *q;
	bool has;

	if (store_prepare(st->db, "SELECT 1 FROM uris WHERE uri = ? AND user = ?", &q, NULL))
		return false;
	sqlite3_bind_text(q, 1, uri, (int)uri_len, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, user);
	has = sqlite3_step(q) == SQLITE_ROW;
	sqlite3_finalize(q);
	return has;
}

static int user_uris(struct kms_store *st, const struct kms_user *user,
		     int (*fn)(const struct kms_user *user, const char *const *uris,
			       size_t n_uris, void *arg),
		     void *arg, struct err *e)
{
	char *uris[KMS_USER_URIS_MAX];
	sqlite3_stmt *q;
	size_t n = 0;
	int ret;

	ret = store_prepare(st->db, "SELECT uri FROM uris WHERE user = ? ORDER BY uri", &q, e);
	if (ret)
		return ret;
	sqlite3_bind_int64(q, 1, user->id);
	while (n < KMS_USER_URIS_MAX && sqlite3_step(q) == SQLITE_ROW) {
		const char *uri = (const char *)sqlite3_column_text(q, 0);

		uris[n] = strdup(uri ? uri : "");
		if (!uris[n]) {
			ret = err_set(e, ENOMEM, "out of memory");
			break;
		}
		n++;
	}
	sqlite3_finalize(q);
	if (!ret)
		ret = fn(user, (const char *const *)uris, n, arg);
	while (n)
		free(uris[--n]);
	return ret;
}

int kms_store_user_each(struct kms_store *st,
			int (*fn)(const struct kms_user *user, const char *const *uris,
				  size_t n_uris, void *arg),
			void *arg, struct err *e)
{
	struct kms_user user;
	sqlite3_stmt *q;
	int ret, step = SQLITE_DONE;

	ret = store_prepare(st->db, "SELECT " USER_COLUMNS " FROM users u ORDER BY u.name", &q, e);
	if (ret)
		return ret;
	while (!ret && (step = sqlite3_step(q)) == SQLITE_ROW) {
		user_read(q, &user);
		ret = user_uris(st, &user, fn, arg, e);
	}
	if (!ret && step != SQLITE_DONE)
		ret = store_fail(st->db, e);
	sqlite3_finalize(q);
	return ret;
}
