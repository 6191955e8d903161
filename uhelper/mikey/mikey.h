/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_MIKEY_MIKEY_H
#define IBAKE_MIKEY_MIKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "mikey/const.h"

/* A KEMAC payload may hold nearly 2^16 octets (RFC 3830 6.2); the rest of a message is small. */
#define MIKEY_MSG_MAX (1u << 17)
/* Payloads that mikey_parse() and mikey_parse_chain() keep; longer chains: mikey_chain_next(). */
#define MIKEY_PAYLOADS_MAX 96

/**
 * struct mikey_oct - octets of the parsed input, never copied
 * @data: first octet; meaningless where @len is 0
 * @len: how many
 */
struct mikey_oct {
	const uint8_t *data;
	size_t len;
};

/**
 * struct mikey_kv - key validity data (RFC 3830 6.14)
 * @type: enum mikey_kv_type
 * @spi: SPI or MKI, where @type is MIKEY_KV_SPI
 * @from: start of validity, where @type is MIKEY_KV_INTERVAL
 * @to: end of validity, likewise
 */
struct mikey_kv {
	uint8_t type;
	struct mikey_oct spi, from, to;
};

/**
 * struct mikey_payload - one payload or sub-payload, as read or to be written
 * @type: enum mikey_payload_type; says which member of the union counts
 * @next: its Next payload field (SIGN has none: Last)
 * @off: where it starts, counted from the first octet given to the parser
 * @len: its octets, the Next payload field included
 * @raw: its first octet in the input
 * @kemac: KEMAC, @kemac.encr_alg enum mikey_encr_alg, @kemac.mac_alg enum mikey_mac_alg
 * @pke: PKE, @pke.cache the two cache bits
 * @dh: DH, @dh.group 0 OAKLEY 5, 1 OAKLEY 1, 2 OAKLEY 2
 * @sign: SIGN, @sign.type enum mikey_sign_type
 * @t: T and TR, @t.type enum mikey_ts_type, @t.role 0 in T; @t.value four or eight octets
 * @id: ID and IDR, @id.type enum mikey_id_type, @id.role enum mikey_id_role, 0 in ID
 * @cert: CERT, @cert.type 0 X.509v3, 1 URL, 2 signature only, 3 encryption only
 * @chash: CHASH, @chash.func enum mikey_hash_func
 * @v: V, @v.alg enum mikey_mac_alg
 * @sp: SP, @sp.params the undecoded TLVs, see mikey_sp_next() and mikey_srtp_policy_get()
 * @rand: RAND and RANDR, @rand.role 0 in RAND
 * @err: ERR, @err.no enum mikey_error_no
 * @key: Key data (@key.type enum mikey_key_type) and SK (@key.type 1; no salt)
 * @ext: General Extension, @ext.type enum mikey_ext_type
 * @tp: TP and TICKET (RFC 6043 6.10); @tp.ticket and @tp.initiator only in TICKET; the inner
 *	structure of the three is left alone
 * @encr: IBAKE and ESK, the IBE ciphertext
 * @eccpt: ECCPT, @eccpt.curve enum mikey_curve, @eccpt.point 04 || X || Y without padding
 * @sakke: SAKKE (RFC 6509 4.2), opaque
 */
struct mikey_payload {
	uint8_t type;
	uint8_t next;
	size_t off;
	size_t len;
	const uint8_t *raw;
	union {
		struct {
			uint8_t encr_alg, mac_alg;
			struct mikey_oct encr, mac;
		} kemac;
		struct {
			uint8_t cache;
			struct mikey_oct data;
		} pke;
		struct {
			uint8_t group;
			struct mikey_oct value;
			struct mikey_kv kv;
		} dh;
		struct {
			uint8_t type;
			struct mikey_oct sig;
		} sign;
		struct {
			uint8_t type, role;
			struct mikey_oct value;
		} t;
		struct {
			uint8_t type, role;
			struct mikey_oct data;
		} id;
		struct {
			uint8_t type;
			struct mikey_oct data;
		} cert;
		struct {
			uint8_t func;
			struct mikey_oct hash;
		} chash;
		struct {
			uint8_t alg;
			struct mikey_oct mac;
		} v;
		struct {
			uint8_t policy, prot;
			struct mikey_oct params;
		} sp;
		struct {
			uint8_t role;
			struct mikey_oct data;
		} rand;
		struct {
			uint8_t no;
			uint16_t reserved;
		} err;
		struct {
			uint8_t type;
			struct mikey_oct data, salt;
			struct mikey_kv kv;
		} key;
		struct {
			uint8_t type;
			struct mikey_oct data;
		} ext;
		struct {
			uint16_t type;
			uint8_t subtype, version, prf;
			uint32_t flags; /* 17 bits: bit 16 is D, bit 5 is O, the low five reserved */
			struct mikey_oct data, ticket, initiator;
		} tp;
		struct mikey_oct encr;
		struct {
			uint8_t curve, auth_alg;
			uint16_t tgk_len;
			struct mikey_oct point;
			struct mikey_kv kv;
		} eccpt;
		struct {
			uint8_t params, id_scheme;
			struct mikey_oct data;
		} sakke;
	};
};

