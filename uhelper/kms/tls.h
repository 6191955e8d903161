/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_TLS_H
#define IBAKE_KMS_TLS_H

#include <stddef.h>

#include <openssl/ssl.h>

struct err;

/**
 * tls_self_signed - a key and a certificate of its own, so that HTTPS works from the start
 * @cert: PEM certificate is written here, mode 0644; clients name it as what they trust
 * @key: PEM private key, mode 0600
 * @names: DNS names and IP addresses that clients may call the server by
 * @n_names: how many
 * @days: validity from now
 */
int tls_self_signed(const char *cert, const char *key, const char *const *names, size_t n_names,
		    unsigned int days, struct err *e);

/* TLS 1.2 or newer with this certificate chain and key, which must not be open to others. */
int tls_server(const char *cert, const char *key, SSL_CTX **out, struct err *e);

#endif
