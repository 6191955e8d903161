// SPDX-License-Identifier: GPL-2.0-or-later
/* Hexadecimal and base64, both ways. */
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"

void buf_hex(struct buf *b, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;
	uint8_t *out = buf_add(b, 2 * len);

	if (!out)
		return;
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = (uint8_t)digits[p[i] >> 4];
		out[2 * i + 1] = (uint8_t)digits[p[i] & 15];
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool buf_unhex(struct buf *b, const char *hex)
{
	size_t digits = strlen(hex);
	uint8_t *out;

	for (size_t i = 0; i < digits; i++)
		if (hex_digit(hex[i]) < 0)
			return false;
	if (digits % 2)
		return false;
	out = buf_add(b, digits / 2);
	if (!out)
		return false;
	for (size_t i = 0; i < digits / 2; i++)
		out[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	return true;
}

void buf_base64(struct buf *b, const void *data, size_t len)
{
	/* EVP_EncodeBlock() also writes a NUL, which does not count. */
	uint8_t *out = buf_add(b, 4 * ((len + 2) / 3) + 1);

	if (!out)
		return;
	EVP_EncodeBlock(out, data, (int)len);
	b->len--;
}

bool buf_unbase64(struct buf *b, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;
	bool ok = false;
	size_t pad = 0;
	uint8_t *out;
	int n;

	for (size_t i = 0; i < len; i++) {
		if (memchr(" \t\r\n", text[i], 4))
			continue;
		if (text[i] == '=')
			pad++;
		else if (pad || !text[i])
			goto out;
		buf_u8(&clean, (uint8_t)text[i]);
	}
	if (clean.failed || clean.len % 4 || pad > 2)
		goto out;
	ok = true;
	if (!clean.len)
		goto out;
	out = buf_add(b, clean.len / 4 * 3);
	if (!out) {
		ok = false;
		goto out;
	}
	n = EVP_DecodeBlock(out, clean.data, (int)clean.len);
	ok = n == (int)(clean.len / 4 * 3);
	b->len -= ok ? pad : clean.len / 4 * 3;
out:
	buf_free(&clean);
	return ok;
}
