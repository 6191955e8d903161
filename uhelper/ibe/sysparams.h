/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_SYSPARAMS_H
#define IBAKE_IBE_SYSPARAMS_H

/* The published parameters of one district: IBESysParams of RFC 5408 section 4.2. */
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct ibe_params;

#define IBE_SYSPARAMS_MIME "application/ibe-pp-data"
#define IBE_SYSPARAMS_MAX 65536u /* octets of DER */

/**
 * struct ibe_sysparams - what one key server publishes; immutable, shared by reference
 * @district: URI of the parameters, 7-bit, NUL-terminated; as published, octet by octet
 * @serial: number of this parameter set, greater for each new one of the district
 * @not_before: Unix seconds, first second of validity
 * @not_after: Unix seconds, last second of validity
 * @granularity: seconds of one period; IBE_GRANULARITY_DEFAULT where nothing is published
 * @bf: Boneh-Franklin parameters; the reference is held by this object
 * @digest: SHA-256 of the DER encoding, to name a parameter set to people and in tables
 * @refs: references, changed only by get and put
 */
struct ibe_sysparams {
	char *district;
	uint64_t serial;
	int64_t not_before;
	int64_t not_after;
	uint32_t granularity;
	struct ibe_params *bf;
	uint8_t digest[32];
	unsigned int refs;
};

/**
 * ibe_sysparams_new - parameters of a district, with one reference for the caller
 * @district: URI, copied
 * @serial: at most 2^63 - 1
 * @not_before: Unix seconds; rounded down to the start of a period, because the start of a
 *	period has to lie within the validity
 * @not_after: Unix seconds, after @not_before
 * @granularity: IBE_GRANULARITY_MIN..MAX seconds
 * @bf: a reference of its own is taken
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int ibe_sysparams_new(const char *district, uint64_t serial, int64_t not_before,
		      int64_t not_after, uint32_t granularity, struct ibe_params *bf,
		      struct ibe_sysparams **out, struct err *e);
struct ibe_sysparams *ibe_sysparams_get(struct ibe_sysparams *sp);
void ibe_sysparams_put(struct ibe_sysparams *sp); /* NULL is fine */

/**
 * ibe_sysparams_from_der - read a parameter set; what cannot be processed is refused
 *
 * Refuses another encoding than DER, another version, an identity type other than the project's,
 * any extension that is not the project's granularity, no Boneh-Franklin parameters, two entries
 * of one algorithm. Validity is not checked here: ibe_sysparams_check_time() does.
 *
 * Return: 0, -EINVAL, -EOPNOTSUPP (understood and not supported) or -ENOMEM.
 */
int ibe_sysparams_from_der(const uint8_t *der, size_t len, struct ibe_sysparams **out,
			   struct err *e);
int ibe_sysparams_to_der(const struct ibe_sysparams *sp, struct buf *out);

/* The body of application/ibe-pp-data: base64 of the DER; white space is skipped on reading. */
int ibe_sysparams_from_base64(const char *text, size_t len, struct ibe_sysparams **out,
			      struct err *e);
int ibe_sysparams_to_base64(const struct ibe_sysparams *sp, struct buf *out);

/* Files hold the base64 form; a file of DER is read too. Written atomically, mode 0644. */
int ibe_sysparams_from_file(const char *path, struct ibe_sysparams **out, struct err *e);
int ibe_sysparams_to_file(const struct ibe_sysparams *sp, const char *path, struct err *e);

/* 0 where @now (Unix seconds) lies in the validity, else -ERANGE: they must not be used then. */
int ibe_sysparams_check_time(const struct ibe_sysparams *sp, int64_t now, struct err *e);

#endif
