// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake stats: counters of the network namespace. */
#include "cli/kernel.h"

static uint64_t sum(const uint64_t *counts)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < KSRTP_DROP_COUNT; i++)
		total += counts[i];
	return total;
}

static void show_reasons(struct cli *cli, const char *name, const uint64_t *counts)
{
	size_t i;

	out_obj_begin(cli->out, name);
	for (i = 1; i < KSRTP_DROP_COUNT; i++)
		if (counts[i] || cli->stats)
			out_u64(cli->out, ksrtp_drop_name((uint32_t)i), counts[i]);
	if (counts[KSRTP_DROP_OK])
		out_u64(cli->out, "unknown", counts[KSRTP_DROP_OK]);
	out_obj_end(cli->out);
}

static int show(struct cli *cli, const struct cli_args *args)
{
	struct out *o = cli->out;
	struct ksrtp_stats s;
	struct ksrtp_nl *nl;
	int ret = ksrtp_nl_open(&nl, &cli->err);

	if (ret)
		return ret;
	ret = ksrtp_stats_get(nl, &s, &cli->err);
	ksrtp_nl_close(nl);
	if (ret)
		return ret;
	out_obj_begin(o, "stats");
	out_u64(o, "packets", s.packets);
	out_u64(o, "delivered", s.delivered);
	out_u64(o, "dropped", sum(s.dropped));
	out_u64(o, "passed", s.passed);
	out_u64(o, "sent", s.sent);
	out_u64(o, "sas", s.sas);
	out_u64(o, "flows", s.flows);
	show_reasons(cli, "drops", s.dropped);
	show_reasons(cli, "not_sent", s.not_sent);
	out_obj_end(o);
	return 0;
}

static const struct cli_cmd cmds[] = {
	{ "show", show, NULL, "print them; dropped packets by reason, with -s all reasons" },
	{ NULL },
};

CLI_OBJECT(stats, "counters of the kernel", cmds)
