// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "compat/unaligned.h"
#include "kdf.h"

/**
 * ksrtp_kdf_init() - set up the PRF of a master key
 * @kdf: to fill; secret from here on, also after a failure
 * @key: master key
 * @key_len: 16, 24 or 32 octets, which selects the AES of the PRF (RFC 3711 4.3.3, RFC 6188)
 * @salt: master salt
 * @salt_len: up to 14 octets; a shorter one stands left-aligned (RFC 7714 11)
 *
 * Return: 0, or -EINVAL for a length that does not exist.
 */
int ksrtp_kdf_init(struct ksrtp_kdf *kdf, const u8 *key, unsigned int key_len, const u8 *salt,
		   unsigned int salt_len)
{
	if (salt_len > sizeof(kdf->salt))
		return -EINVAL;
	memset(kdf->salt, 0, sizeof(kdf->salt));
	memcpy(kdf->salt, salt, salt_len);
	return aes_expandkey(&kdf->aes, key, key_len);
}

/**
 * ksrtp_kdf_derive() - derive one session key, salt or authentication key
 * @kdf: the master key
 * @label: what to derive
 * @r: packet index DIV key derivation rate, 48 bits; 0 where the rate is 0
 * @out: the result
 * @len: its octets
 *
 * key_id is the label followed by r in six octets, for SRTCP as well: RFC 3711 4.3.2 can be read
 * as four octets there, libsrtp takes six, and only then do the formats of both agree.
 */
void ksrtp_kdf_derive(const struct ksrtp_kdf *kdf, enum ksrtp_kdf_label label, u64 r, u8 *out,
		      unsigned int len)
{
	u8 in[AES_BLOCK_SIZE] = { 0 };
	u8 block[AES_BLOCK_SIZE];
	unsigned int i, n;
	u16 counter;

	memcpy(in, kdf->salt, sizeof(kdf->salt));
	in[7] ^= label;
	for (i = 0; i < 6; i++)
		in[8 + i] ^= r >> (8 * (5 - i));

	/* AES-CM of RFC 3711 4.1.1: the two octets that are free after the salt count blocks. */
	for (counter = 0; len; counter++, out += n, len -= n) {
		put_unaligned_be16(counter, in + 14);
		aes_encrypt(&kdf->aes, block, in);
		n = min_t(unsigned int, len, sizeof(block));
		memcpy(out, block, n);
	}
	memzero_explicit(block, sizeof(block));
	memzero_explicit(in, sizeof(in));
}
