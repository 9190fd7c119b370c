/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What may lie beneath a view that comes late (attach --compat): tools want to see a mount of type
 * securityfs, but a container that unmounts its view must not find the host's files there. */

/* A detached, read-only bind mount of an empty directory of the kernel's securityfs. Leaves the
 * caller in a mount namespace of its own; only for a child that goes on to another one. 0; -ENOENT:
 * there is no such directory; -ENODEV: no securityfs; otherwise -errno. */
int beneath_new(int *ret_mount_fd);
