/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The root of a container in the making, built in a private mount namespace before the container's
 * user namespace takes its copy of the tree: the kernel locks what is copied together, so that
 * inside nothing can be unmounted to see what lies beneath. */
#include <stdbool.h>

#include "../fault.h"
#include "../options.h"

struct root_plan {
	const char *rootfs;           /* a directory, or NULL: the host's root file system */
	const struct id_range *range; /* NULL: the container has no user namespace */
	const char *workplace; /* a directory of the host to cover with a tmpfs while building */
	int view_fd;           /* the view's detached mount; borrowed */
	bool compat;           /* a real securityfs beneath the view */
};

/* Leaves the calling process in a new mount namespace, with the finished root at *ret_root_fd. Its
 * mount namespace must be its own to throw away. 0 or -errno with the fault. */
int root_build(const struct root_plan *plan, int *ret_root_fd, struct fault *ret_fault);
