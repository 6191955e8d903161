// SPDX-License-Identifier: GPL-2.0-or-later
/* Text and JSON from one set of calls. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/output.h"

#define DEPTH_MAX 16
#define INDENT 4

/**
 * struct level - an object or list that has been begun and not ended
 * @node: the tree it collects under -j; NULL in text, and for the streamed list at the top
 * @list: a list, not an object
 * @name: of a list, in front of its plain values in text
 * @plain: text: a plain value of this list has been printed
 * @indent: text: columns of an inner object
 * @pending: text: an inner object of which nothing has been printed, and perhaps never is
 */
struct level {
	json_t *node;
	const char *name;
	bool list;
	bool plain;
	unsigned int indent;
	bool pending;
};

struct out {
	unsigned int flags;
	struct level lv[DEPTH_MAX];
	unsigned int depth;
	unsigned int records;	/* objects open, which is the indentation of the text */
	bool used;
	bool streaming;		/* JSON: the bracket of the list at the top has been printed */
	bool more;		/* JSON: an element was streamed before */
	bool midline;		/* text: the line has something on it */
	bool ended;		/* text: an inner object is over, its parent needs a new line */
};

struct out *out_new(unsigned int flags)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	o->flags = flags;
	return o;
}

void out_flags_add(struct out *o, unsigned int flags)
{
	o->flags |= flags;
}

unsigned int out_flags(const struct out *o)
{
	return o->flags;
}

bool out_used(const struct out *o)
{
	return o->used;
}

void out_free(struct out *o)
{
	if (!o)
		return;
	while (o->depth) {
		if (o->lv[o->depth - 1].list)
			out_list_end(o);
		else
			out_obj_end(o);
	}
	fflush(stdout);
	free(o);
}

static bool is_json(const struct out *o)
{
	return o->flags & OUT_JSON;
}

void out_escape(struct buf *b, const char *s, size_t len)
{
	json_t *whole = json_stringn(s, len);
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !whole))
			buf_printf(b, "\\x%02x", c);
		else
			buf_u8(b, c);
	}
	json_decref(whole);
}

static void dump(struct out *o, json_t *node)
{
	size_t how = JSON_PRESERVE_ORDER | JSON_ENCODE_ANY;

	if ((o->flags & OUT_PRETTY) && !(o->flags & OUT_LINES))
		how |= JSON_INDENT(4);
	else
		how |= JSON_COMPACT;
	json_dumpf(node, stdout, how);
	json_decref(node);
	o->used = true;
	if (o->flags & OUT_LINES) {
		putchar('\n');
		fflush(stdout);
	}
}

/* A finished node goes to the object or list around it, or to standard output. */
static void place(struct out *o, const char *name, json_t *node)
{
	struct level *up = o->depth ? &o->lv[o->depth - 1] : NULL;

	if (!node)
		node = json_null();
	if (up && up->node && up->list) {
		json_array_append_new(up->node, node);
	} else if (up && up->node) {
		json_object_set_new(up->node, name ? name : "value", node);
	} else if (o->flags & OUT_LINES) {
		dump(o, node);
	} else if (up) {
		fputs(o->more ? ",\n" : "\n", stdout);
		dump(o, node);
		o->more = true;
	} else {
		dump(o, node);
		putchar('\n');
	}
}

static void push(struct out *o, json_t *node, const char *name, bool list)
{
	if (o->depth == DEPTH_MAX)
		abort();
	o->lv[o->depth++] = (struct level){ .node = node, .name = name, .list = list };
}

static void newline(struct out *o, unsigned int indent)
{
	if (o->midline)
		putchar((o->flags & OUT_ONELINE) ? '\\' : '\n');
	printf("%*s", (int)indent, "");
	o->midline = false;
	o->ended = false;
}

/* The heads of inner objects that now have something in them. */
static void heads(struct out *o)
{
	unsigned int i;

	for (i = 0; i < o->depth; i++) {
		if (!o->lv[i].pending)
			continue;
		o->lv[i].pending = false;
		newline(o, o->lv[i].indent);
		if (o->lv[i].name) {
			fputs(o->lv[i].name, stdout);
			o->midline = true;
		}
	}
}

static void word(struct out *o, const char *s)
{
	heads(o);
	if (o->ended)
		newline(o, o->records * INDENT);
	if (o->midline)
		putchar(' ');
	fputs(s, stdout);
	o->midline = true;
	o->used = true;
}

void out_line(struct out *o)
{
	if (!is_json(o) && o->midline)
		newline(o, o->records * INDENT);
}

void out_list_begin(struct out *o, const char *name)
{
	json_t *node = NULL;

	if (!is_json(o)) {
		push(o, NULL, name, true);
		return;
	}
	if (!o->depth && !(o->flags & OUT_LINES)) {
		putchar('[');
		o->streaming = true;
		o->used = true;
	} else if (o->depth) {
		node = json_array();
		place(o, name, json_incref(node));
	}
	push(o, node, name, true);
}

