/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host-face.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/kernel/mount.h"
#include "policyd/kernel/mountinfo.h"
#include "policyd/policyd.h"
#include "policyd/kernel/proc.h"
#include "server.h"
#include "spawn.h"

#define PROBE_MS     500
#define PROBE_TRIES  5 /* a policyd that was killed a moment ago may still be dying */
#define STALE_MOUNTS 64

/* Asks the file system in a child: a live one that hangs must not take this process along. */
static bool probe_dead(int fd)
{
	pid_t parent = getpid(), pid = fork();
	struct pollfd p = {.fd = -1, .events = POLLIN};
	int status = 0;

	if (pid < 0)
		return false;
	if (pid == 0) {
		if (spawn_die_with(parent) < 0 || spawn_keep_fds(&fd, 1) < 0)
			_exit(0);
		_exit(mount_is_dead(fd));
	}
	p.fd = pidfd_open(pid, 0);
	if (p.fd < 0 || poll(&p, 1, PROBE_MS) <= 0)
		kill(pid, SIGKILL);
	close_fd(&p.fd);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

static bool is_view_mount(struct policyd *policyd, const char *path, dev_t dev)
{
	_cleanup_free_ char *text = NULL;
	struct mountinfo mount;
	char *at;
	size_t n;
	int r;

	if (proc_read(policyd->proc_fd, getpid(), "mountinfo", &text, &n) < 0)
		return false;
	for (at = text; (r = mountinfo_next(&at, &mount)) != 0;) {
		if (r > 0 && mountinfo_dev(&mount) == dev && !strcmp(mount.point, path))
			return mountinfo_is_view(&mount);
	}
	return false;
}

static int clear_stale(struct policyd *policyd, const char *path)
{
	for (unsigned i = 0, tries = 0; i < STALE_MOUNTS;) {
		_cleanup_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		dev_t dev;
		int r;

		if (fd < 0)
			return -errno;
		r = mount_dev(fd, &dev);
		if (r < 0 || !is_view_mount(policyd, path, dev))
			return r;
		if (!probe_dead(fd)) {
			if (++tries >= PROBE_TRIES)
				return -EBUSY;
			poll(NULL, 0, PROBE_MS / PROBE_TRIES);
			continue;
		}
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return -errno;
		log_notice("%s: took away the dead mount that an earlier policyd left", path);
		i++;
	}
	return -EBUSY;
}

static int mount_face(struct policyd *policyd, struct host_face *face)
{
	_cleanup_close_ int mount_fd = -1, dir_fd = -1;
	int r;

	dir_fd = open(face->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	r = mount_fuse_new(&face->fuse_fd, &mount_fd);
	if (r == 0)
		r = mount_dev(mount_fd, &face->dev);
	if (r == 0)
		r = server_session_add(policyd, 0, FACE_HOST, face->fuse_fd, -1);
	if (r == 0)
		r = mount_move(mount_fd, dir_fd);
	face->mounted = r == 0;
	return r;
}

int host_face_start(struct policyd *policyd, const char *path, struct host_face *ret_face)
{
	struct host_face face = {.fuse_fd = -1};
	int r = 0;

	face.made = mkdir(path, 0755) == 0;
	/* A dead mount on it answers nothing, but its name can be resolved still. */
	if (!face.made && errno != EEXIST)
		r = -errno;
	if (r == 0) {
		face.path = realpath(path, NULL);
		r = face.path ? clear_stale(policyd, face.path) : -errno;
	}
	if (r == 0)
		r = mount_face(policyd, &face);
	if (r == -EBUSY)
		log_error("%s is the mount of another policyd that is alive: stop it, or give "
			  "another --mountpoint",
			path);
	else if (r < 0)
		log_error("the mount point %s: %s; give another --mountpoint", path, strerror(-r));
	if (r < 0)
		host_face_stop(&face);
	else
		*ret_face = face;
	return r;
}

/* Taking the directory away takes the copies of the mount along that other namespaces have, also
 * those that are locked there and cannot be unmounted; one that was there before comes back. */
static void renew_directory(const char *path, bool made)
{
	struct stat st;

	if (stat(path, &st) < 0 || rmdir(path) < 0 || made)
		return;
	if (mkdir(path, 0700) < 0 || chmod(path, st.st_mode & 07777) < 0)
		log_warning("making %s again: %s", path, strerror(errno));
}

void host_face_stop(struct host_face *face)
{
	bool gone = !face->mounted || umount2(face->path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0 ||
		    errno == EINVAL; /* somebody else did it */

	if (!gone)
		log_warning("unmounting %s: %s", face->path, strerror(errno));
	else if (face->mounted || face->made)
		renew_directory(face->path, face->made);
	close_fd(&face->fuse_fd);
	free(face->path);
	*face = (struct host_face){.fuse_fd = -1, .dev = face->dev};
}
