/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Reads the text of /proc/PID/mountinfo, proc(5). Paths in it are the container's choice; the
 * kernel escapes blanks, newlines and backslashes. Pure. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MOUNTINFO_PATH_MAX 4096

struct mountinfo {
	int id, parent;
	dev_t dev;
	char path[MOUNTINFO_PATH_MAX]; /* as the process sees it, unescaped */
	char type[64];                 /* "fuse.securityfs" */
};

/* The line that *at points to, and *at moved behind it. 1: a mount; 0: the end; -EINVAL: a line
 * that cannot be read, or is longer than a path can be; *at is behind it. */
int mountinfo_next(const char **at, struct mountinfo *ret_mount);

/* Is it a mount of ours, live or dead? */
bool mountinfo_is_view(const struct mountinfo *mount);
