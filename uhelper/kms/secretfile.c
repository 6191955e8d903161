// SPDX-License-Identifier: GPL-2.0-or-later
/* Passphrases and pre-shared keys of people come from files that only their owner reads: a
 * command line shows in /proc, an environment is inherited.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "kms/kms.h"

#define FILE_MAX 4096u

static int file_check(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set(e, errno, "cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s is not a regular file", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, EPERM, "%s belongs to another user", path);
	if (st.st_mode & 077)
		return err_set(e, EPERM, "%s can be read or written by others (mode %03o): chmod 600 %s",
			       path, (unsigned int)st.st_mode & 0777, path);
	return 0;
}

static int content(const char *path, bool hex, uint8_t *p, size_t len, struct buf *out,
		   struct err *e)
{
	if (len && p[len - 1] == '\n')
		len--;
	p[len] = 0;
	if (!hex || len < 4 || memcmp(p, "hex:", 4)) {
		buf_put(out, p, len);
		return out->failed ? err_set(e, ENOMEM, "out of memory") : 0;
	}
	if (strlen((char *)p) != len || !buf_unhex(out, (char *)p + 4))
		return err_set(e, EINVAL, "%s: after \"hex:\" only an even number of hexadecimal digits may come",
			       path);
	return 0;
}

int kms_secret_file(const char *path, bool hex, size_t min, size_t max, struct buf *out,
		    struct err *e)
{
	size_t start = out->len, len = 0;
	/* O_NONBLOCK: a FIFO in its place must not hang a server's start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *p;
	int ret;

	if (fd < 0)
		return err_set(e, errno, "cannot read %s: %s", path, strerror(errno));
	p = secret_alloc(FILE_MAX + 2);
	if (!p) {
		close(fd);
		return err_set(e, ENOMEM, "out of memory");
	}
	ret = file_check(fd, path, e);
	while (!ret) {
		ssize_t n = read(fd, p + len, FILE_MAX + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = err_set(e, errno, "cannot read %s: %s", path, strerror(errno));
		if (n <= 0)
			break;
		len += (size_t)n;
		if (len > FILE_MAX)
			ret = err_set(e, EFBIG, "%s has more than %u octets", path, FILE_MAX);
	}
	if (!ret)
		ret = content(path, hex, p, len, out, e);
	if (!ret && (out->len - start < min || out->len - start > max))
		ret = err_set(e, EINVAL, "%s holds %zu octets, %zu to %zu are needed", path,
			      out->len - start, min, max);
	if (ret && out->len > start) {
		secret_wipe(out->data + start, out->len - start);
		out->len = start;
	}
	secret_free(p, FILE_MAX + 2);
	close(fd);
	return ret;
}
