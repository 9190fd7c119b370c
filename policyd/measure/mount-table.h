/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The text of /proc/PID/mountinfo (proc(5), fs/proc_namespace.c), which a container fills with
 * names of its choice. Pure: works in place on a buffer of the caller's. */
#include <stdbool.h>
#include <stdint.h>

struct mount_table_line {
	uint64_t id, parent;
	uint64_t dev;              /* of the superblock: major << 20 | minor */
	char *root, *point, *type; /* unescaped, in the caller's buffer */
	bool nosuid;
};

/* Cuts the next line off *cursor (NUL-terminated text, changed in place) and parses it. 1: a line;
 * 0: the end; -EINVAL: not a line of mountinfo, *cursor stands behind it. */
int mount_table_next(char **cursor, struct mount_table_line *ret_line);

/* The file system type without its subtype ("fuse.sshfs" -> "fuse"), as the kernel's
 * file_system_type calls it. In place. */
void mount_table_cut_subtype(char *type);

/* Is this a file system whose files nobody executes and which must not be marked? Opening its files
 * from outside can fail, and the kernel then denies the container's own open. view_dev is the
 * superblock of the namespace's own view, or 0 where it is not known: then a type is believed. */
bool mount_table_is_pseudo(const struct mount_table_line *line, uint64_t view_dev);
