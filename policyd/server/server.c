/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/life.h"
#include "policyd/policyd.h"
#include "server-spawn.h"
#include "policyd/view/unmounted.h"

#define SERVER_BATCH   64 /* messages before other sources have their turn */
#define SERVER_STOP_MS 3000

struct barrier {
	struct barrier *next;
	uint64_t cookie;
	struct view *view;
	server_barrier_fn fn;
	void *userdata;
};

struct fs_process {
	struct policyd *policyd;
	pid_t pid; /* 0: ended and reaped */
	struct wire wire;
	struct loop_source source;
	bool failed, stopping;
	struct barrier *barriers; /* oldest first */
	unsigned n_barriers;
	uint64_t last_cookie;
	struct loop_timer watchdog; /* runs while barriers wait */
	struct loop_timer failing;  /* runs between a failure and its consequences */
};

/* Answers a barrier that *at points to. */
static void barrier_done(struct fs_process *fs, struct barrier **at)
{
	struct barrier *barrier = *at;

	*at = barrier->next;
	fs->n_barriers--;
	barrier->fn(barrier->view, barrier->userdata);
	free(barrier);
}

static int on_failed(struct loop_timer *timer, void *userdata)
{
	struct fs_process *fs = userdata;
	struct policyd *policyd = fs->policyd;

	(void)timer;
	loop_timer_stop(&fs->watchdog);
	loop_remove(&fs->source);
	wire_done(&fs->wire);
	if (fs->pid > 0)
		kill(fs->pid, SIGKILL);
	for (struct view *view = policyd->views; view; view = view->next)
		handle_drop_all(view);
	handle_drop_host(policyd);
	while (fs->barriers)
		barrier_done(fs, &fs->barriers);
	life_stop(policyd, EXIT_FAILURE);
	return 0;
}

/* vsecfs can be trusted no longer, or is gone. The consequences come from the loop: the caller may
 * be in the middle of an answer about what they free. */
static void fail(struct fs_process *fs, const char *why)
{
	if (fs->failed || fs->stopping)
		return;
	log_error("vsecfs %s: every view ends, and policyd with it", why);
	fs->failed = true;
	if (loop_timer_start(fs->policyd->loop, &fs->failing, 0, on_failed, fs) < 0)
		loop_exit(fs->policyd->loop, EXIT_FAILURE);
}

static int send_to(struct policyd *policyd, uint16_t op, uint64_t cookie, const void *body,
	const int *fds, unsigned n_fds)
{
	struct fs_process *fs = policyd->fs;
	int r;

	if (!fs || fs->failed || fs->stopping)
		return -EPIPE;
	r = wire_send(&fs->wire, op, cookie, body, NULL, 0, fds, n_fds);
	if (r < 0) {
		/* An answer that is lost would leave its caller waiting for ever. */
		log_error("sending to vsecfs: %s", strerror(-r));
		fail(fs, "does not take its messages");
	}
	return r;
}

int server_session_add(
	struct policyd *policyd, uint32_t serial, uint32_t face, int fuse_fd, int state_fd)
{
	const struct proto_session_add body = {.serial = serial, .face = face};
	const int fds[] = {fuse_fd, state_fd};

	return send_to(policyd, PROTO_SESSION_ADD, 0, &body, fds, state_fd < 0 ? 1 : 2);
}

void server_session_drop(struct policyd *policyd, uint32_t serial)
{
	const struct proto_session body = {.serial = serial};

	(void)send_to(policyd, PROTO_SESSION_DROP, 0, &body, NULL, 0);
}

int server_reply_opened(
	struct policyd *policyd, uint64_t cookie, int error, uint64_t handle, int snapshot_fd)
{
	const struct proto_opened body = {.error = error, .handle = handle};

	return send_to(policyd, PROTO_OPENED, cookie, &body, &snapshot_fd, snapshot_fd < 0 ? 0 : 1);
}

int server_reply_done(struct policyd *policyd, uint64_t cookie, int error, uint32_t count)
{
	const struct proto_done body = {.error = error, .count = count};

	return send_to(policyd, PROTO_DONE, cookie, &body, NULL, 0);
}

