// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "base/err.h"
#include "base/log.h"
#include "kms/config.h"

static int wrong(const char *path, const config_setting_t *s, const char *need, struct err *e)
{
	return err_set(e, EINVAL, "%s line %u: %s needs %s", path, config_setting_source_line(s),
		       config_setting_name(s), need);
}

static int text(const char *path, const config_setting_t *s, char **out, struct err *e)
{
	const char *v = config_setting_get_string(s);

	if (!v || !*v)
		return wrong(path, s, "a text in quotation marks", e);
	*out = strdup(v);
	return *out ? 0 : err_set(e, ENOMEM, "out of memory");
}

static int number(const char *path, const config_setting_t *s, int max, unsigned int *out,
		  struct err *e)
{
	if (config_setting_type(s) != CONFIG_TYPE_INT || config_setting_get_int(s) < 0 ||
	    config_setting_get_int(s) > max)
		return err_set(e, EINVAL, "%s line %u: %s needs a number from 0 to %d", path,
			       config_setting_source_line(s), config_setting_name(s), max);
	*out = (unsigned int)config_setting_get_int(s);
	return 0;
}

/* "address:port" or a list of them. */
static int addresses(const char *path, const config_setting_t *s, struct kmsd_config *c,
		     struct err *e)
{
	int n = config_setting_is_aggregate(s) ? config_setting_length(s) : 0, ret = 0;

	if (!n) {
		ret = text(path, s, &c->listen[0], e);
		c->n_listen = !ret;
		return ret;
	}
	if (n > (int)KMSD_LISTEN_MAX)
		return wrong(path, s, "at most 8 addresses", e);
	for (int i = 0; !ret && i < n; i++) {
		const char *v = config_setting_get_string_elem(s, i);

		if (!v || !*v)
			return wrong(path, s, "texts in quotation marks", e);
		c->listen[i] = strdup(v);
		if (!c->listen[i])
			return err_set(e, ENOMEM, "out of memory");
		c->n_listen++;
	}
	return ret;
}

static int level(const char *path, const config_setting_t *s, struct kmsd_config *c,
		 struct err *e)
{
	static const struct {
		const char *name;
		int level;
	} levels[] = { { "error", LOG_ERR }, { "warning", LOG_WARNING }, { "info", LOG_INFO },
		       { "debug", LOG_DEBUG } };
	const char *v = config_setting_get_string(s);

	for (size_t i = 0; v && i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!strcmp(v, levels[i].name)) {
			c->log_level = levels[i].level;
			return 0;
		}
	}
	return wrong(path, s, "\"error\", \"warning\", \"info\" or \"debug\"", e);
}

static int setting(const char *path, const config_setting_t *s, struct kmsd_config *c,
		   struct err *e)
{
	const char *name = config_setting_name(s);

	if (!strcmp(name, "listen"))
		return addresses(path, s, c, e);
	if (!strcmp(name, "dir"))
		return text(path, s, &c->dir, e);
	if (!strcmp(name, "passphrase-file"))
		return text(path, s, &c->passphrase_file, e);
	if (!strcmp(name, "tls-cert"))
		return text(path, s, &c->tls_cert, e);
	if (!strcmp(name, "tls-key"))
		return text(path, s, &c->tls_key, e);
	if (!strcmp(name, "log-level"))
		return level(path, s, c, e);
	if (!strcmp(name, "workers"))
		return number(path, s, 16, &c->workers, e);
	if (!strcmp(name, "max-connections"))
		return number(path, s, 10000, &c->max_connections, e);
	return err_set(e, EINVAL, "%s line %u: unknown setting \"%s\"", path,
		       config_setting_source_line(s), name);
}

static int complete(const char *path, struct kmsd_config *c, struct err *e)
{
	if (!c->n_listen)
		return err_set(e, EINVAL, "%s: listen = \"address:port\" is missing", path);
	if (!c->dir)
		return err_set(e, EINVAL, "%s: dir is missing", path);
	if (!c->passphrase_file)
		return err_set(e, EINVAL, "%s: passphrase-file is missing", path);
	if (!c->tls_cert != !c->tls_key)
		return err_set(e, EINVAL, "%s: tls-cert and tls-key go together", path);
	if (!c->tls_cert && (asprintf(&c->tls_cert, "%s/tls.crt", c->dir) < 0 ||
			     asprintf(&c->tls_key, "%s/tls.key", c->dir) < 0))
		return err_set(e, ENOMEM, "out of memory");
	if (!c->max_connections)
		return err_set(e, EINVAL, "%s: max-connections is at least 1", path);
	return 0;
}

int kmsd_config_read(const char *path, struct kmsd_config *c, struct err *e)
{
	const config_setting_t *root;
	config_t cfg;
	int ret = 0;

	memset(c, 0, sizeof(*c));
	c->log_level = LOG_INFO;
	c->max_connections = 128;
	config_init(&cfg);
	if (config_read_file(&cfg, path) != CONFIG_TRUE) {
		if (config_error_type(&cfg) == CONFIG_ERR_FILE_IO)
			ret = err_set(e, ENOENT, "cannot read %s", path);
		else
			ret = err_set(e, EINVAL, "%s line %d: %s", path, config_error_line(&cfg),
				      config_error_text(&cfg));
		goto out;
	}
	root = config_root_setting(&cfg);
	for (int i = 0; !ret && i < config_setting_length(root); i++)
		ret = setting(path, config_setting_get_elem(root, (unsigned int)i), c, e);
	if (!ret)
		ret = complete(path, c, e);
out:
	config_destroy(&cfg);
	if (ret)
		kmsd_config_free(c);
	return ret;
}

void kmsd_config_free(struct kmsd_config *c)
{
	for (size_t i = 0; i < KMSD_LISTEN_MAX; i++)
		free(c->listen[i]);
	free(c->dir);
	free(c->passphrase_file);
	free(c->tls_cert);
	free(c->tls_key);
	memset(c, 0, sizeof(*c));
}
