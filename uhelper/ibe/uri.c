// SPDX-License-Identifier: GPL-2.0-or-later
/* The normal form of a SIP, SIPS or TEL URI (RFC 3261 section 19.1, RFC 3966, RFC 5627). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include "base/buf.h"
#include "base/err.h"
#include "ibe/identity.h"

#define URI_INPUT_MAX 1024u
#define HOST_MAX 253u
#define LABEL_MAX 63u
#define TEL_DIGITS_MAX 15u /* ITU-T E.164 */

/* Not <ctype.h>: what a letter is must not depend on the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_unreserved(char c)
{
	return is_alnum(c) || (c && strchr("-_.!~*'()", c));
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = to_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Copies @len characters, each of them unreserved, one of @also, or an escape. An escape of an
 * unreserved character is the same URI as the character (RFC 3261 19.1.4): it is undone, and the
 * others get upper-case digits.
 */
static int put_escaped(struct buf *out, const char *s, size_t len, const char *also,
		       const char *what, struct err *e)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '%') {
			int hi = i + 2 < len ? hex_value(s[i + 1]) : -1;
			int lo = i + 2 < len ? hex_value(s[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return err_set(e, EINVAL, "%s of the URI has a broken escape", what);
			c = (char)(hi << 4 | lo);
			if ((unsigned char)c < 0x20 || c == 0x7f)
				return err_set(e, EINVAL, "%s of the URI escapes a control character",
					       what);
			if (is_unreserved(c))
				buf_put(out, &c, 1);
			else
				buf_printf(out, "%%%02X", (unsigned char)c);
			i += 2;
		} else if (is_unreserved(c) || (c && strchr(also, c))) {
			buf_put(out, &c, 1);
		} else {
			return err_set(e, EINVAL, "%s of the URI has a character that needs an escape",
				       what);
		}
	}
	return 0;
}

static int put_ipv6(struct buf *out, const char *s, size_t len, struct err *e)
{
	char text[INET6_ADDRSTRLEN + 1];
	struct in6_addr addr;

	if (len >= sizeof(text))
		return err_set(e, EINVAL, "host of the URI is not an IPv6 address");
	memcpy(text, s, len);
	text[len] = '\0';
	if (inet_pton(AF_INET6, text, &addr) != 1 ||
	    !inet_ntop(AF_INET6, &addr, text, sizeof(text)))
		return err_set(e, EINVAL, "host of the URI is not an IPv6 address");
	buf_printf(out, "[%s]", text);
	return 0;
}

static int put_host(struct buf *out, const char *s, size_t len, struct err *e)
{
	char text[HOST_MAX + 1];
	size_t label = 0;
	struct in_addr addr;

	/* The root's empty label: the same host. */
	if (len > 1 && s[len - 1] == '.')
		len--;
	if (!len || len > HOST_MAX)
		return err_set(e, EINVAL, "URI has no host or one that is too long");
	for (size_t i = 0; i <= len; i++) {
		if (i == len || s[i] == '.') {
			size_t n = i - label;

			if (!n || n > LABEL_MAX || s[label] == '-' || s[i - 1] == '-')
				return err_set(e, EINVAL, "host of the URI has a bad label");
			if (i < len)
				label = i + 1;
		} else if (!is_alnum(s[i]) && s[i] != '-') {
			return err_set(e, EINVAL, "host of the URI has a bad character");
		}
		if (i < len)
			text[i] = to_lower(s[i]);
	}
	text[len] = '\0';
	/* A last label of digits is an address or nothing; inet_pton() knows one spelling of it. */
	if (strspn(text + label, "0123456789") == len - label &&
	    inet_pton(AF_INET, text, &addr) != 1)
		return err_set(e, EINVAL, "host of the URI is not an IPv4 address");
	buf_put(out, text, len);
	return 0;
}

static int put_port(struct buf *out, const char *s, size_t len, unsigned int standard,
		    struct err *e)
{
	unsigned int port = 0;

	for (size_t i = 0; i < len; i++) {
		if (!is_digit(s[i]) || port > 65535)
			return err_set(e, EINVAL, "URI has a bad port");
		port = port * 10 + (unsigned int)(s[i] - '0');
	}
	if (!port || port > 65535)
		return err_set(e, EINVAL, "URI has a bad port");
	if (port != standard)
		buf_printf(out, ":%u", port);
	return 0;
}

/* Only "gr" says something about who it is: it names one device of a user (RFC 5627). */
static int put_params(struct buf *out, const char *s, size_t len, struct err *e)
{
	bool seen = false;

	while (len) {
		const char *end, *eq;
		size_t n, name;
		int ret;

		s++; /* the semicolon */
		len--;
		end = memchr(s, ';', len);
		n = end ? (size_t)(end - s) : len;
		eq = memchr(s, '=', n);
		name = eq ? (size_t)(eq - s) : n;
		if (!name)
			return err_set(e, EINVAL, "URI has a parameter without a name");
		if (name == 2 && !strncasecmp(s, "gr", 2)) {
			if (seen)
				return err_set(e, EINVAL, "URI has two gr parameters");
			seen = true;
			buf_str(out, ";gr");
			if (eq) {
				if (name + 1 == n)
					return err_set(e, EINVAL, "gr parameter of the URI is empty");
				buf_str(out, "=");
				ret = put_escaped(out, eq + 1, n - name - 1, "[]/:&+$",
						  "gr parameter", e);
				if (ret)
					return ret;
			}
		}
		s += n;
		len -= n;
	}
	return 0;
}

