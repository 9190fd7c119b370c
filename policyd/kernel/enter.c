/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyd/policyd.h"
#include "policyd/server/spawn.h"

struct enter {
	struct enter *next;
	struct policyd *policyd;
	pid_t pid;
	int pipe_fd;
	struct loop_source source;
	struct loop_timer deadline;
	enter_done_fn fn;
	void *userdata;
};

static void enter_free(struct enter *enter)
{
	for (struct enter **at = &enter->policyd->enters; *at; at = &(*at)->next) {
		if (*at == enter) {
			*at = enter->next;
			break;
		}
	}
	loop_timer_stop(&enter->deadline);
	loop_remove(&enter->source);
	close_fd(&enter->pipe_fd);
	free(enter);
}

static void finish(struct enter *enter, const struct enter_result *result)
{
	enter_done_fn fn = enter->fn;
	void *userdata = enter->userdata;

	enter_free(enter);
	fn(result, userdata);
}

static void finish_failed(struct enter *enter, int error, const char *text)
{
	struct enter_result result = {.error = error};

	snprintf(result.text, sizeof(result.text), "%s", text);
	finish(enter, &result);
}

static int on_result(struct loop_source *source, uint32_t events, void *userdata)
{
	struct enter *enter = userdata;
	struct enter_result result;
	ssize_t n = read(enter->pipe_fd, &result, sizeof(result)); /* PIPE_BUF: whole or nothing */

	(void)source;
	(void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n != sizeof(result)) {
		finish_failed(enter, -EIO, "the process that entered the container died");
		return 0;
	}
	result.text[sizeof(result.text) - 1] = '\0';
	result.note[sizeof(result.note) - 1] = '\0';
	finish(enter, &result);
	return 0;
}

static int on_deadline(struct loop_timer *timer, void *userdata)
{
	struct enter *enter = userdata;

	(void)timer;
	kill(enter->pid, SIGKILL);
	finish_failed(enter, -ETIMEDOUT,
		"the container did not answer in time: a file system on the way to the mount point "
		"hangs; choose another place with --at");
	return 0;
}

static _Noreturn void child_main(
	int proc_fd, const struct enter_order *order, int pipe_fd, pid_t parent)
{
	struct enter_order mine = *order;
	struct enter_result result = {0};
	int fds[3] = {proc_fd, pipe_fd, order->mount_fd};
	bool has_mount = order->what == ENTER_ATTACH;

	/* The others would keep superblocks of containers alive, if this child came to hang. */
	if (spawn_die_with(parent) < 0 || spawn_keep_fds(fds, has_mount ? 3 : 2) < 0)
		_exit(1);
	if (has_mount)
		mine.mount_fd = fds[2];
	enter_child(fds[0], &mine, &result);
	_exit(write(fds[1], &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}

int enter_start(
	struct policyd *policyd, const struct enter_order *order, enter_done_fn fn, void *userdata)
{
	struct enter *enter = calloc(1, sizeof(*enter));
	pid_t parent = getpid();
	int fds[2], r;

	_Static_assert(sizeof(struct enter_result) <= 4096, "written to a pipe at once");
	if (!enter)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(enter);
		return -errno;
	}
	*enter = (struct enter){
		.policyd = policyd, .pipe_fd = fds[0], .fn = fn, .userdata = userdata};
	r = loop_add(policyd->loop, &enter->source, fds[0], EPOLLIN, on_result, enter);
	if (r == 0)
		r = loop_timer_start(
			policyd->loop, &enter->deadline, ENTER_SECONDS * 1000, on_deadline, enter);
	if (r == 0) {
		enter->pid = fork();
		if (enter->pid == 0)
			child_main(policyd->proc_fd, order, fds[1], parent);
		r = enter->pid < 0 ? -errno : 0;
	}
	close(fds[1]);
	if (r < 0) {
		enter_free(enter);
		return r;
	}
	enter->next = policyd->enters;
	policyd->enters = enter;
	return 0;
}

void enter_cancel_all(struct policyd *policyd)
{
	while (policyd->enters) {
		struct enter *enter = policyd->enters;

		kill(enter->pid, SIGKILL);
		finish_failed(enter, -ECANCELED, "policyd is ending");
	}
}
