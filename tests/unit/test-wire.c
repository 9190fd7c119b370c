/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A datagram that does not fit its row exactly ends the peer; what fits arrives once, in order. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/wire.h"
#include "unit.h"

#define ALICE 1
#define BOB   2

struct body {
	uint64_t value;
};

static const struct wire_op ops[] = {
	{"PLAIN", 1, sizeof(struct body), 0, ALICE, false},
	{"DATA", 2, sizeof(struct body), 2, ALICE, true},
	{"BOTH", 3, sizeof(struct body), 0, ALICE | BOB, false},
	{"BOB", 4, sizeof(struct body), 0, BOB, false},
	{"FDS", 5, sizeof(struct body), WIRE_FDS_MAX, ALICE, false},
};

static uint8_t buffer[WIRE_MAX] __attribute__((aligned(8)));

/* alice sends, bob receives from alice only; raw is alice's socket, for what wire_send() would
 * never send. */
struct pair {
	struct wire alice, bob;
	int raw;
};

static void setup(struct pair *p)
{
	int fds[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	p->raw = fds[0];
	wire_init(&p->alice, fds[0], ops, ARRAY_SIZE(ops), BOB);
	wire_init(&p->bob, fds[1], ops, ARRAY_SIZE(ops), ALICE);
}

static void done(struct pair *p)
{
	wire_done(&p->alice);
	wire_done(&p->bob);
	wire_done(&p->bob); /* harmless */
}

static unsigned n_open_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Sends n bytes as one datagram with n_fds descriptors, past all of the wire's own checks. */
static void send_raw(struct pair *p, const void *bytes, size_t n, unsigned n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 16)];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {(void *)bytes, n};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n_fds) {
		struct cmsghdr *c = &control.align;

		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		for (unsigned i = 0; i < n_fds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &p->raw, sizeof(int));
	}
	ck_assert_int_eq(sendmsg(p->raw, &msg, 0), (ssize_t)n);
}

START_TEST(test_message_arrives_whole)
{
	static const char data[] = "some bytes";
	struct body body = {42};
	struct wire_msg msg;
	struct pair p;
	int fds[2];

	setup(&p);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 0); /* none waits */
	fds[0] = fds[1] = p.raw;
	ck_assert_int_eq(wire_send(&p.alice, 2, 99, &body, data, sizeof(data), fds, 2), 0);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 1);
	ck_assert_str_eq(msg.op->name, "DATA");
	ck_assert_uint_eq(msg.cookie, 99);
	ck_assert_uint_eq(((const struct body *)msg.body)->value, 42);
	ck_assert_uint_eq(msg.n_data, sizeof(data));
	ck_assert_mem_eq(msg.data, data, sizeof(data));
	ck_assert_uint_eq(msg.n_fds, 2);
	ck_assert_int_eq(fcntl(msg.fds[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	wire_msg_done(&msg);
	done(&p);
}
END_TEST

/* What a compromised peer could send. */
static const struct {
	const char *what;
	struct wire_head head;
	size_t n; /* of the datagram */
	unsigned n_fds;
} bad[] = {
	{"shorter than a head", {.op = 1}, 4, 0},
	{"no body", {.op = 1}, sizeof(struct wire_head), 0},
	{"a byte of the body is missing", {.op = 1}, 23, 0},
	{"a trailing byte", {.op = 1}, 25, 0},
	{"bytes that the row does not know", {.op = 1, .n_data = 1}, 25, 0},
	{"fewer bytes than announced", {.op = 2, .n_data = 10}, 33, 0},
	{"more bytes than announced", {.op = 2, .n_data = 10}, 35, 0},
	{"a length that wraps around", {.op = 2, .n_data = UINT32_MAX}, 24, 0},
	{"more bytes than a message holds", {.op = 2, .n_data = WIRE_DATA_MAX + 1},
		24 + WIRE_DATA_MAX + 1, 0},
	{"longer than the buffer", {.op = 2, .n_data = WIRE_MAX}, 24 + WIRE_MAX, 0},
	{"an unknown operation", {.op = 77}, 24, 0},
	{"operation 0", {.op = 0}, 24, 0},
	{"the other role's operation", {.op = 4}, 24, 0},
	{"reserved bits", {.op = 1, .reserved = 1}, 24, 0},
	{"a descriptor where none belongs", {.op = 1}, 24, 1},
	{"one descriptor too many", {.op = 2}, 24, 3},
	{"more descriptors than any message has", {.op = 5}, 24, WIRE_FDS_MAX + 1},
};

START_TEST(test_bad_datagram_ends_the_peer)
{
	static uint8_t bytes[2 * WIRE_MAX];
	struct wire_msg msg;
	struct pair p;
	unsigned n_fds;
	int size = 4 * WIRE_MAX;

	setup(&p);
	ck_assert_int_eq(setsockopt(p.raw, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	n_fds = n_open_fds();
	memcpy(bytes, &bad[_i].head, sizeof(bad[_i].head));
	send_raw(&p, bytes, bad[_i].n, bad[_i].n_fds);
	ck_assert_msg(wire_recv(&p.bob, buffer, &msg) == -EPROTO, "%s", bad[_i].what);
	ck_assert_msg(n_open_fds() == n_fds, "%s leaks a descriptor", bad[_i].what);
	done(&p);
}
END_TEST

START_TEST(test_good_datagram_of_the_same_make_is_taken)
{
	uint8_t bytes[24] = {0};
	struct wire_head head = {.op = 3};
	struct wire_msg msg;
	struct pair p;

	setup(&p);
	memcpy(bytes, &head, sizeof(head));
	send_raw(&p, bytes, sizeof(bytes), 0);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 1);
	ck_assert_str_eq(msg.op->name, "BOTH");
	done(&p);
}
END_TEST

static const struct {
	uint16_t op;
	size_t n_data;
	unsigned n_fds;
} unsendable[] = {
	{77, 0, 0},
	{1, 1, 0},
	{1, 0, 1},
	{2, WIRE_DATA_MAX + 1, 0},
	{2, 0, 3},
};

START_TEST(test_send_checks_its_row)
{
	static uint8_t data[WIRE_DATA_MAX + 1];
	struct body body = {0};
	struct wire_msg msg;
	struct pair p;
	int fds[3];

	setup(&p);
	fds[0] = fds[1] = fds[2] = p.raw;
	ck_assert_int_eq(wire_send(&p.alice, unsendable[_i].op, 0, &body, data,
				 unsendable[_i].n_data, fds, unsendable[_i].n_fds),
		-EINVAL);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 0);
	done(&p);
}
END_TEST

START_TEST(test_closed_peer)
{
	struct wire_msg msg;
	struct pair p;

	setup(&p);
	wire_done(&p.alice);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), -EPIPE);
	ck_assert_int_eq(wire_send(&p.bob, 3, 0, &(struct body){0}, NULL, 0, NULL, 0), -EPIPE);
	done(&p);
}
END_TEST

