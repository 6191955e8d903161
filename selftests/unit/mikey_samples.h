/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SELFTESTS_MIKEY_SAMPLES_H
#define SELFTESTS_MIKEY_SAMPLES_H

/*
 * One message of each type that MIKEY-IBAKE has, as the RFC's formulas order the payloads, and a
 * few of the family. Ciphertexts are filler: their content is not this folder's subject.
 */
#include <stdio.h>

#include "mikey/mikey.h"

#define SAMPLE_KEY_LEN(prf) ((prf) ? 32 : 20)

static const uint8_t sample_auth[32] = "an auth_key that tests alone use";
static const uint8_t sample_rand[16] = "RAND of 16 bytes";
static const char sample_i[] = "sip:alice@a.example";
static const char sample_r[] = "sip:bob@b.example";
static const char sample_kms[] = "https://kms.a.example/";
static const uint8_t sample_point[133] = { 4, 1, 2, 3, 4, 5, 6, 7, 8 };

static const struct mikey_oct sample_ids[3] = {
	{ (const uint8_t *)sample_i, sizeof(sample_i) - 1 },
	{ (const uint8_t *)sample_r, sizeof(sample_r) - 1 },
	{ (const uint8_t *)sample_kms, sizeof(sample_kms) - 1 },
};

enum sample {
	SAMPLE_REQUEST_KEY_PSK, SAMPLE_REQUEST_KEY_PKE, SAMPLE_REQUEST_KEY_RESP,
	SAMPLE_I_MESSAGE_1, SAMPLE_R_MESSAGE_1, SAMPLE_I_MESSAGE_2, SAMPLE_R_MESSAGE_2,
	SAMPLE_ERROR, SAMPLE_DH_INIT, SAMPLE_TICKET, SAMPLE_SAKKE, SAMPLE_N
};

static inline void sample_idr(struct mikey_writer *w, uint8_t role, struct mikey_oct id)
{
	mikey_put_idr(w, role, MIKEY_ID_URI, id.data, id.len);
}

static inline void sample_policy(struct mikey_writer *w, uint8_t no, const char *suite)
{
	struct mikey_srtp_policy p;

	if (mikey_srtp_suite(suite, &p))
		mikey_put_sp(w, no, &p);
}

static inline struct mikey_hdr sample_hdr(uint8_t type, uint8_t prf)
{
	return (struct mikey_hdr){ .type = type, .prf = prf, .csb_id = 0x12345678,
				   .map_type = MIKEY_MAP_SRTP_ID };
}

