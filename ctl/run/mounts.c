/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../../common/cleanup.h"

int mount_new(const char *fstype, const struct mount_option *options, unsigned attributes,
	int *ret_mount_fd)
{
	_cleanup_close_ int fs_fd = -1;
	int fd;

	fs_fd = fsopen(fstype, FSOPEN_CLOEXEC);
	if (fs_fd < 0)
		return -errno;
	/* What mount tables show in the place of a device. */
	if (fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", fstype, 0) < 0)
		return -errno;
	for (; options && options->key; options++)
		if (fsconfig(fs_fd, FSCONFIG_SET_STRING, options->key, options->value, 0) < 0)
			return -errno;
	if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, attributes);
	if (fd < 0)
		return -errno;
	*ret_mount_fd = fd;
	return 0;
}

int mount_clone(int dir_fd, const char *path, unsigned attributes, int *ret_mount_fd)
{
	struct mount_attr attr = {.attr_set = attributes};
	_cleanup_close_ int fd = -1;

	fd = open_tree(dir_fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (fd < 0)
		return -errno;
	if (attributes && mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	*ret_mount_fd = take_fd(&fd);
	return 0;
}

int mount_idmap(int mount_fd, int userns_fd)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = userns_fd};

	if (mount_setattr(mount_fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	return 0;
}

static int open_in_root(int root_fd, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	long fd;

	fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

/* Makes the last component of path, in a parent that is there. */
static int make_dir(const struct mount_root *root, const char *path)
{
	_cleanup_free_ char *parent = strdup(path);
	_cleanup_close_ int parent_fd = -1;
	const char *name = strrchr(path, '/');

	if (!parent)
		return -ENOMEM;
	if (name)
		parent[name - path] = '\0';
	parent_fd = open_in_root(root->fd, name ? parent : ".");
	if (parent_fd < 0)
		return parent_fd;
	name = name ? name + 1 : path;
	if (mkdirat(parent_fd, name, 0755) < 0)
		return -errno;
	if (fchownat(parent_fd, name, root->uid, root->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

int mount_open_dir(const struct mount_root *root, const char *path, int *ret_fd)
{
	_cleanup_free_ char *part = strdup(path);
	int fd, r;

	if (!part)
		return -ENOMEM;
	for (size_t n = strcspn(path, "/");; n += 1 + strcspn(path + n + 1, "/")) {
		part[n] = '\0';
		fd = open_in_root(root->fd, part);
		if (fd == -ENOENT) {
			r = make_dir(root, part);
			if (r < 0)
				return r;
			fd = open_in_root(root->fd, part);
		}
		if (fd < 0)
			return fd;
		if (!path[n])
			break;
		part[n] = '/';
		close(fd);
	}
	*ret_fd = fd;
	return 0;
}

int mount_place(int mount_fd, int at_fd, const char *name)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH;

	if (!*name)
		flags |= MOVE_MOUNT_T_EMPTY_PATH;
	if (move_mount(mount_fd, "", at_fd, name, flags) < 0)
		return -errno;
	return 0;
}

int mount_place_in(int mount_fd, const struct mount_root *root, const char *path)
{
	_cleanup_close_ int dir_fd = -1;
	int r;

	r = mount_open_dir(root, path, &dir_fd);
	if (r < 0)
		return r;
	return mount_place(mount_fd, dir_fd, "");
}
