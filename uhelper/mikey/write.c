// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages and chains to octets: Next payload fields link themselves. */
#include "mikey/internal.h"

#include <errno.h>

#include "base/bytes.h"

static void fail(struct mikey_writer *w, const char *what)
{
	if (!w->err.code)
		err_set(&w->err, EINVAL, "%s", what);
}

static void put_oct(struct mikey_writer *w, struct mikey_oct o)
{
	buf_put(w->b, o.data, o.len);
}

static void put_oct8(struct mikey_writer *w, struct mikey_oct o, const char *too_long)
{
	if (o.len > 0xff) {
		fail(w, too_long);
		return;
	}
	buf_u8(w->b, (uint8_t)o.len);
	put_oct(w, o);
}

static void put_oct16(struct mikey_writer *w, struct mikey_oct o, const char *too_long)
{
	if (o.len > 0xffff) {
		fail(w, too_long);
		return;
	}
	buf_be16(w->b, (uint16_t)o.len);
	put_oct(w, o);
}

/* Octets whose length no field says: it must be what the algorithm implies. */
static void put_fixed(struct mikey_writer *w, struct mikey_oct o, int len, const char *wrong)
{
	if (len < 0 || o.len != (size_t)len)
		fail(w, wrong);
	else
		put_oct(w, o);
}

static void put_kv(struct mikey_writer *w, const struct mikey_kv *kv)
{
	switch (kv->type) {
	case MIKEY_KV_NULL:
		return;
	case MIKEY_KV_SPI:
		put_oct8(w, kv->spi, "SPI is longer than 255 octets");
		return;
	case MIKEY_KV_INTERVAL:
		put_oct8(w, kv->from, "Valid From is longer than 255 octets");
		put_oct8(w, kv->to, "Valid To is longer than 255 octets");
		return;
	}
	fail(w, "unknown key validity type");
}

static void put_eccpt(struct mikey_writer *w, const struct mikey_payload *p)
{
	size_t len = mikey_point_len(p->eccpt.curve);

	if (!len || p->eccpt.point.len != len || p->eccpt.point.data[0] != 4) {
		fail(w, "ECCPT takes an uncompressed point of P-256, P-384 or P-521");
		return;
	}
	buf_u8(w->b, p->eccpt.curve);
	put_oct(w, p->eccpt.point);
	for (size_t i = -(2 + len) & 3; i; i--)
		buf_u8(w->b, 0);
	buf_u8(w->b, p->eccpt.auth_alg);
	buf_be16(w->b, p->eccpt.tgk_len);
	buf_u8(w->b, p->eccpt.kv.type & 0x0f);
	put_kv(w, &p->eccpt.kv);
}

static void put_key(struct mikey_writer *w, const struct mikey_payload *p)
{
	bool salt = p->type == MIKEY_KEY_DATA && mikey_key_has_salt(p->key.type);

	if (p->type == MIKEY_SK ? p->key.type != MIKEY_SK_SK : p->key.type > MIKEY_KEY_K_PR)
		fail(w, "unknown key type");
	if (!salt && p->key.salt.len)
		fail(w, "this key type carries no salt");
	buf_u8(w->b, (uint8_t)(p->key.type << 4 | (p->key.kv.type & 0x0f)));
	put_oct16(w, p->key.data, "key is longer than 65535 octets");
	if (salt)
		put_oct16(w, p->key.salt, "salt is longer than 65535 octets");
	put_kv(w, &p->key.kv);
}

static void put_tp(struct mikey_writer *w, const struct mikey_payload *p)
{
	buf_be16(w->b, p->tp.type);
	buf_u8(w->b, p->tp.subtype);
	buf_u8(w->b, p->tp.version);
	buf_u8(w->b, (uint8_t)(p->tp.prf << 1 | (p->tp.flags >> 16 & 1)));
	buf_be16(w->b, (uint16_t)p->tp.flags);
	put_oct16(w, p->tp.data, "TP data is longer than 65535 octets");
	if (p->type == MIKEY_TICKET) {
		put_oct16(w, p->tp.ticket, "ticket data is longer than 65535 octets");
		put_oct16(w, p->tp.initiator, "Initiator data is longer than 65535 octets");
	}
}

