/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_BASE_BUF_H
#define IBAKE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct buf - octets that grow at the end
 * @data: the octets, NULL while empty
 * @len: how many are in use
 * @cap: how many are allocated
 * @failed: an allocation failed or the limit was hit; later appends do nothing, so that a long
 *	chain of appends needs one check, at its end
 *
 * Grown buffers are moved by allocate, copy, wipe, free: a buffer may hold secrets, and
 * buf_free() wipes what it releases. BUF_MAX bounds each of them.
 */
struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	bool failed;
};

#define BUF_INIT { NULL, 0, 0, false }
#define BUF_MAX (16u << 20)

void buf_put(struct buf *b, const void *data, size_t len);
/* Appends @len octets for the caller to fill; NULL on failure. Valid until the next append. */
uint8_t *buf_add(struct buf *b, size_t len);
void buf_u8(struct buf *b, uint8_t v);
void buf_be16(struct buf *b, uint16_t v);
void buf_be32(struct buf *b, uint32_t v);
void buf_be64(struct buf *b, uint64_t v);
void buf_str(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Wipes the octets and keeps the allocation. */
void buf_reset(struct buf *b);
/* Wipes and releases; @b is empty and usable afterwards. */
void buf_free(struct buf *b);

/**
 * struct rd - a bounded read position over octets that somebody else owns
 * @p: next octet
 * @left: how many octets are left
 * @failed: something was asked for that is not there; all later reads give zero or NULL, so
 *	that a parser checks once for each unit that it reads
 */
struct rd {
	const uint8_t *p;
	size_t left;
	bool failed;
};

static inline struct rd rd_init(const void *data, size_t len)
{
	return (struct rd){ data, len, false };
}

const uint8_t *rd_bytes(struct rd *r, size_t len);
uint8_t rd_u8(struct rd *r);
uint16_t rd_be16(struct rd *r);
uint32_t rd_be32(struct rd *r);
uint64_t rd_be64(struct rd *r);

/* Whole file into @b (which must be empty), at most @max octets. 0 or -errno. */
struct err;
int buf_read_file(struct buf *b, const char *path, size_t max, struct err *e);
/* Atomic: temporary file in the same folder, fsync, rename; mode as given. 0 or -errno. */
int buf_write_file(const char *path, const void *data, size_t len, unsigned int mode,
		   struct err *e);

/* Lower-case hexadecimal; the string lives as long as @b. */
void buf_hex(struct buf *b, const void *data, size_t len);
/* Appends the octets that @hex (an even number of digits) spells; false, and @b unchanged, if not. */
bool buf_unhex(struct buf *b, const char *hex);
/* RFC 4648 base64 without line breaks, both ways; decoding skips white space, refuses the rest. */
void buf_base64(struct buf *b, const void *data, size_t len);
bool buf_unbase64(struct buf *b, const char *text, size_t len);

#endif
