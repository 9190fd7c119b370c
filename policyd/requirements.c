/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "requirements.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/kernel/privileges.h"

/* Documentation/admin-guide/devices.txt */
#define FUSE_MAJOR 10
#define FUSE_MINOR 229

#define GROUPS_FILE   "/proc/sys/fs/fanotify/max_user_groups"
#define GROUPS_WANTED 1024
#define NR_OPEN_FILE  "/proc/sys/fs/nr_open"

static int check_root(void)
{
	char missing[1024];

	if (geteuid() != 0) {
		log_error("must be started by root: sudo policyd");
		return -EPERM;
	}
	if (privileges_missing(PRIVILEGES_POLICYD, missing, sizeof(missing))) {
		log_error("root lacks capabilities here: %s; start policyd on the host, not in a "
			  "container",
			missing);
		return -EPERM;
	}
	return 0;
}

static int check_fuse(void)
{
	_cleanup_close_ int fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	_cleanup_close_ int fs_fd = -1;
	struct stat st;
	int r;

	if (fuse_fd < 0) {
		r = -errno;
		log_error("/dev/fuse: %s; load the module (modprobe fuse), or let this machine "
			  "have the device",
			strerror(-r));
		return r;
	}
	if (fstat(fuse_fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
		st.st_rdev != makedev(FUSE_MAJOR, FUSE_MINOR)) {
		log_error("/dev/fuse is not the FUSE device (%d:%d): make it by mknod, or let this "
			  "machine have the device",
			FUSE_MAJOR, FUSE_MINOR);
		return -ENODEV;
	}
	fs_fd = fsopen("fuse", FSOPEN_CLOEXEC);
	if (fs_fd < 0) {
		r = -errno;
		log_error("a FUSE file system cannot be made: %s; Linux 6.1 or newer with "
			  "CONFIG_FUSE_FS is needed",
			strerror(-r));
		return r;
	}
	return 0;
}

/* Reads the first number of a file, or 0. */
static unsigned long read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long number = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

int requirements_check(void)
{
	int r = check_root();
	unsigned long groups;

	if (r == 0)
		r = check_fuse();
	groups = read_number(GROUPS_FILE);
	if (r == 0 && groups && groups < GROUPS_WANTED)
		log_notice("at most %lu containers can be measured at once: raise "
			   "fs.fanotify.max_user_groups (sysctl)",
			groups);
	return r;
}

int requirements_check_fanotify(int fd)
{
	_cleanup_close_ int group_fd = fanotify_init(
		FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE, O_RDONLY);
	char path[32];
	int r = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (group_fd < 0 || fanotify_mark(group_fd, FAN_MARK_ADD,
				    FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM, AT_FDCWD, path) < 0)
		r = -errno;
	if (r < 0)
		log_error("fanotify permission events: %s; %s", strerror(-r),
			r == -EMFILE ? "raise fs.fanotify.max_user_groups (sysctl)"
				     : "the kernel needs CONFIG_FANOTIFY_ACCESS_PERMISSIONS");
	return r;
}

void requirements_raise_files(void)
{
	unsigned long most = read_number(NR_OPEN_FILE);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	/* Past the hard limit only where CAP_SYS_RESOURCE is there; it is not kept. */
	if (most > limit.rlim_max) {
		struct rlimit raised = {most, most};

		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			return;
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warning("the limit on open files stays as it is: %s", strerror(errno));
}
