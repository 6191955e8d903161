// SPDX-License-Identifier: GPL-2.0-or-later
/* RFC 5091 section 8: the octets of parameters, keys and ciphertexts. */
#include <errno.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "ibe/bf.h"

#define VERSION 2
#define CURVE_OID "2.16.840.1.114334.1.1.1.1"
/* A level's 7680 bits make five such integers; nothing longer is even decoded. */
#define PARAMS_DER_MAX 8192u
#define SECRET_DER_MAX 4096u

struct fp_point {
	ASN1_INTEGER *x;
	ASN1_INTEGER *y;
};

struct bf_params {
	ASN1_INTEGER *version;
	ASN1_OBJECT *curve;
	ASN1_INTEGER *p;
	ASN1_INTEGER *q;
	struct fp_point *P;
	struct fp_point *Ppub;
	ASN1_OBJECT *hash;
};

struct bf_key {
	ASN1_INTEGER *version;
	struct fp_point *S;
};

struct bf_master {
	ASN1_INTEGER *version;
	ASN1_INTEGER *s;
};

struct bf_ciphertext {
	ASN1_INTEGER *version;
	struct fp_point *u;
	ASN1_OCTET_STRING *v;
	ASN1_OCTET_STRING *w;
};

typedef struct fp_point FP_POINT;
typedef struct bf_params BF_PARAMS;
typedef struct bf_key BF_KEY;
typedef struct bf_master BF_MASTER;
typedef struct bf_ciphertext BF_CIPHERTEXT;

/* What OpenSSL frees it does not wipe. From here it is, also where the decoder gives up half-way. */
static void wipe_integer(ASN1_INTEGER *a)
{
	if (a && a->data)
		secret_wipe(a->data, (size_t)a->length);
}

static int point_cb(int op, ASN1_VALUE **v, const ASN1_ITEM *it, void *arg)
{
	const struct fp_point *pt = (const struct fp_point *)*v;

	if (op == ASN1_OP_FREE_PRE) {
		wipe_integer(pt->x);
		wipe_integer(pt->y);
	}
	return 1;
}

static int master_cb(int op, ASN1_VALUE **v, const ASN1_ITEM *it, void *arg)
{
	if (op == ASN1_OP_FREE_PRE)
		wipe_integer(((const struct bf_master *)*v)->s);
	return 1;
}

ASN1_SEQUENCE_cb(FP_POINT, point_cb) = {
	ASN1_SIMPLE(FP_POINT, x, ASN1_INTEGER),
	ASN1_SIMPLE(FP_POINT, y, ASN1_INTEGER),
} static_ASN1_SEQUENCE_END_cb(FP_POINT, FP_POINT)

ASN1_SEQUENCE(BF_PARAMS) = {
	ASN1_SIMPLE(BF_PARAMS, version, ASN1_INTEGER),
	ASN1_SIMPLE(BF_PARAMS, curve, ASN1_OBJECT),
	ASN1_SIMPLE(BF_PARAMS, p, ASN1_INTEGER),
	ASN1_SIMPLE(BF_PARAMS, q, ASN1_INTEGER),
	ASN1_SIMPLE(BF_PARAMS, P, FP_POINT),
	ASN1_SIMPLE(BF_PARAMS, Ppub, FP_POINT),
	ASN1_SIMPLE(BF_PARAMS, hash, ASN1_OBJECT),
} static_ASN1_SEQUENCE_END(BF_PARAMS)

ASN1_SEQUENCE(BF_KEY) = {
	ASN1_SIMPLE(BF_KEY, version, ASN1_INTEGER),
	ASN1_SIMPLE(BF_KEY, S, FP_POINT),
} static_ASN1_SEQUENCE_END(BF_KEY)

ASN1_SEQUENCE_cb(BF_MASTER, master_cb) = {
	ASN1_SIMPLE(BF_MASTER, version, ASN1_INTEGER),
	ASN1_SIMPLE(BF_MASTER, s, ASN1_INTEGER),
} static_ASN1_SEQUENCE_END_cb(BF_MASTER, BF_MASTER)

