// SPDX-License-Identifier: GPL-2.0-or-later
/* IBESysParams of RFC 5408 section 4.2: DER, base64, files, validity. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <openssl/sha.h>

#include "base/buf.h"
#include "base/err.h"
#include "ibe/ibe.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"

#define SYSPARAMS_VERSION 2
#define OID_BF "2.16.840.1.114334.1.1.2.1"

/* OpenSSL's templates want typedefs. */
typedef struct {
	ASN1_GENERALIZEDTIME *not_before;
	ASN1_GENERALIZEDTIME *not_after;
} SYS_VALIDITY;

/* An algorithm with its parameters; an extension has the same shape. */
typedef struct {
	ASN1_OBJECT *oid;
	ASN1_OCTET_STRING *value;
} SYS_ENTRY;

DEFINE_STACK_OF(SYS_ENTRY)

typedef struct {
	ASN1_INTEGER *version;
	ASN1_IA5STRING *district;
	ASN1_INTEGER *serial;
	SYS_VALIDITY *validity;
	STACK_OF(SYS_ENTRY) *algorithms;
	ASN1_OBJECT *identity_type;
	STACK_OF(SYS_ENTRY) *extensions;
} SYS_PARAMS;

DECLARE_ASN1_FUNCTIONS(SYS_VALIDITY)
DECLARE_ASN1_FUNCTIONS(SYS_ENTRY)
DECLARE_ASN1_FUNCTIONS(SYS_PARAMS)

ASN1_SEQUENCE(SYS_VALIDITY) = {
	ASN1_SIMPLE(SYS_VALIDITY, not_before, ASN1_GENERALIZEDTIME),
	ASN1_SIMPLE(SYS_VALIDITY, not_after, ASN1_GENERALIZEDTIME),
} ASN1_SEQUENCE_END(SYS_VALIDITY)
IMPLEMENT_ASN1_FUNCTIONS(SYS_VALIDITY)

