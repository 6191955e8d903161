// SPDX-License-Identifier: GPL-2.0-or-later
/* Security policies: the TLVs of SP, and SRTP's parameters in them (RFC 3830 6.10). */
#include "mikey/internal.h"

#include <errno.h>
#include <string.h>

/*
 * RFC 3830 fixes the width of three values and the RFCs after it of two more; the others are
 * written in one octet, as the field does. A reader takes one to four octets for each.
 */
#define VALUE_MAX 4

int mikey_sp_next(struct mikey_oct *rest, struct mikey_sp_param *param, struct err *e)
{
	size_t len;

	if (!rest->len)
		return 0;
	if (rest->len < 2 || rest->len - 2 < rest->data[1])
		return err_set(e, EPROTO, "policy parameter needs more than the %zu octets that are left",
			       rest->len);
	len = rest->data[1];
	param->type = rest->data[0];
	param->value = (struct mikey_oct){ rest->data + 2, len };
	rest->data += 2 + len;
	rest->len -= 2 + len;
	return 1;
}

#define AES_CM(key, tag)								\
	{ .encr_alg = MIKEY_SRTP_ENCR_AES_CM, .encr_key_len = (key),			\
	  .auth_alg = MIKEY_SRTP_AUTH_HMAC_SHA_1, .auth_key_len = 20, .salt_len = 14,	\
	  .srtp_encr = true, .srtcp_encr = true, .srtp_auth = true, .tag_len = (tag) }
/* No separate authentication; the AEAD's own tag is always there (RFC 7714 14.2, 15). */
#define AES_GCM(key)									\
	{ .encr_alg = MIKEY_SRTP_ENCR_AES_GCM, .encr_key_len = (key),			\
	  .auth_alg = MIKEY_SRTP_AUTH_NULL, .auth_key_len = 0, .salt_len = 12,		\
	  .srtp_encr = true, .srtcp_encr = true, .srtp_auth = false, .tag_len = 16 }

static const struct suite {
	const char *name;
	struct mikey_srtp_policy policy;
} suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", AES_CM(16, 10) },	/* SRTP's default too: RFC 3711 8.2 */
	{ "AES_CM_128_HMAC_SHA1_32", AES_CM(16, 4) },
	{ "AES_192_CM_HMAC_SHA1_80", AES_CM(24, 10) },
	{ "AES_192_CM_HMAC_SHA1_32", AES_CM(24, 4) },
	{ "AES_256_CM_HMAC_SHA1_80", AES_CM(32, 10) },
	{ "AES_256_CM_HMAC_SHA1_32", AES_CM(32, 4) },
	{ "AEAD_AES_128_GCM", AES_GCM(16) },
	{ "AEAD_AES_256_GCM", AES_GCM(32) },
};

#define N_SUITES (sizeof(suites) / sizeof(suites[0]))

bool mikey_srtp_suite(const char *name, struct mikey_srtp_policy *p)
{
	for (size_t i = 0; i < N_SUITES; i++) {
		if (!strcmp(suites[i].name, name)) {
			*p = suites[i].policy;
			return true;
		}
	}
	return false;
}

static bool policy_equal(const struct mikey_srtp_policy *a, const struct mikey_srtp_policy *b)
{
	return a->encr_alg == b->encr_alg && a->encr_key_len == b->encr_key_len &&
	       a->auth_alg == b->auth_alg && a->auth_key_len == b->auth_key_len &&
	       a->salt_len == b->salt_len && a->prf == b->prf && a->kdr == b->kdr &&
	       a->srtp_encr == b->srtp_encr && a->srtcp_encr == b->srtcp_encr &&
	       a->srtp_auth == b->srtp_auth && a->fec_order == b->fec_order &&
	       a->tag_len == b->tag_len && a->prefix_len == b->prefix_len;
}

const char *mikey_srtp_suite_name(const struct mikey_srtp_policy *p)
{
	for (size_t i = 0; i < N_SUITES; i++)
		if (policy_equal(p, &suites[i].policy))
			return suites[i].name;
	return NULL;
}

static int set_u8(uint8_t *field, uint32_t v, uint8_t type, struct err *e)
{
	if (v > 0xff)
		return err_set(e, EPROTONOSUPPORT, "policy parameter %u: value %u is too large",
			       type, v);
	*field = (uint8_t)v;
	return 0;
}

static int set_bool(bool *field, uint32_t v, uint8_t type, struct err *e)
{
	if (v > 1)
		return err_set(e, EPROTONOSUPPORT, "policy parameter %u: value %u is not 0 or 1",
			       type, v);
	*field = v;
	return 0;
}

static int set_kdr(uint32_t *field, uint32_t v, struct err *e)
{
	/* RFC 3711 4.3.1: 0 or a power of two up to 2^24. */
	if (v > 1u << 24 || (v & (v - 1)))
		return err_set(e, EPROTONOSUPPORT,
			       "policy parameter %u: key derivation rate %u is not a power of two up to 2^24",
			       MIKEY_SP_KDR, v);
	*field = v;
	return 0;
}

