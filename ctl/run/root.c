/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "mounts.h"
#include "places.h"
#include "userns.h"

/* Parts of a host's root that are often file systems of their own, and without which nothing runs.
 */
static const char *const system_dirs[] = {"/usr", "/etc"};

struct builder {
	const struct root_plan *plan;
	struct mount_root root; /* of the container */
	int userns_fd;          /* the map for file owners; -1: none */
	int lower_fd;           /* the directory to show */
	int system_fds[ARRAY_SIZE(system_dirs)];
	struct fault *fault;
};

static void builder_done(struct builder *builder)
{
	for (size_t i = 0; i < ARRAY_SIZE(system_dirs); i++)
		close_fd(&builder->system_fds[i]);
	close_fd(&builder->lower_fd);
	close_fd(&builder->userns_fd);
	close_fd(&builder->root.fd);
}

static bool is_mount_point(const char *path)
{
	struct statx stx;

	return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stx) == 0 &&
	       stx.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* Opens what will be shown, before a tmpfs of ours covers any of it. */
static int open_sources(struct builder *builder)
{
	const char *rootfs = builder->plan->rootfs;
	int r;

	builder->lower_fd = open(rootfs ? rootfs : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (builder->lower_fd < 0)
		return fault_set(builder->fault, -errno, "cannot open --rootfs %s", rootfs);
	for (size_t i = 0; !rootfs && i < ARRAY_SIZE(system_dirs); i++) {
		if (!is_mount_point(system_dirs[i]))
			continue;
		r = mount_clone(AT_FDCWD, system_dirs[i], MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV,
			&builder->system_fds[i]);
		if (r < 0)
			return fault_set(
				builder->fault, r, "cannot copy the mount of %s", system_dirs[i]);
	}
	if (!builder->plan->range)
		return 0;
	r = userns_new(builder->plan->range, &builder->userns_fd);
	if (r < 0)
		return fault_set(builder->fault, r, "cannot make a user namespace");
	return 0;
}

/* Owners are mapped where the file system can do it; where it cannot, files of the host's root
 * belong to nobody inside, and can be read and executed as far as their modes allow everybody. */
static void map_owners(const struct builder *builder, int mount_fd)
{
	if (builder->userns_fd >= 0)
		mount_idmap(mount_fd, builder->userns_fd);
}

/* A tmpfs with the directories that an overlay needs, over the workplace; it becomes the working
 * directory, so that no path has to be written into the overlay's options. */
static int enter_workplace(struct builder *builder)
{
	static const struct mount_option options[] = {{"mode", "0755"}, {NULL, NULL}};
	static const char *const dirs[] = {"lower", "upper", "work", "root"};
	_cleanup_close_ int mount_fd = -1;
	int r;

	r = mount_new("tmpfs", options, 0, &mount_fd);
	if (r >= 0)
		r = mount_place(mount_fd, AT_FDCWD, builder->plan->workplace);
	if (r < 0)
		return fault_set(
			builder->fault, r, "cannot mount a tmpfs on %s", builder->plan->workplace);
	if (fchdir(mount_fd) < 0)
		return fault_set(builder->fault, -errno, "cannot enter the new tmpfs");
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdirat(mount_fd, dirs[i], 0755) < 0)
			return fault_set(builder->fault, -errno, "cannot make %s", dirs[i]);
	/* The upper directory's owner and mode are those of the container's "/". */
	if (fchownat(mount_fd, "upper", builder->root.uid, builder->root.gid, 0) < 0)
		return fault_set(builder->fault, -errno, "cannot give away the upper directory");
	return 0;
}

/* The overlay keeps a private copy of the lower mount; ours goes again. */
static int mount_overlay_once(const struct builder *builder, bool map, int *ret_fd)
{
	static const struct mount_option options[] = {
		{"lowerdir", "lower"}, {"upperdir", "upper"}, {"workdir", "work"}, {NULL, NULL}};
	_cleanup_close_ int lower_fd = -1;
	int r;

	r = mount_clone(builder->lower_fd, "", 0, &lower_fd);
	if (r < 0)
		return r;
	if (map)
		map_owners(builder, lower_fd);
	r = mount_place(lower_fd, AT_FDCWD, "lower");
	if (r < 0)
		return r;
	/* No devices: a node in an image would open the host's. */
	r = mount_new("overlay", options, MOUNT_ATTR_NODEV, ret_fd);
	umount2("lower", MNT_DETACH);
	return r;
}

static int mount_overlay(struct builder *builder)
{
	int r;

	r = mount_overlay_once(builder, true, &builder->root.fd);
	if (r == -EINVAL && builder->userns_fd >= 0) /* id-mapped layers: Linux 5.19 */
		r = mount_overlay_once(builder, false, &builder->root.fd);
	if (r == -ENODEV)
		return fault_say(builder->fault, r,
			"this kernel has no overlay file system: try 'modprobe overlay'");
	if (r < 0)
		return fault_set(builder->fault, r, "cannot mount an overlay over %s",
			builder->plan->rootfs ? builder->plan->rootfs : "/");
	r = mount_place(builder->root.fd, AT_FDCWD, "root");
	if (r < 0)
		return fault_set(builder->fault, r, "cannot place the overlay");
	return 0;
}

static int place_system_dirs(struct builder *builder)
{
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(system_dirs); i++) {
		if (builder->system_fds[i] < 0)
			continue;
		map_owners(builder, builder->system_fds[i]);
		r = mount_place_in(builder->system_fds[i], &builder->root, system_dirs[i] + 1);
		if (r < 0)
			return fault_set(builder->fault, r, "cannot bind %s", system_dirs[i]);
	}
	return 0;
}

int root_build(const struct root_plan *plan, int *ret_root_fd, struct fault *ret_fault)
{
	_cleanup_(builder_done) struct builder builder = {.plan = plan,
		.root = {.fd = -1,
			.uid = plan->range ? plan->range->base : 0,
			.gid = plan->range ? plan->range->base : 0},
		.userns_fd = -1,
		.lower_fd = -1,
		.fault = ret_fault};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(system_dirs); i++)
		builder.system_fds[i] = -1;
	/* Private, recursively: nothing of what follows may show up on the host. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fault_set(ret_fault, -errno, "cannot make a mount namespace");
	r = open_sources(&builder);
	if (r < 0)
		return r;
	r = enter_workplace(&builder);
	if (r < 0)
		return r;
	r = mount_overlay(&builder);
	if (r < 0)
		return r;
	r = place_system_dirs(&builder);
	if (r < 0)
		return r;
	r = places_mount(&builder.root, plan->view_fd, plan->compat, ret_fault);
	if (r < 0)
		return r;
	*ret_root_fd = take_fd(&builder.root.fd);
	return 0;
}
