/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "beneath.h"
#include "mount.h"
#include "mountinfo.h"
#include "privileges.h"
#include "proc.h"

/* The child's state, so that each step can say what went wrong. */
struct child {
	int proc_fd;
	const struct enter_order *order;
	struct enter_result *result;
	int root_fd;       /* the process's root */
	char *mounts;      /* its mountinfo */
	char *host_mounts; /* policyd's */
};

static int _printf_(3, 4) fail(struct child *child, int error, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(child->result->text, sizeof(child->result->text), format, ap);
	va_end(ap);
	return error;
}

/* Opens what leads into the namespace, while its process is still the one that was asked for. */
static int open_namespace(struct child *child, int *ret_ns_fd)
{
	const struct enter_order *order = child->order;
	char path[48];
	struct stat st;
	uint64_t id64 = 0;
	size_t n;
	int r;

	snprintf(path, sizeof(path), "%d/root", order->pid);
	child->root_fd = openat(child->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (child->root_fd < 0)
		return fail(child, -errno, "process %d is gone", order->pid);
	r = proc_read(child->proc_fd, order->pid, "mountinfo", &child->mounts, &n);
	if (r < 0)
		return fail(child, r, "mountinfo of process %d: %s", order->pid, strerror(-r));
	snprintf(path, sizeof(path), "%d/ns/mnt", order->pid);
	*ret_ns_fd = openat(child->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (*ret_ns_fd < 0 || fstat(*ret_ns_fd, &st) < 0)
		return fail(child, -errno, "process %d is gone", order->pid);
	if (order->id64)
		(void)proc_mntns_id64(child->proc_fd, order->pid, &id64);
	if (st.st_ino != order->id || id64 != order->id64)
		return fail(child, -ESRCH, "process %d is no longer in that namespace", order->pid);
	return 0;
}

/* The container's root chose every name on the way: nothing may lead out of its root, and no magic
 * link of a /proc in it to a descriptor of ours. */
static int open_inside(struct child *child, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, child->root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static bool is_listed(const struct enter_order *order, dev_t dev)
{
	for (size_t i = 0; i < order->n_devs; i++) {
		if (order->devs[i] == dev)
			return true;
	}
	return false;
}

static bool is_view(const struct child *child, dev_t dev)
{
	_cleanup_free_ char *text = strdup(child->mounts);
	struct mountinfo mount;
	char *at = text;
	int r;

	while (at && (r = mountinfo_next(&at, &mount)) != 0) {
		if (r > 0 && mountinfo_dev(&mount) == dev)
			return mountinfo_is_view(&mount);
	}
	return false;
}

/* Unmounts what the line names, if it is the topmost mount at its path. */
static int detach_mount(struct child *child, const struct mountinfo *mount)
{
	_cleanup_close_ int fd = open_inside(child, mount->point);
	dev_t dev;
	int r;

	if (fd < 0)
		return fd;
	r = mount_dev(fd, &dev);
	if (r == 0 && dev != mountinfo_dev(mount))
		r = -EBUSY;
	if (r == 0)
		r = mount_detach(child->proc_fd, fd);
	if (r == 0)
		child->result->n_detached++;
	return r;
}

static int detach(struct child *child)
{
	char *at = child->mounts;
	struct mountinfo mount;
	int r, result = 0;

	while ((r = mountinfo_next(&at, &mount)) != 0) {
		if (r < 0 || !is_listed(child->order, mountinfo_dev(&mount)))
			continue;
		r = detach_mount(child, &mount);
		if (r == -EBUSY)
			result = fail(child, r,
				"something else is mounted over the view: unmount that first");
		else if (r == -EINVAL)
			result = fail(child, r,
				"the view's mount is locked: it was there when the container's "
				"user namespace was made, and goes with it");
		else if (r < 0)
			result = fail(child, r, "unmounting the view: %s", strerror(-r));
	}
	return result;
}

/* A policyd that was killed leaves dead views behind: they are taken away. A live one may belong to
 * an outer container, whose namespace this one was copied from. */
static int clear_place(struct child *child)
{
	for (;;) {
		_cleanup_close_ int fd = open_inside(child, child->order->at);
		dev_t dev;
		int r;

		if (fd < 0 || mount_dev(fd, &dev) < 0)
			return 0; /* place() says why */
		if (!is_view(child, dev) || is_listed(child->order, dev) || !mount_is_dead(fd))
			return 0;
		r = mount_detach(child->proc_fd, fd);
		if (r < 0)
			return fail(child, r, "a dead view lies at %s and cannot be unmounted: %s",
				child->order->at, strerror(-r));
		child->result->n_detached++;
	}
}

/* Is some mount of the text that by_id or by_peers names? Returns its peer group, or 0. */
static uint64_t find_peers(const char *mounts, uint64_t by_id, uint64_t by_peers)
{
	_cleanup_free_ char *text = strdup(mounts);
	struct mountinfo mount;
	char *at = text;
	int r;

	while (at && (r = mountinfo_next(&at, &mount)) != 0) {
		if (r > 0 && (by_id ? mount.id == by_id : mount.peers == by_peers))
			return mount.peers;
	}
	return 0;
}

/* Would what is mounted there show up on the host too, over its own securityfs? */
static bool reaches_host(const struct child *child, int target_fd)
{
	uint64_t peers = find_peers(child->mounts, mount_id(target_fd), 0);

	return peers && find_peers(child->host_mounts, 0, peers);
}

static int place(struct child *child, int mount_fd)
{
	const char *at = child->order->at;
	_cleanup_close_ int fd = open_inside(child, at);
	int r;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return fail(child, fd,
			"%s is not a directory in the container: create it there (mkdir -p), or "
			"name another place with --at",
			at);
	if (fd < 0)
		return fail(child, fd, "%s in the container: %s; name another place with --at", at,
			strerror(-fd));
	if (reaches_host(child, fd))
		return fail(child, -EPERM,
			"%s belongs to mounts that the container shares with the host, which would get "
			"the view too: make them private there (mount --make-rprivate /)",
			at);
	r = mount_move(mount_fd, fd);
	if (r < 0)
		return fail(child, r, "mounting at %s in the container: %s", at, strerror(-r));
	return 0;
}

static int attach(struct child *child, int beneath_fd)
{
	int r;

	r = clear_place(child);
	if (r == 0 && beneath_fd >= 0)
		r = place(child, beneath_fd);
	if (r == 0)
		r = place(child, child->order->mount_fd);
	return r;
}

static int work(struct child *child)
{
	_cleanup_close_ int ns_fd = -1, beneath_fd = -1;
	size_t n;
	int r;

	r = privileges_drop(PRIVILEGES_ENTER);
	if (r < 0)
		return fail(child, r, "dropping capabilities: %s", strerror(-r));
	r = open_namespace(child, &ns_fd);
	if (r < 0)
		return r;
	r = proc_read(child->proc_fd, getpid(), "mountinfo", &child->host_mounts, &n);
	if (r < 0)
		return fail(child, r, "mountinfo of policyd: %s", strerror(-r));
	if (child->order->what == ENTER_ATTACH && child->order->compat) {
		r = beneath_new(&beneath_fd);
		if (r < 0)
			snprintf(child->result->note, sizeof(child->result->note),
				"nothing lies beneath the view: %s",
				r == -ENOENT ? "the kernel's securityfs has no harmless directory"
					     : strerror(-r));
	}
	if (setns(ns_fd, CLONE_NEWNS) < 0)
		return fail(child, -errno, "entering the mount namespace: %s", strerror(errno));
	return child->order->what == ENTER_ATTACH ? attach(child, beneath_fd) : detach(child);
}

void enter_child(int proc_fd, const struct enter_order *order, struct enter_result *ret_result)
{
	struct child child = {
		.proc_fd = proc_fd, .order = order, .result = ret_result, .root_fd = -1};

	ret_result->error = work(&child);
	close_fd(&child.root_fd);
	free(child.mounts);
	free(child.host_mounts);
}
