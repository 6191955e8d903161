// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AES-CTR and HMAC-SHA1 on the kernel's crypto API, without allocation per packet.
 *
 * On x86 the fast AES drivers carry the flag ASYNC although they run inline whenever the FPU can be
 * used; asking for synchronous drivers would lose them. So each cipher has the best driver that
 * does not allocate (which leaves hardware queues out), and a synchronous one for the moments when
 * !crypto_simd_usable(). Nothing is ever completed later.
 */
#include <asm/simd.h>
#include <crypto/hash.h>
#include <crypto/internal/simd.h>
#include <crypto/skcipher.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "crypto.h"
#include "srtp.h"

/* Drivers that run inline need up to 168 octets on 6.1 and 6.12; one that wants more is refused. */
#define REQ_CTX_MAX 512

/**
 * struct ksrtp_cipher - a keyed cipher
 * @best: the fastest driver
 * @sync: the driver without FPU, NULL where @best is always synchronous
 */
struct ksrtp_cipher {
	struct crypto_skcipher *best;
	struct crypto_skcipher *sync;
};

/**
 * struct ksrtp_mac - a keyed MAC
 * @tfm: the driver
 */
struct ksrtp_mac {
	struct crypto_shash *tfm;
};

/**
 * struct scratch - what one packet at a time needs on a CPU; BH off reserves it
 * @sg: the packet
 * @iv: counter block, advanced by the driver
 * @req: struct skcipher_request and the context of its driver
 * @desc: struct shash_desc and the context of its driver
 */
struct scratch {
	struct scatterlist sg;
	u8 iv[KSRTP_BLOCK_LEN];
	u8 req[sizeof(struct skcipher_request) + REQ_CTX_MAX] CRYPTO_MINALIGN_ATTR;
	u8 desc[sizeof(struct shash_desc) + HASH_MAX_DESCSIZE] CRYPTO_MINALIGN_ATTR;
};

static struct scratch __percpu *scratch;

/**
 * ksrtp_crypto_init() - allocate the per-CPU scratch
 *
 * Return: 0 or -ENOMEM.
 */
int ksrtp_crypto_init(void)
{
	scratch = alloc_percpu(struct scratch);
	return scratch ? 0 : -ENOMEM;
}

/**
 * ksrtp_crypto_exit() - wipe and free the per-CPU scratch
 */
void ksrtp_crypto_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memzero_explicit(per_cpu_ptr(scratch, cpu), sizeof(struct scratch));
	free_percpu(scratch);
	scratch = NULL;
}

static struct crypto_skcipher *ctr_alloc(const u8 *key, unsigned int len, u32 mask)
{
	struct crypto_skcipher *tfm;
	int ret;

	tfm = crypto_alloc_skcipher("ctr(aes)", 0, mask | CRYPTO_ALG_ALLOCATES_MEMORY);
	if (IS_ERR(tfm))
		return tfm;
	if (crypto_skcipher_reqsize(tfm) > REQ_CTX_MAX)
		ret = -EOVERFLOW;
	else
		ret = crypto_skcipher_setkey(tfm, key, len);
	if (ret) {
		crypto_free_skcipher(tfm);
		return ERR_PTR(ret);
	}
	return tfm;
}

/*
 * Does a driver with the flag ASYNC run inline where packets run? It is tried once, here, where
 * waiting is possible, because a request out of the scratch could not be waited for.
 */
static bool runs_inline(struct crypto_skcipher *tfm)
{
	struct skcipher_request *req;
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;
	int ret;
	u8 *buf;

	buf = kzalloc(2 * KSRTP_BLOCK_LEN, GFP_KERNEL);
	req = skcipher_request_alloc(tfm, GFP_KERNEL);
	if (!buf || !req) {
		ret = -ENOMEM;
		goto out;
	}
	sg_init_one(&sg, buf, KSRTP_BLOCK_LEN);
	skcipher_request_set_callback(req, 0, crypto_req_done, &wait);
	skcipher_request_set_crypt(req, &sg, &sg, KSRTP_BLOCK_LEN, buf + KSRTP_BLOCK_LEN);
	local_bh_disable();
	ret = crypto_skcipher_encrypt(req);
	local_bh_enable();
	if (ret == -EINPROGRESS)
		crypto_wait_req(ret, &wait);
out:
	skcipher_request_free(req);
	kfree_sensitive(buf);
	return !ret;
}

/**
 * ksrtp_cipher_alloc() - AES in counter mode
 * @key: the key
 * @len: 16, 24 or 32 octets
 *
 * Return: the cipher or ERR_PTR().
 */
struct ksrtp_cipher *ksrtp_cipher_alloc(const u8 *key, unsigned int len)
{
	struct ksrtp_cipher *cipher;
	int ret;

	cipher = kzalloc(sizeof(*cipher), GFP_KERNEL);
	if (!cipher)
		return ERR_PTR(-ENOMEM);

	cipher->best = ctr_alloc(key, len, CRYPTO_ALG_KERN_DRIVER_ONLY);
	if (!IS_ERR(cipher->best) &&
	    !(crypto_skcipher_tfm(cipher->best)->__crt_alg->cra_flags & CRYPTO_ALG_ASYNC))
		return cipher;

