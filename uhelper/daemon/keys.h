/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_KEYS_H
#define IBAKE_DAEMON_KEYS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct config;
struct err;
struct event_base;
struct ibe_sysparams;
struct keys;
struct kms_key;

/**
 * keys_new - open the stores of private keys and public parameters; start fetching what is missing
 * @cfg: outlives the object
 *
 * Fetching goes on in a thread of its own, at the start and from then on once an hour if less
 * than half of the configured days is left. Calls need no key server once the keys are there.
 */
struct keys *keys_new(struct event_base *base, const struct config *cfg, struct err *e);
/* False: a fetch still runs. It uses @cfg and OpenSSL, which must then stay until the process ends. */
bool keys_free(struct keys *k);

/* As kms_keystore_find() and kms_params_find_uri(), for normalised URIs. */
int keys_find(struct keys *k, const char *uri, int64_t period, const char *district,
	      const uint64_t *serial, struct kms_key **out, struct err *e);
int keys_params(struct keys *k, const char *uri, const uint64_t *serial, int64_t now,
		struct ibe_sysparams **out, struct err *e);
/* The identities of the configuration and what keys they have, as the control socket shows it. */
json_t *keys_show(struct keys *k);

#endif
