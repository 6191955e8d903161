// SPDX-License-Identifier: GPL-2.0-or-later
/* Published parameters: there and back, and everything that has to be refused. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "ibe/ibe.h"
#include "ibe/identity.h"
#include "ibe/sysparams.h"

#define START 1795132800ll /* 2026-11-20 00:00:00 UTC */
#define END (START + 30 * 86400)

static struct ibe_params *params(void)
{
	static struct ibe_params *p;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (!p) {
		assert_int_equal(buf_read_file(&b, TOP_DIR "/selftests/vectors/ibe/params-512.der", 65536,
					       &e), 0);
		assert_int_equal(ibe_params_from_der(b.data, b.len, &p, &e), 0);
		buf_free(&b);
	}
	return p;
}

static struct ibe_sysparams *make(uint32_t granularity)
{
	struct ibe_sysparams *sp;
	struct err e = ERR_INIT;

	if (ibe_sysparams_new("https://kms.a.example/params", 7, START, END, granularity, params(), &sp,
			      &e))
		fail_msg("%s", e.msg);
	return sp;
}

static void same(const struct ibe_sysparams *a, const struct ibe_sysparams *b)
{
	assert_string_equal(a->district, b->district);
	assert_int_equal(a->serial, b->serial);
	assert_int_equal(a->not_before, b->not_before);
	assert_int_equal(a->not_after, b->not_after);
	assert_int_equal(a->granularity, b->granularity);
	assert_true(ibe_params_equal(a->bf, b->bf));
	assert_memory_equal(a->digest, b->digest, 32);
}

static void test_round_trip(void **state)
{
	static const uint32_t granularity[] = { 86400, 60, 3600, 604800 };

	for (size_t i = 0; i < 4; i++) {
		struct ibe_sysparams *a = make(granularity[i]), *b;
		struct buf der = BUF_INIT, text = BUF_INIT;
		uint8_t digest[32];
		struct err e = ERR_INIT;

		assert_int_equal(ibe_sysparams_to_der(a, &der), 0);
		assert_int_equal(ibe_sysparams_from_der(der.data, der.len, &b, &e), 0);
		same(a, b);
		SHA256(der.data, der.len, digest);
		assert_memory_equal(a->digest, digest, 32);
		ibe_sysparams_put(b);
		assert_int_equal(ibe_sysparams_to_base64(a, &text), 0);
		for (size_t k = 0; k < text.len; k++)
			assert_true(text.data[k] > 0x20 && text.data[k] < 0x7f);
		assert_int_equal(ibe_sysparams_from_base64((char *)text.data, text.len, &b, &e), 0);
		same(a, b);
		ibe_sysparams_put(b);
		/* References, not copies. */
		b = ibe_sysparams_get(a);
		assert_ptr_equal(a, b);
		ibe_sysparams_put(b);
		ibe_sysparams_put(a);
		buf_free(&der);
		buf_free(&text);
	}
	ibe_sysparams_put(NULL);
}

/* One day is what is meant when nothing is said, and it must not be said: one set, one encoding. */
static void test_no_extension_for_a_day(void **state)
{
	struct ibe_sysparams *day = make(86400), *week = make(604800);
	struct buf a = BUF_INIT, b = BUF_INIT;

	ibe_sysparams_to_der(day, &a);
	ibe_sysparams_to_der(week, &b);
	assert_true(b.len > a.len + 20);
	ibe_sysparams_put(day);
	ibe_sysparams_put(week);
	buf_free(&a);
	buf_free(&b);
}

static void test_files(void **state)
{
	char path[] = "/tmp/test_sysparams_XXXXXX";
	struct ibe_sysparams *a = make(86400), *b = NULL;
	struct buf der = BUF_INIT;
	struct err e = ERR_INIT;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(ibe_sysparams_to_file(a, path, &e), 0);
	assert_int_equal(ibe_sysparams_from_file(path, &b, &e), 0);
	same(a, b);
	ibe_sysparams_put(b);
	ibe_sysparams_to_der(a, &der);
	assert_int_equal(buf_write_file(path, der.data, der.len, 0644, &e), 0);
	assert_int_equal(ibe_sysparams_from_file(path, &b, &e), 0);
	same(a, b);
	ibe_sysparams_put(b);
	assert_int_equal(buf_write_file(path, "0", 1, 0644, &e), 0);
	b = NULL;
	assert_refused(ibe_sysparams_from_file(path, &b, &e), e, EINVAL, path);
	assert_int_equal(buf_write_file(path, "", 0, 0644, &e), 0);
	assert_refused(ibe_sysparams_from_file(path, &b, &e), e, EINVAL, path);
	assert_null(b);
	unlink(path);
	assert_refused(ibe_sysparams_from_file(path, &b, &e), e, ENOENT, path);
	ibe_sysparams_put(a);
	buf_free(&der);
}

