/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_CLI_ASK_H
#define IBAKE_CLI_ASK_H

#include <jansson.h>

#include "cli/cli.h"

/**
 * ask - one request to the daemon, over its control socket
 * @request: taken over
 * @progress: called with each line before the last, or NULL
 * @answer: the last line, which says "ok": true; the caller's to release
 *
 * Return: 0; a refusal of the daemon, with its sentence; -ECONNREFUSED or -ENOENT where no daemon
 * answers, -EACCES without permission
 */
int ask(struct cli *cli, json_t *request, void (*progress)(struct cli *cli, const json_t *line),
	json_t **answer);

#endif
