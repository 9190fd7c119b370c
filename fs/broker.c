/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "broker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "server.h"

/* Of the queue to policyd, what containers may fill; the rest is for what must not get lost:
 * releases and the ends of sessions. */
#define QUEUE_FOR_REQUESTS (WIRE_QUEUE_MAX / 2)

/* Sends what cannot be refused. A queue that overflows all the same is the end of this process:
 * policyd would go on believing in handles that nobody has. */
static void send_always(struct server *server, enum proto_op op, uint64_t cookie, const void *body)
{
	int r;

	r = wire_send(&server->wire, (uint16_t)op, cookie, body, NULL, 0, NULL, 0);
	if (r < 0)
		loop_exit(server->loop, r);
}

/* Sends one request that waits for an answer, or answers it with the error. */
static void ask(struct session *session, const struct pending *what, const void *body,
	const void *data, size_t n_data)
{
	struct server *server = session->server;
	struct pending taken;
	uint64_t cookie;
	int r;

	if (server->wire.n_queued > QUEUE_FOR_REQUESTS)
		r = -ENOBUFS;
	else
		r = pending_add(&server->pending, what, &cookie);
	if (r == 0) {
		r = wire_send(&server->wire, what->op, cookie, body, data, n_data, NULL, 0);
		if (r < 0)
			pending_take(&server->pending, cookie, &taken);
	}
	if (r < 0) /* a broken wire is the caller's EIO; the loop ends at its next round */
		fuse_reply_err(what->req, r == -ENOBUFS || r == -ENOMEM ? -r : EIO);
}

bool broker_only_judges(const struct file_row *row, int flags)
{
	return row->open == OPEN_READER ||
	       (row->open == OPEN_WRITER && (flags & O_ACCMODE) == O_RDONLY);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct reader reader_of(fuse_req_t req, const struct node *node)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);

	return (struct reader){.serial = node->owner ? node->owner->serial : 0,
		.tid = (uint32_t)caller->pid,
		.uid = caller->uid,
		.gid = caller->gid};
}

bool broker_knows_reader(fuse_req_t req, const struct node *node)
{
	struct reader reader = reader_of(req, node);

	return known_readers_has(&node->session->readers, &reader, now_ms());
}

void broker_open(fuse_req_t req, const struct node *node, const struct fuse_file_info *fi)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);
	struct session *session = node->session;
	struct pending what = {.req = req,
		.session = session,
		.op = PROTO_OPEN,
		.flags = fi->flags,
		.kind = node->row->kind,
		.only_judged = broker_only_judges(node->row, fi->flags),
		.reader = reader_of(req, node)};
	struct proto_open body = {.serial = node->owner ? node->owner->serial : 0,
		.face = session->face,
		.kind = node->row->kind,
		.flags = (uint32_t)fi->flags,
		.tid = (uint32_t)caller->pid,
		.uid = caller->uid,
		.gid = caller->gid};

	/* Counted with what is under way: a container's threads must not use up the descriptors
	 * of all the others. */
	if (session->n_snapshots + session->n_pending >= SNAPSHOTS_SESSION_MAX &&
		(fi->flags & O_ACCMODE) == O_RDONLY && !what.only_judged)
		fuse_reply_err(req, EMFILE);
	else
		ask(session, &what, &body, NULL, 0);
}

void broker_write(fuse_req_t req, struct session *session, const struct fuse_file_info *fi,
	const char *bytes, size_t n, uint64_t offset)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);
	struct pending what = {
		.req = req, .session = session, .op = PROTO_WRITE, .count = (uint32_t)n};
	struct proto_write body = {.handle = fi->fh,
		.offset = offset,
		.tid = (uint32_t)caller->pid,
		.uid = caller->uid,
		.gid = caller->gid,
		.append = !!(fi->flags & O_APPEND)};

	ask(session, &what, &body, bytes, n);
}

void broker_flush(fuse_req_t req, struct session *session, uint64_t handle)
{
	struct pending what = {.req = req, .session = session, .op = PROTO_FLUSH};
	struct proto_handle body = {.handle = handle, .tid = (uint32_t)fuse_req_ctx(req)->pid};

	ask(session, &what, &body, NULL, 0);
}

static void release(struct server *server, uint64_t handle, uint32_t tid)
{
	struct proto_handle body = {.handle = handle, .tid = tid};

	snapshots_remove(&server->snapshots, handle);
	send_always(server, PROTO_RELEASE, 0, &body);
}

void broker_release(fuse_req_t req, struct session *session, uint64_t handle)
{
	release(session->server, handle, (uint32_t)fuse_req_ctx(req)->pid);
	fuse_reply_err(req, 0);
}

void broker_session_gone(struct server *server, uint32_t serial)
{
	struct proto_session body = {.serial = serial};

	send_always(server, PROTO_SESSION_GONE, 0, &body);
}

/* Keeps the snapshot that came with an open, if any. */
static int keep_snapshot(
	struct server *server, const struct pending *what, uint64_t handle, struct wire_msg *msg)
{
	_cleanup_close_ int fd = msg->n_fds ? take_fd(&msg->fds[0]) : -1;
	struct stat st;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -EIO;
	if (what->kind == KIND_HOST_METRICS)
		server->metrics_size = (uint64_t)st.st_size;
	return snapshots_add(&server->snapshots, what->session, handle, take_fd(&fd));
}

