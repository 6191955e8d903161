// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests to ibaked: a line of JSON there, lines of JSON back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/ask.h"

static int dial(struct cli *cli, int *fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int code;

	if (strlen(cli->socket) >= sizeof(sun.sun_path))
		return err_set(&cli->err, ENAMETOOLONG, "the path of the control socket is too long");
	strcpy(sun.sun_path, cli->socket);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return err_set(&cli->err, errno, "cannot open a socket: %m");
	if (!connect(*fd, (struct sockaddr *)&sun, sizeof(sun)))
		return 0;
	code = errno;
	close(*fd);
	if (code == ENOENT || code == ECONNREFUSED)
		return err_set(&cli->err, code, "no ibaked answers on %s; is it running?", cli->socket);
	return err_set(&cli->err, code, "cannot reach ibaked on %s: %s", cli->socket, strerror(code));
}

int ask(struct cli *cli, json_t *request, void (*progress)(struct cli *cli, const json_t *line),
	json_t **answer)
{
	char *text = json_dumps(request, JSON_COMPACT), *line = NULL;
	const char *why;
	size_t size = 0;
	FILE *f = NULL;
	int fd = -1, ret;

	json_decref(request);
	*answer = NULL;
	if (!text)
		return err_set(&cli->err, EINVAL, "a word of the command is not UTF-8");
	ret = dial(cli, &fd);
	if (ret)
		goto out;
	f = fdopen(fd, "r+");
	if (!f) {
		ret = err_set(&cli->err, errno, "%m");
		close(fd);
		goto out;
	}
	if (fprintf(f, "%s\n", text) < 0 || fflush(f)) {
		ret = err_set(&cli->err, errno, "cannot write to ibaked: %m");
		goto out;
	}
	for (;;) {
		json_t *o = getline(&line, &size, f) > 0 ? json_loads(line, 0, NULL) : NULL;

		if (!o) {
			ret = err_set(&cli->err, EPIPE, "ibaked ended before it answered");
			break;
		}
		if (json_object_get(o, "ok")) {
			why = json_string_value(json_object_get(o, "error"));
			if (json_is_true(json_object_get(o, "ok")))
				*answer = json_incref(o);
			else
				ret = err_set(&cli->err, EREMOTEIO, "%s", why ? why : "refused");
			json_decref(o);
			break;
		}
		if (progress)
			progress(cli, o);
		json_decref(o);
	}
out:
	if (f)
		fclose(f);
	free(line);
	free(text);
	return ret;
}
