/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../../common/cleanup.h"

/* A whole small file, or "". On the way of every unsettled open: no allocation. */
static void read_text(int proc_fd, pid_t tid, const char *name, char *text, size_t n)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	ssize_t r;

	text[0] = '\0';
	if (tid <= 0) /* a thread outside our pid namespace */
		return;
	snprintf(path, sizeof(path), "%d/%s", tid, name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	r = read(fd, text, n - 1);
	text[r > 0 ? r : 0] = '\0';
}

void task_syscall_of(int proc_fd, pid_t tid, struct task_syscall *ret_syscall)
{
	char text[256];

	read_text(proc_fd, tid, "syscall", text, sizeof(text));
	task_parse_syscall(text, ret_syscall);
}

enum task_role task_role_of(int proc_fd, pid_t tid)
{
	char text[4096];

	read_text(proc_fd, tid, "stack", text, sizeof(text));
	return task_parse_stack(text);
}
