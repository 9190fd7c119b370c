/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Who reads a file that is about to be written (ToMToU): the kernel counts readers (i_readcount)
 * but tells nobody, so /proc is searched. Asked only when a measured file is opened for writing. */
#include "file.h"

/* Does any process have the file open for reading alone, or mapped through such a descriptor? Our
 * own descriptors do not count. What /proc does not show is not found: a descriptor that is in
 * flight in a socket's message, or kept by io_uring, with no process holding another. */
bool readers_exist(int proc_fd, const struct file *file);

/* Does the process have a mapping of the file that writes to it? Is a members_fn. */
bool readers_map_writes(int proc_fd, pid_t pid, const struct file *file);
