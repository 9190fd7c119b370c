/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "marks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyd/kernel/mountinfo.h"
#include "policyd/kernel/proc.h"
#include "marks-devices.h"

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U /* Linux 6.8 */
#endif

uint64_t marks_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void marks_init(struct marks *marks, struct loop *loop, int fanotify_fd, int proc_fd)
{
	*marks = (struct marks){.loop = loop, .fanotify_fd = fanotify_fd, .proc_fd = proc_fd};
	for (size_t i = 0; i < ARRAY_SIZE(marks->namespaces); i++) {
		marks->namespaces[i].mountinfo_fd = marks->namespaces[i].pid_fd = -1;
		marks->namespaces[i].marks = marks;
	}
}

/* ---- the table, sorted by id ---- */

static size_t position(const struct marks *marks, uint64_t id)
{
	size_t low = 0, high = marks->n_mounts;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (marks->mounts[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct marks_mount *find(const struct marks *marks, uint64_t id)
{
	size_t at = position(marks, id);

	return at < marks->n_mounts && marks->mounts[at].id == id ? &marks->mounts[at] : NULL;
}

static int insert(struct marks *marks, const struct marks_mount *mount)
{
	size_t at = position(marks, mount->id);

	if (at < marks->n_mounts && marks->mounts[at].id == mount->id) {
		marks->mounts[at] = *mount;
		return 0;
	}
	if (marks->n_mounts == MARKS_MOUNTS_MAX)
		return -ENOSPC;
	if (marks->n_mounts == marks->n_alloc) {
		size_t n = marks->n_alloc ? marks->n_alloc * 2 : 64;
		struct marks_mount *mounts = realloc(marks->mounts, n * sizeof(*mounts));

		if (!mounts)
			return -ENOMEM;
		marks->mounts = mounts;
		marks->n_alloc = n;
	}
	memmove(marks->mounts + at + 1, marks->mounts + at,
		(marks->n_mounts - at) * sizeof(*marks->mounts));
	marks->mounts[at] = *mount;
	marks->n_mounts++;
	return 0;
}

static void drop_unseen(struct marks *marks)
{
	size_t n = 0;

	for (size_t i = 0; i < marks->n_mounts; i++) {
		if (marks->mounts[i].scan == marks->scan)
			marks->mounts[n++] = marks->mounts[i];
	}
	marks->n_mounts = n;
}

static bool superblock_marked(const struct marks *marks, uint64_t dev)
{
	for (size_t i = 0; i < marks->n_mounts; i++) {
		if (marks->mounts[i].dev == dev && marks->mounts[i].filesystem)
			return true;
	}
	return false;
}

uint64_t marks_since(const struct marks *marks, uint64_t mount_id)
{
	const struct marks_mount *mount = find(marks, mount_id);

	return mount ? mount->since_ns : 0;
}

bool marks_is_new(const struct marks *marks, uint64_t mount_id)
{
	if (find(marks, mount_id))
		return false;
	for (unsigned i = 0; i < MIN(marks->n_unlisted, ARRAY_SIZE(marks->unlisted)); i++) {
		if (marks->unlisted[i] == mount_id)
			return false;
	}
	return true;
}

void marks_note_unlisted(struct marks *marks, uint64_t mount_id)
{
	marks->unlisted[marks->n_unlisted++ % ARRAY_SIZE(marks->unlisted)] = mount_id;
}

/* ---- marking ---- */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct members_of marks_members(const struct marks *marks)
{
	return (struct members_of){.proc_fd = marks->proc_fd,
		.mnt_ns = marks->mnt_ns,
		.user_ns = marks->user_ns,
		.pid_ns = marks->pid_ns,
		.own_user_ns = marks->own_user_ns,
		.own_pid_ns = marks->own_pid_ns};
}

/* Looked up only when a scan meets a superblock it did not know: reading every mount namespace of
 * the host is what a scan costs. Where it cannot be told, nobody outside may be made to wait. */
static bool is_elsewhere(struct marks *marks, uint64_t dev)
{
	if (!marks->elsewhere_known) {
		struct members_of of = marks_members(marks);

		if (members_elsewhere(&of, &marks->elsewhere, &marks->n_elsewhere) < 0)
			return true;
		marks->elsewhere_known = true;
	}
	return marks->n_elsewhere &&
	       bsearch(&dev, marks->elsewhere, marks->n_elsewhere, sizeof(dev), compare);
}

/* Sets exactly marks->mask, on the mount or the whole superblock that fd lies on. The bits that
 * are not wanted are taken away after the others were set, so that no event is lost between. */
static int set_mark(const struct marks *marks, int fd, bool filesystem)
{
	const uint64_t all = FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM;
	unsigned kind = filesystem ? FAN_MARK_FILESYSTEM : FAN_MARK_MOUNT;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fanotify_mark(marks->fanotify_fd, FAN_MARK_ADD | kind, marks->mask, AT_FDCWD, path) < 0)
		return -errno;
	if (all & ~marks->mask)
		(void)fanotify_mark(marks->fanotify_fd, FAN_MARK_REMOVE | kind, all & ~marks->mask,
			AT_FDCWD, path);
	return 0;
}

static uint64_t unique_id(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID_UNIQUE, &st) < 0 ||
		!(st.stx_mask & STATX_MNT_ID_UNIQUE))
		return 0;
	return st.stx_mnt_id;
}

