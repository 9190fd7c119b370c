/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Starting a process that inherits nothing but what is named: descriptors, environment, user. It
 * dies with policyd. Used for vsecfs and the measurers; library code: never logs. */
#include <stdbool.h>
#include <sys/types.h>

#define SPAWN_FDS_MAX  8
#define SPAWN_FD_FIRST 3 /* fds[0] becomes this descriptor, the others follow */

struct spawn {
	const char *path; /* executed even where the user could not reach it by name */
	char *const *argv;
	char *const *envp; /* besides it: the names in spawn.c that logging and sanitizers need */
	const int *fds;
	unsigned n_fds;
	int stderr_fd;     /* 0 or -1: keep stderr */
	bool unprivileged; /* become uid and gid without a capability */
	uid_t uid;
	gid_t gid;
};

/* Forks and executes; stdin and stdout are /dev/null, signals are unblocked and at
 * their defaults, SIGKILL comes when policyd ends. 0 once the new program runs; -errno of what
 * failed in the child (then there is none), or of fork(2). */
int spawn_process(const struct spawn *spawn, pid_t *ret_pid);

/* In a forked child: moves the n descriptors of fds to SPAWN_FD_FIRST and on, close-on-exec clear,
 * and closes all others above stderr. Updates fds. 0 or -errno. */
int spawn_keep_fds(int *fds, unsigned n);
/* In a forked child: unblocks and resets signals, and dies with parent. 0; -ESRCH: it is dead
 * already. */
int spawn_die_with(pid_t parent);
