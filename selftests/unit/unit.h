/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SELFTESTS_UNIT_H
#define SELFTESTS_UNIT_H

/* cmocka wants these four before its own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

/* Octets from hexadecimal; the test ends if @hex is not that. */
static inline struct buf unhex(const char *hex)
{
	struct buf b = BUF_INIT;

	assert_true(buf_unhex(&b, hex));
	return b;
}

/* The call was refused with @code, and its sentence names @word. */
#define assert_refused(ret, e, ecode, word)					\
	do {									\
		assert_int_equal((ret), -(ecode));				\
		if (!strstr((e).msg, (word)))					\
			fail_msg("\"%s\" does not say \"%s\"", (e).msg, (word));	\
	} while (0)

/* For main(): TAP on standard output whatever the environment says. cmocka has a deprecated macro
 * of this name.
 */
#undef run_tests
#define run_tests(tests)							\
	(setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1),				\
	 cmocka_run_group_tests(tests, NULL, NULL))

#endif
