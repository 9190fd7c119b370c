/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measurer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "common/cleanup.h"
#include "list-file.h"
#include "snapshot.h"
#include "policyd/server/spawn.h"

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the process ---- */

/* Unlimited: from a bounded queue the kernel lets executions through unchecked. */
static int make_group(void)
{
	unsigned flags = FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE |
			 FAN_UNLIMITED_MARKS | FAN_REPORT_TID;
	unsigned event_flags = O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NONBLOCK;
	int fd;

	fd = fanotify_init(flags, event_flags | O_NOATIME);
	if (fd < 0 && (errno == EINVAL || errno == EPERM))
		fd = fanotify_init(flags, event_flags);
	return fd < 0 ? -errno : fd;
}

static int on_socket(struct loop_source *source, uint32_t events, void *userdata)
{
	struct measurer *m = userdata;
	struct wire_msg msg;
	int r = 0;

	(void)source;
	if (events & EPOLLOUT)
		r = wire_flush(&m->wire);
	if (r == 0)
		r = wire_recv(&m->wire, m->view->policyd->buffer, &msg);
	if (r > 0) {
		r = measurer_on_message(m, &msg);
		wire_msg_done(&msg);
	}
	if (r < 0 && m->pid)
		measurer_lost(m, r == -EPIPE    ? "ended"
				 : r == -EPROTO ? "broke the protocol"
						: strerror(-r));
	return 0;
}

static int start_process(struct measurer *m)
{
	char *argv[] = {(char *)"policyd", (char *)"--role=measurer", NULL};
	_cleanup_close_ int theirs = -1, ours = -1;
	int pair[2], fds[3], r;
	struct spawn spawn = {
		.path = "/proc/self/exe", .argv = argv, .fds = fds, .n_fds = ARRAY_SIZE(fds)};

	_Static_assert(MEASURE_SOCKET_FD == SPAWN_FD_FIRST && MEASURE_VIEW_FD == 4 &&
			       MEASURE_FANOTIFY_FD == 5,
		"fds[] is in the contract's order");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	ours = pair[0];
	theirs = pair[1];
	fds[0] = theirs;
	fds[1] = list_file_reader(m->view->list);
	fds[2] = m->fanotify_fd;
	r = spawn_process(&spawn, &m->pid);
	if (r < 0)
		return r;
	wire_init(&m->wire, take_fd(&ours), measure_ops, ARRAY_SIZE(measure_ops), MEASURE_MEASURER);
	r = loop_add(m->view->policyd->loop, &m->source, m->wire.fd, EPOLLIN, on_socket, m);
	m->wire.source = &m->source;
	return r;
}

/* ---- what it measures by ---- */

static bool measures(const struct ima_policy *policy)
{
	struct ima_needs needs;

	ima_policy_needs(policy, &needs);
	return needs.funcs;
}

static int send_text(struct measurer *m, const char *text, size_t n, bool marks_only)
{
	struct measure_policy body = {.generation = atomic_load(&m->view->head->policy_generation),
		.marks_only = marks_only};
	_cleanup_close_ int fd = snapshot_new("policy", text, n);

	if (fd < 0)
		return fd;
	return wire_send(&m->wire, MEASURE_POLICY,
		marks_only ? MEASURER_COOKIE_ARM : MEASURER_COOKIE_POLICY, &body, NULL, 0, &fd, 1);
}

static int on_policy_deadline(struct loop_timer *timer, void *userdata)
{
	struct measurer *m = userdata;

	(void)timer;
	if (!m->ready)
		measurer_lost(m, "did not take its policy in time");
	else /* it may be in the midst of a huge file */
		log_warning("view %llu '%s': measurer %d is slow to take its policy",
			(unsigned long long)m->view->id, m->view->name, (int)m->pid);
	return 0;
}

