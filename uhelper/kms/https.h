/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_HTTPS_H
#define IBAKE_KMS_HTTPS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/**
 * struct https_request - one request over a verified connection
 * @url: "https://..."; nothing else is spoken
 * @ca_file: PEM of who may vouch for the server
 * @mime: of @body
 * @body: POST where not NULL, else GET
 * @body_len: its octets
 * @max: most octets of an answer
 * @timeout_s: for all of it
 */
struct https_request {
	const char *url;
	const char *ca_file;
	const char *mime;
	const uint8_t *body;
	size_t body_len;
	size_t max;
	unsigned int timeout_s;
};

/**
 * https_do - send it and wait for the answer
 * @status: HTTP status
 * @type: content type, without parameters, at most @type_size - 1 characters
 *
 * Return: 0 where there was an answer, whatever its status; -ECONNREFUSED and the like.
 */
int https_do(const struct https_request *rq, struct buf *out, int *status, char *type,
	     size_t type_size, struct err *e);

#endif
