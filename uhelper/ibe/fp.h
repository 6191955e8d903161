/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_IBE_FP_H
#define IBAKE_IBE_FP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Arithmetic modulo an odd number of at most 7680 bits, in Montgomery form.
 *
 * No function here branches on, or addresses memory by, the value of an element: the only things
 * that time depends on are the modulus and what is said to be public. Elements are always fully
 * reduced, so that equal values have equal limbs.
 *
 * Leaf functions leave copies of their operands on the stack. Whoever runs a secret operation
 * calls fp_burn_stack() at its end.
 */
#define FP_BITS_MAX 7680u
#define FP_LIMBS_MAX (FP_BITS_MAX / 64)
#define FP_OCTETS_MAX (FP_BITS_MAX / 8)

/**
 * struct fp - an element; only the first field.n limbs mean anything
 * @l: limbs, least significant first
 */
struct fp {
	uint64_t l[FP_LIMBS_MAX];
};

struct field;

/**
 * struct fp_backend - one way to do the arithmetic
 * @name: for people and benchmarks
 * @usable: whether this processor can run it on a modulus of @bits bits
 * @mul: r = a * b; every pointer may be the same as any other, here and below
 * @sqr: r = a * a
 * @add: r = a + b
 * @sub: r = a - b
 * @load: r = a, where @a is an integer below the modulus and @r the back end's representation
 * @store: the reverse of @load
 */
struct fp_backend {
	const char *name;
	bool (*usable)(unsigned int bits);
	void (*mul)(const struct field *f, struct fp *r, const struct fp *a, const struct fp *b);
	void (*sqr)(const struct field *f, struct fp *r, const struct fp *a);
	void (*add)(const struct field *f, struct fp *r, const struct fp *a, const struct fp *b);
	void (*sub)(const struct field *f, struct fp *r, const struct fp *a, const struct fp *b);
	void (*load)(const struct field *f, struct fp *r, const struct fp *a);
	void (*store)(const struct field *f, struct fp *r, const struct fp *a);
};

/**
 * struct field - a modulus and what follows from it
 * @be: the back end
 * @n: limbs of an element, a multiple of four
 * @bits: bits of the modulus
 * @octets: octets of the modulus, and of an encoded element
 * @n0: -1/modulus modulo 2^64
 * @p: the modulus
 * @r2: 2^(128 n) modulo the modulus, as an integer
 * @one: 1 as an element
 * @inv_rounds: rounds of 62 divsteps that an inversion takes
 * @inv_fix: 2^(2 inv_rounds + 64 n) modulo the modulus, as an integer
 */
struct field {
	const struct fp_backend *be;
	unsigned int n;
	unsigned int bits;
	size_t octets;
	uint64_t n0;
	struct fp p;
	struct fp r2;
	struct fp one;
	unsigned int inv_rounds;
	struct fp inv_fix;
};

extern const struct fp_backend fp_portable;

/**
 * field_init - prepare a modulus
 * @f: what is filled in
 * @be: the back end, or NULL for the best one that this processor has
 * @modulus: big-endian octets
 * @len: how many; leading zero octets are fine
 *
 * Return: 0, or -EINVAL where the modulus is even, below 5 or above 7680 bits.
 */
int field_init(struct field *f, const struct fp_backend *be, const uint8_t *modulus, size_t len);

static inline void fp_mul(const struct field *f, struct fp *r, const struct fp *a,
			  const struct fp *b)
{
	f->be->mul(f, r, a, b);
}

static inline void fp_sqr(const struct field *f, struct fp *r, const struct fp *a)
{
	f->be->sqr(f, r, a);
}

static inline void fp_add(const struct field *f, struct fp *r, const struct fp *a,
			  const struct fp *b)
{
	f->be->add(f, r, a, b);
}

static inline void fp_sub(const struct field *f, struct fp *r, const struct fp *a,
			  const struct fp *b)
{
	f->be->sub(f, r, a, b);
}

static inline void fp_dbl(const struct field *f, struct fp *r, const struct fp *a)
{
	f->be->add(f, r, a, a);
}

void fp_copy(const struct field *f, struct fp *r, const struct fp *a);
void fp_set_zero(const struct field *f, struct fp *r);
void fp_set_one(const struct field *f, struct fp *r);
void fp_set_small(const struct field *f, struct fp *r, unsigned int v);
void fp_neg(const struct field *f, struct fp *r, const struct fp *a);

/* Masks: all ones for true, zero for false. */
uint64_t fp_is_zero(const struct field *f, const struct fp *a);
uint64_t fp_equal(const struct field *f, const struct fp *a, const struct fp *b);
/* r = mask ? a : b */
void fp_select(const struct field *f, struct fp *r, const struct fp *a, const struct fp *b,
	       uint64_t mask);
/* Exchanges where @mask is all ones. */
void fp_cswap(const struct field *f, struct fp *a, struct fp *b, uint64_t mask);
/* r = table[index] with every entry read; @index is the secret, @count is not. */
void fp_lookup(const struct field *f, struct fp *r, const struct fp *table, size_t stride,
	       unsigned int count, unsigned int index);

/* r = a^e for a public exponent of @ebits bits, least significant limb first. */
void fp_pow_public(const struct field *f, struct fp *r, const struct fp *a, const uint64_t *e,
		   unsigned int ebits);
/* r = 1/a for a prime modulus; 0 for 0. Constant in time. */
void fp_inv(const struct field *f, struct fp *r, const struct fp *a);

/* An element from f->octets big-endian octets; false if the integer is not below the modulus. */
bool fp_from_octets(const struct field *f, struct fp *r, const uint8_t *in);
/* f->octets big-endian octets of an element. */
void fp_to_octets(const struct field *f, uint8_t *out, const struct fp *a);
/*
 * Any number of big-endian octets modulo the modulus. The result is the integer in plain limbs
 * (little end first), not an element; fp_load() makes it one.
 */
void fp_reduce_octets(const struct field *f, struct fp *r, const uint8_t *in, size_t len);

static inline void fp_load(const struct field *f, struct fp *r, const struct fp *a)
{
	f->be->load(f, r, a);
}

static inline void fp_store(const struct field *f, struct fp *r, const struct fp *a)
{
	f->be->store(f, r, a);
}

/* Big-endian octets into @n limbs, little end first; what does not fit must be zero: else false. */
bool limbs_from_octets(uint64_t *l, unsigned int n, const uint8_t *in, size_t len);
/* Bits of a public integer. */
unsigned int limbs_bits(const uint64_t *l, unsigned int n);

/* Overwrites the part of the stack where the functions of a finished operation had their locals. */
void fp_burn_stack(void);

/* Keeps the compiler from finding out that a mask has only two values, and from branching on it. */
static inline uint64_t fp_barrier(uint64_t v)
{
	__asm__("" : "+r"(v));
	return v;
}

#endif
