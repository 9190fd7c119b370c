/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "policyd/kernel/mountinfo.h"
#include "policyd/kernel/proc.h"

#define NESTING_MAX 33 /* levels of user and of pid namespaces, as the kernel's */

DEFINE_CLEANUP(cleanup_dir, DIR, closedir)

/* Is the thread's namespace of this type the one called wanted, or one made below it? */
static bool is_below(const struct members_of *of, pid_t tid, const char *type, uint64_t wanted)
{
	_cleanup_close_ int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "%d/ns/%s", tid, type);
	fd = openat(of->proc_fd, path, O_RDONLY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && i < NESTING_MAX; i++) {
		struct stat st;
		int parent;

		if (fstat(fd, &st) < 0)
			return false;
		if (st.st_ino == wanted)
			return true;
		parent = ioctl(fd, NS_GET_PARENT); /* EPERM above our own */
		close_fd(&fd);
		fd = parent;
	}
	return false;
}

static bool is_inside_by(
	const struct members_of *of, pid_t tid, const char *type, uint64_t wanted, uint64_t own)
{
	uint64_t ino;

	if (!wanted || wanted == own || proc_ns(of->proc_fd, tid, type, &ino) < 0 || ino == own)
		return false;
	return ino == wanted || is_below(of, tid, type, wanted);
}

static bool is_inside(const struct members_of *of, pid_t tid, uint64_t mnt_ns)
{
	return mnt_ns == of->mnt_ns ||
	       is_inside_by(of, tid, "user", of->user_ns, of->own_user_ns) ||
	       is_inside_by(of, tid, "pid", of->pid_ns, of->own_pid_ns);
}

/* The next entry that is a number: a process in /proc, a thread in /proc/PID/task. 0: the end. */
static pid_t next_number(DIR *dir)
{
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			return (pid_t)strtol(entry->d_name, NULL, 10);
	}
	return 0;
}

static DIR *open_dir(int dir_fd, const char *path)
{
	_cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		(void)take_fd(&fd);
	return dir;
}

/* Adds the thread's view if it is a new one. */
static size_t add_view(const struct members_of *of, struct members_view view,
	struct members_view *views, size_t n, size_t max)
{
	struct statx st;
	char path[32];

	snprintf(path, sizeof(path), "%d/root", view.tid);
	if (statx(of->proc_fd, path, AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID, &st) < 0)
		return n;
	view.root_dev = (uint64_t)st.stx_dev_major << 20 | st.stx_dev_minor;
	view.root_ino = st.stx_ino;
	view.root_mount = st.stx_mnt_id;
	for (size_t i = 0; i < n; i++) {
		if (views[i].mnt_ns == view.mnt_ns && views[i].root_dev == view.root_dev &&
			views[i].root_ino == view.root_ino &&
			views[i].root_mount == view.root_mount)
			return n;
	}
	if (n < max)
		views[n++] = view;
	return n;
}

/* Threads may have unshared their root and mount namespace from one another. */
static size_t add_threads(
	const struct members_of *of, pid_t pid, struct members_view *views, size_t n, size_t max)
{
	_cleanup_(cleanup_dir) DIR *tasks = NULL;
	char path[32];
	pid_t tid;

	snprintf(path, sizeof(path), "%d/task", pid);
	tasks = open_dir(of->proc_fd, path);
	while (tasks && (tid = next_number(tasks))) {
		struct members_view view = {.tid = tid, .pid = pid};

		if (proc_ns(of->proc_fd, tid, "mnt", &view.mnt_ns) == 0)
			n = add_view(of, view, views, n, max);
	}
	return n;
}

int members_views(const struct members_of *of, struct members_view *views, size_t max)
{
	_cleanup_(cleanup_dir) DIR *dir = open_dir(of->proc_fd, ".");
	size_t n = 0;
	pid_t pid;

	if (!dir)
		return -errno;
	while ((pid = next_number(dir))) {
		uint64_t mnt_ns;

		if (proc_ns(of->proc_fd, pid, "mnt", &mnt_ns) == 0 && is_inside(of, pid, mnt_ns))
			n = add_threads(of, pid, views, n, max);
	}
	return (int)n;
}

struct set {
	uint64_t *items;
	size_t n, n_alloc;
};

static int set_add(struct set *set, uint64_t item)
{
	if (set->n == set->n_alloc) {
		size_t n = set->n_alloc ? set->n_alloc * 2 : 64;
		uint64_t *items = realloc(set->items, n * sizeof(*items));

		if (!items)
			return -ENOMEM;
		set->items = items;
		set->n_alloc = n;
	}
	set->items[set->n++] = item;
	return 0;
}

static bool set_has(const struct set *set, uint64_t item)
{
	for (size_t i = set->n; i > 0; i--) {
		if (set->items[i - 1] == item)
			return true;
	}
	return false;
}

static int add_superblocks(const struct members_of *of, pid_t pid, struct set *devs)
{
	_cleanup_free_ char *text = NULL;
	struct mountinfo line;
	uint64_t last = UINT64_MAX;
	char *cursor;
	size_t n;
	int r = proc_read(of->proc_fd, pid, "mountinfo", &text, &n);

	if (r < 0) /* it has gone */
		return r == -ENOMEM ? r : 0;
	cursor = text;
	while ((r = mountinfo_next(&cursor, &line)) != 0) {
		if (r < 0 || line.dev == last)
			continue;
		last = line.dev;
		r = set_add(devs, line.dev);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int members_elsewhere(const struct members_of *of, uint64_t **ret_devs, size_t *ret_n)
{
	_cleanup_(cleanup_dir) DIR *dir = open_dir(of->proc_fd, ".");
	struct set seen = {0}, devs = {0};
	pid_t pid;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (pid = next_number(dir))) {
		uint64_t mnt_ns;

		if (proc_ns(of->proc_fd, pid, "mnt", &mnt_ns) < 0 || set_has(&seen, mnt_ns))
			continue;
		/* One namespace may have processes inside and outside: not seen until one outside.
		 */
		if (is_inside(of, pid, mnt_ns))
			continue;
		r = set_add(&seen, mnt_ns);
		if (r == 0)
			r = add_superblocks(of, pid, &devs);
	}
	free(seen.items);
	if (r < 0) {
		free(devs.items);
		return r;
	}
	if (devs.n)
		qsort(devs.items, devs.n, sizeof(*devs.items), compare);
	*ret_devs = devs.items;
	*ret_n = devs.n;
	return 0;
}

bool members_any(const struct members_of *of, members_fn fn, const struct file *file)
{
	_cleanup_(cleanup_dir) DIR *dir = open_dir(of->proc_fd, ".");
	uint64_t mnt_ns;
	pid_t pid;

	if (!dir)
		return true;
	while ((pid = next_number(dir))) {
		if (proc_ns(of->proc_fd, pid, "mnt", &mnt_ns) == 0 && is_inside(of, pid, mnt_ns) &&
			fn(of->proc_fd, pid, file))
			return true;
	}
	return false;
}