void out_list_end(struct out *o)
{
	struct level *lv = &o->lv[--o->depth];

	if (!is_json(o))
		return;
	if (o->depth || !o->streaming) {
		json_decref(lv->node);
		return;
	}
	fputs(o->more ? "\n]\n" : "]\n", stdout);
	o->streaming = false;
}

void out_obj_begin(struct out *o, const char *name)
{
	struct level *up = o->depth ? &o->lv[o->depth - 1] : NULL;
	json_t *node;

	if (!is_json(o)) {
		bool inner = o->records;

		if (!inner && name)
			word(o, name);
		push(o, NULL, name, false);
		o->lv[o->depth - 1].indent = o->records * INDENT;
		o->lv[o->depth - 1].pending = inner;
		o->records++;
		return;
	}
	node = json_object();
	/* An inner object hangs in its parent at once; an outer one is printed when it is whole. */
	if (up && up->node)
		place(o, name, json_incref(node));
	push(o, node, NULL, false);
}

void out_obj_end(struct out *o)
{
	struct level *lv = &o->lv[--o->depth];
	bool inner = o->depth && o->lv[o->depth - 1].node;

	if (is_json(o)) {
		if (inner)
			json_decref(lv->node);
		else
			place(o, NULL, lv->node);
		return;
	}
	o->records--;
	o->ended = o->ended || (o->records && !lv->pending);
	if (!o->records) {
		putchar('\n');
		o->midline = false;
		o->ended = false;
		if (o->flags & OUT_LINES)
			fflush(stdout);
	}
}

/* One value: @text as it stands, or the tree @node (taken). */
static void value(struct out *o, const char *name, json_t *node, const char *text)
{
	struct level *lv = o->depth ? &o->lv[o->depth - 1] : NULL;

	if (is_json(o)) {
		place(o, name, node);
		return;
	}
	json_decref(node);
	if (lv && lv->list && lv->plain) {
		putchar(',');
		fputs(text, stdout);
		return;
	}
	if (lv && lv->list) {
		lv->plain = true;
		name = lv->name;
	}
	if (name)
		word(o, name);
	word(o, text);
	if (!o->records) {
		putchar('\n');
		o->midline = false;
	}
}

void out_strn(struct out *o, const char *name, const void *s, size_t len)
{
	struct buf b = BUF_INIT;
	json_t *node = is_json(o) ? json_stringn(s, len) : NULL;

	out_escape(&b, s, len);
	buf_u8(&b, 0);
	if (is_json(o) && !node)
		node = json_string((const char *)b.data);
	value(o, name, node, len ? (const char *)b.data : "\"\"");
	buf_free(&b);
}

void out_str(struct out *o, const char *name, const char *s)
{
	if (s)
		out_strn(o, name, s, strlen(s));
	else
		value(o, name, json_null(), "none");
}

void out_fmt(struct out *o, const char *name, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	out_str(o, name, s);
	free(s);
}

void out_u64(struct out *o, const char *name, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	/* JSON integers of jansson are signed: the upper half goes out as text, exactly. */
	value(o, name, v <= INT64_MAX ? json_integer((json_int_t)v) : json_string(text), text);
}

void out_i64(struct out *o, const char *name, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	value(o, name, json_integer(v), text);
}

void out_double(struct out *o, const char *name, double v)
{
	char text[40];

	snprintf(text, sizeof(text), "%.6g", v);
	value(o, name, json_real(v), text);
}

void out_bool(struct out *o, const char *name, bool v)
{
	value(o, name, json_boolean(v), v ? "yes" : "no");
}

void out_hex(struct out *o, const char *name, const void *data, size_t len)
{
	struct buf b = BUF_INIT;

	buf_hex(&b, data, len);
	out_strn(o, name, b.data ? (const char *)b.data : "", b.len);
	buf_free(&b);
}

void out_timespec(struct out *o, const char *name, const struct timespec *ts)
{
	char text[48], whole[32] = "?";
	struct tm tm;

	if (gmtime_r(&ts->tv_sec, &tm))
		strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06ldZ", whole, ts->tv_nsec / 1000);
	out_str(o, name, text);
}

void out_time(struct out *o, const char *name, time_t t)
{
	char text[32] = "?";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	out_str(o, name, text);
}

static void out_children(struct out *o, const char *name, const json_t *v)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_array(v)) {
		out_list_begin(o, name);
		json_array_foreach(v, i, child)
			out_json(o, json_is_object(child) ? name : NULL, child);
		out_list_end(o);
		return;
	}
	out_obj_begin(o, name);
	json_object_foreach((json_t *)v, key, child)
		out_json(o, key, child);
	out_obj_end(o);
}

void out_json(struct out *o, const char *name, const json_t *v)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		out_children(o, name, v);
		break;
	case JSON_STRING:
		out_strn(o, name, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		out_i64(o, name, json_integer_value(v));
		break;
	case JSON_REAL:
		out_double(o, name, json_real_value(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		out_bool(o, name, json_is_true(v));
		break;
	case JSON_NULL:
		out_str(o, name, NULL);
		break;
	}
}
