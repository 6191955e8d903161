// SPDX-License-Identifier: GPL-2.0-or-later
/* A MIKEY message as text or JSON. What is encrypted stays so: there is no key here. */
#include <stdio.h>
#include <string.h>

#include "base/ntp.h"
#include "cli/msg_der.h"
#include "cli/msg_show.h"
#include "mikey/mikey.h"

#define SHORT 64	/* fields up to this many octets are printed whole */
#define HEAD 16		/* and this much of longer ones */

struct show {
	struct out *o;
	bool full;
};

#define NAMES_END { 0, NULL }

struct name {
	unsigned int value;
	const char *name;
};

static const struct name prfs[] = {
	{ MIKEY_PRF_MIKEY_1, "MIKEY-1" },
	{ MIKEY_PRF_HMAC_SHA_256, "PRF-HMAC-SHA-256" }, NAMES_END
};
static const struct name maps[] = {
	{ MIKEY_MAP_SRTP_ID, "SRTP-ID" },
	{ MIKEY_MAP_EMPTY, "Empty" },
	{ MIKEY_MAP_GENERIC_ID, "GENERIC-ID" }, NAMES_END
};
static const struct name encrs[] = {
	{ MIKEY_ENCR_NULL, "NULL" },
	{ MIKEY_ENCR_AES_CM_128, "AES-CM-128" },
	{ MIKEY_ENCR_AES_KW_128, "AES-KW-128" },
	{ MIKEY_ENCR_AES_CM_256, "AES-CM-256" }, NAMES_END
};
static const struct name macs[] = {
	{ MIKEY_MAC_NULL, "NULL" },
	{ MIKEY_MAC_HMAC_SHA_1_160, "HMAC-SHA-1-160" },
	{ MIKEY_MAC_HMAC_SHA_256_256, "HMAC-SHA-256-256" }, NAMES_END
};
static const struct name caches[] = {
	{ MIKEY_CACHE_NO, "no" },
	{ MIKEY_CACHE_YES, "yes" },
	{ MIKEY_CACHE_CSB, "for CSB" }, NAMES_END
};
static const struct name groups[] = {
	{ MIKEY_DH_OAKLEY_5, "OAKLEY 5" },
	{ MIKEY_DH_OAKLEY_1, "OAKLEY 1" },
	{ MIKEY_DH_OAKLEY_2, "OAKLEY 2" }, NAMES_END
};
static const struct name signs[] = {
	{ MIKEY_SIGN_RSA_PKCS1, "RSA/PKCS#1/1.5" },
	{ MIKEY_SIGN_RSA_PSS, "RSA/PSS" },
	{ MIKEY_SIGN_ECCSI, "ECCSI" }, NAMES_END
};
static const struct name timestamps[] = {
	{ MIKEY_TS_NTP_UTC, "NTP-UTC" },
	{ MIKEY_TS_NTP, "NTP" },
	{ MIKEY_TS_COUNTER, "COUNTER" },
	{ MIKEY_TS_NTP_UTC_32, "NTP-UTC-32" }, NAMES_END
};
static const struct name time_roles[] = {
	{ 1, "issue" }, { 2, "start" }, { 3, "end" }, { 4, "rekeying" }, NAMES_END
};
static const struct name ids[] = {
	{ MIKEY_ID_NAI, "NAI" },
	{ MIKEY_ID_URI, "URI" },
	{ MIKEY_ID_BYTES, "byte string" }, NAMES_END
};
static const struct name id_roles[] = {
	{ MIKEY_ROLE_I, "Initiator" },
	{ MIKEY_ROLE_R, "Responder" },
	{ MIKEY_ROLE_KMS, "KMS" },
	{ MIKEY_ROLE_PSK, "pre-shared key" },
	{ MIKEY_ROLE_APP, "application" },
	{ MIKEY_ROLE_KMS_I, "Initiator's KMS" },
	{ MIKEY_ROLE_KMS_R, "Responder's KMS" }, NAMES_END
};
static const struct name certs[] = {
	{ MIKEY_CERT_X509, "X.509v3" },
	{ MIKEY_CERT_X509_URL, "X.509v3 URL" },
	{ MIKEY_CERT_X509_SIGN, "X.509v3 Sign" },
	{ MIKEY_CERT_X509_ENCR, "X.509v3 Encr" }, NAMES_END
};
static const struct name hashes[] = {
	{ MIKEY_HASH_SHA_1, "SHA-1" },
	{ MIKEY_HASH_MD5, "MD5" },
	{ MIKEY_HASH_SHA_256, "SHA-256" }, NAMES_END
};
static const struct name prots[] = { { MIKEY_PROT_SRTP, "SRTP" }, { 1, "TESLA" }, NAMES_END };
static const struct name exts[] = {
	{ MIKEY_EXT_VENDOR_ID, "Vendor ID" },
	{ MIKEY_EXT_SDP_IDS, "SDP IDs" },
	{ MIKEY_EXT_TESLA_I_KEY, "TESLA I-Key" },
	{ MIKEY_EXT_KEY_ID, "Key ID" },
	{ MIKEY_EXT_CSB_ID, "CSB ID" },
	{ MIKEY_EXT_OMA_BCAST, "OMA BCAST" },
	{ MIKEY_EXT_HINT, "hint" },
	{ MIKEY_EXT_DATES, "dates" },
	{ MIKEY_EXT_MORE, "more follows" },
	{ MIKEY_EXT_BINDING, "binding" }, NAMES_END
};
static const struct name kvs[] = {
	{ MIKEY_KV_NULL, "Null" }, { MIKEY_KV_SPI, "SPI" }, { MIKEY_KV_INTERVAL, "Interval" },
	NAMES_END
};
static const struct name tickets[] = {
	{ 1, "MIKEY Base Ticket" }, { 2, "3GPP Base Ticket" }, NAMES_END
};
static const struct name params[] = {
	{ MIKEY_SP_ENCR_ALG, "encr_alg" },
	{ MIKEY_SP_ENCR_KEY_LEN, "encr_key_octets" },
	{ MIKEY_SP_AUTH_ALG, "auth_alg" },
	{ MIKEY_SP_AUTH_KEY_LEN, "auth_key_octets" },
	{ MIKEY_SP_SALT_LEN, "salt_octets" },
	{ MIKEY_SP_PRF, "srtp_prf" },
	{ MIKEY_SP_KDR, "key_derivation_rate" },
	{ MIKEY_SP_SRTP_ENCR, "srtp_encryption" },
	{ MIKEY_SP_SRTCP_ENCR, "srtcp_encryption" },
	{ MIKEY_SP_FEC_ORDER, "fec_order" },
	{ MIKEY_SP_SRTP_AUTH, "srtp_authentication" },
	{ MIKEY_SP_TAG_LEN, "tag_octets" },
	{ MIKEY_SP_PREFIX_LEN, "prefix_octets" },
	{ MIKEY_SP_ROC_RATE, "roc_transmission_rate" },
	{ MIKEY_SP_SRTP_AUTH_ALG, "srtp_auth_alg" },
	{ MIKEY_SP_SRTCP_AUTH_ALG, "srtcp_auth_alg" },
	{ MIKEY_SP_SRTP_AUTH_KEY_LEN, "srtp_auth_key_octets" },
	{ MIKEY_SP_SRTCP_AUTH_KEY_LEN, "srtcp_auth_key_octets" },
	{ MIKEY_SP_SRTP_TAG_LEN, "srtp_tag_octets" },
	{ MIKEY_SP_SRTCP_TAG_LEN, "srtcp_tag_octets" },
	{ MIKEY_SP_AEAD_TAG_LEN, "aead_tag_octets" }, NAMES_END
};
static const struct name srtp_encrs[] = {
	{ MIKEY_SRTP_ENCR_NULL, "NULL" },
	{ MIKEY_SRTP_ENCR_AES_CM, "AES-CM" },
	{ MIKEY_SRTP_ENCR_AES_F8, "AES-F8" },
	{ 3, "SEED-CTR" }, { 4, "SEED-CCM" }, { 5, "SEED-GCM" },
	{ MIKEY_SRTP_ENCR_AES_GCM, "AES-GCM" },
	{ 7, "ARIA-CTR" }, { 8, "ARIA-GCM" }, NAMES_END
};
static const struct name srtp_auths[] = {
	{ MIKEY_SRTP_AUTH_NULL, "NULL" },
	{ MIKEY_SRTP_AUTH_HMAC_SHA_1, "HMAC-SHA-1" },
	{ 2, "RCCm1" }, { 3, "RCCm2" }, { 4, "RCCm3" }, NAMES_END
};

