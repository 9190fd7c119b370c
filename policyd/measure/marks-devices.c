/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "marks-devices.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "common/cleanup.h"

DEFINE_CLEANUP(cleanup_dir, DIR, closedir)

static bool kernel_spares_devices(void)
{
	struct utsname name;
	unsigned major, minor;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 6 || (major == 6 && minor >= 14);
}

/* Looks at the very inode that is then marked: a name could be given to a regular file meanwhile,
 * whose executions would go unseen. */
static void ignore_one(int fanotify_fd, int dir_fd, const char *name)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	char path[32];

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode) && !S_ISFIFO(st.st_mode))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)fanotify_mark(fanotify_fd,
		FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN_PERM,
		AT_FDCWD, path);
}

static void ignore_in(int fanotify_fd, int dir_fd, const char *path)
{
	_cleanup_close_ int fd =
		openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_(cleanup_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return;
	(void)take_fd(&fd);
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_REG && entry->d_type != DT_DIR)
			ignore_one(fanotify_fd, dirfd(dir), entry->d_name);
	}
}

void marks_ignore_devices(int fanotify_fd, int mount_fd)
{
	if (kernel_spares_devices())
		return;
	ignore_in(fanotify_fd, mount_fd, ".");
	ignore_in(fanotify_fd, mount_fd, "dev");
}
