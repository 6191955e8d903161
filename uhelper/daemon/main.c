// SPDX-License-Identifier: GPL-2.0-or-later
/* ibaked: agrees SRTP keys with other gateways by MIKEY-IBAKE and puts them into the kernel. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/config.h"
#include "daemon/daemon.h"
#include "daemon/notify.h"

#define FILE_DEFAULT "/etc/ibake/ibaked.conf"

static const char usage[] =
	"Usage: ibaked [OPTIONS]\n"
	"  -c, --config FILE    settings (" FILE_DEFAULT ")\n"
	"  -t, --test           only check the settings\n"
	"  -f, --flush-on-exit  take calls out of the kernel on SIGTERM, rather than leave them for\n"
	"                       the grace time\n"
	"  -h, --help           this text\n";

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	log_info("ends on signal %d", (int)sig);
	event_base_loopbreak(arg);
}

static int serve(struct config *cfg)
{
	struct event *term = NULL, *intr = NULL;
	struct event_base *base;
	struct err e = ERR_INIT;
	struct daemon *d;
	int ret = EXIT_FAILURE;

	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	if (!base) {
		log_error("no event loop");
		return EXIT_FAILURE;
	}
	term = evsignal_new(base, SIGTERM, on_signal, base);
	intr = evsignal_new(base, SIGINT, on_signal, base);
	if (!term || !intr || evsignal_add(term, NULL) || evsignal_add(intr, NULL))
		goto out;
	d = daemon_new(base, cfg, &keying_netlink, &e);
	if (!d) {
		log_error("%s", e.msg);
		goto out;
	}
	log_info("ready, control socket %s", cfg->control);
	notify_manager("READY=1");
	event_base_dispatch(base);
	notify_manager("STOPPING=1");
	/* Not by exit(): its handlers take away what a fetch that still runs is working with. */
	if (!daemon_free(d, cfg->flush_on_exit))
		_exit(EXIT_SUCCESS);
	ret = EXIT_SUCCESS;
out:
	if (term)
		event_free(term);
	if (intr)
		event_free(intr);
	event_base_free(base);
	return ret;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "flush-on-exit", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *file = FILE_DEFAULT;
	bool test = false, flush = false;
	struct err e = ERR_INIT;
	struct config cfg;
	int o, ret;

	while ((o = getopt_long(argc, argv, "c:tfh", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			file = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'f':
			flush = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_FAILURE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ibaked: \"%s\" is one word too many\n", argv[optind]);
		return EXIT_FAILURE;
	}
	if (config_load(file, &cfg, &e)) {
		fprintf(stderr, "ibaked: %s\n", e.msg);
		return EXIT_FAILURE;
	}
	cfg.flush_on_exit |= flush;
	log_level(cfg.log_level);
	if (test) {
		config_free(&cfg);
		return EXIT_SUCCESS;
	}
	if (secret_process_init(&e)) {
		log_error("%s", e.msg);
		config_free(&cfg);
		return EXIT_FAILURE;
	}
	ret = serve(&cfg);
	config_free(&cfg);
	return ret;
}
