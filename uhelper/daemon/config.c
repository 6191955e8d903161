// SPDX-License-Identifier: GPL-2.0-or-later
/* ibaked.conf: tables of settings, one reader for all of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <libconfig.h>

#include "base/buf.h"
#include "base/err.h"
#include "daemon/config.h"
#include "ibe/identity.h"
#include "kms/kms.h"

#define MIKEY_PORT 2269
#define N(a) (sizeof(a) / sizeof((a)[0]))

enum kind {
	K_STR,		/* char * */
	K_URI,		/* char *, normalised */
	K_INT,		/* int between min and max */
	K_BOOL,		/* bool */
	K_WORD,		/* int: place in words */
	K_ADDR,		/* struct addr; min is the default port */
	K_ADDRS,	/* array of struct addr; a single string is an array of one */
	K_WORDS,	/* int[]: places in words, each once, in order; max of them */
	K_GROUP,	/* a struct inside this one, described by rows */
	K_LIST,		/* array of such structs */
};

/**
 * struct row - one setting
 * @name: as written in the file
 * @kind: what its value is
 * @offset: of the field in the group's struct
 * @count: offset of the number of elements, for K_ADDRS, K_WORDS and K_LIST
 * @needed: a group without it is refused
 * @min: smallest value
 * @max: largest value
 * @words: NULL-ended
 * @rows: of the group or of each list element
 * @size: of a list element
 */
struct row {
	const char *name;
	enum kind kind;
	size_t offset, count;
	bool needed;
	int min, max;
	const char *const *words;
	const struct row *rows;
	size_t size;
};

static const char *const suite_words[] = {
	[CONFIG_SUITE_AES_CM_128_HMAC_SHA1_80] = "AES_CM_128_HMAC_SHA1_80",
	[CONFIG_SUITE_AES_CM_128_HMAC_SHA1_32] = "AES_CM_128_HMAC_SHA1_32",
	[CONFIG_SUITES] = NULL,
};
static const char *const binding_words[] = { "require", "prefer", "off", NULL };
static const char *const prf_words[] = { "HMAC-SHA-256", "MIKEY-1", NULL };
static const char *const level_words[] = { "emergency", "alert", "critical", "error",
					   "warning", "notice", "info", "debug", NULL };

#define AT(type, field) .offset = offsetof(struct type, field)

static const struct row kms_rows[] = {
	{ "url", K_STR, AT(config_kms, url), .needed = true },
	{ "ca", K_STR, AT(config_kms, ca), .needed = true },
	{ "district", K_STR, AT(config_kms, district) },
	{ "user", K_STR, AT(config_kms, user), .needed = true },
	{ "psk-file", K_STR, AT(config_kms, psk_file), .needed = true },
	{ "prf", K_WORD, AT(config_kms, prf), .words = prf_words },
	{ }
};

static const struct row identity_rows[] = {
	{ "uri", K_URI, AT(config_identity, uri), .needed = true },
	{ "kms", K_GROUP, AT(config_identity, kms), .rows = kms_rows },
	{ }
};

static const struct row district_rows[] = {
	{ "host", K_STR, AT(config_district, host), .needed = true },
	{ "district", K_STR, AT(config_district, district), .needed = true },
	{ }
};

static const struct row route_rows[] = {
	{ "identity", K_URI, AT(config_route, identity), .needed = true },
	{ "peer", K_URI, AT(config_route, peer) },
	{ "plain", K_ADDR, AT(config_route, media.plain), .needed = true },
	{ "phone", K_ADDR, AT(config_route, media.phone), .needed = true },
	{ "secure", K_ADDR, AT(config_route, media.secure), .needed = true },
	{ "remote", K_ADDR, AT(config_route, media.remote), .needed = true },
	{ }
};

static const struct row peer_rows[] = {
	{ "uri", K_URI, AT(config_peer, uri), .needed = true },
	{ "binding", K_WORD, AT(config_peer, binding), .needed = true, .words = binding_words },
	{ }
};

static const struct row limit_rows[] = {
	{ "calls", K_INT, AT(config, max_calls), .min = 1, .max = 100000 },
	{ "jobs", K_INT, AT(config, max_jobs), .min = 1, .max = 100000 },
	{ "skew", K_INT, AT(config, max_skew), .min = 1, .max = 86400 },
	{ "rate", K_INT, AT(config, rate), .min = 1, .max = 1000000 },
	{ "give-up", K_INT, AT(config, give_up), .min = 1, .max = 300 },
	{ "provisional", K_INT, AT(config, provisional), .min = 1, .max = 600 },
	{ "burst", K_INT, AT(config, burst), .min = 1, .max = 1000000 },
	{ }
};

