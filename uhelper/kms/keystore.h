/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_KEYSTORE_H
#define IBAKE_KMS_KEYSTORE_H

#include "kms/kms.h"

/* Seals a key that was checked and writes its file; an older file of the same key is replaced. */
int kms_keystore_put(struct kms_keystore *ks, const struct ibe_sysparams *sys, const char *uri,
		     int64_t from, int64_t to, const void *der, size_t len, struct err *e);

#endif
