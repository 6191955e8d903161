// SPDX-License-Identifier: GPL-2.0-or-later
/* The CS ID map of the common header: SRTP-ID, Empty, GENERIC-ID. */
#include "mikey/internal.h"

#include <errno.h>

#include "base/bytes.h"

#define SRTP_ID_LEN 9 /* policy number, SSRC, ROC: RFC 3830 6.1.1 */

static struct mikey_oct take(struct rd *r, size_t len)
{
	struct mikey_oct o = { rd_bytes(r, len), len };

	if (!o.data)
		o.len = 0;
	return o;
}

static void read_srtp_id(struct rd *r, unsigned int i, struct mikey_cs *cs)
{
	*cs = (struct mikey_cs){ .id = (uint8_t)(i + 1), .has_ssrc = true };
	cs->policies = take(r, 1);
	cs->ssrc = rd_be32(r);
	cs->roc = rd_be32(r);
}

/* RFC 6043 6.1.1. Session data is decoded for SRTP alone: SSRC, with the S flag ROC and SEQ too. */
static bool read_generic_id(struct rd *r, struct mikey_cs *cs)
{
	struct rd s;
	uint8_t v;

	*cs = (struct mikey_cs){ 0 };
	cs->id = rd_u8(r);
	cs->prot = rd_u8(r);
	v = rd_u8(r);
	cs->s = v >> 7;
	cs->policies = take(r, v & 0x7f);
	cs->session = take(r, rd_be16(r));
	cs->spi = take(r, rd_u8(r));
	if (r->failed || cs->prot != MIKEY_PROT_SRTP || !cs->session.len)
		return true;
	s = rd_init(cs->session.data, cs->session.len);
	cs->has_ssrc = true;
	cs->ssrc = rd_be32(&s);
	if (cs->s) {
		cs->roc = rd_be32(&s);
		cs->seq = rd_be16(&s);
	}
	return !s.failed && !s.left;
}

int mikey_map_read(struct rd *r, struct mikey_hdr *hdr, struct err *e)
{
	const uint8_t *start = r->p;
	size_t left = r->left;
	struct mikey_cs cs;

	switch (hdr->map_type) {
	case MIKEY_MAP_SRTP_ID:
		rd_bytes(r, (size_t)hdr->n_cs * SRTP_ID_LEN);
		break;
	case MIKEY_MAP_EMPTY:
		break;
	case MIKEY_MAP_GENERIC_ID:
		for (unsigned int i = 0; i < hdr->n_cs && !r->failed; i++)
			if (!read_generic_id(r, &cs))
				return err_set(e, EPROTO,
					       "session data of crypto session %u has %zu octets, not 4, or 10 with the S flag",
					       cs.id, cs.session.len);
		break;
	default:
		return err_set(e, EPROTONOSUPPORT, "CS ID map type %u is not known", hdr->map_type);
	}
	if (r->failed)
		return err_set(e, EPROTO, "message ends inside the CS ID map of %u crypto sessions",
			       hdr->n_cs);
	hdr->map = (struct mikey_oct){ start, left - r->left };
	return 0;
}

bool mikey_cs_get(const struct mikey_hdr *hdr, unsigned int i, struct mikey_cs *cs)
{
	struct rd r = rd_init(hdr->map.data, hdr->map.len);

	if (i >= hdr->n_cs)
		return false;
	switch (hdr->map_type) {
	case MIKEY_MAP_SRTP_ID:
		rd_bytes(&r, (size_t)i * SRTP_ID_LEN);
		read_srtp_id(&r, i, cs);
		return !r.failed;
	case MIKEY_MAP_GENERIC_ID:
		for (unsigned int n = 0; n <= i && !r.failed; n++)
			if (!read_generic_id(&r, cs))
				return false;
		return !r.failed;
	}
	return false;
}

static int write_generic_id(struct buf *b, const struct mikey_cs *cs, struct err *e)
{
	struct mikey_oct session = cs->session;
	uint8_t s[10];

	if (cs->policies.len > 0x7f || cs->session.len > 0xffff || cs->spi.len > 0xff)
		return err_set(e, EINVAL, "crypto session %u does not fit a GENERIC-ID map",
			       cs->id);
	if (cs->prot == MIKEY_PROT_SRTP) {
		put_be32(s, cs->ssrc);
		put_be32(s + 4, cs->roc);
		put_be16(s + 8, cs->seq);
		session = (struct mikey_oct){ s, cs->has_ssrc ? cs->s ? 10 : 4 : 0 };
	}
	buf_u8(b, cs->id);
	buf_u8(b, cs->prot);
	buf_u8(b, (uint8_t)(cs->s << 7 | cs->policies.len));
	buf_put(b, cs->policies.data, cs->policies.len);
	buf_be16(b, (uint16_t)session.len);
	buf_put(b, session.data, session.len);
	buf_u8(b, (uint8_t)cs->spi.len);
	buf_put(b, cs->spi.data, cs->spi.len);
	return 0;
}

int mikey_map_write(struct buf *b, uint8_t map_type, const struct mikey_cs *cs, unsigned int n,
		    struct err *e)
{
	int ret = 0;

	if (n > 255)
		return err_set(e, EINVAL, "%u crypto sessions are more than 255", n);
	switch (map_type) {
	case MIKEY_MAP_SRTP_ID:
		for (unsigned int i = 0; i < n; i++) {
			if (cs[i].policies.len != 1)
				return err_set(e, EINVAL,
					       "crypto session %u needs exactly one policy in an SRTP-ID map",
					       i + 1);
			buf_u8(b, cs[i].policies.data[0]);
			buf_be32(b, cs[i].ssrc);
			buf_be32(b, cs[i].roc);
		}
		return 0;
	case MIKEY_MAP_EMPTY:
		return 0;
	case MIKEY_MAP_GENERIC_ID:
		for (unsigned int i = 0; i < n && !ret; i++)
			ret = write_generic_id(b, &cs[i], e);
		return ret;
	}
	return err_set(e, EINVAL, "CS ID map type %u is not known", map_type);
}
