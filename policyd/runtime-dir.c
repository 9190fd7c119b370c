/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runtime-dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

#define PID_FILE  "pid"
#define DEPTH_MAX 4

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* How many entries were removed below dir_fd. Only root can write here: no races to fear. */
static unsigned empty(int dir_fd, unsigned depth)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned n = 0;

	if (!dir) {
		close_fd(&fd);
		return 0;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		_cleanup_close_ int child = -1;

		if (is_dots(entry->d_name))
			continue;
		child = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0 && depth < DEPTH_MAX)
			n += empty(child, depth + 1);
		n += unlinkat(fd, entry->d_name, child >= 0 ? AT_REMOVEDIR : 0) == 0;
	}
	closedir(dir);
	return n;
}

static bool has_entries(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry = NULL;

	if (!dir)
		close_fd(&fd);
	while (dir && (entry = readdir(dir)) && is_dots(entry->d_name))
		;
	if (dir)
		closedir(dir);
	return entry;
}

static void read_pid(int fd, char *text, size_t n)
{
	_cleanup_close_ int file = openat(fd, PID_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = file < 0 ? 0 : read(file, text, n - 1);

	text[MAX(got, 0)] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

/* What is removed later must be policyd's: --runtime-dir /etc is a slip of the hand. */
static int check_private(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != 0 || st.st_mode & 077) {
		log_error("%s is not root's alone: give a --runtime-dir of mode 0700, or one that "
			  "does not exist yet",
			path);
		return -EPERM;
	}
	if (has_entries(fd) && faccessat(fd, PID_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		log_error(
			"%s holds what policyd did not put there: give a --runtime-dir of its own",
			path);
		return -EPERM;
	}
	return 0;
}

static int lock(int fd, const char *path)
{
	char pid[16];

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	read_pid(fd, pid, sizeof(pid));
	log_error("another policyd, process %s, lives in %s: stop it, or give another "
		  "--runtime-dir and --mountpoint",
		pid[0] ? pid : "unknown", path);
	return -EBUSY;
}

int runtime_dir_open(const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	struct statfs fs;
	unsigned n;
	int r;

	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		r = -errno;
		log_error("the runtime directory %s cannot be made: %s; make its parent, or give "
			  "another --runtime-dir",
			path, strerror(-r));
		return r;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		log_error("the runtime directory %s: %s", path, strerror(-r));
		return r;
	}
	r = check_private(fd, path);
	if (r == 0)
		r = lock(fd, path);
	if (r < 0)
		return r;
	if (fstatfs(fd, &fs) == 0 && fs.f_type != TMPFS_MAGIC)
		log_notice(
			"%s is not on a tmpfs: measurement lists are written to disk there", path);
	n = empty(fd, 0);
	if (n)
		log_notice("%s: removed the state of a policyd that died (%u files)", path, n);
	*ret_fd = take_fd(&fd);
	return 0;
}

int runtime_dir_write_pid(int fd)
{
	_cleanup_close_ int file =
		openat(fd, PID_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (file < 0 || dprintf(file, "%d\n", getpid()) < 0)
		return -errno;
	return 0;
}

void runtime_dir_close(int *fd)
{
	if (*fd >= 0)
		empty(*fd, 0);
	close_fd(fd);
}
