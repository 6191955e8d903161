// SPDX-License-Identifier: GPL-2.0-or-later
/* The state file of a key server: how it is made, opened, and what seals what in it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "ibe/sysparams.h"
#include "kms/folder.h"
#include "kms/store_internal.h"

#define STORE_VERSION 1

/* AUTOINCREMENT: an id names a pre-shared key in answers, and must never come back. */
static const char schema[] =
	"CREATE TABLE kms (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,"
	"  params BLOB NOT NULL, salt BLOB NOT NULL, n INTEGER NOT NULL, r INTEGER NOT NULL,"
	"  p INTEGER NOT NULL, store_key BLOB NOT NULL, master BLOB NOT NULL) STRICT;"
	"CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
	"  days INTEGER NOT NULL, psk BLOB NOT NULL, created INTEGER NOT NULL,"
	"  issued INTEGER NOT NULL DEFAULT 0, requests INTEGER NOT NULL DEFAULT 0,"
	"  last INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE TABLE uris (uri TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id))"
	"  STRICT, WITHOUT ROWID;"
	"CREATE INDEX uris_user ON uris(user);"
	"CREATE TABLE answers (user INTEGER NOT NULL REFERENCES users(id), csb INTEGER NOT NULL,"
	"  rand BLOB NOT NULL, ts INTEGER NOT NULL, request BLOB NOT NULL, answer BLOB NOT NULL,"
	"  at INTEGER NOT NULL, PRIMARY KEY (user, csb, rand, ts)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX answers_at ON answers(at);";

int store_fail(sqlite3 *db, struct err *e)
{
	return err_set(e, EIO, "kms.db: %s", db ? sqlite3_errmsg(db) : "out of memory");
}

int store_exec(sqlite3 *db, const char *sql, struct err *e)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(db, e);
}

int store_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **stmt, struct err *e)
{
	return sqlite3_prepare_v2(db, sql, -1, stmt, NULL) == SQLITE_OK ? 0 : store_fail(db, e);
}

/* District and serial bind a sealed value to this key server, @what and @row to its place. */
static void store_aad(const struct ibe_sysparams *sys, const char *what, const void *row,
		      size_t row_len, struct buf *out)
{
	buf_printf(out, "ibake-kms %d %s %llu %s ", STORE_VERSION, sys->district,
		   (unsigned long long)sys->serial, what);
	buf_put(out, row, row_len);
}

static int seal_as(const uint8_t *key, const struct ibe_sysparams *sys, const char *what,
		   const void *row, size_t row_len, const void *data, size_t len,
		   struct buf *out, struct err *e)
{
	struct buf aad = BUF_INIT;
	int ret;

	store_aad(sys, what, row, row_len, &aad);
	ret = aad.failed ? err_set(e, ENOMEM, "out of memory") :
			   seal_put(key, aad.data, aad.len, data, len, out, e);
	buf_free(&aad);
	return ret;
}

static int unseal_as(const uint8_t *key, const struct ibe_sysparams *sys, const char *what,
		     const void *row, size_t row_len, const void *sealed, size_t len,
		     struct buf *out, struct err *e)
{
	struct buf aad = BUF_INIT;
	int ret;

	store_aad(sys, what, row, row_len, &aad);
	ret = aad.failed ? err_set(e, ENOMEM, "out of memory") :
			   seal_get(key, aad.data, aad.len, sealed, len, out, e);
	buf_free(&aad);
	return ret;
}

int store_seal(struct kms_store *st, const char *what, const void *row, size_t row_len,
	       const void *data, size_t len, struct buf *out, struct err *e)
{
	if (!st->key)
		return err_set(e, EPERM, "the key server's state is locked: the passphrase is needed");
	return seal_as(st->key, st->sys, what, row, row_len, data, len, out, e);
}

