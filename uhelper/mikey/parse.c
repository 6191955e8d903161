// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages and chains from octets, and finding payloads in them. */
#include "mikey/internal.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

int mikey_hdr_read(struct rd *r, struct mikey_hdr *hdr, struct err *e)
{
	uint8_t v;
	int ret;

	*hdr = (struct mikey_hdr){ 0 };
	hdr->version = rd_u8(r);
	if (!r->failed && hdr->version != MIKEY_VERSION)
		return err_set(e, EPROTONOSUPPORT, "HDR at offset 0: version %u is not 1",
			       hdr->version);
	hdr->type = rd_u8(r);
	hdr->next = rd_u8(r);
	v = rd_u8(r);
	hdr->v = v >> 7;
	hdr->prf = v & 0x7f;
	hdr->csb_id = rd_be32(r);
	hdr->n_cs = rd_u8(r);
	hdr->map_type = rd_u8(r);
	if (r->failed)
		return err_set(e, EPROTO, "HDR at offset 0: message ends inside the common header");
	ret = mikey_map_read(r, hdr, e);
	if (ret)
		err_add(e, "HDR at offset 0");
	return ret;
}

/* RFC 3830 6.13, RFC 6267 6.1.4 and 6.1.5: never in clear. */
static bool only_encrypted(uint8_t type)
{
	return type == MIKEY_KEY_DATA || type == MIKEY_SK || type == MIKEY_ECCPT;
}

static bool in_plaintext(uint8_t type)
{
	switch (type) {
	case MIKEY_T:
	case MIKEY_TR:
	case MIKEY_ID:
	case MIKEY_IDR:
	case MIKEY_CERT:
	case MIKEY_RAND:
	case MIKEY_RANDR:
	case MIKEY_EXT:
		return true;
	}
	return only_encrypted(type);
}

/* Arithmetic on a null pointer is undefined even where there is nothing to read. */
static const uint8_t none[1];

void mikey_chain_begin(struct mikey_iter *it, uint8_t first, const uint8_t *data, size_t len)
{
	*it = (struct mikey_iter){ .data = data ? data : none, .len = len, .next = first };
}

int mikey_chain_next(struct mikey_iter *it, struct mikey_payload *p, struct err *e)
{
	struct rd r = rd_init(it->data + it->off, it->len - it->off);
	int ret;

	if (it->next == MIKEY_LAST) {
		if (r.left)
			return err_set(e, EPROTO, "%zu octets after the last payload, at offset %zu",
				       r.left, it->off);
		return 0;
	}
	if (it->clear ? only_encrypted(it->next) : !in_plaintext(it->next))
		return err_set(e, EPROTO, "%s payload (type %u) at offset %zu may not stand %s",
			       mikey_payload_name(it->next), it->next, it->off,
			       it->clear ? "in clear" : "in an encrypted chain");
	ret = mikey_payload_read(it->next, &r, it->off, p, e);
	if (ret)
		return ret;
	it->off += p->len;
	it->next = p->next;
	return 1;
}

static int read_chain(struct mikey_iter *it, struct mikey_chain *chain, struct err *e)
{
	struct mikey_payload p;
	int ret;

	chain->n = 0;
	while ((ret = mikey_chain_next(it, &p, e)) > 0) {
		if (chain->n == MIKEY_PAYLOADS_MAX)
			return err_set(e, E2BIG, "more than %u payloads, at offset %zu",
				       MIKEY_PAYLOADS_MAX, p.off);
		chain->p[chain->n++] = p;
	}
	return ret;
}

int mikey_parse_chain(uint8_t first, const uint8_t *data, size_t len, struct mikey_chain *chain,
		      struct err *e)
{
	struct mikey_iter it;

	if (len > MIKEY_MSG_MAX)
		return err_set(e, EMSGSIZE, "%zu octets are more than a chain may have", len);
	mikey_chain_begin(&it, first, data, len);
	return read_chain(&it, chain, e);
}

int mikey_parse(const uint8_t *data, size_t len, struct mikey_msg *msg, struct err *e)
{
	struct rd r = rd_init(data ? data : none, len);
	struct mikey_iter it = { .data = r.p, .len = len, .clear = true };
	int ret;

	msg->data = data;
	msg->len = len;
	msg->hdr = (struct mikey_hdr){ 0 };
	msg->chain.n = 0;
	if (len > MIKEY_MSG_MAX)
		return err_set(e, EMSGSIZE, "%zu octets are more than a message may have (%u)",
			       len, MIKEY_MSG_MAX);
	ret = mikey_hdr_read(&r, &msg->hdr, e);
	if (ret)
		return ret;
	it.off = len - r.left;
	it.next = msg->hdr.next;
	return read_chain(&it, &msg->chain, e);
}

const struct mikey_payload *mikey_chain_find(const struct mikey_chain *chain, uint8_t type,
					     unsigned int nth)
{
	for (unsigned int i = 0; i < chain->n; i++)
		if (chain->p[i].type == type && nth-- == 0)
			return &chain->p[i];
	return NULL;
}

const struct mikey_payload *mikey_find(const struct mikey_msg *msg, uint8_t type, unsigned int nth)
{
	return mikey_chain_find(&msg->chain, type, nth);
}

const struct mikey_payload *mikey_find_idr(const struct mikey_chain *chain, uint8_t role,
					   unsigned int nth)
{
	for (unsigned int i = 0; i < chain->n; i++)
		if (chain->p[i].type == MIKEY_IDR && chain->p[i].id.role == role && nth-- == 0)
			return &chain->p[i];
	return NULL;
}

const struct mikey_payload *mikey_find_ext(const struct mikey_chain *chain, uint8_t ext_type,
					   unsigned int nth)
{
	for (unsigned int i = 0; i < chain->n; i++)
		if (chain->p[i].type == MIKEY_EXT && chain->p[i].ext.type == ext_type &&
		    nth-- == 0)
			return &chain->p[i];
	return NULL;
}

bool mikey_oct_equal(struct mikey_oct a, struct mikey_oct b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

uint64_t mikey_ts64(const struct mikey_payload *t)
{
	if (t->t.value.len == 8)
		return get_be64(t->t.value.data);
	if (t->t.value.len != 4)
		return 0;
	if (t->t.type == MIKEY_TS_COUNTER)
		return get_be32(t->t.value.data);
	return (uint64_t)get_be32(t->t.value.data) << 32;
}
