// SPDX-License-Identifier: GPL-2.0-or-later
/* V and SIGN: what they cover, and the MAC of V (RFC 3830 5.2, RFC 6267 5.4). */
#include "mikey/internal.h"

#include <errno.h>

#include "base/secret.h"

uint8_t mikey_v_alg(uint8_t prf)
{
	switch (prf) {
	case MIKEY_PRF_MIKEY_1:
		return MIKEY_MAC_HMAC_SHA_1_160;
	case MIKEY_PRF_HMAC_SHA_256:
		return MIKEY_MAC_HMAC_SHA_256_256;
	}
	return MIKEY_MAC_NULL;
}

/**
 * cover - append the octets that V or SIGN covers
 * @last: MIKEY_V or MIKEY_SIGN; its header ends the @len octets of @msg, MAC or signature is absent
 */
static int cover(const uint8_t *msg, size_t len, uint8_t last, const struct mikey_oct *ids,
		 size_t n_ids, struct buf *out, struct err *e)
{
	struct rd r = rd_init(msg, len);
	struct mikey_oct ts = { NULL, 0 };
	struct mikey_payload p;
	struct mikey_hdr hdr;
	uint8_t next;
	size_t off;
	int ret;

	ret = mikey_hdr_read(&r, &hdr, e);
	if (ret)
		return ret;
	off = len - r.left;
	buf_put(out, msg, off);
	for (next = hdr.next; next != last; next = p.next) {
		if (next == MIKEY_LAST || next == MIKEY_V || next == MIKEY_SIGN)
			return err_set(e, EPROTO, "there is no %s payload", mikey_payload_name(last));
		ret = mikey_payload_read(next, &r, off, &p, e);
		if (ret)
			return ret;
		/* RFC 6267 5.4: a mailbox may take the ESK out. */
		if (next != MIKEY_ESK)
			buf_put(out, p.raw, p.len);
		if (next == MIKEY_T && !ts.data)
			ts = p.t.value;
		off += p.len;
	}
	/* Header of V: Next payload, Auth alg. Header of SIGN: S type, length. */
	if (r.left != 2)
		return err_set(e, EPROTO, "%s payload at offset %zu is not the last",
			       mikey_payload_name(last), off);
	buf_put(out, r.p, r.left);
	for (size_t i = 0; i < n_ids; i++)
		buf_put(out, ids[i].data, ids[i].len);
	if (last == MIKEY_V) {
		if (!ts.data)
			return err_set(e, EPROTO, "there is no T payload, which V covers");
		buf_put(out, ts.data, ts.len);
	}
	return out->failed ? err_set(e, ENOMEM, "out of memory") : 0;
}

int mikey_v_input(const uint8_t *msg, size_t len, const struct mikey_oct *ids, size_t n_ids,
		  struct buf *out, struct err *e)
{
	return cover(msg, len, MIKEY_V, ids, n_ids, out, e);
}

/* The MAC over @len octets of @msg that end with V's header. */
static int v_mac(const uint8_t *msg, size_t len, uint8_t alg, const void *auth_key, size_t key_len,
		 const struct mikey_oct *ids, size_t n_ids, uint8_t *mac, struct err *e)
{
	struct buf in = BUF_INIT;
	int ret;

	if (alg == MIKEY_MAC_NULL)
		return err_set(e, EPROTONOSUPPORT, "V needs a MAC algorithm, not NULL");
	if (key_len != (size_t)mikey_mac_len(alg))
		return err_set(e, EINVAL, "auth_key has %zu octets, its MAC has %d", key_len,
			       mikey_mac_len(alg));
	ret = mikey_v_input(msg, len, ids, n_ids, &in, e);
	if (!ret)
		ret = mikey_hmac(alg, auth_key, key_len, in.data, in.len, mac, e);
	buf_free(&in);
	return ret;
}

