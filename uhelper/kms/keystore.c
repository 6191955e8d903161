// SPDX-License-Identifier: GPL-2.0-or-later
/* The private keys of this machine's identities, found by identity and period. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "base/err.h"
#include "base/secret.h"
#include "ibe/ibe.h"
#include "ibe/sysparams.h"
#include "kms/folder.h"
#include "kms/keyfile.h"
#include "kms/keystore.h"
#include "kms/seal.h"

#define OPEN_KEYS 8u

/**
 * struct key - kms_key with its references
 * @k: what others see
 * @refs: changed atomically
 * @uri: what @k.uri points to
 */
struct key {
	struct kms_key k;
	unsigned int refs;
	char uri[KEYFILE_NAME_MAX + 1];
};

/**
 * struct kms_keystore - a folder of key files
 * @dir: the folder, one sub-folder for each identity
 * @params: the caller's
 * @machine_key: seals the files; secure heap
 * @open: keys used last, the latest first; an entry may be NULL
 */
struct kms_keystore {
	char dir[3800];
	struct kms_params_store *params;
	uint8_t *machine_key;
	struct key *open[OPEN_KEYS];
};

struct kms_key *kms_key_get(struct kms_key *k)
{
	__atomic_add_fetch(&((struct key *)k)->refs, 1, __ATOMIC_RELAXED);
	return k;
}

void kms_key_put(struct kms_key *k)
{
	if (!k || __atomic_sub_fetch(&((struct key *)k)->refs, 1, __ATOMIC_ACQ_REL))
		return;
	ibe_key_free(k->key);
	ibe_sysparams_put(k->sys);
	free(k);
}

/* Appears whole or not at all: where two processes start at once, one of them makes the key, and
 * both read it.
 */
static int machine_key_make(const char *path, uint8_t *key, struct err *e)
{
	char tmp[4096];
	int ret;

	if (snprintf(tmp, sizeof(tmp), "%s.%ld", path, (long)getpid()) >= (int)sizeof(tmp))
		return err_set(e, ENAMETOOLONG, "path too long: %s", path);
	secret_random(key, SEAL_KEY_LEN);
	ret = buf_write_file(tmp, key, SEAL_KEY_LEN, 0600, e);
	if (ret)
		return ret;
	if (link(tmp, path) && errno != EEXIST)
		ret = err_set(e, errno, "cannot write %s: %m", path);
	unlink(tmp);
	return ret;
}

static int machine_key_load(struct kms_keystore *ks, const char *dir, struct err *e)
{
	struct buf key = BUF_INIT;
	char path[4096];
	struct stat st;
	int ret;

	if (snprintf(path, sizeof(path), "%s/machine.key", dir) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "path too long: %s", dir);
	ks->machine_key = secret_alloc(SEAL_KEY_LEN);
	if (!ks->machine_key)
		return err_set(e, ENOMEM, "out of memory");
	if (lstat(path, &st) && errno == ENOENT) {
		ret = machine_key_make(path, ks->machine_key, e);
		if (ret)
			return ret;
	}
	if (lstat(path, &st))
		return err_set(e, errno, "cannot read %s: %m", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) ||
	    (st.st_uid != geteuid() && st.st_uid != 0))
		return err_set(e, EPERM, "%s is open to others (mode %03o): keys sealed with it are not safe",
			       path, (unsigned int)st.st_mode & 0777);
	ret = buf_read_file(&key, path, SEAL_KEY_LEN, e);
	if (!ret && key.len != SEAL_KEY_LEN)
		ret = err_set(e, EINVAL, "%s does not hold %u octets", path, SEAL_KEY_LEN);
	if (!ret)
		memcpy(ks->machine_key, key.data, SEAL_KEY_LEN);
	buf_free(&key);
	return ret;
}

int kms_keystore_open(const char *dir, struct kms_params_store *params, struct kms_keystore **out,
		      struct err *e)
{
	struct kms_keystore *ks = calloc(1, sizeof(*ks));
	char top[3800];
	int ret;

	if (!ks)
		return err_set(e, ENOMEM, "out of memory");
	ks->params = params;
	ret = kms_folder(dir, NULL, 1, top, sizeof(top), e);
	if (!ret)
		ret = kms_folder(dir, "identity", 1, ks->dir, sizeof(ks->dir), e);
	if (!ret)
		ret = machine_key_load(ks, top, e);
	if (ret) {
		kms_keystore_close(ks);
		return ret;
	}
	*out = ks;
	return 0;
}