/**
 * struct mikey_chain - payloads in their order
 * @n: how many
 * @p: the first @n count
 */
struct mikey_chain {
	unsigned int n;
	struct mikey_payload p[MIKEY_PAYLOADS_MAX];
};

/**
 * struct mikey_hdr - common header (RFC 3830 6.1)
 * @version: 1
 * @type: enum mikey_data_type
 * @next: type of the first payload (set by the parser; the writer chains by itself)
 * @v: the V flag, a response is expected
 * @prf: enum mikey_prf_func
 * @csb_id: CSB ID
 * @n_cs: #CS
 * @map_type: enum mikey_map_type
 * @map: CS ID map info, undecoded; mikey_cs_get() reads it
 */
struct mikey_hdr {
	uint8_t version, type, next;
	bool v;
	uint8_t prf;
	uint32_t csb_id;
	uint8_t n_cs, map_type;
	struct mikey_oct map;
};

/**
 * struct mikey_msg - a parsed message; points into the octets it was parsed from
 * @data: the whole message
 * @len: its length
 * @hdr: common header
 * @chain: everything after it
 */
struct mikey_msg {
	const uint8_t *data;
	size_t len;
	struct mikey_hdr hdr;
	struct mikey_chain chain;
};

/**
 * struct mikey_cs - one crypto session of the CS ID map
 * @id: CS ID: 1, 2, ... in an SRTP-ID map (RFC 3830 6.1.1), as written in a GENERIC-ID map
 * @prot: security protocol, 0 SRTP (RFC 3830 6.10)
 * @policies: policy numbers: exactly one in an SRTP-ID map, #P in GENERIC-ID (RFC 6043 6.1.1)
 * @ssrc: SSRC; in an SRTP-ID map 0 means "not chosen yet"
 * @roc: rollover counter
 * @seq: sequence number, GENERIC-ID only
 * @s: S flag of GENERIC-ID: @roc and @seq are there
 * @has_ssrc: @ssrc is there (session data of GENERIC-ID may be left out)
 * @session: session data of GENERIC-ID as transported; for SRTP also decoded into the above
 * @spi: SPI or MKI, GENERIC-ID only
 */
struct mikey_cs {
	uint8_t id, prot;
	struct mikey_oct policies;
	uint32_t ssrc, roc;
	uint16_t seq;
	bool s, has_ssrc;
	struct mikey_oct session, spi;
};

/* ---- parse.c, payload.c ---- */

/**
 * mikey_parse - read a whole message
 * @data: any octets
 * @len: how many
 * @msg: filled; points into @data, which must outlive it. On failure it holds what came before the
 *	fault, for diagnostics: @msg->hdr.map.data is NULL where the header itself is malformed
 * @e: names the payload and the offset that was wrong
 *
 * Total: whatever the octets, it returns. Refused are octets after the last payload, payloads
 * after V or SIGN, Key data, SK and ECCPT in clear (RFC 3830 6.13, RFC 6267 6.1.4, 6.1.5),
 * payload types without a known length, and lengths that do not fit. What an RFC tells a receiver
 * to ignore (V flag, Reserved of ERR, ...) is kept but not judged. Unknown data types, PRF
 * functions and algorithm numbers parse wherever their length is known: the caller answers them
 * with the proper error number. Whether the payloads of a message type are all there is the
 * caller's business.
 *
 * Return: 0; -EMSGSIZE (too long), -E2BIG (too many payloads), -EPROTO (malformed),
 * -EPROTONOSUPPORT (version or a length that is not known).
 */