/* Sends numbered messages until some are queued; returns how many there are. */
static uint64_t fill(struct pair *p, unsigned n_more)
{
	struct body body = {0};
	int fd = eventfd(0, EFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (; n_more; body.value++) {
		ck_assert_int_eq(
			wire_send(&p->alice, 2, body.value, &body, "x", 1, &fd, body.value % 2), 0);
		n_more -= p->alice.first != NULL;
	}
	close(fd); /* what is queued holds duplicates */
	return body.value;
}

START_TEST(test_queue_keeps_the_order)
{
	struct wire_msg msg;
	uint64_t n, next = 0;
	struct pair p;

	setup(&p);
	n = fill(&p, 100);
	ck_assert_uint_gt(n, 100); /* some were sent at once, then the socket was full */
	while (next < n) {
		int r = wire_recv(&p.bob, buffer, &msg);

		if (r == 0) {
			ck_assert_ptr_nonnull(p.alice.first);
			ck_assert_int_eq(wire_flush(&p.alice), 0);
			continue;
		}
		ck_assert_int_eq(r, 1);
		ck_assert_uint_eq(((const struct body *)msg.body)->value, next);
		ck_assert_uint_eq(msg.cookie, next);
		ck_assert_uint_eq(msg.n_fds, next % 2);
		wire_msg_done(&msg);
		next++;
	}
	ck_assert_ptr_null(p.alice.first);
	ck_assert_uint_eq(p.alice.n_queued, 0);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 0);
	done(&p);
}
END_TEST

START_TEST(test_no_message_overtakes_the_queue)
{
	struct body last = {1000000};
	struct wire_msg msg;
	uint64_t n;
	struct pair p;

	setup(&p);
	n = fill(&p, 1);
	/* There is room in the socket again, but the queue comes first. */
	for (uint64_t i = 0; i + 1 < n; i++) {
		ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 1);
		wire_msg_done(&msg);
	}
	ck_assert_int_eq(wire_send(&p.alice, 1, 0, &last, NULL, 0, NULL, 0), 0);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 0);
	ck_assert_int_eq(wire_flush(&p.alice), 0);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 1);
	ck_assert_uint_eq(((const struct body *)msg.body)->value, n - 1);
	wire_msg_done(&msg);
	ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 1);
	ck_assert_uint_eq(((const struct body *)msg.body)->value, last.value);
	done(&p);
}
END_TEST

