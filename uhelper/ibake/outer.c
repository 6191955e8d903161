// SPDX-License-Identifier: GPL-2.0-or-later
/* The clear part of I and R messages: what has to be there, once, and what may not change. */
#include <errno.h>
#include <string.h>

#include "base/ntp.h"
#include "ibake/internal.h"

static int once(const struct mikey_msg *msg, uint8_t type, const struct mikey_payload **p,
		struct err *e)
{
	*p = mikey_find(msg, type, 0);
	if (!*p)
		return err_set(e, EPROTO, "%s has no %s payload", mikey_type_name(msg->hdr.type),
			       mikey_payload_name(type));
	if (mikey_find(msg, type, 1))
		return err_set(e, EPROTO, "%s has two %s payloads", mikey_type_name(msg->hdr.type),
			       mikey_payload_name(type));
	return 0;
}

static int identity(const struct mikey_msg *msg, uint8_t role, bool need,
		    const struct mikey_payload **p, struct err *e)
{
	const char *who = role == MIKEY_ROLE_I ? "IDRi" : "IDRr";

	*p = mikey_find_idr(&msg->chain, role, 0);
	if (!*p)
		return need ? err_set(e, EPROTO, "%s has no %s payload",
				      mikey_type_name(msg->hdr.type), who)
			    : 0;
	if (mikey_find_idr(&msg->chain, role, 1))
		return err_set(e, EPROTO, "%s has two %s payloads", mikey_type_name(msg->hdr.type),
			       who);
	if ((*p)->id.type != MIKEY_ID_URI ||
	    !ibe_uri_is_normal((*p)->id.data.data, (*p)->id.data.len))
		return err_set(e, EPROTO, "%s of %s is not a URI in its normal form", who,
			       mikey_type_name(msg->hdr.type));
	return 0;
}

int ibake_outer_get(const struct mikey_msg *msg, unsigned int need, struct outer *o, struct err *e)
{
	int ret;

	memset(o, 0, sizeof(*o));
	o->msg = msg;
	ret = once(msg, MIKEY_T, &o->t, e);
	if (ret)
		return ret;
	if (o->t->t.type != MIKEY_TS_NTP_UTC)
		return err_set(e, EPROTONOSUPPORT, "timestamp of type %u is not NTP-UTC",
			       o->t->t.type);
	if (need & NEED_RAND) {
		ret = once(msg, MIKEY_RAND, &o->rnd, e);
		if (ret)
			return ret;
		if (o->rnd->rand.data.len < RAND_LEN)
			return err_set(e, EPROTO, "RAND is shorter than %u octets", RAND_LEN);
	}
	if (need & NEED_IBAKE) {
		ret = once(msg, MIKEY_IBAKE, &o->ibake, e);
		if (ret)
			return ret;
	}
	ret = identity(msg, MIKEY_ROLE_I, need & NEED_IDS, &o->idi, e);
	if (!ret)
		ret = identity(msg, MIKEY_ROLE_R, need & NEED_IDS, &o->idr, e);
	return ret;
}

int ibake_outer_time(struct ibake_engine *en, const struct outer *o, uint64_t *t, int64_t *t_unix,
		     struct err *e)
{
	int64_t now = ibake_engine_unix(en), off;

	*t = mikey_ts64(o->t);
	*t_unix = ntp_to_unix(*t, now);
	off = *t_unix - now;
	if (off < -(int64_t)en->config.window_s || off > (int64_t)en->config.window_s)
		return err_set(e, ERANGE, "timestamp is %lld s off, more than %u s allowed",
			       (long long)off, en->config.window_s);
	return 0;
}

int ibake_outer_same_header(const struct ibake_call *c, const struct mikey_msg *msg, struct err *e)
{
	if (msg->hdr.prf != c->prf || msg->hdr.n_cs != c->n_cs ||
	    msg->hdr.map_type != MIKEY_MAP_SRTP_ID)
		return err_set(e, EPROTO,
			       "%s has another PRF function, #CS or map type than before",
			       mikey_type_name(msg->hdr.type));
	return 0;
}

void ibake_outer_hdr(const struct ibake_call *c, uint8_t type, bool v, struct mikey_hdr *hdr)
{
	*hdr = (struct mikey_hdr){
		.version = MIKEY_VERSION,
		.type = type,
		.v = v,
		.prf = c->prf,
		.csb_id = c->csb_id,
		.map_type = MIKEY_MAP_SRTP_ID,
	};
}

bool ibake_oct_is(struct mikey_oct o, const char *s)
{
	return o.len == strlen(s) && !memcmp(o.data, s, o.len);
}

bool ibake_oct_copy_uri(struct mikey_oct o, char uri[IBE_URI_MAX + 1])
{
	if (o.len > IBE_URI_MAX)
		return false;
	memcpy(uri, o.data, o.len);
	uri[o.len] = '\0';
	return true;
}
