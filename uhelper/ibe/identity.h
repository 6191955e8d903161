/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_IDENTITY_H
#define IBAKE_IBE_IDENTITY_H

/* Who a key belongs to: the normal form of a URI, the period of a key, and the identity string
 * that Boneh-Franklin hashes to a point. Documentation/wire-profile.md, "Identities".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct ibe_sysparams;

/* The project's arc: 2.25 followed by UUID cb8b4d99-9868-4429-8c69-49f6a55bf5cd as an integer. */
#define IBE_OID_ARC "2.25.270556586322290380766344281377096857037"
#define IBE_OID_IDENTITY_URI IBE_OID_ARC ".1" /* identityType: URI and start of period */
#define IBE_OID_EXT_GRANULARITY IBE_OID_ARC ".2" /* ibeParamExtension: INTEGER, seconds */

#define IBE_GRANULARITY_DEFAULT 86400u
#define IBE_GRANULARITY_MIN 60u
#define IBE_GRANULARITY_MAX (366u * 86400u)
#define IBE_URI_MAX 255u

/**
 * ibe_uri_normalise - bring a SIP, SIPS or TEL URI into the one form that names its key
 * @uri: what a person or a peer wrote
 * @out: the normal form is appended, without a NUL
 * @e: what was wrong
 *
 * Scheme and host in lower case; default port, headers and parameters removed except "gr";
 * needless percent escapes undone; TEL only as a global number, without visual separators.
 *
 * Return: 0, -EINVAL (not such a URI), -EMSGSIZE (above IBE_URI_MAX) or -ENOMEM; @out is
 * unchanged on failure.
 */
int ibe_uri_normalise(const char *uri, struct buf *out, struct err *e);
/* True where the octets are the normal form of the URI that they are. */
bool ibe_uri_is_normal(const uint8_t *uri, size_t len);
/**
 * ibe_uri_host - the host (or for TEL: the number) of a normal URI, into @out, without port
 *
 * What a table of districts is looked up by.
 */
int ibe_uri_host(const uint8_t *uri, size_t len, struct buf *out, struct err *e);

/* Start of the period that @unix_time falls into; also right before 1970. */
int64_t ibe_period_start(int64_t unix_time, uint32_t granularity);

#define IBE_TIME_LEN 15u /* YYYYMMDDHHMMSSZ */
/* False where @unix_time is outside of the years 0 to 9999. */
bool ibe_time_to_text(int64_t unix_time, char text[IBE_TIME_LEN + 1]);
bool ibe_time_from_text(const char *text, size_t len, int64_t *unix_time);

/**
 * ibe_identity - the identity string of a URI in one period: DER IBEIdentityInfo (RFC 5408, 3)
 * @sp: parameters of the district; they give name, serial, granularity and validity
 * @uri: normal form; anything else is refused, so that two spellings never become two keys
 * @uri_len: octets
 * @period_start: Unix seconds, a multiple of the granularity, inside the validity of @sp
 * @out: the DER is appended
 * @e: what was wrong
 *
 * Return: 0, -EINVAL, -ERANGE (outside of the validity) or -ENOMEM; @out unchanged on failure.
 */
int ibe_identity(const struct ibe_sysparams *sp, const uint8_t *uri, size_t uri_len,
		 int64_t period_start, struct buf *out, struct err *e);

/**
 * struct ibe_identity_info - what an identity string says
 * @district: URI of the district's parameters
 * @serial: serial of its parameter set
 * @uri: whose key, in normal form
 * @period_start: Unix seconds
 */
struct ibe_identity_info {
	char district[IBE_URI_MAX + 1];
	uint64_t serial;
	char uri[IBE_URI_MAX + 1];
	int64_t period_start;
};

/* Strict inverse of ibe_identity(): only what it would have written, octet by octet. */
int ibe_identity_parse(const uint8_t *der, size_t len, struct ibe_identity_info *info,
		       struct err *e);

#endif
