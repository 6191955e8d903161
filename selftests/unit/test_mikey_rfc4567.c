// SPDX-License-Identifier: GPL-2.0-or-later
/* The two messages of RFC 4567 5.1, field by field, and written again octet for octet. */
#include "unit.h"

#include "mikey/mikey.h"

static const char i_message[] =
	"AQAFgM0XflABAAAAAAAAAAAAAAsAyONQ6gAAAAAGEEoo2pee4hp2"
	"UaDX8ZE22YwKAAAPZG9uYWxkQGR1Y2suY29tAQAAAAAAAQAk0JKpgaVkDaawi9whVBtBt"
	"0KZ14ymNuu62+Nv3ozPLygwK/GbAV9iemnGUIZ19fWQUOSrzKTAv9zV";
static const char r_message[] =
	"AQEFgM0XflABAAAAAAAAAAAAAAYAyONQ6gAAAAAJAAAQbWlja2"
	"V5QG1vdXNlLmNvbQABn8HdGE5BMDXFIuGEga+62AgY5cc=";

static void again(const struct mikey_msg *m)
{
	struct mikey_writer w;
	struct buf b = BUF_INIT;

	mikey_write_msg(&w, &b, &m->hdr, NULL, 0);
	for (unsigned int i = 0; i < m->chain.n; i++)
		mikey_put(&w, &m->chain.p[i]);
	assert_int_equal(0, mikey_write_end(&w, NULL));
	assert_int_equal(m->len, b.len);
	assert_memory_equal(m->data, b.data, b.len);
	buf_free(&b);
}

static void check_hdr(const struct mikey_msg *m, uint8_t type)
{
	struct mikey_cs cs;

	assert_int_equal(1, m->hdr.version);
	assert_int_equal(type, m->hdr.type);
	assert_int_equal(MIKEY_T, m->hdr.next);
	assert_true(m->hdr.v);
	assert_int_equal(0, m->hdr.prf);
	assert_int_equal(0xcd177e50, m->hdr.csb_id);
	assert_int_equal(1, m->hdr.n_cs);
	assert_int_equal(MIKEY_MAP_SRTP_ID, m->hdr.map_type);
	assert_true(mikey_cs_get(&m->hdr, 0, &cs));
	assert_int_equal(1, cs.id);
	assert_int_equal(1, cs.policies.len);
	assert_int_equal(0, cs.policies.data[0]);
	assert_int_equal(0, cs.ssrc);
	assert_int_equal(0, cs.roc);
	assert_false(mikey_cs_get(&m->hdr, 1, &cs));
}

static void check_t(const struct mikey_msg *m)
{
	const struct mikey_payload *t = mikey_find(m, MIKEY_T, 0);

	assert_non_null(t);
	assert_int_equal(MIKEY_TS_NTP_UTC, t->t.type);
	assert_int_equal(0xc8e350ea00000000, mikey_ts64(t));
	assert_int_equal(19, t->off);
	assert_int_equal(10, t->len);
}

static void test_i_message(void **state)
{
	struct buf rnd = unhex("4a28da979ee21a7651a0d7f19136d98c");
	struct mikey_srtp_policy policy;
	const struct mikey_payload *p;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_msg m;

	assert_true(buf_unbase64(&b, i_message, strlen(i_message)));
	assert_int_equal(132, b.len);
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	check_hdr(&m, MIKEY_PSK_INIT);
	assert_int_equal(5, m.chain.n);
	check_t(&m);
	p = &m.chain.p[1];
	assert_int_equal(MIKEY_RAND, p->type);
	assert_int_equal(16, p->rand.data.len);
	assert_memory_equal(rnd.data, p->rand.data.data, 16);
	p = &m.chain.p[2];
	assert_int_equal(MIKEY_ID, p->type);
	assert_int_equal(MIKEY_ID_NAI, p->id.type);
	assert_int_equal(15, p->id.data.len);
	assert_memory_equal("donald@duck.com", p->id.data.data, 15);
	p = &m.chain.p[3];
	assert_int_equal(MIKEY_SP, p->type);
	assert_int_equal(0, p->sp.policy);
	assert_int_equal(MIKEY_PROT_SRTP, p->sp.prot);
	assert_int_equal(0, p->sp.params.len);
	/* Nothing set: SRTP's defaults. */
	assert_int_equal(0, mikey_srtp_policy_get(p, &policy, &e));
	assert_string_equal("AES_CM_128_HMAC_SHA1_80", mikey_srtp_suite_name(&policy));
	p = &m.chain.p[4];
	assert_int_equal(MIKEY_KEMAC, p->type);
	assert_int_equal(MIKEY_LAST, p->next);
	assert_int_equal(MIKEY_ENCR_AES_CM_128, p->kemac.encr_alg);
	assert_int_equal(36, p->kemac.encr.len);
	assert_int_equal(MIKEY_MAC_HMAC_SHA_1_160, p->kemac.mac_alg);
	assert_int_equal(20, p->kemac.mac.len);
	assert_int_equal(b.len, p->off + p->len);
	again(&m);
	buf_free(&rnd);
	buf_free(&b);
}

static void test_r_message(void **state)
{
	const struct mikey_payload *p;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct mikey_msg m;

	assert_true(buf_unbase64(&b, r_message, strlen(r_message)));
	assert_int_equal(71, b.len);
	assert_int_equal(0, mikey_parse(b.data, b.len, &m, &e));
	check_hdr(&m, MIKEY_PSK_VERIFY);
	assert_int_equal(3, m.chain.n);
	check_t(&m);
	p = &m.chain.p[1];
	assert_int_equal(MIKEY_ID, p->type);
	assert_int_equal(MIKEY_ID_NAI, p->id.type);
	assert_int_equal(16, p->id.data.len);
	assert_memory_equal("mickey@mouse.com", p->id.data.data, 16);
	p = &m.chain.p[2];
	assert_int_equal(MIKEY_V, p->type);
	assert_int_equal(MIKEY_MAC_HMAC_SHA_1_160, p->v.alg);
	assert_int_equal(20, p->v.mac.len);
	again(&m);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_i_message),
		cmocka_unit_test(test_r_message),
	};

	return run_tests(tests);
}