int store_unseal(struct kms_store *st, const char *what, const void *row, size_t row_len,
		 const void *sealed, size_t len, struct buf *out, struct err *e)
{
	if (!st->key)
		return err_set(e, EPERM, "the key server's state is locked: the passphrase is needed");
	return unseal_as(st->key, st->sys, what, row, row_len, sealed, len, out, e);
}

bool kms_district_ok(const char *d)
{
	size_t label = 0, len = strlen(d);

	if (!len || len > 253)
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (d[i] == '.' || !d[i]) {
			if (!label || label > 63 || d[i - 1] == '-')
				return false;
			label = 0;
		} else if ((d[i] >= 'a' && d[i] <= 'z') || (d[i] >= '0' && d[i] <= '9') ||
			   (d[i] == '-' && label)) {
			label++;
		} else {
			return false;
		}
	}
	return true;
}

bool kms_name_ok(const char *name, size_t len)
{
	if (!len || len > KMS_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
		      (name[i] >= '0' && name[i] <= '9') || (name[i] && strchr(".-_+", name[i]))))
			return false;
	return true;
}

static int db_path(const char *dir, char *path, size_t size, struct err *e)
{
	if ((size_t)snprintf(path, size, "%s/kms.db", dir) >= size)
		return err_set(e, ENAMETOOLONG, "path too long: %s", dir);
	return 0;
}

static int db_open(const char *path, sqlite3 **db, struct err *e)
{
	int ret;

	if (sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL)) {
		ret = err_set(e, EIO, "cannot open %s: %s", path,
			      *db ? sqlite3_errmsg(*db) : "out of memory");
		sqlite3_close(*db);
		*db = NULL;
		return ret;
	}
	sqlite3_busy_timeout(*db, 5000);
	/* A rollback journal, not WAL: no memory shared between processes, so that the state may
	 * lie on any file system. EXTRA also syncs the folder: an answer that was sent must not
	 * be forgotten by a power cut.
	 */
	ret = store_exec(*db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;"
			 "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
			 "PRAGMA trusted_schema = OFF;", e);
	if (ret) {
		sqlite3_close(*db);
		*db = NULL;
	}
	return ret;
}

/* The one row of the table "kms", everything secret sealed. */
static int write_kms(sqlite3 *db, const struct kms_store_setup *s, const struct ibe_sysparams *sys,
		     const struct ibe_master *master, struct err *e)
{
	struct seal_cost cost = SEAL_COST_DEFAULT;
	uint8_t *pass_key = secret_alloc(2 * SEAL_KEY_LEN), *store_key;
	struct buf params = BUF_INIT, der = BUF_INIT, sealed_key = BUF_INIT, sealed = BUF_INIT;
	uint8_t salt[SEAL_SALT_LEN];
	sqlite3_stmt *q = NULL;
	int ret;

	if (!pass_key)
		return err_set(e, ENOMEM, "out of memory");
	store_key = pass_key + SEAL_KEY_LEN;
	secret_random(salt, sizeof(salt));
	secret_random(store_key, SEAL_KEY_LEN);
	ret = seal_derive(s->pass, s->pass_len, salt, &cost, pass_key, e);
	if (ret)
		goto out;
	ret = seal_as(pass_key, sys, "store key", NULL, 0, store_key, SEAL_KEY_LEN, &sealed_key, e);
	if (ret)
		goto out;
	if (ibe_master_to_der(master, &der) || ibe_sysparams_to_der(sys, &params)) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto out;
	}
	ret = seal_as(store_key, sys, "master", NULL, 0, der.data, der.len, &sealed, e);
	if (ret)
		goto out;
	ret = store_prepare(db, "INSERT INTO kms VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", &q, e);
	if (ret)
		goto out;
	sqlite3_bind_int(q, 1, STORE_VERSION);
	sqlite3_bind_blob(q, 2, params.data, (int)params.len, SQLITE_STATIC);
	sqlite3_bind_blob(q, 3, salt, sizeof(salt), SQLITE_STATIC);
	sqlite3_bind_int64(q, 4, cost.n);
	sqlite3_bind_int64(q, 5, cost.r);
	sqlite3_bind_int64(q, 6, cost.p);
	sqlite3_bind_blob(q, 7, sealed_key.data, (int)sealed_key.len, SQLITE_STATIC);
	sqlite3_bind_blob(q, 8, sealed.data, (int)sealed.len, SQLITE_STATIC);
	ret = sqlite3_step(q) == SQLITE_DONE ? 0 : store_fail(db, e);
