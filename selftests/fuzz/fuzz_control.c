// SPDX-License-Identifier: GPL-2.0-or-later
/* One line of the daemon's control socket. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "daemon/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	struct request r;
	char text[ADDR_TEXT_MAX];
	struct addr again;

	if (request_parse((const char *)data, len, &r, &e)) {
		/* A refusal has words, and leaves nothing half read. */
		if (!e.msg[0] || r.name[0])
			abort();
		return 0;
	}
	if (r.command == REQUEST_CALL_ADD) {
		/* What was accepted can be written and read again. */
		addr_format(&r.media.plain, text);
		if (addr_parse(text, 0, &again, &e) || !addr_equal(&again, &r.media.plain))
			abort();
	}
	return 0;
}