int mikey_parse(const uint8_t *data, size_t len, struct mikey_msg *msg, struct err *e);

/**
 * mikey_parse_chain - read the plaintext of IBAKE, ESK or KEMAC
 * @first: payload type of the first one, which no octet says (IDR for IBAKE and ESK)
 * @data: plaintext
 * @len: its length
 * @chain: filled on success; points into @data
 * @e: names the sub-payload and the offset that was wrong
 *
 * Holds ID, IDR, CERT, T, TR, RAND, RANDR, Key data, General Extension, SK and ECCPT; others are
 * refused. ECCPT: uncompressed point of P-256, P-384 or P-521 (others: -EPROTONOSUPPORT), padded
 * with zero octets up to a multiple of four from the start of the sub-payload. That the point
 * lies on its curve is for the caller to check.
 *
 * Return: as mikey_parse().
 */
int mikey_parse_chain(uint8_t first, const uint8_t *data, size_t len, struct mikey_chain *chain,
		      struct err *e);

/**
 * struct mikey_iter - position in a chain of any length
 * @data: the chain
 * @len: its octets
 * @off: where the next payload starts
 * @next: its type
 * @clear: a message's payloads, not an encrypted chain's
 */
struct mikey_iter {
	const uint8_t *data;
	size_t len, off;
	uint8_t next;
	bool clear;
};

/* Starts at the first sub-payload of a plaintext; same rules as mikey_parse_chain(). */
void mikey_chain_begin(struct mikey_iter *it, uint8_t first, const uint8_t *data, size_t len);
/* Return: 1 and @p filled; 0 at the end with every octet used; negative errno. */
int mikey_chain_next(struct mikey_iter *it, struct mikey_payload *p, struct err *e);

/* The @nth (from 0) payload of @type, NULL where there is none. */
const struct mikey_payload *mikey_chain_find(const struct mikey_chain *chain, uint8_t type,
					     unsigned int nth);
const struct mikey_payload *mikey_find(const struct mikey_msg *msg, uint8_t type, unsigned int nth);
/* The @nth (from 0) IDR payload with @role. */
const struct mikey_payload *mikey_find_idr(const struct mikey_chain *chain, uint8_t role,
					   unsigned int nth);
/* The @nth (from 0) General Extension of @ext_type. */
const struct mikey_payload *mikey_find_ext(const struct mikey_chain *chain, uint8_t ext_type,
					   unsigned int nth);

/* Crypto session number @i (from 0) of a parsed header; false where there is none or the map type
 * is not known.
 */
bool mikey_cs_get(const struct mikey_hdr *hdr, unsigned int i, struct mikey_cs *cs);

/* Octets are equal. Not constant-time: for identities, RANDs, timestamps. */
bool mikey_oct_equal(struct mikey_oct a, struct mikey_oct b);

/* Timestamp of a T or TR payload as the 64 bits that IVs and PRF inputs take: COUNTER with leading
 * zeros (RFC 3830 6.6), NTP-UTC-32 with zero fraction (RFC 6043 6.3).
 */
uint64_t mikey_ts64(const struct mikey_payload *t);

/* ---- write.c ---- */

/**
 * struct mikey_writer - appends a message or a chain and links the Next payload fields
 * @b: where to; the caller's
 * @start: where in @b this message or chain starts
 * @link: index in @b of the Next payload field that the next payload fills in, SIZE_MAX if none
 * @first: type of the first payload of a chain without header
 * @any: something was written
 * @ended: V or SIGN was written
 * @err: the first thing that was wrong
 *
 * Appending functions return nothing: mikey_write_end() says whether all went well.
 */
struct mikey_writer {
	struct buf *b;
	size_t start, link;
	uint8_t first;
	bool any, ended;
	struct err err;
};

/* Starts a chain without header (plaintexts of IBAKE, ESK, KEMAC) at the end of @b. */
void mikey_write_chain(struct mikey_writer *w, struct buf *b);

