// SPDX-License-Identifier: GPL-2.0-or-later
/* Socket addresses as text and back. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/err.h"

static int port_parse(const char *text, uint16_t *port)
{
	unsigned int v = 0;

	if (!*text || strlen(text) > 5)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		v = 10 * v + (unsigned int)(*text - '0');
	}
	if (!v || v > 65535)
		return -EINVAL;
	*port = (uint16_t)v;
	return 0;
}

int addr_parse(const char *text, uint16_t default_port, struct addr *a, struct err *e)
{
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *ai;
	char host[ADDR_TEXT_MAX];
	const char *start = text, *end, *port = NULL;
	uint16_t p = default_port;

	memset(a, 0, sizeof(*a));
	if (*text == '[') {
		start = text + 1;
		end = strchr(start, ']');
		if (!end || (end[1] && end[1] != ':'))
			return err_set(e, EINVAL, "\"%.80s\" is not an address", text);
		if (end[1])
			port = end + 2;
	} else {
		end = strchr(start, ':');
		if (end && !strchr(end + 1, ':'))
			port = end + 1;
		else
			end = start + strlen(start);
	}
	if (end == start || (size_t)(end - start) >= sizeof(host))
		return err_set(e, EINVAL, "\"%.80s\" is not an address", text);
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	if (port && port_parse(port, &p))
		return err_set(e, EINVAL, "\"%.80s\" has no valid port (1 to 65535)", text);
	if (!p)
		return err_set(e, EINVAL, "\"%.80s\" has no port; write ADDRESS:PORT", text);
	/* Only the dotted quad: inet_aton()'s short and octal forms are surprises. */
	if (!strchr(host, ':')) {
		unsigned int q[4];
		char rest;

		if (sscanf(host, "%3u.%3u.%3u.%3u%c", &q[0], &q[1], &q[2], &q[3], &rest) != 4 ||
		    strspn(host, "0123456789.") != strlen(host))
			return err_set(e, EINVAL, "\"%.80s\" is not a numeric address", text);
		hint.ai_family = AF_INET;
	} else {
		hint.ai_family = AF_INET6;
	}
	if (getaddrinfo(host, NULL, &hint, &ai))
		return err_set(e, EINVAL, "\"%.80s\" is not a numeric address", text);
	memcpy(&a->ss, ai->ai_addr, ai->ai_addrlen);
	a->len = ai->ai_addrlen;
	freeaddrinfo(ai);
	addr_set_port(a, p);
	return 0;
}

char *addr_format(const struct addr *a, char text[ADDR_TEXT_MAX])
{
	char host[ADDR_TEXT_MAX - 10];

	if (!a->len || getnameinfo((const struct sockaddr *)&a->ss, a->len, host, sizeof(host),
				   NULL, 0, NI_NUMERICHOST)) {
		snprintf(text, ADDR_TEXT_MAX, "-");
		return text;
	}
	snprintf(text, ADDR_TEXT_MAX, a->ss.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
		 addr_port(a));
	return text;
}

uint16_t addr_port(const struct addr *a)
{
	if (a->ss.ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)&a->ss)->sin_port);
	if (a->ss.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&a->ss)->sin6_port);
	return 0;
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->ss.ss_family == AF_INET)
		((struct sockaddr_in *)&a->ss)->sin_port = htons(port);
	else if (a->ss.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&a->ss)->sin6_port = htons(port);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	const struct sockaddr_in *a4 = (const void *)&a->ss, *b4 = (const void *)&b->ss;
	const struct sockaddr_in6 *a6 = (const void *)&a->ss, *b6 = (const void *)&b->ss;

	if (a->ss.ss_family != b->ss.ss_family)
		return false;
	if (a->ss.ss_family == AF_INET)
		return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a6->sin6_port == b6->sin6_port && a6->sin6_scope_id == b6->sin6_scope_id &&
	       !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr));
}
