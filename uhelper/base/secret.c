// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/err.h"
#include "base/secret.h"

int secret_process_init(struct err *e)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return err_set(e, errno, "cannot disable core dumps: %s", strerror(errno));
	if (!CRYPTO_secure_malloc_initialized() && CRYPTO_secure_malloc_init(4u << 20, 32) != 1)
		fprintf(stderr, "warning: no locked memory for keys (raise LimitMEMLOCK)\n");
	return 0;
}

void *secret_alloc(size_t len)
{
	return OPENSSL_secure_zalloc(len);
}

void secret_free(void *p, size_t len)
{
	OPENSSL_secure_clear_free(p, len);
}

void secret_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

int secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void secret_random(void *p, size_t len)
{
	if (RAND_priv_bytes(p, (int)len) != 1) {
		fprintf(stderr, "no random octets to be had\n");
		abort();
	}
}