/**
 * mikey_write_msg - start a message with its common header at the end of @b
 * @w: initialised here
 * @b: appended to
 * @hdr: version, next and, where @cs is given, n_cs and map are ignored
 * @cs: the CS ID map, encoded as @hdr->map_type says: SRTP-ID takes the first policy number, and
 *	session i has CS ID i + 1; NULL: @hdr->n_cs and @hdr->map as they are, to repeat a received
 *	header
 * @n_cs: crypto sessions in @cs
 */
void mikey_write_msg(struct mikey_writer *w, struct buf *b, const struct mikey_hdr *hdr,
		     const struct mikey_cs *cs, unsigned int n_cs);

/* Any payload from its view; type and the union's member count, next, off, len, raw do not. */
void mikey_put(struct mikey_writer *w, const struct mikey_payload *p);

void mikey_put_t(struct mikey_writer *w, uint8_t ts_type, uint64_t value);
void mikey_put_rand(struct mikey_writer *w, const void *data, size_t len);
void mikey_put_id(struct mikey_writer *w, uint8_t type, const void *data, size_t len);
void mikey_put_idr(struct mikey_writer *w, uint8_t role, uint8_t type, const void *data, size_t len);
void mikey_put_ibake(struct mikey_writer *w, const void *encr, size_t len);
void mikey_put_esk(struct mikey_writer *w, const void *encr, size_t len);
/* With MAC algorithm NULL, as RFC 6043 and RFC 6267 4.2.1.3 have it. */
void mikey_put_kemac(struct mikey_writer *w, uint8_t encr_alg, const void *encr, size_t len);
void mikey_put_pke(struct mikey_writer *w, uint8_t cache, const void *data, size_t len);
void mikey_put_cert(struct mikey_writer *w, uint8_t type, const void *data, size_t len);
void mikey_put_chash(struct mikey_writer *w, uint8_t func, const void *hash, size_t len);
void mikey_put_err(struct mikey_writer *w, uint8_t no);
void mikey_put_ext(struct mikey_writer *w, uint8_t type, const void *data, size_t len);
/* @kv NULL: KV Null. @point is 04 || X || Y of the curve's length; padding is added. */
void mikey_put_eccpt(struct mikey_writer *w, uint8_t curve, const void *point, size_t len,
		     const struct mikey_kv *kv);
void mikey_put_sk(struct mikey_writer *w, const void *sk, size_t len, const struct mikey_kv *kv);
void mikey_put_key(struct mikey_writer *w, uint8_t type, const void *key, size_t len,
		   const void *salt, size_t salt_len, const struct mikey_kv *kv);

/**
 * mikey_write_end - finish
 * Return: 0, or a negative errno with the first thing that was wrong in @e. On failure @b is cut
 * back to where the message started.
 */
int mikey_write_end(struct mikey_writer *w, struct err *e);

/* Octets of an uncompressed point on @curve (65, 97, 133), 0 for curves that are not supported. */
size_t mikey_point_len(uint8_t curve);

/* ---- prf.c: every length of a key is in bits, a multiple of 8 and at least 64 ---- */

/**
 * mikey_prf - the PRF of RFC 3830 4.1.2, with HMAC-SHA-256 as RFC 6043 6.1 says
 * @prf: enum mikey_prf_func; others are refused with -EPROTONOSUPPORT
 * @inkey: input key, @inkey_bits bits of it
 * @label: constant and so on, @label_len octets
 * @out: receives @out_bits bits
 */
int mikey_prf(uint8_t prf, const void *inkey, size_t inkey_bits, const void *label,
	      size_t label_len, void *out, size_t out_bits, struct err *e);

/* RFC 6267 5.1: from K_SESSION (octets of the point, 8 * 65 bits with P-256) and RAND. */
int mikey_derive_mpk(uint8_t prf, const void *k_session, size_t k_bits, struct mikey_oct rnd,
		     void *out, size_t out_bits, struct err *e);
int mikey_derive_tgk(uint8_t prf, const void *k_session, size_t k_bits, struct mikey_oct rnd,
		     void *out, size_t out_bits, struct err *e);

/* RFC 3830 4.1.4, RFC 6267 5.2: from MPK, pre-shared key or envelope key. */
int mikey_derive_auth(uint8_t prf, const void *key, size_t key_bits, uint32_t csb_id,
		      struct mikey_oct rnd, void *out, size_t out_bits, struct err *e);
