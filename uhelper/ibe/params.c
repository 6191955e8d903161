// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/secret.h"
#include "ibe/bf.h"

struct ibe_params *ibe_params_get(struct ibe_params *params)
{
	if (params)
		atomic_fetch_add_explicit(&params->refs, 1, memory_order_relaxed);
	return params;
}

void ibe_params_put(struct ibe_params *params)
{
	if (params && atomic_fetch_sub_explicit(&params->refs, 1, memory_order_acq_rel) == 1)
		free(params);
}

unsigned int ibe_params_bits(const struct ibe_params *params)
{
	return params->c.f.bits;
}

const char *ibe_params_hash(const struct ibe_params *params)
{
	return params->hash.name;
}

size_t ibe_params_hash_len(const struct ibe_params *params)
{
	return params->hash.len;
}

bool ibe_params_equal(const struct ibe_params *a, const struct ibe_params *b)
{
	const struct field *f = &a->c.f;

	if (a == b)
		return true;
	return a->hash.nid == b->hash.nid && f->n == b->c.f.n && f->be == b->c.f.be &&
	       !memcmp(&f->p, &b->c.f.p, sizeof(f->p)) && !memcmp(a->c.q, b->c.q, sizeof(a->c.q)) &&
	       ec_affine_equal(f, &a->P, &b->P) && ec_affine_equal(f, &a->Ppub, &b->Ppub);
}

int ibe_point_from_octets(const struct field *f, struct ec_affine *r, const struct ibe_octets xy[2],
			  const char *what, struct err *e)
{
	struct fp *const to[2] = { &r->x, &r->y };
	uint8_t oct[FP_OCTETS_MAX];
	int i, ret = 0;

	for (i = 0; i < 2 && !ret; i++) {
		if (xy[i].len > f->octets) {
			ret = err_set(e, EINVAL, "%c of %s is not below p", "xy"[i], what);
			break;
		}
		memset(oct, 0, f->octets);
		memcpy(oct + f->octets - xy[i].len, xy[i].p, xy[i].len);
		if (!fp_from_octets(f, to[i], oct))
			ret = err_set(e, EINVAL, "%c of %s is not below p", "xy"[i], what);
	}
	secret_wipe(oct, sizeof(oct));
	if (!ret && !ec_on_curve(f, r))
		ret = err_set(e, EINVAL, "%s is not on the curve", what);
	return ret;
}

static int point_of_order_q(const struct type1 *c, struct ec_affine *r,
			    const struct ibe_octets xy[2], const char *what, struct err *e)
{
	int ret = ibe_point_from_octets(&c->f, r, xy, what, e);

	if (ret)
		return ret;
	ret = ec_has_order(&c->f, r, c->q, c->qbits);
	if (ret < 0)
		return err_set(e, -ret, "out of memory");
	return ret ? 0 : err_set(e, EINVAL, "%s is not of order q", what);
}

int ibe_params_build(const struct ibe_hash *hash, struct ibe_octets p, struct ibe_octets q,
		     const struct ibe_octets P[2], const struct ibe_octets Ppub[2],
		     struct ibe_params **params, struct err *e)
{
	struct ibe_params *n = calloc(1, sizeof(*n));
	int ret;

	if (!n)
		return err_set(e, ENOMEM, "out of memory");
	atomic_init(&n->refs, 1);
	n->hash = *hash;
	ret = type1_init(&n->c, p.p, p.len, q.p, q.len, e);
	if (!ret)
		ret = point_of_order_q(&n->c, &n->P, P, "P", e);
	if (!ret)
		ret = point_of_order_q(&n->c, &n->Ppub, Ppub, "P_pub", e);
	if (ret) {
		free(n);
		return ret;
	}
	*params = n;
	return 0;
}

struct ibe_master *ibe_master_new(const struct ibe_params *params)
{
	struct ibe_master *m = secret_alloc(sizeof(*m));

	/* Counting references does not change what is immutable about them. */
	if (m)
		m->params = ibe_params_get((struct ibe_params *)params);
	return m;
}

void ibe_master_free(struct ibe_master *master)
{
	if (!master)
		return;
	ibe_params_put(master->params);
	secret_free(master, sizeof(*master));
}

struct ibe_key *ibe_key_new(const struct ibe_params *params)
{
	struct ibe_key *k = secret_alloc(sizeof(*k));

	if (k)
		k->params = ibe_params_get((struct ibe_params *)params);
	return k;
}

void ibe_key_free(struct ibe_key *key)
{
	if (!key)
		return;
	ibe_params_put(key->params);
	secret_free(key, sizeof(*key));
}
