// SPDX-License-Identifier: GPL-2.0-or-later
/* The requests of the control socket: one JSON object each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/err.h"
#include "daemon/request.h"

#define MIKEY_PORT 2269

enum member_kind { TEXT, ADDR, SECONDS };

/* Which members a command takes: bit 1 << command. */
#define FOR(c) (1u << REQUEST_##c)

static const struct member {
	const char *name;
	enum member_kind kind;
	size_t offset, size;
	uint16_t default_port;
	unsigned int allowed, needed;
} members[] = {
#define TEXT_MEMBER(f) TEXT, offsetof(struct request, f), sizeof(((struct request *)0)->f), 0
#define ADDR_MEMBER(f, port) ADDR, offsetof(struct request, f), sizeof(struct addr), port
	{ "name", TEXT_MEMBER(name), FOR(CALL_ADD) | FOR(CALL_DEL) | FOR(CALL_SHOW),
	  FOR(CALL_DEL) },
	{ "from", TEXT_MEMBER(from), FOR(CALL_ADD), FOR(CALL_ADD) },
	{ "to", TEXT_MEMBER(to), FOR(CALL_ADD), FOR(CALL_ADD) },
	{ "via", ADDR_MEMBER(via, MIKEY_PORT), FOR(CALL_ADD), FOR(CALL_ADD) },
	{ "plain", ADDR_MEMBER(media.plain, 0), FOR(CALL_ADD), FOR(CALL_ADD) },
	{ "phone", ADDR_MEMBER(media.phone, 0), FOR(CALL_ADD), FOR(CALL_ADD) },
	{ "secure", ADDR_MEMBER(media.secure, 0), FOR(CALL_ADD), FOR(CALL_ADD) },
	{ "remote", ADDR_MEMBER(media.remote, 0), FOR(CALL_ADD), FOR(CALL_ADD) },
	{ "suite", TEXT_MEMBER(suite), FOR(CALL_ADD), 0 },
	{ "wait", SECONDS, offsetof(struct request, wait), sizeof(unsigned int), 0, FOR(CALL_ADD),
	  0 },
};

static const char *const command_name[] = {
	[REQUEST_STATUS] = "status",
	[REQUEST_IDENTITY_SHOW] = "identity-show",
	[REQUEST_CALL_ADD] = "call-add",
	[REQUEST_CALL_DEL] = "call-del",
	[REQUEST_CALL_SHOW] = "call-show",
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

bool call_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len && len <= CALL_NAME_MAX && name[0] != '.' && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

int media_addrs_check(const struct media_addrs *m, struct err *e)
{
	const struct addr *all[] = { &m->plain, &m->phone, &m->secure, &m->remote };
	static const char *const name[] = { "plain", "phone", "secure", "remote" };
	struct addr rtcp;

	for (size_t i = 0; i < N(all); i++)
		if (addr_port(all[i]) == 65535)
			return err_set(e, EINVAL, "%s: port 65535 leaves no port above it for RTCP",
				       name[i]);
	if (m->plain.ss.ss_family != m->phone.ss.ss_family)
		return err_set(e, EINVAL, "plain and phone are not of one address family");
	if (m->secure.ss.ss_family != m->remote.ss.ss_family)
		return err_set(e, EINVAL, "secure and remote are not of one address family");
	for (int d = -1; d <= 1; d++) {
		rtcp = m->plain;
		addr_set_port(&rtcp, (uint16_t)(addr_port(&rtcp) + d));
		if (addr_equal(&rtcp, &m->secure))
			return err_set(e, EINVAL, "plain and secure share a port; RTCP takes the one above RTP");
	}
	return 0;
}

static int member_read(const struct member *m, const json_t *v, struct request *r, struct err *e)
{
	char *field = (char *)r + m->offset;
	json_int_t n;
	int ret;

	if (m->kind == SECONDS) {
		n = json_is_integer(v) ? json_integer_value(v) : -1;
		if (n < 0 || n > REQUEST_WAIT_MAX)
			return err_set(e, EINVAL, "\"%s\" must be a number of seconds from 0 to %d",
				       m->name, REQUEST_WAIT_MAX);
		memcpy(field, &(unsigned int){ (unsigned int)n }, sizeof(unsigned int));
		return 0;
	}
	/* jansson refuses \u0000 by default, so the length is strlen(). */
	if (!json_is_string(v) || !json_string_length(v))
		return err_set(e, EINVAL, "\"%s\" must be a string that is not empty", m->name);
	if (m->kind == ADDR) {
		ret = addr_parse(json_string_value(v), m->default_port, (struct addr *)field, e);
		if (ret)
			err_add(e, "\"%s\"", m->name);
		return ret;
	}
	if (json_string_length(v) >= m->size)
		return err_set(e, EINVAL, "\"%s\" is longer than %zu octets", m->name, m->size - 1);
	memcpy(field, json_string_value(v), json_string_length(v) + 1);
	for (const char *p = field; *p; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(e, EINVAL, "\"%s\" holds a character that is not printable ASCII",
				       m->name);
	return 0;
}

static int object_read(const json_t *o, struct request *r, struct err *e)
{
	const json_t *v = json_object_get(o, "command");
	const char *text = json_string_value(v), *key;
	unsigned int seen = 0;
	json_t *value;
	size_t c, i;
	int ret;

	if (!text)
		return err_set(e, EINVAL, "the request has no \"command\"");
	for (c = 0; c < N(command_name) && strcmp(text, command_name[c]); c++)
		;
	if (c == N(command_name))
		return err_set(e, EINVAL, "there is no command \"%.40s\"", text);
	r->command = (enum request_command)c;
	json_object_foreach((json_t *)o, key, value) {
		if (!strcmp(key, "command"))
			continue;
		for (i = 0; i < N(members) && strcmp(key, members[i].name); i++)
			;
		if (i == N(members) || !(members[i].allowed & 1u << c))
			return err_set(e, EINVAL, "%s takes no \"%.40s\"", command_name[c], key);
		ret = member_read(&members[i], value, r, e);
		if (ret)
			return ret;
		seen |= 1u << i;
	}
	for (i = 0; i < N(members); i++)
		if (members[i].needed & 1u << c && !(seen & 1u << i))
			return err_set(e, EINVAL, "%s needs \"%s\"", command_name[c], members[i].name);
	if (r->name[0] && !call_name_valid(r->name))
		return err_set(e, EINVAL,
			       "\"%s\" is no call name: 1 to %d letters, digits, '.', '_' or '-'",
			       r->name, CALL_NAME_MAX);
	return r->command == REQUEST_CALL_ADD ? media_addrs_check(&r->media, e) : 0;
}

int request_parse(const char *line, size_t len, struct request *r, struct err *e)
{
	json_error_t je;
	json_t *o;
	int ret;

	memset(r, 0, sizeof(*r));
	if (len > REQUEST_LINE_MAX)
		return err_set(e, EMSGSIZE, "a request is longer than %d octets", REQUEST_LINE_MAX);
	o = json_loadb(line, len, JSON_REJECT_DUPLICATES, &je);
	if (!o)
		return err_set(e, EINVAL, "not a JSON object: %s", je.text);
	if (json_is_object(o))
		ret = object_read(o, r, e);
	else
		ret = err_set(e, EINVAL, "not a JSON object");
	json_decref(o);
	if (ret)
		memset(r, 0, sizeof(*r));
	return ret;
}