void kms_keystore_close(struct kms_keystore *ks)
{
	if (!ks)
		return;
	for (size_t i = 0; i < OPEN_KEYS; i++)
		if (ks->open[i])
			kms_key_put(&ks->open[i]->k);
	secret_free(ks->machine_key, SEAL_KEY_LEN);
	free(ks);
}

/* A URI can hold "/" and be longer than a file name may: its hash does not and is not. */
static void identity_dir(const struct kms_keystore *ks, const char *uri, struct buf *out)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	SHA256((const uint8_t *)uri, strlen(uri), hash);
	buf_printf(out, "%s/", ks->dir);
	buf_hex(out, hash, sizeof(hash));
}

int kms_keystore_put(struct kms_keystore *ks, const struct ibe_sysparams *sys, const char *uri,
		     int64_t from, int64_t to, const void *der, size_t len, struct err *e)
{
	struct keyfile k = { .serial = sys->serial, .from = from, .to = to };
	struct buf path = BUF_INIT;
	int ret;

	if (strlen(uri) > KEYFILE_NAME_MAX || strlen(sys->district) > KEYFILE_NAME_MAX)
		return err_set(e, EINVAL, "a URI or district is longer than %u octets",
			       KEYFILE_NAME_MAX);
	strcpy(k.uri, uri);
	strcpy(k.district, sys->district);
	identity_dir(ks, uri, &path);
	buf_u8(&path, 0);
	if (path.failed) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto out;
	}
	if (mkdir((char *)path.data, 0700) && errno != EEXIST) {
		ret = err_set(e, errno, "cannot create %s: %m", (char *)path.data);
		goto out;
	}
	path.len--;
	buf_str(&path, "/");
	kms_file_name(sys->district, &path);
	buf_printf(&path, "-%llu-%lld.key", (unsigned long long)sys->serial, (long long)from);
	buf_u8(&path, 0);
	ret = path.failed ? err_set(e, ENOMEM, "out of memory") :
			    keyfile_write((char *)path.data, ks->machine_key, &k, der, len, e);
out:
	buf_free(&path);
	return ret;
}

/* The parts of "<district>-<serial>-<period>.key"; @district is left escaped. */
static bool name_split(const char *name, size_t *district_len, uint64_t *serial, int64_t *period)
{
	size_t len = strlen(name);
	const char *dot = name + len - 4, *p;
	char *end;

	if (len < 5 || strcmp(dot, ".key"))
		return false;
	/* A period before 1970 has a second "-" in front; that is not a case that keys have. */
	for (p = dot; p > name && p[-1] != '-'; p--)
		;
	if (p == name || p == dot)
		return false;
	*period = strtoll(p, &end, 10);
	if (end != dot)
		return false;
	dot = p - 1;
	for (p = dot; p > name && p[-1] != '-'; p--)
		;
	if (p == name || p == dot)
		return false;
	*serial = strtoull(p, &end, 10);
	if (end != dot)
		return false;
	*district_len = (size_t)(p - 1 - name);
	return true;
}

/* Name of the newest key file that matches; empty where there is none. */
static void pick(const char *dir, int64_t period, const char *district, const uint64_t *serial,
		 char *name, size_t size)
{
	struct buf want = BUF_INIT;
	uint64_t best = 0, s;
	struct dirent *d;
	int64_t from;
	size_t dlen;
	DIR *folder;

	name[0] = '\0';
	if (district)
		kms_file_name(district, &want);
	folder = opendir(dir);
	while (folder && (d = readdir(folder))) {
		if (!name_split(d->d_name, &dlen, &s, &from) || from != period)
			continue;
		if (district && (dlen != want.len || memcmp(d->d_name, want.data, dlen)))
			continue;
		if ((serial && s != *serial) || (name[0] && s <= best))
			continue;
		if (snprintf(name, size, "%s", d->d_name) < (int)size)
			best = s;
	}
	if (folder)
		closedir(folder);
	buf_free(&want);
}

static struct ibe_sysparams *params_of(struct kms_keystore *ks, const struct keyfile *f,
				       struct err *e)
{
	struct ibe_sysparams *sys = NULL;

	/* A mapped host is no district: maps do not get in the way, because what is looked up is
	 * a district's name itself unless somebody maps that name elsewhere.
	 */
	if (kms_params_find(ks->params, f->district, &f->serial, f->from, &sys, e))
		return NULL;
	return sys;
}

static int key_load(struct kms_keystore *ks, const char *path, const char *uri, int64_t period,
		    struct key **out, struct err *e)
{
	struct buf der = BUF_INIT;
	struct keyfile f;
	struct key *k;
	int ret;

