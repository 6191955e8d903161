// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/err.h"
#include "kms/https.h"

struct answer {
	struct buf *out;
	size_t max;
};

static void global_init(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t collect(char *data, size_t size, size_t n, void *arg)
{
	struct answer *a = arg;

	if (n > a->max || a->out->len > a->max - n)
		return 0;
	buf_put(a->out, data, n);
	return a->out->failed ? 0 : n;
}

static int to_errno(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return EHOSTUNREACH;
	case CURLE_COULDNT_CONNECT:
		return ECONNREFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return ETIMEDOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
		return EKEYREJECTED;
	case CURLE_OUT_OF_MEMORY:
		return ENOMEM;
	case CURLE_WRITE_ERROR:
		return EMSGSIZE;
	case CURLE_SSL_CACERT_BADFILE:
		return EINVAL;
	default:
		return EIO;
	}
}

static CURLcode set_up(CURL *c, const struct https_request *rq, struct curl_slist *headers,
		       struct answer *a, char *words)
{
	CURLcode r = curl_easy_setopt(c, CURLOPT_URL, rq->url);

#define SET(opt, val) (r = r ? r : curl_easy_setopt(c, opt, val))
	SET(CURLOPT_ERRORBUFFER, words);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	/* Only who was configured may vouch, not what the system trusts besides. */
	SET(CURLOPT_CAINFO, rq->ca_file);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, 20L);
	SET(CURLOPT_TIMEOUT, (long)rq->timeout_s);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_WRITEFUNCTION, collect);
	SET(CURLOPT_WRITEDATA, a);
	if (rq->body) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDS, rq->body);
		SET(CURLOPT_POSTFIELDSIZE, (long)rq->body_len);
	}
#undef SET
	return r;
}

int https_do(const struct https_request *rq, struct buf *out, int *status, char *type,
	     size_t type_size, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char words[CURL_ERROR_SIZE] = "", mime[128];
	struct answer a = { out, rq->max };
	struct curl_slist *headers = NULL;
	const char *got = NULL;
	long http = 0;
	CURLcode r;
	CURL *c;
	int ret;

	if (strncmp(rq->url, "https://", 8))
		return err_set(e, EINVAL, "\"%s\" is not an https:// address", rq->url);
	if (!rq->ca_file)
		return err_set(e, EINVAL, "no file of trusted certificates for %s", rq->url);
	pthread_once(&once, global_init);
	snprintf(mime, sizeof(mime), "Content-Type: %s", rq->mime ? rq->mime : "");
	headers = curl_slist_append(NULL, rq->mime ? mime : "Accept: */*");
	c = curl_easy_init();
	if (!c || !headers) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto out;
	}
	r = set_up(c, rq, headers, &a, words);
	if (!r)
		r = curl_easy_perform(c);
	if (r) {
		ret = err_set(e, to_errno(r), "%s: %s", rq->url,
			      words[0] ? words : curl_easy_strerror(r));
		goto out;
	}
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &http);
	curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &got);
	snprintf(type, type_size, "%.*s", got ? (int)strcspn(got, "; ") : 0, got ? got : "");
	*status = (int)http;
	ret = 0;
out:
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return ret;
}