/* The descriptor of the mount's root, if its path leads there: -ESTALE when another mount lies over
 * it. A mount point is never a symbolic link, so one on the way was put there since, to lead us
 * elsewhere. */
static int open_mount(int root_fd, const struct mountinfo *line)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_IN_ROOT};
	_cleanup_close_ int fd = -1;
	struct statx st;

	fd = (int)syscall(SYS_openat2, root_fd, line->point, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MNT_ID, &st) < 0)
		return -errno;
	if (st.stx_mnt_id != line->id)
		return -ESTALE;
	if (!S_ISDIR(st.stx_mode) && !S_ISREG(st.stx_mode))
		return -ENODEV;
	return take_fd(&fd);
}

/* A mount that no path leads to. It stays marked if it was; of a superblock that is marked as a
 * whole it needs no mark of its own. */
static int scan_hidden(struct marks *marks, const struct mountinfo *line)
{
	struct marks_mount *known = find(marks, line->id);
	struct marks_mount mount = {.id = line->id,
		.dev = line->dev,
		.filesystem = true,
		.since_ns = marks_now_ns(),
		.scan = marks->scan};

	if (known && known->dev == line->dev) {
		known->scan = marks->scan;
		return 0;
	}
	if (superblock_marked(marks, line->dev))
		return insert(marks, &mount);
	return -ESTALE;
}

static int scan_mount(struct marks *marks, int root_fd, const struct mountinfo *line, bool again)
{
	struct marks_mount *known = find(marks, line->id);
	struct marks_mount mount = {.id = line->id, .dev = line->dev, .scan = marks->scan};
	_cleanup_close_ int fd = -1;
	bool same;
	int r;

	if (known && known->scan == marks->scan)
		return 0;
	fd = open_mount(root_fd, line);
	if (fd == -ENODEV)
		return 0;
	if (fd == -ESTALE || fd == -ENOENT)
		return scan_hidden(marks, line);
	if (fd < 0)
		return fd;
	mount.unique = unique_id(fd);
	same = known && known->unique == mount.unique && known->dev == mount.dev;
	if (same)
		known->scan = marks->scan;
	if (same && !again)
		return 0;
	mount.filesystem =
		same ? known->filesystem
		     : superblock_marked(marks, line->dev) || !is_elsewhere(marks, line->dev);
	if (marks->mask & FAN_OPEN_PERM && !strcmp(line->type, "tmpfs"))
		marks_ignore_devices(marks->fanotify_fd, fd);
	r = set_mark(marks, fd, mount.filesystem);
	if (r < 0 && mount.filesystem && !same) {
		mount.filesystem = false;
		r = set_mark(marks, fd, false);
	}
	if (r < 0 || same)
		return r;
	mount.since_ns = marks_now_ns();
	r = insert(marks, &mount);
	if (r == 0 && mount.unique && marks->on_marked)
		marks->on_marked(marks->userdata, mount.unique);
	return r;
}

