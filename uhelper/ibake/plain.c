// SPDX-License-Identifier: GPL-2.0-or-later
/* Plaintexts of IBAKE payloads (RFC 6267 6.1.1), and the hints that go beside them in clear. */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "ibake/internal.h"
#include "ibe/sysparams.h"

#define HINT_FIXED 16u /* serial and start of period, before the district */

static bool is_idr(const struct mikey_payload *p, uint8_t role)
{
	return p->type == MIKEY_IDR && p->id.role == role && p->id.type == MIKEY_ID_URI;
}

static const struct mikey_payload *take(struct plain *p, unsigned int *i, uint8_t type)
{
	if (*i < p->chain.n && p->chain.p[*i].type == type)
		return &p->chain.p[(*i)++];
	return NULL;
}

int ibake_plain_parse(const uint8_t *data, size_t len, struct plain *p, struct err *e)
{
	unsigned int i = 0;
	int ret = mikey_parse_chain(MIKEY_IDR, data, len, &p->chain, e);

	if (ret) {
		err_add(e, "plaintext of IBAKE");
		return ret;
	}
	if (i >= p->chain.n || !is_idr(&p->chain.p[i], MIKEY_ROLE_I))
		return err_set(e, EPROTO, "plaintext of IBAKE does not start with IDRi, a URI");
	p->idi = p->chain.p[i++].id.data;
	p->pti = take(p, &i, MIKEY_ECCPT);
	if (i >= p->chain.n || !is_idr(&p->chain.p[i], MIKEY_ROLE_R))
		return err_set(e, EPROTO,
			       "plaintext of IBAKE has no IDRr, a URI, where it belongs");
	p->idr = p->chain.p[i++].id.data;
	p->ptr = take(p, &i, MIKEY_ECCPT);
	p->binding = (struct mikey_oct){NULL, 0};
	for (; i < p->chain.n; i++) {
		const struct mikey_payload *x = &p->chain.p[i];

		if (x->type != MIKEY_EXT)
			return err_set(e, EPROTO, "plaintext of IBAKE has a stray %s payload",
				       mikey_payload_name(x->type));
		if (x->ext.type != MIKEY_EXT_BINDING)
			continue;
		if (p->binding.data)
			return err_set(e, EPROTO, "plaintext of IBAKE has two bindings");
		p->binding = x->ext.data;
	}
	return 0;
}

static void put_point(struct mikey_writer *w, const struct plain_point *pt)
{
	struct mikey_kv kv = {.type = MIKEY_KV_SPI};

	if (!pt)
		return;
	kv.spi = (struct mikey_oct){pt->mki, IBAKE_MKI_LEN};
	mikey_put_eccpt(w, pt->curve, pt->point, mikey_point_len(pt->curve), pt->mki ? &kv : NULL);
}

int ibake_plain_write(struct buf *out, const char *idi, const struct plain_point *pti,
		      const char *idr, const struct plain_point *ptr, const uint8_t *binding,
		      size_t binding_len, struct err *e)
{
	struct mikey_writer w;

	mikey_write_chain(&w, out);
	mikey_put_idr(&w, MIKEY_ROLE_I, MIKEY_ID_URI, idi, strlen(idi));
	put_point(&w, pti);
	mikey_put_idr(&w, MIKEY_ROLE_R, MIKEY_ID_URI, idr, strlen(idr));
	put_point(&w, ptr);
	if (binding)
		mikey_put_ext(&w, MIKEY_EXT_BINDING, binding, binding_len);
	return mikey_write_end(&w, e);
}

int ibake_hint_get(const struct mikey_msg *msg, struct ibake_hint *hint, struct err *e)
{
	const struct mikey_payload *x = mikey_find_ext(&msg->chain, MIKEY_EXT_HINT, 0);
	size_t n;

	if (!x)
		return 0;
	if (x->ext.data.len <= HINT_FIXED || x->ext.data.len - HINT_FIXED >= sizeof(hint->district))
		return err_set(e, EPROTO, "hint has an impossible length");
	n = x->ext.data.len - HINT_FIXED;
	hint->serial = get_be64(x->ext.data.data);
	hint->period_start = (int64_t)get_be64(x->ext.data.data + 8);
	memcpy(hint->district, x->ext.data.data + HINT_FIXED, n);
	hint->district[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (hint->district[i] <= 0x20 || hint->district[i] >= 0x7f)
			return err_set(e, EPROTO, "hint names a district that is not a URI");
	return 1;
}

void ibake_hint_put(struct mikey_writer *w, const struct ibe_sysparams *sp, int64_t period_start)
{
	uint8_t b[HINT_FIXED + IBE_URI_MAX];
	size_t n = strlen(sp->district);

	put_be64(b, sp->serial);
	put_be64(b + 8, (uint64_t)period_start);
	memcpy(b + HINT_FIXED, sp->district, n);
	mikey_put_ext(w, MIKEY_EXT_HINT, b, HINT_FIXED + n);
}
