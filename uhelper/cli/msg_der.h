/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_CLI_MSG_DER_H
#define IBAKE_CLI_MSG_DER_H

#include <stddef.h>
#include <stdint.h>

#include "cli/output.h"

/*
 * What can be told of DER inside a MIKEY message without any key. Both print nothing where the
 * octets are not what they look for.
 */

/* A BFCiphertextBlock (RFC 5091 8): scheme, octets of a coordinate, of the hash and of the
 * plaintext.
 */
void msg_show_ciphertext(struct out *o, const uint8_t *der, size_t len);
/* An X.509 certificate: subject, issuer, validity. */
void msg_show_cert(struct out *o, const uint8_t *der, size_t len);

#endif
