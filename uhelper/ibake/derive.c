// SPDX-License-Identifier: GPL-2.0-or-later
/* From the session key to the keys of the media (RFC 6267 section 5). */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/secret.h"
#include "ibake/internal.h"

#define FINGERPRINT_LABEL "MIKEY-IBAKE call fingerprint"

static struct mikey_oct rnd(const struct ibake_call *c)
{
	return (struct mikey_oct){c->rnd, c->rnd_len};
}

int ibake_keys_agree(struct ibake_call *c, const uint8_t *scalar, size_t scalar_len,
		     const uint8_t *other, struct call_secret *s, struct err *e)
{
	struct {
		uint8_t k_session[POINT_MAX];
		uint8_t mpk[MASTER_LEN];
	} *tmp = secret_alloc(sizeof(*tmp));
	int ret;

	if (!tmp)
		return err_set(e, ENOMEM, "out of memory");
	ret = ibake_ecdh_shared(c->curve, scalar, scalar_len, other, c->point_len, tmp->k_session,
				e);
	if (!ret)
		ret = mikey_derive_mpk(c->prf, tmp->k_session, 8 * c->point_len, rnd(c), tmp->mpk,
				       8 * MASTER_LEN, e);
	if (!ret)
		ret = mikey_derive_tgk(c->prf, tmp->k_session, 8 * c->point_len, rnd(c), s->tgk,
				       8 * MASTER_LEN, e);
	if (!ret) {
		s->auth_len = c->prf == MIKEY_PRF_MIKEY_1 ? 20 : 32;
		ret = mikey_derive_auth(c->prf, tmp->mpk, 8 * MASTER_LEN, c->csb_id, rnd(c),
					s->auth, 8 * s->auth_len, e);
	}
	secret_free(tmp, sizeof(*tmp));
	return ret;
}

static int fingerprint(struct ibake_call *c, struct err *e)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (!HMAC(EVP_sha256(), c->secret->auth, (int)c->secret->auth_len,
		  (const uint8_t *)FINGERPRINT_LABEL, strlen(FINGERPRINT_LABEL), mac, &len) ||
	    len < IBAKE_FINGERPRINT_LEN)
		return err_set(e, EIO, "fingerprint cannot be computed");
	memcpy(c->fingerprint, mac, IBAKE_FINGERPRINT_LEN);
	return 0;
}

static int session_keys(const struct ibake_call *c, struct ibake_cs_keys *k, uint8_t id,
			struct err *e)
{
	struct mikey_srtp_policy p;
	int ret;

	if (!mikey_srtp_suite(c->suite, &p) || p.encr_key_len > sizeof(k->key) ||
	    p.salt_len > sizeof(k->salt))
		return err_set(e, EOPNOTSUPP, "suite %s cannot be keyed", c->suite);
	k->id = id;
	k->transmit = (id % 2 == 1) == (c->role == IBAKE_INITIATOR);
	k->suite = c->suite;
	k->key_len = p.encr_key_len;
	k->salt_len = p.salt_len;
	ret = mikey_derive_tek(c->prf, c->secret->tgk, 8 * MASTER_LEN, id, c->csb_id, rnd(c),
			       k->key, 8 * k->key_len, e);
	if (!ret)
		ret = mikey_derive_srtp_salt(c->prf, c->secret->tgk, 8 * MASTER_LEN, id, c->csb_id,
					     rnd(c), k->salt, 8 * k->salt_len, e);
	return ret;
}

int ibake_keys_hand_over(struct ibake_call *c, struct err *e)
{
	struct ibake_keys *k = secret_alloc(sizeof(*k));
	struct ibake_event ev;
	int ret;

	if (!k)
		return err_set(e, ENOMEM, "out of memory");
	ret = fingerprint(c, e);
	for (unsigned int i = 0; !ret && i < c->n_cs; i++)
		ret = session_keys(c, &k->cs[i], (uint8_t)(i + 1), e);
	if (ret)
		goto out;
	k->role = c->role;
	k->csb_id = c->csb_id;
	memcpy(k->mki, c->mki, IBAKE_MKI_LEN);
	memcpy(k->fingerprint, c->fingerprint, IBAKE_FINGERPRINT_LEN);
	k->bound = c->bound;
	k->provisional = c->role == IBAKE_RESPONDER;
	k->n_cs = c->n_cs;
	c->keyed = true;
	c->en->stats.calls_keyed++;
	ev = (struct ibake_event){
		.kind = IBAKE_EV_KEYED,
		.call = c->id,
		.role = c->role,
		.local_uri = c->local,
		.peer_uri = c->peer_uri,
		.peer = &c->peer,
		.reason = "",
		.keys = k,
	};
	c->en->ops.event(c->en->arg, &ev);
out:
	secret_free(k, sizeof(*k));
	return ret;
}