static void put_body(struct mikey_writer *w, const struct mikey_payload *p)
{
	switch (p->type) {
	case MIKEY_KEMAC:
		buf_u8(w->b, p->kemac.encr_alg);
		put_oct16(w, p->kemac.encr, "Encr data is longer than 65535 octets");
		buf_u8(w->b, p->kemac.mac_alg);
		put_fixed(w, p->kemac.mac, mikey_mac_len(p->kemac.mac_alg),
			  "MAC has not the length of its algorithm");
		return;
	case MIKEY_PKE:
		if (p->pke.data.len > 0x3fff)
			fail(w, "envelope is longer than 16383 octets");
		buf_be16(w->b, (uint16_t)(p->pke.cache << 14 | (p->pke.data.len & 0x3fff)));
		put_oct(w, p->pke.data);
		return;
	case MIKEY_DH:
		buf_u8(w->b, p->dh.group);
		put_fixed(w, p->dh.value, mikey_dh_len(p->dh.group),
			  "DH value has not the length of its group");
		buf_u8(w->b, p->dh.kv.type & 0x0f);
		put_kv(w, &p->dh.kv);
		return;
	case MIKEY_T:
	case MIKEY_TR:
		if (p->type == MIKEY_TR)
			buf_u8(w->b, p->t.role);
		buf_u8(w->b, p->t.type);
		put_fixed(w, p->t.value, mikey_ts_len(p->t.type),
			  "timestamp has not the length of its type");
		return;
	case MIKEY_ID:
	case MIKEY_IDR:
		if (p->type == MIKEY_IDR)
			buf_u8(w->b, p->id.role);
		buf_u8(w->b, p->id.type);
		put_oct16(w, p->id.data, "identity is longer than 65535 octets");
		return;
	case MIKEY_CERT:
		buf_u8(w->b, p->cert.type);
		put_oct16(w, p->cert.data, "certificate is longer than 65535 octets");
		return;
	case MIKEY_CHASH:
		buf_u8(w->b, p->chash.func);
		put_fixed(w, p->chash.hash, mikey_hash_len(p->chash.func),
			  "hash has not the length of its function");
		return;
	case MIKEY_V:
		buf_u8(w->b, p->v.alg);
		put_fixed(w, p->v.mac, mikey_mac_len(p->v.alg),
			  "MAC has not the length of its algorithm");
		return;
	case MIKEY_SP:
		buf_u8(w->b, p->sp.policy);
		buf_u8(w->b, p->sp.prot);
		put_oct16(w, p->sp.params, "policy is longer than 65535 octets");
		return;
	case MIKEY_RAND:
	case MIKEY_RANDR:
		if (p->type == MIKEY_RANDR)
			buf_u8(w->b, p->rand.role);
		put_oct8(w, p->rand.data, "RAND is longer than 255 octets");
		return;
	case MIKEY_ERR:
		buf_u8(w->b, p->err.no);
		buf_be16(w->b, p->err.reserved);
		return;
	case MIKEY_TP:
	case MIKEY_TICKET:
		put_tp(w, p);
		return;
	case MIKEY_KEY_DATA:
	case MIKEY_SK:
		put_key(w, p);
		return;
	case MIKEY_EXT:
		buf_u8(w->b, p->ext.type);
		put_oct16(w, p->ext.data, "extension is longer than 65535 octets");
		return;
	case MIKEY_IBAKE:
	case MIKEY_ESK:
		put_oct16(w, p->encr, "Encr data is longer than 65535 octets");
		return;
	case MIKEY_ECCPT:
		put_eccpt(w, p);
		return;
	case MIKEY_SAKKE:
		buf_u8(w->b, p->sakke.params);
		buf_u8(w->b, p->sakke.id_scheme);
		put_oct16(w, p->sakke.data, "SAKKE data is longer than 65535 octets");
		return;
	}
	fail(w, "unknown payload type");
}

void mikey_write_chain(struct mikey_writer *w, struct buf *b)
{
	*w = (struct mikey_writer){ .b = b, .start = b->len, .link = SIZE_MAX };
}

void mikey_write_msg(struct mikey_writer *w, struct buf *b, const struct mikey_hdr *hdr,
		     const struct mikey_cs *cs, unsigned int n_cs)
{
	struct err e = ERR_INIT;

	mikey_write_chain(w, b);
	buf_u8(b, MIKEY_VERSION);
	buf_u8(b, hdr->type);
	w->link = b->len;
	buf_u8(b, MIKEY_LAST);
	buf_u8(b, (uint8_t)(hdr->v << 7 | (hdr->prf & 0x7f)));
	buf_be32(b, hdr->csb_id);
	buf_u8(b, cs ? (uint8_t)n_cs : hdr->n_cs);
	buf_u8(b, hdr->map_type);
	if (cs) {
		if (mikey_map_write(b, hdr->map_type, cs, n_cs, &e))
			w->err = e;
	} else {
		buf_put(b, hdr->map.data, hdr->map.len);
	}
}

/* Names @type in the Next payload field before it; false where nothing may follow any more. */
static bool link_payload(struct mikey_writer *w, uint8_t type)
{
	if (w->ended) {
		fail(w, "nothing may follow V or SIGN");
		return false;
	}
	if (w->link == SIZE_MAX)
		w->first = type;
	else if (!w->b->failed)
		w->b->data[w->link] = type;
	w->any = true;
	w->ended = type == MIKEY_V || type == MIKEY_SIGN;
	return true;
}

void mikey_put(struct mikey_writer *w, const struct mikey_payload *p)
{
	if (!link_payload(w, p->type))
		return;
	if (p->type == MIKEY_SIGN) {
		if (p->sign.sig.len > 0x0fff || p->sign.type > 0x0f)
			fail(w, "signature is longer than 4095 octets");
		buf_be16(w->b, (uint16_t)(p->sign.type << 12 | (p->sign.sig.len & 0x0fff)));
		put_oct(w, p->sign.sig);
		return;
	}
	w->link = w->b->len;
	buf_u8(w->b, MIKEY_LAST);
	put_body(w, p);
}

