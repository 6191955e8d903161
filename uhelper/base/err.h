/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_BASE_ERR_H
#define IBAKE_BASE_ERR_H

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

/**
 * err_set - record why something was refused
 * @e: where, or NULL
 * @code: positive errno value
 * @fmt: the sentence, printf-style
 *
 * Return: -@code, so that "return err_set(e, EINVAL, ...)" reads as what it does.
 */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * err_add - put a context in front of a sentence that a callee recorded: "context: sentence"
 *
 * Return: -@e->code (-EIO where nothing was recorded or @e is NULL)
 */
int err_add(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
