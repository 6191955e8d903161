// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/buf.h"
#include "base/bytes.h"

static bool buf_grow(struct buf *b, size_t more)
{
	size_t cap;
	uint8_t *n;

	if (b->failed)
		return false;
	if (more > BUF_MAX || b->len + more > BUF_MAX) {
		b->failed = true;
		return false;
	}
	if (b->len + more <= b->cap)
		return true;
	cap = b->cap ? b->cap : 256;
	while (cap < b->len + more)
		cap *= 2;
	/* Not realloc(): it may leave the old octets behind, and they may be secret. */
	n = malloc(cap);
	if (!n) {
		b->failed = true;
		return false;
	}
	if (b->len)
		memcpy(n, b->data, b->len);
	if (b->data) {
		OPENSSL_cleanse(b->data, b->cap);
		free(b->data);
	}
	b->data = n;
	b->cap = cap;
	return true;
}

uint8_t *buf_add(struct buf *b, size_t len)
{
	if (!buf_grow(b, len ? len : 1))
		return NULL;
	b->len += len;
	return b->data + b->len - len;
}

void buf_put(struct buf *b, const void *data, size_t len)
{
	uint8_t *p = buf_add(b, len);

	if (p && len)
		memcpy(p, data, len);
}

void buf_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void buf_be16(struct buf *b, uint16_t v)
{
	uint8_t *p = buf_add(b, 2);

	if (p)
		put_be16(p, v);
}

void buf_be32(struct buf *b, uint32_t v)
{
	uint8_t *p = buf_add(b, 4);

	if (p)
		put_be32(p, v);
}

void buf_be64(struct buf *b, uint64_t v)
{
	uint8_t *p = buf_add(b, 8);

	if (p)
		put_be64(p, v);
}

void buf_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !buf_grow(b, (size_t)n + 1)) {
		b->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_reset(struct buf *b)
{
	if (b->data)
		OPENSSL_cleanse(b->data, b->cap);
	b->len = 0;
	b->failed = false;
}

void buf_free(struct buf *b)
{
	if (b->data) {
		OPENSSL_cleanse(b->data, b->cap);
		free(b->data);
	}
	*b = (struct buf)BUF_INIT;
}

const uint8_t *rd_bytes(struct rd *r, size_t len)
{
	const uint8_t *p = r->p;

	if (r->failed || len > r->left) {
		r->failed = true;
		return NULL;
	}
	r->p += len;
	r->left -= len;
	return p;
}

uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);

	return p ? *p : 0;
}

uint16_t rd_be16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	return p ? get_be16(p) : 0;
}

uint32_t rd_be32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p ? get_be32(p) : 0;
}

uint64_t rd_be64(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 8);

	return p ? get_be64(p) : 0;
}