static const struct row config_rows[] = {
	{ "listen", K_ADDRS, AT(config, listen), .count = offsetof(struct config, n_listen),
	  .needed = true, .min = MIKEY_PORT },
	{ "control", K_STR, AT(config, control) },
	{ "keystore", K_STR, AT(config, keystore) },
	{ "params", K_STR, AT(config, params) },
	{ "state", K_STR, AT(config, state) },
	{ "identities", K_LIST, AT(config, identities),
	  .count = offsetof(struct config, n_identities), .needed = true, .rows = identity_rows,
	  .size = sizeof(struct config_identity) },
	{ "districts", K_LIST, AT(config, districts),
	  .count = offsetof(struct config, n_districts), .rows = district_rows,
	  .size = sizeof(struct config_district) },
	{ "routes", K_LIST, AT(config, routes), .count = offsetof(struct config, n_routes),
	  .rows = route_rows, .size = sizeof(struct config_route) },
	{ "peers", K_LIST, AT(config, peers), .count = offsetof(struct config, n_peers),
	  .rows = peer_rows, .size = sizeof(struct config_peer) },
	{ "suites", K_WORDS, AT(config, suites), .count = offsetof(struct config, n_suites),
	  .max = CONFIG_SUITES, .words = suite_words },
	{ "binding", K_WORD, AT(config, binding), .words = binding_words },
	{ "fetch-days", K_INT, AT(config, fetch_days), .min = 0, .max = 366 },
	{ "grace", K_INT, AT(config, grace), .min = 1, .max = 3600 },
	{ "workers", K_INT, AT(config, workers), .min = 0, .max = 256 },
	{ "limits", K_GROUP, .offset = 0, .rows = limit_rows },
	{ "log-level", K_WORD, AT(config, log_level), .words = level_words },
	{ "flush-on-exit", K_BOOL, AT(config, flush_on_exit) },
	{ }
};

/* Refuses a setting: "FILE:LINE: setting: sentence". */
static int refuse(const config_setting_t *s, struct err *e, const char *sentence)
{
	const char *file = config_setting_source_file(s), *name = config_setting_name(s);
	const config_setting_t *up = s;

	while (!name && (up = config_setting_parent(up)))
		name = config_setting_name(up);
	return err_set(e, EINVAL, "%s:%u: %s: %s", file ? file : "?", config_setting_source_line(s),
		       name ? name : "settings", sentence);
}

static int read_string(const config_setting_t *s, char **out, struct err *e)
{
	const char *text = config_setting_get_string(s);

	if (!text || !*text)
		return refuse(s, e, "must be a string that is not empty");
	*out = strdup(text);
	return *out ? 0 : refuse(s, e, "out of memory");
}

static int read_uri(const config_setting_t *s, char **out, struct err *e)
{
	const char *text = config_setting_get_string(s);
	struct buf b = BUF_INIT;
	struct err why = ERR_INIT;

	if (!text)
		return refuse(s, e, "must be a string with a URI");
	if (ibe_uri_normalise(text, &b, &why))
		return refuse(s, e, why.msg);
	*out = strndup((const char *)b.data, b.len);
	buf_free(&b);
	return *out ? 0 : refuse(s, e, "out of memory");
}

static int read_word(const config_setting_t *s, const struct row *row, int *out, struct err *e)
{
	const char *text = config_setting_get_string(s);
	struct buf list = BUF_INIT;

	for (int i = 0; row->words[i]; i++) {
		if (text && !strcmp(text, row->words[i])) {
			*out = i;
			buf_free(&list);
			return 0;
		}
		buf_printf(&list, "%s\"%s\"", i ? ", " : "must be one of ", row->words[i]);
	}
	buf_u8(&list, 0);
	refuse(s, e, list.failed ? "unknown word" : (char *)list.data);
	buf_free(&list);
	return -EINVAL;
}

static int read_addr(const config_setting_t *s, int port, struct addr *out, struct err *e)
{
	const char *text = config_setting_get_string(s);
	struct err why = ERR_INIT;

	if (!text)
		return refuse(s, e, "must be a string with ADDRESS:PORT");
	return addr_parse(text, (uint16_t)port, out, &why) ? refuse(s, e, why.msg) : 0;
}

static int read_group(const config_setting_t *s, const struct row *rows, char *base,
		      struct err *e);

/* Element @i of an array or list; a string that stands alone is an array of one. */
static const config_setting_t *element(const config_setting_t *s, int i)
{
	return config_setting_is_scalar(s) ? s : config_setting_get_elem(s, (unsigned int)i);
}

