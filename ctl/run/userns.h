/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* User namespaces with one range of ids. Needs CAP_SETUID and CAP_SETGID in the initial one. */
#include <sys/types.h>

#include "../options.h"

/* Writes uid_map and gid_map of pid's new user namespace: 0 to count - 1 are base and up. setgroups
 * stays allowed, as the writer is privileged. 0 or -errno. */
int userns_map(pid_t pid, const struct id_range *range);

/* A descriptor of a new user namespace with that map and without processes, as an id-mapped mount
 * wants it. 0 or -errno. */
int userns_new(const struct id_range *range, int *ret_fd);
