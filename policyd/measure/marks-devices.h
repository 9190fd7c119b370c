/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Before Linux 6.14 opening a device node or FIFO raises FAN_OPEN_PERM too, and the kernel opens it
 * a second time for the event's descriptor: a terminal that fails to open then denies the
 * container's own open. So the device nodes of a tmpfs (its root and `dev` below it, on mount_fd)
 * are ignored there, which loses nothing: only regular files are measured. Nothing to do from 6.14
 * on. Failures are left to show at the open. */
void marks_ignore_devices(int fanotify_fd, int mount_fd);
