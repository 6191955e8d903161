// SPDX-License-Identifier: GPL-2.0-or-later
/* A call as the control socket shows it: nothing secret is in it. */
#include <string.h>

#include "base/buf.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "mikey/mikey.h"

static const char *const state_names[] = {
	[CALL_INITIATING] = "initiating",
	[CALL_ANSWERING] = "answering",
	[CALL_PROVISIONAL] = "provisional",
	[CALL_KEYED] = "keyed",
	[CALL_ADOPTED] = "adopted",
	[CALL_FAILED] = "failed",
};

const char *gw_call_state_name(enum call_state s)
{
	return state_names[s];
}

static void set_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

static void set_hex(json_t *o, const char *key, const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;

	buf_hex(&b, data, len);
	json_object_set_new(o, key, json_stringn((const char *)b.data, b.len));
	buf_free(&b);
}

static void set_addr(json_t *o, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	set_text(o, key, addr_format(a, text));
}

static void set_time(json_t *o, const char *key, time_t t)
{
	char text[32];
	struct tm tm;

	if (!t || !gmtime_r(&t, &tm))
		return;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	set_text(o, key, text);
}

static json_t *show_messages(const struct call *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->n_messages; i++) {
		const struct call_message *m = &c->messages[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:b, s:I}",
						      "direction", m->sent ? "sent" : "received",
						      "type", mikey_type_name(m->type), "number", m->type,
						      "octets", (int)m->len, "again", m->resent,
						      "unix_ms", (json_int_t)m->when.tv_sec * 1000 +
						      m->when.tv_nsec / 1000000));
	}
	return list;
}

json_t *gw_call_show(const struct call *c)
{
	json_t *o = json_object(), *media = json_object(), *flows;

	set_text(o, "name", c->name);
	set_text(o, "role", c->initiator ? "initiator" : "responder");
	set_text(o, "state", gw_call_state_name(c->state));
	if (c->state == CALL_FAILED)
		set_text(o, "reason", c->reason);
	set_text(o, "local", c->local);
	set_text(o, "peer", c->peer);
	if (c->via.len)
		set_addr(o, "via", &c->via);
	if (c->suite >= 0)
		set_text(o, "suite", config_suite_name(c->suite));
	if (c->has_keys) {
		set_hex(o, "mki", c->mki, sizeof(c->mki));
		set_hex(o, "fingerprint", c->fingerprint, sizeof(c->fingerprint));
		json_object_set_new(o, "bound", json_boolean(c->bound));
	}
	json_object_set_new(o, "messages", show_messages(c));
	json_object_set_new(o, "retransmissions", json_integer(c->resent));
	json_object_set_new(o, "refused", json_integer(c->refused));
	set_addr(media, "plain", &c->media.addrs.plain);
	set_addr(media, "phone", &c->media.addrs.phone);
	set_addr(media, "secure", &c->media.addrs.secure);
	set_addr(media, "remote", &c->media.addrs.remote);
	json_object_set_new(o, "media", media);
	if (c->up) {
		json_object_set_new(o, "sa", json_pack("{s:I, s:I}", "tx",
						       (json_int_t)c->refs.sa_tx.id, "rx",
						       (json_int_t)c->refs.sa_rx.id));
		flows = json_object();
		for (int leg = 0; leg < LEGS; leg++)
			json_object_set_new(flows, leg_name((enum leg)leg),
					    json_integer(c->refs.flow[leg].id));
		json_object_set_new(o, "flows", flows);
	}
	set_time(o, "started", c->started);
	set_time(o, "keyed", c->keyed);
	return o;
}