static int read_many(const config_setting_t *s, const struct row *row, char *base, struct err *e)
{
	bool one = config_setting_is_scalar(s);
	int n = one ? 1 : config_setting_length(s), ret = 0;
	size_t *count = (size_t *)(base + row->count);
	size_t size = row->kind == K_ADDRS ? sizeof(struct addr) : row->size;
	char **array = (char **)(base + row->offset);
	int *words = (int *)(base + row->offset);

	if (row->kind == K_LIST ? !config_setting_is_list(s) : config_setting_is_group(s))
		return refuse(s, e, row->kind == K_LIST ? "must be a list of groups: ( { ... }, ... )" :
			      "must be a list of strings");
	if (!n)
		return refuse(s, e, "must not be empty");
	*count = 0;
	if (row->kind == K_WORDS && n > row->max)
		return refuse(s, e, "holds a word twice");
	if (row->kind != K_WORDS) {
		*array = calloc((size_t)n, size);
		if (!*array)
			return refuse(s, e, "out of memory");
	}
	for (int i = 0; i < n && !ret; i++) {
		const config_setting_t *el = element(s, i);
		char *at = row->kind == K_WORDS ? NULL : *array + (size_t)i * size;

		if (row->kind == K_WORDS) {
			ret = read_word(el, row, &words[i], e);
			for (int k = 0; k < i && !ret; k++)
				if (words[k] == words[i])
					ret = refuse(el, e, "holds a word twice");
		} else if (row->kind == K_ADDRS) {
			ret = read_addr(el, row->min, (struct addr *)at, e);
		} else {
			ret = read_group(el, row->rows, at, e);
		}
		(*count)++;
	}
	return ret;
}

static int read_row(const config_setting_t *s, const struct row *row, char *base, struct err *e)
{
	char *at = base + row->offset;
	char text[80];
	int v;

	switch (row->kind) {
	case K_STR:
		return read_string(s, (char **)at, e);
	case K_URI:
		return read_uri(s, (char **)at, e);
	case K_INT:
		v = config_setting_get_int(s);
		if (config_setting_type(s) != CONFIG_TYPE_INT || v < row->min || v > row->max) {
			snprintf(text, sizeof(text), "must be a number from %d to %d", row->min,
				 row->max);
			return refuse(s, e, text);
		}
		*(int *)at = v;
		return 0;
	case K_BOOL:
		if (config_setting_type(s) != CONFIG_TYPE_BOOL)
			return refuse(s, e, "must be true or false");
		*(bool *)at = config_setting_get_bool(s);
		return 0;
	case K_WORD:
		return read_word(s, row, (int *)at, e);
	case K_ADDR:
		return read_addr(s, row->min, (struct addr *)at, e);
	case K_GROUP:
		return read_group(s, row->rows, at, e);
	case K_ADDRS:
	case K_WORDS:
	case K_LIST:
		return read_many(s, row, base, e);
	}
	return -EINVAL;
}

static int read_group(const config_setting_t *s, const struct row *rows, char *base, struct err *e)
{
	const struct row *row;
	char text[80];
	int ret;

	if (!config_setting_is_group(s))
		return refuse(s, e, "must be a group: { ... }");
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *el = config_setting_get_elem(s, (unsigned int)i);

		for (row = rows; row->name && strcmp(row->name, config_setting_name(el)); row++)
			;
		if (!row->name)
			return refuse(el, e, "there is no such setting here");
		ret = read_row(el, row, base, e);
		if (ret)
			return ret;
	}
	for (row = rows; row->name; row++)
		if (row->needed && !config_setting_get_member(s, row->name)) {
			snprintf(text, sizeof(text), "\"%s\" is missing", row->name);
			return refuse(s, e, text);
		}
	return 0;
}

/* The element of a list at fault, for the line number. */
static int refuse_element(const config_t *cf, const char *list, size_t i, const char *member,
			  struct err *e, const char *sentence)
{
	const config_setting_t *s = config_lookup(cf, list);

	s = config_setting_get_elem(s, (unsigned int)i);
	return refuse(member ? config_setting_get_member(s, member) : s, e, sentence);
}