/* Appends sample message number @which with PRF function @prf; the test ends if it cannot. */
static inline void sample_put(enum sample which, uint8_t prf, struct buf *b)
{
	static const uint8_t filler[700] = { 0x30, 0x82 }, no = 0;
	static const uint8_t tp[] = { 1, 2, 3 };
	struct mikey_hdr h = sample_hdr(0, prf);
	struct mikey_cs cs[2] = {
		{ .policies = { &no, 1 }, .ssrc = 0x11223344 },
		{ .policies = { &no, 1 } },
	};
	struct mikey_payload p = { .type = 0 };
	struct buf covered = BUF_INIT;
	struct mikey_writer w;
	struct err e = ERR_INIT;
	size_t key_len = SAMPLE_KEY_LEN(prf);
	uint64_t t = 0xe0b2d1f480000000;

	switch (which) {
	case SAMPLE_REQUEST_KEY_PSK:
	case SAMPLE_REQUEST_KEY_PKE:
		h.type = which == SAMPLE_REQUEST_KEY_PSK ? MIKEY_REQUEST_KEY_PSK :
			 MIKEY_REQUEST_KEY_PKE;
		h.map_type = MIKEY_MAP_EMPTY;
		h.v = true;
		mikey_write_msg(&w, b, &h, NULL, 0);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, t);
		mikey_put_rand(&w, sample_rand, 16);
		sample_idr(&w, MIKEY_ROLE_I, sample_ids[0]);
		if (which == SAMPLE_REQUEST_KEY_PKE) {
			mikey_put_cert(&w, MIKEY_CERT_X509_SIGN, filler, 300);
			mikey_put_cert(&w, MIKEY_CERT_X509_URL, "http://a.example/c", 18);
		}
		sample_idr(&w, MIKEY_ROLE_KMS, sample_ids[2]);
		if (which == SAMPLE_REQUEST_KEY_PSK) {
			mikey_v_append(&w, sample_auth, key_len, sample_ids, 2);
			break;
		}
		mikey_put_chash(&w, MIKEY_HASH_SHA_256, sample_auth, 32);
		mikey_put_pke(&w, MIKEY_CACHE_NO, filler, 256);
		mikey_sign_begin(&w, MIKEY_SIGN_RSA_PKCS1, 256, sample_ids, 2, &covered);
		mikey_sign_end(&w, filler, 256);
		break;
	case SAMPLE_REQUEST_KEY_RESP:
		h.type = MIKEY_REQUEST_KEY_RESP;
		h.map_type = MIKEY_MAP_EMPTY;
		mikey_write_msg(&w, b, &h, NULL, 0);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, t);
		mikey_put_kemac(&w, prf ? MIKEY_ENCR_AES_CM_256 : MIKEY_ENCR_AES_CM_128, filler, 600);
		mikey_v_append(&w, sample_auth, key_len, sample_ids, 3);
		break;
	case SAMPLE_I_MESSAGE_1:
	case SAMPLE_I_MESSAGE_2:
	case SAMPLE_R_MESSAGE_1:
		h.type = which == SAMPLE_I_MESSAGE_1 ? MIKEY_I_MESSAGE_1 :
			 which == SAMPLE_I_MESSAGE_2 ? MIKEY_I_MESSAGE_2 : MIKEY_R_MESSAGE_1;
		h.v = true;
		mikey_write_msg(&w, b, &h, cs, 2);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, t);
		if (which != SAMPLE_R_MESSAGE_1)
			mikey_put_rand(&w, sample_rand, 16);
		sample_idr(&w, MIKEY_ROLE_I, sample_ids[0]);
		sample_idr(&w, MIKEY_ROLE_R, sample_ids[1]);
		sample_policy(&w, 0, "AES_CM_128_HMAC_SHA1_80");
		if (which == SAMPLE_I_MESSAGE_1)
			sample_policy(&w, 1, "AEAD_AES_128_GCM");
		mikey_put_ext(&w, MIKEY_EXT_HINT, "hint", 4);
		mikey_put_ibake(&w, filler, 500);
		if (which == SAMPLE_I_MESSAGE_2)
			mikey_put_esk(&w, filler, 450);
		break;
	case SAMPLE_R_MESSAGE_2:
		h.type = MIKEY_R_MESSAGE_2;
		mikey_write_msg(&w, b, &h, cs, 2);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, t);
		sample_idr(&w, MIKEY_ROLE_I, sample_ids[0]);
		sample_idr(&w, MIKEY_ROLE_R, sample_ids[1]);
		mikey_v_append(&w, sample_auth, key_len, sample_ids, 2);
		break;
	case SAMPLE_ERROR:
		h.type = MIKEY_ERROR;
		mikey_write_msg(&w, b, &h, cs, 0);
		mikey_put_t(&w, MIKEY_TS_COUNTER, 7);
		mikey_put_err(&w, MIKEY_ERR_INVALID_TS);
		mikey_put_err(&w, MIKEY_ERR_INVALID_SPPAR);
		sample_policy(&w, 0, "AES_256_CM_HMAC_SHA1_80");
		break;
	case SAMPLE_DH_INIT:
		h.type = MIKEY_DH_INIT;
		mikey_write_msg(&w, b, &h, cs, 2);
		mikey_put_t(&w, MIKEY_TS_NTP, t);
		mikey_put_rand(&w, sample_rand, 16);
		mikey_put_id(&w, MIKEY_ID_NAI, "alice@a.example", 15);
		p.type = MIKEY_DH;
		p.dh.group = MIKEY_DH_OAKLEY_2;
		p.dh.value = (struct mikey_oct){ filler, 128 };
		p.dh.kv = (struct mikey_kv){ .type = MIKEY_KV_INTERVAL, .from = { filler, 6 },
					     .to = { sample_auth, 6 } };
		mikey_put(&w, &p);
		mikey_sign_begin(&w, MIKEY_SIGN_RSA_PSS, 128, NULL, 0, &covered);
		mikey_sign_end(&w, filler, 128);
		break;
	case SAMPLE_TICKET:
		h.type = MIKEY_TRANSFER_INIT;
		h.map_type = MIKEY_MAP_GENERIC_ID;
		cs[0].id = 7;
		cs[0].has_ssrc = cs[0].s = true;
		cs[0].roc = 9;
		cs[0].seq = 10;
		cs[0].spi = (struct mikey_oct){ sample_auth, 4 };
		cs[1] = (struct mikey_cs){ .id = 8, .prot = 5, .session = { filler, 3 } };
		mikey_write_msg(&w, b, &h, cs, 2);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC_32, t);
		p.type = MIKEY_RANDR;
		p.rand.role = 1;
		p.rand.data = (struct mikey_oct){ sample_rand, 16 };
		mikey_put(&w, &p);
		p = (struct mikey_payload){ .type = MIKEY_TR };
		p.t.role = 3;
		p.t.type = MIKEY_TS_NTP_UTC_32;
		p.t.value = (struct mikey_oct){ sample_rand, 4 };
		mikey_put(&w, &p);
		p = (struct mikey_payload){ .type = MIKEY_TP };
		p.tp.type = 1;
		p.tp.subtype = p.tp.version = 1;
		p.tp.prf = 1;
		p.tp.flags = 0x1a5c0;
		p.tp.data = (struct mikey_oct){ tp, 3 };
		mikey_put(&w, &p);
		p.type = MIKEY_TICKET;
		p.tp.ticket = (struct mikey_oct){ filler, 40 };
		p.tp.initiator = (struct mikey_oct){ tp, 2 };
		mikey_put(&w, &p);
		mikey_v_append(&w, sample_auth, key_len, sample_ids, 2);
		break;
	case SAMPLE_SAKKE:
		h.type = MIKEY_SAKKE_I_MESSAGE;
		h.v = true;
		mikey_write_msg(&w, b, &h, cs, 2);
		mikey_put_t(&w, MIKEY_TS_NTP_UTC, t);
		mikey_put_rand(&w, sample_rand, 16);
		p.type = MIKEY_SAKKE;
		p.sakke.params = p.sakke.id_scheme = 1;
		p.sakke.data = (struct mikey_oct){ filler, 273 };
		mikey_put(&w, &p);
		mikey_sign_begin(&w, MIKEY_SIGN_ECCSI, 129, NULL, 0, &covered);
		mikey_sign_end(&w, filler, 129);
		break;
	case SAMPLE_N:
		abort();
	}
	if (mikey_write_end(&w, &e)) {
		fprintf(stderr, "sample %d: %s\n", which, e.msg);
		abort();
	}
	buf_free(&covered);
}

