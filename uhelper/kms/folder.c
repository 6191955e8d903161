// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "ibe/sysparams.h"
#include "kms/folder.h"
#include "kms/kms.h"

static int one(const char *path, int secret, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return err_set(e, errno, "cannot create %s: %m", path);
	if (stat(path, &st))
		return err_set(e, errno, "cannot open %s: %m", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ENOTDIR, "%s is not a folder", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, EPERM, "%s belongs to another user", path);
	if (st.st_mode & (secret ? 077 : 022))
		return err_set(e, EPERM, "%s is open to others (mode %03o): chmod 700 %s", path,
			       (unsigned int)st.st_mode & 0777, path);
	return 0;
}

int kms_folder(const char *dir, const char *sub, int secret, char *path, unsigned int size,
	       struct err *e)
{
	int ret;

	if (!dir)
		dir = KMS_DIR_DEFAULT;
	if (snprintf(path, size, "%s%s%s", dir, sub ? "/" : "", sub ? sub : "") >= (int)size)
		return err_set(e, ENAMETOOLONG, "path too long: %s", dir);
	ret = one(dir, secret, e);
	return ret || !sub ? ret : one(path, secret, e);
}

void kms_file_name(const char *district, struct buf *out)
{
	for (const char *p = district; *p; p++) {
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= '0' && *p <= '9') || *p == '-' || (*p == '.' && p > district))
			buf_u8(out, (uint8_t)*p);
		else
			buf_printf(out, "%%%02x", (uint8_t)*p);
	}
}

int kms_params_write(const struct ibe_sysparams *sys, const char *path, struct err *e)
{
	struct buf der = BUF_INIT;
	int ret;

	ret = ibe_sysparams_to_der(sys, &der);
	if (ret)
		ret = err_set(e, -ret, "cannot encode the parameters");
	else
		ret = buf_write_file(path, der.data, der.len, 0644, e);
	buf_free(&der);
	return ret;
}