static int send_policy(struct measurer *m)
{
	static const struct ima_ids identity;
	_cleanup_free_ char *text = NULL;
	size_t n;
	int r;

	r = ima_policy_format(m->view->policy, &identity, &text, &n);
	if (r == 0)
		r = send_text(m, text, n, false);
	if (r < 0)
		return r;
	return loop_timer_start(m->view->policyd->loop, &m->policy_deadline, MEASURER_ARM_MS,
		on_policy_deadline, m);
}

/* Starts the process and tells it everything: namespace, policy, and the set that is armed for. */
static int start(struct measurer *m)
{
	int r = m->target ? 0 : measurer_find_target(m);

	m->ready = false;
	m->started_ms[m->next_start++ % MEASURER_RESTARTS] = now_ms();
	if (r == 0)
		r = start_process(m);
	if (r == 0)
		r = measurer_send_target(m);
	if (r == 0)
		r = send_policy(m);
	if (r == 0 && m->arm_text)
		r = send_text(m, m->arm_text, m->n_arm_text, true);
	return r;
}

/* ---- its end ---- */

static void stop_process(struct measurer *m)
{
	measurer_forget_syncs(m);
	loop_timer_stop(&m->policy_deadline);
	loop_remove(&m->source);
	wire_done(&m->wire);
	if (m->pid >
		0) { /* not reaped yet (measurer_reaped() clears it), so the number is its own */
		kill(m->pid, SIGKILL);
		m->ending = m->pid;
	}
	m->pid = 0;
}

void measurer_free(struct measurer *m)
{
	if (!m)
		return;
	loop_timer_stop(&m->arm_deadline);
	loop_timer_stop(&m->restart);
	stop_process(m);
	measurer_drop_target(m);
	free(m->arm_text);
	close_fd(&m->fanotify_fd); /* the kernel lets through what still waits */
	free(m);
}

/* One that hangs in a file system of the container's may yet take an event off the queue, whose
 * number the successor's first answers would meet: it is waited for. */
static int on_restart(struct loop_timer *timer, void *userdata)
{
	struct measurer *m = userdata;
	int r;

	if (m->ending)
		return loop_timer_start(
			m->view->policyd->loop, timer, MEASURER_AGAIN_MS, on_restart, m);
	r = start(m);
	if (r < 0)
		measurer_lost(m, strerror(-r));
	return 0;
}

/* Accesses wait meanwhile: the group is kept, and tasks in it can be killed. What the dead one was
 * asked and did not answer its successor refuses (events_refuse_inherited()). */
void measurer_lost(struct measurer *m, const char *why)
{
	uint64_t oldest = m->started_ms[m->next_start % MEASURER_RESTARTS];
	uint64_t now = now_ms(), wait = MEASURER_AGAIN_MS;

	if (oldest && oldest + MEASURER_RESTARTS_MS > now)
		wait = oldest + MEASURER_RESTARTS_MS - now;
	log_error(
		"view %llu '%s': the measurer %s; the next one starts in %llu ms and refuses what this "
		"one was asked and did not answer",
		(unsigned long long)m->view->id, m->view->name, why, (unsigned long long)wait);
	stop_process(m);
	if (loop_timer_start(m->view->policyd->loop, &m->restart, (unsigned)wait, on_restart, m) <
		0)
		log_error("view %llu '%s': no descriptor for a timer, its accesses wait",
			(unsigned long long)m->view->id, m->view->name);
}

bool measurer_reaped(struct policyd *policyd, pid_t pid, int status)
{
	for (struct view *view = policyd->views; view; view = view->next) {
		struct measurer *m = view->measurer;

		if (m && m->ending == pid)
			m->ending = 0;
		if (!m || m->pid != pid)
			continue;
		m->pid = 0;
		if (WIFSIGNALED(status))
			log_error("view %llu '%s': measurer %d: %s", (unsigned long long)view->id,
				view->name, (int)pid, strsignal(WTERMSIG(status)));
		measurer_lost(m, "ended");
		return true;
	}
	return false;
}