/* What no single setting shows. */
static int check(const config_t *cf, const struct config *c, struct err *e)
{
	struct err why = ERR_INIT;
	size_t i, k;

	for (i = 0; i < c->n_identities; i++)
		for (k = 0; k < i; k++)
			if (!strcmp(c->identities[i].uri, c->identities[k].uri))
				return refuse_element(cf, "identities", i, "uri", e,
						      "this identity is there twice");
	for (i = 0; i < c->n_routes; i++) {
		const struct config_route *r = &c->routes[i];

		if (!config_identity_find(c, r->identity))
			return refuse_element(cf, "routes", i, "identity", e,
					      "is none of the identities configured here");
		if (media_addrs_check(&r->media, &why))
			return refuse_element(cf, "routes", i, NULL, e, why.msg);
		for (k = 0; k < i; k++)
			if (!strcmp(r->identity, c->routes[k].identity) &&
			    !strcmp(r->peer ? r->peer : "", c->routes[k].peer ? c->routes[k].peer : ""))
				return refuse_element(cf, "routes", i, NULL, e,
						      "an earlier route has the same identity and peer");
	}
	for (i = 0; i < c->n_peers; i++)
		for (k = 0; k < i; k++)
			if (!strcmp(c->peers[i].uri, c->peers[k].uri))
				return refuse_element(cf, "peers", i, "uri", e, "this peer is there twice");
	return 0;
}

static int set_default(char **field, const char *value, struct err *e)
{
	if (!*field)
		*field = strdup(value);
	return *field ? 0 : err_set(e, ENOMEM, "out of memory");
}

int config_load(const char *file, struct config *out, struct err *e)
{
	struct config c = {
		.fetch_days = 31, .grace = 60, .max_calls = 1000, .max_jobs = 256, .max_skew = 300,
		.rate = 20, .burst = 60, .give_up = 32, .provisional = 40, .log_level = LOG_INFO, .n_suites = 1,
		.suites = { CONFIG_SUITE_AES_CM_128_HMAC_SHA1_80 },
	};
	config_t cf;
	int ret;

	config_init(&cf);
	if (!config_read_file(&cf, file)) {
		if (config_error_type(&cf) == CONFIG_ERR_FILE_IO)
			ret = err_set(e, ENOENT, "%s: cannot be read", file);
		else
			ret = err_set(e, EINVAL, "%s:%d: %s",
				      config_error_file(&cf) ? config_error_file(&cf) : file,
				      config_error_line(&cf), config_error_text(&cf));
		goto out;
	}
	ret = read_group(config_root_setting(&cf), config_rows, (char *)&c, e);
	if (!ret)
		ret = check(&cf, &c, e);
	if (!ret)
		ret = set_default(&c.file, file, e);
	if (!ret)
		ret = set_default(&c.control, "/run/ibake/ibaked.sock", e);
	if (!ret)
		ret = set_default(&c.keystore, KMS_DIR_DEFAULT, e);
	if (!ret)
		ret = set_default(&c.params, KMS_DIR_DEFAULT, e);
	if (!ret)
		ret = set_default(&c.state, "/run/ibake/calls", e);
out:
	config_destroy(&cf);
	if (ret)
		config_free(&c);
	else
		*out = c;
	return ret;
}

/* Releases what the rows of a group own. */
static void free_group(const struct row *row, char *base)
{
	for (; row->name; row++) {
		char **field = (char **)(base + row->offset);

		switch (row->kind) {
		case K_STR:
		case K_URI:
			free(*field);
			break;
		case K_GROUP:
			free_group(row->rows, base + row->offset);
			break;
		case K_LIST:
			for (size_t i = 0; i < *(size_t *)(base + row->count); i++)
				free_group(row->rows, *field + i * row->size);
			free(*field);
			break;
		case K_ADDRS:
			free(*field);
			break;
		default:
			break;
		}
	}
}

void config_free(struct config *c)
{
	free_group(config_rows, (char *)c);
	free(c->file);
	memset(c, 0, sizeof(*c));
}

const struct config_route *config_route_find(const struct config *c, const char *identity,
					     const char *peer)
{
	const struct config_route *any = NULL;

	for (size_t i = 0; i < c->n_routes; i++) {
		const struct config_route *r = &c->routes[i];

		if (strcmp(r->identity, identity))
			continue;
		if (!r->peer)
			any = r;
		else if (!strcmp(r->peer, peer))
			return r;
	}
	return any;
}

enum config_binding config_binding_for(const struct config *c, const char *peer)
{
	for (size_t i = 0; i < c->n_peers; i++)
		if (!strcmp(c->peers[i].uri, peer))
			return (enum config_binding)c->peers[i].binding;
	return (enum config_binding)c->binding;
}

const struct config_identity *config_identity_find(const struct config *c, const char *uri)
{
	for (size_t i = 0; i < c->n_identities; i++)
		if (!strcmp(c->identities[i].uri, uri))
			return &c->identities[i];
	return NULL;
}

const char *config_suite_name(int suite)
{
	return suite >= 0 && suite < CONFIG_SUITES ? suite_words[suite] : "unknown";
}

int config_suite_from_name(const char *name)
{
	for (int i = 0; i < CONFIG_SUITES; i++)
		if (!strcmp(name, suite_words[i]))
			return i;
	return -1;
}
