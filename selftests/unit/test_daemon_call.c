// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two daemons in one process, with real keys at 512 bits and real datagrams on 127.0.0.1; only the
 * kernel is a recorder of what it would have been told.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/log.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/daemon.h"
#include "daemon/udp.h"
#include "ibe/ibe.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"
#include "kms/keystore.h"
#include "kms/kms.h"

#define ALICE "sip:alice@a.example"
#define BOB "sip:bob@b.example"
#define DAY 86400

/* ---- the recorder in the kernel's place ---- */

struct keying {
	char instance[9];
	int ups, downs;
	struct keying_material km;
	bool authentic;
	void (*news)(void *arg, const char *call, enum keying_news what);
	void *arg;
};

static struct keying *kernel[2];
static bool with_ipv6;
static int open_code, up_code, refusing;
static struct keying_found left_over;

static int rec_open(struct event_base *base, const char *instance, unsigned int grace,
		    void (*news)(void *arg, const char *call, enum keying_news what), void *arg,
		    struct keying **out, struct err *e)
{
	struct keying *k;

	if (open_code)
		return err_set(e, open_code, "the kernel module ksrtp is not loaded");
	k = calloc(1, sizeof(*k));
	snprintf(k->instance, sizeof(k->instance), "%s", instance);
	k->news = news;
	k->arg = arg;
	kernel[kernel[0] ? 1 : 0] = k;
	*out = k;
	return 0;
}

static void rec_close(struct keying *k)
{
	for (int i = 0; i < 2; i++)
		if (kernel[i] == k)
			kernel[i] = NULL;
	free(k);
}

static int rec_up(struct keying *k, const char *call, bool initiator, const struct media *m,
		  const struct keying_material *km, struct keying_refs *refs, struct err *e)
{
	if (up_code && k == kernel[refusing])
		return err_set(e, up_code, "too many sas in this network namespace");
	for (int leg = 0; leg < LEGS; leg++) {
		assert_true(m->fd[leg] >= 0);
		refs->flow[leg] = (struct keying_ref){ 10u + (uint32_t)leg, 1 };
	}
	refs->sa_tx = (struct keying_ref){ 1, 1 };
	refs->sa_rx = (struct keying_ref){ 2, 1 };
	k->km = *km;
	k->ups++;
	return 0;
}

static int rec_down(struct keying *k, struct keying_refs *refs, struct err *e)
{
	k->downs++;
	return 0;
}

static bool rec_authentic(struct keying *k, const struct keying_refs *refs)
{
	return k->authentic;
}

static int rec_adopt(struct keying *k, bool (*fn)(void *arg, struct keying_found *found),
		     void *arg, struct err *e)
{
	if (left_over.name[0]) {
		assert_true(fn(arg, &left_over));
		left_over.name[0] = '\0';
	}
	return 0;
}

static const struct keying_ops recorder = { rec_open, rec_close, rec_up, rec_down, rec_authentic,
					    rec_adopt };

/* ---- two gateways ---- */

static char top[64];
static struct ibe_sysparams *district[2];
static struct ibe_master *master[2];

struct gateway {
	struct event_base *loop;
	struct config cfg;
	struct daemon *d;
	int fd;
	char line[65536];
	size_t len;
};

static struct event_base *loop;
static struct gateway gw[2];

