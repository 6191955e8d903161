// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys into ksrtp.ko, and the objects that an earlier daemon left there. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/config.h"
#include "daemon/keying.h"
#include "netlink/ksrtp.h"

struct keying {
	struct ksrtp_nl *nl;
	struct ksrtp_events *events;
	struct event *ev;
	char instance[9];
	unsigned int grace;
	void (*news)(void *arg, const char *call, enum keying_news what);
	void *arg;
};

static const uint32_t suites[CONFIG_SUITES] = {
	[CONFIG_SUITE_AES_CM_128_HMAC_SHA1_80] = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
	[CONFIG_SUITE_AES_CM_128_HMAC_SHA1_32] = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
};

static void cookie_fill(const struct keying *k, const char *call, bool initiator, char part,
			struct ksrtp_cookie *out)
{
	struct keying_cookie c = { .initiator = initiator, .part = part };

	memcpy(c.instance, k->instance, sizeof(c.instance));
	memcpy(c.name, call, strnlen(call, CALL_NAME_MAX));
	out->len = keying_cookie_write(&c, out->data);
}

static void on_event(const struct ksrtp_event *ev, void *arg)
{
	struct keying *k = arg;
	struct keying_cookie c;

	if (!keying_cookie_read(ev->cookie.data, ev->cookie.len, &c) ||
	    strcmp(c.instance, k->instance))
		return;
	if (ev->cmd == KSRTP_CMD_SSRC_NEW_NTF && c.part == 'r')
		k->news(k->arg, c.name, KEYING_AUTHENTIC);
	else if (ev->cmd == KSRTP_CMD_BLOCKED_NTF && ev->has_sa)
		k->news(k->arg, c.name, KEYING_WIPED);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct keying *k = arg;
	struct err e = ERR_INIT;

	/* Lost events do no harm: what matters is also looked up once a second. */
	if (ksrtp_events_read(k->events, on_event, k, &e) && e.code != ENOBUFS && e.code != EAGAIN)
		log_warn("kernel events: %s", e.msg);
}

static void nl_close(struct keying *k)
{
	if (!k)
		return;
	if (k->ev)
		event_free(k->ev);
	ksrtp_events_close(k->events);
	ksrtp_nl_close(k->nl);
	free(k);
}

static int nl_open(struct event_base *base, const char *instance, unsigned int grace,
		   void (*news)(void *arg, const char *call, enum keying_news what), void *arg,
		   struct keying **out, struct err *e)
{
	struct keying *k = calloc(1, sizeof(*k));
	int ret;

	if (!k)
		return err_set(e, ENOMEM, "out of memory");
	memcpy(k->instance, instance, strnlen(instance, sizeof(k->instance) - 1));
	k->grace = grace;
	k->news = news;
	k->arg = arg;
	ret = ksrtp_nl_open(&k->nl, e);
	if (!ret)
		ret = ksrtp_events_open(&k->events, e);
	if (ret)
		goto fail;
	k->ev = event_new(base, ksrtp_events_fd(k->events), EV_READ | EV_PERSIST, on_readable, k);
	if (!k->ev || event_add(k->ev, NULL)) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto fail;
	}
	*out = k;
	return 0;
fail:
	nl_close(k);
	return ret;
}

static int sa_up(struct keying *k, const char *call, bool initiator, bool tx,
		 const struct keying_material *km, struct keying_ref *ref, struct err *e)
{
	const struct keying_key *key = tx ? &km->tx : &km->rx;
	struct ksrtp_sa_new sa = {
		.direction = tx ? KSRTP_DIRECTION_TX : KSRTP_DIRECTION_RX,
		.suite = suites[km->suite],
		.mki_len = KEYING_MKI_LEN,
		.owned = true,
		.grace = k->grace,
	};
	struct ksrtp_key_new kn = {
		.mki.len = KEYING_MKI_LEN,
		.key = key->key,
		.key_len = sizeof(key->key),
		.salt = key->salt,
		.salt_len = sizeof(key->salt),
		.active = tx,
	};
	struct ksrtp_ref r;
	int ret;

	cookie_fill(k, call, initiator, tx ? 't' : 'r', &sa.cookie);
	ret = ksrtp_sa_add(k->nl, &sa, &r, e);
	if (ret)
		return ret;
	*ref = (struct keying_ref){ r.id, r.generation };
	kn.sa_id = r.id;
	memcpy(kn.mki.data, km->mki, KEYING_MKI_LEN);
	return ksrtp_key_add(k->nl, &kn, e);
}