static void test_new_refused(void **state)
{
	struct ibe_sysparams *sp = NULL;
	struct err e = ERR_INIT;
	char longer[300];

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_refused(ibe_sysparams_new("", 1, START, END, 86400, params(), &sp, &e), e, EINVAL, "empty");
	assert_refused(ibe_sysparams_new(longer, 1, START, END, 86400, params(), &sp, &e), e, EINVAL,
		       "longer");
	assert_refused(ibe_sysparams_new("a b", 1, START, END, 86400, params(), &sp, &e), e, EINVAL,
		       "printable");
	assert_refused(ibe_sysparams_new("a", UINT64_MAX, START, END, 86400, params(), &sp, &e), e, EINVAL,
		       "serial");
	assert_refused(ibe_sysparams_new("a", 1, END, START, 86400, params(), &sp, &e), e, EINVAL, "ends");
	assert_refused(ibe_sysparams_new("a", 1, START, END, 0, params(), &sp, &e), e, EINVAL,
		       "granularity");
	assert_refused(ibe_sysparams_new("a", 1, START, END, 59, params(), &sp, &e), e, EINVAL,
		       "granularity");
	assert_refused(ibe_sysparams_new("a", 1, START, END, UINT32_MAX, params(), &sp, &e), e, EINVAL,
		       "granularity");
	assert_refused(ibe_sysparams_new("a", 1, START, 253402300800, 86400, params(), &sp, &e), e, EINVAL,
		       "");
	assert_null(sp);
	/* A start within a period is the start of that period. */
	assert_int_equal(ibe_sysparams_new("a", 1, START + 5000, END, 86400, params(), &sp, &e), 0);
	assert_int_equal(sp->not_before, START);
	ibe_sysparams_put(sp);
}

static void test_time(void **state)
{
	struct ibe_sysparams *sp = make(86400);
	struct err e = ERR_INIT;

	assert_refused(ibe_sysparams_check_time(sp, START - 1, &e), e, ERANGE, "not valid yet");
	assert_int_equal(ibe_sysparams_check_time(sp, START, &e), 0);
	assert_int_equal(ibe_sysparams_check_time(sp, END, &e), 0);
	assert_refused(ibe_sysparams_check_time(sp, END + 1, &e), e, ERANGE, "expired");
	ibe_sysparams_put(sp);
}

/* ---- encodings written by hand ---- */

static void tlv(struct buf *out, uint8_t tag, const struct buf *in)
{
	buf_u8(out, tag);
	if (in->len < 128) {
		buf_u8(out, (uint8_t)in->len);
	} else if (in->len < 256) {
		buf_u8(out, 0x81);
		buf_u8(out, (uint8_t)in->len);
	} else {
		buf_u8(out, 0x82);
		buf_be16(out, (uint16_t)in->len);
	}
	buf_put(out, in->data, in->len);
}

static void tlv_hex(struct buf *out, uint8_t tag, const char *hex)
{
	struct buf b = unhex(hex);

	tlv(out, tag, &b);
	buf_free(&b);
}

static void tlv_str(struct buf *out, uint8_t tag, const char *s)
{
	struct buf b = BUF_INIT;

	buf_str(&b, s);
	tlv(out, tag, &b);
	buf_free(&b);
}

#define OID_BF_HEX "6086480186fd1e01010201"
#define OID_BB1_HEX "6086480186fd1e01010202"
#define OID_PKGURI_HEX "6086480186fd1e01030201"

struct spec {
	const char *version, *district, *serial, *before, *after, *alg, *id_type, *ext_oid, *ext;
	unsigned int n_alg, n_ext;
	uint8_t district_tag, time_tag;
};