static void put_keys(int x, const char *uri)
{
	struct kms_params_store *params;
	struct kms_keystore *ks;
	struct err e = ERR_INIT;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/%d", top, x);
	assert_int_equal(kms_params_open(dir, &params, &e), 0);
	for (int i = 0; i < 2; i++) {
		struct buf der = BUF_INIT;

		assert_int_equal(ibe_sysparams_to_der(district[i], &der), 0);
		assert_int_equal(kms_params_import(params, der.data, der.len, NULL, &e), 0);
		buf_free(&der);
	}
	assert_int_equal(kms_keystore_open(dir, params, &ks, &e), 0);
	/* Tomorrow's too: the test may run across midnight. */
	for (int64_t t = time(NULL), last = t + DAY; t <= last; t += DAY) {
		int64_t from = ibe_period_start(t, DAY);
		struct buf id = BUF_INIT, der = BUF_INIT;
		struct ibe_key *key;

		assert_int_equal(ibe_identity(district[x], (const uint8_t *)uri, strlen(uri), from, &id,
					      &e), 0);
		assert_int_equal(ibe_extract(district[x]->bf, master[x], id.data, id.len, &key, &e), 0);
		assert_int_equal(ibe_key_to_der(key, &der), 0);
		assert_int_equal(kms_keystore_put(ks, district[x], uri, from, from + DAY, der.data,
						  der.len, &e), 0);
		ibe_key_free(key);
		buf_free(&id);
		buf_free(&der);
	}
	kms_keystore_close(ks);
	kms_params_close(params);
}

static int group_setup(void **state)
{
	static const char *const host[] = { "a.example", "b.example" };
	struct err e = ERR_INIT;
	int64_t now = time(NULL);

	log_level(LOG_CRIT);
	snprintf(top, sizeof(top), "/tmp/test_daemon_call.XXXXXX");
	assert_non_null(mkdtemp(top));
	for (int i = 0; i < 2; i++) {
		struct ibe_params *p;

		assert_int_equal(ibe_setup(512, NULL, NULL, &p, &master[i], &e), 0);
		assert_int_equal(ibe_sysparams_new(host[i], 1, now - 2 * DAY, now + 9 * DAY, DAY, p,
						   &district[i], &e), 0);
		ibe_params_put(p);
	}
	put_keys(0, ALICE);
	put_keys(1, BOB);
	return 0;
}

static int group_teardown(void **state)
{
	char command[128];

	for (int i = 0; i < 2; i++) {
		ibe_sysparams_put(district[i]);
		ibe_master_free(master[i]);
	}
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) ? 1 : 0;
}

