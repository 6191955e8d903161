// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kernel.h>
#include <linux/string.h>
#include "suite.h"
#include "transform.h"

/* Lengths: RFC 3711 8.2 and RFC 4568 6.2; SRTCP keeps the 80-bit tag even where SRTP has 32. */
static const struct ksrtp_suite_desc suites[] = {
	{
		.name = "AES_CM_128_HMAC_SHA1_80",
		.id = KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_80,
		.cipher = KSRTP_CIPHER_AES_CM,
		.master_key_len = 16,
		.master_salt_len = 14,
		.key_len = 16,
		.salt_len = 14,
		.auth_key_len = 20,
		.rtp_tag_len = 10,
		.rtcp_tag_len = 10,
		.ops = &ksrtp_cm_ops,
	},
	{
		.name = "AES_CM_128_HMAC_SHA1_32",
		.id = KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_32,
		.cipher = KSRTP_CIPHER_AES_CM,
		.master_key_len = 16,
		.master_salt_len = 14,
		.key_len = 16,
		.salt_len = 14,
		.auth_key_len = 20,
		.rtp_tag_len = 4,
		.rtcp_tag_len = 10,
		.ops = &ksrtp_cm_ops,
	},
	{
		.name = "NULL_HMAC_SHA1_80",
		.id = KSRTP_SUITE_ID_NULL_HMAC_SHA1_80,
		.cipher = KSRTP_CIPHER_NULL,
		.master_key_len = 16,
		.master_salt_len = 14,
		.auth_key_len = 20,
		.rtp_tag_len = 10,
		.rtcp_tag_len = 10,
		.ops = &ksrtp_cm_ops,
	},
	{
		.name = "NULL_HMAC_SHA1_32",
		.id = KSRTP_SUITE_ID_NULL_HMAC_SHA1_32,
		.cipher = KSRTP_CIPHER_NULL,
		.master_key_len = 16,
		.master_salt_len = 14,
		.auth_key_len = 20,
		.rtp_tag_len = 4,
		.rtcp_tag_len = 10,
		.ops = &ksrtp_cm_ops,
	},
};

/**
 * ksrtp_suite_at() - the rows of the table, one after the other
 * @n: which row, from 0
 *
 * Return: the suite, NULL behind the last one.
 */
const struct ksrtp_suite_desc *ksrtp_suite_at(unsigned int n)
{
	return n < ARRAY_SIZE(suites) ? &suites[n] : NULL;
}

/**
 * ksrtp_suite_find() - a suite by its number
 * @id: KSRTP_SUITE_ID_*
 *
 * Return: the suite or NULL.
 */
const struct ksrtp_suite_desc *ksrtp_suite_find(u32 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		if (suites[i].id == id)
			return &suites[i];
	return NULL;
}

/**
 * ksrtp_suite_find_name() - a suite by its registered name
 * @name: as in RFC 4568, upper case
 *
 * Return: the suite or NULL.
 */
const struct ksrtp_suite_desc *ksrtp_suite_find_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	return NULL;
}
