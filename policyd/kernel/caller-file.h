/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A file as a caller sees it: its root directory, its ids, none of our rights. Read by a
 * short-lived child, so that a hostile file system (FUSE, NFS) can stall that child and not
 * policyd; the child has no capability, so no file is read that the caller could not read itself. A
 * container root's CAP_DAC_OVERRIDE does not count: such a file must be readable by mode. Owner:
 * policyd's loop. Limits: CALLER_FILE_MAX bytes, CALLER_FILE_MS, CALLER_FILE_HUNG_MAX. */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/loop.h"

#define CALLER_FILE_MAX      (1024 * 1024)
#define CALLER_FILE_HUNG_MAX 2
#define CALLER_FILE_MS       5000

/* Children of one view that were killed and have not died yet: on a file system of the container's
 * that does not answer, SIGKILL has to wait as well. All zero at first. */
struct caller_file_hung {
	int fds[CALLER_FILE_HUNG_MAX];
	unsigned n;
};
/* Closes what it holds; the children die when they can. */
void caller_file_hung_done(struct caller_file_hung *hung);

struct caller_file;

/* error 0: the n bytes of the file (n > 0), valid until fn returns. Otherwise -ENOENT, -EACCES, ...
 * of opening or reading it; -EINVAL: no regular file, or an empty one; -EFBIG: too long;
 * -ETIMEDOUT; -EIO. */
typedef void (*caller_file_fn)(int error, const char *bytes, size_t n, void *userdata);

/* Starts reading path (absolute, n bytes without NUL) as thread tid of proc_fd's /proc sees it. fn
 * is called once from the loop, never from here, and *ret_file is gone when it is. 0;
 * -ENAMETOOLONG; -EBUSY: CALLER_FILE_HUNG_MAX earlier ones still hang; -ENOMEM; -errno of pipe(2),
 * fork(2). */
int caller_file_read(struct caller_file_hung *hung, struct loop *loop, int proc_fd, pid_t tid,
	uint32_t fsuid, uint32_t fsgid, const char *path, size_t n, caller_file_fn fn,
	void *userdata, struct caller_file **ret_file);
/* Ends it without a call of fn. Accepts NULL. */
void caller_file_free(struct caller_file *file);
