// SPDX-License-Identifier: GPL-2.0-or-later
/* Public parameters of the districts that this machine talks to: one checked file each. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "kms/folder.h"
#include "kms/kms.h"

#define SETS_MAX 4096u

struct set {
	struct ibe_sysparams *sys;
	char *path;
};

struct map {
	char *host;
	char *district;
};

/**
 * struct kms_params_store - parameter sets, all in memory
 * @dir: their folder
 * @sets: district in alphabetical order, newest serial first, @n_sets
 * @maps: hosts whose district has another name, @n_maps
 */
struct kms_params_store {
	char dir[4000];
	struct set *sets;
	size_t n_sets;
	struct map *maps;
	size_t n_maps;
};

/* Takes over the reference and @path; both are released on failure. */
static int set_add(struct kms_params_store *s, struct ibe_sysparams *sys, char *path,
		   struct err *e)
{
	struct set *grown = NULL;
	size_t i;

	if (path && s->n_sets < SETS_MAX)
		grown = realloc(s->sets, (s->n_sets + 1) * sizeof(*grown));
	if (!grown) {
		free(path);
		ibe_sysparams_put(sys);
		return err_set(e, ENOMEM, "too many parameter sets");
	}
	s->sets = grown;
	for (i = 0; i < s->n_sets; i++) {
		int order = strcmp(grown[i].sys->district, sys->district);

		if (order > 0 || (!order && grown[i].sys->serial < sys->serial))
			break;
	}
	memmove(&grown[i + 1], &grown[i], (s->n_sets - i) * sizeof(*grown));
	grown[i] = (struct set){ sys, path };
	s->n_sets++;
	return 0;
}

static char *set_path(const struct kms_params_store *s, const struct ibe_sysparams *sys)
{
	struct buf b = BUF_INIT;
	char *path = NULL;

	buf_printf(&b, "%s/", s->dir);
	kms_file_name(sys->district, &b);
	buf_printf(&b, "-%llu.der", (unsigned long long)sys->serial);
	buf_u8(&b, 0);
	if (!b.failed)
		path = strdup((char *)b.data);
	buf_free(&b);
	return path;
}

static void load_file(struct kms_params_store *s, const char *name)
{
	struct ibe_sysparams *sys = NULL;
	struct err e = ERR_INIT;
	struct buf path = BUF_INIT;
	char *expected;
	int ret;

	buf_printf(&path, "%s/%s", s->dir, name);
	buf_u8(&path, 0);
	if (path.failed)
		return;
	ret = ibe_sysparams_from_file((char *)path.data, &sys, &e);
	if (!ret) {
		/* Under another name it would be found as what it is not. */
		expected = set_path(s, sys);
		if (!expected || strcmp(expected, (char *)path.data)) {
			ret = err_set(&e, EINVAL, "%s holds serial %llu of %s", (char *)path.data,
				      (unsigned long long)sys->serial, sys->district);
			free(expected);
			ibe_sysparams_put(sys);
		} else {
			ret = set_add(s, sys, expected, &e);
		}
	}
	if (ret)
		log_warn("parameters not used: %s", e.msg);
	buf_free(&path);
}

int kms_params_open(const char *dir, struct kms_params_store **out, struct err *e)
{
	struct kms_params_store *s = calloc(1, sizeof(*s));
	struct dirent *d;
	DIR *folder;
	int ret;

	if (!s)
		return err_set(e, ENOMEM, "out of memory");
	ret = kms_folder(dir, "params", 0, s->dir, sizeof(s->dir), e);
	if (ret)
		goto fail;
	folder = opendir(s->dir);
	if (!folder) {
		ret = err_set(e, errno, "cannot read %s: %m", s->dir);
		goto fail;
	}
	while ((d = readdir(folder))) {
		size_t len = strlen(d->d_name);

		if (len > 4 && !strcmp(d->d_name + len - 4, ".der"))
			load_file(s, d->d_name);
	}
	closedir(folder);
	*out = s;
	return 0;
fail:
	kms_params_close(s);
	return ret;
}

void kms_params_close(struct kms_params_store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_sets; i++) {
		ibe_sysparams_put(s->sets[i].sys);
		free(s->sets[i].path);
	}
	for (size_t i = 0; i < s->n_maps; i++) {
		free(s->maps[i].host);
		free(s->maps[i].district);
	}
	free(s->sets);
	free(s->maps);
	free(s);
}

int kms_params_map(struct kms_params_store *s, const char *host, const char *district,
		   struct err *e)
{
	struct map *grown;

