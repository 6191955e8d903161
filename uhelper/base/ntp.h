/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_BASE_NTP_H
#define IBAKE_BASE_NTP_H

#include <stdint.h>
#include <time.h>

#define NTP_UNIX_OFFSET 2208988800u /* seconds from 1900 to 1970, RFC 5905 section 6 */

/* NTP-UTC of RFC 3830 6.6, 32.32 fixed point, from a clock reading. */
static inline uint64_t ntp_from_timespec(const struct timespec *ts)
{
	uint64_t frac = ((uint64_t)ts->tv_nsec << 32) / 1000000000u;

	return (uint64_t)((uint32_t)ts->tv_sec + NTP_UNIX_OFFSET) << 32 | frac;
}

/* Unix seconds of an NTP-UTC value, in the era (136 years) that lies nearest to @now. */
static inline int64_t ntp_to_unix(uint64_t ntp, int64_t now)
{
	uint32_t sec = (uint32_t)(ntp >> 32) - NTP_UNIX_OFFSET;
	int64_t near = (now & ~0xffffffffll) | sec;

	if (near - now > 0x80000000ll)
		near -= 0x100000000ll;
	else if (now - near > 0x80000000ll)
		near += 0x100000000ll;
	return near;
}

#endif
