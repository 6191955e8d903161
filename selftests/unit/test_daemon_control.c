// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/control.h"

#define ADD "\"command\":\"call-add\",\"to\":\"sip:bob@b.example\",\"from\":\"sip:alice@a.example\","	\
	    "\"via\":\"10.0.3.1\",\"phone\":\"10.0.1.2:4000\",\"secure\":\"10.0.2.1:5000\","		\
	    "\"remote\":\"10.0.3.1:5000\""

static void call_add(void **state)
{
	static const char line[] = "{" ADD ",\"plain\":\"10.0.1.1:4000\",\"name\":\"c1\",\"wait\":20}";
	struct err e = ERR_INIT;
	struct request r;

	assert_int_equal(request_parse(line, strlen(line), &r, &e), 0);
	assert_int_equal(r.command, REQUEST_CALL_ADD);
	assert_string_equal(r.name, "c1");
	assert_string_equal(r.to, "sip:bob@b.example");
	assert_int_equal(addr_port(&r.via), 2269);
	assert_int_equal(addr_port(&r.media.plain), 4000);
	assert_int_equal(r.wait, 20);
}

static const struct {
	const char *line, *word;
} bad[] = {
	{ "", "not a JSON object" },
	{ "[]", "not a JSON object" },
	{ "{}", "no \"command\"" },
	{ "{\"command\":3}", "no \"command\"" },
	{ "{\"command\":\"reboot\"}", "no command \"reboot\"" },
	{ "{\"command\":\"status\",\"command\":\"status\"}", "duplicate" },
	{ "{\"command\":\"status\",\"name\":\"x\"}", "takes no \"name\"" },
	{ "{\"command\":\"call-del\"}", "needs \"name\"" },
	{ "{\"command\":\"call-del\",\"name\":\"\"}", "not empty" },
	{ "{\"command\":\"call-del\",\"name\":\"../x\"}", "no call name" },
	{ "{\"command\":\"call-del\",\"name\":\"a/b\"}", "no call name" },
	{ "{\"command\":\"call-del\",\"name\":\"123456789012345678901234567890123\"}", "longer" },
	{ "{\"command\":\"call-del\",\"name\":\"a\\u0000b\"}", "not a JSON object" },
	{ "{\"command\":\"call-del\",\"name\":\"a b\"}", "printable" },
	{ "{" ADD "}", "needs \"plain\"" },
	{ "{" ADD ",\"plain\":\"10.0.1.1\"}", "no port" },
	{ "{" ADD ",\"plain\":\"10.0.1:4000\"}", "numeric" },
	{ "{" ADD ",\"plain\":\"10.0.1.1:65535\"}", "RTCP" },
	{ "{" ADD ",\"plain\":\"10.0.2.1:5001\"}", "share a port" },
	{ "{" ADD ",\"plain\":\"[::1]:5001\"}", "address family" },
	{ "{" ADD ",\"plain\":\"10.0.1.1:4000\",\"wait\":-1}", "seconds" },
	{ "{" ADD ",\"plain\":\"10.0.1.1:4000\",\"wait\":\"3\"}", "seconds" },
	{ "{" ADD ",\"plain\":\"10.0.1.1:4000\",\"hurry\":true}", "takes no \"hurry\"" },
	{ "{\"command\":\"status\"} trailing", "end of file expected" },
};

static void refused(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;
		struct request r;

		assert_true(request_parse(bad[i].line, strlen(bad[i].line), &r, &e) < 0);
		if (!strstr(e.msg, bad[i].word))
			fail_msg("%s: \"%s\" does not say \"%s\"", bad[i].line, e.msg, bad[i].word);
		assert_int_equal(r.name[0], 0);
	}
}

static void nested(void **state)
{
	static char line[REQUEST_LINE_MAX + 2];
	struct err e = ERR_INIT;
	struct request r;

	memset(line, '[', sizeof(line) - 1);
	assert_refused(request_parse(line, REQUEST_LINE_MAX, &r, &e), e, EINVAL, "JSON");
	assert_refused(request_parse(line, REQUEST_LINE_MAX + 1, &r, &e), e, EMSGSIZE, "longer");
}