static int on_watchdog(struct loop_timer *timer, void *userdata)
{
	struct fs_process *fs = userdata;

	(void)timer;
	if (fs->barriers) /* else the last one was forgotten */
		fail(fs, "hangs");
	return 0;
}

int server_barrier(struct policyd *policyd, struct view *view, server_barrier_fn fn, void *userdata)
{
	struct fs_process *fs = policyd->fs;
	const struct proto_session body = {.serial = view->serial};
	struct barrier **at, *barrier;
	int r;

	if (!fs || fs->failed || fs->stopping)
		return -EPIPE;
	if (fs->n_barriers >= SERVER_BARRIERS_MAX)
		return -ENOBUFS;
	barrier = malloc(sizeof(*barrier));
	if (!barrier)
		return -ENOMEM;
	*barrier = (struct barrier){
		.cookie = ++fs->last_cookie, .view = view, .fn = fn, .userdata = userdata};
	r = fs->barriers ? 0
			 : loop_timer_start(policyd->loop, &fs->watchdog,
				   SERVER_BARRIER_SECONDS * 1000, on_watchdog, fs);
	if (r == 0)
		r = send_to(policyd, PROTO_BARRIER, barrier->cookie, &body, NULL, 0);
	if (r < 0) {
		free(barrier);
		return r;
	}
	for (at = &fs->barriers; *at; at = &(*at)->next)
		;
	*at = barrier;
	fs->n_barriers++;
	return 0;
}

void server_barrier_forget(struct policyd *policyd, void *userdata)
{
	struct fs_process *fs = policyd->fs;

	for (struct barrier **at = fs ? &fs->barriers : NULL; at && *at;) {
		struct barrier *barrier = *at;

		if (barrier->userdata != userdata) {
			at = &barrier->next;
			continue;
		}
		*at = barrier->next;
		fs->n_barriers--;
		free(barrier);
	}
}

/* Starts over after each answer: it may have changed the list. */
void server_barrier_view_gone(struct policyd *policyd, struct view *view)
{
	struct fs_process *fs = policyd->fs;
	struct barrier **at = fs ? &fs->barriers : NULL;

	while (at && *at) {
		if ((*at)->view != view) {
			at = &(*at)->next;
			continue;
		}
		barrier_done(fs, at);
		at = &fs->barriers;
	}
}

static void on_barrier_done(
	struct fs_process *fs, uint64_t cookie, const struct proto_session *body)
{
	struct barrier **at = &fs->barriers;

	while (*at && (*at)->cookie != cookie)
		at = &(*at)->next;
	/* One that was forgotten, or an answer for another view than was asked about. */
	if (!*at || (*at)->view->serial != body->serial)
		return;
	loop_timer_stop(&fs->watchdog);
	barrier_done(fs, at);
	if (fs->barriers && !fs->failed &&
		loop_timer_start(fs->policyd->loop, &fs->watchdog, SERVER_BARRIER_SECONDS * 1000,
			on_watchdog, fs) < 0)
		log_warning("no timer: vsecfs is not watched");
}

static void on_session_gone(struct policyd *policyd, const struct proto_session *body)
{
	struct view *view = registry_by_serial(policyd, body->serial);

	if (body->serial == 0) {
		if (!life_stopping(policyd))
			log_warning("the host face was unmounted: restart policyd to have it back");
	} else if (view && unmounted_keep(view) < 0) {
		log_info("view %llu '%s' (serial %u): its last mount is gone",
			(unsigned long long)view->id, view->name, view->serial);
		registry_remove(policyd, view);
	}
}

static void on_open(struct policyd *policyd, uint64_t cookie, const struct proto_open *request)
{
	struct view *view = request->serial ? registry_by_serial(policyd, request->serial) : NULL;

	if (request->serial && !view)
		(void)server_reply_opened(policyd, cookie, -ENOENT, 0, -1);
	else
		handle_open(policyd, view, cookie, request);
}

