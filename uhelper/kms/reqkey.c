// SPDX-License-Identifier: GPL-2.0-or-later
/* What both ends of a key request share. */
#include "base/buf.h"
#include "base/bytes.h"
#include "base/ntp.h"
#include "kms/reqkey.h"

void kms_nai(const char *name, const char *district, struct buf *out)
{
	buf_str(out, name);
	buf_str(out, "@");
	buf_str(out, district);
}

uint64_t kms_ntp(int64_t unix_time)
{
	struct timespec ts = { .tv_sec = (time_t)unix_time };

	return ntp_from_timespec(&ts);
}

bool kms_ntp_unix(struct mikey_oct o, int64_t now, int64_t *unix_time)
{
	uint64_t v;

	if (o.len != 8)
		return false;
	v = get_be64(o.data);
	*unix_time = ntp_to_unix(v, now);
	return !(v & 0xffffffff);
}

size_t kms_v_ids(const struct mikey_msg *msg, struct mikey_oct ids[KMS_REQUEST_IDS + 1])
{
	const struct mikey_payload *kms = mikey_find_idr(&msg->chain, MIKEY_ROLE_KMS, 0);
	size_t n = 0;

	for (unsigned int i = 0; i < msg->chain.n && n < KMS_REQUEST_IDS; i++) {
		const struct mikey_payload *p = &msg->chain.p[i];

		if (p->type == MIKEY_IDR &&
		    (p->id.role == MIKEY_ROLE_I || p->id.role == MIKEY_ROLE_R))
			ids[n++] = p->id.data;
	}
	if (kms)
		ids[n++] = kms->id.data;
	return n;
}
