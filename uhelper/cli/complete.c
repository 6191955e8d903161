// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shell completion: "ibake --complete WORD..." prints what the last WORD (perhaps empty) can
 * become, one a line. A line "<file>" or "<dir>" asks the shell for its own names.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void offer(const char *name, const char *w)
{
	if (!strncmp(name, w, strlen(w)))
		puts(name);
}

static void complete_value(const struct cli_key *k, const char *w)
{
	size_t i;

	if (k->type == CLI_CHOICE)
		for (i = 0; k->choices[i]; i++)
			offer(k->choices[i], w);
	else if (k->type == CLI_FILE || k->type == CLI_PATH)
		puts("<file>");
	else if (k->type == CLI_DIR)
		puts("<dir>");
}

static const struct cli_key *by_name(const struct cli_key *keys, const char *w)
{
	for (; keys && keys->name; keys++)
		if (!(keys->flags & CLI_POSITIONAL) && !strcmp(keys->name, w))
			return keys;
	return NULL;
}

static void complete_keys(const struct cli_cmd *cmd, int argc, char **argv)
{
	const char *last = argv[argc - 1];
	const struct cli_key *k;
	bool used;
	int i, j;

	for (i = 0; i < argc - 1; i++) {
		k = by_name(cmd->keys, argv[i]);
		if (k && k->type != CLI_FLAG && ++i == argc - 1) {
			complete_value(k, last);
			return;
		}
	}
	for (k = cmd->keys; k && k->name; k++) {
		if (k->flags & CLI_POSITIONAL) {
			complete_value(k, last);
			continue;
		}
		for (used = false, j = 0; j < argc - 1; j++)
			used = used || !strcmp(argv[j], k->name);
		if (!used || (k->flags & CLI_REPEAT))
			offer(k->name, last);
	}
	if (argc == 1)
		offer("help", last);
}

int cli_complete(int argc, char **argv)
{
	const struct cli_object *obj;
	const struct cli_option *opt;
	const struct cli_cmd *cmd;
	char word[64];

	/* Options, and their values, come before the object. */
	while (argc > 1 && argv[0][0] == '-') {
		opt = cli_option_find(argv[0]);
		if (opt && opt->meta && argc == 2)
			return 0;
		argc -= opt && opt->meta ? 2 : 1;
		argv += opt && opt->meta ? 2 : 1;
	}
	if (argc < 1)
		return 0;
	if (argc == 1 && argv[0][0] == '-') {
		for (opt = cli_options; opt->name; opt++) {
			snprintf(word, sizeof(word), "-%s", opt->name);
			offer(word, argv[0]);
		}
		return 0;
	}
	if (argc == 1) {
		for (obj = cli_objects(); obj; obj = obj->next)
			offer(obj->name, argv[0]);
		offer("help", argv[0]);
		return 0;
	}
	obj = cli_object_find(NULL, argv[0]);
	if (!obj)
		return 0;
	if (argc == 2) {
		for (cmd = obj->cmds; cmd->name; cmd++)
			offer(cmd->name, argv[1]);
		offer("help", argv[1]);
		return 0;
	}
	cmd = cli_cmd_find(NULL, obj, argv[1]);
	if (cmd)
		complete_keys(cmd, argc - 2, argv + 2);
	return 0;
}
