// SPDX-License-Identifier: GPL-2.0-or-later
/* Help from the tables; with -j the tables themselves, which tests compare with the man pages. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void key_usage(const struct cli_key *k, struct buf *b)
{
	bool opt = !(k->flags & CLI_REQUIRED);
	size_t i;

	buf_str(b, opt ? " [ " : " ");
	if (k->flags & CLI_POSITIONAL)
		buf_str(b, k->meta);
	else
		buf_str(b, k->name);
	if (k->type == CLI_CHOICE && !(k->flags & CLI_POSITIONAL)) {
		for (i = 0; k->choices[i]; i++)
			buf_printf(b, "%s%s", i ? " | " : " { ", k->choices[i]);
		buf_str(b, " }");
	} else if (k->type != CLI_FLAG && !(k->flags & CLI_POSITIONAL)) {
		buf_printf(b, " %s", k->meta);
	}
	buf_str(b, opt ? " ]" : "");
	buf_str(b, k->flags & CLI_REPEAT ? "..." : "");
}

static void cmd_usage(const struct cli_object *obj, const struct cli_cmd *cmd, struct buf *b)
{
	const struct cli_key *k;

	buf_printf(b, "ibake %s %s", obj->name, cmd->name);
	for (k = cmd->keys; k && k->name; k++)
		key_usage(k, b);
	buf_u8(b, 0);
}

static void text_cmd(const struct cli_object *obj, const struct cli_cmd *cmd)
{
	const struct cli_key *k;
	struct buf b = BUF_INIT;

	cmd_usage(obj, cmd, &b);
	printf("Usage: %s\n\n%s\n", (const char *)b.data, cmd->help);
	buf_free(&b);
	if (cmd->keys && cmd->keys->name)
		putchar('\n');
	for (k = cmd->keys; k && k->name; k++) {
		bool pos = k->flags & CLI_POSITIONAL;

		buf_printf(&b, "%s%s%s", pos ? k->meta : k->name,
			   pos || k->type == CLI_FLAG ? "" : " ",
			   pos || k->type == CLI_FLAG || !k->meta ? "" : k->meta);
		buf_u8(&b, 0);
		printf("  %-22s %s\n", (const char *)b.data, k->help);
		buf_free(&b);
	}
}

static void text_object(const struct cli_object *obj)
{
	const struct cli_cmd *cmd;
	struct buf b = BUF_INIT;

	printf("%s: %s\n\n", obj->name, obj->help);
	for (cmd = obj->cmds; cmd->name; cmd++) {
		cmd_usage(obj, cmd, &b);
		printf("%s %s\n\t%s\n", cmd == obj->cmds ? "Usage:" : "      ",
		       (const char *)b.data, cmd->help);
		buf_free(&b);
	}
	printf("       ibake %s COMMAND help\n", obj->name);
}

static void text_all(void)
{
	const struct cli_object *obj;
	const struct cli_option *opt;

	printf("Usage: ibake [ OPTIONS ] OBJECT { COMMAND | help }\n\nOBJECT:\n");
	for (obj = cli_objects(); obj; obj = obj->next)
		printf("  %-10s %s\n", obj->name, obj->help);
	printf("\nOPTIONS:\n");
	for (opt = cli_options; opt->name; opt++)
		printf("  -%c[%s] %s%*s%s\n", opt->letter, opt->name + 1,
		       opt->meta ? opt->meta : "",
		       (int)(18 - strlen(opt->name) - (opt->meta ? strlen(opt->meta) : 0)), "",
		       opt->help);
	printf("\nObjects, commands and options may be shortened as long as they stay unique.\n"
	       "Exit status: 0 done, 1 wrong command line, 2 refused by the kernel or the daemon.\n");
}

static const char *type_name(enum cli_type t)
{
	static const char *const names[] = {
		"flag", "string", "number", "hex", "address", "file", "path", "directory", "choice",
	};

	return names[t];
}

static void json_key(struct out *o, const struct cli_key *k)
{
	size_t i;

	out_obj_begin(o, "key");
	out_str(o, "name", k->name);
	out_str(o, "type", type_name(k->type));
	out_bool(o, "required", k->flags & CLI_REQUIRED);
	out_bool(o, "repeat", k->flags & CLI_REPEAT);
	out_bool(o, "positional", k->flags & CLI_POSITIONAL);
	out_str(o, "meta", k->meta);
	out_str(o, "help", k->help);
	if (k->type == CLI_CHOICE) {
		out_list_begin(o, "choices");
		for (i = 0; k->choices[i]; i++)
			out_str(o, NULL, k->choices[i]);
		out_list_end(o);
	}
	out_obj_end(o);
}

static void json_cmd(struct out *o, const struct cli_cmd *cmd)
{
	const struct cli_key *k;

	out_obj_begin(o, "command");
	out_str(o, "name", cmd->name);
	out_str(o, "help", cmd->help);
	out_list_begin(o, "keys");
	for (k = cmd->keys; k && k->name; k++)
		json_key(o, k);
	out_list_end(o);
	out_obj_end(o);
}

static void json_object_help(struct out *o, const struct cli_object *obj,
			     const struct cli_cmd *only)
{
	const struct cli_cmd *cmd;

	out_obj_begin(o, "object");
	out_str(o, "name", obj->name);
	out_str(o, "help", obj->help);
	out_list_begin(o, "commands");
	for (cmd = obj->cmds; cmd->name; cmd++)
		if (!only || only == cmd)
			json_cmd(o, cmd);
	out_list_end(o);
	out_obj_end(o);
}

void cli_help(struct cli *cli, const struct cli_object *obj, const struct cli_cmd *cmd)
{
	if (!cli->json) {
		if (cmd)
			text_cmd(obj, cmd);
		else if (obj)
			text_object(obj);
		else
			text_all();
		return;
	}
	out_list_begin(cli->out, NULL);
	if (obj)
		json_object_help(cli->out, obj, cmd);
	else
		for (obj = cli_objects(); obj; obj = obj->next)
			json_object_help(cli->out, obj, NULL);
	out_list_end(cli->out);
}
