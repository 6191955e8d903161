// SPDX-License-Identifier: GPL-2.0-or-later
/* Outlines of the DER values that MIKEY messages carry. */
#include <stdbool.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "cli/msg_der.h"

/* Content of the element with universal @tag at the front of @p, which moves behind it. */
static bool element(const uint8_t **p, const uint8_t *end, int tag, const uint8_t **content,
		    size_t *len)
{
	int got_tag, class;
	long n;
	int ret;

	if (*p == end)
		return false;
	*content = *p;
	ret = ASN1_get_object(content, &n, &got_tag, &class, end - *p);
	/* 0x80: error; 1: indefinite length, which DER has not. */
	if (ret & 0x81 || got_tag != tag || class != V_ASN1_UNIVERSAL || n < 0)
		return false;
	*len = (size_t)n;
	*p = *content + n;
	return true;
}

/* Octets of a non-negative INTEGER's value. */
static size_t magnitude(const uint8_t *content, size_t len)
{
	while (len && !*content) {
		content++;
		len--;
	}
	return len;
}

void msg_show_ciphertext(struct out *o, const uint8_t *der, size_t len)
{
	const uint8_t *p = der, *end = der + len, *seq, *u, *x, *y, *v, *w, *version;
	size_t n, seq_len, u_len, x_len, y_len, v_len, w_len;

	if (!len || !element(&p, end, V_ASN1_SEQUENCE, &seq, &seq_len) || p != end)
		goto out;
	end = seq + seq_len;
	if (!element(&seq, end, V_ASN1_INTEGER, &version, &n) ||
	    !element(&seq, end, V_ASN1_SEQUENCE, &u, &u_len) ||
	    !element(&seq, end, V_ASN1_OCTET_STRING, &v, &v_len) ||
	    !element(&seq, end, V_ASN1_OCTET_STRING, &w, &w_len) || seq != end)
		goto out;
	end = u + u_len;
	if (!element(&u, end, V_ASN1_INTEGER, &x, &x_len) ||
	    !element(&u, end, V_ASN1_INTEGER, &y, &y_len) || u != end)
		goto out;
	x_len = magnitude(x, x_len);
	y_len = magnitude(y, y_len);
	out_str(o, "ciphertext", "BFCiphertextBlock");
	out_u64(o, "coordinate_octets", x_len > y_len ? x_len : y_len);
	out_u64(o, "hash_octets", v_len);
	out_u64(o, "plaintext_octets", w_len);
out:
	ERR_clear_error();
}

static void show_bio(struct out *o, const char *field, BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	if (len > 0)
		out_strn(o, field, text, (size_t)len);
	BIO_reset(bio);
}

static void show_date(struct out *o, const char *field, const ASN1_TIME *t)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm))
		out_time(o, field, timegm(&tm));
}

void msg_show_cert(struct out *o, const uint8_t *der, size_t len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *cert = d2i_X509(NULL, &der, (long)len);

	if (bio && cert) {
		X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0, XN_FLAG_RFC2253);
		show_bio(o, "subject", bio);
		X509_NAME_print_ex(bio, X509_get_issuer_name(cert), 0, XN_FLAG_RFC2253);
		show_bio(o, "issuer", bio);
		show_date(o, "not_before", X509_get0_notBefore(cert));
		show_date(o, "not_after", X509_get0_notAfter(cert));
	}
	X509_free(cert);
	BIO_free(bio);
	ERR_clear_error();
}
