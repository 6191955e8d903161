// SPDX-License-Identifier: GPL-2.0-or-later
/* One payload from octets: a table of readers, every length checked by struct rd. */
#include "mikey/internal.h"

#include <errno.h>

int mikey_ts_len(uint8_t ts_type)
{
	switch (ts_type) {
	case MIKEY_TS_NTP_UTC:
	case MIKEY_TS_NTP:
		return 8;
	case MIKEY_TS_COUNTER:
	case MIKEY_TS_NTP_UTC_32:
		return 4;
	}
	return -1;
}

int mikey_dh_len(uint8_t group)
{
	static const int len[] = { 1536 / 8, 768 / 8, 1024 / 8 };

	return group < sizeof(len) / sizeof(len[0]) ? len[group] : -1;
}

int mikey_hash_len(uint8_t func)
{
	static const int len[] = { 20, 16, 32 };

	return func < sizeof(len) / sizeof(len[0]) ? len[func] : -1;
}

int mikey_mac_len(uint8_t mac_alg)
{
	static const int len[] = { 0, 20, 32 };

	return mac_alg < sizeof(len) / sizeof(len[0]) ? len[mac_alg] : -1;
}

size_t mikey_point_len(uint8_t curve)
{
	switch (curve) {
	case MIKEY_CURVE_P256:
		return 1 + 2 * 32;
	case MIKEY_CURVE_P384:
		return 1 + 2 * 48;
	case MIKEY_CURVE_P521:
		return 1 + 2 * 66;
	}
	return 0;
}

static struct mikey_oct take(struct rd *r, size_t len)
{
	struct mikey_oct o = { rd_bytes(r, len), len };

	if (!o.data)
		o.len = 0;
	return o;
}

static int unknown(struct err *e, const char *what, unsigned int value)
{
	return err_set(e, EPROTONOSUPPORT, "unknown %s %u, so its length is not known", what,
		       value);
}

static int read_kv(struct rd *r, uint8_t type, struct mikey_kv *kv, struct err *e)
{
	kv->type = type;
	switch (type) {
	case MIKEY_KV_NULL:
		return 0;
	case MIKEY_KV_SPI:
		kv->spi = take(r, rd_u8(r));
		return 0;
	case MIKEY_KV_INTERVAL:
		kv->from = take(r, rd_u8(r));
		kv->to = take(r, rd_u8(r));
		return 0;
	}
	return unknown(e, "key validity type", type);
}

static int read_kemac(struct rd *r, struct mikey_payload *p, struct err *e)
{
	int len;

	p->kemac.encr_alg = rd_u8(r);
	p->kemac.encr = take(r, rd_be16(r));
	p->kemac.mac_alg = rd_u8(r);
	len = mikey_mac_len(p->kemac.mac_alg);
	if (len < 0)
		return unknown(e, "MAC algorithm", p->kemac.mac_alg);
	p->kemac.mac = take(r, (size_t)len);
	return 0;
}

static int read_pke(struct rd *r, struct mikey_payload *p, struct err *e)
{
	uint16_t v = rd_be16(r);

	p->pke.cache = (uint8_t)(v >> 14);
	p->pke.data = take(r, v & 0x3fff);
	return 0;
}

static int read_dh(struct rd *r, struct mikey_payload *p, struct err *e)
{
	int len;

	p->dh.group = rd_u8(r);
	len = mikey_dh_len(p->dh.group);
	if (!r->failed && len < 0)
		return unknown(e, "DH group", p->dh.group);
	p->dh.value = take(r, (size_t)len);
	return read_kv(r, rd_u8(r) & 0x0f, &p->dh.kv, e);
}

static int read_t(struct rd *r, struct mikey_payload *p, struct err *e)
{
	int len;

	if (p->type == MIKEY_TR)
		p->t.role = rd_u8(r);
	p->t.type = rd_u8(r);
	len = mikey_ts_len(p->t.type);
	if (len < 0)
		return unknown(e, "timestamp type", p->t.type);
	p->t.value = take(r, (size_t)len);
	return 0;
}