	for (size_t i = 0; i < s->n_maps; i++)
		if (!strcmp(s->maps[i].host, host))
			return err_set(e, EEXIST, "host %s is mapped to %s already", host,
				       s->maps[i].district);
	grown = realloc(s->maps, (s->n_maps + 1) * sizeof(*grown));
	if (!grown)
		return err_set(e, ENOMEM, "out of memory");
	s->maps = grown;
	grown[s->n_maps] = (struct map){ strdup(host), strdup(district) };
	if (!grown[s->n_maps].host || !grown[s->n_maps].district) {
		free(grown[s->n_maps].host);
		free(grown[s->n_maps].district);
		return err_set(e, ENOMEM, "out of memory");
	}
	s->n_maps++;
	return 0;
}

int kms_params_find(struct kms_params_store *s, const char *host, const uint64_t *serial,
		    int64_t now, struct ibe_sysparams **out, struct err *e)
{
	const char *district = host;
	bool seen = false;

	for (size_t i = 0; i < s->n_maps; i++)
		if (!strcmp(s->maps[i].host, host))
			district = s->maps[i].district;
	for (size_t i = 0; i < s->n_sets; i++) {
		struct ibe_sysparams *sys = s->sets[i].sys;

		if (strcmp(sys->district, district) || (serial && *serial != sys->serial))
			continue;
		seen = true;
		if (ibe_sysparams_check_time(sys, now, NULL))
			continue;
		*out = ibe_sysparams_get(sys);
		return 0;
	}
	if (seen)
		return err_set(e, EKEYEXPIRED, "the parameters of %s are not valid now", district);
	if (serial)
		return err_set(e, ENOENT, "no parameters of %s with serial %llu are known", district,
			       (unsigned long long)*serial);
	return err_set(e, ENOENT, "no parameters of %s are known: ibake params import", district);
}

int kms_params_find_uri(struct kms_params_store *s, const char *uri, const uint64_t *serial,
			int64_t now, struct ibe_sysparams **out, struct err *e)
{
	struct buf host = BUF_INIT;
	int ret = 0;

	/* A number has no district of its own: whoever serves them is a matter of configuration. */
	if (!strncmp(uri, "tel:", 4))
		buf_str(&host, "tel");
	else
		ret = ibe_uri_host((const uint8_t *)uri, strlen(uri), &host, e);
	buf_u8(&host, 0);
	if (!ret && host.failed)
		ret = err_set(e, ENOMEM, "out of memory");
	if (!ret)
		ret = kms_params_find(s, (char *)host.data, serial, now, out, e);
	buf_free(&host);
	return ret;
}

int kms_params_each(struct kms_params_store *s,
		    int (*fn)(const struct ibe_sysparams *p, const char *path, void *arg),
		    void *arg)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < s->n_sets; i++)
		ret = fn(s->sets[i].sys, s->sets[i].path, arg);
	return ret;
}

static int parse(const uint8_t *data, size_t len, struct ibe_sysparams **out, struct err *e)
{
	/* DER starts with a SEQUENCE, 0x30; in base64 its first character is an "M" (0x4d). */
	if (len && data[0] == 0x30)
		return ibe_sysparams_from_der(data, len, out, e);
	return ibe_sysparams_from_base64((const char *)data, len, out, e);
}

int kms_params_import(struct kms_params_store *s, const uint8_t *data, size_t len,
		      struct ibe_sysparams **out, struct err *e)
{
	struct ibe_sysparams *sys;
	char *path;
	int ret;

	ret = parse(data, len, &sys, e);
	if (ret)
		return ret;
	for (size_t i = 0; i < s->n_sets; i++) {
		struct ibe_sysparams *have = s->sets[i].sys;

		if (have->serial != sys->serial || strcmp(have->district, sys->district))
			continue;
		/* The same once more is fine. Another one would silently change who can read
		 * what is encrypted to a whole district.
		 */
		if (memcmp(have->digest, sys->digest, sizeof(have->digest)))
			ret = err_set(e, EEXIST,
				      "serial %llu of %s is known with other content: %s; remove it first if that is meant",
				      (unsigned long long)sys->serial, sys->district,
				      s->sets[i].path);
		else if (out)
			*out = ibe_sysparams_get(have);
		ibe_sysparams_put(sys);
		return ret;
	}
	path = set_path(s, sys);
	ret = path ? kms_params_write(sys, path, e) : err_set(e, ENOMEM, "out of memory");
	if (ret) {
		free(path);
		ibe_sysparams_put(sys);
		return ret;
	}
	ibe_sysparams_get(sys);
	ret = set_add(s, sys, path, e);
	if (!ret && out)
		*out = sys;
	else
		ibe_sysparams_put(sys);
	return ret;
}
