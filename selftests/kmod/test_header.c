// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RTP and RTCP headers, and what tells media from its neighbours on a port.
 */
#include "harness.h"

/* In memory of exactly its length, so that ASan sees a read beyond. */
static u8 *exactly(const u8 *octets, u32 len)
{
	u8 *p = malloc(len);

	if (!p)
		abort();
	return memcpy(p, octets, len);
}

static void media(void **state)
{
	u8 octet;
	u32 i;

	assert_false(ksrtp_is_media(&octet, 0));
	for (i = 0; i < 256; i++) {
		octet = i;
		assert_int_equal(ksrtp_is_media(&octet, 1), i >= 128 && i <= 191);
	}
}

static void multiplexed(void **state)
{
	u8 p[2] = { 0x80 };
	u32 i;

	assert_false(ksrtp_is_rtcp(p, 1));
	for (i = 0; i < 256; i++) {
		p[1] = i;
		assert_int_equal(ksrtp_is_rtcp(p, 2), i >= 192 && i <= 223);
	}
}

struct rtp_case {
	u8 head[20];
	u32 len;
	enum ksrtp_reason reason;
	u32 hdr_len;
};

static void rtp_headers(void **state)
{
	static const struct rtp_case cases[] = {
		{ { 0x80 }, 0, KSRTP_REASON_SHORT, 0 },
		{ { 0x80 }, 11, KSRTP_REASON_SHORT, 0 },
		{ { 0x80 }, 12, KSRTP_REASON_OK, 12 },
		{ { 0x00 }, 12, KSRTP_REASON_VERSION, 0 },
		{ { 0x40 }, 12, KSRTP_REASON_VERSION, 0 },
		{ { 0xc0 }, 12, KSRTP_REASON_VERSION, 0 },
		{ { 0xa0 }, 12, KSRTP_REASON_OK, 12 },
		{ { 0x81 }, 15, KSRTP_REASON_HEADER, 0 },
		{ { 0x81 }, 16, KSRTP_REASON_OK, 16 },
		{ { 0x8f }, 20, KSRTP_REASON_HEADER, 0 },
		{ { 0x90 }, 12, KSRTP_REASON_HEADER, 0 },
		{ { 0x90 }, 15, KSRTP_REASON_HEADER, 0 },
		{ { 0x90 }, 16, KSRTP_REASON_OK, 16 },
		{ { [0] = 0x90, [15] = 1 }, 19, KSRTP_REASON_HEADER, 0 },
		{ { [0] = 0x90, [15] = 1 }, 20, KSRTP_REASON_OK, 20 },
		{ { [0] = 0x91, [19] = 0 }, 20, KSRTP_REASON_OK, 20 },
		{ { [0] = 0x90, [14] = 0xff, [15] = 0xff }, 20, KSRTP_REASON_HEADER, 0 },
	};
	struct ksrtp_rtp_hdr hdr;
	u32 i;
	u8 *p;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		p = exactly(cases[i].head, cases[i].len);
		assert_reason(ksrtp_rtp_parse(p, cases[i].len, &hdr), cases[i].reason);
		free(p);
		if (!cases[i].reason)
			assert_int_equal(hdr.len, cases[i].hdr_len);
	}
}

static void rtp_fields(void **state)
{
	static const u8 p[] = { 0x80, 0xe5, 0x12, 0x34, 1, 2, 3, 4, 0xde, 0xad, 0xbe, 0xef };
	struct ksrtp_rtp_hdr hdr;

	assert_reason(ksrtp_rtp_parse(p, sizeof(p), &hdr), KSRTP_REASON_OK);
	assert_int_equal(hdr.seq, 0x1234);
	assert_int_equal(hdr.ssrc, 0xdeadbeef);
	assert_int_equal(hdr.pt, 0x65);
}

struct rtcp_case {
	u8 head[12];
	u32 len;
	enum ksrtp_reason reason;
};

static void rtcp_headers(void **state)
{
	static const struct rtcp_case cases[] = {
		{ { 0x80, 200, 0, 1, 0xde, 0xad, 0xbe, 0xef }, 8, KSRTP_REASON_OK },
		{ { 0x80, 201, 0, 0, 0xde, 0xad, 0xbe, 0xef }, 8, KSRTP_REASON_OK },
		{ { 0x81, 205, 0, 2, 0xde, 0xad, 0xbe, 0xef }, 12, KSRTP_REASON_OK },
		{ { 0x80, 200, 0, 1 }, 7, KSRTP_REASON_SHORT },
		{ { 0x80 }, 0, KSRTP_REASON_SHORT },
		{ { 0x40, 200, 0, 1 }, 8, KSRTP_REASON_VERSION },
		{ { 0x80, 191, 0, 1 }, 8, KSRTP_REASON_RTCP_TYPE },
		{ { 0x80, 224, 0, 1 }, 8, KSRTP_REASON_RTCP_TYPE },
		{ { 0x80, 200, 0, 2 }, 8, KSRTP_REASON_HEADER },
		{ { 0x80, 200, 0xff, 0xff }, 12, KSRTP_REASON_HEADER },
	};
	u32 i, ssrc;
	u8 *p;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ssrc = 0;
		p = exactly(cases[i].head, cases[i].len);
		assert_reason(ksrtp_rtcp_parse(p, cases[i].len, &ssrc), cases[i].reason);
		free(p);
		if (!cases[i].reason)
			assert_int_equal(ssrc, 0xdeadbeef);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(media),       cmocka_unit_test(multiplexed),
		cmocka_unit_test(rtp_headers), cmocka_unit_test(rtp_fields),
		cmocka_unit_test(rtcp_headers),
	};

	return run_tap(tests);
}