struct server {
	struct event_base *loop;
	struct control *control;
	int requests, closed, fd;
	char path[80];
};

static void on_request(void *arg, struct control_conn *conn, const struct request *r)
{
	struct server *s = arg;

	s->requests++;
	control_send(conn, json_pack("{s:b, s:i}", "ok", 1, "command", (int)r->command));
}

static void on_closed(void *arg, struct control_conn *conn)
{
	((struct server *)arg)->closed++;
}

static const struct control_ops ops = { on_request, on_closed };

static int dial(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void turn(struct server *s)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(s->loop, EVLOOP_NONBLOCK);
}

static void say(struct server *s, const char *text, char *answer, size_t size)
{
	ssize_t n;

	assert_int_equal(write(s->fd, text, strlen(text)), strlen(text));
	turn(s);
	n = recv(s->fd, answer, size - 1, MSG_DONTWAIT);
	answer[n > 0 ? n : 0] = '\0';
}

static void start(struct server *s)
{
	struct err e = ERR_INIT;

	memset(s, 0, sizeof(*s));
	snprintf(s->path, sizeof(s->path), "/tmp/test_daemon_control.%d/sock", (int)getpid());
	s->loop = event_base_new();
	s->control = control_new(s->loop, s->path, &ops, s, &e);
	assert_non_null(s->control);
	s->fd = dial(s->path);
}

static void stop(struct server *s)
{
	close(s->fd);
	control_free(s->control);
	event_base_free(s->loop);
	assert_int_not_equal(access(s->path, F_OK), 0);
	*strrchr(s->path, '/') = '\0';
	rmdir(s->path);
}

static void lines(void **state)
{
	char answer[4096];
	struct server s;
	struct stat st;

	start(&s);
	assert_int_equal(stat(s.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	say(&s, "{\"command\":\"sta", answer, sizeof(answer));
	assert_string_equal(answer, "");
	say(&s, "tus\"}\n{\"command\":\"call-show\"}\n", answer, sizeof(answer));
	assert_string_equal(answer, "{\"ok\":true,\"command\":0}\n{\"ok\":true,\"command\":4}\n");
	say(&s, "rubbish \xff\n", answer, sizeof(answer));
	assert_non_null(strstr(answer, "\"ok\":false"));
	say(&s, "{\"command\":\"\xc3\xa9\"}\n", answer, sizeof(answer));
	assert_non_null(strstr(answer, "there is no command"));
	/* After bad lines the connection still works. */
	say(&s, "{\"command\":\"status\"}\n", answer, sizeof(answer));
	assert_non_null(strstr(answer, "\"ok\":true"));
	assert_int_equal(s.requests, 3);
	stop(&s);
	assert_int_equal(s.closed, 1);
}

static void too_long(void **state)
{
	static char text[REQUEST_LINE_MAX + 100], answer[4096];
	struct server s;

	start(&s);
	memset(text, ' ', sizeof(text) - 1);
	say(&s, text, answer, sizeof(answer));
	assert_non_null(strstr(answer, "longer than"));
	turn(&s);
	assert_int_equal(s.closed, 1);
	stop(&s);
}

static void in_use(void **state)
{
	struct err e = ERR_INIT;
	struct server s;

	start(&s);
	assert_null(control_new(s.loop, s.path, &ops, &s, &e));
	assert_refused(-e.code, e, EADDRINUSE, "another daemon");
	stop(&s);
}

static void left_behind(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct err e = ERR_INIT;
	struct server s;
	int fd;

	start(&s);
	stop(&s);
	/* A socket file whose process died does not stand in the way of the next one. */
	snprintf(sun.sun_path, sizeof(sun.sun_path), "/tmp/test_daemon_control.%d.sock", (int)getpid());
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	s.loop = event_base_new();
	s.control = control_new(s.loop, sun.sun_path, &ops, &s, &e);
	assert_non_null(s.control);
	control_free(s.control);
	event_base_free(s.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_add),
		cmocka_unit_test(refused),
		cmocka_unit_test(nested),
		cmocka_unit_test(lines),
		cmocka_unit_test(too_long),
		cmocka_unit_test(in_use),
		cmocka_unit_test(left_behind),
	};

	return run_tests(tests);
}