static int read_id(struct rd *r, struct mikey_payload *p, struct err *e)
{
	if (p->type == MIKEY_IDR)
		p->id.role = rd_u8(r);
	p->id.type = rd_u8(r);
	p->id.data = take(r, rd_be16(r));
	return 0;
}

static int read_cert(struct rd *r, struct mikey_payload *p, struct err *e)
{
	p->cert.type = rd_u8(r);
	p->cert.data = take(r, rd_be16(r));
	return 0;
}

static int read_chash(struct rd *r, struct mikey_payload *p, struct err *e)
{
	int len;

	p->chash.func = rd_u8(r);
	len = mikey_hash_len(p->chash.func);
	if (len < 0)
		return unknown(e, "hash function", p->chash.func);
	p->chash.hash = take(r, (size_t)len);
	return 0;
}

static int read_v(struct rd *r, struct mikey_payload *p, struct err *e)
{
	int len;

	p->v.alg = rd_u8(r);
	len = mikey_mac_len(p->v.alg);
	if (len < 0)
		return unknown(e, "MAC algorithm", p->v.alg);
	p->v.mac = take(r, (size_t)len);
	if (!r->failed && p->next != MIKEY_LAST)
		return err_set(e, EPROTO, "must be the last payload, but %s follows",
			       mikey_payload_name(p->next));
	return 0;
}

static int read_sp(struct rd *r, struct mikey_payload *p, struct err *e)
{
	p->sp.policy = rd_u8(r);
	p->sp.prot = rd_u8(r);
	p->sp.params = take(r, rd_be16(r));
	return 0;
}

static int read_rand(struct rd *r, struct mikey_payload *p, struct err *e)
{
	if (p->type == MIKEY_RANDR)
		p->rand.role = rd_u8(r);
	p->rand.data = take(r, rd_u8(r));
	return 0;
}

static int read_err(struct rd *r, struct mikey_payload *p, struct err *e)
{
	p->err.no = rd_u8(r);
	p->err.reserved = rd_be16(r);
	return 0;
}

static int read_tp(struct rd *r, struct mikey_payload *p, struct err *e)
{
	uint8_t v;

	p->tp.type = rd_be16(r);
	p->tp.subtype = rd_u8(r);
	p->tp.version = rd_u8(r);
	v = rd_u8(r);
	p->tp.prf = v >> 1;
	p->tp.flags = (uint32_t)(v & 1) << 16 | rd_be16(r);
	p->tp.data = take(r, rd_be16(r));
	if (p->type == MIKEY_TICKET) {
		p->tp.ticket = take(r, rd_be16(r));
		p->tp.initiator = take(r, rd_be16(r));
	}
	return 0;
}

static int read_key(struct rd *r, struct mikey_payload *p, struct err *e)
{
	uint8_t v = rd_u8(r);

	p->key.type = v >> 4;
	p->key.data = take(r, rd_be16(r));
	if (p->type == MIKEY_SK) {
		if (!r->failed && p->key.type != MIKEY_SK_SK)
			return err_set(e, EPROTONOSUPPORT, "unknown secret key type %u",
				       p->key.type);
	} else {
		/* Whether a salt follows is a property of the type (RFC 3830 6.13). */
		if (!r->failed && p->key.type > MIKEY_KEY_K_PR)
			return unknown(e, "key type", p->key.type);
		if (mikey_key_has_salt(p->key.type))
			p->key.salt = take(r, rd_be16(r));
	}
	return read_kv(r, v & 0x0f, &p->key.kv, e);
}

static int read_ext(struct rd *r, struct mikey_payload *p, struct err *e)
{
	p->ext.type = rd_u8(r);
	p->ext.data = take(r, rd_be16(r));
	return 0;
}

static int read_encr(struct rd *r, struct mikey_payload *p, struct err *e)
{
	p->encr = take(r, rd_be16(r));
	return 0;
}