out:
	sqlite3_finalize(q);
	secret_free(pass_key, 2 * SEAL_KEY_LEN);
	buf_free(&params);
	buf_free(&der);
	buf_free(&sealed_key);
	buf_free(&sealed);
	return ret;
}

static int write_state(const struct kms_store_setup *s, const struct ibe_sysparams *sys,
		       const struct ibe_master *master, struct err *e)
{
	char path[4096], params[4096];
	sqlite3 *db = NULL;
	int fd, ret;

	ret = db_path(s->dir, path, sizeof(path), e);
	if (ret)
		return ret;
	if (snprintf(params, sizeof(params), "%s/params.der", s->dir) >= (int)sizeof(params))
		return err_set(e, ENAMETOOLONG, "path too long: %s", s->dir);
	if (mkdir(s->dir, 0700))
		return err_set(e, errno, errno == EEXIST ? "%s exists already" :
			       "cannot create %s: %m", s->dir);
	/* Made here, with its mode: SQLite gives its journals the same one. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		ret = err_set(e, errno, "cannot write %s: %m", path);
		goto fail;
	}
	close(fd);
	ret = db_open(path, &db, e);
	if (!ret)
		ret = store_exec(db, "BEGIN", e);
	if (!ret)
		ret = store_exec(db, schema, e);
	if (!ret)
		ret = write_kms(db, s, sys, master, e);
	if (!ret)
		ret = store_exec(db, "COMMIT", e);
	sqlite3_close(db);
	if (!ret)
		ret = kms_params_write(sys, params, e);
	if (!ret)
		return 0;
fail:
	unlink(params);
	unlink(path);
	rmdir(s->dir);
	return ret;
}

int kms_store_create(const struct kms_store_setup *s, struct err *e)
{
	struct ibe_sysparams *sys = NULL;
	struct ibe_params *params = NULL;
	struct ibe_master *master = NULL;
	struct stat st;
	int ret;

	if (!kms_district_ok(s->district))
		return err_set(e, EINVAL, "\"%s\" is not a district: a host name in lower case is needed",
			       s->district);
	if (s->pass_len < KMS_PASS_MIN)
		return err_set(e, EINVAL, "a passphrase has at least %u octets", KMS_PASS_MIN);
	/* Said before the minutes that the parameters may take. */
	if (!lstat(s->dir, &st))
		return err_set(e, EEXIST, "%s exists already", s->dir);
	if (!s->params) {
		ret = ibe_setup(s->bits, s->progress, s->progress_arg, &params, &master, e);
		if (ret)
			return ret;
	}
	ret = ibe_sysparams_new(s->district, s->serial, s->not_before, s->not_after,
				s->granularity, s->params ? s->params : params, &sys, e);
	if (!ret)
		ret = write_state(s, sys, s->params ? s->master : master, e);
	ibe_sysparams_put(sys);
	ibe_master_free(master);
	ibe_params_put(params);
	return ret;
}

static int private_check(const char *path, const char *what, struct err *e)
{
	struct stat st;

	if (stat(path, &st))
		return err_set(e, errno, "cannot open %s %s: %m", what, path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, EPERM, "%s %s belongs to another user", what, path);
	if (st.st_mode & 077)
		return err_set(e, EPERM, "%s %s is open to others (mode %03o)", what, path,
			       (unsigned int)st.st_mode & 0777);
	return 0;
}