ASN1_SEQUENCE(BF_CIPHERTEXT) = {
	ASN1_SIMPLE(BF_CIPHERTEXT, version, ASN1_INTEGER),
	ASN1_SIMPLE(BF_CIPHERTEXT, u, FP_POINT),
	ASN1_SIMPLE(BF_CIPHERTEXT, v, ASN1_OCTET_STRING),
	ASN1_SIMPLE(BF_CIPHERTEXT, w, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(BF_CIPHERTEXT)

static int nomem(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

/* Appends the encoding of @v; wipes what OpenSSL made on the way. */
static int encode(const void *v, const ASN1_ITEM *it, struct buf *out)
{
	unsigned char *der = NULL;
	int len = ASN1_item_i2d(v, &der, it);

	if (len < 0)
		return -ENOMEM;
	buf_put(out, der, (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	return out->failed ? -ENOMEM : 0;
}

/*
 * OpenSSL's decoder takes lengths and integers in more than one form and octets after the end:
 * what does not encode to the same octets again is refused.
 */
static void *decode(const uint8_t *der, size_t len, size_t max, const ASN1_ITEM *it,
		    const char *what, struct err *e)
{
	const unsigned char *p = der;
	struct buf again = BUF_INIT;
	void *v;
	bool same;

	if (len > max) {
		err_set(e, EBADMSG, "%zu octets are too many for a %s", len, what);
		return NULL;
	}
	v = ASN1_item_d2i(NULL, &p, (long)len, it);
	if (!v) {
		err_set(e, EBADMSG, "this is not a %s", what);
		return NULL;
	}
	if (encode(v, it, &again)) {
		nomem(e);
		same = false;
	} else {
		same = again.len == len && !memcmp(again.data, der, len);
		if (!same)
			err_set(e, EBADMSG, "the %s is not in DER, or octets follow it", what);
	}
	buf_free(&again);
	if (same)
		return v;
	ASN1_item_free(v, it);
	return NULL;
}

static int check_version(const ASN1_INTEGER *v, const char *what, struct err *e)
{
	if (ASN1_INTEGER_get(v) == VERSION)
		return 0;
	return err_set(e, EOPNOTSUPP, "the version of the %s is not 2", what);
}

/* The magnitude; a negative integer is refused. */
static int unsigned_octets(const ASN1_INTEGER *a, struct ibe_octets *o, const char *what,
			   struct err *e)
{
	if (ASN1_STRING_type(a) & V_ASN1_NEG)
		return err_set(e, EINVAL, "%s is negative", what);
	o->p = ASN1_STRING_get0_data(a);
	o->len = (size_t)ASN1_STRING_length(a);
	return 0;
}

static int point_octets(const struct fp_point *pt, struct ibe_octets xy[2], const char *what,
			struct err *e)
{
	int ret = unsigned_octets(pt->x, &xy[0], what, e);

	return ret ? ret : unsigned_octets(pt->y, &xy[1], what, e);
}

static int set_integer(ASN1_INTEGER *a, const uint8_t *oct, size_t len)
{
	while (len > 1 && !*oct) {
		oct++;
		len--;
	}
	return ASN1_STRING_set(a, oct, (int)len) ? 0 : -ENOMEM;
}

static int set_point(const struct field *f, struct fp_point *pt, const struct ec_affine *a)
{
	uint8_t oct[FP_OCTETS_MAX];
	int ret;

	fp_to_octets(f, oct, &a->x);
	ret = set_integer(pt->x, oct, f->octets);
	fp_to_octets(f, oct, &a->y);
	if (!ret)
		ret = set_integer(pt->y, oct, f->octets);
	secret_wipe(oct, sizeof(oct));
	return ret;
}

static void limbs_to_octets(uint8_t *out, size_t len, const uint64_t *l)
{
	size_t i;

	for (i = 0; i < len; i++)
		out[len - 1 - i] = (uint8_t)(l[i / 8] >> (8 * (i % 8)));
}

static int set_limbs(ASN1_INTEGER *a, const uint64_t *l, size_t len)
{
	uint8_t oct[FP_OCTETS_MAX];
	int ret;

	limbs_to_octets(oct, len, l);
	ret = set_integer(a, oct, len);
	secret_wipe(oct, sizeof(oct));
	return ret;
}

/* --- parameters --- */

static int check_primes(struct ibe_octets p, struct ibe_octets q, struct err *e)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bp = BN_bin2bn(p.p, (int)p.len, NULL), *bq = BN_bin2bn(q.p, (int)q.len, NULL);
	int ret;

	if (!ctx || !bp || !bq) {
		ret = nomem(e);
		goto out;
	}
	ret = ibe_prime_test(bq, PRIME_ROUNDS, ctx);
	if (ret == 1) {
		ret = ibe_prime_test(bp, PRIME_ROUNDS, ctx);
		if (ret == 1)
			ret = 0;
		else
			ret = ret ? nomem(e) : err_set(e, EINVAL, "p is not a prime");
	} else {
		ret = ret ? nomem(e) : err_set(e, EINVAL, "q is not a prime");
	}
out:
	BN_free(bp);
	BN_free(bq);
	BN_CTX_free(ctx);
	return ret;
}

static unsigned int octets_bits(struct ibe_octets o)
{
	while (o.len && !*o.p) {
		o.p++;
		o.len--;
	}
	return o.len ? (unsigned int)(8 * o.len) - (unsigned int)__builtin_clz(*o.p) + 24 : 0;
}

static int check_level(const struct bf_params *v, struct ibe_octets p, struct ibe_octets q,
		       const struct ibe_level **level, struct err *e)
{
	char curve[64];

	if (OBJ_obj2txt(curve, sizeof(curve), v->curve, 1) < 0 || strcmp(curve, CURVE_OID))
		return err_set(e, EOPNOTSUPP, "the curve is not the type-1 curve of RFC 5091");
	*level = ibe_level_find(octets_bits(p));
	if (!*level)
		return err_set(e, EOPNOTSUPP, "p has %u bits, which is no level of RFC 5091",
			       octets_bits(p));
	if (octets_bits(q) != (*level)->q_bits)
		return err_set(e, EOPNOTSUPP, "q has %u bits where p of %u bits wants %u",
			       octets_bits(q), (*level)->p_bits, (*level)->q_bits);
	if (OBJ_obj2nid(v->hash) != (*level)->hash.nid)
		return err_set(e, EOPNOTSUPP, "the hash function is not the %s of p of %u bits",
			       (*level)->hash.name, (*level)->p_bits);
	return 0;
}

static int params_from(const struct bf_params *v, struct ibe_params **params, struct err *e)
{
	struct ibe_octets p = { NULL, 0 }, q = { NULL, 0 }, P[2], Ppub[2];
	const struct ibe_level *level = NULL;
	struct ibe_params *n;
	int ret;

	ret = check_version(v->version, "BFPublicParameters", e);
	if (!ret)
		ret = unsigned_octets(v->p, &p, "p", e);
	if (!ret)
		ret = unsigned_octets(v->q, &q, "q", e);
	if (!ret)
		ret = point_octets(v->P, P, "a coordinate of P", e);
	if (!ret)
		ret = point_octets(v->Ppub, Ppub, "a coordinate of P_pub", e);
	if (!ret)
		ret = check_level(v, p, q, &level, e);
	if (!ret)
		ret = check_primes(p, q, e);
	if (!ret)
		ret = ibe_params_build(&level->hash, p, q, P, Ppub, &n, e);
	if (ret)
		return ret;
	if (!ibe_is_solinas(&n->c)) {
		ibe_params_put(n);
		return err_set(e, EINVAL, "q is not a Solinas prime, 2^a +- 2^b +- 1");
	}
	*params = n;
	return 0;
}

int ibe_params_from_der(const uint8_t *der, size_t len, struct ibe_params **params,
			struct err *e)
{
	struct err local = ERR_INIT;
	BF_PARAMS *v;
	int ret;

	if (!e)
		e = &local;
	v = decode(der, len, PARAMS_DER_MAX, ASN1_ITEM_rptr(BF_PARAMS), "BFPublicParameters", e);
	if (!v)
		return -e->code;
	ret = params_from(v, params, e);
	ASN1_item_free((ASN1_VALUE *)v, ASN1_ITEM_rptr(BF_PARAMS));
	return ret;
}

int ibe_params_to_der(const struct ibe_params *params, struct buf *out)
{
	const struct field *f = &params->c.f;
	BF_PARAMS *v = (BF_PARAMS *)ASN1_item_new(ASN1_ITEM_rptr(BF_PARAMS));
	int ret = -ENOMEM;

	if (!v)
		return ret;
	v->curve = OBJ_txt2obj(CURVE_OID, 1);
	v->hash = OBJ_nid2obj(params->hash.nid);
	if (v->curve && v->hash && ASN1_INTEGER_set(v->version, VERSION) &&
	    !set_limbs(v->p, f->p.l, f->octets) &&
	    !set_limbs(v->q, params->c.q, params->c.fq.octets) && !set_point(f, v->P, &params->P) &&
	    !set_point(f, v->Ppub, &params->Ppub))
		ret = encode(v, ASN1_ITEM_rptr(BF_PARAMS), out);
	ASN1_item_free((ASN1_VALUE *)v, ASN1_ITEM_rptr(BF_PARAMS));
	return ret;
}

/* --- master secret --- */

static int master_from(const struct ibe_params *params, const struct bf_master *v,
		       struct ibe_master **master, struct err *e)
{
	const struct type1 *c = &params->c;
	struct ibe_octets s = { NULL, 0 };
	struct ibe_master *m;
	struct ec_point pub;
	struct ec_affine a;
	uint8_t oct[TYPE1_Q_BITS_MAX / 8] = { 0 };
	struct fp t;
	int ret;

	ret = check_version(v->version, "BFMasterSecret", e);
	if (!ret)
		ret = unsigned_octets(v->s, &s, "the master secret", e);
	if (ret)
		return ret;
	if (s.len > c->fq.octets)
		return err_set(e, EINVAL, "the master secret is not below q");
	m = ibe_master_new(params);
	if (!m)
		return nomem(e);
	if (s.len)
		memcpy(oct + c->fq.octets - s.len, s.p, s.len);
	if (!fp_from_octets(&c->fq, &t, oct))
		ret = err_set(e, EINVAL, "the master secret is not below q");
	limbs_from_octets(m->s, TYPE1_Q_LIMBS, oct, c->fq.octets);
	if (!ret && ec_mul(&c->f, &pub, &params->P, m->s, c->qbits))
		ret = nomem(e);
	if (!ret) {
		ec_to_affine(&c->f, &a, &pub);
		if (!ec_affine_equal(&c->f, &a, &params->Ppub))
			ret = err_set(e, EINVAL, "this is not the master secret of these parameters");
		else if (limbs_bits(m->s, TYPE1_Q_LIMBS) < 2)
			ret = err_set(e, EINVAL, "the master secret is below 2");
	}
	secret_wipe(oct, sizeof(oct));
	secret_wipe(&t, sizeof(t));
	secret_wipe(&pub, sizeof(pub));
	fp_burn_stack();
	if (ret)
		ibe_master_free(m);
	else
		*master = m;
	return ret;
}

int ibe_master_from_der(const struct ibe_params *params, const uint8_t *der, size_t len,
			struct ibe_master **master, struct err *e)
{
	struct err local = ERR_INIT;
	BF_MASTER *v;
	int ret;

	if (!e)
		e = &local;
	v = decode(der, len, SECRET_DER_MAX, ASN1_ITEM_rptr(BF_MASTER), "BFMasterSecret", e);
	if (!v)
		return -e->code;
	ret = master_from(params, v, master, e);
	ASN1_item_free((ASN1_VALUE *)v, ASN1_ITEM_rptr(BF_MASTER));
	return ret;
}

int ibe_master_to_der(const struct ibe_master *master, struct buf *out)
{
	BF_MASTER *v = (BF_MASTER *)ASN1_item_new(ASN1_ITEM_rptr(BF_MASTER));
	int ret = -ENOMEM;

	if (!v)
		return ret;
	if (ASN1_INTEGER_set(v->version, VERSION) &&
	    !set_limbs(v->s, master->s, master->params->c.fq.octets))
		ret = encode(v, ASN1_ITEM_rptr(BF_MASTER), out);
	ASN1_item_free((ASN1_VALUE *)v, ASN1_ITEM_rptr(BF_MASTER));
	return ret;
}

/* --- private key --- */

static int key_from(const struct ibe_params *params, const struct bf_key *v,
		    struct ibe_key **key, struct err *e)
{
	const struct type1 *c = &params->c;
	struct ibe_octets xy[2];
	struct ibe_key *k;
	int ret;

	ret = check_version(v->version, "BFPrivateKeyBlock", e);
	if (!ret)
		ret = point_octets(v->S, xy, "a coordinate of the private key", e);
	if (ret)
		return ret;
	k = ibe_key_new(params);
	if (!k)
		return nomem(e);
	ret = ibe_point_from_octets(&c->f, &k->S, xy, "the private key", e);
	if (!ret) {
		ret = ec_has_order(&c->f, &k->S, c->q, c->qbits);
		if (ret == 1)
			ret = 0;
		else
			ret = ret ? nomem(e) :
				    err_set(e, EINVAL, "the private key is not of order q");
	}
	fp_burn_stack();
	if (ret)
		ibe_key_free(k);
	else
		*key = k;
	return ret;
}

int ibe_key_from_der(const struct ibe_params *params, const uint8_t *der, size_t len,
		     struct ibe_key **key, struct err *e)
{
	struct err local = ERR_INIT;
	BF_KEY *v;
	int ret;

	if (!e)
		e = &local;
	v = decode(der, len, SECRET_DER_MAX, ASN1_ITEM_rptr(BF_KEY), "BFPrivateKeyBlock", e);
	if (!v)
		return -e->code;
	ret = key_from(params, v, key, e);
	ASN1_item_free((ASN1_VALUE *)v, ASN1_ITEM_rptr(BF_KEY));
	return ret;
}

int ibe_key_to_der(const struct ibe_key *key, struct buf *out)
{
	BF_KEY *v = (BF_KEY *)ASN1_item_new(ASN1_ITEM_rptr(BF_KEY));
	int ret = -ENOMEM;

	if (!v)
		return ret;
	if (ASN1_INTEGER_set(v->version, VERSION) && !set_point(&key->params->c.f, v->S, &key->S))
		ret = encode(v, ASN1_ITEM_rptr(BF_KEY), out);
	ASN1_item_free((ASN1_VALUE *)v, ASN1_ITEM_rptr(BF_KEY));
	fp_burn_stack();
	return ret;
}

/* --- ciphertext --- */

int ibe_ciphertext_to_der(const struct field *f, const struct ec_affine *U, const uint8_t *v,
			  size_t v_len, const uint8_t *w, size_t w_len, struct buf *out)
{
	BF_CIPHERTEXT *ct = (BF_CIPHERTEXT *)ASN1_item_new(ASN1_ITEM_rptr(BF_CIPHERTEXT));
	int ret = -ENOMEM;

	if (!ct)
		return ret;
	if (ASN1_INTEGER_set(ct->version, VERSION) && !set_point(f, ct->u, U) &&
	    ASN1_STRING_set(ct->v, v, (int)v_len) && ASN1_STRING_set(ct->w, w, (int)w_len))
		ret = encode(ct, ASN1_ITEM_rptr(BF_CIPHERTEXT), out);
	ASN1_item_free((ASN1_VALUE *)ct, ASN1_ITEM_rptr(BF_CIPHERTEXT));
	return ret;
}

static int ciphertext_from(const struct ibe_params *params, const struct bf_ciphertext *v,
			   struct ibe_ciphertext *ct, struct err *e)
{
	struct ibe_octets xy[2];
	size_t v_len = (size_t)ASN1_STRING_length(v->v), w_len = (size_t)ASN1_STRING_length(v->w);
	int ret;

	ret = check_version(v->version, "BFCiphertextBlock", e);
	if (!ret)
		ret = point_octets(v->u, xy, "a coordinate of U", e);
	if (!ret)
		ret = ibe_point_from_octets(&params->c.f, &ct->U, xy, "U", e);
	if (ret)
		return ret;
	if (v_len != params->hash.len)
		return err_set(e, EBADMSG, "V has %zu octets, not the %zu of %s", v_len,
			       params->hash.len, params->hash.name);
	if (w_len > IBE_PLAINTEXT_MAX)
		return err_set(e, EBADMSG, "W has %zu octets, more than %u", w_len,
			       IBE_PLAINTEXT_MAX);
	memcpy(ct->v, ASN1_STRING_get0_data(v->v), v_len);
	buf_put(ct->w, ASN1_STRING_get0_data(v->w), w_len);
	return ct->w->failed ? nomem(e) : 0;
}

int ibe_ciphertext_from_der(const struct ibe_params *params, const uint8_t *der, size_t len,
			    struct ibe_ciphertext *ct, struct err *e)
{
	struct err local = ERR_INIT;
	BF_CIPHERTEXT *v;
	int ret;

	if (!e)
		e = &local;
	v = decode(der, len, IBE_PLAINTEXT_MAX + SECRET_DER_MAX, ASN1_ITEM_rptr(BF_CIPHERTEXT),
		   "BFCiphertextBlock", e);
	if (!v)
		return -e->code;
	ret = ciphertext_from(params, v, ct, e);
	ASN1_item_free((ASN1_VALUE *)v, ASN1_ITEM_rptr(BF_CIPHERTEXT));
	/* One code for a message that cannot be one of ours, as promised in ibe.h. */
	if (ret && ret != -ENOMEM) {
		e->code = EBADMSG;
		ret = -EBADMSG;
	}
	return ret;
}
