/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The text of /proc/PID/mountinfo (proc(5), fs/proc_namespace.c), which a container fills with
 * names of its choice, and with as many lines as it likes: the time taken is linear in them. Pure:
 * works in place on a buffer of the caller's. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/sysmacros.h>
#include <sys/types.h>

struct mountinfo {
	uint64_t id, parent;
	uint64_t dev; /* of the superblock: major << 20 | minor, as the kernel has it */
	char *root, *point, *type; /* unescaped, in the caller's buffer; type: "fuse.securityfs" */
	uint64_t peers;            /* number of the group that it shares mounts with; 0: none */
	bool nosuid;
};

/* Cuts the next line off *cursor (NUL-terminated text, changed in place) and parses it. 1: a mount;
 * 0: the end; -EINVAL: not a line of mountinfo, *cursor stands behind it. */
int mountinfo_next(char **cursor, struct mountinfo *ret_mount);

/* The superblock's number as stat(2) has it. */
static inline dev_t mountinfo_dev(const struct mountinfo *mount)
{
	return makedev((unsigned)(mount->dev >> 20), (unsigned)(mount->dev & 0xfffff));
}

/* Has it the type of a mount of ours, live or dead? A container may mount a FUSE file system of its
 * own under any subtype. */
bool mountinfo_is_view(const struct mountinfo *mount);

/* The file system type without its subtype ("fuse.sshfs" -> "fuse"), as the kernel's
 * file_system_type calls it. In place. */
void mountinfo_cut_subtype(char *type);

/* Is this a file system whose files nobody executes and which must not be marked? Opening its files
 * from outside can fail, and the kernel then denies the container's own open. view_dev is the
 * superblock of the namespace's own view, or 0 where it is not known: then a type is believed. */
bool mountinfo_is_pseudo(const struct mountinfo *mount, uint64_t view_dev);
