// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake call: protected calls of the daemon. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/cli.h"

/* I1, R1, I2, R2, each with up to 32 s of repetitions. */
#define WAIT_DEFAULT 100

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static void copy_str(struct out *o, const json_t *from, const char *name)
{
	if (json_object_get(from, name))
		out_str(o, name, text_of(from, name));
}

static void copy_num(struct out *o, const json_t *from, const char *name)
{
	out_u64(o, name, (uint64_t)json_integer_value(json_object_get(from, name)));
}

static void print_messages(struct out *o, const json_t *list)
{
	const json_t *m;
	size_t i;

	out_list_begin(o, "messages");
	json_array_foreach((json_t *)list, i, m) {
		json_int_t ms = json_integer_value(json_object_get(m, "unix_ms"));
		struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

		out_obj_begin(o, "message");
		copy_str(o, m, "type");
		copy_str(o, m, "direction");
		copy_num(o, m, "octets");
		out_bool(o, "again", json_is_true(json_object_get(m, "again")));
		out_timespec(o, "at", &ts);
		out_obj_end(o);
	}
	out_list_end(o);
}

static void print_kernel(struct out *o, const json_t *call)
{
	const json_t *sa = json_object_get(call, "sa"), *flows = json_object_get(call, "flows");
	const char *leg;
	json_t *id;

	if (!sa)
		return;
	out_line(o);
	out_obj_begin(o, "sa");
	copy_num(o, sa, "tx");
	copy_num(o, sa, "rx");
	out_obj_end(o);
	out_obj_begin(o, "flows");
	json_object_foreach((json_t *)flows, leg, id)
		out_u64(o, leg, (uint64_t)json_integer_value(id));
	out_obj_end(o);
}

static void print_call(struct out *o, const json_t *c)
{
	const json_t *media = json_object_get(c, "media");

	out_obj_begin(o, "call");
	copy_str(o, c, "name");
	copy_str(o, c, "role");
	copy_str(o, c, "state");
	copy_str(o, c, "reason");
	out_line(o);
	copy_str(o, c, "local");
	copy_str(o, c, "peer");
	copy_str(o, c, "via");
	if (json_object_get(c, "fingerprint")) {
		out_line(o);
		copy_str(o, c, "fingerprint");
		copy_str(o, c, "mki");
		copy_str(o, c, "suite");
		out_bool(o, "bound", json_is_true(json_object_get(c, "bound")));
	} else if (json_object_get(c, "mki")) {
		out_line(o);
		copy_str(o, c, "mki");
		copy_str(o, c, "suite");
	}
	out_line(o);
	out_obj_begin(o, "media");
	copy_str(o, media, "plain");
	copy_str(o, media, "phone");
	copy_str(o, media, "secure");
	copy_str(o, media, "remote");
	out_obj_end(o);
	print_kernel(o, c);
	out_line(o);
	copy_str(o, c, "started");
	copy_str(o, c, "keyed");
	copy_num(o, c, "retransmissions");
	copy_num(o, c, "refused");
	print_messages(o, json_object_get(c, "messages"));
	out_obj_end(o);
}

static void progress(struct cli *cli, const json_t *line)
{
	const json_t *p = json_object_get(line, "progress");

	if (cli->json || !p)
		return;
	printf("%s %s %d octets%s\n", text_of(p, "type"), text_of(p, "direction"),
	       (int)json_integer_value(json_object_get(p, "octets")),
	       json_is_true(json_object_get(p, "again")) ? " (again)" : "");
	fflush(stdout);
}

static const struct cli_key add_keys[] = {
	{ "name", CLI_STR, 0, "NAME", "name of the call; one is chosen where it is left out",
	  .min = 1, .max = 32 },
	{ "to", CLI_STR, CLI_REQUIRED, "URI", "identity to call", .min = 1, .max = 255 },
	{ "from", CLI_STR, CLI_REQUIRED, "URI", "own identity", .min = 1, .max = 255 },
	{ "via", CLI_STR, CLI_REQUIRED, "ADDR[:PORT]", "where the other gateway's ibaked listens",
	  .min = 1, .max = 79 },
	{ "plain", CLI_ADDR, CLI_REQUIRED, "ADDR:PORT", "own end towards the phone; RTCP one above" },
	{ "phone", CLI_ADDR, CLI_REQUIRED, "ADDR:PORT", "where the phone receives RTP" },
	{ "secure", CLI_ADDR, CLI_REQUIRED, "ADDR:PORT", "own end towards the other gateway" },
	{ "remote", CLI_ADDR, CLI_REQUIRED, "ADDR:PORT", "the other gateway's secure end" },
	{ "suite", CLI_STR, 0, "NAME", "offer only this SRTP suite", .min = 1, .max = 39 },
	{ "wait", CLI_NUM, 0, "SECONDS", "for keys or failure (100); 0: do not wait", .min = 0,
	  .max = 300 },
	{ }
};

static int add(struct cli *cli, const struct cli_args *args)
{
	json_t *r = json_pack("{s:s, s:I}", "command", "call-add", "wait",
			      (json_int_t)cli_num(args, "wait", WAIT_DEFAULT));
	json_t *answer;
	int ret;

	for (size_t i = 0; i < args->n; i++)
		if (args->vals[i].key->type != CLI_NUM)
			json_object_set_new(r, args->vals[i].key->name, json_string(args->vals[i].str));
	ret = ask(cli, r, progress, &answer);
	if (ret)
		return ret;
	print_call(cli->out, json_object_get(answer, "call"));
	json_decref(answer);
	return 0;
}

static const struct cli_key show_keys[] = {
	{ "name", CLI_STR, CLI_POSITIONAL, "NAME", "only this one", .min = 1, .max = 32 },
	{ }
};

static int show(struct cli *cli, const struct cli_args *args)
{
	json_t *r = json_pack("{s:s}", "command", "call-show"), *answer, *c;
	const char *name = cli_str(args, "name", NULL);
	size_t i;
	int ret;

	if (name)
		json_object_set_new(r, "name", json_string(name));
	ret = ask(cli, r, NULL, &answer);
	if (ret)
		return ret;
	out_list_begin(cli->out, NULL);
	json_array_foreach(json_object_get(answer, "calls"), i, c)
		print_call(cli->out, c);
	out_list_end(cli->out);
	json_decref(answer);
	return 0;
}

static const struct cli_key del_keys[] = {
	{ "name", CLI_STR, CLI_POSITIONAL | CLI_REQUIRED, "NAME", "which", .min = 1, .max = 32 },
	{ }
};

static int del(struct cli *cli, const struct cli_args *args)
{
	json_t *answer;
	int ret = ask(cli, json_pack("{s:s, s:s}", "command", "call-del", "name",
				     cli_str(args, "name", "")), NULL, &answer);

	json_decref(answer);
	return ret;
}

static const struct cli_cmd cmds[] = {
	{ "show", show, show_keys, "print calls, their keys' fingerprint and their messages" },
	{ "add", add, add_keys, "agree keys with another gateway and protect a call" },
	{ "del", del, del_keys, "end a call: its keys are wiped, its ports free" },
	{ }
};

CLI_OBJECT(call, "calls between gateways, keyed by MIKEY-IBAKE", cmds)