int mikey_derive_encr(uint8_t prf, const void *key, size_t key_bits, uint32_t csb_id,
		      struct mikey_oct rnd, void *out, size_t out_bits, struct err *e);
int mikey_derive_salt(uint8_t prf, const void *key, size_t key_bits, uint32_t csb_id,
		      struct mikey_oct rnd, void *out, size_t out_bits, struct err *e);

/* RFC 3830 4.1.3: SRTP master key and salt of crypto session @cs_id from its TGK. */
int mikey_derive_tek(uint8_t prf, const void *tgk, size_t tgk_bits, uint8_t cs_id, uint32_t csb_id,
		     struct mikey_oct rnd, void *out, size_t out_bits, struct err *e);
int mikey_derive_srtp_salt(uint8_t prf, const void *tgk, size_t tgk_bits, uint8_t cs_id,
			   uint32_t csb_id, struct mikey_oct rnd, void *out, size_t out_bits,
			   struct err *e);

/* ---- verify.c ---- */

/* MAC algorithm of V that goes with a PRF function: HMAC-SHA-256-256 with PRF-HMAC-SHA-256,
 * HMAC-SHA-1-160 with MIKEY-1 (RFC 6043 12.1); 0, which is NULL and never used, for others.
 */
uint8_t mikey_v_alg(uint8_t prf);
/* Length of a MAC in octets; -1 where the algorithm is not known. */
int mikey_mac_len(uint8_t mac_alg);

/**
 * mikey_v_input - what the MAC of V, or the signature of SIGN, is computed over
 * @msg: octets of the message that come before the MAC or the signature
 * @len: how many; V's or SIGN's own header is included
 * @ids: identity data (no payload headers) in the order that the profile says
 * @n_ids: how many
 * @out: appended: message, identities, and for V the timestamp
 * @e: sentence
 *
 * The message goes in octet for octet as it is sent, except that the octets of its ESK payloads,
 * each from its own Next payload field to the end of its Encr data, are left out (RFC 6267 5.4).
 * Nothing else changes: the payload before an ESK keeps "ESK" in its Next payload field, and V's
 * own Next payload is Last. The timestamp is the TS value as transported in the first T payload,
 * without payload header (RFC 3830 5.2; there only for V, so that SIGN gets none).
 */
int mikey_v_input(const uint8_t *msg, size_t len, const struct mikey_oct *ids, size_t n_ids,
		  struct buf *out, struct err *e);

/**
 * mikey_v_append - end a message with a V payload
 * @w: started with mikey_write_msg() and given all other payloads, a T among them
 * @auth_key: from mikey_derive_auth(), as many octets as the MAC has (20 or 32)
 * @key_len: its length in octets
 * @ids: identity data, for I and R messages IDi, IDr; for key requests IDRi/r..., IDRkms
 * @n_ids: how many
 * The PRF function of the header chooses the algorithm.
 */
void mikey_v_append(struct mikey_writer *w, const void *auth_key, size_t key_len,
		    const struct mikey_oct *ids, size_t n_ids);

/**
 * mikey_v_check - verify the V payload of a parsed message, in constant time
 * Return: 0; -EPROTO (no V, or no T), -EPROTONOSUPPORT (the algorithm is not the one that goes with
 * the PRF function; NULL above all), -EBADMSG (the MAC is wrong).
 */
int mikey_v_check(const struct mikey_msg *msg, const void *auth_key, size_t key_len,
		  const struct mikey_oct *ids, size_t n_ids, struct err *e);

/**
 * mikey_sign_begin - append the header of a SIGN payload and return what has to be signed
 * @sig_len: length that the signature will have, at most 4095
 * @out: appended: message up to the signature, then the identities (RFC 6267 5.4)
 * mikey_sign_end() appends the signature itself, of exactly that length.
 */
void mikey_sign_begin(struct mikey_writer *w, uint8_t type, size_t sig_len,
		      const struct mikey_oct *ids, size_t n_ids, struct buf *out);
void mikey_sign_end(struct mikey_writer *w, const void *sig, size_t sig_len);
/* The octets that the SIGN payload of @msg signs; -EPROTO where there is none. */
int mikey_sign_input(const struct mikey_msg *msg, const struct mikey_oct *ids, size_t n_ids,
		     struct buf *out, struct err *e);

/* ---- kemac.c ---- */

