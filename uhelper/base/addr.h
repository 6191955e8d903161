/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_BASE_ADDR_H
#define IBAKE_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct err;

/**
 * struct addr - an IPv4 or IPv6 address with a UDP port
 * @ss: AF_INET or AF_INET6, AF_UNSPEC (zero) where none is set
 * @len: its length for bind() and sendto()
 */
struct addr {
	struct sockaddr_storage ss;
	socklen_t len;
};

/* Room for "[IPv6%interface]:port" with its NUL. */
#define ADDR_TEXT_MAX 80

/**
 * addr_parse - numeric "1.2.3.4:5000", "[2001:db8::1]:5000", "[fe80::1%eth0]:5000"
 * @text: the address; a bare IPv6 address without port may go without brackets
 * @default_port: used where @text has no port; 0: a port must be there
 *
 * Names are not resolved: what media and keys are tied to is written down, not looked up.
 */
int addr_parse(const char *text, uint16_t default_port, struct addr *a, struct err *e);
/* Writes the form that addr_parse() reads; returns @text. */
char *addr_format(const struct addr *a, char text[ADDR_TEXT_MAX]);
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
/* Family, address, port and, for link-local addresses, the interface. */
bool addr_equal(const struct addr *a, const struct addr *b);

#endif
