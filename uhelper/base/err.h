/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_BASE_ERR_H
#define IBAKE_BASE_ERR_H

#include <errno.h>

/**
 * struct err - one sentence that says what was wrong, for the person who has to mend it
 * @code: a positive errno value, 0 while nothing was recorded
 * @msg: the sentence, without a trailing full stop or newline; never holds secrets
 *
 * Every function that can be given wrong input takes one of these last and returns 0 or a
 * negative errno. A NULL pointer is allowed everywhere: the caller does not want the words.
 */
struct err {
	int code;
	char msg[240];
};

#define ERR_INIT { 0, "" }

/* What err_set() is made of: records, and returns the code that was recorded. */
int err_note(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* In the header, so that an analyser of one file sees that a refusal is never 0. */
static inline int err_negative(int code)
{
	return code > 0 ? -code : -EIO;
}

/**
 * err_set - record why something was refused
 * @e: where, or NULL
 * @code: positive errno value; anything else counts as EIO
 * @...: the sentence, printf-style
 *
 * Return: -@code, so that "return err_set(e, EINVAL, ...)" reads as what it does.
 */
#define err_set(e, code, ...) err_negative(err_note(e, code, __VA_ARGS__))

/* Puts a context in front of a sentence that a callee recorded: "context: sentence". It returns
 * nothing: the caller has the callee's code, which is right where @e is NULL, too.
 */
void err_add(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
