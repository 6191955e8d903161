// SPDX-License-Identifier: GPL-2.0-or-later
/* The objects that registered themselves, and how abbreviations find them. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static struct cli_object *objects;

void cli_register(struct cli_object *obj)
{
	struct cli_object **p = &objects;

	while (*p && strcmp((*p)->name, obj->name) < 0)
		p = &(*p)->next;
	obj->next = *p;
	*p = obj;
}

const struct cli_object *cli_objects(void)
{
	return objects;
}

/**
 * struct match - looking up a word by its whole or a prefix of it
 * @best: the whole word, or the only one that begins with it
 * @n: how many begin with it
 * @names: all there are, for the refusal
 * @hits: those that begin with it
 */
struct match {
	const void *best;
	size_t n;
	bool whole;
	struct buf names, hits;
};

static void match_one(struct match *m, const void *what, const char *name, const char *w)
{
	buf_printf(&m->names, "%s%s", m->names.len ? ", " : "", name);
	if (strncmp(name, w, strlen(w)) || !*w)
		return;
	buf_printf(&m->hits, "%s%s", m->hits.len ? ", " : "", name);
	m->n++;
	if (!m->whole)
		m->best = what;
	m->whole = m->whole || !strcmp(name, w);
}

static const void *match_end(struct cli *cli, struct match *m, const char *kind, const char *w)
{
	const void *best = m->n == 1 || m->whole ? m->best : NULL;

	buf_u8(&m->names, 0);
	buf_u8(&m->hits, 0);
	if (!best && cli && m->n)
		cli_bad(cli, "%s \"%s\" could be %s", kind, w, (const char *)m->hits.data);
	else if (!best && cli)
		cli_bad(cli, "unknown %s \"%s\", expected %s", kind, w,
			(const char *)m->names.data);
	buf_free(&m->names);
	buf_free(&m->hits);
	return best;
}

const struct cli_object *cli_object_find(struct cli *cli, const char *w)
{
	const struct cli_object *obj;
	struct match m = { 0 };

	for (obj = objects; obj; obj = obj->next)
		match_one(&m, obj, obj->name, w);
	return match_end(cli, &m, "object", w);
}

const struct cli_cmd *cli_cmd_find(struct cli *cli, const struct cli_object *obj, const char *w)
{
	const struct cli_cmd *cmd;
	struct match m = { 0 };

	for (cmd = obj->cmds; cmd->name; cmd++)
		match_one(&m, cmd, cmd->name, w);
	return match_end(cli, &m, "command", w);
}