static int read_eccpt(struct rd *r, struct mikey_payload *p, struct err *e)
{
	struct mikey_oct pad;
	size_t len;

	p->eccpt.curve = rd_u8(r);
	if (r->failed)
		return 0;
	len = mikey_point_len(p->eccpt.curve);
	if (!len)
		return err_set(e, EPROTONOSUPPORT, "curve %u (%s) is not supported",
			       p->eccpt.curve, mikey_curve_name(p->eccpt.curve));
	p->eccpt.point = take(r, len);
	/* The boundary counts from the start of the sub-payload: Next payload and curve are two. */
	pad = take(r, -(2 + len) & 3);
	p->eccpt.auth_alg = rd_u8(r);
	p->eccpt.tgk_len = rd_be16(r);
	if (r->failed)
		return 0;
	if (p->eccpt.point.data[0] != 4)
		return err_set(e, EPROTO, "point starts with 0x%02x, not with 0x04 (uncompressed)",
			       p->eccpt.point.data[0]);
	for (size_t i = 0; i < pad.len; i++)
		if (pad.data[i])
			return err_set(e, EPROTO, "padding after the point is not zero");
	return read_kv(r, rd_u8(r) & 0x0f, &p->eccpt.kv, e);
}

static int read_sakke(struct rd *r, struct mikey_payload *p, struct err *e)
{
	p->sakke.params = rd_u8(r);
	p->sakke.id_scheme = rd_u8(r);
	p->sakke.data = take(r, rd_be16(r));
	return 0;
}

static int read_sign(struct rd *r, struct mikey_payload *p, struct err *e)
{
	uint16_t v = rd_be16(r);

	p->sign.type = (uint8_t)(v >> 12);
	p->sign.sig = take(r, v & 0x0fff);
	return 0;
}

static int (*const readers[])(struct rd *, struct mikey_payload *, struct err *) = {
	[MIKEY_KEMAC] = read_kemac,
	[MIKEY_PKE] = read_pke,
	[MIKEY_DH] = read_dh,
	[MIKEY_SIGN] = read_sign,
	[MIKEY_T] = read_t,
	[MIKEY_ID] = read_id,
	[MIKEY_CERT] = read_cert,
	[MIKEY_CHASH] = read_chash,
	[MIKEY_V] = read_v,
	[MIKEY_SP] = read_sp,
	[MIKEY_RAND] = read_rand,
	[MIKEY_ERR] = read_err,
	[MIKEY_TR] = read_t,
	[MIKEY_IDR] = read_id,
	[MIKEY_RANDR] = read_rand,
	[MIKEY_TP] = read_tp,
	[MIKEY_TICKET] = read_tp,
	[MIKEY_KEY_DATA] = read_key,
	[MIKEY_EXT] = read_ext,
	[MIKEY_IBAKE] = read_encr,
	[MIKEY_ESK] = read_encr,
	[MIKEY_SK] = read_key,
	[MIKEY_ECCPT] = read_eccpt,
	[MIKEY_SAKKE] = read_sakke,
};

int mikey_payload_read(uint8_t type, struct rd *r, size_t off, struct mikey_payload *p,
		       struct err *e)
{
	size_t left = r->left;
	int ret;

	*p = (struct mikey_payload){ .type = type, .off = off, .raw = r->p };
	if (type >= sizeof(readers) / sizeof(readers[0]) || !readers[type])
		return err_set(e, EPROTONOSUPPORT, "payload type %u at offset %zu is not known",
			       type, off);
	if (type != MIKEY_SIGN) /* it has no Next payload field and is always the last */
		p->next = rd_u8(r);
	ret = readers[type](r, p, e);
	/* Running out of octets comes first: what a reader said of the zeros that it then got
	 * would mislead.
	 */
	if (r->failed)
		return err_set(e, EPROTO, "%s payload at offset %zu needs more than the %zu octets that are left",
			       mikey_payload_name(type), off, left);
	if (ret) {
		err_add(e, "%s payload at offset %zu", mikey_payload_name(type), off);
		return ret;
	}
	p->len = left - r->left;
	return 0;
}
