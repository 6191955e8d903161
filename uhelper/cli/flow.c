// SPDX-License-Identifier: GPL-2.0-or-later
/* ibake flow: ports whose media the kernel takes, and where it goes. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "cli/kernel.h"

static const char *const kinds[] = { "rtp", "rtcp", "mux", NULL };

static void show_destination(struct cli *cli, const struct ksrtp_dst *d)
{
	struct out *o = cli->out;

	out_obj_begin(o, "destination");
	print_addr(o, "to", &d->addr);
	print_addr(o, "from", &d->source);
	print_id(o, "tx_sa", d->tx_sa);
	if (d->ifindex)
		out_u64(o, "ifindex", d->ifindex);
	out_u64(o, "sent", d->sent);
	out_u64(o, "failed", d->failed);
	print_reason(o, d->last_reason);
	if (cli->stats)
		out_u64(o, "octets", d->octets);
	out_obj_end(o);
}

static void show_flow(struct cli *cli, const struct ksrtp_flow *f)
{
	struct out *o = cli->out;
	size_t i;

	out_obj_begin(o, "flow");
	out_u64(o, "id", f->ref.id);
	out_str(o, "kind", ksrtp_kind_name(f->kind));
	print_addr(o, "local", &f->local);
	print_addr(o, "remote", &f->remote);
	print_id(o, "rx_sa", f->rx_sa);
	out_str(o, "mode", ksrtp_mode_name(f->mode));
	if (f->ifindex)
		out_u64(o, "ifindex", f->ifindex);
	out_line(o);
	out_u64(o, "generation", f->ref.generation);
	print_owner(o, &f->cookie, f->owned, f->grace, f->state, f->grace_left);
	out_line(o);
	out_u64(o, "packets", f->packets);
	out_u64(o, "delivered", f->delivered);
	out_u64(o, "dropped", f->dropped);
	out_u64(o, "passed", f->passed);
	print_reason(o, f->last_reason);
	if (cli->stats)
		out_u64(o, "octets", f->octets);
	out_list_begin(o, "destinations");
	for (i = 0; i < f->n_dst; i++)
		show_destination(cli, &f->dst[i]);
	out_list_end(o);
	out_obj_end(o);
}

static int show(struct cli *cli, const struct cli_args *args)
{
	struct ksrtp_filter filter = {
		.id = (uint32_t)cli_num(args, "id", 0),
		.rx_sa = (uint32_t)cli_num(args, "rx-sa", 0),
	};
	struct ksrtp_flow_list list;
	struct ksrtp_nl *nl;
	size_t i;
	int ret;

	get_cookie(args, &filter.cookie);
	ret = ksrtp_nl_open(&nl, &cli->err);
	if (ret)
		return ret;
	ret = ksrtp_flow_dump(nl, &filter, &list, &cli->err);
	if (!ret && filter.id && !list.n)
		ret = err_set(&cli->err, ENOENT, "no flow %u", filter.id);
	if (!ret) {
		out_list_begin(cli->out, NULL);
		for (i = 0; i < list.n; i++)
			show_flow(cli, &list.v[i]);
		out_list_end(cli->out);
	}
	ksrtp_flow_list_free(&list);
	ksrtp_nl_close(nl);
	return ret;
}

/* A socket that holds a port; the kernel keeps it when this command is over. */
static int bound_socket(struct cli *cli, const struct cli_val *v)
{
	char text[CLI_ADDRSTRLEN];
	int one = 1, ret;
	int fd = socket(v->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(&cli->err, errno, "no socket: %s", strerror(errno));
	/*
	 * The way back of a call has the same ports, in sockets of a command of its own. A socket
	 * of both families could not tell the kernel which one its flow is of.
	 */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    (v->addr.ss_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
	    bind(fd, (const struct sockaddr *)&v->addr, v->addr_len)) {
		ret = err_set(&cli->err, errno, "cannot bind %s: %s",
			      cli_addr_str(&v->addr, text), strerror(errno));
		close(fd);
		return ret;
	}
	return fd;
}

/* "to" begins a destination, "from" and "tx-sa" behind it belong to it. */
static int get_destinations(struct cli *cli, const struct cli_args *args,
			    struct ksrtp_flow_new *f)
{
	struct ksrtp_dst_new *d = NULL;
	const struct cli_val *v;
	size_t i;

	for (i = 0; i < args->n; i++) {
		v = &args->vals[i];
		if (!strcmp(v->key->name, "to")) {
			if (f->n_dst == KSRTP_DESTINATIONS_MAX)
				return cli_bad(cli, "more than %d destinations",
					       KSRTP_DESTINATIONS_MAX);
			d = &f->dst[f->n_dst++];
			*d = (struct ksrtp_dst_new){ .addr = v->addr, .socket_fd = -1 };
			continue;
		}
		if (strcmp(v->key->name, "from") && strcmp(v->key->name, "tx-sa"))
			continue;
		if (!d)
			return cli_bad(cli, "\"%s\" belongs behind the \"to\" of its destination",
				       v->key->name);
		if (!strcmp(v->key->name, "tx-sa")) {
			d->tx_sa = (uint32_t)v->num;
			continue;
		}
		if (d->socket_fd >= 0)
			return cli_bad(cli, "a second \"from\" of one destination");
		d->socket_fd = bound_socket(cli, v);
		if (d->socket_fd < 0)
			return d->socket_fd;
	}
	return 0;
}

static int add(struct cli *cli, const struct cli_args *args)
{
	const struct cli_val *remote = cli_get(args, "remote");
	struct ksrtp_flow_new f = {
		.id = (uint32_t)cli_num(args, "id", 0),
		.kind = KSRTP_KIND_RTP + (uint32_t)cli_num(args, "kind", 0),
		.socket_fd = -1,
		.rx_sa = (uint32_t)cli_num(args, "rx-sa", 0),
	};
	struct ksrtp_ref ref;
	struct ksrtp_nl *nl;
	size_t i;
	int ret;

	get_cookie(args, &f.cookie);
	if (remote)
		f.remote = remote->addr;
	ret = get_destinations(cli, args, &f);
	if (ret)
		goto out;
	ret = ksrtp_nl_open(&nl, &cli->err);
	if (ret)
		goto out;
	ret = bound_socket(cli, cli_get(args, "local"));
	if (ret >= 0) {
		f.socket_fd = ret;
		ret = ksrtp_flow_add(nl, &f, &ref, &cli->err);
		close(f.socket_fd);
	}
	if (!ret) {
		out_obj_begin(cli->out, "flow");
		out_u64(cli->out, "id", ref.id);
		out_u64(cli->out, "generation", ref.generation);
		out_obj_end(cli->out);
	}
	ksrtp_nl_close(nl);
out:
	for (i = 0; i < f.n_dst; i++)
		if (f.dst[i].socket_fd >= 0)
			close(f.dst[i].socket_fd);
	return ret;
}

static int del(struct cli *cli, const struct cli_args *args)
{
	struct ksrtp_nl *nl;
	int ret = ksrtp_nl_open(&nl, &cli->err);

	if (ret)
		return ret;
	ret = ksrtp_flow_del(nl, (uint32_t)cli_num(args, "id", 0),
			     (uint32_t)cli_num(args, "generation", 0), &cli->err);
	ksrtp_nl_close(nl);
	return ret;
}

#define NUM(name, flags, help) \
	{ name, CLI_NUM, flags, "N", help, .min = 1, .max = UINT32_MAX }
#define COOKIE(help) { "cookie", CLI_HEX, 0, "HEX", help, .min = 1, .max = KSRTP_COOKIE_MAX }

static const struct cli_key show_keys[] = {
	NUM("id", 0, "only this one"),
	NUM("rx-sa", 0, "only those that receive with this sa"),
	COOKIE("only those of this owner's cookie"),
	{ NULL },
};

static const struct cli_key add_keys[] = {
	{ "local", CLI_ADDR, CLI_REQUIRED, "ADDR:PORT", "the port whose media the kernel takes" },
	{ "kind", CLI_CHOICE, 0, "KIND", "what the port carries, by default rtp",
	  .choices = kinds },
	NUM("id", 0, "its number; left out, the kernel picks one"),
	{ "remote", CLI_ADDR, 0, "ADDR:PORT", "take media from there only; port 0: any" },
	NUM("rx-sa", 0, "sa that unprotects what arrives; left out, that is plain"),
	{ "to", CLI_ADDR, CLI_REQUIRED | CLI_REPEAT, "ADDR:PORT", "where media goes" },
	{ "from", CLI_ADDR, CLI_REPEAT, "ADDR:PORT",
	  "of the \"to\" before it: where it leaves from, by default local" },
	NUM("tx-sa", CLI_REPEAT,
	    "of the \"to\" before it: sa that protects what is sent; left out, that is plain"),
	COOKIE("octets that dumps and events show"),
	{ NULL },
};

static const struct cli_key del_keys[] = {
	NUM("id", CLI_REQUIRED, "which"),
	NUM("generation", 0, "only if it is still this one"),
	{ NULL },
};

static const struct cli_cmd cmds[] = {
	{ "show", show, show_keys, "print ports, destinations and counters" },
	{ "add", add, add_keys, "take the media of a port and relay it" },
	{ "del", del, del_keys, "let go of a port" },
	{ NULL },
};

CLI_OBJECT(flow, "ports whose media the kernel takes", cmds)
