// SPDX-License-Identifier: GPL-2.0-or-later
/* Identity strings: DER IBEIdentityInfo of RFC 5408 section 3 over a URI and a period. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1t.h>
#include <openssl/objects.h>

#include "base/buf.h"
#include "base/err.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"

/* OpenSSL's templates want typedefs. */
typedef struct {
	ASN1_IA5STRING *uri;
	ASN1_GENERALIZEDTIME *period_start;
} IDENTITY_DATA;

typedef struct {
	ASN1_IA5STRING *district;
	ASN1_INTEGER *serial;
	ASN1_OBJECT *type;
	ASN1_OCTET_STRING *data;
} IDENTITY_INFO;

DECLARE_ASN1_FUNCTIONS(IDENTITY_DATA)
DECLARE_ASN1_FUNCTIONS(IDENTITY_INFO)

ASN1_SEQUENCE(IDENTITY_DATA) = {
	ASN1_SIMPLE(IDENTITY_DATA, uri, ASN1_IA5STRING),
	ASN1_SIMPLE(IDENTITY_DATA, period_start, ASN1_GENERALIZEDTIME),
} ASN1_SEQUENCE_END(IDENTITY_DATA)
IMPLEMENT_ASN1_FUNCTIONS(IDENTITY_DATA)

ASN1_SEQUENCE(IDENTITY_INFO) = {
	ASN1_SIMPLE(IDENTITY_INFO, district, ASN1_IA5STRING),
	ASN1_SIMPLE(IDENTITY_INFO, serial, ASN1_INTEGER),
	ASN1_SIMPLE(IDENTITY_INFO, type, ASN1_OBJECT),
	ASN1_SIMPLE(IDENTITY_INFO, data, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END(IDENTITY_INFO)
IMPLEMENT_ASN1_FUNCTIONS(IDENTITY_INFO)

int64_t ibe_period_start(int64_t unix_time, uint32_t granularity)
{
	int64_t rest = unix_time % granularity;

	return unix_time - rest - (rest < 0 ? granularity : 0);
}

bool ibe_time_to_text(int64_t unix_time, char text[IBE_TIME_LEN + 1])
{
	time_t t = (time_t)unix_time;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		return false;
	return strftime(text, IBE_TIME_LEN + 1, "%Y%m%d%H%M%SZ", &tm) == IBE_TIME_LEN;
}

bool ibe_time_from_text(const char *text, size_t len, int64_t *unix_time)
{
	char again[IBE_TIME_LEN + 1], copy[IBE_TIME_LEN + 1];
	struct tm tm = { 0 };
	int64_t t;

	if (len != IBE_TIME_LEN)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	for (size_t i = 0; i < 14; i++)
		if (copy[i] < '0' || copy[i] > '9')
			return false;
	if (sscanf(copy, "%4d%2d%2d%2d%2d%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		   &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	t = timegm(&tm);
	/* timegm() takes the 31st of February for a day of March: the way back must give the same. */
	if (!ibe_time_to_text(t, again) || memcmp(again, text, len))
		return false;
	*unix_time = t;
	return true;
}

static int encode(const char *district, uint64_t serial, const uint8_t *uri, size_t uri_len,
		  const char *time_text, struct buf *out)
{
	IDENTITY_DATA *data = IDENTITY_DATA_new();
	IDENTITY_INFO *info = IDENTITY_INFO_new();
	uint8_t *der = NULL;
	int len, ret = -ENOMEM;

	if (!data || !info)
		goto out;
	if (!ASN1_STRING_set(data->uri, uri, (int)uri_len) ||
	    !ASN1_STRING_set(data->period_start, time_text, IBE_TIME_LEN))
		goto out;
	len = i2d_IDENTITY_DATA(data, &der);
	if (len <= 0)
		goto out;
	ASN1_STRING_set0(info->data, der, len);
	der = NULL;
	ASN1_OBJECT_free(info->type);
	info->type = OBJ_txt2obj(IBE_OID_IDENTITY_URI, 1);
	if (!info->type || !ASN1_STRING_set(info->district, district, -1) ||
	    !ASN1_INTEGER_set_uint64(info->serial, serial))
		goto out;
	len = i2d_IDENTITY_INFO(info, &der);
	if (len <= 0)
		goto out;
	buf_put(out, der, (size_t)len);
	ret = out->failed ? -ENOMEM : 0;
out:
	OPENSSL_free(der);
	IDENTITY_INFO_free(info);
	IDENTITY_DATA_free(data);
	return ret;
}

int ibe_identity(const struct ibe_sysparams *sp, const uint8_t *uri, size_t uri_len,
		 int64_t period_start, struct buf *out, struct err *e)
{
	char text[IBE_TIME_LEN + 1];

	if (!ibe_uri_is_normal(uri, uri_len))
		return err_set(e, EINVAL, "identity is not a URI in its normal form");
	if (ibe_period_start(period_start, sp->granularity) != period_start ||
	    !ibe_time_to_text(period_start, text))
		return err_set(e, EINVAL, "time is not the start of a period of %u s",
			       sp->granularity);
	if (period_start < sp->not_before || period_start > sp->not_after)
		return err_set(e, ERANGE, "period %s is outside of the validity of the parameters of %s",
			       text, sp->district);
	if (encode(sp->district, sp->serial, uri, uri_len, text, out))
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

/* False where @s does not fit or holds a NUL, which would hide what comes after it. */
static bool copy_string(const ASN1_STRING *s, char *to, size_t size)
{
	int len = ASN1_STRING_length(s);

	if (len < 0 || (size_t)len >= size || memchr(ASN1_STRING_get0_data(s), 0, (size_t)len))
		return false;
	memcpy(to, ASN1_STRING_get0_data(s), (size_t)len);
	to[len] = '\0';
	return true;
}

static bool is_type(const ASN1_OBJECT *o)
{
	char text[128];
	int len = OBJ_obj2txt(text, sizeof(text), o, 1);

	return len > 0 && (size_t)len < sizeof(text) && !strcmp(text, IBE_OID_IDENTITY_URI);
}

int ibe_identity_parse(const uint8_t *der, size_t len, struct ibe_identity_info *info,
		       struct err *e)
{
	IDENTITY_DATA *data = NULL;
	IDENTITY_INFO *id = NULL;
	struct buf again = BUF_INIT;
	struct ibe_identity_info r;
	char text[IBE_TIME_LEN + 1];
	const uint8_t *p = der;
	int ret;

	if (!len || len > 4096) {
		ret = err_set(e, EINVAL, "identity has an impossible length");
		goto out;
	}
	id = d2i_IDENTITY_INFO(NULL, &p, (long)len);
	if (!id) {
		ret = err_set(e, EINVAL, "identity is not an IBEIdentityInfo");
		goto out;
	}
	if (!is_type(id->type)) {
		ret = err_set(e, EOPNOTSUPP, "identity is of an unknown type");
		goto out;
	}
	p = ASN1_STRING_get0_data(id->data);
	data = d2i_IDENTITY_DATA(NULL, &p, ASN1_STRING_length(id->data));
	if (!data || !copy_string(id->district, r.district, sizeof(r.district)) ||
	    !copy_string(data->uri, r.uri, sizeof(r.uri)) ||
	    ASN1_INTEGER_get_uint64(&r.serial, id->serial) != 1 || r.serial > INT64_MAX ||
	    !ibe_time_from_text((const char *)ASN1_STRING_get0_data(data->period_start),
				(size_t)ASN1_STRING_length(data->period_start), &r.period_start)) {
		ret = err_set(e, EINVAL, "identity has a field that is wrong");
		goto out;
	}
	if (!ibe_uri_is_normal((const uint8_t *)r.uri, strlen(r.uri))) {
		ret = err_set(e, EINVAL, "identity is not a URI in its normal form");
		goto out;
	}
	/* The decoder takes more than DER: only what encodes to the same octets is this identity. */
	ibe_time_to_text(r.period_start, text);
	ret = encode(r.district, r.serial, (const uint8_t *)r.uri, strlen(r.uri), text, &again);
	if (ret)
		err_set(e, -ret, "out of memory");
	else if (again.len != len || memcmp(again.data, der, len))
		ret = err_set(e, EINVAL, "identity is not DER");
	else
		*info = r;
out:
	buf_free(&again);
	IDENTITY_DATA_free(data);
	IDENTITY_INFO_free(id);
	return ret;
}
