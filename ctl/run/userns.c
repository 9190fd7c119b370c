/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../../common/cleanup.h"

static int write_map(pid_t pid, const char *name, const struct id_range *range)
{
	_cleanup_close_ int fd = -1;
	char path[64], line[64];
	int n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	n = snprintf(line, sizeof(line), "0 %u %u\n", range->base, range->count);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* The kernel takes a map in one write or not at all. */
	if (write(fd, line, n) < 0)
		return -errno;
	return 0;
}

int userns_map(pid_t pid, const struct id_range *range)
{
	int r;

	r = write_map(pid, "uid_map", range);
	if (r < 0)
		return r;
	return write_map(pid, "gid_map", range);
}

static int open_userns(pid_t pid, const struct id_range *range)
{
	char path[64];
	int fd, r;

	r = userns_map(pid, range);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int userns_new(const struct id_range *range, int *ret_fd)
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	pid_t pid;
	int fd;

	/* A process is the only way to make a user namespace with a map; it does nothing but wait
	 * to be ended. */
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return -errno;
	if (pid == 0)
		for (;;)
			pause();
	fd = open_userns(pid, range);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}
