/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SELFTESTS_KMS_UNIT_H
#define SELFTESTS_KMS_UNIT_H

#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <time.h>

#include "ibe/ibe.h"
#include "ibe/sysparams.h"
#include "kms/reqkey.h"
#include "kms/store.h"

#define TEST_PASS "correct horse battery"
#define TEST_PSK "0123456789abcdef-alice"
/* A day in 2027, 10:00 UTC. */
#define TEST_NOW 1800000000ll
#define TEST_DAY (TEST_NOW / 86400 * 86400)

static inline char *tmp_dir(void)
{
	char *dir = strdup("/tmp/kms-unit.XXXXXX");

	assert_non_null(dir);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static inline int tmp_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void tmp_free(char *dir)
{
	nftw(dir, tmp_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

/* A key server at DIR/kms with 512 bits; the same parameters serve a whole test program. */
static inline struct kms_store *tmp_store(const char *dir, const char *district)
{
	char path[256];
	struct kms_store_setup s = { .dir = path, .district = district, .serial = 7, .bits = 512,
				     .granularity = 86400, .not_before = TEST_DAY - 3000ll * 86400,
				     .not_after = TEST_DAY + 1000ll * 86400,
				     .pass = (const uint8_t *)TEST_PASS,
				     .pass_len = strlen(TEST_PASS) };
	struct err e = ERR_INIT;
	struct kms_store *st = NULL;

	snprintf(path, sizeof(path), "%s/kms", dir);
	if (kms_store_create(&s, &e) || kms_store_open(path, s.pass, s.pass_len, &st, &e))
		fail_msg("%s", e.msg);
	return st;
}

static inline void tmp_user(struct kms_store *st, const char *name, const char *psk,
			    unsigned int days, const char *uri, const char *uri2)
{
	const char *uris[] = { uri, uri2 };
	struct err e = ERR_INIT;

	if (kms_store_user_add(st, name, days, (const uint8_t *)psk, strlen(psk), uris,
			       uri2 ? 2 : 1, TEST_NOW, &e))
		fail_msg("%s", e.msg);
}

/* What the server does with a request, in one step. */
static inline void serve_max(struct kms_store *st, const void *req, size_t len, int64_t now,
			     size_t kemac_max, struct kms_reply *r)
{
	struct kms_issue *is = kms_serve_begin(st, req, len, now, kemac_max, r);

	if (!is)
		return;
	kms_reply_free(r);
	for (size_t i = 0; i < kms_issue_keys(is); i++)
		kms_issue_extract(is, i);
	kms_serve_end(st, is, now, r);
	kms_issue_free(is);
}

static inline void serve(struct kms_store *st, const struct buf *req, struct kms_reply *r)
{
	serve_max(st, req->data, req->len, TEST_NOW, KMS_KEMAC_MAX, r);
}

#endif
