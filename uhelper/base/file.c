// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole files in, and atomically out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

int buf_read_file(struct buf *b, const char *path, size_t max, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int ret = 0;

	if (fd < 0)
		return err_set(e, errno, "cannot read %s: %s", path, strerror(errno));
	for (;;) {
		uint8_t *p = buf_add(b, 4096);

		if (!p) {
			ret = err_set(e, ENOMEM, "cannot read %s: out of memory", path);
			break;
		}
		b->len -= 4096;
		n = read(fd, p, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = err_set(e, errno, "cannot read %s: %s", path, strerror(errno));
		if (n <= 0)
			break;
		b->len += (size_t)n;
		if (b->len > max) {
			ret = err_set(e, EFBIG, "%s has more than %zu octets", path, max);
			break;
		}
	}
	close(fd);
	return ret;
}

int buf_write_file(const char *path, const void *data, size_t len, unsigned int mode,
		   struct err *e)
{
	char tmp[4096];
	const char *slash = strrchr(path, '/');
	const uint8_t *p = data;
	int fd, dir, ret;

	if (snprintf(tmp, sizeof(tmp), "%s.%ld.new", path, (long)getpid()) >= (int)sizeof(tmp))
		return err_set(e, ENAMETOOLONG, "path too long: %s", path);
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_set(e, errno, "cannot write %s: %s", tmp, strerror(errno));
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto fail;
		p += n;
		len -= (size_t)n;
	}
	/* The umask may only have narrowed the mode; the caller's word counts. */
	if (fchmod(fd, mode) || fsync(fd) || rename(tmp, path))
		goto fail;
	close(fd);
	/* A rename survives a power cut only once its folder is on disk too. */
	if (slash)
		snprintf(tmp, sizeof(tmp), "%.*s/", (int)(slash - path), path);
	dir = open(slash ? tmp : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return 0;
fail:
	ret = err_set(e, errno, "cannot write %s: %s", path, strerror(errno));
	close(fd);
	unlink(tmp);
	return ret;
}