START_TEST(test_queue_is_bounded)
{
	static uint8_t data[WIRE_DATA_MAX];
	struct body body = {0};
	unsigned n_fds;
	struct pair p;
	int r = 0;

	setup(&p);
	n_fds = n_open_fds();
	for (unsigned i = 0; i < 1000 && r == 0; i++)
		r = wire_send(&p.alice, 2, 0, &body, data, sizeof(data), &p.raw, 1);
	ck_assert_int_eq(r, -ENOBUFS);
	ck_assert(p.alice.congested);
	ck_assert_uint_le(p.alice.n_queued, WIRE_QUEUE_MAX);
	ck_assert_uint_gt(n_open_fds(), n_fds);
	done(&p);
	ck_assert_uint_lt(n_open_fds(), n_fds); /* the duplicates are gone too */
}
END_TEST

static int on_writable(struct loop_source *source, uint32_t events, void *userdata)
{
	(void)source;
	return events & EPOLLOUT ? wire_flush(userdata) : 0;
}

START_TEST(test_queue_asks_the_loop_for_room)
{
	struct loop_source source;
	struct wire_msg msg;
	struct loop *loop;
	uint64_t n;
	struct pair p;

	setup(&p);
	ck_assert_int_eq(loop_new(&loop), 0);
	ck_assert_int_eq(loop_add(loop, &source, p.raw, EPOLLIN, on_writable, &p.alice), 0);
	p.alice.source = &source;
	n = fill(&p, 3);
	for (uint64_t i = 0; i < n; i++) {
		ck_assert_int_eq(loop_step(loop, 0), 0);
		ck_assert_int_eq(wire_recv(&p.bob, buffer, &msg), 1);
		wire_msg_done(&msg);
	}
	ck_assert_ptr_null(p.alice.first);
	loop_remove(&source);
	loop_free(loop);
	done(&p);
}
END_TEST

START_TEST(test_wait)
{
	struct body body = {5};
	struct wire_msg msg;
	struct pair p;

	setup(&p);
	ck_assert_int_eq(wire_wait(&p.bob, buffer, 0, &msg), 0);
	ck_assert_int_eq(wire_send(&p.alice, 1, 0, &body, NULL, 0, NULL, 0), 0);
	ck_assert_int_eq(wire_wait(&p.bob, buffer, 1000, &msg), 1);
	ck_assert_uint_eq(((const struct body *)msg.body)->value, 5);
	done(&p);
}
END_TEST

static const struct {
	const char *field;
	size_t n_dest;
	int result;
} strings[] = {
	{"abc\0\0\0\0", 8, 0},
	{"\0\0\0\0\0\0\0", 8, 0},
	{"abcdefg", 8, 0},
	{"abcdefgh", 8, -EPROTO},   /* no NUL */
	{"abc\0x\0\0", 8, -EPROTO}, /* something rides along behind the NUL */
	{"abc\0\0\0\0", 3, -EPROTO},
	{"abc\0\0\0\0", 4, 0},
};

START_TEST(test_strings_are_bounded)
{
	char dest[8] = "unset";

	ck_assert_int_eq(
		wire_string(dest, strings[_i].n_dest, strings[_i].field, 8), strings[_i].result);
	ck_assert_str_eq(dest, strings[_i].result ? "unset" : strings[_i].field);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tcase = tcase_create("wire");

	tcase_add_test(tcase, test_message_arrives_whole);
	tcase_add_loop_test(tcase, test_bad_datagram_ends_the_peer, 0, (int)ARRAY_SIZE(bad));
	tcase_add_test(tcase, test_good_datagram_of_the_same_make_is_taken);
	tcase_add_loop_test(tcase, test_send_checks_its_row, 0, (int)ARRAY_SIZE(unsendable));
	tcase_add_test(tcase, test_closed_peer);
	tcase_add_test(tcase, test_queue_keeps_the_order);
	tcase_add_test(tcase, test_no_message_overtakes_the_queue);
	tcase_add_test(tcase, test_queue_is_bounded);
	tcase_add_test(tcase, test_queue_asks_the_loop_for_room);
	tcase_add_test(tcase, test_wait);
	tcase_add_loop_test(tcase, test_strings_are_bounded, 0, (int)ARRAY_SIZE(strings));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
