/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_KMS_FOLDER_H
#define IBAKE_KMS_FOLDER_H

#include <stdint.h>

struct buf;
struct err;

/* The client's folder, or a part of it (@sub may be NULL), into @path; created with mode 0700
 * where missing. One that others can write, or read where @secret, is refused.
 */
int kms_folder(const char *dir, const char *sub, int secret, char *path, unsigned int size,
	       struct err *e);
/* A district as part of a file name: what is not a letter, a digit, "." or "-" becomes %XX. */
void kms_file_name(const char *district, struct buf *out);
/* DER of a parameter set into a file, atomically, mode 0644. */
struct ibe_sysparams;
int kms_params_write(const struct ibe_sysparams *sys, const char *path, struct err *e);

#endif