static int flow_up(struct keying *k, const char *call, bool initiator, const struct media *m,
		   enum leg leg, struct keying_refs *refs, struct err *e)
{
	/* What comes in on one leg leaves by the other, RTP from the RTP port and RTCP likewise. */
	static const enum leg other[LEGS] = {
		[LEG_PLAIN_RTP] = LEG_SECURE_RTP,
		[LEG_PLAIN_RTCP] = LEG_SECURE_RTCP,
		[LEG_SECURE_RTP] = LEG_PLAIN_RTP,
		[LEG_SECURE_RTCP] = LEG_PLAIN_RTCP,
	};
	bool rtcp = leg == LEG_PLAIN_RTCP || leg == LEG_SECURE_RTCP;
	bool plain = leg == LEG_PLAIN_RTP || leg == LEG_PLAIN_RTCP;
	struct ksrtp_flow_new f = {
		.kind = rtcp ? KSRTP_KIND_RTCP : KSRTP_KIND_RTP,
		.socket_fd = m->fd[leg],
		.rx_sa = plain ? 0 : refs->sa_rx.id,
		.n_dst = 1,
		.owned = true,
		.grace = k->grace,
	};
	struct ksrtp_ref r;
	struct addr a;
	int ret;

	/*
	 * Nothing authenticates the plain leg, so it is tied to the phone's address; phones often
	 * send from another port than they receive on. SRTP's tag speaks for the secure leg, which
	 * thereby survives a change of the peer's address on the way.
	 */
	if (plain) {
		media_far(&m->addrs, leg, &a);
		f.remote = a.ss;
		if (a.ss.ss_family == AF_INET)
			((struct sockaddr_in *)&f.remote)->sin_port = 0;
		else
			((struct sockaddr_in6 *)&f.remote)->sin6_port = 0;
	}
	media_far(&m->addrs, other[leg], &a);
	f.dst[0].addr = a.ss;
	f.dst[0].socket_fd = m->fd[other[leg]];
	f.dst[0].tx_sa = plain ? refs->sa_tx.id : 0;
	cookie_fill(k, call, initiator, (char)('0' + leg), &f.cookie);
	ret = ksrtp_flow_add(k->nl, &f, &r, e);
	if (!ret)
		refs->flow[leg] = (struct keying_ref){ r.id, r.generation };
	return ret;
}

static int nl_down(struct keying *k, struct keying_refs *refs, struct err *e)
{
	struct keying_ref *sas[] = { &refs->sa_tx, &refs->sa_rx };
	struct err each = ERR_INIT;
	int ret = 0, one;

	for (int leg = 0; leg < LEGS; leg++) {
		if (!refs->flow[leg].id)
			continue;
		one = ksrtp_flow_del(k->nl, refs->flow[leg].id, refs->flow[leg].generation, &each);
		if (one && one != -ENOENT)
			ret = one;
		refs->flow[leg].id = 0;
	}
	for (int i = 0; i < 2; i++) {
		if (!sas[i]->id)
			continue;
		one = ksrtp_sa_del(k->nl, sas[i]->id, sas[i]->generation, &each);
		if (one && one != -ENOENT)
			ret = one;
		sas[i]->id = 0;
	}
	return ret ? err_set(e, -ret, "%s", each.msg) : 0;
}

static int nl_up(struct keying *k, const char *call, bool initiator, const struct media *m,
		 const struct keying_material *km, struct keying_refs *refs, struct err *e)
{
	int ret;

	memset(refs, 0, sizeof(*refs));
	ret = sa_up(k, call, initiator, true, km, &refs->sa_tx, e);
	if (!ret)
		ret = sa_up(k, call, initiator, false, km, &refs->sa_rx, e);
	for (int leg = 0; leg < LEGS && !ret; leg++)
		ret = flow_up(k, call, initiator, m, (enum leg)leg, refs, e);
	if (ret) {
		struct err ignored = ERR_INIT;

		nl_down(k, refs, &ignored);
	}
	return ret;
}

static bool nl_authentic(struct keying *k, const struct keying_refs *refs)
{
	struct ksrtp_filter filter = { .id = refs->sa_rx.id };
	struct ksrtp_sa_list list = { 0 };
	struct err e = ERR_INIT;
	bool yes = false;

	if (!ksrtp_sa_dump(k->nl, &filter, &list, &e))
		for (size_t i = 0; i < list.n; i++)
			for (size_t s = 0; s < list.v[i].n_keys; s++)
				yes |= list.v[i].ref.generation == refs->sa_rx.generation &&
				       list.v[i].keys[s].packets;
	ksrtp_sa_list_free(&list);
	return yes;
}

/**
 * struct gathered - the calls of an earlier daemon while they are put together
 * @v: one for each name
 * @whole: bit for each sa (0, 1) and flow (2 + leg) that is there and usable
 * @owned: somebody who lives owns part of it, so it is not ours to take or to delete
 */
struct gathered {
	struct one {
		struct keying_found found;
		unsigned int whole;
		bool owned;
	} *v;
	size_t n;
};

#define WHOLE ((1u << (2 + LEGS)) - 1)

static struct one *gather(struct gathered *g, const struct keying_cookie *c)
{
	struct one *v;

	for (size_t i = 0; i < g->n; i++)
		if (!strcmp(g->v[i].found.name, c->name))
			return &g->v[i];
	v = reallocarray(g->v, g->n + 1, sizeof(*v));
	if (!v)
		return NULL;
	g->v = v;
	v += g->n++;
	memset(v, 0, sizeof(*v));
	memcpy(v->found.name, c->name, sizeof(v->found.name));
	v->found.initiator = c->initiator;
	v->found.suite = -1;
	for (int leg = 0; leg < LEGS; leg++)
		v->found.media.fd[leg] = -1;
	return v;
}