	k = calloc(1, sizeof(*k));
	if (!k)
		return err_set(e, ENOMEM, "out of memory");
	k->refs = 1;
	ret = keyfile_read(path, ks->machine_key, &f, &der, e);
	if (ret)
		goto fail;
	if (strcmp(f.uri, uri) || f.from != period) {
		ret = err_set(e, EBADMSG, "%s holds another key than its name says", path);
		goto fail;
	}
	k->k.sys = params_of(ks, &f, e);
	if (!k->k.sys) {
		ret = -ENOENT;
		goto fail;
	}
	ret = ibe_key_from_der(k->k.sys->bf, der.data, der.len, &k->k.key, e);
	if (ret)
		goto fail;
	strcpy(k->uri, f.uri);
	k->k.uri = k->uri;
	k->k.from = f.from;
	k->k.to = f.to;
	buf_free(&der);
	*out = k;
	return 0;
fail:
	buf_free(&der);
	kms_key_put(&k->k);
	return ret;
}

static struct key *find_open(struct kms_keystore *ks, const char *uri, int64_t period,
			     const char *district, uint64_t serial)
{
	for (size_t i = 0; i < OPEN_KEYS && ks->open[i]; i++) {
		struct key *k = ks->open[i];

		if (k->k.from != period || k->k.sys->serial != serial || strcmp(k->uri, uri) ||
		    (district && strcmp(k->k.sys->district, district)))
			continue;
		memmove(&ks->open[1], &ks->open[0], i * sizeof(ks->open[0]));
		ks->open[0] = k;
		return k;
	}
	return NULL;
}

int kms_keystore_find(struct kms_keystore *ks, const char *uri, int64_t period,
		      const char *district, const uint64_t *serial, struct kms_key **out,
		      struct err *e)
{
	struct buf path = BUF_INIT;
	char name[NAME_MAX + 1];
	struct key *k = NULL;
	int64_t from;
	uint64_t s;
	size_t dlen;
	int ret;

	identity_dir(ks, uri, &path);
	buf_u8(&path, 0);
	if (path.failed)
		return err_set(e, ENOMEM, "out of memory");
	/* The folder is read each time: a fetch by another process may have brought newer keys. */
	pick((char *)path.data, period, district, serial, name, sizeof(name));
	if (!name[0] || !name_split(name, &dlen, &s, &from)) {
		ret = err_set(e, ENOENT, "no private key of %s for the period of Unix time %lld",
			      uri, (long long)period);
		goto out;
	}
	k = find_open(ks, uri, period, district, s);
	if (k) {
		*out = kms_key_get(&k->k);
		ret = 0;
		goto out;
	}
	path.len--;
	buf_printf(&path, "/%s", name);
	buf_u8(&path, 0);
	ret = path.failed ? err_set(e, ENOMEM, "out of memory") :
			    key_load(ks, (char *)path.data, uri, period, &k, e);
	if (ret)
		goto out;
	if (ks->open[OPEN_KEYS - 1])
		kms_key_put(&ks->open[OPEN_KEYS - 1]->k);
	memmove(&ks->open[1], &ks->open[0], (OPEN_KEYS - 1) * sizeof(ks->open[0]));
	ks->open[0] = k;
	*out = kms_key_get(&k->k);
out:
	buf_free(&path);
	return ret;
}

/* ---- walks over all key files ------------------------------------------------------------ */

static int each_file(struct kms_keystore *ks, const char *sub,
		     int (*fn)(struct kms_keystore *ks, const char *path, int64_t from, void *arg),
		     void *arg)
{
	struct dirent *d;
	char path[4096];
	uint64_t serial;
	int64_t from;
	size_t dlen;
	DIR *folder;
	int ret = 0;

	if (snprintf(path, sizeof(path), "%s/%s", ks->dir, sub) >= (int)sizeof(path))
		return 0;
	folder = opendir(path);
	while (folder && !ret && (d = readdir(folder))) {
		if (!name_split(d->d_name, &dlen, &serial, &from))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s/%s", ks->dir, sub, d->d_name) <
		    (int)sizeof(path))
			ret = fn(ks, path, from, arg);
	}
	if (folder)
		closedir(folder);
	return ret;
}

static int each(struct kms_keystore *ks,
		int (*fn)(struct kms_keystore *ks, const char *path, int64_t from, void *arg),
		void *arg, struct err *e)
{
	DIR *folder = opendir(ks->dir);
	struct dirent *d;
	int ret = 0;

	if (!folder)
		return err_set(e, errno, "cannot read %s: %m", ks->dir);
	while (!ret && (d = readdir(folder)))
		if (d->d_name[0] != '.')
			ret = each_file(ks, d->d_name, fn, arg);
	closedir(folder);
	return ret;
}

