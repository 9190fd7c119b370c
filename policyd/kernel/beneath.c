/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "mount.h"

#define BENEATH_DEPTH_MAX 3

/* Directories that the host's administrator fills at run time: empty today is no promise. */
static const char *const filled_later[] = {".", "..", "apparmor", "tomoyo", "smack", "safesetid"};

static bool is_one_of_them(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(filled_later); i++) {
		if (!strcmp(name, filled_later[i]))
			return true;
	}
	return false;
}

/* Opens the first empty directory below dir_fd. 0, -ENOENT, -errno. */
static int find_empty(int dir_fd, unsigned depth, int *ret_fd)
{
	DIR *dir = fdopendir(dir_fd); /* takes dir_fd */
	struct dirent *entry;
	unsigned n = 0;
	int r = -ENOENT;

	if (!dir) {
		r = -errno;
		close(dir_fd);
		return r;
	}
	while (r == -ENOENT && (entry = readdir(dir))) {
		int fd;

		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
		if (depth >= BENEATH_DEPTH_MAX || is_one_of_them(entry->d_name))
			continue;
		fd = openat(
			dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			r = find_empty(fd, depth + 1, ret_fd);
	}
	if (r == -ENOENT && n == 0 && depth > 0) {
		*ret_fd = openat(dirfd(dir), ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = *ret_fd < 0 ? -errno : 0;
	}
	closedir(dir);
	return r;
}

int beneath_new(int *ret_mount_fd)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					      MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE};
	_cleanup_close_ int fs_fd = -1, root_fd = -1, dir_fd = -1, bind_fd = -1;
	int r;

	r = mount_securityfs(&fs_fd);
	if (r < 0)
		return r;
	/* Before Linux 6.15 a part of a mount can be cloned only where it is mounted. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -errno;
	r = mount_move(fs_fd, root_fd);
	if (r < 0)
		return r;
	r = openat(fs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = r < 0 ? -errno : find_empty(r, 0, &dir_fd);
	if (r < 0)
		return r;
	bind_fd = open_tree(dir_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (bind_fd < 0 || mount_setattr(bind_fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	*ret_mount_fd = take_fd(&bind_fd);
	return 0;
}