static const char *lookup(const struct name *names, unsigned int value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

/* A code point by its name, by its number where it has none. */
static void code(struct out *o, const char *field, const struct name *names, unsigned int value)
{
	const char *name = lookup(names, value);

	if (name)
		out_str(o, field, name);
	else
		out_fmt(o, field, "unknown (%u)", value);
}

static void octets(const struct show *s, const char *field, struct mikey_oct v)
{
	char name[40];

	if (v.len <= SHORT || s->full) {
		out_hex(s->o, field, v.data, v.len);
		return;
	}
	snprintf(name, sizeof(name), "%s_octets", field);
	out_u64(s->o, name, v.len);
	snprintf(name, sizeof(name), "%s_head", field);
	out_hex(s->o, name, v.data, HEAD);
}

static void text(const struct show *s, const char *field, struct mikey_oct v)
{
	out_strn(s->o, field, v.data, v.len);
}

static void show_kv(const struct show *s, const struct mikey_kv *kv)
{
	code(s->o, "key_validity", kvs, kv->type);
	if (kv->type == MIKEY_KV_SPI)
		octets(s, "spi", kv->spi);
	if (kv->type == MIKEY_KV_INTERVAL) {
		octets(s, "valid_from", kv->from);
		octets(s, "valid_to", kv->to);
	}
}

static void show_time(const struct show *s, const struct mikey_payload *p)
{
	uint64_t v = mikey_ts64(p);
	struct timespec ts;

	if (p->type == MIKEY_TR)
		code(s->o, "role", time_roles, p->t.role);
	code(s->o, "ts_type", timestamps, p->t.type);
	octets(s, "value", p->t.value);
	if (p->t.type == MIKEY_TS_COUNTER) {
		out_u64(s->o, "counter", v);
		return;
	}
	ts.tv_sec = (time_t)ntp_to_unix(v, (int64_t)time(NULL));
	ts.tv_nsec = (long)((v & 0xffffffff) * 1000000000u >> 32);
	out_timespec(s->o, "time", &ts);
}

static void show_id(const struct show *s, const struct mikey_payload *p)
{
	if (p->type == MIKEY_IDR)
		code(s->o, "role", id_roles, p->id.role);
	code(s->o, "id_type", ids, p->id.type);
	if (p->id.type == MIKEY_ID_BYTES)
		octets(s, "id", p->id.data);
	else
		text(s, "id", p->id.data);
}

/* Every parameter by its own, whether this project supports it or not. */
static void show_params(const struct show *s, const struct mikey_payload *p)
{
	struct mikey_oct rest = p->sp.params;
	struct mikey_sp_param t;
	struct err e = ERR_INIT;
	const char *name;
	char number[24];
	uint32_t v;
	int ret;

	out_obj_begin(s->o, "parameters");
	while ((ret = mikey_sp_next(&rest, &t, &e)) > 0) {
		name = p->sp.prot == MIKEY_PROT_SRTP ? lookup(params, t.type) : NULL;
		if (!name) {
			snprintf(number, sizeof(number), "parameter_%u", t.type);
			name = number;
		}
		v = 0;
		for (size_t i = 0; i < t.value.len && i < 4; i++)
			v = v << 8 | t.value.data[i];
		if (name == number || !t.value.len || t.value.len > 4)
			octets(s, name, t.value);
		else if (t.type == MIKEY_SP_ENCR_ALG)
			code(s->o, name, srtp_encrs, v);
		else if (t.type == MIKEY_SP_AUTH_ALG)
			code(s->o, name, srtp_auths, v);
		else
			out_u64(s->o, name, v);
	}
	if (ret < 0)
		out_str(s->o, "error", e.msg);
	out_obj_end(s->o);
}

static void show_sp(const struct show *s, const struct mikey_payload *p)
{
	struct mikey_srtp_policy policy;
	struct err e = ERR_INIT;
	const char *suite;

	out_u64(s->o, "policy", p->sp.policy);
	code(s->o, "protocol", prots, p->sp.prot);
	if (p->sp.prot == MIKEY_PROT_SRTP && !mikey_srtp_policy_get(p, &policy, &e)) {
		suite = mikey_srtp_suite_name(&policy);
		if (suite)
			out_str(s->o, "suite", suite);
	}
	if (p->sp.params.len)
		show_params(s, p);
}

static void show_kemac(const struct show *s, const struct mikey_payload *p)
{
	code(s->o, "encr_alg", encrs, p->kemac.encr_alg);
	octets(s, "encr", p->kemac.encr);
	code(s->o, "mac_alg", macs, p->kemac.mac_alg);
	if (p->kemac.mac.len)
		octets(s, "mac", p->kemac.mac);
}

static void show_ext(const struct show *s, const struct mikey_payload *p)
{
	code(s->o, "extension", exts, p->ext.type);
	if (p->ext.type == MIKEY_EXT_SDP_IDS)
		text(s, "data", p->ext.data);
	else
		octets(s, "data", p->ext.data);
}

static void show_cert(const struct show *s, const struct mikey_payload *p)
{
	code(s->o, "cert_type", certs, p->cert.type);
	if (p->cert.type == MIKEY_CERT_X509_URL) {
		text(s, "url", p->cert.data);
		return;
	}
	msg_show_cert(s->o, p->cert.data.data, p->cert.data.len);
	octets(s, "cert", p->cert.data);
}

static void show_tp(const struct show *s, const struct mikey_payload *p)
{
	code(s->o, "ticket_type", tickets, p->tp.type);
	out_u64(s->o, "subtype", p->tp.subtype);
	out_u64(s->o, "version", p->tp.version);
	code(s->o, "prf", prfs, p->tp.prf);
	out_fmt(s->o, "flags", "%05x", p->tp.flags);
	octets(s, "policy_data", p->tp.data);
	if (p->type == MIKEY_TICKET) {
		octets(s, "ticket_data", p->tp.ticket);
		octets(s, "initiator_data", p->tp.initiator);
	}
}

static void show_body(const struct show *s, const struct mikey_payload *p)
{
	switch (p->type) {
	case MIKEY_KEMAC:
		show_kemac(s, p);
		break;
	case MIKEY_PKE:
		code(s->o, "cache", caches, p->pke.cache);
		octets(s, "data", p->pke.data);
		break;
	case MIKEY_DH:
		code(s->o, "group", groups, p->dh.group);
		octets(s, "value", p->dh.value);
		show_kv(s, &p->dh.kv);
		break;
	case MIKEY_SIGN:
		code(s->o, "signature_type", signs, p->sign.type);
		octets(s, "signature", p->sign.sig);
		break;
	case MIKEY_T:
	case MIKEY_TR:
		show_time(s, p);
		break;
	case MIKEY_ID:
	case MIKEY_IDR:
		show_id(s, p);
		break;
	case MIKEY_CERT:
		show_cert(s, p);
		break;
	case MIKEY_CHASH:
		code(s->o, "hash_func", hashes, p->chash.func);
		octets(s, "hash", p->chash.hash);
		break;
	case MIKEY_V:
		code(s->o, "auth_alg", macs, p->v.alg);
		octets(s, "mac", p->v.mac);
		break;
	case MIKEY_SP:
		show_sp(s, p);
		break;
	case MIKEY_RANDR:
		out_u64(s->o, "role", p->rand.role);
		/* fall through */
	case MIKEY_RAND:
		octets(s, "rand", p->rand.data);
		break;
	case MIKEY_ERR:
		out_u64(s->o, "error_number", p->err.no);
		out_str(s->o, "meaning", mikey_error_name(p->err.no));
		break;
	case MIKEY_TP:
	case MIKEY_TICKET:
		show_tp(s, p);
		break;
	case MIKEY_EXT:
		show_ext(s, p);
		break;
	case MIKEY_IBAKE:
	case MIKEY_ESK:
		msg_show_ciphertext(s->o, p->encr.data, p->encr.len);
		octets(s, "encr", p->encr);
		break;
	case MIKEY_SAKKE:
		out_u64(s->o, "params", p->sakke.params);
		out_u64(s->o, "id_scheme", p->sakke.id_scheme);
		octets(s, "data", p->sakke.data);
		break;
	}
}

static void show_cs(const struct show *s, const struct mikey_hdr *h)
{
	struct mikey_cs cs;

	out_list_begin(s->o, "crypto_sessions");
	for (unsigned int i = 0; mikey_cs_get(h, i, &cs); i++) {
		out_obj_begin(s->o, "crypto-session");
		out_u64(s->o, "cs_id", cs.id);
		if (h->map_type == MIKEY_MAP_GENERIC_ID)
			code(s->o, "protocol", prots, cs.prot);
		out_list_begin(s->o, "policies");
		for (size_t n = 0; n < cs.policies.len; n++)
			out_u64(s->o, NULL, cs.policies.data[n]);
		out_list_end(s->o);
		if (cs.has_ssrc)
			out_fmt(s->o, "ssrc", "%08x", cs.ssrc);
		else if (cs.session.len)
			octets(s, "session_data", cs.session);
		if (h->map_type == MIKEY_MAP_SRTP_ID || (cs.has_ssrc && cs.s))
			out_u64(s->o, "roc", cs.roc);
		if (cs.has_ssrc && cs.s)
			out_u64(s->o, "seq", cs.seq);
		if (cs.spi.len)
			octets(s, "spi", cs.spi);
		out_obj_end(s->o);
	}
	out_list_end(s->o);
}

static void show_msg(const struct show *s, const struct mikey_msg *m)
{
	const struct mikey_hdr *h = &m->hdr;

	out_str(s->o, "type", mikey_type_name(h->type));
	out_u64(s->o, "number", h->type);
	out_u64(s->o, "octets", m->len);
	out_line(s->o);
	out_fmt(s->o, "csb_id", "%08x", h->csb_id);
	code(s->o, "prf", prfs, h->prf);
	out_bool(s->o, "response_expected", h->v);
	code(s->o, "cs_id_map", maps, h->map_type);
	out_u64(s->o, "n_cs", h->n_cs);
	show_cs(s, h);
	out_list_begin(s->o, "payloads");
	for (unsigned int i = 0; i < m->chain.n; i++) {
		const struct mikey_payload *p = &m->chain.p[i];

		out_obj_begin(s->o, "payload");
		out_str(s->o, "type", mikey_payload_name(p->type));
		out_u64(s->o, "number", p->type);
		out_u64(s->o, "offset", p->off);
		out_u64(s->o, "octets", p->len);
		out_line(s->o);
		show_body(s, p);
		out_obj_end(s->o);
	}
	out_list_end(s->o);
}

int msg_show(struct out *o, const uint8_t *data, size_t len, bool full, struct err *e)
{
	struct show s = { o, full };
	struct err why = ERR_INIT;
	struct mikey_msg m;
	int ret;

	ret = mikey_parse(data, len, &m, &why);
	out_obj_begin(o, "message");
	/* Without a header there is little to show. */
	if (!ret || m.hdr.map.data)
		show_msg(&s, &m);
	else
		out_u64(o, "octets", len);
	if (ret) {
		out_line(o);
		out_str(o, "error", why.msg);
		err_set(e, why.code, "%s", why.msg);
	}
	out_obj_end(o);
	return ret;
}
