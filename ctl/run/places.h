/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What is mounted in a container's root besides its files: /dev, /tmp, /run, /sys and the view.
 * /proc is not, as it must be mounted from inside the container's pid namespace; its directory is
 * made. */
#include <stdbool.h>

#include "../fault.h"
#include "mounts.h"

/* view_fd is borrowed. 0 or -errno with the fault. */
int places_mount(const struct mount_root *root, int view_fd, bool compat, struct fault *ret_fault);
