/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* /run/vsecfs: the superblock through which the host sees every view. Owner: policyd's loop. */
#include <stdbool.h>
#include <sys/types.h>

struct policyd;

struct host_face {
	char *path;  /* absolute, without links */
	int fuse_fd; /* kept so that a new vsecfs can take over */
	dev_t dev;
	bool mounted, made; /* made: the directory was, too */
};

/* Makes the directory if need be, takes away what a dead policyd left on it, mounts and hands the
 * session to vsecfs. 0; -EBUSY: a live policyd's is mounted there; otherwise -errno. Logs what is
 * wrong. */
int host_face_start(struct policyd *policyd, const char *path, struct host_face *ret_face);
/* Unmounts it. Harmless on one that was not started. */
void host_face_stop(struct host_face *face);
