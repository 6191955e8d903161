// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as RTP to protect and as SRTP to unprotect. Input: suite and MKI, start ROC, packet.
 * What can be protected opens again as it was, once; what cannot be opened stays as it was.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);

/* In memory of exactly its size, so that ASan sees each octet beyond. */
static struct ksrtp_pkt packet(const u8 *octets, u32 len, u32 room)
{
	struct ksrtp_pkt pkt = { malloc(len + room + !len), len, len + room };

	FUZZ_ASSERT(pkt.data);
	memcpy(pkt.data, octets, len);
	return pkt;
}

static void unprotect(const struct ksrtp_key_ctx *key, u32 roc, const u8 *octets, u32 len)
{
	struct ksrtp_pkt pkt = packet(octets, len, 0);
	enum ksrtp_reason reason;
	struct fuzz_end rx;
	u64 index;

	fuzz_end_init(&rx, roc);
	reason = ksrtp_unprotect_rtp(key, &rx.s, roc, &pkt, &index);
	if (reason) {
		FUZZ_ASSERT(pkt.len == len && !memcmp(pkt.data, octets, len));
		FUZZ_ASSERT(!rx.s.rtp.used && rx.s.last_reason == reason);
	}
	free(pkt.data);
}

static void round_trip(const struct ksrtp_key_ctx *key, u32 roc, const u8 *octets, u32 len)
{
	u32 room = ksrtp_suite_rtp_overhead(key->suite, key->mki_len);
	struct ksrtp_pkt pkt = packet(octets, len, room), again;
	enum ksrtp_reason reason;
	struct ksrtp_rtp_hdr hdr;
	struct fuzz_end tx, rx;
	u64 index;

	fuzz_end_init(&tx, roc);
	fuzz_end_init(&rx, roc);
	reason = ksrtp_rtp_parse(octets, len, &hdr);
	FUZZ_ASSERT(ksrtp_protect_rtp(key, &tx.s, &pkt) == reason);
	if (!reason) {
		FUZZ_ASSERT(pkt.len == len + room && !memcmp(pkt.data, octets, hdr.len));
		again = packet(pkt.data, pkt.len, 0);
		FUZZ_ASSERT(!ksrtp_unprotect_rtp(key, &rx.s, 0, &pkt, &index));
		FUZZ_ASSERT(index == ((u64)roc << 16 | hdr.seq));
		FUZZ_ASSERT(pkt.len == len && !memcmp(pkt.data, octets, len));
		FUZZ_ASSERT(ksrtp_unprotect_rtp(key, &rx.s, 0, &again, &index) ==
			    KSRTP_REASON_REPLAY);
		again.len = len;
		memcpy(again.data, octets, len);
		FUZZ_ASSERT(ksrtp_protect_rtp(key, &tx.s, &again) == KSRTP_REASON_TX_REPLAY);
		free(again.data);
	}
	free(pkt.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	const struct ksrtp_key_ctx *key;
	u32 roc;

	if (size < 5 || size > FUZZ_MAX)
		return 0;
	key = fuzz_key(in[0]);
	roc = get_unaligned_be32(in + 1);
	unprotect(key, roc, in + 5, size - 5);
	round_trip(key, roc, in + 5, size - 5);
	return 0;
}
