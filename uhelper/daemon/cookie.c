// SPDX-License-Identifier: GPL-2.0-or-later
/* Cookies: "ibaked/INSTANCE/ROLE/PART/NAME" on every object that this daemon makes in the kernel. */
#include <stdio.h>
#include <string.h>

#include "daemon/keying.h"

#define PREFIX "ibaked/"

size_t keying_cookie_write(const struct keying_cookie *c, uint8_t out[64])
{
	char text[65];
	int n = snprintf(text, sizeof(text), PREFIX "%s/%c/%c/%s", c->instance,
			 c->initiator ? 'i' : 'r', c->part, c->name);

	memcpy(out, text, (size_t)n);
	return (size_t)n;
}

bool keying_cookie_read(const uint8_t *data, size_t len, struct keying_cookie *c)
{
	const size_t fixed = strlen(PREFIX) + 8 + 5;
	const char *p = (const char *)data + strlen(PREFIX);

	memset(c, 0, sizeof(*c));
	if (len <= fixed || len - fixed > CALL_NAME_MAX || memcmp(data, PREFIX, strlen(PREFIX)))
		return false;
	if (p[8] != '/' || (p[9] != 'i' && p[9] != 'r') || p[10] != '/' || p[12] != '/' ||
	    !p[11] || !strchr("tr0123", p[11]) || memchr(data, 0, len))
		return false;
	memcpy(c->instance, p, 8);
	c->initiator = p[9] == 'i';
	c->part = p[11];
	memcpy(c->name, data + fixed, len - fixed);
	return call_name_valid(c->name);
}
