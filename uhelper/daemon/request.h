/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_REQUEST_H
#define IBAKE_DAEMON_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

struct err;

#define CALL_NAME_MAX 32
#define CALL_URI_MAX 255
#define REQUEST_LINE_MAX 8192
#define REQUEST_WAIT_MAX 300

enum request_command {
	REQUEST_STATUS,
	REQUEST_IDENTITY_SHOW,
	REQUEST_CALL_ADD,
	REQUEST_CALL_DEL,
	REQUEST_CALL_SHOW,
};

/**
 * struct media_addrs - the four transport addresses of a call's RTP; RTCP is one port above each
 * @plain: ours, towards the phone
 * @phone: the phone's
 * @secure: ours, towards the other gateway
 * @remote: the other gateway's
 */
struct media_addrs {
	struct addr plain, phone, secure, remote;
};

/**
 * struct request - one line of the control socket, checked
 * @command: what is asked for
 * @name: call name, empty where the daemon shall choose (call-add) or all are meant (call-show)
 * @from: local identity as written, call-add
 * @to: peer identity as written, call-add
 * @via: where the peer's daemon listens, call-add
 * @media: addresses of the media, call-add
 * @suite: name of the only suite to offer; empty: the configured ones, call-add
 * @wait: seconds to wait for the outcome; 0: answer at once, call-add
 */
struct request {
	enum request_command command;
	char name[CALL_NAME_MAX + 1];
	char from[CALL_URI_MAX + 1];
	char to[CALL_URI_MAX + 1];
	struct addr via;
	struct media_addrs media;
	char suite[40];
	unsigned int wait;
};

/**
 * request_parse - read one JSON object
 * @line: the line without its end; need not be terminated, may hold anything
 *
 * Every member must be known, of its type and in range, and a command has all that it needs.
 *
 * Return: 0, or a negative errno with a sentence that names the member.
 */
int request_parse(const char *line, size_t len, struct request *r, struct err *e);
/* Letters, digits, '.', '_' and '-', 1 to CALL_NAME_MAX of them, not starting with '.' or '-'. */
bool call_name_valid(const char *name);
/* Same family on each leg, ports with room for RTCP above them, our two ends not one socket. */
int media_addrs_check(const struct media_addrs *m, struct err *e);

#endif