static void dispatch(struct fs_process *fs, const struct wire_msg *msg)
{
	struct policyd *policyd = fs->policyd;

	switch ((enum proto_op)msg->op->op) {
	case PROTO_OPEN:
		on_open(policyd, msg->cookie, msg->body);
		break;
	case PROTO_WRITE:
		handle_write(policyd, msg->cookie, msg->body, msg->data, msg->n_data);
		break;
	case PROTO_FLUSH:
		handle_flush(policyd, msg->cookie, msg->body);
		break;
	case PROTO_RELEASE:
		handle_release(policyd, msg->body);
		break;
	case PROTO_BARRIER_DONE:
		on_barrier_done(fs, msg->cookie, msg->body);
		break;
	case PROTO_SESSION_GONE:
		on_session_gone(policyd, msg->body);
		break;
	default: /* READY a second time; wire_recv() lets nothing else through */
		fail(fs, "sends what it must not");
	}
}

static int on_wire(struct loop_source *source, uint32_t events, void *userdata)
{
	struct fs_process *fs = userdata;

	(void)source;
	if (fs->failed)
		return 0;
	if (events & EPOLLOUT && wire_flush(&fs->wire) < 0) {
		fail(fs, "does not take its messages");
		return 0;
	}
	for (int i = 0; i < SERVER_BATCH && !fs->failed; i++) {
		struct wire_msg msg;
		int r = wire_recv(&fs->wire, fs->policyd->buffer, &msg);

		if (r == 0)
			break;
		if (r < 0) {
			fail(fs, r == -EPIPE ? "has ended" : "sends what it must not");
			break;
		}
		dispatch(fs, &msg);
		wire_msg_done(&msg);
	}
	return 0;
}

static int wait_ready(struct fs_process *fs)
{
	struct wire_msg msg;
	int r;

	r = wire_wait(&fs->wire, fs->policyd->buffer, SERVER_READY_SECONDS * 1000, &msg);
	if (r == 0)
		return -ETIMEDOUT;
	if (r < 0)
		return r;
	r = msg.op->op == PROTO_READY ? 0 : -EPROTO;
	wire_msg_done(&msg);
	return r;
}

int server_start(struct policyd *policyd, int log_fd)
{
	struct fs_process *fs = calloc(1, sizeof(*fs));
	int socket_fd, r;

	if (!fs)
		return -ENOMEM;
	fs->policyd = policyd;
	policyd->fs = fs;
	r = server_spawn(policyd->conf, log_fd, &socket_fd, &fs->pid);
	if (r < 0) {
		policyd->fs = NULL;
		free(fs);
		return r;
	}
	wire_init(&fs->wire, socket_fd, proto_ops, ARRAY_SIZE(proto_ops), PROTO_VSECFS);
	r = wait_ready(fs);
	if (r < 0) {
		log_error("vsecfs did not come up: %s; 'policyd --foreground' shows its messages",
			strerror(-r));
		return r; /* server_stop() cleans up */
	}
	r = loop_add(policyd->loop, &fs->source, socket_fd, EPOLLIN, on_wire, fs);
	fs->wire.source = &fs->source;
	return r;
}

/* It ends by itself when its socket closes; one that does not is killed. */
static void end_process(pid_t pid)
{
	struct pollfd p = {.fd = pidfd_open(pid, 0), .events = POLLIN};

	if (p.fd < 0 || poll(&p, 1, SERVER_STOP_MS) <= 0) {
		log_warning("vsecfs does not end: killed");
		kill(pid, SIGKILL);
	}
	close_fd(&p.fd);
	waitpid(pid, NULL, 0);
}

void server_stop(struct policyd *policyd)
{
	struct fs_process *fs = policyd->fs;

	if (!fs)
		return;
	fs->stopping = true;
	while (fs->barriers)
		barrier_done(fs, &fs->barriers);
	loop_timer_stop(&fs->watchdog);
	loop_timer_stop(&fs->failing);
	loop_remove(&fs->source);
	wire_done(&fs->wire);
	if (fs->pid > 0)
		end_process(fs->pid);
	policyd->fs = NULL;
	free(fs);
}

bool server_reaped(struct policyd *policyd, pid_t pid, int status)
{
	struct fs_process *fs = policyd->fs;

	if (!fs || fs->pid != pid)
		return false;
	fs->pid = 0;
	if (WIFSIGNALED(status))
		log_error("vsecfs was killed by signal %d", WTERMSIG(status));
	else
		log_error("vsecfs ended with status %d", WEXITSTATUS(status));
	fail(fs, "has ended");
	return true;
}