struct ranges {
	struct kms_key_range *r;
	size_t n;
};

static int range_add(struct kms_keystore *ks, const char *path, int64_t from, void *arg)
{
	struct ranges *all = arg;
	struct kms_key_range *r;
	struct keyfile f;
	size_t i;
	int bad;

	bad = keyfile_read(path, ks->machine_key, &f, NULL, NULL);
	for (i = 0; i < all->n; i++)
		if (!strcmp(all->r[i].uri, f.uri) && !strcmp(all->r[i].district, f.district) &&
		    all->r[i].serial == f.serial)
			break;
	if (i == all->n) {
		r = realloc(all->r, (i + 1) * sizeof(*r));
		if (!r)
			return -ENOMEM;
		all->r = r;
		memset(&r[i], 0, sizeof(*r));
		r[i].uri = strdup(f.uri);
		r[i].district = strdup(f.district);
		r[i].serial = f.serial;
		all->n++;
		if (!r[i].uri || !r[i].district)
			return -ENOMEM;
	}
	r = &all->r[i];
	if (bad) {
		r->damaged++;
		return 0;
	}
	if (!r->keys || f.from < r->first)
		r->first = f.from;
	if (!r->keys || f.to > r->last)
		r->last = f.to;
	r->keys++;
	/* All periods of a set have the same length. */
	r->holes = (r->last - r->first) != (int64_t)r->keys * (f.to - f.from);
	return 0;
}

static int range_order(const void *a, const void *b)
{
	const struct kms_key_range *x = a, *y = b;
	int order = strcmp(x->uri, y->uri);

	if (!order)
		order = strcmp(x->district, y->district);
	if (!order)
		order = x->serial < y->serial ? 1 : x->serial > y->serial ? -1 : 0;
	return order;
}

int kms_keystore_each(struct kms_keystore *ks,
		      int (*fn)(const struct kms_key_range *r, void *arg), void *arg,
		      struct err *e)
{
	struct ranges all = { NULL, 0 };
	int ret;

	ret = each(ks, range_add, &all, e);
	if (ret == -ENOMEM)
		err_set(e, ENOMEM, "out of memory");
	if (!ret && all.n)
		qsort(all.r, all.n, sizeof(*all.r), range_order);
	for (size_t i = 0; i < all.n; i++) {
		if (!ret)
			ret = fn(&all.r[i], arg);
		free(all.r[i].uri);
		free(all.r[i].district);
	}
	free(all.r);
	return ret;
}

struct cover {
	const char *uri;
	int64_t now;
	int64_t until;
	bool grew;
};

static int cover_step(struct kms_keystore *ks, const char *path, int64_t from, void *arg)
{
	struct cover *c = arg;
	struct keyfile f;

	/* Only what touches the end so far is opened. */
	if (from > c->until || keyfile_read(path, ks->machine_key, &f, NULL, NULL) ||
	    strcmp(f.uri, c->uri) || f.to <= c->until)
		return 0;
	c->until = f.to;
	c->grew = true;
	return 0;
}

int64_t kms_keystore_covered_until(struct kms_keystore *ks, const char *uri, int64_t now)
{
	struct cover c = { uri, now, now, true };
	struct buf dir = BUF_INIT;

	identity_dir(ks, uri, &dir);
	buf_u8(&dir, 0);
	while (c.grew && !dir.failed) {
		c.grew = false;
		each_file(ks, strrchr((char *)dir.data, '/') + 1, cover_step, &c);
	}
	buf_free(&dir);
	return c.until;
}

struct expiry {
	int64_t before;
	int n;
};

static int expire_step(struct kms_keystore *ks, const char *path, int64_t from, void *arg)
{
	struct expiry *x = arg;
	struct keyfile f;

	if (from >= x->before || keyfile_read(path, ks->machine_key, &f, NULL, NULL) ||
	    f.to > x->before)
		return 0;
	if (!unlink(path))
		x->n++;
	return 0;
}

int kms_keystore_expire(struct kms_keystore *ks, int64_t before)
{
	struct expiry x = { before, 0 };

	for (size_t i = 0; i < OPEN_KEYS; i++) {
		if (ks->open[i])
			kms_key_put(&ks->open[i]->k);
		ks->open[i] = NULL;
	}
	each(ks, expire_step, &x, NULL);
	return x.n;
}