static int set_param(struct mikey_srtp_policy *p, uint8_t type, uint32_t v, struct err *e)
{
	switch (type) {
	case MIKEY_SP_ENCR_ALG:
		return set_u8(&p->encr_alg, v, type, e);
	case MIKEY_SP_ENCR_KEY_LEN:
		return set_u8(&p->encr_key_len, v, type, e);
	case MIKEY_SP_AUTH_ALG:
		return set_u8(&p->auth_alg, v, type, e);
	case MIKEY_SP_AUTH_KEY_LEN:
		return set_u8(&p->auth_key_len, v, type, e);
	case MIKEY_SP_SALT_LEN:
		return set_u8(&p->salt_len, v, type, e);
	case MIKEY_SP_PRF:
		return set_u8(&p->prf, v, type, e);
	case MIKEY_SP_KDR:
		return set_kdr(&p->kdr, v, e);
	case MIKEY_SP_SRTP_ENCR:
		return set_bool(&p->srtp_encr, v, type, e);
	case MIKEY_SP_SRTCP_ENCR:
		return set_bool(&p->srtcp_encr, v, type, e);
	case MIKEY_SP_FEC_ORDER:
		return set_u8(&p->fec_order, v, type, e);
	case MIKEY_SP_SRTP_AUTH:
		return set_bool(&p->srtp_auth, v, type, e);
	case MIKEY_SP_TAG_LEN:
		/* With AES-GCM there is no HMAC whose tag this could be. */
		if (p->encr_alg == MIKEY_SRTP_ENCR_AES_GCM)
			return v ? err_set(e, EPROTONOSUPPORT,
					   "policy parameter %u does not go with AES-GCM", type) : 0;
		return set_u8(&p->tag_len, v, type, e);
	case MIKEY_SP_PREFIX_LEN:
		return set_u8(&p->prefix_len, v, type, e);
	case MIKEY_SP_AEAD_TAG_LEN:
		if (p->encr_alg != MIKEY_SRTP_ENCR_AES_GCM)
			return err_set(e, EPROTONOSUPPORT,
				       "policy parameter %u goes with AES-GCM only", type);
		return set_u8(&p->tag_len, v, type, e);
	}
	return err_set(e, EPROTONOSUPPORT, "policy parameter %u is not supported", type);
}

static int read_value(const struct mikey_sp_param *t, uint32_t *v, struct err *e)
{
	if (!t->value.len || t->value.len > VALUE_MAX)
		return err_set(e, EPROTO, "policy parameter %u has a value of %zu octets", t->type,
			       t->value.len);
	*v = 0;
	for (size_t i = 0; i < t->value.len; i++)
		*v = *v << 8 | t->value.data[i];
	return 0;
}

int mikey_srtp_policy_get(const struct mikey_payload *sp, struct mikey_srtp_policy *p,
			  struct err *e)
{
	struct mikey_oct rest = sp->sp.params;
	struct mikey_sp_param t = { 0 };
	bool seen[256] = { false };
	uint32_t v = 0;
	int ret;

	if (sp->sp.prot != MIKEY_PROT_SRTP)
		return err_set(e, EPROTONOSUPPORT, "SP at offset %zu: security protocol %u is not SRTP",
			       sp->off, sp->sp.prot);
	*p = suites[0].policy;
	/* The cipher first: it decides the defaults of the others. */
	while ((ret = mikey_sp_next(&rest, &t, e)) > 0) {
		if (seen[t.type]) {
			ret = err_set(e, EPROTO, "policy parameter %u is given twice", t.type);
			break;
		}
		seen[t.type] = true;
		ret = read_value(&t, &v, e);
		if (ret)
			break;
		if (t.type == MIKEY_SP_ENCR_ALG && v == MIKEY_SRTP_ENCR_AES_GCM)
			mikey_srtp_suite("AEAD_AES_128_GCM", p);
	}
	rest = sp->sp.params;
	while (!ret && mikey_sp_next(&rest, &t, e) > 0) {
		ret = read_value(&t, &v, e);
		if (!ret)
			ret = set_param(p, t.type, v, e);
	}
	if (ret)
		err_add(e, "SP at offset %zu", sp->off);
	return ret;
}

static void put_param(struct buf *b, uint8_t type, uint8_t v)
{
	buf_u8(b, type);
	buf_u8(b, 1);
	buf_u8(b, v);
}

void mikey_put_sp(struct mikey_writer *w, uint8_t policy_no, const struct mikey_srtp_policy *p)
{
	struct mikey_payload sp = { .type = MIKEY_SP };
	bool gcm = p->encr_alg == MIKEY_SRTP_ENCR_AES_GCM;
	struct buf b = BUF_INIT;

	put_param(&b, MIKEY_SP_ENCR_ALG, p->encr_alg);
	put_param(&b, MIKEY_SP_ENCR_KEY_LEN, p->encr_key_len);
	put_param(&b, MIKEY_SP_AUTH_ALG, p->auth_alg);
	put_param(&b, MIKEY_SP_AUTH_KEY_LEN, p->auth_key_len);
	put_param(&b, MIKEY_SP_SALT_LEN, p->salt_len);
	put_param(&b, MIKEY_SP_PRF, p->prf);
	if (p->kdr <= 0xff) {
		put_param(&b, MIKEY_SP_KDR, (uint8_t)p->kdr);
	} else {
		buf_u8(&b, MIKEY_SP_KDR);
		buf_u8(&b, 4);
		buf_be32(&b, p->kdr);
	}
	put_param(&b, MIKEY_SP_SRTP_ENCR, p->srtp_encr);
	put_param(&b, MIKEY_SP_SRTCP_ENCR, p->srtcp_encr);
	put_param(&b, MIKEY_SP_FEC_ORDER, p->fec_order);
	put_param(&b, MIKEY_SP_SRTP_AUTH, p->srtp_auth);
	put_param(&b, gcm ? MIKEY_SP_AEAD_TAG_LEN : MIKEY_SP_TAG_LEN, p->tag_len);
	put_param(&b, MIKEY_SP_PREFIX_LEN, p->prefix_len);
	if (b.failed && !w->err.code)
		err_set(&w->err, ENOMEM, "out of memory");
	sp.sp.policy = policy_no;
	sp.sp.prot = MIKEY_PROT_SRTP;
	sp.sp.params = (struct mikey_oct){ b.data, b.len };
	mikey_put(w, &sp);
	buf_free(&b);
}
