/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Mounts made and placed through descriptors. A path below a container's root is always resolved in
 * that root (openat2(2), RESOLVE_IN_ROOT): a symbolic link in an image, such as /dev -> ../../etc,
 * must not lead a mount of ours out of it. All: 0 or -errno. */
#include <sys/mount.h>
#include <sys/types.h>

/* The root of a container in the making; directories that are missing in it are made and given to
 * its root user. */
struct mount_root {
	int fd;
	uid_t uid;
	gid_t gid;
};

struct mount_option {
	const char *key, *value;
};

/* A new, detached superblock. options end with a NULL key; attributes are MOUNT_ATTR_*. */
int mount_new(const char *fstype, const struct mount_option *options, unsigned attributes,
	int *ret_mount_fd);

/* A detached copy of the mount that dir_fd and path lead to, without what is mounted below it.
 * attributes are added to it. */
int mount_clone(int dir_fd, const char *path, unsigned attributes, int *ret_mount_fd);

/* Shows the detached mount's ids through the map of a user namespace. -EINVAL or -EOPNOTSUPP where
 * the file system or the kernel cannot. */
int mount_idmap(int mount_fd, int userns_fd);

/* Opens the directory path (without leading slash) below the root (O_PATH), making what is missing.
 */
int mount_open_dir(const struct mount_root *root, const char *path, int *ret_fd);

/* Attaches a detached mount over what at_fd and name lead to; an empty name is at_fd itself. */
int mount_place(int mount_fd, int at_fd, const char *name);

/* Attaches a detached mount over the directory path below the root. */
int mount_place_in(int mount_fd, const struct mount_root *root, const char *path);
