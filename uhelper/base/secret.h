/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_BASE_SECRET_H
#define IBAKE_BASE_SECRET_H

#include <stddef.h>

struct err;

/**
 * secret_process_init - make this process a safe place for keys
 *
 * No core dumps, not traceable by others of the same user, OpenSSL secure heap (locked, guarded,
 * wiped on free) of 4 MiB. Call once at the start of main(), before any thread.
 *
 * Return: 0 or a negative errno; a secure heap that cannot be locked is a warning, not an error.
 */
int secret_process_init(struct err *e);

/* Zeroed memory from the secure heap (from malloc where there is none). NULL when out of memory. */
void *secret_alloc(size_t len);
/* Wipes @len octets and releases; NULL is fine. */
void secret_free(void *p, size_t len);
/* memset(0) that the compiler does not drop. */
void secret_wipe(void *p, size_t len);
/* Constant-time in @len: 1 where the octets are equal, else 0. */
int secret_equal(const void *a, const void *b, size_t len);
/* @len octets from the operating system's generator by way of OpenSSL's private DRBG; aborts the
 * process if there are none, because nothing sensible can follow.
 */
void secret_random(void *p, size_t len);

#endif