/* -errno only if the view's own root cannot be marked; other failures are counted. */
static int scan_view(struct marks *marks, const struct members_view *view, bool again)
{
	_cleanup_close_ int root_fd = -1;
	_cleanup_free_ char *text = NULL;
	struct mountinfo line;
	char path[32], *cursor;
	int r, result = 0;
	size_t n;

	snprintf(path, sizeof(path), "%d/root", view->tid);
	root_fd = openat(marks->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0 || proc_read(marks->proc_fd, view->tid, "mountinfo", &text, &n) < 0)
		return 0; /* it has gone; what it saw, another one sees or nobody */
	cursor = text;
	while ((r = mountinfo_next(&cursor, &line)) != 0) {
		if (r > 0 && mountinfo_is_pseudo(&line, marks->view_dev))
			continue;
		if (r > 0)
			r = scan_mount(marks, root_fd, &line, again);
		if (r < 0)
			marks->n_failed++;
		if (r < 0 && !strcmp(line.point, "/") && r != -ESTALE)
			result = r;
	}
	return result;
}

static int scan(struct marks *marks, bool again)
{
	_cleanup_free_ struct members_view *views = NULL;
	struct members_of of = marks_members(marks);
	int n, r = 0;

	if (!marks->mask || !marks->pid)
		return 0;
	views = calloc(MARKS_VIEWS_MAX, sizeof(*views));
	if (!views)
		return -ENOMEM;
	marks->dirty = false;
	marks->scan++;
	marks->n_failed = marks->n_unlisted = 0;
	n = members_views(&of, views, MARKS_VIEWS_MAX);
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) /* first watch, then look: no change falls between */
		marks_watch(marks, views[i].mnt_ns, views[i].tid, views[i].pid);
	for (int i = 0; i < n; i++) {
		int one = scan_view(marks, &views[i], again);

		if (views[i].mnt_ns == marks->mnt_ns && one < 0)
			r = one;
	}
	drop_unseen(marks);
	free(take_ptr(marks->elsewhere));
	marks->n_elsewhere = 0;
	marks->elsewhere_known = false;
	return r;
}

int marks_scan(struct marks *marks)
{
	return scan(marks, false);
}

int marks_arm(struct marks *marks, uint64_t mask)
{
	bool again = mask != marks->mask;

	marks->mask = mask;
	return again || marks->dirty ? scan(marks, again) : 0;
}

int marks_target(struct marks *marks, pid_t pid, uint64_t view_dev)
{
	uint64_t mnt_ns, user_ns, pid_ns;
	pid_t self = getpid();
	int r;

	marks->pid = 0;
	marks->view_dev = view_dev;
	if (pid <= 0)
		return 0;
	r = proc_ns(marks->proc_fd, pid, "mnt", &mnt_ns);
	if (r == 0)
		r = proc_ns(marks->proc_fd, pid, "user", &user_ns);
	if (r == 0)
		r = proc_ns(marks->proc_fd, pid, "pid", &pid_ns);
	if (r == 0)
		r = proc_ns(marks->proc_fd, self, "user", &marks->own_user_ns);
	if (r == 0)
		r = proc_ns(marks->proc_fd, self, "pid", &marks->own_pid_ns);
	if (r < 0)
		return r;
	marks->pid = pid;
	marks->mnt_ns = mnt_ns;
	marks->user_ns = user_ns;
	marks->pid_ns = pid_ns;
	marks->dirty = true;
	return marks_scan(marks);
}

void marks_done(struct marks *marks)
{
	marks_unwatch_all(marks);
	free(take_ptr(marks->mounts));
	marks->n_mounts = marks->n_alloc = 0;
}
