/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/log.h"
#include "control-conn.h"

#define CONTROL_PAUSE_MS 1000

static void conn_free(struct conn *conn)
{
	struct control *control = conn->control;

	for (struct conn **at = &control->conns; *at; at = &(*at)->next) {
		if (*at == conn) {
			*at = conn->next;
			control->n_conns--;
			break;
		}
	}
	for (struct job *job = control->jobs; job; job = job->next) {
		if (job->conn == conn)
			job->conn = NULL;
	}
	control_forget_created(conn);
	loop_remove(&conn->source);
	wire_done(&conn->wire);
	free(conn);
}

/* A client that does not read its answers is ended when it next does anything. */
static void send_answer(
	struct conn *conn, uint16_t op, const void *body, const int *fds, unsigned n_fds)
{
	int r = wire_send(&conn->wire, op, conn->cookie, body, NULL, 0, fds, n_fds);

	if (r < 0 && r != -EPIPE)
		log_notice("control: answering process %d: %s", conn->peer, strerror(-r));
	if (op == CTL_VIEW && conn->listing)
		return; /* END comes yet */
	conn->busy = false;
	(void)loop_modify(&conn->source, conn->wire.first ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void conn_reply(struct conn *conn, uint16_t op, const void *body)
{
	if (conn)
		send_answer(conn, op, body, NULL, 0);
}

void conn_reply_view(struct conn *conn, const struct ctl_view *view, int fd)
{
	if (conn)
		send_answer(conn, CTL_VIEW, view, &fd, fd < 0 ? 0 : 1);
}

void conn_error(struct conn *conn, int error, const char *format, ...)
{
	struct ctl_error body = {.error = error};
	char quoted[CTL_TEXT_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(body.text, sizeof(body.text), format, ap);
	va_end(ap);
	log_quote(quoted, sizeof(quoted), body.text, strlen(body.text));
	log_notice("control: refused process %d: %s", conn ? conn->peer : 0, quoted);
	conn_reply(conn, CTL_ERROR, &body);
}

struct job *job_new(struct conn *conn)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	*job = (struct job){.control = conn->control,
		.conn = conn,
		.next = conn->control->jobs,
		.pidfd = -1,
		.mount_fd = -1};
	conn->control->jobs = job;
	return job;
}

void job_free(struct job *job)
{
	for (struct job **at = &job->control->jobs; *at; at = &(*at)->next) {
		if (*at == job) {
			*at = job->next;
			break;
		}
	}
	close_fd(&job->pidfd);
	close_fd(&job->mount_fd);
	free(job);
}

static void dispatch(struct conn *conn, const struct wire_msg *msg)
{
	conn->cookie = msg->cookie;
	conn->busy = true;
	switch ((enum ctl_op)msg->op->op) {
	case CTL_ATTACH:
		control_attach(conn, msg->body);
		break;
	case CTL_CREATE:
		control_create(conn, msg->body);
		break;
	case CTL_BIND:
		control_bind(conn, msg->body);
		break;
	case CTL_DETACH:
		control_detach(conn, msg->body);
		break;
	case CTL_LIST:
		control_list(conn);
		break;
	case CTL_SHOW:
		control_show(conn, msg->body);
		break;
	case CTL_VERSION:
		control_version(conn);
		break;
	default: /* wire_recv() lets no answer through */
		conn_error(conn, -EPROTO, "not a request");
	}
}

static int on_conn(struct loop_source *source, uint32_t events, void *userdata)
{
	struct conn *conn = userdata;
	struct wire_msg msg;
	int r;

	(void)source;
	if (events & EPOLLOUT) {
		r = wire_flush(&conn->wire);
		if (r == 0 && conn->listing)
			control_list_more(conn);
		if (r < 0) {
			conn_free(conn);
			return 0;
		}
	}
	if (conn->busy) {
		/* The next request waits in the socket; only a hangup is of interest. */
		if (events & (EPOLLHUP | EPOLLERR))
			conn_free(conn);
		else
			(void)loop_modify(&conn->source, conn->wire.first ? EPOLLOUT : 0);
		return 0;
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return 0;
	r = wire_recv(&conn->wire, conn->control->policyd->buffer, &msg);
	if (r < 0) {
		if (r != -EPIPE)
			log_notice("control: process %d sent what is no request", conn->peer);
		conn_free(conn);
	} else if (r > 0) {
		dispatch(conn, &msg);
		wire_msg_done(&msg);
	}
	return 0;
}

/* A client that is not let in learns why. Its request, if it is there already, is read first: bytes
 * left unread would reset the connection, and the answer would be lost. */
static void turn_away(struct control *control, int fd, int error, const char *text)
{
	struct ctl_error body = {.error = error};
	struct wire_msg msg;
	struct wire wire;
	uint64_t cookie = 0;

	wire_init(&wire, fd, ctl_ops, ARRAY_SIZE(ctl_ops), CTL_CLIENT);
	if (wire_recv(&wire, control->policyd->buffer, &msg) > 0) {
		cookie = msg.cookie;
		wire_msg_done(&msg);
	}
	snprintf(body.text, sizeof(body.text), "%s", text);
	(void)wire_send(&wire, CTL_ERROR, cookie, &body, NULL, 0, NULL, 0);
	wire_done(&wire);
	log_notice("control: turned a client away: %s", text);
}

static void open_spare(struct control *control)
{
	control->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int on_resume(struct loop_timer *timer, void *userdata)
{
	struct control *control = userdata;

	(void)timer;
	open_spare(control); /* where the timer's descriptor was */
	return loop_modify(&control->source, EPOLLIN);
}

/* Out of descriptors: clients wait in the backlog, the loop must not spin. */
static void pause_accept(struct control *control)
{
	close_fd(&control->spare_fd);
	if (loop_timer_start(control->policyd->loop, &control->pause, CONTROL_PAUSE_MS, on_resume,
		    control) == 0)
		(void)loop_modify(&control->source, 0);
}

static int conn_new(struct control *control, int fd, pid_t peer)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	int r;

	if (!conn)
		return -ENOMEM;
	*conn = (struct conn){.control = control, .peer = peer, .next = control->conns};
	r = loop_add(control->policyd->loop, &conn->source, fd, EPOLLIN, on_conn, conn);
	if (r < 0) {
		free(conn);
		return r;
	}
	wire_init(&conn->wire, fd, ctl_ops, ARRAY_SIZE(ctl_ops), CTL_CLIENT);
	conn->wire.source = &conn->source;
	control->conns = conn;
	control->n_conns++;
	return 0;
}

static int on_accept(struct loop_source *source, uint32_t events, void *userdata)
{
	struct control *control = userdata;
	_cleanup_close_ int fd = -1;
	struct ucred peer;
	socklen_t n_peer = sizeof(peer);

	(void)source;
	(void)events;
	fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			pause_accept(control);
		return 0;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n_peer) < 0)
		return 0;
	if (peer.uid != 0)
		turn_away(control, take_fd(&fd), -EPERM, "only root may control policyd");
	else if (control->n_conns >= CONTROL_CONNS_MAX)
		turn_away(control, take_fd(&fd), -EBUSY,
			"too many clients are connected: try again later");
	else if (conn_new(control, fd, peer.pid) == 0)
		(void)take_fd(&fd);
	return 0;
}

/* Binds the socket below the directory's descriptor: its path may be longer than an address. */
static int open_socket(int dir_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd,
		CTL_SOCKET);
	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (r < 0 || listen(fd, 64) < 0)
		return -errno;
	return take_fd(&fd);
}

int control_start(struct policyd *policyd)
{
	struct control *control = calloc(1, sizeof(*control));
	int r;

	if (!control)
		return -ENOMEM;
	control->policyd = policyd;
	open_spare(control);
	control->listen_fd = open_socket(policyd->runtime_dir_fd);
	r = control->listen_fd;
	if (r >= 0)
		r = loop_add(policyd->loop, &control->source, control->listen_fd, EPOLLIN,
			on_accept, control);
	policyd->control = control;
	if (r < 0)
		control_stop(policyd);
	return r;
}

void control_quiesce(struct policyd *policyd)
{
	struct control *control = policyd->control;
	struct conn *next;

	if (!control)
		return;
	loop_timer_stop(&control->pause);
	close_fd(&control->spare_fd);
	loop_remove(&control->source);
	close_fd(&control->listen_fd);
	for (struct conn *conn = control->conns; conn; conn = next) {
		next = conn->next;
		if (!conn->busy)
			conn_free(conn);
	}
}

void control_stop(struct policyd *policyd)
{
	struct control *control = policyd->control;

	control_quiesce(policyd);
	while (control && control->conns)
		conn_free(control->conns);
	policyd->control = NULL;
	free(control);
}
