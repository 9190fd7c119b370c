/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Work inside a container's mount namespace: a view is put in place, or taken away. A short-lived
 * child does it, because a hostile container may own a file system that never answers; policyd
 * itself touches no path of a container. Owner: policyd's loop. Limits: ENTER_SECONDS a child. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vsecfs/ctl.h"

#define ENTER_SECONDS  10
#define ENTER_DEVS_MAX 8192

struct policyd;
struct enter;

enum enter_what {
	ENTER_ATTACH,
	ENTER_DETACH,
};

/* What the child is to do. */
struct enter_order {
	enum enter_what what;
	pid_t pid;         /* a process of the namespace */
	uint64_t id, id64; /* which must still be this one; id64 0 where the kernel has none */
	const char *at;    /* attach: where, below the process's root */
	int mount_fd;      /* attach: the detached mount; borrowed */
	bool compat;       /* attach: a harmless securityfs directory beneath */
	const dev_t *devs; /* attach: views that live; detach: superblocks to unmount */
	size_t n_devs;
};

struct enter_result {
	int32_t error;           /* 0 or -errno */
	uint32_t n_detached;     /* mounts taken away: asked for, or left by a dead policyd */
	char text[CTL_TEXT_MAX]; /* what went wrong and what to do about it */
	char note[CTL_TEXT_MAX]; /* for the log; may be empty */
};

/* result lives during the call only. */
typedef void (*enter_done_fn)(const struct enter_result *result, void *userdata);

/* Starts the child; the order is copied by the fork. fn is called exactly once, later: with the
 * child's result, -ETIMEDOUT after ENTER_SECONDS (the child is killed), -EIO if it died. 0 or
 * -errno of fork(2), pipe(2): then fn is not called. */
int enter_start(
	struct policyd *policyd, const struct enter_order *order, enter_done_fn fn, void *userdata);
/* Kills every child; their fn are called with -ECANCELED. */
void enter_cancel_all(struct policyd *policyd);

/* enter-child.c: does the work in the child. */
void enter_child(int proc_fd, const struct enter_order *order, struct enter_result *ret_result);
