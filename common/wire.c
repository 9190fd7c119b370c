/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"

/* A message that did not fit into the socket's buffer. */
struct wire_out {
	struct wire_out *next;
	int fds[WIRE_FDS_MAX];
	unsigned n_fds;
	size_t n;
	uint8_t bytes[];
};

void wire_init(struct wire *wire, int fd, const struct wire_op *ops, size_t n_ops, uint8_t peer)
{
	*wire = (struct wire){.fd = fd, .ops = ops, .n_ops = n_ops, .peer = peer};
	wire->last = &wire->first;
}

static void out_free(struct wire_out *out)
{
	for (unsigned i = 0; i < out->n_fds; i++)
		close_fd(&out->fds[i]);
	free(out);
}

void wire_done(struct wire *wire)
{
	while (wire->first) {
		struct wire_out *out = wire->first;

		wire->first = out->next;
		out_free(out);
	}
	if (wire->ops)
		close_fd(&wire->fd);
	*wire = (struct wire){.fd = -1};
}

static const struct wire_op *find_op(const struct wire *wire, uint16_t op)
{
	for (size_t i = 0; i < wire->n_ops; i++) {
		if (wire->ops[i].op == op)
			return &wire->ops[i];
	}
	return NULL;
}

/* 0, or -errno of sendmsg(2); a datagram is sent whole or not at all. */
static int send_now(int fd, const struct iovec *iov, size_t n_iov, const int *fds, unsigned n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX)];
		struct cmsghdr align;
	} control;
	struct msghdr msg = {.msg_iov = (struct iovec *)iov, .msg_iovlen = n_iov};

	if (n_fds) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	while (sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int enqueue(
	struct wire *wire, const struct iovec *iov, size_t n_iov, const int *fds, unsigned n_fds)
{
	struct wire_out *out;
	size_t n = 0;

	for (size_t i = 0; i < n_iov; i++)
		n += iov[i].iov_len;
	if (wire->n_queued + n > WIRE_QUEUE_MAX) {
		wire->congested = true;
		return -ENOBUFS;
	}
	out = calloc(1, sizeof(*out) + n);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < n_iov; i++) {
		if (iov[i].iov_len)
			memcpy(out->bytes + out->n, iov[i].iov_base, iov[i].iov_len);
		out->n += iov[i].iov_len;
	}
	for (; out->n_fds < n_fds; out->n_fds++) {
		out->fds[out->n_fds] = fcntl(fds[out->n_fds], F_DUPFD_CLOEXEC, 3);
		if (out->fds[out->n_fds] < 0) {
			int r = -errno;

			out_free(out);
			return r;
		}
	}
	*wire->last = out;
	wire->last = &out->next;
	wire->n_queued += n;
	if (wire->source)
		return loop_modify(wire->source, EPOLLIN | EPOLLOUT);
	return 0;
}

int wire_send(struct wire *wire, uint16_t op, uint64_t cookie, const void *body, const void *data,
	size_t n_data, const int *fds, unsigned n_fds)
{
	const struct wire_op *row = find_op(wire, op);
	struct wire_head head = {.op = op, .n_data = (uint32_t)n_data, .cookie = cookie};
	struct iovec iov[3] = {{&head, sizeof(head)}, {(void *)body, row ? row->n_body : 0},
		{(void *)data, n_data}};
	int r = -EAGAIN;

	if (!row || n_fds > row->n_fds || (n_data && !row->data) || n_data > WIRE_DATA_MAX)
		return -EINVAL;
	if (!wire->first) /* else order would be lost */
		r = send_now(wire->fd, iov, ARRAY_SIZE(iov), fds, n_fds);
	if (r == -EAGAIN)
		r = enqueue(wire, iov, ARRAY_SIZE(iov), fds, n_fds);
	return r;
}

int wire_flush(struct wire *wire)
{
	while (wire->first) {
		struct wire_out *out = wire->first;
		struct iovec iov = {out->bytes, out->n};
		int r = send_now(wire->fd, &iov, 1, out->fds, out->n_fds);

		if (r == -EAGAIN)
			return 0;
		if (r < 0)
			return r;
		wire->n_queued -= out->n;
		wire->first = out->next;
		if (!wire->first)
			wire->last = &wire->first;
		out_free(out);
	}
	return wire->source ? loop_modify(wire->source, EPOLLIN) : 0;
}

static void take_rights(struct msghdr *msg, struct wire_msg *ret_msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		unsigned n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (unsigned i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (ret_msg->n_fds < WIRE_FDS_MAX)
				ret_msg->fds[ret_msg->n_fds++] = fd;
			else
				close(fd);
		}
	}
}

/* Checks the datagram of n bytes against its row. The length must add up to the byte, so that
 * nothing can ride along unseen, and descriptors come only where the row expects them. */
static int check(
	struct wire *wire, const uint8_t *buffer, size_t n, int flags, struct wire_msg *msg)
{
	const struct wire_head *head = (const struct wire_head *)buffer;

	if (flags & (MSG_TRUNC | MSG_CTRUNC) || n < sizeof(*head) || head->reserved)
		return -EPROTO;
	msg->op = find_op(wire, head->op);
	if (!msg->op || !(msg->op->role & wire->peer))
		return -EPROTO;
	if (head->n_data > WIRE_DATA_MAX || (head->n_data && !msg->op->data))
		return -EPROTO;
	if (n != sizeof(*head) + msg->op->n_body + head->n_data || msg->n_fds > msg->op->n_fds)
		return -EPROTO;
	msg->cookie = head->cookie;
	msg->body = buffer + sizeof(*head);
	msg->data = buffer + sizeof(*head) + msg->op->n_body;
	msg->n_data = head->n_data;
	return 1;
}

int wire_recv(struct wire *wire, void *buffer, struct wire_msg *ret_msg)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec iov = {buffer, WIRE_MAX};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	ssize_t n;
	int r;

	*ret_msg = (struct wire_msg){0};
	do
		n = recvmsg(wire->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : errno == ECONNRESET ? -EPIPE : -errno;
	take_rights(&msg, ret_msg);
	if (n == 0)
		r = -EPIPE;
	else
		r = check(wire, buffer, (size_t)n, msg.msg_flags, ret_msg);
	if (r < 0)
		wire_msg_done(ret_msg);
	return r;
}

void wire_msg_done(struct wire_msg *msg)
{
	for (unsigned i = 0; i < msg->n_fds; i++)
		close_fd(&msg->fds[i]);
	msg->n_fds = 0;
}

int wire_wait(struct wire *wire, void *buffer, int timeout_ms, struct wire_msg *ret_msg)
{
	struct pollfd p = {.fd = wire->fd, .events = POLLIN};
	int r;

	r = wire_flush(wire);
	if (r < 0)
		return r;
	do
		r = poll(&p, 1, timeout_ms);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return r < 0 ? -errno : 0;
	return wire_recv(wire, buffer, ret_msg);
}

int wire_string(char *dest, size_t n_dest, const char *field, size_t n_field)
{
	size_t n = strnlen(field, n_field);

	if (n == n_field || n >= n_dest)
		return -EPROTO;
	for (size_t i = n; i < n_field; i++) {
		if (field[i])
			return -EPROTO;
	}
	memcpy(dest, field, n + 1);
	return 0;
}
