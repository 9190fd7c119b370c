/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"

/* A whole small file; false: it cannot be read. On the way of every unsettled open: no allocation.
 */
static bool read_text(int proc_fd, pid_t tid, const char *name, char *text, size_t n)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	ssize_t r;

	text[0] = '\0';
	if (tid <= 0) /* a thread outside our pid namespace */
		return false;
	snprintf(path, sizeof(path), "%d/%s", tid, name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	r = read(fd, text, n - 1);
	text[r > 0 ? r : 0] = '\0';
	return r >= 0;
}

/* The thread queued its event before it went to sleep, and on another processor we may be here
 * first: it then still counts as running, and shows neither registers nor stack. Waits a little,
 * the next time longer; false: it was long enough (100 ms in all), nothing is known. */
static bool wait_for_sleep(unsigned *round)
{
	struct timespec pause = {.tv_nsec = 20000l << *round};

	if (*round >= 12)
		return false;
	nanosleep(&pause, NULL);
	(*round)++;
	return true;
}

void task_syscall_of(int proc_fd, pid_t tid, struct task_syscall *ret_syscall)
{
	unsigned round = 0;
	char text[256];

	while (read_text(proc_fd, tid, "syscall", text, sizeof(text)) &&
		!strcmp(text, "running\n") && wait_for_sleep(&round))
		;
	task_parse_syscall(text, ret_syscall);
}

enum task_role task_role_of(int proc_fd, pid_t tid)
{
	unsigned round = 0;
	char text[4096];

	while (read_text(proc_fd, tid, "stack", text, sizeof(text)) && !*text &&
		wait_for_sleep(&round))
		;
	return task_parse_stack(text);
}

bool task_maybe_in_exec(int proc_fd, pid_t tid)
{
	struct task_syscall call;
	char text[256];

	if (!read_text(proc_fd, tid, "syscall", text, sizeof(text)))
		return false;
	task_parse_syscall(text, &call);
	return !strcmp(text, "running\n") || task_in_exec(&call);
}
