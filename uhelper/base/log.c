// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static int level_max = LOG_INFO;

void log_level(int max)
{
	level_max = max;
}

void log_msg(int level, const char *fmt, ...)
{
	static const char *const name[] = { "emergency", "alert", "critical", "error",
					    "warning", "notice", "info", "debug" };
	char line[1024];
	va_list ap;

	if (level > level_max || level < 0 || level > LOG_DEBUG)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* One call, one write: lines of threads do not mix. */
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "%s: %s\n", name[level], line);
}
