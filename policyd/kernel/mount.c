/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"

#ifndef SYS_listmount /* Linux 6.8 */
#define SYS_listmount 458
#endif

#define MOUNT_ATTRS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* source and subtype read "securityfs": tools grep /proc/mounts for it. Open to everybody
 * (allow_other); who may open what, vsecfs and policyd decide at OPEN. Not default_permissions: to
 * check a mode the kernel would ask for attributes before each open, since the size of a list may
 * not be cached, and that is a third of what an open, a read and a close cost. */
static int set_fuse_options(int fs_fd, int fuse_fd)
{
	char fd[16];
	const char *const options[][2] = {
		{"source", "securityfs"},
		{"subtype", "securityfs"},
		{"fd", fd},
		{"rootmode", "40755"},
		{"user_id", "0"},
		{"group_id", "0"},
	};

	snprintf(fd, sizeof(fd), "%d", fuse_fd);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (fsconfig(fs_fd, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0) < 0)
			return -errno;
	}
	if (fsconfig(fs_fd, FSCONFIG_SET_FLAG, "allow_other", NULL, 0) < 0)
		return -errno;
	return 0;
}

static int create(int fs_fd, unsigned attrs, int *ret_mount_fd)
{
	int fd;

	if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, attrs);
	if (fd < 0)
		return -errno;
	*ret_mount_fd = fd;
	return 0;
}

int mount_fuse_new(int *ret_fuse_fd, int *ret_mount_fd)
{
	_cleanup_close_ int fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	_cleanup_close_ int fs_fd = -1;
	int r;

	if (fuse_fd < 0)
		return -errno;
	fs_fd = fsopen("fuse", FSOPEN_CLOEXEC);
	if (fs_fd < 0)
		return -errno;
	r = set_fuse_options(fs_fd, fuse_fd);
	if (r == 0)
		r = create(fs_fd, MOUNT_ATTRS, ret_mount_fd);
	if (r == 0)
		*ret_fuse_fd = take_fd(&fuse_fd);
	return r;
}

int mount_securityfs(int *ret_mount_fd)
{
	_cleanup_close_ int fs_fd = fsopen("securityfs", FSOPEN_CLOEXEC);

	if (fs_fd < 0)
		return -errno;
	return create(fs_fd, MOUNT_ATTRS | MOUNT_ATTR_RDONLY, ret_mount_fd);
}

int mount_dev(int fd, dev_t *ret_dev)
{
	struct statx st;

	/* Never asks the file system's server. */
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &st) < 0)
		return -errno;
	*ret_dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	return 0;
}

uint64_t mount_id(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st) < 0)
		return 0;
	return st.stx_mnt_id;
}

bool mount_is_dead(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_INO, &st) < 0 &&
	       (errno == ENOTCONN || errno == ECONNABORTED);
}

int mount_move(int mount_fd, int target_fd)
{
	struct mount_attr private = {.propagation = MS_PRIVATE};

	if (move_mount(mount_fd, "", target_fd, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	if (mount_setattr(mount_fd, "", AT_EMPTY_PATH, &private, sizeof(private)) < 0)
		return -errno;
	return 0;
}

int mount_detach(int proc_fd, int fd)
{
	char path[32];

	/* umount2(2) takes no descriptor. The link below /proc names the mount itself, whatever the
	 * container does to the path meanwhile, and needs no permission on its root. */
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	if (fchdir(proc_fd) < 0 || umount2(path, MNT_DETACH) < 0)
		return -errno;
	return 0;
}

int mount_namespace_lives(uint64_t id64)
{
	/* struct mnt_id_req of linux/mount.h, as of Linux 6.11; LSMT_ROOT. */
	const struct {
		uint32_t size, reserved;
		uint64_t mnt_id, after, mnt_ns_id;
	} request = {.size = sizeof(request), .mnt_id = UINT64_MAX, .mnt_ns_id = id64};
	uint64_t mount;

	if (syscall(SYS_listmount, &request, &mount, 1, 0) >= 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}
