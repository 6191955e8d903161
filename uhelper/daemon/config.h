/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_DAEMON_CONFIG_H
#define IBAKE_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "daemon/request.h"

struct err;

/* Settings of ibaked.conf; Documentation/man/ibaked.conf.5 says what each means. */

enum config_binding {
	CONFIG_BINDING_REQUIRE,
	CONFIG_BINDING_PREFER,
	CONFIG_BINDING_OFF,
};

enum config_suite {
	CONFIG_SUITE_AES_CM_128_HMAC_SHA1_80,
	CONFIG_SUITE_AES_CM_128_HMAC_SHA1_32,
	CONFIG_SUITES,
};

enum config_prf {
	CONFIG_PRF_HMAC_SHA_256,
	CONFIG_PRF_MIKEY_1,
};

/**
 * struct config_kms - where the keys of an identity come from
 * @url: "https://host:port"; NULL: keys are put into the store by hand
 * @ca: PEM file of who may vouch for the server
 * @district: of the server's parameters; NULL: found by the host of the identity
 * @user: account there
 * @psk_file: file of the pre-shared key
 * @prf: enum config_prf
 */
struct config_kms {
	char *url;
	char *ca;
	char *district;
	char *user;
	char *psk_file;
	int prf;
};

struct config_identity {
	char *uri; /* normalised */
	struct config_kms kms;
};

struct config_district {
	char *host;
	char *district;
};

/**
 * struct config_route - the media of incoming calls
 * @identity: which of ours is called, normalised
 * @peer: only calls of this identity, normalised; NULL: of anybody
 * @media: addresses
 */
struct config_route {
	char *identity;
	char *peer;
	struct media_addrs media;
};

struct config_peer {
	char *uri; /* normalised */
	int binding;
};

struct config {
	char *file;
	struct addr *listen;
	size_t n_listen;
	char *control;
	char *keystore;
	char *params;
	char *state;
	struct config_identity *identities;
	size_t n_identities;
	struct config_district *districts;
	size_t n_districts;
	struct config_route *routes;
	size_t n_routes;
	struct config_peer *peers;
	size_t n_peers;
	int suites[CONFIG_SUITES];
	size_t n_suites;
	int binding;
	int fetch_days;
	int grace;
	int workers;
	int max_calls;
	int max_jobs;
	int max_skew;
	int rate;
	int burst;
	int give_up;
	int provisional;
	int log_level;
	bool flush_on_exit;
};

/**
 * config_load - read a file of settings
 * @file: libconfig syntax
 * @out: filled on success; config_free() releases it
 *
 * Every setting must be known and every value in range; the sentence of a refusal starts with
 * FILE:LINE and names the setting.
 */
int config_load(const char *file, struct config *out, struct err *e);
void config_free(struct config *c);

/* The route for a call of @peer to @identity: one that names the peer before one for anybody. */
const struct config_route *config_route_find(const struct config *c, const char *identity,
					     const char *peer);
enum config_binding config_binding_for(const struct config *c, const char *peer);
const struct config_identity *config_identity_find(const struct config *c, const char *uri);
/* Name of RFC 4568 for an enum config_suite, and back (-1 where there is none). */
const char *config_suite_name(int suite);
int config_suite_from_name(const char *name);

#endif
