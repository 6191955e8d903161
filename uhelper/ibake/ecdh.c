// SPDX-License-Identifier: GPL-2.0-or-later
/* Elliptic-curve Diffie-Hellman on the curves of RFC 6267 6.1.4 that are on offer.
 *
 * K_SESSION is the whole point, not only its x coordinate, so that OpenSSL's ECDH cannot be used;
 * EC_POINT_mul() of one point by a constant-time scalar can.
 */
#include <errno.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "base/secret.h"
#include "ibake/internal.h"

static EC_GROUP *curve_group(uint8_t curve)
{
	switch (curve) {
	case MIKEY_CURVE_P256:
		return EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	case MIKEY_CURVE_P384:
		return EC_GROUP_new_by_curve_name(NID_secp384r1);
	case MIKEY_CURVE_P521:
		return EC_GROUP_new_by_curve_name(NID_secp521r1);
	default:
		return NULL;
	}
}

/* The point that @octets spell, if it is on the curve and not its neutral element. All three
 * curves have cofactor 1: such a point is of the group's order.
 */
static EC_POINT *point_read(const EC_GROUP *g, uint8_t curve, const uint8_t *octets, size_t len,
			    BN_CTX *ctx)
{
	EC_POINT *p;

	if (len != mikey_point_len(curve) || octets[0] != POINT_CONVERSION_UNCOMPRESSED)
		return NULL;
	p = EC_POINT_new(g);
	if (p && EC_POINT_oct2point(g, p, octets, len, ctx) == 1 &&
	    EC_POINT_is_on_curve(g, p, ctx) == 1 && !EC_POINT_is_at_infinity(g, p))
		return p;
	EC_POINT_free(p);
	return NULL;
}

static bool point_write(const EC_GROUP *g, uint8_t curve, const EC_POINT *p, uint8_t *out,
			BN_CTX *ctx)
{
	size_t len = mikey_point_len(curve);

	return !EC_POINT_is_at_infinity(g, p) &&
	       EC_POINT_point2oct(g, p, POINT_CONVERSION_UNCOMPRESSED, out, len, ctx) == len;
}

size_t ibake_ecdh_generate(uint8_t curve, random_fn *random, void *arg, uint8_t *scalar,
			   uint8_t *point)
{
	EC_GROUP *g = curve_group(curve);
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *k = BN_secure_new();
	EC_POINT *p = NULL;
	size_t len = 0, n_len;
	int bits;

	if (!g || !ctx || !k)
		goto out;
	p = EC_POINT_new(g);
	if (!p)
		goto out;
	bits = BN_num_bits(EC_GROUP_get0_order(g));
	n_len = (size_t)(bits + 7) / 8;
	/* Uniform in [1, n-1]: what is outside is drawn again, which needs two rounds at most on
	 * average because the excess bits are cut off.
	 */
	do {
		random(arg, scalar, n_len);
		if (bits % 8)
			scalar[0] &= (uint8_t)((1 << bits % 8) - 1);
		if (!BN_bin2bn(scalar, (int)n_len, k))
			goto out;
	} while (BN_is_zero(k) || BN_cmp(k, EC_GROUP_get0_order(g)) >= 0);
	BN_set_flags(k, BN_FLG_CONSTTIME);
	if (EC_POINT_mul(g, p, k, NULL, NULL, ctx) == 1 && point_write(g, curve, p, point, ctx))
		len = n_len;
out:
	EC_POINT_clear_free(p);
	BN_clear_free(k);
	BN_CTX_free(ctx);
	EC_GROUP_free(g);
	return len;
}

int ibake_ecdh_check(uint8_t curve, const uint8_t *point, size_t len, struct err *e)
{
	EC_GROUP *g = curve_group(curve);
	EC_POINT *p;
	int ret = 0;

	if (!g)
		return err_set(e, EPROTONOSUPPORT, "curve %u is not supported", curve);
	p = point_read(g, curve, point, len, NULL);
	if (!p)
		ret = err_set(e, EBADMSG, "point is not on curve %s", mikey_curve_name(curve));
	EC_POINT_free(p);
	EC_GROUP_free(g);
	return ret;
}

int ibake_ecdh_shared(uint8_t curve, const uint8_t *scalar, size_t scalar_len, const uint8_t *point,
		      size_t point_len, uint8_t *k_session, struct err *e)
{
	EC_GROUP *g = curve_group(curve);
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *k = BN_secure_new();
	EC_POINT *p = NULL, *r = NULL;
	int ret;

	if (!g || !ctx || !k || !BN_bin2bn(scalar, (int)scalar_len, k)) {
		ret = err_set(e, g ? ENOMEM : EPROTONOSUPPORT, "curve %u cannot be used", curve);
		goto out;
	}
	BN_set_flags(k, BN_FLG_CONSTTIME);
	p = point_read(g, curve, point, point_len, ctx);
	if (!p) {
		ret = err_set(e, EBADMSG, "point is not on curve %s", mikey_curve_name(curve));
		goto out;
	}
	r = EC_POINT_new(g);
	if (!r || EC_POINT_mul(g, r, NULL, p, k, ctx) != 1 ||
	    !point_write(g, curve, r, k_session, ctx))
		ret = err_set(e, ENOMEM, "session key cannot be computed");
	else
		ret = 0;
out:
	EC_POINT_clear_free(r);
	EC_POINT_free(p);
	BN_clear_free(k);
	BN_CTX_free(ctx);
	EC_GROUP_free(g);
	return ret;
}