ASN1_SEQUENCE(SYS_ENTRY) = {
	ASN1_SIMPLE(SYS_ENTRY, oid, ASN1_OBJECT),
	ASN1_SIMPLE(SYS_ENTRY, value, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END(SYS_ENTRY)
IMPLEMENT_ASN1_FUNCTIONS(SYS_ENTRY)

ASN1_SEQUENCE(SYS_PARAMS) = {
	ASN1_SIMPLE(SYS_PARAMS, version, ASN1_INTEGER),
	ASN1_SIMPLE(SYS_PARAMS, district, ASN1_IA5STRING),
	ASN1_SIMPLE(SYS_PARAMS, serial, ASN1_INTEGER),
	ASN1_SIMPLE(SYS_PARAMS, validity, SYS_VALIDITY),
	ASN1_SEQUENCE_OF(SYS_PARAMS, algorithms, SYS_ENTRY),
	ASN1_SIMPLE(SYS_PARAMS, identity_type, ASN1_OBJECT),
	ASN1_SEQUENCE_OF_OPT(SYS_PARAMS, extensions, SYS_ENTRY),
} ASN1_SEQUENCE_END(SYS_PARAMS)
IMPLEMENT_ASN1_FUNCTIONS(SYS_PARAMS)

static SYS_ENTRY *entry_new(const char *oid, const void *value, size_t len)
{
	SYS_ENTRY *n = SYS_ENTRY_new();

	if (!n)
		return NULL;
	ASN1_OBJECT_free(n->oid);
	n->oid = OBJ_txt2obj(oid, 1);
	if (!n->oid || !ASN1_STRING_set(n->value, value, (int)len)) {
		SYS_ENTRY_free(n);
		return NULL;
	}
	return n;
}

/* @n goes into @s or is released. */
static bool entry_push(STACK_OF(SYS_ENTRY) *s, SYS_ENTRY *n)
{
	if (n && sk_SYS_ENTRY_push(s, n) > 0)
		return true;
	SYS_ENTRY_free(n);
	return false;
}

static bool is_oid(const ASN1_OBJECT *o, const char *oid)
{
	char text[128];
	int len = OBJ_obj2txt(text, sizeof(text), o, 1);

	return len > 0 && (size_t)len < sizeof(text) && !strcmp(text, oid);
}

static bool push_granularity(SYS_PARAMS *p, uint32_t seconds)
{
	ASN1_INTEGER *i = ASN1_INTEGER_new();
	uint8_t *der = NULL;
	bool ok = false;
	int len;

	if (i && ASN1_INTEGER_set_uint64(i, seconds)) {
		len = i2d_ASN1_INTEGER(i, &der);
		p->extensions = sk_SYS_ENTRY_new_null();
		ok = len > 0 && p->extensions &&
		     entry_push(p->extensions, entry_new(IBE_OID_EXT_GRANULARITY, der, (size_t)len));
	}
	OPENSSL_free(der);
	ASN1_INTEGER_free(i);
	return ok;
}

int ibe_sysparams_to_der(const struct ibe_sysparams *sp, struct buf *out)
{
	char before[IBE_TIME_LEN + 1], after[IBE_TIME_LEN + 1];
	struct buf bf = BUF_INIT;
	SYS_PARAMS *p = SYS_PARAMS_new();
	uint8_t *der = NULL;
	int len, ret = -ENOMEM;

	if (!p || ibe_params_to_der(sp->bf, &bf) || bf.failed)
		goto out;
	ASN1_OBJECT_free(p->identity_type);
	p->identity_type = OBJ_txt2obj(IBE_OID_IDENTITY_URI, 1);
	if (!ibe_time_to_text(sp->not_before, before) || !ibe_time_to_text(sp->not_after, after) ||
	    !p->identity_type || !ASN1_INTEGER_set(p->version, SYSPARAMS_VERSION) ||
	    !ASN1_STRING_set(p->district, sp->district, -1) ||
	    !ASN1_INTEGER_set_uint64(p->serial, sp->serial) ||
	    !ASN1_STRING_set(p->validity->not_before, before, IBE_TIME_LEN) ||
	    !ASN1_STRING_set(p->validity->not_after, after, IBE_TIME_LEN) ||
	    !entry_push(p->algorithms, entry_new(OID_BF, bf.data, bf.len)))
		goto out;
	if (sp->granularity != IBE_GRANULARITY_DEFAULT && !push_granularity(p, sp->granularity))
		goto out;
	len = i2d_SYS_PARAMS(p, &der);
	if (len <= 0)
		goto out;
	buf_put(out, der, (size_t)len);
	ret = out->failed ? -ENOMEM : 0;
out:
	OPENSSL_free(der);
	SYS_PARAMS_free(p);
	buf_free(&bf);
	return ret;
}

static int district_check(const char *district, struct err *e)
{
	size_t len = strlen(district);

	if (!len || len > IBE_URI_MAX)
		return err_set(e, EINVAL, "district is empty or longer than %u octets", IBE_URI_MAX);
	for (size_t i = 0; i < len; i++)
		if (district[i] <= 0x20 || district[i] >= 0x7f)
			return err_set(e, EINVAL, "district is not a URI of printable 7-bit characters");
	return 0;
}

static int sysparams_make(const char *district, uint64_t serial, int64_t not_before,
			  int64_t not_after, uint32_t granularity, struct ibe_params *bf,
			  struct ibe_sysparams **out, struct err *e)
{
	char text[IBE_TIME_LEN + 1];
	struct buf der = BUF_INIT;
	struct ibe_sysparams *sp;
	int ret;

	ret = district_check(district, e);
	if (ret)
		return ret;
	if (serial > INT64_MAX)
		return err_set(e, EINVAL, "serial of the parameters is too large");
	if (granularity < IBE_GRANULARITY_MIN || granularity > IBE_GRANULARITY_MAX)
		return err_set(e, EINVAL, "granularity is not %u to %u seconds", IBE_GRANULARITY_MIN,
			       IBE_GRANULARITY_MAX);
	if (not_after <= not_before || !ibe_time_to_text(not_before, text) ||
	    !ibe_time_to_text(not_after, text))
		return err_set(e, EINVAL, "validity of the parameters ends before it starts");
	sp = calloc(1, sizeof(*sp));
	if (!sp)
		return err_set(e, ENOMEM, "out of memory");
	sp->refs = 1;
	sp->serial = serial;
	sp->not_before = not_before;
	sp->not_after = not_after;
	sp->granularity = granularity;
	sp->bf = ibe_params_get(bf);
	sp->district = strdup(district);
	if (!sp->district || ibe_sysparams_to_der(sp, &der)) {
		ret = err_set(e, ENOMEM, "out of memory");
		ibe_sysparams_put(sp);
	} else {
		SHA256(der.data, der.len, sp->digest);
		*out = sp;
	}
	buf_free(&der);
	return ret;
}

int ibe_sysparams_new(const char *district, uint64_t serial, int64_t not_before,
		      int64_t not_after, uint32_t granularity, struct ibe_params *bf,
		      struct ibe_sysparams **out, struct err *e)
{
	if (granularity)
		not_before = ibe_period_start(not_before, granularity);
	return sysparams_make(district, serial, not_before, not_after, granularity, bf, out, e);
}

struct ibe_sysparams *ibe_sysparams_get(struct ibe_sysparams *sp)
{
	__atomic_add_fetch(&sp->refs, 1, __ATOMIC_RELAXED);
	return sp;
}

void ibe_sysparams_put(struct ibe_sysparams *sp)
{
	if (!sp || __atomic_sub_fetch(&sp->refs, 1, __ATOMIC_ACQ_REL))
		return;
	ibe_params_put(sp->bf);
	free(sp->district);
	free(sp);
}

static int take_extensions(const STACK_OF(SYS_ENTRY) *exts, uint32_t *granularity, struct err *e)
{
	bool seen = false;

	for (int i = 0; i < sk_SYS_ENTRY_num(exts); i++) {
		const SYS_ENTRY *n = sk_SYS_ENTRY_value(exts, i);
		const uint8_t *p = ASN1_STRING_get0_data(n->value);
		ASN1_INTEGER *v;
		uint64_t seconds = 0;
		int ok;

		if (!is_oid(n->oid, IBE_OID_EXT_GRANULARITY))
			return err_set(e, EOPNOTSUPP,
				       "parameters carry an extension that is not known here");
		v = d2i_ASN1_INTEGER(NULL, &p, ASN1_STRING_length(n->value));
		ok = v && ASN1_INTEGER_get_uint64(&seconds, v) == 1;
		ASN1_INTEGER_free(v);
		if (!ok || seen || seconds < IBE_GRANULARITY_MIN || seconds > IBE_GRANULARITY_MAX)
			return err_set(e, EINVAL, "granularity extension of the parameters is wrong");
		*granularity = (uint32_t)seconds;
		seen = true;
	}
	return 0;
}

/* Other algorithms beside Boneh-Franklin are allowed by the RFC; the re-encoding check then
 * refuses them, which is what a district of this project never publishes.
 */
static int take_algorithms(const STACK_OF(SYS_ENTRY) *algs, struct ibe_params **bf, struct err *e)
{
	const SYS_ENTRY *n;

	if (sk_SYS_ENTRY_num(algs) != 1)
		return err_set(e, EOPNOTSUPP, "parameters do not name exactly one IBE algorithm");
	n = sk_SYS_ENTRY_value(algs, 0);
	if (!is_oid(n->oid, OID_BF))
		return err_set(e, EOPNOTSUPP, "parameters are not for Boneh-Franklin encryption");
	return ibe_params_from_der(ASN1_STRING_get0_data(n->value),
				   (size_t)ASN1_STRING_length(n->value), bf, e);
}

static bool take_time(const ASN1_GENERALIZEDTIME *t, int64_t *out)
{
	return ibe_time_from_text((const char *)ASN1_STRING_get0_data(t),
				  (size_t)ASN1_STRING_length(t), out);
}

static int take(const SYS_PARAMS *p, struct ibe_sysparams **out, struct err *e)
{
	uint32_t granularity = IBE_GRANULARITY_DEFAULT;
	int len = ASN1_STRING_length(p->district);
	char district[IBE_URI_MAX + 1];
	int64_t before, after;
	struct ibe_params *bf = NULL;
	uint64_t serial;
	int ret;

	if (ASN1_INTEGER_get(p->version) != SYSPARAMS_VERSION)
		return err_set(e, EOPNOTSUPP, "parameters are not of version %d", SYSPARAMS_VERSION);
	if (len < 0 || (size_t)len > IBE_URI_MAX ||
	    memchr(ASN1_STRING_get0_data(p->district), 0, (size_t)len))
		return err_set(e, EINVAL, "district of the parameters is wrong");
	memcpy(district, ASN1_STRING_get0_data(p->district), (size_t)len);
	district[len] = '\0';
	if (ASN1_INTEGER_get_uint64(&serial, p->serial) != 1)
		return err_set(e, EINVAL, "serial of the parameters is wrong");
	if (!take_time(p->validity->not_before, &before) ||
	    !take_time(p->validity->not_after, &after))
		return err_set(e, EINVAL, "validity of the parameters is not YYYYMMDDHHMMSSZ");
	if (!is_oid(p->identity_type, IBE_OID_IDENTITY_URI))
		return err_set(e, EOPNOTSUPP, "parameters are for another type of identity");
	ret = take_extensions(p->extensions, &granularity, e);
	if (ret)
		return ret;
	ret = take_algorithms(p->algorithms, &bf, e);
	if (!bf)
		return ret;
	ret = sysparams_make(district, serial, before, after, granularity, bf, out, e);
	ibe_params_put(bf);
	return ret;
}

int ibe_sysparams_from_der(const uint8_t *der, size_t len, struct ibe_sysparams **out,
			   struct err *e)
{
	struct ibe_sysparams *sp = NULL;
	struct buf again = BUF_INIT;
	const uint8_t *pos = der;
	SYS_PARAMS *p;
	int ret;

	if (!len || len > IBE_SYSPARAMS_MAX)
		return err_set(e, EINVAL, "parameters have an impossible length");
	p = d2i_SYS_PARAMS(NULL, &pos, (long)len);
	if (!p)
		return err_set(e, EINVAL, "parameters are not an IBESysParams");
	ret = take(p, &sp, e);
	if (sp && ibe_sysparams_to_der(sp, &again))
		ret = err_set(e, ENOMEM, "out of memory");
	/* The decoder takes more than DER, trailing octets among it. */
	else if (sp && (again.len != len || memcmp(again.data, der, len)))
		ret = err_set(e, EINVAL, "parameters are not DER");
	if (ret)
		ibe_sysparams_put(sp);
	else
		*out = sp;
	buf_free(&again);
	SYS_PARAMS_free(p);
	return ret;
}

int ibe_sysparams_from_base64(const char *text, size_t len, struct ibe_sysparams **out,
			      struct err *e)
{
	struct buf der = BUF_INIT;
	int ret;

	if (len > 2 * IBE_SYSPARAMS_MAX || !buf_unbase64(&der, text, len))
		ret = err_set(e, EINVAL, "parameters are not base64");
	else
		ret = ibe_sysparams_from_der(der.data, der.len, out, e);
	buf_free(&der);
	return ret;
}

int ibe_sysparams_to_base64(const struct ibe_sysparams *sp, struct buf *out)
{
	struct buf der = BUF_INIT;
	int ret = ibe_sysparams_to_der(sp, &der);

	if (!ret) {
		buf_base64(out, der.data, der.len);
		ret = out->failed ? -ENOMEM : 0;
	}
	buf_free(&der);
	return ret;
}

int ibe_sysparams_from_file(const char *path, struct ibe_sysparams **out, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = buf_read_file(&b, path, 2 * IBE_SYSPARAMS_MAX, e);

	if (ret)
		return ret;
	/* 0x30 opens a DER SEQUENCE and as base64 would be "0": version 2 never starts so. */
	if (b.len > 1 && b.data[0] == 0x30 && b.data[1] >= 0x80)
		ret = ibe_sysparams_from_der(b.data, b.len, out, e);
	else
		ret = ibe_sysparams_from_base64((const char *)b.data, b.len, out, e);
	buf_free(&b);
	if (ret)
		err_add(e, "%s", path);
	return ret;
}

int ibe_sysparams_to_file(const struct ibe_sysparams *sp, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = ibe_sysparams_to_base64(sp, &b);

	buf_str(&b, "\n");
	if (ret || b.failed)
		ret = err_set(e, ENOMEM, "out of memory");
	else
		ret = buf_write_file(path, b.data, b.len, 0644, e);
	buf_free(&b);
	return ret;
}

int ibe_sysparams_check_time(const struct ibe_sysparams *sp, int64_t now, struct err *e)
{
	if (now < sp->not_before)
		return err_set(e, ERANGE, "parameters of %s are not valid yet", sp->district);
	if (now > sp->not_after)
		return err_set(e, ERANGE, "parameters of %s have expired", sp->district);
	return 0;
}