static int unlock(struct kms_store *st, sqlite3_stmt *q, const uint8_t *pass, size_t pass_len,
		  struct err *e)
{
	struct seal_cost cost = { (uint32_t)sqlite3_column_int64(q, 3),
				  (uint32_t)sqlite3_column_int64(q, 4),
				  (uint32_t)sqlite3_column_int64(q, 5) };
	uint8_t *pass_key = secret_alloc(SEAL_KEY_LEN);
	struct buf plain = BUF_INIT;
	int ret;

	st->key = secret_alloc(SEAL_KEY_LEN);
	if (!pass_key || !st->key) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto out;
	}
	if (sqlite3_column_bytes(q, 2) != SEAL_SALT_LEN) {
		ret = err_set(e, EINVAL, "kms.db is damaged: salt");
		goto out;
	}
	ret = seal_derive(pass, pass_len, sqlite3_column_blob(q, 2), &cost, pass_key, e);
	if (ret)
		goto out;
	ret = unseal_as(pass_key, st->sys, "store key", NULL, 0, sqlite3_column_blob(q, 6),
			(size_t)sqlite3_column_bytes(q, 6), &plain, e);
	if (ret || plain.len != SEAL_KEY_LEN) {
		ret = err_set(e, EKEYREJECTED, "the passphrase is not the one of this key server");
		goto out;
	}
	memcpy(st->key, plain.data, SEAL_KEY_LEN);
	buf_reset(&plain);
	ret = unseal_as(st->key, st->sys, "master", NULL, 0, sqlite3_column_blob(q, 7),
			(size_t)sqlite3_column_bytes(q, 7), &plain, e);
	if (!ret)
		ret = ibe_master_from_der(st->sys->bf, plain.data, plain.len, &st->master, e);
	if (ret)
		err_add(e, "master secret");
out:
	secret_free(pass_key, SEAL_KEY_LEN);
	buf_free(&plain);
	return ret;
}

static int load(struct kms_store *st, const uint8_t *pass, size_t pass_len, struct err *e)
{
	sqlite3_stmt *q;
	int ret;

	ret = store_prepare(st->db, "SELECT version, params, salt, n, r, p, store_key, master FROM kms",
			    &q, e);
	if (ret)
		return ret;
	if (sqlite3_step(q) != SQLITE_ROW) {
		ret = err_set(e, EINVAL, "kms.db is damaged: it names no parameters");
		goto out;
	}
	if (sqlite3_column_int(q, 0) != STORE_VERSION) {
		ret = err_set(e, EOPNOTSUPP, "kms.db has version %d, this program knows %d",
			      sqlite3_column_int(q, 0), STORE_VERSION);
		goto out;
	}
	ret = ibe_sysparams_from_der(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1),
				     &st->sys, e);
	if (!ret && pass)
		ret = unlock(st, q, pass, pass_len, e);
out:
	sqlite3_finalize(q);
	return ret;
}

int kms_store_open(const char *dir, const uint8_t *pass, size_t pass_len, struct kms_store **out,
		   struct err *e)
{
	struct kms_store *st;
	char path[4096];
	int ret;

	ret = db_path(dir, path, sizeof(path), e);
	if (!ret)
		ret = private_check(dir, "the key server's folder", e);
	if (!ret)
		ret = private_check(path, "the key server's state", e);
	if (ret)
		return ret;
	st = calloc(1, sizeof(*st));
	if (!st)
		return err_set(e, ENOMEM, "out of memory");
	ret = db_open(path, &st->db, e);
	if (!ret)
		ret = load(st, pass, pass_len, e);
	if (ret) {
		kms_store_close(st);
		return ret;
	}
	*out = st;
	return 0;
}

void kms_store_close(struct kms_store *st)
{
	if (!st)
		return;
	sqlite3_close(st->db);
	ibe_sysparams_put(st->sys);
	ibe_master_free(st->master);
	secret_free(st->key, SEAL_KEY_LEN);
	free(st);
}

const struct ibe_sysparams *kms_store_sys(const struct kms_store *st)
{
	return st->sys;
}

const struct ibe_master *kms_store_master(const struct kms_store *st)
{
	return st->master;
}
