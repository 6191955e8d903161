// SPDX-License-Identifier: GPL-2.0-or-later
/* Values on the command line: numbers, addresses. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

bool cli_parse_num(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *digits = "0123456789";
	const char *body = s;
	unsigned long long v;
	char *end;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		digits = "0123456789abcdefABCDEF";
		body = s + 2;
	}
	/* strtoull() would take signs and white space, and octal with base 0. */
	if (!*body || body[strspn(body, digits)])
		return false;
	errno = 0;
	v = strtoull(body, &end, body == s ? 10 : 16);
	if (errno || v < min || (max && v > max))
		return false;
	*out = v;
	return true;
}

bool cli_parse_addr(const char *s, struct sockaddr_storage *addr, socklen_t *len)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_family = *s == '[' ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *ai;
	char host[INET6_ADDRSTRLEN + 32];
	const char *colon = strrchr(s, ':');
	struct in_addr v4;
	uint64_t port;
	size_t n;

	if (!colon || !cli_parse_num(colon + 1, 0, 65535, &port))
		return false;
	n = (size_t)(colon - s);
	if (*s == '[') {
		if (n < 3 || s[n - 1] != ']')
			return false;
		s++;
		n -= 2;
	}
	if (!n || n >= sizeof(host))
		return false;
	memcpy(host, s, n);
	host[n] = 0;
	/* getaddrinfo() takes "10.1" for an address, too. */
	if (hints.ai_family == AF_INET && inet_pton(AF_INET, host, &v4) != 1)
		return false;
	if (getaddrinfo(host, colon + 1, &hints, &ai))
		return false;
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, ai->ai_addr, ai->ai_addrlen);
	*len = ai->ai_addrlen;
	freeaddrinfo(ai);
	return true;
}

const char *cli_addr_str(const void *addr, char *buf)
{
	const struct sockaddr *sa = addr;
	char host[INET6_ADDRSTRLEN + 24], port[8];
	socklen_t len = sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						    sizeof(struct sockaddr_in);

	if ((sa->sa_family != AF_INET && sa->sa_family != AF_INET6) ||
	    getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM))
		snprintf(buf, CLI_ADDRSTRLEN, "?");
	else
		snprintf(buf, CLI_ADDRSTRLEN, sa->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
			 host, port);
	return buf;
}
