/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Who belongs to a container, told from the namespaces in /proc: processes in its mount namespace,
 * or in its user or pid namespace or one made below it. The initial (our own) user and pid
 * namespace tell nothing. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "file.h"

struct members_of {
	int proc_fd;
	uint64_t mnt_ns, user_ns, pid_ns; /* inode numbers of the container's */
	uint64_t own_user_ns, own_pid_ns; /* of ours */
};

/* One way to look at mounts: what this thread sees below its root. */
/* Is this so of the process, as far as file is concerned? */
typedef bool (*members_fn)(int proc_fd, pid_t pid, const struct file *file);

struct members_view {
	pid_t tid, pid; /* of the thread, and of its process */
	uint64_t mnt_ns;
	uint64_t root_dev, root_ino, root_mount;
};

/* The different views of the container's processes and threads, at most max. Their number, or
 * -errno of /proc. */
int members_views(const struct members_of *of, struct members_view *views, size_t max);

/* The superblocks that are mounted in any mount namespace outside the container, sorted;
 * *ret_devs is malloc'd. A namespace without a process has nobody who could wait, so it does not
 * count. 0, -ENOMEM, -errno of /proc. */
int members_elsewhere(const struct members_of *of, uint64_t **ret_devs, size_t *ret_n);

/* Is it so of any of the container's processes? True also where /proc cannot be read. */
bool members_any(const struct members_of *of, members_fn fn, const struct file *file);