static void gather_sa(struct keying *k, struct gathered *g, const struct ksrtp_sa *sa)
{
	struct keying_cookie c;
	struct err e = ERR_INIT;
	struct one *o;
	bool tx;
	int ret;

	if (!keying_cookie_read(sa->cookie.data, sa->cookie.len, &c) ||
	    strcmp(c.instance, k->instance) || (c.part != 't' && c.part != 'r'))
		return;
	o = gather(g, &c);
	if (!o)
		return;
	tx = c.part == 't';
	*(tx ? &o->found.refs.sa_tx : &o->found.refs.sa_rx) =
		(struct keying_ref){ sa->ref.id, sa->ref.generation };
	for (int s = 0; s < CONFIG_SUITES; s++)
		if (suites[s] == sa->suite)
			o->found.suite = s;
	if (sa->state == KSRTP_STATE_WIPED || !sa->n_keys)
		return;
	for (size_t i = 0; i < sa->n_keys; i++)
		if ((sa->keys[i].active || sa->n_keys == 1) && sa->keys[i].mki.len == KEYING_MKI_LEN)
			memcpy(o->found.mki, sa->keys[i].mki.data, KEYING_MKI_LEN);
	ret = ksrtp_sa_claim(k->nl, &sa->ref, (int)k->grace, &e);
	if (ret)
		log_warn("call %s: cannot take over sa %u: %s", c.name, sa->ref.id, e.msg);
	o->owned |= ret == -EBUSY;
	if (!ret)
		o->whole |= 1u << (tx ? 0 : 1);
}

static void addr_from(struct addr *a, const struct sockaddr_storage *ss)
{
	a->ss = *ss;
	a->len = ss->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					     sizeof(struct sockaddr_in);
}

static void gather_flow(struct keying *k, struct gathered *g, const struct ksrtp_flow *f)
{
	struct keying_cookie c;
	struct err e = ERR_INIT;
	struct media_addrs *a;
	struct one *o;
	int leg, ret;

	if (!keying_cookie_read(f->cookie.data, f->cookie.len, &c) ||
	    strcmp(c.instance, k->instance) || c.part < '0' || c.part >= '0' + LEGS)
		return;
	o = gather(g, &c);
	if (!o)
		return;
	leg = c.part - '0';
	o->found.refs.flow[leg] = (struct keying_ref){ f->ref.id, f->ref.generation };
	a = &o->found.media.addrs;
	if (leg == LEG_PLAIN_RTP) {
		addr_from(&a->plain, &f->local);
		if (f->n_dst)
			addr_from(&a->remote, &f->dst[0].addr);
	} else if (leg == LEG_SECURE_RTP) {
		addr_from(&a->secure, &f->local);
		if (f->n_dst)
			addr_from(&a->phone, &f->dst[0].addr);
	}
	if (f->state == KSRTP_STATE_WIPED)
		return;
	ret = ksrtp_flow_claim(k->nl, &f->ref, (int)k->grace, &o->found.media.fd[leg], &e);
	if (ret)
		log_warn("call %s: cannot take over flow %u: %s", c.name, f->ref.id, e.msg);
	o->owned |= ret == -EBUSY;
	if (!ret)
		o->whole |= 1u << (2 + leg);
}

static int nl_adopt(struct keying *k, bool (*fn)(void *arg, struct keying_found *found), void *arg,
		    struct err *e)
{
	struct ksrtp_sa_list sas = { 0 };
	struct ksrtp_flow_list flows = { 0 };
	struct gathered g = { 0 };
	int ret;

	ret = ksrtp_sa_dump(k->nl, NULL, &sas, e);
	if (!ret)
		ret = ksrtp_flow_dump(k->nl, NULL, &flows, e);
	if (ret)
		goto out;
	for (size_t i = 0; i < sas.n; i++)
		gather_sa(k, &g, &sas.v[i]);
	for (size_t i = 0; i < flows.n; i++)
		gather_flow(k, &g, &flows.v[i]);
	for (size_t i = 0; i < g.n; i++) {
		struct keying_found *f = &g.v[i].found;
		struct err each = ERR_INIT;

		if (g.v[i].whole == WHOLE && fn(arg, f))
			continue;
		media_close(&f->media);
		if (g.v[i].owned)
			continue;
		log_warn("call %s: what is left of it in the kernel is deleted", f->name);
		if (nl_down(k, &f->refs, &each))
			log_warn("call %s: %s", f->name, each.msg);
	}
out:
	free(g.v);
	ksrtp_sa_list_free(&sas);
	ksrtp_flow_list_free(&flows);
	return ret;
}

const struct keying_ops keying_netlink = {
	.open = nl_open,
	.close = nl_close,
	.up = nl_up,
	.down = nl_down,
	.authentic = nl_authentic,
	.adopt = nl_adopt,
};
