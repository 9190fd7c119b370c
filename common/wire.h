/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Messages over an AF_UNIX SOCK_SEQPACKET socket: one datagram a message, a fixed head, a fixed
 * body, and at most one run of bytes behind it. What an operation looks like is a row of a table
 * (see proto.h, ctl.h), and a datagram that does not fit its row exactly ends the peer, never the
 * daemon. Limits: WIRE_MAX bytes a datagram, WIRE_FDS_MAX descriptors, WIRE_QUEUE_MAX bytes waiting
 * to be sent. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop.h"

#define WIRE_DATA_MAX  (64 * 1024)
#define WIRE_MAX       (WIRE_DATA_MAX + 4096)
#define WIRE_FDS_MAX   4
#define WIRE_QUEUE_MAX (4 * 1024 * 1024)

/* One permitted operation: which body, who may send it, how many descriptors it must carry. */
struct wire_op {
	const char *name;
	uint16_t op;
	uint16_t n_body; /* exact size of the fixed body */
	uint16_t n_fds;  /* most descriptors it may carry */
	uint8_t role;    /* bit of the sender, as the protocol's header defines */
	bool data;       /* may bytes follow the body? */
};

/* Makes a row of a protocol's X(name, number, role, fds, data, body) list. */
#define WIRE_ROW(name, number, role, fds, data, body)                                              \
	{#name, number, sizeof(body), fds, role, data},

/* Every datagram starts with it. All reserved fields are zero, or the peer is ended. */
struct wire_head {
	uint16_t op;
	uint16_t reserved;
	uint32_t n_data; /* bytes behind the body: the datagram's length must add up */
	uint64_t cookie; /* chosen by who asks, repeated by who answers */
};

struct wire_msg {
	const struct wire_op *op;
	uint64_t cookie;
	const void *body; /* op->n_body bytes, 8-aligned */
	const void *data; /* n_data bytes */
	size_t n_data;
	int fds[WIRE_FDS_MAX]; /* owned by the message; take_fd() what is kept */
	unsigned n_fds;
};

struct wire {
	int fd;
	const struct wire_op *ops;
	size_t n_ops;
	uint8_t peer;               /* role bit that the peer may send with */
	struct loop_source *source; /* set: EPOLLOUT is asked for while messages wait */
	struct wire_out *first, **last;
	size_t n_queued; /* bytes */
	bool congested;  /* the queue passed WIRE_QUEUE_MAX: the peer is to be ended */
};

/* Takes the connected, non-blocking socket fd. ops must outlive the wire. */
void wire_init(struct wire *wire, int fd, const struct wire_op *ops, size_t n_ops, uint8_t peer);
/* Closes the socket and drops what was queued. Harmless on a zeroed or done wire. */
void wire_done(struct wire *wire);

/* Sends op with its body (of the row's size), n_data bytes and n_fds descriptors (duplicated while
 * queued). 0: sent or queued. -EINVAL: does not fit the row. -ENOBUFS: the queue is full. Otherwise
 * -errno of sendmsg(2). */
int wire_send(struct wire *wire, uint16_t op, uint64_t cookie, const void *body, const void *data,
	size_t n_data, const int *fds, unsigned n_fds);
/* Sends what waits; call it at EPOLLOUT. 0 or -errno. */
int wire_flush(struct wire *wire);

/* Receives one datagram into buffer (of at least WIRE_MAX bytes, 8-aligned); ret_msg points into
 * it. 1: a message, pass it to wire_msg_done(). 0: none waits. -EPIPE: the peer closed. -EPROTO: a
 * datagram that fits no row of a permitted sender. Otherwise -errno of recvmsg(2). */
int wire_recv(struct wire *wire, void *buffer, struct wire_msg *ret_msg);
/* Closes the descriptors that were not taken. */
void wire_msg_done(struct wire_msg *msg);

/* Waits up to timeout_ms for one message (for programs without a loop). Results of wire_recv(); 0 =
 * time is up. */
int wire_wait(struct wire *wire, void *buffer, int timeout_ms, struct wire_msg *ret_msg);

/* Copies a bounded string field: it must hold a NUL and nothing but zeros behind it. 0 or -EPROTO.
 */
int wire_string(char *dest, size_t n_dest, const char *field, size_t n_field);
