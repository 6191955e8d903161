// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls that survive their daemon. The kernel keeps their keys and sockets, and cookies say what
 * belongs together; a file for each call tells people whose call it is. Nothing secret is in it,
 * and nothing is lost but these words where it is missing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/daemon.h"

static bool path_of(const struct daemon *d, const char *name, char *path, size_t size)
{
	return snprintf(path, size, "%s/%s-%s.json", d->cfg->state, d->instance, name) < (int)size;
}

void adopt_save(struct daemon *d, const struct call *c)
{
	struct err e = ERR_INIT;
	char path[4096];
	json_t *o = gw_call_show(c);
	char *text;

	json_object_set_new(o, "unix", json_pack("{s:I, s:I}", "started", (json_int_t)c->started,
						 "keyed", (json_int_t)c->keyed));
	text = json_dumps(o, JSON_INDENT(1));
	if (mkdir(d->cfg->state, 0700) && errno != EEXIST)
		err_set(&e, errno, "cannot create %s: %s", d->cfg->state, strerror(errno));
	else if (text && path_of(d, c->name, path, sizeof(path)))
		buf_write_file(path, text, strlen(text), 0600, &e);
	if (e.code)
		log_warn("call %s: after a restart it will be without its names: %s", c->name, e.msg);
	free(text);
	json_decref(o);
}

void adopt_forget(struct daemon *d, const struct call *c)
{
	char path[4096];

	if (path_of(d, c->name, path, sizeof(path)))
		unlink(path);
}

static void read_message(struct call *c, const json_t *m)
{
	struct call_message *out = &c->messages[c->n_messages];
	int number = 0, octets = 0, again = 0;
	const char *direction = "";
	json_int_t ms = 0;

	if (c->n_messages == CALL_MESSAGES ||
	    json_unpack((json_t *)m, "{s:s, s:i, s:i, s:b, s:I}", "direction", &direction, "number",
			&number, "octets", &octets, "again", &again, "unix_ms", &ms))
		return;
	*out = (struct call_message){ !strcmp(direction, "sent"), again, (uint8_t)number,
				      (size_t)octets, { ms / 1000, ms % 1000 * 1000000 } };
	c->n_messages++;
}

static void read_text(char *out, size_t size, const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	if (text)
		snprintf(out, size, "%s", text);
}

/* Only if it speaks of this very call: the MKI that the kernel shows is in it. */
static bool read_file(struct daemon *d, struct call *c)
{
	char path[4096], mki[2 * IBAKE_MKI_LEN + 1], via[ADDR_TEXT_MAX] = "";
	struct buf b = BUF_INIT, hex = BUF_INIT, fp = BUF_INIT;
	const char *text, *fingerprint;
	struct err e = ERR_INIT;
	bool ok = false;
	json_t *o = NULL, *m;
	size_t i;

	buf_hex(&hex, c->mki, sizeof(c->mki));
	snprintf(mki, sizeof(mki), "%.*s", (int)hex.len, (const char *)hex.data);
	if (path_of(d, c->name, path, sizeof(path)) && !buf_read_file(&b, path, 65536, &e))
		o = json_loadb((const char *)b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
	text = json_string_value(json_object_get(o, "mki"));
	fingerprint = json_string_value(json_object_get(o, "fingerprint"));
	if (!text || strcmp(text, mki) || !fingerprint || !buf_unhex(&fp, fingerprint) ||
	    fp.len != sizeof(c->fingerprint))
		goto out;
	ok = true;
	memcpy(c->fingerprint, fp.data, fp.len);
	c->has_keys = true;
	c->bound = json_is_true(json_object_get(o, "bound"));
	read_text(c->local, sizeof(c->local), o, "local");
	read_text(c->peer, sizeof(c->peer), o, "peer");
	read_text(via, sizeof(via), o, "via");
	if (via[0])
		addr_parse(via, 0, &c->via, NULL);
	c->resent = (unsigned int)json_integer_value(json_object_get(o, "retransmissions"));
	json_array_foreach(json_object_get(o, "messages"), i, m)
		read_message(c, m);
	m = json_object_get(o, "unix");
	c->started = json_integer_value(json_object_get(m, "started"));
	c->keyed = json_integer_value(json_object_get(m, "keyed"));
out:
	json_decref(o);
	buf_free(&b);
	buf_free(&hex);
	buf_free(&fp);
	return ok;
}

static bool adopt_one(void *arg, struct keying_found *f)
{
	struct daemon *d = arg;
	struct err e = ERR_INIT;
	struct call *c = gw_call_find(d, f->name) ? NULL : gw_call_new(d, f->name, "", &e);

	if (!c) {
		log_warn("call %s cannot be adopted: %s", f->name, e.msg);
		return false;
	}
	c->initiator = f->initiator;
	c->state = CALL_ADOPTED;
	c->media = f->media;
	c->refs = f->refs;
	c->up = true;
	c->suite = f->suite;
	memcpy(c->mki, f->mki, sizeof(c->mki));
	if (!read_file(d, c)) {
		log_warn("call %s: its file in %s is missing or not of this call", c->name,
			 d->cfg->state);
		c->has_keys = false;
		snprintf(c->local, sizeof(c->local), "unknown");
		snprintf(c->peer, sizeof(c->peer), "unknown");
	}
	/* The earlier daemon's clock for provisional keys is lost; a new one starts. */
	if (!c->initiator && !d->kops->authentic(d->keying, &c->refs))
		c->confirm_by = mono_seconds() + d->cfg->provisional;
	log_info("call %s: adopted, %s with %s", c->name, c->local, c->peer);
	return true;
}

void adopt_all(struct daemon *d)
{
	struct err e = ERR_INIT;

	if (d->kops->adopt(d->keying, adopt_one, d, &e))
		log_warn("cannot look for calls of an earlier daemon: %s", e.msg);
}
