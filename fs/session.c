/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "broker.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "fuse.h"
#include "ops.h"
#include "server.h"

/* A request has at most WIRE_DATA_MAX bytes to write and a page of headers; INIT and a name or two
 * are smaller. One buffer for all sessions, for one is handled at a time. */
#define REQUEST_MAX (WIRE_DATA_MAX + 2 * 4096)

/* What waited when a barrier came is behind no more requests than this: callers each wait for one,
 * and there are not more tasks. Without a bound a container that keeps asking could hold up all
 * others. */
#define ROUND_MAX 8 /* requests of one round */
#define DRAIN_MAX 65536

static _Alignas(4096) char request[REQUEST_MAX];

static ssize_t device_read(int fd, void *buffer, size_t n, void *userdata)
{
	(void)userdata;
	/* libfuse offers a size it has not asked us for; the kernel never needs more than ours. */
	return read(fd, buffer, MIN(n, sizeof(request)));
}

static ssize_t device_writev(int fd, struct iovec *iov, int n_iov, void *userdata)
{
	(void)userdata;
	return writev(fd, iov, n_iov);
}

static const struct fuse_custom_io device_io = {
	.read = device_read,
	.writev = device_writev,
};

/* The index of the first session with a serial of at least this. */
static size_t position(const struct server *server, uint32_t serial)
{
	size_t low = 0, high = server->n_sessions;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (server->sessions[mid]->serial < serial)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct session *session_find(const struct server *server, uint32_t serial)
{
	size_t i = position(server, serial);

	return i < server->n_sessions && server->sessions[i]->serial == serial ? server->sessions[i]
									       : NULL;
}

struct session *session_next_bound(const struct server *server, uint32_t after)
{
	for (size_t i = after == UINT32_MAX ? server->n_sessions : position(server, after + 1);
		i < server->n_sessions; i++) {
		struct session *session = server->sessions[i];

		if (session->view.fd >= 0 && view_id(&session->view))
			return session;
	}
	return NULL;
}

struct session *session_by_id(const struct server *server, const char *name)
{
	struct session *session = NULL;
	unsigned long long id;
	char *end;

	if (name[0] < '1' || name[0] > '9') /* one name for each: no sign, no leading zero */
		return NULL;
	errno = 0;
	id = strtoull(name, &end, 10);
	if (*end || errno)
		return NULL;
	while ((session = session_next_bound(server, session ? session->serial : 0))) {
		if (view_id(&session->view) == id)
			return session;
	}
	return NULL;
}

static int insert(struct server *server, struct session *session)
{
	size_t i = position(server, session->serial);

	if (server->n_sessions == server->n_sessions_allocated) {
		size_t n = MAX(server->n_sessions_allocated * 2, (size_t)16);
		struct session **sessions =
			reallocarray(server->sessions, n, sizeof(struct session *));

		if (!sessions)
			return -ENOMEM;
		server->sessions = sessions;
		server->n_sessions_allocated = n;
	}
	memmove(server->sessions + i + 1, server->sessions + i,
		(server->n_sessions - i) * sizeof(struct session *));
	server->sessions[i] = session;
	server->n_sessions++;
	return 0;
}

static void forget(struct session *session)
{
	struct server *server = session->server;
	size_t i = position(server, session->serial);

	if (i >= server->n_sessions || server->sessions[i] != session)
		return;
	server->n_sessions--;
	memmove(server->sessions + i, server->sessions + i + 1,
		(server->n_sessions - i) * sizeof(struct session *));
}

void session_remove(struct session *session)
{
	struct server *server = session->server;

	loop_remove(&session->source);
	pending_fail(&server->pending, session, EIO);
	snapshots_remove_session(&server->snapshots, session);
	forget(session);
	if (session->fuse)
		fuse_session_destroy(session->fuse); /* closes the device */
	view_done(&session->view);
	free(session);
}

/* Reads and handles one request. 1: handled; 0: none waits, or the session is over. */
static int handle_one(struct session *session)
{
	struct fuse_buf buf = {.mem = request};
	int r;

	r = fuse_session_receive_buf(session->fuse, &buf);
	if (r == -EINTR)
		return 1;
	if (r > 0)
		fuse_session_process_buf(session->fuse, &buf);
	else if (r < 0 && r != -EAGAIN)
		fuse_session_exit(session->fuse); /* a device that cannot be read serves nobody */
	return r > 0;
}

static void end_if_over(struct session *session)
{
	if (!fuse_session_exited(session->fuse))
		return;
	broker_session_gone(session->server, session->serial);
	session_remove(session);
}

int session_drain(struct session *session)
{
	for (unsigned i = 0; i < DRAIN_MAX && handle_one(session) > 0; i++)
		;
	end_if_over(session);
	return 0;
}

static int on_device(struct loop_source *source, uint32_t events, void *userdata)
{
	struct session *session = userdata;
	unsigned n = 0;

	(void)source;
	(void)events;
	/* Whoever got an answer mostly asks on at once (open, read, close), and the kernel often
	 * lets it before us: so look again before sleeping. Not for long: a container that floods
	 * its device delays the others by no more than this. */
	while (handle_one(session) > 0 && ++n < ROUND_MAX && !fuse_session_exited(session->fuse))
		;
	/* Thousands of threads that open at once are answered one after the other: none is refused
	 * because of the others. */
	if (session->n_pending >= PENDING_SESSION_PAUSE && loop_modify(&session->source, 0) == 0)
		session->paused = true;
	end_if_over(session);
	return 0;
}

void session_resume(struct session *session)
{
	if (session->paused && session->n_pending < PENDING_SESSION_PAUSE &&
		loop_modify(&session->source, EPOLLIN) == 0)
		session->paused = false;
}

static int open_fuse(struct session *session, int *fuse_fd)
{
	char *argv[] = {"vsecfs", NULL};
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	int flags = fcntl(*fuse_fd, F_GETFL);
	int r;

	if (flags < 0 || fcntl(*fuse_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	session->fuse = fuse_session_new(&args, &session_ops, sizeof(session_ops), session);
	fuse_opt_free_args(&args);
	if (!session->fuse)
		return -EAGAIN;
	r = fuse_session_custom_io(session->fuse, &device_io, *fuse_fd);
	if (r < 0)
		return r;
	take_fd(fuse_fd);
	return loop_add(session->server->loop, &session->source, fuse_session_fd(session->fuse),
		EPOLLIN, on_device, session);
}

int session_add(
	struct server *server, uint32_t serial, enum proto_face face, int fuse_fd, int view_fd)
{
	_cleanup_close_ int device = fuse_fd, state = view_fd;
	struct session *session;
	int r = 0;

	if (session_find(server, serial))
		return -EEXIST;
	session = calloc(1, sizeof(*session));
	if (!session)
		return -ENOMEM;
	session->server = server;
	session->serial = serial;
	session->face = face;
	session->source.fd = -1;
	session->view.fd = -1;
	if (state >= 0)
		r = view_init(&session->view, state, serial);
	if (r == 0 && state >= 0)
		take_fd(&state);
	if (r == 0)
		r = open_fuse(session, &device);
	if (r == 0)
		r = insert(server, session);
	if (r < 0)
		session_remove(session);
	return r;
}
