/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_CLI_CLI_H
#define IBAKE_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/output.h"

/*
 * ibake [OPTIONS] OBJECT {COMMAND|help} [KEY VALUE]...
 *
 * One C file per object. It describes its commands and their words in tables and registers
 * itself with CLI_OBJECT; parsing, refusals of wrong words, help, the JSON form of the help and
 * shell completion all come from the tables. Nothing else has to be edited to add an object.
 *
 *	static const struct cli_key show_keys[] = {
 *		{ "id", CLI_NUM, 0, "N", "only this one", .min = 1, .max = UINT32_MAX },
 *		{ }
 *	};
 *	static int show(struct cli *cli, const struct cli_args *args) { ... }
 *	static const struct cli_cmd cmds[] = {
 *		{ "show", show, show_keys, "print security associations" },
 *		{ }
 *	};
 *	CLI_OBJECT(sa, "security associations in the kernel", cmds);
 */

enum cli_type {
	CLI_FLAG,	/* a word alone, no value */
	CLI_STR,	/* any text, @min to @max octets long where @max is not 0 */
	CLI_NUM,	/* decimal or 0x..., from @min to @max (@max 0: no upper limit) */
	CLI_HEX,	/* val.data; @min to @max octets where @max is not 0 */
	CLI_ADDR,	/* 192.0.2.1:5000 or [2001:db8::1]:5000, numeric: val.addr */
	CLI_FILE,	/* val.data is what the file holds, "-": standard input; wiped afterwards */
	CLI_PATH,	/* a path that the command itself opens or writes */
	CLI_DIR,
	CLI_CHOICE,	/* one of @choices; val.num is its place */
};

enum {
	CLI_REQUIRED = 1,
	CLI_REPEAT = 2,		/* may come more than once: cli_get_nth(), or args->vals in order */
	CLI_POSITIONAL = 4,	/* the value alone, without its key word: "params import FILE" */
};

/**
 * struct cli_key - one word a command understands
 * @name: the key word ("port"); of a positional one, the name to look it up by
 * @type: what its value is
 * @flags: CLI_REQUIRED and so on
 * @meta: how the help names the value ("PORT")
 * @help: one line
 * @min: see enum cli_type
 * @max: see enum cli_type
 * @choices: NULL-ended, for CLI_CHOICE
 */
struct cli_key {
	const char *name;
	enum cli_type type;
	unsigned int flags;
	const char *meta;
	const char *help;
	uint64_t min, max;
	const char *const *choices;
};

/**
 * struct cli_val - a value given on the command line
 * @key: its row of the table
 * @str: as written
 * @num: CLI_NUM, CLI_CHOICE
 * @addr: CLI_ADDR
 * @addr_len: CLI_ADDR
 * @data: CLI_FILE, CLI_HEX
 */
struct cli_val {
	const struct cli_key *key;
	const char *str;
	uint64_t num;
	struct sockaddr_storage addr;
	socklen_t addr_len;
	struct buf data;
};

struct cli_args {
	struct cli_val *vals;	/* in the order of the command line */
	size_t n;
};

/**
 * struct cli - one invocation
 * @out: standard output
 * @err: why the command failed; printed as one line when it returns non-zero
 * @json: -j was given (only for what is not output, such as a progress meter)
 * @stats: -s was given: print counters too
 * @socket: control socket of the daemon (-S)
 * @usage: the failure is the caller's wording: exit status 1 instead of 2
 */
struct cli {
	struct out *out;
	struct err err;
	bool json;
	bool stats;
	const char *socket;
	bool usage;
};

enum {
	CLI_SECRETS = 1,	/* the command handles keys: secret_process_init() before it runs */
};

/**
 * struct cli_cmd - one command of an object
 * @name: command word; the first row of an object is its default
 * @run: returns 0, or a negative errno with cli->err filled (exit status 2)
 * @keys: ended by a row without a name; NULL where it takes none
 * @help: one line
 * @flags: CLI_SECRETS
 */
struct cli_cmd {
	const char *name;
	int (*run)(struct cli *cli, const struct cli_args *args);
	const struct cli_key *keys;
	const char *help;
	unsigned int flags;
};

struct cli_object {
	const char *name;
	const char *help;
	const struct cli_cmd *cmds;
	struct cli_object *next;
};

void cli_register(struct cli_object *obj);

#define CLI_OBJECT(obj_name, obj_help, obj_cmds)				\
	static void __attribute__((constructor)) cli_register_##obj_name(void)	\
	{									\
		static struct cli_object obj = { #obj_name, obj_help, obj_cmds, NULL };	\
										\
		cli_register(&obj);						\
	}

/* The value of key word @name, or NULL where it was not given. The @nth of several, from 0. */
const struct cli_val *cli_get(const struct cli_args *args, const char *name);
const struct cli_val *cli_get_nth(const struct cli_args *args, const char *name, size_t nth);
static inline bool cli_has(const struct cli_args *args, const char *name)
{
	return cli_get(args, name) != NULL;
}

/* The value as text or number, or @def. */
const char *cli_str(const struct cli_args *args, const char *name, const char *def);
uint64_t cli_num(const struct cli_args *args, const char *name, uint64_t def);

/**
 * cli_bad - refuse the wording of the command: one line on standard error, exit status 1
 *
 * Return: -EINVAL, for "return cli_bad(cli, ...)"
 */
int cli_bad(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Values by themselves; false where the text is not one. */
bool cli_parse_num(const char *s, uint64_t min, uint64_t max, uint64_t *out);
bool cli_parse_addr(const char *s, struct sockaddr_storage *addr, socklen_t *len);
/* "192.0.2.1:5000", "[2001:db8::1]:5000"; @buf of CLI_ADDRSTRLEN. "?" for other families. */
#define CLI_ADDRSTRLEN 80
const char *cli_addr_str(const void *addr, char *buf);

/* What main.c, table.c, args.c, help.c and complete.c share. */
#define CLI_CONTROL_SOCKET "/run/ibake/ibaked.sock"
const struct cli_object *cli_objects(void);
const struct cli_object *cli_object_find(struct cli *cli, const char *word);
const struct cli_cmd *cli_cmd_find(struct cli *cli, const struct cli_object *obj,
				   const char *word);
int cli_args_parse(struct cli *cli, const struct cli_cmd *cmd, int argc, char **argv,
		   struct cli_args *args);
void cli_args_free(struct cli_args *args);
/* The option words, for help and completion: "json", 'j' and so on; ended by a row of zeros. */
struct cli_option {
	const char *name;
	char letter;
	const char *meta;
	const char *help;
};
extern const struct cli_option cli_options[];
const struct cli_option *cli_option_find(const char *word);
/* Help about everything (both NULL), an object or a command. */
void cli_help(struct cli *cli, const struct cli_object *obj, const struct cli_cmd *cmd);
/* One candidate a line for the last of @argv; returns the exit status. */
int cli_complete(int argc, char **argv);

#endif