static struct buf own_oid(const char *which)
{
	struct ibe_sysparams *sp = make(3600);
	struct buf der = BUF_INIT, oid = BUF_INIT;
	const uint8_t *p;

	/* The arc is long enough to be found by its first octets. */
	ibe_sysparams_to_der(sp, &der);
	p = memmem(der.data, der.len, "\x69\x83", 2);
	assert_non_null(p);
	buf_put(&oid, p, p[-1] - 1u);
	buf_u8(&oid, which[0] == '2' ? 2 : 1);
	ibe_sysparams_put(sp);
	buf_free(&der);
	return oid;
}

static void put_oid(struct buf *out, const char *hex)
{
	if (hex[1]) {
		tlv_hex(out, 0x06, hex);
	} else {
		struct buf oid = own_oid(hex);

		tlv(out, 0x06, &oid);
		buf_free(&oid);
	}
}

static void build(struct buf *out, const struct spec *s)
{
	struct buf body = BUF_INIT, t = BUF_INIT, seq = BUF_INIT, bf = BUF_INIT;

	tlv_hex(&body, 0x02, s->version);
	tlv_str(&body, s->district_tag, s->district);
	tlv_hex(&body, 0x02, s->serial);
	tlv_str(&t, s->time_tag, s->before);
	tlv_str(&t, s->time_tag, s->after);
	tlv(&body, 0x30, &t);
	ibe_params_to_der(params(), &bf);
	for (unsigned int i = 0; i < s->n_alg; i++) {
		struct buf one = BUF_INIT;

		put_oid(&one, s->alg);
		tlv(&one, 0x04, &bf);
		tlv(&seq, 0x30, &one);
		buf_free(&one);
	}
	tlv(&body, 0x30, &seq);
	put_oid(&body, s->id_type);
	buf_reset(&seq);
	for (unsigned int i = 0; i < s->n_ext; i++) {
		struct buf one = BUF_INIT;

		put_oid(&one, s->ext_oid);
		tlv_hex(&one, 0x04, s->ext);
		tlv(&seq, 0x30, &one);
		buf_free(&one);
	}
	if (s->n_ext)
		tlv(&body, 0x30, &seq);
	tlv(out, 0x30, &body);
	buf_free(&body);
	buf_free(&t);
	buf_free(&seq);
	buf_free(&bf);
}

static const struct spec good = {
	.version = "02", .district = "https://kms.a.example/params", .serial = "07",
	.before = "20261120000000Z", .after = "20261220000000Z", .alg = OID_BF_HEX, .id_type = "1",
	.ext_oid = "2", .ext = "02020e10", .n_alg = 1, .district_tag = 0x16, .time_tag = 0x18,
};

static void refuse(const struct spec *s, int code, const char *word)
{
	struct ibe_sysparams *sp = NULL;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	build(&b, s);
	assert_refused(ibe_sysparams_from_der(b.data, b.len, &sp, &e), e, code, word);
	assert_null(sp);
	buf_free(&b);
}