static int dial(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void start(int x, const char *more)
{
	char path[128];
	struct err e = ERR_INIT;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%d.conf", top, x);
	f = fopen(path, "w");
	fprintf(f, "listen = ( \"127.0.0.%d:22690\"", x + 1);
	if (with_ipv6)
		fprintf(f, ", \"[::]:2269%d\"", x + 5);
	fprintf(f, " ); workers = 1;\n");
	fprintf(f, "control = \"%s/%d.sock\";\n", top, x);
	fprintf(f, "keystore = \"%s/%d\"; params = \"%s/%d\"; state = \"%s/state\";\n", top, x, top, x,
		top);
	fprintf(f, "identities = ( { uri = \"%s\"; } );\n", x ? BOB : ALICE);
	fprintf(f, "routes = ( { identity = \"%s\"; plain = \"127.0.0.%d:24000\";"
		" phone = \"127.0.0.9:24000\"; secure = \"127.0.0.%d:25000\";"
		" remote = \"127.0.0.%d:25000\"; } );\n%s\n", x ? BOB : ALICE, x + 1, x + 1,
		2 - x, more);
	fclose(f);
	if (config_load(path, &gw[x].cfg, &e))
		fail_msg("%s", e.msg);
	gw[x].d = daemon_new(loop, &gw[x].cfg, &recorder, &e);
	if (!gw[x].d)
		fail_msg("%s", e.msg);
	snprintf(path, sizeof(path), "%s/%d.sock", top, x);
	gw[x].fd = dial(path);
	gw[x].len = 0;
}

static void stop(int x, bool flush)
{
	daemon_free(gw[x].d, flush);
	config_free(&gw[x].cfg);
	close(gw[x].fd);
	memset(&gw[x], 0, sizeof(gw[x]));
}

/* The next line from gateway @x; the loop runs meanwhile. A minute is a hang, not a measure. */
static json_t *next_line(int x)
{
	struct gateway *g = &gw[x];
	time_t end = time(NULL) + 60;

	for (;;) {
		char *nl = memchr(g->line, '\n', g->len);
		ssize_t n;

		if (nl) {
			json_t *o = json_loadb(g->line, (size_t)(nl - g->line), 0, NULL);

			g->len -= (size_t)(nl + 1 - g->line);
			memmove(g->line, nl + 1, g->len);
			assert_non_null(o);
			return o;
		}
		assert_true(time(NULL) < end);
		event_base_loop(loop, EVLOOP_ONCE);
		n = recv(g->fd, g->line + g->len, sizeof(g->line) - g->len, MSG_DONTWAIT);
		g->len += n > 0 ? (size_t)n : 0;
	}
}

/* The last line of the answer; @lines counts those before it. */
static json_t *say(int x, const char *text, int *lines)
{
	json_t *o;

	assert_int_equal(write(gw[x].fd, text, strlen(text)), strlen(text));
	assert_int_equal(write(gw[x].fd, "\n", 1), 1);
	for (;;) {
		o = next_line(x);
		if (json_object_get(o, "ok"))
			return o;
		if (lines)
			(*lines)++;
		json_decref(o);
	}
}

static void refused(int x, const char *text, const char *word)
{
	json_t *o = say(x, text, NULL);
	const char *why = json_string_value(json_object_get(o, "error"));

	assert_true(json_is_false(json_object_get(o, "ok")));
	assert_non_null(why);
	if (!strstr(why, word))
		fail_msg("\"%s\" does not say \"%s\"", why, word);
	json_decref(o);
}

/* Text of a member of the only call of @x; "" where there is no call. */
static const char *shown(int x, const char *member)
{
	static char text[4][512];
	static int turn;
	json_t *o = say(x, "{\"command\":\"call-show\"}", NULL);
	const json_t *c = json_array_get(json_object_get(o, "calls"), 0);
	const json_t *v = json_object_get(c, member);

	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof(text[turn]), "%s", json_is_string(v) ? json_string_value(v) :
		 json_is_true(v) ? "true" : "");
	json_decref(o);
	return text[turn];
}

static void until(int x, const char *member, const char *value)
{
	time_t end = time(NULL) + 60;

	while (strcmp(shown(x, member), value)) {
		assert_true(time(NULL) < end);
		event_base_loop(loop, EVLOOP_ONCE);
	}
}

#define LEGS_A "\"plain\":\"127.0.0.1:24000\",\"phone\":\"127.0.0.8:24000\","			\
	       "\"secure\":\"127.0.0.1:25000\",\"remote\":\"127.0.0.2:25000\""
#define ADD(name, from, to, via)								\
	"{\"command\":\"call-add\",\"name\":\"" name "\",\"from\":\"" from "\",\"to\":\"" to "\","	\
	"\"via\":\"" via "\"," LEGS_A ",\"wait\":60}"
#define ADD_GOOD ADD("c1", ALICE, BOB, "127.0.0.2:22690")

static int test_setup(void **state)
{
	loop = event_base_new();
	open_code = up_code = 0;
	with_ipv6 = false;
	return 0;
}

static int test_teardown(void **state)
{
	for (int x = 0; x < 2; x++)
		if (gw[x].d)
			stop(x, true);
	event_base_free(loop);
	return 0;
}

static void both(const char *more)
{
	start(0, more);
	start(1, more);
}

