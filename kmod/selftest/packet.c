// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole packets: known answers that libsrtp 2.5 agrees with, and the ways each suite must refuse.
 */
#include <linux/bottom_half.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../srtp.h"
#include "selftest.h"

#define BUF_LEN 128
#define RTP_HDR 28
#define START_ROC 1

/* The key of RFC 3711 B.3 with an MKI. */
static const u8 master[] __initconst = {
	0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41,
	0x39, 0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6
};

static const u8 mki[] __initconst = { 0xca, 0xfe, 0x00, 0x01 };

/* Two CSRCs, an extension of one word, sequence number 0 in cycle 1. */
static const u8 rtp_plain[] __initconst = {
	0x92, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0x01, 0x02, 0x03,
	0x04, 0x05, 0x06, 0x07, 0x08, 0xbe, 0xde, 0x00, 0x01, 0x10, 0xff, 0x00, 0x00, 0x74, 0x68,
	0x65, 0x20, 0x70, 0x61, 0x79, 0x6c, 0x6f, 0x61, 0x64, 0x20, 0x6f, 0x66, 0x20, 0x61, 0x20,
	0x70, 0x61, 0x63, 0x6b, 0x65, 0x74
};

/* Sender report and SDES, SRTCP index 1. */
static const u8 rtcp_plain[] __initconst = {
	0x80, 0xc8, 0x00, 0x06, 0xde, 0xad, 0xbe, 0xef, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
	0x77, 0x88, 0x00, 0x00, 0x12, 0x34, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x01, 0x90,
	0x81, 0xca, 0x00, 0x02, 0xde, 0xad, 0xbe, 0xef, 0x01, 0x01, 0x61, 0x00
};

/* Behind the clear headers; tags at full length, a suite with a shorter one takes its start. */
struct answer {
	enum ksrtp_cipher_kind cipher;
	u8 rtp_body[sizeof(rtp_plain) - RTP_HDR];
	u8 rtp_tag[10];
	u8 rtcp_body[sizeof(rtcp_plain) - KSRTP_RTCP_HDR_LEN + KSRTP_RTCP_INDEX_LEN];
	u8 rtcp_tag[10];
};

static const struct answer answers[] __initconst = {
	{
		KSRTP_CIPHER_AES_CM,
		{ 0x3d, 0x74, 0xb2, 0x81, 0x55, 0xa7, 0x5a, 0xf6, 0x10, 0x89, 0x79, 0x99,
		  0x25, 0x27, 0x90, 0x35, 0x7d, 0x3b, 0x9d, 0x4f, 0x57, 0xaf, 0x68 },
		{ 0x61, 0xec, 0xa2, 0xb8, 0x93, 0xe1, 0x34, 0x00, 0x1b, 0xea },
		{ 0x0e, 0xd8, 0x26, 0xd1, 0xd2, 0x69, 0xfa, 0x04, 0xf1, 0xf1, 0x9b, 0x22,
		  0xac, 0xd0, 0xe6, 0x7b, 0xf2, 0x2f, 0xf0, 0xa6, 0x14, 0x0f, 0xb0, 0x00,
		  0xfb, 0x29, 0x70, 0x93, 0x21, 0xbe, 0x38, 0x3b, 0x80, 0x00, 0x00, 0x01 },
		{ 0x76, 0x07, 0x16, 0x81, 0x63, 0x3e, 0x33, 0x4e, 0x39, 0x8c },
	},
	{
		KSRTP_CIPHER_NULL,
		{ 0x74, 0x68, 0x65, 0x20, 0x70, 0x61, 0x79, 0x6c, 0x6f, 0x61, 0x64, 0x20,
		  0x6f, 0x66, 0x20, 0x61, 0x20, 0x70, 0x61, 0x63, 0x6b, 0x65, 0x74 },
		{ 0x2e, 0xea, 0x2f, 0xdd, 0x85, 0xec, 0xf8, 0xff, 0x31, 0x4d },
		{ 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x00, 0x00, 0x12, 0x34,
		  0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x01, 0x90, 0x81, 0xca, 0x00, 0x02,
		  0xde, 0xad, 0xbe, 0xef, 0x01, 0x01, 0x61, 0x00, 0x00, 0x00, 0x00, 0x01 },
		{ 0xbf, 0x9c, 0xa5, 0x4e, 0x16, 0x36, 0x3f, 0x79, 0x98, 0x01 },
	},
};

