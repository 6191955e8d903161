// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "kms/keyfile.h"
#include "kms/seal.h"

static const char magic[8] = { 'i', 'b', 'a', 'k', 'e', 'k', 'y', 1 };

static void put_text(struct buf *b, const char *text)
{
	buf_be16(b, (uint16_t)strlen(text));
	buf_str(b, text);
}

static int get_text(struct rd *r, char *text)
{
	uint16_t len = rd_be16(r);
	const uint8_t *p = len <= KEYFILE_NAME_MAX ? rd_bytes(r, len) : NULL;

	if (!p || memchr(p, 0, len))
		return -EBADMSG;
	memcpy(text, p, len);
	text[len] = '\0';
	return 0;
}

int keyfile_write(const char *path, const uint8_t *machine_key, const struct keyfile *k,
		  const void *der, size_t len, struct err *e)
{
	struct buf b = BUF_INIT, sealed = BUF_INIT;
	int ret;

	buf_put(&b, magic, sizeof(magic));
	put_text(&b, k->uri);
	put_text(&b, k->district);
	buf_be64(&b, k->serial);
	buf_be64(&b, (uint64_t)k->from);
	buf_be64(&b, (uint64_t)k->to);
	ret = b.failed ? err_set(e, ENOMEM, "out of memory") :
			 seal_put(machine_key, b.data, b.len, der, len, &sealed, e);
	if (!ret) {
		buf_put(&b, sealed.data, sealed.len);
		ret = b.failed ? err_set(e, ENOMEM, "out of memory") :
				 buf_write_file(path, b.data, b.len, 0600, e);
	}
	buf_free(&b);
	buf_free(&sealed);
	return ret;
}

int keyfile_read(const char *path, const uint8_t *machine_key, struct keyfile *k,
		 struct buf *der, struct err *e)
{
	struct buf b = BUF_INIT, plain = BUF_INIT;
	const uint8_t *head;
	struct rd r;
	int ret;

	memset(k, 0, sizeof(*k));
	ret = buf_read_file(&b, path, KEYFILE_MAX, e);
	if (ret)
		goto out;
	r = rd_init(b.data, b.len);
	head = rd_bytes(&r, sizeof(magic));
	if (!head || memcmp(head, magic, sizeof(magic)) || get_text(&r, k->uri) ||
	    get_text(&r, k->district)) {
		ret = err_set(e, EBADMSG, "%s is not a key file", path);
		goto out;
	}
	k->serial = rd_be64(&r);
	k->from = (int64_t)rd_be64(&r);
	k->to = (int64_t)rd_be64(&r);
	if (r.failed)
		ret = err_set(e, EBADMSG, "%s is cut off", path);
	else
		ret = seal_get(machine_key, b.data, b.len - r.left, r.p, r.left,
			       der ? der : &plain, e);
	if (ret)
		err_add(e, "%s", path);
out:
	buf_free(&b);
	buf_free(&plain);
	return ret;
}