/* Plaintexts of IBAKE, ESK and KEMAC; returns the type of the first sub-payload. */
#define SAMPLE_CHAINS 5
static inline uint8_t sample_chain(unsigned int which, struct buf *b)
{
	static const uint8_t mki[4] = { 0, 0, 0, 1 };
	struct mikey_kv spi = { .type = MIKEY_KV_SPI, .spi = { mki, 4 } };
	struct mikey_kv interval = { .type = MIKEY_KV_INTERVAL, .from = { sample_auth, 8 },
				     .to = { sample_auth + 8, 8 } };
	struct mikey_writer w;

	mikey_write_chain(&w, b);
	switch (which) {
	case 0:
	case 1:
	case 2:
		sample_idr(&w, MIKEY_ROLE_I, sample_ids[0]);
		if (which == 0)
			mikey_put_eccpt(&w, MIKEY_CURVE_P256, sample_point, 65, NULL);
		sample_idr(&w, MIKEY_ROLE_R, sample_ids[1]);
		if (which == 1)
			mikey_put_eccpt(&w, MIKEY_CURVE_P384, sample_point, 97, &spi);
		if (which == 2)
			mikey_put_eccpt(&w, MIKEY_CURVE_P521, sample_point, 133, &interval);
		mikey_put_ext(&w, MIKEY_EXT_BINDING, sample_auth, 32);
		break;
	case 3:
		sample_idr(&w, MIKEY_ROLE_I, sample_ids[0]);
		mikey_put_sk(&w, sample_auth, 32, &spi);
		break;
	case 4:
		for (uint8_t type = 0; type <= MIKEY_KEY_K_PR; type++) {
			bool salt = type == MIKEY_KEY_TGK_SALT || type == MIKEY_KEY_TEK_SALT ||
				    type == MIKEY_KEY_GTGK_SALT;

			sample_idr(&w, MIKEY_ROLE_I, sample_ids[type & 1]);
			mikey_put_key(&w, type, sample_auth, 16 + type, sample_rand, salt ? 14 : 0,
				      type == MIKEY_KEY_K_PR ? &interval : type & 1 ? &spi : NULL);
		}
		break;
	}
	if (mikey_write_end(&w, NULL))
		abort();
	return w.first;
}

#endif