/**
 * struct fixture - a key and both ends of one SSRC
 * @key: the key
 * @tx: state of the sender
 * @rx: state of the receiver
 * @bits: their windows
 * @buf: packet at work
 * @want: packet to expect
 */
struct fixture {
	struct ksrtp_key_ctx key;
	struct ksrtp_ssrc tx, rx;
	u64 bits[16];
	u8 buf[BUF_LEN];
	u8 want[BUF_LEN];
};

static const struct answer *__init answer_find(enum ksrtp_cipher_kind cipher)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++)
		if (answers[i].cipher == cipher)
			return &answers[i];
	return NULL;
}

static u32 __init put(u8 *buf, u32 at, const u8 *octets, u32 len)
{
	memcpy(buf + at, octets, len);
	return at + len;
}

static u32 __init want_rtp(struct fixture *f, const struct answer *a)
{
	u32 len = put(f->want, 0, rtp_plain, RTP_HDR);

	len = put(f->want, len, a->rtp_body, sizeof(a->rtp_body));
	len = put(f->want, len, mki, sizeof(mki));
	return put(f->want, len, a->rtp_tag, f->key.suite->rtp_tag_len);
}

static u32 __init want_rtcp(struct fixture *f, const struct answer *a)
{
	u32 len = put(f->want, 0, rtcp_plain, KSRTP_RTCP_HDR_LEN);

	len = put(f->want, len, a->rtcp_body, sizeof(a->rtcp_body));
	len = put(f->want, len, mki, sizeof(mki));
	return put(f->want, len, a->rtcp_tag, f->key.suite->rtcp_tag_len);
}

static struct ksrtp_pkt __init load(struct fixture *f, const u8 *octets, u32 len)
{
	memset(f->buf, 0xa5, sizeof(f->buf));
	memcpy(f->buf, octets, len);
	return (struct ksrtp_pkt){ .data = f->buf, .len = len, .cap = sizeof(f->buf) };
}

static bool __init equals(const struct ksrtp_pkt *pkt, const u8 *octets, u32 len)
{
	return pkt->len == len && !memcmp(pkt->data, octets, len);
}

/* Any octet changed is refused, and the packet left as it came, for another key to try. */
static bool __init forgery_refused(struct fixture *f, u32 len, bool rtcp, u32 at)
{
	struct ksrtp_pkt pkt;
	enum ksrtp_reason reason;
	u32 index32;
	u64 index;

	f->want[at] ^= 1;
	pkt = load(f, f->want, len);
	reason = rtcp ? ksrtp_unprotect_rtcp(&f->key, &f->rx, &pkt, &index32) :
			ksrtp_unprotect_rtp(&f->key, &f->rx, 0, &pkt, &index);
	if (!equals(&pkt, f->want, len))
		reason = KSRTP_REASON_CRYPTO;
	f->want[at] ^= 1;
	return reason == KSRTP_REASON_AUTH_FAIL;
}