void mikey_v_append(struct mikey_writer *w, const void *auth_key, size_t key_len,
		    const struct mikey_oct *ids, size_t n_ids)
{
	struct mikey_payload p = { .type = MIKEY_V };
	static const uint8_t zero[32];
	uint8_t mac[32] = { 0 };
	uint8_t *msg;
	size_t len;

	if (w->err.code || w->b->failed)
		return;
	if (w->link == SIZE_MAX) {
		err_set(&w->err, EINVAL, "V belongs to a message, not to a chain");
		return;
	}
	p.v.alg = mikey_v_alg(w->b->data[w->start + 3] & 0x7f);
	p.v.mac = (struct mikey_oct){ zero, (size_t)mikey_mac_len(p.v.alg) };
	mikey_put(w, &p);
	if (w->err.code || w->b->failed)
		return;
	msg = w->b->data + w->start;
	len = w->b->len - w->start - p.v.mac.len;
	if (v_mac(msg, len, p.v.alg, auth_key, key_len, ids, n_ids, mac, &w->err))
		return;
	for (size_t i = 0; i < p.v.mac.len; i++)
		msg[len + i] = mac[i];
}

int mikey_v_check(const struct mikey_msg *msg, const void *auth_key, size_t key_len,
		  const struct mikey_oct *ids, size_t n_ids, struct err *e)
{
	const struct mikey_payload *v = mikey_find(msg, MIKEY_V, 0);
	uint8_t mac[32];
	int ret;

	if (!v)
		return err_set(e, EPROTO, "there is no V payload");
	if (v->v.alg == MIKEY_MAC_NULL || v->v.alg != mikey_v_alg(msg->hdr.prf))
		return err_set(e, EPROTONOSUPPORT,
			       "V at offset %zu has MAC algorithm %u, which does not go with PRF function %u",
			       v->off, v->v.alg, msg->hdr.prf);
	ret = v_mac(msg->data, v->off + 2, v->v.alg, auth_key, key_len, ids, n_ids, mac, e);
	if (!ret && !secret_equal(mac, v->v.mac.data, v->v.mac.len))
		ret = err_set(e, EBADMSG, "the MAC of V is wrong");
	secret_wipe(mac, sizeof(mac));
	return ret;
}

void mikey_sign_begin(struct mikey_writer *w, uint8_t type, size_t sig_len,
		      const struct mikey_oct *ids, size_t n_ids, struct buf *out)
{
	struct mikey_payload p = { .type = MIKEY_SIGN };
	size_t at = w->b->len;

	if (w->err.code || w->b->failed)
		return;
	if (w->link == SIZE_MAX || !sig_len || sig_len > 0x0fff) {
		err_set(&w->err, EINVAL, "SIGN ends a message, with 1 to 4095 octets");
		return;
	}
	p.sign.type = type;
	mikey_put(w, &p);
	if (w->err.code || w->b->failed)
		return;
	w->b->data[at] |= (uint8_t)(sig_len >> 8);
	w->b->data[at + 1] = (uint8_t)sig_len;
	cover(w->b->data + w->start, w->b->len - w->start, MIKEY_SIGN, ids, n_ids, out, &w->err);
}

void mikey_sign_end(struct mikey_writer *w, const void *sig, size_t sig_len)
{
	const uint8_t *h;

	if (w->err.code || w->b->failed)
		return;
	h = w->b->data + w->b->len - 2;
	if (!w->ended || sig_len != (size_t)((h[0] & 0x0f) << 8 | h[1]))
		err_set(&w->err, EINVAL, "signature has not the length that was announced");
	else
		buf_put(w->b, sig, sig_len);
}

int mikey_sign_input(const struct mikey_msg *msg, const struct mikey_oct *ids, size_t n_ids,
		     struct buf *out, struct err *e)
{
	const struct mikey_payload *s = mikey_find(msg, MIKEY_SIGN, 0);

	if (!s)
		return err_set(e, EPROTO, "there is no SIGN payload");
	return cover(msg->data, s->off + 2, MIKEY_SIGN, ids, n_ids, out, e);
}
