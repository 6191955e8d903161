/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_CLI_OUTPUT_H
#define IBAKE_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <jansson.h>

/**
 * struct out - standard output as text or as JSON, from the same calls
 *
 * A command says what it knows once; -j decides how it looks:
 *
 *	out_list_begin(o, NULL);			[                       |
 *	out_obj_begin(o, "sa");				{                       | sa
 *	out_u64(o, "id", 1);				 "id": 1,               |  id 1
 *	out_str(o, "direction", "tx");			 "direction": "tx",     |  direction tx
 *	out_list_begin(o, "keys");			 "keys": [              |
 *	out_obj_begin(o, "key");			  {                     | (new line)    key
 *	out_hex(o, "mki", mki, 4);			   "mki": "00000001"    |  mki 00000001
 *	out_obj_end(o); out_list_end(o); ...		  } ] } ]
 *
 * What is printed is one object or one list; a list at the top is streamed, an element a time.
 * The name of an object inside a list is a word of the text only. Names are lower case with
 * underscores; text shows them with hyphens' meaning left alone, as they are. Strings may come
 * from a peer: control characters and what is not UTF-8 are shown as \xNN.
 */
struct out;

enum {
	OUT_JSON = 1,		/* -j */
	OUT_PRETTY = 2,		/* -p: JSON over many lines */
	OUT_ONELINE = 4,	/* -o: text records on one line, breaks shown as a backslash */
	OUT_LINES = 8,		/* a JSON object a line instead of a list (monitor); flushed each */
};

struct out *out_new(unsigned int flags);
/* Closes what is open, so that the JSON is whole even after a failure in the middle. */
void out_free(struct out *o);
void out_flags_add(struct out *o, unsigned int flags);
unsigned int out_flags(const struct out *o);
/* Has anything been printed? */
bool out_used(const struct out *o);

void out_list_begin(struct out *o, const char *name);
void out_list_end(struct out *o);
void out_obj_begin(struct out *o, const char *name);
void out_obj_end(struct out *o);

/* In a list of plain values the name is NULL. A NULL string is JSON null and "none" in text. */
void out_str(struct out *o, const char *name, const char *value);
void out_strn(struct out *o, const char *name, const void *value, size_t len);
void out_fmt(struct out *o, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void out_u64(struct out *o, const char *name, uint64_t value);
void out_i64(struct out *o, const char *name, int64_t value);
void out_double(struct out *o, const char *name, double value);
/* JSON true or false, text yes or no */
void out_bool(struct out *o, const char *name, bool value);
/* Octets as lower-case hexadecimal. */
void out_hex(struct out *o, const char *name, const void *data, size_t len);
/* A point in time as 2026-11-20T19:28:58Z, with @nsec also its fraction of six digits. */
void out_time(struct out *o, const char *name, time_t unix_time);
void out_timespec(struct out *o, const char *name, const struct timespec *ts);
/* Any tree, for example a reply of the daemon; borrowed. */
void out_json(struct out *o, const char *name, const json_t *value);
/* Text: go on in the next line, indented. JSON: nothing. */
void out_line(struct out *o);

/* Text of unknown origin: what could steer a terminal or is not UTF-8 becomes \xNN. */
struct buf;
void out_escape(struct buf *b, const char *s, size_t len);

#endif