/**
 * struct mikey_guard - the three keys that protect a message (RFC 3830 4.1.4)
 * @encr_alg: AES-CM-128 with PRF MIKEY-1, AES-CM-256 with PRF-HMAC-SHA-256 (RFC 6043 12.1)
 * @encr: encr_key, @encr_len octets
 * @salt: salt_key, 112 bits
 * @auth: auth_key, @auth_len octets, for V
 */
struct mikey_guard {
	uint8_t encr_alg, prf;
	uint8_t encr[32], salt[14], auth[32];
	size_t encr_len, auth_len;
};

/* From PSK, envelope key or MPK of @key_bits bits. On failure @g is wiped. */
int mikey_guard_derive(struct mikey_guard *g, uint8_t prf, const void *key, size_t key_bits,
		       uint32_t csb_id, struct mikey_oct rnd, struct err *e);
void mikey_guard_wipe(struct mikey_guard *g);

/**
 * mikey_kemac_crypt - AES-CM of RFC 3830 4.2.3; the same both ways
 * @ts64: mikey_ts64() of the message's T
 * @in: plaintext or Encr data, at most 65535 octets
 * @out: appended
 *
 * Key, salt, CSB ID and T fix the key stream: never encrypt two different plaintexts with the same
 * four.
 */
int mikey_kemac_crypt(const struct mikey_guard *g, uint32_t csb_id, uint64_t ts64, const void *in,
		      size_t len, struct buf *out, struct err *e);
/* Opens a received KEMAC: refuses other algorithms than @g's, and a MAC algorithm but NULL. */
int mikey_kemac_open(const struct mikey_guard *g, const struct mikey_msg *msg, struct buf *out,
		     struct err *e);

/* ---- sp.c ---- */

/**
 * struct mikey_sp_param - one TLV of an SP payload (RFC 3830 6.10)
 * @type: enum mikey_sp_type where the security protocol is SRTP
 * @value: as transported
 */
struct mikey_sp_param {
	uint8_t type;
	struct mikey_oct value;
};

/* Reads the TLV at the front of *@rest and moves on. 1, 0 at the end, negative errno. */
int mikey_sp_next(struct mikey_oct *rest, struct mikey_sp_param *param, struct err *e);

/**
 * struct mikey_srtp_policy - SRTP policy in full; what a message leaves out has SRTP's default
 *
 * Lengths are octets. @tag_len is the HMAC tag (type 11) or, with AES-GCM, the AEAD tag (type 20).
 */
struct mikey_srtp_policy {
	uint8_t encr_alg;	/* enum mikey_srtp_encr */
	uint8_t encr_key_len;	/* master key length too */
	uint8_t auth_alg;	/* enum mikey_srtp_auth */
	uint8_t auth_key_len;
	uint8_t salt_len;
	uint8_t prf;		/* 0 AES-CM */
	uint32_t kdr;		/* key derivation rate, 0 or a power of two up to 2^24 */
	bool srtp_encr, srtcp_encr, srtp_auth;
	uint8_t fec_order;
	uint8_t tag_len;
	uint8_t prefix_len;
};

/* Named suites of RFC 4568, 6188 and 7714: "AES_CM_128_HMAC_SHA1_80", ..., "AEAD_AES_256_GCM". */
bool mikey_srtp_suite(const char *name, struct mikey_srtp_policy *p);
/* The name of a policy that equals a named suite, else NULL. */
const char *mikey_srtp_suite_name(const struct mikey_srtp_policy *p);
/* Policy of an SP payload with Prot type SRTP; -EPROTO for malformed or repeated parameters,
 * -EPROTONOSUPPORT for a parameter that is not known (answer: Invalid SPpar).
 */
int mikey_srtp_policy_get(const struct mikey_payload *sp, struct mikey_srtp_policy *p,
			  struct err *e);
/* Writes every parameter explicitly, so that no two readers' defaults can differ. */
void mikey_put_sp(struct mikey_writer *w, uint8_t policy_no, const struct mikey_srtp_policy *p);

/* ---- names.c: never NULL; "unknown" for what has no name ---- */

const char *mikey_type_name(uint8_t data_type);
const char *mikey_payload_name(uint8_t payload_type);
const char *mikey_error_name(uint8_t error_no);
const char *mikey_curve_name(uint8_t curve);

#endif