static void whole_call(void **state)
{
	struct keying_material *a, *b;
	int lines = 0;
	json_t *o;

	both("");
	o = say(0, ADD_GOOD, &lines);
	assert_true(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	assert_in_range(lines, 3, 16);
	assert_string_equal(shown(0, "state"), "keyed");
	until(1, "state", "provisional");
	assert_string_equal(shown(0, "role"), "initiator");
	assert_string_equal(shown(1, "role"), "responder");
	assert_string_equal(shown(0, "peer"), BOB);
	assert_string_equal(shown(1, "peer"), ALICE);
	assert_int_equal(strlen(shown(0, "fingerprint")), 32);
	assert_string_equal(shown(0, "fingerprint"), shown(1, "fingerprint"));
	assert_string_equal(shown(0, "mki"), shown(1, "mki"));
	assert_string_equal(shown(0, "suite"), "AES_CM_128_HMAC_SHA1_80");
	assert_string_equal(shown(0, "bound"), "true");
	assert_string_equal(shown(1, "bound"), "true");
	assert_int_equal(kernel[0]->ups, 1);
	assert_int_equal(kernel[1]->ups, 1);
	a = &kernel[0]->km;
	b = &kernel[1]->km;
	assert_memory_equal(&a->tx, &b->rx, sizeof(a->tx));
	assert_memory_equal(&a->rx, &b->tx, sizeof(a->rx));
	assert_memory_not_equal(&a->rx, &a->tx, sizeof(a->rx));
	assert_memory_equal(a->mki, b->mki, sizeof(a->mki));

	/* The peer's media verifies: the keys stay. */
	kernel[1]->news(kernel[1]->arg, shown(1, "name"), KEYING_AUTHENTIC);
	assert_string_equal(shown(1, "state"), "keyed");

	refused(0, ADD_GOOD, "there is a call c1 already");
	refused(0, ADD("c2", ALICE, BOB, "127.0.0.2:22690"), "port in use: 127.0.0.1:24000");
	assert_string_equal(shown(0, "name"), "c1");
	refused(0, "{\"command\":\"call-del\",\"name\":\"c2\"}", "there is no call c2");
	json_decref(say(0, "{\"command\":\"call-del\",\"name\":\"c1\"}", NULL));
	assert_int_equal(kernel[0]->downs, 1);
	assert_string_equal(shown(0, "name"), "");

	/* The ports are free again, and the peer lets the new call take the place of the old one. */
	o = say(0, ADD_GOOD, NULL);
	assert_true(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	until(1, "name", "in2");
	until(1, "state", "provisional");
	assert_int_equal(kernel[1]->downs, 1);
	assert_string_equal(shown(0, "fingerprint"), shown(1, "fingerprint"));
}

static void no_key_shown(void **state)
{
	struct buf hex = BUF_INIT, b64 = BUF_INIT, file = BUF_INIT;
	struct err e = ERR_INIT;
	char *text, path[160];
	json_t *o;

	both("");
	json_decref(say(0, ADD_GOOD, NULL));
	buf_hex(&hex, kernel[0]->km.tx.key, KEYING_KEY_LEN);
	buf_u8(&hex, 0);
	buf_base64(&b64, kernel[0]->km.tx.key, KEYING_KEY_LEN);
	buf_u8(&b64, 0);
	o = say(0, "{\"command\":\"call-show\",\"name\":\"c1\"}", NULL);
	text = json_dumps(o, 0);
	assert_null(strstr(text, (char *)hex.data));
	assert_null(strstr(text, (char *)b64.data));
	assert_non_null(strstr(text, "I_MESSAGE_1"));
	snprintf(path, sizeof(path), "%s/state/%s-c1.json", top, gw[0].d->instance);
	assert_int_equal(buf_read_file(&file, path, 65536, &e), 0);
	buf_u8(&file, 0);
	assert_null(strstr((char *)file.data, (char *)hex.data));
	free(text);
	json_decref(o);
	buf_free(&hex);
	buf_free(&b64);
	buf_free(&file);
}

static void refusals(void **state)
{
	both("");
	refused(0, ADD("c1", "sip:eve@a.example", BOB, "127.0.0.2:22690"), "none of the identities");
	refused(0, ADD("c1", "mailto:alice@a.example", BOB, "127.0.0.2:22690"), "");
	refused(0, ADD("c1", ALICE, "sip:carol@c.example", "127.0.0.2:22690"), "c.example");
	refused(0, ADD("c1", ALICE, BOB, "[::1]:22690"), "family");
	assert_string_equal(shown(0, "name"), "");
	assert_int_equal(kernel[0]->ups, 0);
	assert_int_equal(kernel[1]->ups, 0);
}

static void unknown_callee(void **state)
{
	/* B has no key and no route for that name; A hears nothing and gives up. */
	both("limits = { give-up = 1; };");
	refused(0, ADD("c1", ALICE, "sip:carol@b.example", "127.0.0.2:22690"), "call c1 failed");
	assert_string_equal(shown(0, "state"), "failed");
	assert_string_equal(shown(1, "name"), "");
	assert_int_equal(kernel[0]->ups + kernel[1]->ups, 0);
}

static void silent_peer(void **state)
{
	start(0, "limits = { give-up = 1; };");
	refused(0, ADD("c1", ALICE, BOB, "127.0.0.2:22691"), "call c1 failed");
	assert_string_equal(shown(0, "state"), "failed");
	assert_true(strlen(shown(0, "reason")) > 10);
	/* A failed call keeps neither its ports nor its name. */
	refused(0, ADD("c1", ALICE, BOB, "127.0.0.2:22691"), "call c1 failed");
	assert_int_equal(kernel[0]->ups, 0);
}

/* The timer stands on the next deadline, half a second away, and not on "at once" all the time. */
static void sleeps_until_deadline(void **state)
{
	struct timeval before, at, least = { 0, 400000 };

	start(0, "limits = { give-up = 1; };");
	gettimeofday(&before, NULL);
	json_decref(say(0, "{\"command\":\"call-add\",\"name\":\"c1\",\"from\":\"" ALICE
			"\",\"to\":\"" BOB "\",\"via\":\"127.0.0.2:22691\"," LEGS_A "}", NULL));
	while (!gw[0].d->calls->n_messages)
		event_base_loop(loop, EVLOOP_ONCE);
	assert_true(evtimer_pending(gw[0].d->timer, &at));
	evutil_timeradd(&before, &least, &before);
	assert_true(evutil_timercmp(&at, &before, >=));
}

static const struct call *keyed_call(int x)
{
	const struct call *c;

	for (c = gw[x].d->calls; c && !(gw_call_live(c) && c->has_keys); c = c->next)
		;
	return c;
}

static bool settled(int x)
{
	for (const struct call *c = gw[x].d->calls; c; c = c->next)
		if (c->state == CALL_INITIATING || c->state == CALL_ANSWERING)
			return false;
	return keyed_call(x);
}

/* Both sides call at the same time, on the same ports: one call comes of it, not none. */
static void both_at_once(void **state)
{
	static const char a[] = "{\"command\":\"call-add\",\"name\":\"c1\",\"from\":\"" ALICE
		"\",\"to\":\"" BOB "\",\"via\":\"127.0.0.2:22690\"," LEGS_A "}";
	static const char b[] = "{\"command\":\"call-add\",\"name\":\"c2\",\"from\":\"" BOB
		"\",\"to\":\"" ALICE "\",\"via\":\"127.0.0.1:22690\","
		"\"plain\":\"127.0.0.2:24000\",\"phone\":\"127.0.0.9:24000\","
		"\"secure\":\"127.0.0.2:25000\",\"remote\":\"127.0.0.1:25000\"}";
	time_t end = time(NULL) + 60;

	both("limits = { give-up = 3; };");
	json_decref(say(0, a, NULL));
	json_decref(say(1, b, NULL));
	while (!settled(0) || !settled(1)) {
		assert_true(time(NULL) < end);
		event_base_loop(loop, EVLOOP_ONCE);
	}
	assert_string_equal(keyed_call(0)->name, "c1");
	assert_memory_equal(keyed_call(0)->fingerprint, keyed_call(1)->fingerprint,
			    IBAKE_FINGERPRINT_LEN);
}

/* Who has a /64 does not have as many buckets as addresses. */
static void source_of_ipv6(void **state)
{
	struct addr six = { 0 }, via = { 0 };
	struct ibake_peer p[3];
	static const char *const at[] = { "[2001:db8:0:1::1]:2269", "[2001:db8:0:1:9::]:2269",
					  "[2001:db8:0:2::1]:2269" };
	struct err e = ERR_INIT;
	struct udp *four, *u;

	start(0, "");
	assert_int_equal(addr_parse("[::1]:22690", 0, &six, &e), 0);
	u = udp_new(loop, &six, NULL, NULL, &e);
	if (!u)
		skip(); /* no IPv6 here */
	four = gw[0].d->udp[0];
	gw[0].d->udp[0] = u;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(addr_parse(at[i], 0, &via, &e), 0);
		assert_int_equal(exchange_path(gw[0].d, &via, &p[i], &e), 0);
	}
	gw[0].d->udp[0] = four;
	udp_free(u);
	assert_memory_equal(p[0].octets, p[1].octets, p[0].source_len);
	assert_memory_not_equal(p[0].octets, p[2].octets, p[0].source_len);
}

static void no_module(void **state)
{
	open_code = ENOENT;
	start(0, "");
	refused(0, ADD_GOOD, "module ksrtp is not loaded");
	assert_string_equal(shown(0, "name"), "");
	/* As soon as it is loaded, the next call finds it. */
	open_code = 0;
	start(1, "");
	json_decref(say(0, ADD_GOOD, NULL));
	assert_string_equal(shown(0, "state"), "keyed");
}

static void kernel_refuses(void **state)
{
	both("limits = { give-up = 2; };");
	up_code = EMFILE;
	refusing = 0;
	refused(0, ADD_GOOD, "too many sas");
	assert_string_equal(shown(0, "state"), "failed");
	assert_int_equal(kernel[0]->ups, 0);
	/* What B put up for the first call makes way; its own refusal leaves A without an answer. */
	refusing = 1;
	refused(0, ADD_GOOD, "call c1 failed");
	assert_string_equal(shown(1, "state"), "failed");
	assert_string_equal(shown(1, "reason"), "too many sas in this network namespace");
}

static void provisional_expires(void **state)
{
	both("limits = { provisional = 1; };");
	json_decref(say(0, ADD_GOOD, NULL));
	until(1, "state", "failed");
	assert_int_equal(kernel[1]->ups, 1);
	assert_int_equal(kernel[1]->downs, 1);
}

static void confirmed_by_counter(void **state)
{
	both("");
	json_decref(say(0, ADD_GOOD, NULL));
	until(1, "state", "provisional");
	kernel[1]->authentic = true;
	until(1, "state", "keyed");
	kernel[1]->news(kernel[1]->arg, shown(1, "name"), KEYING_WIPED);
	assert_string_equal(shown(1, "state"), "failed");
	assert_int_equal(kernel[1]->downs, 1);
}

/* Calls whose callers prove nothing keep neither ports nor places from one that does. */
static void squatters(void **state)
{
	struct err e = ERR_INIT;
	struct call *c;
	int left = 0;

	both("limits = { calls = 1; };");
	for (int i = 0; i < 40; i++) {
		c = gw_call_new(gw[1].d, "", "in", &e);
		assert_non_null(c);
		c->state = CALL_ANSWERING;
		c->media.addrs = gw[1].cfg.routes[0].media;
		strcpy(c->local, BOB);
		strcpy(c->peer, "sip:eve@a.example");
	}
	json_decref(say(0, ADD_GOOD, NULL));
	assert_string_equal(shown(0, "state"), "keyed");
	assert_int_equal(kernel[1]->ups, 1);
	/* Their records make way soon. */
	for (c = gw[1].d->calls; c; c = c->next)
		if (c->state == CALL_ANSWERING)
			gw_call_fail(gw[1].d, c, "I_MESSAGE_2 did not come");
	calls_tick(gw[1].d);
	for (c = gw[1].d->calls; c; c = c->next)
		left++;
	assert_int_equal(left, 1 + 10);
}

/* From a wildcard socket, whose source address the routing table picks. */
static void over_ipv6(void **state)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool there = !bind(fd, (struct sockaddr *)&any, sizeof(any));

	close(fd);
	if (!there)
		skip();
	with_ipv6 = true;
	both("");
	json_decref(say(0, ADD("c1", ALICE, BOB, "[::1]:22696"), NULL));
	assert_string_equal(shown(0, "state"), "keyed");
	assert_string_equal(shown(0, "fingerprint"), shown(1, "fingerprint"));
	assert_string_equal(shown(1, "via"), "[::1]:22695");
}