	cipher->sync = ctr_alloc(key, len, CRYPTO_ALG_ASYNC);
	if (IS_ERR(cipher->sync)) {
		ret = PTR_ERR(cipher->sync);
		goto err_sync;
	}
	if (IS_ERR(cipher->best) || !runs_inline(cipher->best)) {
		if (!IS_ERR(cipher->best))
			crypto_free_skcipher(cipher->best);
		cipher->best = cipher->sync;
		cipher->sync = NULL;
	}
	return cipher;

err_sync:
	if (!IS_ERR(cipher->best))
		crypto_free_skcipher(cipher->best);
	kfree(cipher);
	return ERR_PTR(ret);
}

/**
 * ksrtp_cipher_free() - wipe and free
 * @cipher: the cipher or NULL
 */
void ksrtp_cipher_free(struct ksrtp_cipher *cipher)
{
	if (!cipher)
		return;
	/* Both wipe the round keys: the API frees a tfm with kfree_sensitive(). */
	if (cipher->sync)
		crypto_free_skcipher(cipher->sync);
	crypto_free_skcipher(cipher->best);
	kfree(cipher);
}

static int ctr_run(struct crypto_skcipher *tfm, const u8 *iv, u8 *data, unsigned int len)
{
	struct scratch *sc = this_cpu_ptr(scratch);
	struct skcipher_request *req = (void *)sc->req;
	int ret;

	lockdep_assert_once(in_softirq());
	sg_init_one(&sc->sg, data, len);
	memcpy(sc->iv, iv, sizeof(sc->iv));
	skcipher_request_set_tfm(req, tfm);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	skcipher_request_set_crypt(req, &sc->sg, &sc->sg, len, sc->iv);
	ret = crypto_skcipher_encrypt(req);
	WARN_ONCE(ret == -EINPROGRESS, "%s went asynchronous\n",
		  crypto_tfm_alg_driver_name(crypto_skcipher_tfm(tfm)));
	memzero_explicit(sc->iv, sizeof(sc->iv));
	return ret;
}

/**
 * ksrtp_cipher_ctr() - encrypt or decrypt in place
 * @cipher: the cipher
 * @iv: first counter block
 * @data: the octets, in linearly mapped memory
 * @len: how many
 *
 * Return: 0 or -errno.
 */
int ksrtp_cipher_ctr(const struct ksrtp_cipher *cipher, const u8 iv[KSRTP_BLOCK_LEN], u8 *data,
		     unsigned int len)
{
	if (cipher->sync && !crypto_simd_usable())
		return ctr_run(cipher->sync, iv, data, len);
	return ctr_run(cipher->best, iv, data, len);
}

/**
 * ksrtp_cipher_ctr_busy() - the same as if the FPU were taken, for the known answers
 * @cipher: the cipher
 * @iv: first counter block
 * @data: the octets, in linearly mapped memory
 * @len: how many
 *
 * Return: 0 or -errno.
 */
int __init ksrtp_cipher_ctr_busy(const struct ksrtp_cipher *cipher, const u8 iv[KSRTP_BLOCK_LEN],
				 u8 *data, unsigned int len)
{
	return ctr_run(cipher->sync ? cipher->sync : cipher->best, iv, data, len);
}

/**
 * ksrtp_mac_alloc() - HMAC-SHA1
 * @key: the key
 * @len: its octets
 *
 * Return: the MAC or ERR_PTR().
 */
struct ksrtp_mac *ksrtp_mac_alloc(const u8 *key, unsigned int len)
{
	struct ksrtp_mac *mac;
	int ret;

	mac = kzalloc(sizeof(*mac), GFP_KERNEL);
	if (!mac)
		return ERR_PTR(-ENOMEM);
	mac->tfm = crypto_alloc_shash("hmac(sha1)", 0, 0);
	if (IS_ERR(mac->tfm)) {
		ret = PTR_ERR(mac->tfm);
		goto err_mac;
	}
	if (crypto_shash_descsize(mac->tfm) > HASH_MAX_DESCSIZE)
		ret = -EOVERFLOW;
	else
		ret = crypto_shash_setkey(mac->tfm, key, len);
	if (ret)
		goto err_tfm;
	return mac;

err_tfm:
	crypto_free_shash(mac->tfm);
err_mac:
	kfree(mac);
	return ERR_PTR(ret);
}

/**
 * ksrtp_mac_free() - wipe and free
 * @mac: the MAC or NULL
 */
void ksrtp_mac_free(struct ksrtp_mac *mac)
{
	if (!mac)
		return;
	crypto_free_shash(mac->tfm);
	kfree(mac);
}

/**
 * ksrtp_mac_sum() - the whole HMAC of @data followed by @tail
 * @mac: the MAC
 * @data: octets
 * @len: how many
 * @tail: octets that are not in the packet (the ROC), or NULL
 * @tail_len: how many
 * @sum: the result; the caller truncates
 *
 * Return: 0 or -errno.
 */
int ksrtp_mac_sum(const struct ksrtp_mac *mac, const u8 *data, unsigned int len, const u8 *tail,
		  unsigned int tail_len, u8 sum[KSRTP_SHA1_LEN])
{
	struct shash_desc *desc = (void *)this_cpu_ptr(scratch)->desc;
	int ret;

	lockdep_assert_once(in_softirq());
	desc->tfm = mac->tfm;
	ret = crypto_shash_init(desc);
	if (!ret)
		ret = crypto_shash_update(desc, data, len);
	/* The inner state was keyed; final leaves none of it in the descriptor. */
	if (!ret)
		ret = crypto_shash_finup(desc, tail, tail_len, sum);
	return ret;
}
