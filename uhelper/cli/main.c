// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake: options, the network namespace, and from there to the object's command. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/cli.h"

#ifndef IBAKE_VERSION
#define IBAKE_VERSION "0.1"
#endif

const struct cli_option cli_options[] = {
	{ "json", 'j', NULL, "print JSON" },
	{ "pretty", 'p', NULL, "print JSON over many lines" },
	{ "statistics", 's', NULL, "print counters, too" },
	{ "oneline", 'o', NULL, "print each record on one line" },
	{ "netns", 'n', "NAME", "work in this network namespace" },
	{ "Socket", 'S', "PATH", "control socket of ibaked (" CLI_CONTROL_SOCKET ")" },
	{ "Version", 'V', NULL, "print the version" },
	{ "help", 'h', NULL, "print this" },
	{ NULL, 0, NULL, NULL },
};

static int enter_netns(struct cli *cli, const char *name)
{
	char path[256];
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_bad(cli, "no network namespace \"%s\": %s", name, strerror(errno));
	if (setns(fd, CLONE_NEWNET)) {
		ret = err_set(&cli->err, errno, "cannot enter network namespace \"%s\": %s", name,
			      strerror(errno));
	}
	close(fd);
	return ret;
}

const struct cli_option *cli_option_find(const char *w)
{
	const struct cli_option *opt;

	w += w[1] == '-' ? 2 : 1;
	for (opt = cli_options; opt->name; opt++)
		if (w[0] == opt->letter && !w[1])
			return opt;
	for (opt = cli_options; opt->name; opt++)
		if (w[0] && w[1] && !strncmp(opt->name, w, strlen(w)))
			return opt;
	/* Only the letters decide on case: --socket and --version are words as well. */
	for (opt = cli_options; opt->name; opt++)
		if (w[0] && w[1] && !strncasecmp(opt->name, w, strlen(w)))
			return opt;
	return NULL;
}

/* How many words the options took, or a negative errno; *@what is 'h' or 'V' for those. */
static int options(struct cli *cli, int argc, char **argv, char *what)
{
	const struct cli_option *opt;
	int i, ret;

	for (i = 0; i < argc && argv[i][0] == '-'; i++) {
		opt = cli_option_find(argv[i]);
		if (!opt)
			return cli_bad(cli, "unknown option \"%s\"; see ibake -help", argv[i]);
		if (opt->meta && ++i == argc)
			return cli_bad(cli, "option -%s lacks its %s", opt->name, opt->meta);
		switch (opt->letter) {
		case 'j':
			cli->json = true;
			out_flags_add(cli->out, OUT_JSON);
			break;
		case 'p':
			out_flags_add(cli->out, OUT_PRETTY);
			break;
		case 's':
			cli->stats = true;
			break;
		case 'o':
			out_flags_add(cli->out, OUT_ONELINE);
			break;
		case 'n':
			ret = enter_netns(cli, argv[i]);
			if (ret)
				return ret;
			break;
		case 'S':
			cli->socket = argv[i];
			break;
		default:
			*what = opt->letter;
		}
	}
	return i;
}

static int run(struct cli *cli, const struct cli_cmd *cmd, int argc, char **argv)
{
	struct cli_args args = { NULL, 0 };
	int ret = 0;

	if (cmd->flags & CLI_SECRETS)
		ret = secret_process_init(&cli->err);
	if (!ret)
		ret = cli_args_parse(cli, cmd, argc, argv, &args);
	if (!ret)
		ret = cmd->run(cli, &args);
	cli_args_free(&args);
	return ret;
}

static bool is_help(const char *w)
{
	return !strcmp(w, "help") || !strcmp(w, "-h") || !strcmp(w, "-help") ||
	       !strcmp(w, "--help");
}

/* @where collects what was understood, for the beginning of a refusal. */
static int dispatch(struct cli *cli, int argc, char **argv, struct buf *where)
{
	const struct cli_object *obj;
	const struct cli_cmd *cmd;

	if (!argc) {
		cli_help(cli, NULL, NULL);
		return 0;
	}
	if (is_help(argv[0])) {
		obj = argc > 1 ? cli_object_find(cli, argv[1]) : NULL;
		if (argc > 1 && !obj)
			return -EINVAL;
		cmd = argc > 2 ? cli_cmd_find(cli, obj, argv[2]) : NULL;
		if (argc > 2 && !cmd)
			return -EINVAL;
		cli_help(cli, obj, cmd);
		return 0;
	}
	obj = cli_object_find(cli, argv[0]);
	if (!obj)
		return -EINVAL;
	buf_printf(where, "%s: ", obj->name);
	if (argc > 1 && is_help(argv[1])) {
		cli_help(cli, obj, NULL);
		return 0;
	}
	cmd = argc > 1 ? cli_cmd_find(cli, obj, argv[1]) : obj->cmds;
	if (!cmd)
		return -EINVAL;
	where->len -= 2;
	buf_printf(where, " %s: ", cmd->name);
	if (argc > 2 && is_help(argv[argc - 1])) {
		cli_help(cli, obj, cmd);
		return 0;
	}
	return run(cli, cmd, argc - (argc > 1 ? 2 : 1), argv + (argc > 1 ? 2 : 1));
}

/* The one line of a failure; with -j also as the value that a reader of JSON waits for. */
static int report(struct cli *cli, int ret, struct buf *where)
{
	const char *why = cli->err.msg[0] ? cli->err.msg : strerror(-ret);
	int status = !ret ? 0 : cli->usage ? 1 : 2;

	out_escape(where, why, strlen(why));
	if (ret) {
		fflush(stdout);
		fprintf(stderr, "ibake: %.*s\n", (int)where->len, (const char *)where->data);
	}
	if (cli->json && !out_used(cli->out)) {
		out_obj_begin(cli->out, NULL);
		if (ret) {
			out_str(cli->out, "error", why);
			out_i64(cli->out, "errno", -ret);
			out_i64(cli->out, "status", status);
		}
		out_obj_end(cli->out);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct cli cli = { .err = ERR_INIT, .socket = CLI_CONTROL_SOCKET };
	struct buf where = BUF_INIT;
	char what = 0;
	int n, ret;

	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return cli_complete(argc - 2, argv + 2);
	cli.out = out_new(0);
	n = options(&cli, argc - 1, argv + 1, &what);
	ret = n < 0 ? n : 0;
	if (!ret && what == 'V') {
		out_obj_begin(cli.out, NULL);
		out_str(cli.out, "ibake", IBAKE_VERSION);
		out_obj_end(cli.out);
	} else if (!ret && what == 'h') {
		cli_help(&cli, NULL, NULL);
	} else if (!ret) {
		ret = dispatch(&cli, argc - 1 - n, argv + 1 + n, &where);
	}
	ret = report(&cli, ret, &where);
	buf_free(&where);
	out_free(cli.out);
	return ret;
}