static void rubbish(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(22690) };
	uint8_t data[1500];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	both("");
	to.sin_addr.s_addr = htonl(0x7f000002);
	for (size_t len = 0; len < sizeof(data); len += 37) {
		memset(data, (int)len, sizeof(data));
		data[0] = 1;
		data[1] = 22;
		assert_true(sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof(to)) >= 0);
	}
	json_decref(say(0, ADD_GOOD, NULL));
	assert_string_equal(shown(0, "state"), "keyed");
	close(fd);
}

static void adopted(void **state)
{
	char name[CALL_NAME_MAX + 1], fingerprint[64];
	struct err e = ERR_INIT;

	both("");
	json_decref(say(0, ADD_GOOD, NULL));
	until(1, "state", "provisional");
	snprintf(fingerprint, sizeof(fingerprint), "%s", shown(1, "fingerprint"));
	snprintf(name, sizeof(name), "%s", shown(1, "name"));
	memset(&left_over, 0, sizeof(left_over));
	strcpy(left_over.name, name);
	left_over.suite = 0;
	left_over.refs = gw[1].d->calls->refs;
	memcpy(left_over.mki, kernel[1]->km.mki, sizeof(left_over.mki));
	left_over.media.addrs = gw[1].d->calls->media.addrs;
	stop(1, false);
	assert_int_equal(media_open(&left_over.media, &left_over.media.addrs, &e), 0);
	start(1, "limits = { provisional = 1; };");
	assert_string_equal(shown(1, "state"), "adopted");
	assert_string_equal(shown(1, "name"), name);
	assert_string_equal(shown(1, "peer"), ALICE);
	assert_string_equal(shown(1, "local"), BOB);
	assert_string_equal(shown(1, "fingerprint"), fingerprint);
	/* It was provisional when its daemon died, and nobody sent media since. */
	until(1, "state", "failed");
	assert_int_equal(kernel[1]->downs, 1);
}