static const char *__init packet_rtp(struct fixture *f, const struct answer *a)
{
	u32 len = want_rtp(f, a);
	struct ksrtp_pkt pkt;
	u64 index;

	pkt = load(f, rtp_plain, sizeof(rtp_plain));
	pkt.cap = len - 1;
	if (ksrtp_protect_rtp(&f->key, &f->tx, &pkt) != KSRTP_REASON_ROOM)
		return "SRTP without room";
	pkt.cap = len;
	if (ksrtp_protect_rtp(&f->key, &f->tx, &pkt) || !equals(&pkt, f->want, len))
		return "SRTP protect";
	pkt = load(f, rtp_plain, sizeof(rtp_plain));
	if (ksrtp_protect_rtp(&f->key, &f->tx, &pkt) != KSRTP_REASON_TX_REPLAY)
		return "SRTP protect twice";

	if (!forgery_refused(f, len, false, 1) || !forgery_refused(f, len, false, RTP_HDR) ||
	    !forgery_refused(f, len, false, len - 1))
		return "SRTP forgery";
	pkt = load(f, f->want, len);
	if (ksrtp_unprotect_rtp(&f->key, NULL, START_ROC - 1, &pkt, &index) !=
	    KSRTP_REASON_AUTH_FAIL)
		return "SRTP wrong ROC";
	/* As for the first packet of an SSRC, whose state is made when it proved authentic. */
	if (ksrtp_unprotect_rtp(&f->key, NULL, START_ROC, &pkt, &index) ||
	    !equals(&pkt, rtp_plain, sizeof(rtp_plain)) || index != START_ROC << 16)
		return "SRTP unprotect without state";
	if (ksrtp_commit_rtp(&f->rx, index, pkt.len))
		return "SRTP commit";
	pkt = load(f, f->want, len);
	if (ksrtp_unprotect_rtp(&f->key, &f->rx, 0, &pkt, &index) != KSRTP_REASON_REPLAY)
		return "SRTP replay";
	f->want[len - f->key.suite->rtp_tag_len - 1] ^= 1;
	pkt = load(f, f->want, len);
	if (ksrtp_unprotect_rtp(&f->key, &f->rx, 0, &pkt, &index) != KSRTP_REASON_MKI_UNKNOWN)
		return "SRTP of another MKI";
	return NULL;
}

static const char *__init packet_rtcp(struct fixture *f, const struct answer *a)
{
	u32 len = want_rtcp(f, a);
	struct ksrtp_pkt pkt;
	u32 index;

	ksrtp_ssrc_restore_rtcp(&f->tx, 0);
	pkt = load(f, rtcp_plain, sizeof(rtcp_plain));
	pkt.cap = len;
	if (ksrtp_protect_rtcp(&f->key, &f->tx, &pkt) || !equals(&pkt, f->want, len))
		return "SRTCP protect";

	if (!forgery_refused(f, len, true, 7) ||
	    !forgery_refused(f, len, true, KSRTP_RTCP_HDR_LEN) ||
	    !forgery_refused(f, len, true, sizeof(rtcp_plain)) ||
	    !forgery_refused(f, len, true, len - 1))
		return "SRTCP forgery";
	pkt = load(f, f->want, len);
	if (ksrtp_unprotect_rtcp(&f->key, &f->rx, &pkt, &index) ||
	    !equals(&pkt, rtcp_plain, sizeof(rtcp_plain)) || index != 1)
		return "SRTCP unprotect";
	pkt = load(f, f->want, len);
	if (ksrtp_unprotect_rtcp(&f->key, &f->rx, &pkt, &index) != KSRTP_REASON_REPLAY)
		return "SRTCP replay";
	return NULL;
}

static const char *__init packet_suite(struct fixture *f, const struct ksrtp_suite_desc *suite)
{
	const struct ksrtp_key_params params = {
		.suite = suite,
		.master_key = master,
		.master_key_len = 16,
		.master_salt = master + 16,
		.master_salt_len = 14,
		.mki = mki,
		.mki_len = sizeof(mki),
	};
	const struct answer *a = answer_find(suite->cipher);
	const char *failed;

	if (!a || ksrtp_ssrc_words(128) > ARRAY_SIZE(f->bits) / 2)
		return "suite without a known answer";
	if (ksrtp_key_ctx_init(&f->key, &params))
		return "key set-up";
	ksrtp_ssrc_init(&f->tx, 0xdeadbeef, 128, START_ROC, f->bits);
	ksrtp_ssrc_init(&f->rx, 0xdeadbeef, 128, START_ROC, f->bits + ARRAY_SIZE(f->bits) / 2);

	local_bh_disable();
	failed = packet_rtp(f, a);
	if (!failed)
		failed = packet_rtcp(f, a);
	local_bh_enable();
	ksrtp_key_ctx_destroy(&f->key);
	return failed;
}

/**
 * ksrtp_selftest_packet() - whole packets, each suite
 */
const char *__init ksrtp_selftest_packet(void)
{
	const struct ksrtp_suite_desc *suite;
	const char *failed = NULL;
	struct fixture *f;
	unsigned int i;

	f = kmalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return "memory";
	for (i = 0; !failed && (suite = ksrtp_suite_at(i)); i++)
		failed = packet_suite(f, suite);
	kfree_sensitive(f);
	return failed;
}
