// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "kms/tls.h"

/* OpenSSL's own reason, in a sentence. */
static int tls_fail(struct err *e, const char *what, const char *path)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(e, EINVAL, "%s%s%s: %s", what, path ? " " : "", path ? path : "",
		       why ? why : "not to be had");
}

static bool extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool alt_names(X509 *x, const char *const *names, size_t n)
{
	struct buf b = BUF_INIT;
	uint8_t addr[16];
	bool ok;

	for (size_t i = 0; i < n; i++) {
		bool ip = inet_pton(AF_INET, names[i], addr) == 1 ||
			  inet_pton(AF_INET6, names[i], addr) == 1;

		buf_printf(&b, "%s%s:%s", i ? "," : "", ip ? "IP" : "DNS", names[i]);
	}
	buf_u8(&b, 0);
	ok = !b.failed && extension(x, NID_subject_alt_name, (char *)b.data);
	buf_free(&b);
	return ok;
}

static bool fill(X509 *x, EVP_PKEY *pkey, const char *const *names, size_t n, unsigned int days)
{
	X509_NAME *subject = X509_get_subject_name(x);
	uint8_t serial[16];
	BIGNUM *bn;
	bool ok;

	secret_random(serial, sizeof(serial));
	serial[0] &= 0x7f;
	bn = BN_bin2bn(serial, sizeof(serial), NULL);
	ok = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) &&
	     X509_set_version(x, X509_VERSION_3) == 1 &&
	     /* A clock that is an hour behind must not make the first day fail. */
	     X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
	     X509_gmtime_adj(X509_getm_notAfter(x), (long)days * 86400) &&
	     X509_set_pubkey(x, pkey) == 1 &&
	     X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
					(const unsigned char *)"ibake key server", -1, -1, 0) == 1 &&
	     X509_set_issuer_name(x, subject) == 1 &&
	     extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	     extension(x, NID_key_usage, "critical,digitalSignature") &&
	     extension(x, NID_ext_key_usage, "serverAuth") &&
	     alt_names(x, names, n) &&
	     X509_sign(x, pkey, EVP_sha256()) > 0;
	BN_free(bn);
	return ok;
}

static int write_bio(BIO *bio, const char *path, unsigned int mode, struct err *e)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return buf_write_file(path, data, (size_t)len, mode, e);
}

int tls_self_signed(const char *cert, const char *key, const char *const *names, size_t n_names,
		    unsigned int days, struct err *e)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	BIO *cert_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_secmem());
	X509 *x = X509_new();
	int ret;

	if (!pkey || !x || !cert_pem || !key_pem || !fill(x, pkey, names, n_names, days) ||
	    PEM_write_bio_X509(cert_pem, x) != 1 ||
	    PEM_write_bio_PKCS8PrivateKey(key_pem, pkey, NULL, NULL, 0, NULL, NULL) != 1) {
		ret = tls_fail(e, "cannot make a certificate", NULL);
		goto out;
	}
	ret = write_bio(key_pem, key, 0600, e);
	if (!ret)
		ret = write_bio(cert_pem, cert, 0644, e);
out:
	BIO_free(cert_pem);
	BIO_free(key_pem);
	X509_free(x);
	EVP_PKEY_free(pkey);
	return ret;
}

int tls_server(const char *cert, const char *key, SSL_CTX **out, struct err *e)
{
	struct stat st;
	SSL_CTX *ctx;
	int ret;

	if (stat(key, &st))
		return err_set(e, errno, "cannot read the TLS key %s: %m", key);
	/* A group may read it: that is how distributions hand out certificates. */
	if (st.st_mode & 037)
		return err_set(e, EPERM, "the TLS key %s is open to others (mode %03o)", key,
			       (unsigned int)st.st_mode & 0777);
	ctx = SSL_CTX_new(TLS_server_method());
	if (!ctx)
		return err_set(e, ENOMEM, "out of memory");
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
			    SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		ret = tls_fail(e, "cannot use the TLS certificate", cert);
	else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
		 SSL_CTX_check_private_key(ctx) != 1)
		ret = tls_fail(e, "cannot use the TLS key", key);
	else
		ret = 0;
	if (ret) {
		SSL_CTX_free(ctx);
		return ret;
	}
	*out = ctx;
	return 0;
}
