/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_CLI_MSG_SHOW_H
#define IBAKE_CLI_MSG_SHOW_H

#include "base/err.h"
#include "cli/output.h"

/**
 * msg_show - print one MIKEY message, field by field
 * @o: an open list
 * @data: the message
 * @len: its length
 * @full: all octets of long fields, not their length and beginning alone
 * @e: sentence
 *
 * A malformed message is printed as far as it could be read, with the sentence under "error".
 *
 * Return: what mikey_parse() returned
 */
int msg_show(struct out *o, const uint8_t *data, size_t len, bool full, struct err *e);

#endif