/* Takes out what an answer is for. 0; -EPROTO: nothing was asked, or something else; a caller that
 * waits for it is not left waiting. */
static int take_asked(
	struct server *server, const struct wire_msg *msg, bool fits, struct pending *ret_what)
{
	if (pending_take(&server->pending, msg->cookie, ret_what) < 0)
		return -EPROTO;
	if (ret_what->session)
		session_resume(ret_what->session);
	if (fits && (ret_what->op == PROTO_OPEN) == (msg->op->op == PROTO_OPENED))
		return 0;
	if (ret_what->req)
		fuse_reply_err(ret_what->req, EIO);
	return -EPROTO;
}

static int on_opened(struct server *server, struct wire_msg *msg)
{
	const struct proto_opened *body = msg->body;
	bool fits = body->error <= 0 && !body->reserved && (body->error || body->handle);
	struct fuse_file_info fi = {.direct_io = 1};
	struct pending what;
	int r;

	r = take_asked(server, msg, fits, &what);
	if (r < 0 || !what.req) /* the end of a session ends its handles, at policyd too */
		return r;
	if (body->error) {
		fuse_reply_err(what.req, -body->error);
		return 0;
	}
	if (what.only_judged)
		known_readers_add(&what.session->readers, &what.reader, now_ms());
	else
		fi.fh = body->handle; /* 0: there is nothing to release */
	r = keep_snapshot(server, &what, body->handle, msg);
	fi.flags = what.flags;
	fi.noflush = (what.flags & O_ACCMODE) == O_RDONLY;
	if (r < 0)
		fuse_reply_err(what.req, -r);
	else
		r = fuse_reply_open(what.req, &fi);
	/* An open that the kernel did not take is never released by it. */
	if (r < 0)
		release(server, body->handle, 0);
	return 0;
}

static int on_answer(struct server *server, struct wire_msg *msg)
{
	const struct proto_done *body = msg->body;
	struct pending what;
	int r;

	r = take_asked(server, msg, body->error <= 0, &what);
	if (r < 0 || !what.req)
		return r;
	/* More bytes than were written would make the caller skip what nobody has judged. */
	if (body->count > what.count) {
		fuse_reply_err(what.req, EIO);
		return -EPROTO;
	}
	if (body->error || what.op == PROTO_FLUSH)
		fuse_reply_err(what.req, -body->error);
	else
		fuse_reply_write(what.req, body->count);
	return 0;
}

static int on_session_add(struct server *server, struct wire_msg *msg)
{
	const struct proto_session_add *body = msg->body;
	int r;

	if ((body->face != FACE_HOST && body->face != FACE_CONTAINER) ||
		(body->face == FACE_HOST) != (body->serial == 0) ||
		msg->n_fds != (body->face == FACE_HOST ? 1u : 2u))
		return -EPROTO;
	r = session_add(server, body->serial, (enum proto_face)body->face, take_fd(&msg->fds[0]),
		msg->n_fds > 1 ? take_fd(&msg->fds[1]) : -1);
	if (r == -EEXIST)
		return -EPROTO;
	if (r < 0) {
		log_error("view %" PRIu32 " cannot be served: %m", (errno = -r, body->serial));
		broker_session_gone(server, body->serial);
	}
	return 0;
}

/* A session that is unknown here has ended by itself a moment ago: its SESSION_GONE is under way.
 */
static void on_session_drop(struct server *server, const struct proto_session *body)
{
	struct session *session = session_find(server, body->serial);

	if (session)
		session_remove(session);
}

static int on_barrier(struct server *server, const struct wire_msg *msg)
{
	const struct proto_session *body = msg->body;
	struct session *session = session_find(server, body->serial);
	struct proto_session answer = {.serial = body->serial};
	int r = 0;

	if (session)
		r = session_drain(session);
	send_always(server, PROTO_BARRIER_DONE, msg->cookie, &answer);
	return r;
}

static int on_message(struct server *server, struct wire_msg *msg)
{
	switch (msg->op->op) {
	case PROTO_SESSION_ADD:
		return on_session_add(server, msg);
	case PROTO_SESSION_DROP:
		on_session_drop(server, msg->body);
		return 0;
	case PROTO_OPENED:
		return on_opened(server, msg);
	case PROTO_DONE:
		return on_answer(server, msg);
	case PROTO_BARRIER:
		return on_barrier(server, msg);
	default:
		return -EPROTO;
	}
}

static int on_wire(struct loop_source *source, uint32_t events, void *userdata)
{
	static _Alignas(8) uint8_t buffer[WIRE_MAX];
	struct server *server = userdata;
	struct wire_msg msg;
	int r;

	(void)source;
	if (events & EPOLLOUT) {
		r = wire_flush(&server->wire);
		if (r < 0)
			return r;
	}
	/* One message a round, so that a busy policyd does not hold up readers. */
	r = wire_recv(&server->wire, buffer, &msg);
	if (r <= 0)
		return r;
	r = on_message(server, &msg);
	if (r == -EPROTO)
		log_error("policyd sent a %s that fits nothing", msg.op->name);
	wire_msg_done(&msg);
	return r;
}

int broker_start(struct server *server)
{
	server->wire.source = &server->wire_source;
	return loop_add(
		server->loop, &server->wire_source, server->wire.fd, EPOLLIN, on_wire, server);
}
