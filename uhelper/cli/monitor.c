// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake monitor: events of the kernel as they happen. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "cli/kernel.h"

/**
 * struct monitor - what to print
 * @sa: events of security associations
 * @flow: events of flows
 * @left: events to print until the command ends, 0: without end
 * @end: that many have been printed
 */
struct monitor {
	struct cli *cli;
	bool sa;
	bool flow;
	uint64_t left;
	bool end;
};

static void head(struct monitor *m, const char *event)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	out_obj_begin(m->cli->out, NULL);
	out_timespec(m->cli->out, "time", &now);
	out_str(m->cli->out, "event", event);
}

static void tail(struct monitor *m)
{
	out_obj_end(m->cli->out);
	if (m->left && !--m->left)
		m->end = true;
}

static void print(const struct ksrtp_event *ev, void *arg)
{
	struct monitor *m = arg;
	struct out *o = m->cli->out;

	if (m->end || !((ev->has_sa && m->sa) || (ev->has_flow && m->flow)))
		return;
	head(m, ksrtp_event_name(ev->cmd));
	if (ev->has_sa)
		out_u64(o, "sa", ev->sa_id);
	if (ev->has_flow)
		out_u64(o, "flow", ev->flow_id);
	out_u64(o, "generation", ev->generation);
	if (ev->mki.len)
		print_mki(o, &ev->mki);
	if (ev->has_ssrc)
		print_ssrc(o, "ssrc", ev->ssrc);
	if (ev->cmd == KSRTP_CMD_KEY_SOFT_NTF || ev->cmd == KSRTP_CMD_KEY_HARD_NTF)
		out_u64(o, "packets", ev->packets);
	if (ev->cmd == KSRTP_CMD_OWNER_GONE_NTF)
		out_u64(o, "grace", ev->grace);
	if (ev->wipe)
		out_str(o, "why", ksrtp_wipe_name(ev->wipe));
	if (ev->cookie.len)
		out_hex(o, "cookie", ev->cookie.data, ev->cookie.len);
	tail(m);
}

static int watch(struct cli *cli, const struct cli_args *args, bool sa, bool flow)
{
	struct monitor m = { cli, sa, flow, cli_num(args, "count", 0), false };
	struct ksrtp_events *ev;
	struct pollfd p = { .events = POLLIN };
	int ret = ksrtp_events_open(&ev, &cli->err);

	if (ret)
		return ret;
	out_flags_add(cli->out, OUT_LINES);
	p.fd = ksrtp_events_fd(ev);
	while (!m.end) {
		if (poll(&p, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			ret = err_set(&cli->err, errno, "poll: %s", strerror(errno));
			break;
		}
		ret = ksrtp_events_read(ev, print, &m, &cli->err);
		if (ret == -ENOBUFS) {
			head(&m, "lost");
			tail(&m);
		} else if (ret) {
			break;
		}
		ret = 0;
	}
	ksrtp_events_close(ev);
	return ret;
}

static int all(struct cli *cli, const struct cli_args *args)
{
	return watch(cli, args, true, true);
}

static int only_sa(struct cli *cli, const struct cli_args *args)
{
	return watch(cli, args, true, false);
}

static int only_flow(struct cli *cli, const struct cli_args *args)
{
	return watch(cli, args, false, true);
}

static const struct cli_key keys[] = {
	{ "count", CLI_NUM, 0, "N", "end after so many events", .min = 1 },
	{ NULL },
};

static const struct cli_cmd cmds[] = {
	{ "all", all, keys, "print every event, one a line; with -j one JSON object a line" },
	{ "sa", only_sa, keys, "events of security associations and their keys" },
	{ "flow", only_flow, keys, "events of flows" },
	{ NULL },
};

CLI_OBJECT(monitor, "events of the kernel as they happen", cmds)