pid_t measurer_pid(const struct measurer *m)
{
	return m ? m->pid : 0;
}

/* ---- arming ---- */

/* Nothing in force needs it, and nobody arms for more. */
static void end_if_idle(struct view *view)
{
	struct measurer *m = view->measurer;

	if (!m || m->arm_text || measures(view->policy))
		return;
	measurer_free(take_ptr(view->measurer));
}

static void armed(struct measurer *m, int error)
{
	struct view *view = m->view;
	measurer_armed_fn fn = m->armed_fn;
	void *userdata = m->armed_userdata;

	if (!m->arm_text)
		return;
	measurer_arm_forget(view);
	fn(view, error, userdata);
}

void measurer_arm_forget(struct view *view)
{
	struct measurer *m = view->measurer;

	if (!m)
		return;
	loop_timer_stop(&m->arm_deadline);
	free(take_ptr(m->arm_text));
}

static int on_arm_deadline(struct loop_timer *timer, void *userdata)
{
	struct measurer *m = userdata;
	struct view *view = m->view;

	(void)timer;
	if (m->pid && !m->ready)
		measurer_lost(m, "did not place its marks in time");
	armed(m, -ETIMEDOUT);
	end_if_idle(view);
	return 0;
}

void measurer_on_armed(struct measurer *m, uint64_t cookie, const struct measure_armed *body)
{
	struct view *view = m->view;

	m->ready = true;
	if (cookie == MEASURER_COOKIE_ARM) {
		armed(m, MIN(body->error, 0));
		if (body->error < 0)
			end_if_idle(view);
		return;
	}
	/* An older generation's answer leaves the deadline of the newer one alone. */
	if (body->generation != atomic_load(&view->head->policy_generation))
		return;
	loop_timer_stop(&m->policy_deadline);
	if (body->error < 0)
		log_error("view %llu '%s': the namespace is not measured: %s",
			(unsigned long long)view->id, view->name, strerror(-body->error));
}

static int measurer_new(struct view *view, struct measurer **ret_measurer)
{
	struct measurer *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->view = view;
	m->target_pid_fd = -1;
	m->wire.fd = -1;
	m->fanotify_fd = make_group();
	if (m->fanotify_fd < 0) {
		r = m->fanotify_fd;
		measurer_free(m);
		return r;
	}
	*ret_measurer = m;
	return 0;
}

int measurer_arm(
	struct view *view, const char *text, size_t n, measurer_armed_fn fn, void *userdata)
{
	bool fresh = !view->measurer;
	struct measurer *m;
	int r = 0;

	if (!fresh && view->measurer->arm_text)
		return -EBUSY;
	if (fresh)
		r = measurer_new(view, &view->measurer);
	if (r < 0)
		return r;
	m = view->measurer;
	m->armed_fn = fn;
	m->armed_userdata = userdata;
	m->n_arm_text = n;
	m->arm_text = malloc(n + 1);
	r = m->arm_text ? 0 : -ENOMEM;
	if (r == 0)
		memcpy(m->arm_text, text, n);
	if (r == 0)
		r = loop_timer_start(
			view->policyd->loop, &m->arm_deadline, MEASURER_ARM_MS, on_arm_deadline, m);
	if (r == 0 && fresh)
		r = start(m);
	else if (r == 0 && m->pid) /* else its successor will be told */
		r = send_text(m, text, n, true);
	if (r == 0)
		return 0;
	measurer_arm_forget(view);
	end_if_idle(view);
	return r;
}

int measurer_send_policy(struct view *view)
{
	struct measurer *m = view->measurer;
	int r;

	if (!m)
		return 0;
	end_if_idle(view);
	m = view->measurer;
	if (!m || !m->pid) /* its successor will be told */
		return 0;
	r = send_policy(m);
	if (r < 0)
		measurer_lost(m, "cannot be told its policy");
	return r;
}
