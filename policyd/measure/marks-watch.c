/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "marks.h"

static void unwatch(struct marks_namespace *ns)
{
	loop_remove(&ns->mountinfo_source);
	loop_remove(&ns->pid_source);
	close_fd(&ns->mountinfo_fd);
	close_fd(&ns->pid_fd);
	ns->ino = 0;
}

void marks_unwatch_all(struct marks *marks)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks->namespaces); i++)
		unwatch(&marks->namespaces[i]);
}

/* A scan that fails here fails again at the next one; the mounts it missed are the witness's. */
static int on_mounts(struct loop_source *source, uint32_t events, void *userdata)
{
	struct marks_namespace *ns = userdata;

	(void)source;
	if (events & (EPOLLPRI | EPOLLERR))
		ns->marks->dirty = true;
	(void)marks_refresh(ns->marks);
	return 0;
}

/* The process that a namespace is seen through ends: let go of the namespace at once, or its mounts
 * would outlive it. If others are left in it, the scan finds them. */
static int on_end(struct loop_source *source, uint32_t events, void *userdata)
{
	struct marks_namespace *ns = userdata;
	struct marks *marks = ns->marks;

	(void)source;
	(void)events;
	unwatch(ns);
	marks->dirty = true;
	(void)marks_refresh(marks);
	return 0;
}

static int watch(struct marks_namespace *ns, uint64_t ino, pid_t tid, pid_t pid)
{
	struct marks *marks = ns->marks;
	char path[40];
	int r;

	snprintf(path, sizeof(path), "%d/mountinfo", tid);
	ns->ino = ino;
	ns->pid_fd = pidfd_open(pid, 0);
	ns->mountinfo_fd = openat(marks->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (ns->pid_fd < 0 || ns->mountinfo_fd < 0)
		return -1;
	r = loop_add(marks->loop, &ns->pid_source, ns->pid_fd, EPOLLIN, on_end, ns);
	if (r < 0)
		return r;
	return loop_add(
		marks->loop, &ns->mountinfo_source, ns->mountinfo_fd, EPOLLPRI, on_mounts, ns);
}

void marks_watch(struct marks *marks, uint64_t mnt_ns, pid_t tid, pid_t pid)
{
	struct marks_namespace *free_one = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(marks->namespaces); i++) {
		struct marks_namespace *ns = &marks->namespaces[i];

		if (ns->ino == mnt_ns)
			return;
		if (!ns->ino)
			free_one = ns;
	}
	if (free_one && watch(free_one, mnt_ns, tid, pid) < 0)
		unwatch(free_one);
}

int marks_refresh(struct marks *marks)
{
	struct pollfd polls[MARKS_NAMESPACES_MAX];
	nfds_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(marks->namespaces); i++) {
		if (marks->namespaces[i].ino)
			polls[n++] = (struct pollfd){
				.fd = marks->namespaces[i].mountinfo_fd, .events = POLLPRI};
	}
	if (!marks->dirty && poll(polls, n, 0) > 0)
		marks->dirty = true;
	return marks->dirty ? marks_scan(marks) : 0;
}