static int put_sip(struct buf *out, const char *s, unsigned int port, struct err *e)
{
	const char *at = strchr(s, '@'), *end;
	size_t len;
	int ret;

	if (at) {
		if (at == s)
			return err_set(e, EINVAL, "URI has an empty user");
		if (memchr(s, ':', (size_t)(at - s)))
			return err_set(e, EINVAL, "URI has a password");
		ret = put_escaped(out, s, (size_t)(at - s), "&=+$,;?/", "user", e);
		if (ret)
			return ret;
		buf_str(out, "@");
		s = at + 1;
	}
	if (*s == '[') {
		end = strchr(s, ']');
		if (!end)
			return err_set(e, EINVAL, "host of the URI is not an IPv6 address");
		ret = put_ipv6(out, s + 1, (size_t)(end - s - 1), e);
		end++;
	} else {
		len = strcspn(s, ":;?");
		ret = put_host(out, s, len, e);
		end = s + len;
	}
	if (ret)
		return ret;
	s = end;
	if (*s == ':') {
		len = strcspn(++s, ";?");
		ret = put_port(out, s, len, port, e);
		if (ret)
			return ret;
		s += len;
	}
	if (*s && *s != ';' && *s != '?')
		return err_set(e, EINVAL, "URI goes on after its host");
	return put_params(out, s, strcspn(s, "?"), e);
}

static int put_tel(struct buf *out, const char *s, struct err *e)
{
	unsigned int digits = 0;
	const char *p;

	if (*s != '+')
		return err_set(e, EINVAL, "TEL URI is not a global number, which starts with +");
	buf_str(out, "+");
	for (p = s + 1; *p && *p != ';'; p++) {
		if (is_digit(*p)) {
			buf_put(out, p, 1);
			digits++;
		} else if (!strchr("-.()", *p)) {
			return err_set(e, EINVAL, "TEL URI has a character that is not of a number");
		}
	}
	if (!digits || digits > TEL_DIGITS_MAX)
		return err_set(e, EINVAL, "TEL URI does not have 1 to %u digits", TEL_DIGITS_MAX);
	/* These name another telephone behind the number; without them two users would share a key. */
	for (; *p == ';'; p += 1 + strcspn(p + 1, ";"))
		if (!strncasecmp(p + 1, "ext=", 4) || !strncasecmp(p + 1, "isub=", 5))
			return err_set(e, EINVAL, "TEL URI names an extension or a subaddress");
	return 0;
}

int ibe_uri_normalise(const char *uri, struct buf *out, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = 0;

	if (strlen(uri) > URI_INPUT_MAX)
		return err_set(e, EMSGSIZE, "URI is longer than %u octets", URI_INPUT_MAX);
	for (const char *p = uri; *p; p++)
		if (*p <= 0x20 || *p >= 0x7f)
			return err_set(e, EINVAL, "URI has a blank, a control or an 8-bit character");
	if (!strncasecmp(uri, "sip:", 4)) {
		buf_str(&b, "sip:");
		ret = put_sip(&b, uri + 4, 5060, e);
	} else if (!strncasecmp(uri, "sips:", 5)) {
		buf_str(&b, "sips:");
		ret = put_sip(&b, uri + 5, 5061, e);
	} else if (!strncasecmp(uri, "tel:", 4)) {
		buf_str(&b, "tel:");
		ret = put_tel(&b, uri + 4, e);
	} else {
		return err_set(e, EINVAL, "URI is neither sip, sips nor tel");
	}
	if (!ret && b.len > IBE_URI_MAX)
		ret = err_set(e, EMSGSIZE, "URI is longer than %u octets", IBE_URI_MAX);
	if (!ret) {
		buf_put(out, b.data, b.len);
		if (b.failed || out->failed)
			ret = err_set(e, ENOMEM, "out of memory");
	}
	buf_free(&b);
	return ret;
}

bool ibe_uri_is_normal(const uint8_t *uri, size_t len)
{
	char text[IBE_URI_MAX + 1];
	struct buf b = BUF_INIT;
	bool same;

	if (!len || len > IBE_URI_MAX || memchr(uri, 0, len))
		return false;
	memcpy(text, uri, len);
	text[len] = '\0';
	same = !ibe_uri_normalise(text, &b, NULL) && b.len == len && !memcmp(b.data, uri, len);
	buf_free(&b);
	return same;
}

int ibe_uri_host(const uint8_t *uri, size_t len, struct buf *out, struct err *e)
{
	const uint8_t *end = uri + len, *p, *q;

	if (!ibe_uri_is_normal(uri, len))
		return err_set(e, EINVAL, "URI is not in its normal form");
	p = (const uint8_t *)memchr(uri, ':', len) + 1;
	if (*uri != 't') {
		q = memchr(p, '@', (size_t)(end - p));
		if (q)
			p = q + 1;
		if (*p == '[') {
			end = (const uint8_t *)memchr(p, ']', (size_t)(end - p)) + 1;
		} else {
			for (q = p; q < end && *q != ':' && *q != ';'; q++)
				;
			end = q;
		}
	}
	buf_put(out, p, (size_t)(end - p));
	return out->failed ? err_set(e, ENOMEM, "out of memory") : 0;
}