void mikey_put_t(struct mikey_writer *w, uint8_t ts_type, uint64_t value)
{
	struct mikey_payload p = { .type = MIKEY_T };
	uint8_t v[8];

	put_be64(v, value);
	p.t.type = ts_type;
	p.t.value = (struct mikey_oct){ v, 8 };
	/* The reverse of mikey_ts64(). */
	if (ts_type == MIKEY_TS_COUNTER)
		p.t.value = (struct mikey_oct){ v + 4, 4 };
	else if (ts_type == MIKEY_TS_NTP_UTC_32)
		p.t.value = (struct mikey_oct){ v, 4 };
	mikey_put(w, &p);
}

void mikey_put_rand(struct mikey_writer *w, const void *data, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_RAND };

	p.rand.data = (struct mikey_oct){ data, len };
	mikey_put(w, &p);
}

void mikey_put_id(struct mikey_writer *w, uint8_t type, const void *data, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_ID };

	p.id.type = type;
	p.id.data = (struct mikey_oct){ data, len };
	mikey_put(w, &p);
}

void mikey_put_idr(struct mikey_writer *w, uint8_t role, uint8_t type, const void *data, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_IDR };

	p.id.role = role;
	p.id.type = type;
	p.id.data = (struct mikey_oct){ data, len };
	mikey_put(w, &p);
}

void mikey_put_ibake(struct mikey_writer *w, const void *encr, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_IBAKE };

	p.encr = (struct mikey_oct){ encr, len };
	mikey_put(w, &p);
}

void mikey_put_esk(struct mikey_writer *w, const void *encr, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_ESK };

	p.encr = (struct mikey_oct){ encr, len };
	mikey_put(w, &p);
}

void mikey_put_kemac(struct mikey_writer *w, uint8_t encr_alg, const void *encr, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_KEMAC };

	p.kemac.encr_alg = encr_alg;
	p.kemac.encr = (struct mikey_oct){ encr, len };
	mikey_put(w, &p);
}

void mikey_put_pke(struct mikey_writer *w, uint8_t cache, const void *data, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_PKE };

	p.pke.cache = cache & 3;
	p.pke.data = (struct mikey_oct){ data, len };
	mikey_put(w, &p);
}

void mikey_put_cert(struct mikey_writer *w, uint8_t type, const void *data, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_CERT };

	p.cert.type = type;
	p.cert.data = (struct mikey_oct){ data, len };
	mikey_put(w, &p);
}

void mikey_put_chash(struct mikey_writer *w, uint8_t func, const void *hash, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_CHASH };

	p.chash.func = func;
	p.chash.hash = (struct mikey_oct){ hash, len };
	mikey_put(w, &p);
}

void mikey_put_err(struct mikey_writer *w, uint8_t no)
{
	struct mikey_payload p = { .type = MIKEY_ERR };

	p.err.no = no;
	mikey_put(w, &p);
}

void mikey_put_ext(struct mikey_writer *w, uint8_t type, const void *data, size_t len)
{
	struct mikey_payload p = { .type = MIKEY_EXT };

	p.ext.type = type;
	p.ext.data = (struct mikey_oct){ data, len };
	mikey_put(w, &p);
}

void mikey_put_eccpt(struct mikey_writer *w, uint8_t curve, const void *point, size_t len,
		     const struct mikey_kv *kv)
{
	struct mikey_payload p = { .type = MIKEY_ECCPT };

	p.eccpt.curve = curve;
	p.eccpt.point = (struct mikey_oct){ point, len };
	if (kv)
		p.eccpt.kv = *kv;
	mikey_put(w, &p);
}

void mikey_put_sk(struct mikey_writer *w, const void *sk, size_t len, const struct mikey_kv *kv)
{
	struct mikey_payload p = { .type = MIKEY_SK };

	p.key.type = MIKEY_SK_SK;
	p.key.data = (struct mikey_oct){ sk, len };
	if (kv)
		p.key.kv = *kv;
	mikey_put(w, &p);
}

void mikey_put_key(struct mikey_writer *w, uint8_t type, const void *key, size_t len,
		   const void *salt, size_t salt_len, const struct mikey_kv *kv)
{
	struct mikey_payload p = { .type = MIKEY_KEY_DATA };

	p.key.type = type;
	p.key.data = (struct mikey_oct){ key, len };
	p.key.salt = (struct mikey_oct){ salt, salt_len };
	if (kv)
		p.key.kv = *kv;
	mikey_put(w, &p);
}

int mikey_write_end(struct mikey_writer *w, struct err *e)
{
	if (w->b->failed && !w->err.code)
		err_set(&w->err, ENOMEM, "out of memory");
	if (!w->err.code && w->b->len - w->start > MIKEY_MSG_MAX)
		err_set(&w->err, EMSGSIZE, "message would have %zu octets, more than %u",
			w->b->len - w->start, MIKEY_MSG_MAX);
	if (!w->err.code)
		return 0;
	if (w->b->len > w->start)
		w->b->len = w->start;
	return err_set(e, w->err.code, "%s", w->err.msg);
}
