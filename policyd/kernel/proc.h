/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the kernel says about a thread, read below a /proc directory descriptor. A thread that waits
 * for our answer cannot vanish; any other one may, and is then -ESRCH. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vsecfs/ima.h"

/* Credentials as in /proc/TID/status, in the initial user namespace. */
struct proc_creds {
	uint32_t uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
	uint64_t cap_effective; /* relative to the thread's own user namespace */
	bool no_new_privs;
};
int proc_creds(int proc_fd, pid_t tid, struct proc_creds *ret_creds);

/* Inode number of the namespace ("mnt", "user", "pid") that the thread is in. */
int proc_ns(int proc_fd, pid_t tid, const char *type, uint64_t *ret_inode);
/* The 64-bit id of the thread's mount namespace (NS_GET_MNTNS_ID, Linux 6.12); -EOPNOTSUPP before.
 */
int proc_mntns_id64(int proc_fd, pid_t tid, uint64_t *ret_id);
/* uid_map and gid_map of the thread's user namespace; a NULL map is the identity of the initial
 * one. */
int proc_idmaps(int proc_fd, pid_t tid, struct ima_idmap **ret_uids, struct ima_idmap **ret_gids);
/* Reads a small file of the thread whole; *ret_text is malloc'd and NUL-terminated. */
int proc_read(int proc_fd, pid_t tid, const char *name, char **ret_text, size_t *ret_n);
