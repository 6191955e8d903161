/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_CONFIG_H
#define IBAKE_KMS_CONFIG_H

#include <stddef.h>

struct err;

#define KMSD_LISTEN_MAX 8u

/**
 * struct kmsd_config - what ibake-kmsd.conf says
 * @listen: "address:port" each, @n_listen
 * @dir: state of the key server
 * @passphrase_file: opens it
 * @tls_cert: PEM chain; DIR/tls.crt where nothing is said
 * @tls_key: PEM; DIR/tls.key likewise
 * @log_level: syslog priority
 * @workers: threads that extract keys; 0: one for each processor
 * @max_connections: at a time
 */
struct kmsd_config {
	char *listen[KMSD_LISTEN_MAX];
	size_t n_listen;
	char *dir;
	char *passphrase_file;
	char *tls_cert;
	char *tls_key;
	int log_level;
	unsigned int workers;
	unsigned int max_connections;
};

/* Every setting that is not known or has a wrong value is an error that names file and line. */
int kmsd_config_read(const char *path, struct kmsd_config *c, struct err *e);
void kmsd_config_free(struct kmsd_config *c);

#endif
