// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as RTCP to protect and as SRTCP to unprotect. Input: suite and MKI, last index used,
 * packet. What can be protected opens again as it was, once; what cannot be opened stays as it was.
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

static void unprotect(const struct ksrtp_key_ctx *key, const u8 *octets, u32 len)
{
	struct ksrtp_pkt pkt = packet(octets, len, 0);
	enum ksrtp_reason reason;
	struct fuzz_end rx;
	u32 index;

	fuzz_end_init(&rx, 0);
	reason = ksrtp_unprotect_rtcp(key, &rx.s, &pkt, &index);
	if (reason) {
		FUZZ_ASSERT(pkt.len == len && !memcmp(pkt.data, octets, len));
		FUZZ_ASSERT(!rx.s.rtcp.used && rx.s.last_reason == reason);
	}
	free(pkt.data);
}

static void round_trip(const struct ksrtp_key_ctx *key, u32 last, const u8 *octets, u32 len)
{
	u32 room = ksrtp_suite_rtcp_overhead(key->suite, key->mki_len), ssrc, index;
	struct ksrtp_pkt pkt = packet(octets, len, room), again;
	struct fuzz_end tx, rx;
	enum ksrtp_reason reason;

	fuzz_end_init(&tx, 0);
	fuzz_end_init(&rx, 0);
	ksrtp_ssrc_restore_rtcp(&tx.s, last);
	reason = ksrtp_rtcp_parse(octets, len, &ssrc);
	if (!reason && last >= KSRTP_RTCP_INDEX_MAX)
		reason = KSRTP_REASON_INDEX_LIMIT;
	FUZZ_ASSERT(ksrtp_protect_rtcp(key, &tx.s, &pkt) == reason);
	if (!reason) {
		FUZZ_ASSERT(pkt.len == len + room);
		FUZZ_ASSERT(!memcmp(pkt.data, octets, KSRTP_RTCP_HDR_LEN));
		again = packet(pkt.data, pkt.len, 0);
		FUZZ_ASSERT(!ksrtp_unprotect_rtcp(key, &rx.s, &pkt, &index));
		FUZZ_ASSERT(index == last + 1);
		FUZZ_ASSERT(pkt.len == len && !memcmp(pkt.data, octets, len));
		FUZZ_ASSERT(ksrtp_unprotect_rtcp(key, &rx.s, &again, &index) ==
			    KSRTP_REASON_REPLAY);
		free(again.data);
	}
	free(pkt.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	const struct ksrtp_key_ctx *key;

	if (size < 5 || size > FUZZ_MAX)
		return 0;
	key = fuzz_key(in[0]);
	unprotect(key, in + 5, size - 5);
	round_trip(key, get_unaligned_be32(in + 1), in + 5, size - 5);
	return 0;
}
