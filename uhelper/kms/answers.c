// SPDX-License-Identifier: GPL-2.0-or-later
/* Which key streams were used for what. The requester of keys chooses CSB ID, RAND and T, and
 * they, with its pre-shared key, fix key, salt and IV of the answer: a second answer under the
 * same four would be a two-time pad.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "kms/store_internal.h"

static void bind_once(sqlite3_stmt *q, const struct kms_once *o)
{
	sqlite3_bind_int64(q, 1, o->user);
	sqlite3_bind_int64(q, 2, o->csb_id);
	sqlite3_bind_blob(q, 3, o->rand, (int)o->rand_len, SQLITE_STATIC);
	sqlite3_bind_int64(q, 4, (sqlite3_int64)o->ts);
}

int kms_store_answer_find(struct kms_store *st, const struct kms_once *o, struct buf *out,
			  struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	ret = store_prepare(st->db, "SELECT request, answer FROM answers"
			    " WHERE user = ? AND csb = ? AND rand = ? AND ts = ?", &q, e);
	if (ret)
		return ret;
	bind_once(q, o);
	ret = sqlite3_step(q);
	if (ret == SQLITE_DONE)
		ret = err_set(e, ENOENT, "these values were not used yet");
	else if (ret != SQLITE_ROW)
		ret = store_fail(st->db, e);
	else if (sqlite3_column_bytes(q, 0) != sizeof(o->request) ||
		 memcmp(sqlite3_column_blob(q, 0), o->request, sizeof(o->request)))
		ret = err_set(e, EEXIST, "CSB ID, RAND and T were used for another request");
	else
		ret = store_unseal(st, "answer", o->request, sizeof(o->request),
				   sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1),
				   out, e);
	sqlite3_finalize(q);
	return ret;
}

int kms_store_answer_room(struct kms_store *st, int64_t user, int64_t now, struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	ret = store_prepare(st->db, "SELECT count(*) FROM answers WHERE user = ? AND at >= ?", &q, e);
	if (ret)
		return ret;
	sqlite3_bind_int64(q, 1, user);
	sqlite3_bind_int64(q, 2, now - KMS_KEEP_S);
	if (sqlite3_step(q) != SQLITE_ROW)
		ret = store_fail(st->db, e);
	else if (sqlite3_column_int64(q, 0) >= KMS_ANSWERS_MAX)
		ret = err_set(e, EDQUOT, "%u answers within a day already", KMS_ANSWERS_MAX);
	sqlite3_finalize(q);
	return ret;
}

static int answer_insert(struct kms_store *st, const struct kms_once *o, const struct buf *sealed,
			 int64_t now, struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	ret = store_prepare(st->db, "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", &q, e);
	if (ret)
		return ret;
	bind_once(q, o);
	sqlite3_bind_blob(q, 5, o->request, sizeof(o->request), SQLITE_STATIC);
	sqlite3_bind_blob(q, 6, sealed->data, (int)sealed->len, SQLITE_STATIC);
	sqlite3_bind_int64(q, 7, now);
	ret = sqlite3_step(q);
	if (ret == SQLITE_DONE)
		ret = 0;
	else if (ret == SQLITE_CONSTRAINT)
		ret = err_set(e, EEXIST, "CSB ID, RAND and T were used already");
	else
		ret = store_fail(st->db, e);
	sqlite3_finalize(q);
	return ret;
}

static int charge(struct kms_store *st, int64_t user, unsigned int n_keys, int64_t now,
		  struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	ret = store_prepare(st->db, "UPDATE users SET issued = issued + ?, requests = requests + 1,"
			    " last = ? WHERE id = ?", &q, e);
	if (ret)
		return ret;
	sqlite3_bind_int64(q, 1, n_keys);
	sqlite3_bind_int64(q, 2, now);
	sqlite3_bind_int64(q, 3, user);
	ret = sqlite3_step(q) == SQLITE_DONE ? 0 : store_fail(st->db, e);
	sqlite3_finalize(q);
	return ret;
}

int kms_store_answer_put(struct kms_store *st, const struct kms_once *o, const struct buf *answer,
			 unsigned int n_keys, int64_t now, struct err *e)
{
	struct buf sealed = BUF_INIT;
	int ret;

	ret = store_seal(st, "answer", o->request, sizeof(o->request), answer->data, answer->len,
			 &sealed, e);
	if (!ret)
		ret = store_exec(st->db, "BEGIN IMMEDIATE", e);
	if (ret)
		goto out;
	ret = kms_store_answer_expire(st, now - KMS_KEEP_S, e);
	if (!ret)
		ret = kms_store_answer_room(st, o->user, now, e);
	if (!ret)
		ret = answer_insert(st, o, &sealed, now, e);
	if (!ret)
		ret = charge(st, o->user, n_keys, now, e);
	if (!ret)
		ret = store_exec(st->db, "COMMIT", e);
	if (ret)
		store_exec(st->db, "ROLLBACK", NULL);
out:
	buf_free(&sealed);
	return ret;
}

int kms_store_answer_expire(struct kms_store *st, int64_t before, struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	ret = store_prepare(st->db, "DELETE FROM answers WHERE at < ?", &q, e);
	if (ret)
		return ret;
	sqlite3_bind_int64(q, 1, before);
	ret = sqlite3_step(q) == SQLITE_DONE ? 0 : store_fail(st->db, e);
	sqlite3_finalize(q);
	return ret;
}
