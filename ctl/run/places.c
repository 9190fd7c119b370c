/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECURITYFS "sys/kernel/security"

static int mount_tmpfs(const struct mount_root *root, const char *path, const char *mode,
	unsigned attributes, struct fault *fault)
{
	char uid[16], gid[16];
	const struct mount_option options[] = {
		{"mode", mode}, {"uid", uid}, {"gid", gid}, {NULL, NULL}};
	_cleanup_close_ int mount_fd = -1;
	int r;

	snprintf(uid, sizeof(uid), "%u", root->uid);
	snprintf(gid, sizeof(gid), "%u", root->gid);
	r = mount_new("tmpfs", options, attributes, &mount_fd);
	if (r >= 0)
		r = mount_place_in(mount_fd, root, path);
	if (r < 0)
		return fault_set(fault, r, "cannot mount a tmpfs on the container's /%s", path);
	return 0;
}

/* Device nodes are the host's, bound: a container's root may not make any, and a tmpfs that belongs
 * to the initial user namespace would otherwise open them. */
static int bind_device(int dev_fd, const char *name)
{
	_cleanup_close_ int node_fd = -1, mount_fd = -1;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/dev/%s", name);
	r = mount_clone(AT_FDCWD, path, 0, &mount_fd);
	if (r == -ENOENT)
		return 0; /* what the host has not, the container has not */
	if (r < 0)
		return r;
	node_fd = openat(dev_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (node_fd < 0)
		return -errno;
	return mount_place(mount_fd, dev_fd, name);
}

static int fill_dev(const struct mount_root *root, int dev_fd)
{
	static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
	static const char *const links[][2] = {{"/proc/self/fd", "fd"},
		{"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
		{"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"}};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		r = bind_device(dev_fd, nodes[i]);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i][0], dev_fd, links[i][1]) < 0 ||
			fchownat(dev_fd, links[i][1], root->uid, root->gid, AT_SYMLINK_NOFOLLOW) <
				0)
			return -errno;
	return 0;
}

/* Terminals of the container's own. */
static int mount_devpts(const struct mount_root *root)
{
	char gid[16];
	const struct mount_option options[] = {
		{"ptmxmode", "0666"}, {"mode", "0620"}, {"gid", gid}, {NULL, NULL}};
	_cleanup_close_ int mount_fd = -1;
	int r;

	snprintf(gid, sizeof(gid), "%u", root->gid + 5); /* tty, as on every Debian */
	r = mount_new("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, &mount_fd);
	return r < 0 ? r : mount_place_in(mount_fd, root, "dev/pts");
}

static int mount_dev(const struct mount_root *root, struct fault *fault)
{
	_cleanup_close_ int dev_fd = -1;
	int r;

	r = mount_tmpfs(root, "dev", "0755", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, fault);
	if (r < 0)
		return r;
	r = mount_open_dir(root, "dev", &dev_fd);
	if (r >= 0)
		r = fill_dev(root, dev_fd);
	if (r >= 0)
		r = mount_devpts(root);
	if (r < 0)
		return fault_set(fault, r, "cannot fill the container's /dev");
	return mount_tmpfs(root, "dev/shm", "1777", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, fault);
}

/* The host's sysfs without what is mounted in it, above all without its securityfs; where that has
 * no place for one, an empty tree that has. */
static int mount_sys(const struct mount_root *root, struct fault *fault)
{
	const unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	_cleanup_close_ int sys_fd = -1, dir_fd = -1;
	int r;

	r = mount_clone(AT_FDCWD, "/sys", attributes | MOUNT_ATTR_RDONLY, &sys_fd);
	if (r >= 0 && faccessat(sys_fd, "kernel/security", F_OK, 0) == 0) {
		r = mount_place_in(sys_fd, root, "sys");
		if (r < 0)
			return fault_set(fault, r, "cannot bind /sys");
		return 0;
	}
	r = mount_tmpfs(root, "sys", "0555", attributes, fault);
	if (r < 0)
		return r;
	r = mount_open_dir(root, SECURITYFS, &dir_fd);
	if (r < 0)
		return fault_set(fault, r, "cannot make the container's /" SECURITYFS);
	return 0;
}

static int mount_view(const struct mount_root *root, int view_fd, bool compat, struct fault *fault)
{
	_cleanup_close_ int securityfs_fd = -1;
	int r;

	if (compat) {
		r = mount_new("securityfs", NULL,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, &securityfs_fd);
		if (r == -ENODEV)
			return fault_say(
				fault, r, "this kernel has no securityfs: run without --compat");
		if (r >= 0)
			r = mount_place_in(securityfs_fd, root, SECURITYFS);
		if (r < 0)
			return fault_set(fault, r, "cannot mount securityfs for the container");
	}
	/* The container resolves nothing here yet, and the view is on top. */
	r = mount_place_in(view_fd, root, SECURITYFS);
	if (r < 0)
		return fault_set(fault, r, "cannot place the view at the container's /" SECURITYFS);
	return 0;
}

int places_mount(const struct mount_root *root, int view_fd, bool compat, struct fault *ret_fault)
{
	static const struct {
		const char *path, *mode;
	} tmpfs[] = {{"tmp", "1777"}, {"run", "0755"}};
	_cleanup_close_ int proc_fd = -1;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(tmpfs); i++) {
		r = mount_tmpfs(root, tmpfs[i].path, tmpfs[i].mode,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, ret_fault);
		if (r < 0)
			return r;
	}
	r = mount_dev(root, ret_fault);
	if (r < 0)
		return r;
	r = mount_sys(root, ret_fault);
	if (r < 0)
		return r;
	r = mount_open_dir(root, "proc", &proc_fd);
	if (r < 0)
		return fault_set(ret_fault, r, "cannot make the container's /proc");
	return mount_view(root, view_fd, compat, ret_fault);
}
