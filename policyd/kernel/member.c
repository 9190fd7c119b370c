/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "member.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "policyd/policyd.h"
#include "proc.h"

#ifndef PIDFD_THREAD /* Linux 6.9 */
#define PIDFD_THREAD O_EXCL
#endif

DEFINE_CLEANUP(cleanup_dir, DIR, closedir)

/* The 64-bit id where there is one: inode numbers are reused within milliseconds. */
static bool in_namespace(const struct view *view, pid_t pid)
{
	uint64_t id;

	if (proc_ns(view->policyd->proc_fd, pid, "mnt", &id) < 0 || id != view->id)
		return false;
	if (!view->id64)
		return true;
	return proc_mntns_id64(view->policyd->proc_fd, pid, &id) == 0 && id == view->id64;
}

/* A descriptor of the process or thread if it lives and is of the view's namespace, else -ESRCH. It
 * is looked at after it was opened, and must still live then: the number may be another's
 * meanwhile. */
static int open_task(const struct view *view, pid_t tid, unsigned flags)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, tid, flags);

	if (fd < 0)
		return -ESRCH;
	if (!in_namespace(view, tid) || syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) < 0)
		return -ESRCH;
	return take_fd(&fd);
}

/* A process whose first thread has ended shows no namespace, but its other threads go on. */
static int open_thread(const struct view *view, pid_t pid, pid_t *ret_tid)
{
	_cleanup_(cleanup_dir) DIR *dir = NULL;
	char path[32];
	int fd = -1;

	snprintf(path, sizeof(path), "%d/task", pid);
	fd = openat(view->policyd->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		close_fd(&fd);
		return -ESRCH;
	}
	fd = -ESRCH;
	for (struct dirent *e; fd < 0 && (e = readdir(dir));) {
		*ret_tid = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : 0;
		if (*ret_tid > 0 && *ret_tid != pid)
			fd = open_task(view, *ret_tid, PIDFD_THREAD);
	}
	return fd;
}

static int open_member(const struct view *view, pid_t pid, pid_t *ret_tid)
{
	uint64_t id;
	int fd = open_task(view, pid, 0);

	*ret_tid = pid;
	if (fd == -ESRCH && proc_ns(view->policyd->proc_fd, pid, "mnt", &id) < 0)
		fd = open_thread(view, pid, ret_tid);
	return fd;
}

static int scan(const struct view *view, pid_t *ret_pid)
{
	int dir_fd = openat(view->policyd->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = dir_fd < 0 ? NULL : fdopendir(dir_fd);
	int fd = -ESRCH;

	if (!dir) {
		int r = -errno;

		close_fd(&dir_fd);
		return r;
	}
	for (struct dirent *e; fd < 0 && (e = readdir(dir));) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : 0;

		if (pid > 0)
			fd = open_member(view, pid, ret_pid);
	}
	closedir(dir);
	return fd;
}

int member_open(const struct view *view, pid_t *ret_pid)
{
	pid_t pid = view->init_pid;
	int fd = pid > 0 ? open_member(view, pid, &pid) : -ESRCH;

	if (fd < 0)
		fd = scan(view, &pid);
	if (fd >= 0)
		*ret_pid = pid;
	return fd;
}