static void flushed(void **state)
{
	both("flush-on-exit = true;");
	json_decref(say(0, ADD_GOOD, NULL));
	gw_call_free(gw[0].d, gw[0].d->calls);
	assert_int_equal(kernel[0]->downs, 1);
	assert_string_equal(shown(0, "name"), "");
}

static void cookies(void **state)
{
	struct keying_cookie c = { "89abcdef", true, 't', "a-name.of_32_octets............." }, back;
	uint8_t data[64];
	size_t len = keying_cookie_write(&c, data);

	assert_in_range(len, 1, 64);
	assert_true(keying_cookie_read(data, len, &back));
	assert_memory_equal(&c, &back, sizeof(c));
	for (size_t cut = 0; cut < len - strlen(c.name) + 1; cut++)
		assert_false(keying_cookie_read(data, cut, &back));
	data[0] ^= 1;
	assert_false(keying_cookie_read(data, len, &back));
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whole_call), T(no_key_shown), T(refusals), T(unknown_callee), T(silent_peer),
		T(sleeps_until_deadline), T(both_at_once),
		T(source_of_ipv6),
		T(no_module), T(kernel_refuses), T(provisional_expires), T(confirmed_by_counter),
		T(squatters), T(over_ipv6), T(rubbish), T(adopted), T(flushed), cmocka_unit_test(cookies),
	};

	setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