static void test_by_hand(void **state)
{
	struct ibe_sysparams *a = make(86400), *b;
	struct buf der = BUF_INIT, own = BUF_INIT;
	struct spec s;
	struct err e = ERR_INIT;

	/* The positive control: the same octets as our own encoder's. */
	build(&der, &good);
	ibe_sysparams_to_der(a, &own);
	assert_int_equal(der.len, own.len);
	assert_memory_equal(der.data, own.data, own.len);
	buf_free(&der);
	s = good;
	s.n_ext = 1; /* 3600 seconds */
	build(&der, &s);
	if (ibe_sysparams_from_der(der.data, der.len, &b, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(b->granularity, 3600);
	ibe_sysparams_put(b);
	buf_free(&der);
	buf_free(&own);
	ibe_sysparams_put(a);
}

#define REFUSE(code, word, ...)                        \
	do {                                           \
		struct spec s = good;                  \
		__VA_ARGS__;                           \
		refuse(&s, code, word);                \
	} while (0)

static void test_refused(void **state)
{
	REFUSE(EOPNOTSUPP, "version", s.version = "01");
	REFUSE(EOPNOTSUPP, "version", s.version = "03");
	REFUSE(EINVAL, "", s.version = "0002");
	REFUSE(EINVAL, "", s.district = "");
	REFUSE(EINVAL, "printable", s.district = "a b");
	REFUSE(EINVAL, "IBESysParams", s.district_tag = 0x0c);
	REFUSE(EINVAL, "serial", s.serial = "ff");
	REFUSE(EINVAL, "serial", s.serial = "010000000000000000");
	REFUSE(EINVAL, "serial", s.serial = "008000000000000000");
	REFUSE(EINVAL, "IBESysParams", s.time_tag = 0x17);
	REFUSE(EINVAL, "validity", s.before = "202611200000Z");
	REFUSE(EINVAL, "validity", s.before = "20261120000000.0Z");
	REFUSE(EINVAL, "validity", s.before = "20261120000000+0000");
	REFUSE(EINVAL, "validity", s.before = "20261320000000Z");
	REFUSE(EINVAL, "ends before", s.before = "20271120000000Z");
	REFUSE(EOPNOTSUPP, "not for Boneh-Franklin", s.alg = OID_BB1_HEX);
	REFUSE(EOPNOTSUPP, "exactly one", s.n_alg = 2);
	REFUSE(EOPNOTSUPP, "exactly one", s.n_alg = 0);
	REFUSE(EOPNOTSUPP, "another type of identity", s.id_type = OID_BB1_HEX);
	REFUSE(EOPNOTSUPP, "another type of identity", s.id_type = "2");
	REFUSE(EOPNOTSUPP, "extension", s.n_ext = 1, s.ext_oid = OID_PKGURI_HEX);
	REFUSE(EOPNOTSUPP, "extension", s.n_ext = 1, s.ext_oid = "1");
	REFUSE(EINVAL, "granularity", s.n_ext = 2);
	REFUSE(EINVAL, "granularity", s.n_ext = 1, s.ext = "020100");
	REFUSE(EINVAL, "granularity", s.n_ext = 1, s.ext = "0201ff");
	REFUSE(EINVAL, "granularity", s.n_ext = 1, s.ext = "02090100000000000e1000");
	REFUSE(EINVAL, "granularity", s.n_ext = 1, s.ext = "0402ffff");
	/* 86400 said in so many words, and an INTEGER in two octets too many. */
	REFUSE(EINVAL, "not DER", s.n_ext = 1, s.ext = "0203015180");
	REFUSE(EINVAL, "", s.n_ext = 1, s.ext = "020400000e10");
	REFUSE(EINVAL, "not DER", s.n_ext = 1, s.ext = "02020e1000");
}

static void test_damage(void **state)
{
	struct ibe_sysparams *sp = NULL;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	build(&b, &good);
	for (size_t n = 0; n < b.len; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, b.data, n);
		e = (struct err)ERR_INIT;
		assert_int_not_equal(ibe_sysparams_from_der(cut, n, &sp, &e), 0);
		assert_true(e.code && e.msg[0]);
		free(cut);
	}
	/* A changed octet is refused, or it is another set, which its digest tells. */
	for (size_t i = 0; i < b.len; i++) {
		struct ibe_sysparams *other = NULL, *own;

		b.data[i] ^= 0x01;
		if (!ibe_sysparams_from_der(b.data, b.len, &other, &e)) {
			own = make(86400);
			assert_memory_not_equal(other->digest, own->digest, 32);
			ibe_sysparams_put(own);
			ibe_sysparams_put(other);
		}
		b.data[i] ^= 0x01;
	}
	buf_put(&b, "", 1);
	assert_refused(ibe_sysparams_from_der(b.data, b.len, &sp, &e), e, EINVAL, "DER");
	/* Indefinite length around the same content. */
	b.len--;
	{
		struct buf x = BUF_INIT;

		buf_put(&x, "\x30\x80", 2);
		buf_put(&x, b.data + 4, b.len - 4);
		buf_put(&x, "\0\0", 2);
		assert_int_not_equal(ibe_sysparams_from_der(x.data, x.len, &sp, &e), 0);
		buf_free(&x);
	}
	assert_refused(ibe_sysparams_from_base64("****", 4, &sp, &e), e, EINVAL, "base64");
	assert_null(sp);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_no_extension_for_a_day),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_new_refused),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_damage),
	};
	int ret = run_tests(tests);

	ibe_params_put(params());
	return ret;
}
