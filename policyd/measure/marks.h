/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Which mounts of the namespace the fanotify group watches.
 *
 * The mounts are those that any process of the container sees: its own mount namespace's, those of
 * mount namespaces that were unshared inside it, and what lies outside the root of one that has
 * changed its root. A superblock that only the container uses takes a filesystem mark, which covers
 * every later bind mount, unshare(2) and detached tree of it. One that is also visible elsewhere
 * takes mount marks, so that nobody outside ever waits for this namespace's measurer.
 *
 * Nothing of a dead container is kept alive: an open mountinfo pins its mount namespace, so it is
 * closed as soon as the process it was opened through ends (a pidfd tells).
 * Limits: MARKS_MOUNTS_MAX mounts, MARKS_NAMESPACES_MAX mount namespaces watched for changes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/loop.h"
#include "members.h"

#define MARKS_MOUNTS_MAX     20000
#define MARKS_NAMESPACES_MAX 64
#define MARKS_VIEWS_MAX      256 /* pairs of mount namespace and root in one scan */

/* A mount that is watched. */
struct marks_mount {
	uint64_t id, unique; /* unique: never reused; 0 before Linux 6.8 */
	uint64_t dev;
	bool filesystem;   /* the whole superblock is */
	uint64_t since_ns; /* CLOCK_MONOTONIC, after the mark was set */
	uint32_t scan;     /* the last one that saw it */
};

/* Called once a mount is marked; unique: never reused, 0 before Linux 6.8. */
typedef void (*marks_fn)(void *userdata, uint64_t unique);

struct marks_namespace {
	uint64_t ino; /* 0: free */
	int mountinfo_fd, pid_fd;
	struct loop_source mountinfo_source, pid_source;
	struct marks *marks;
};

struct marks {
	struct loop *loop;
	int fanotify_fd, proc_fd;
	uint64_t mask;                    /* FAN_*; 0: nothing is marked */
	uint64_t view_dev;                /* superblock of the namespace's view, 0: not known */
	pid_t pid;                        /* the target; 0: none */
	uint64_t mnt_ns, user_ns, pid_ns; /* its namespaces */
	uint64_t own_user_ns, own_pid_ns; /* ours */
	bool dirty;                       /* mounts have changed since the last scan */
	struct marks_mount *mounts;
	size_t n_mounts, n_alloc;
	uint32_t scan;
	uint64_t unlisted[16]; /* mounts that events came from but no scan found */
	unsigned n_unlisted;
	marks_fn on_marked; /* may be NULL */
	void *userdata;
	unsigned n_failed; /* mounts of the last scan that could not be marked */
	struct marks_namespace namespaces[MARKS_NAMESPACES_MAX];
	/* During a scan: superblocks that are visible elsewhere, sorted. */
	uint64_t *elsewhere;
	size_t n_elsewhere;
	bool elsewhere_known;
};

void marks_init(struct marks *marks, struct loop *loop, int fanotify_fd, int proc_fd);
void marks_done(struct marks *marks);

/* The mounts are seen through this process from now on (0: through none). 0 or -errno of /proc. */
int marks_target(struct marks *marks, pid_t pid, uint64_t view_dev);
/* Watches for these FAN_* events; a scan follows. 0 or -errno: not even the root could be marked.
 */
int marks_arm(struct marks *marks, uint64_t mask);
/* Looks for new mounts and mount namespaces and marks them. 0; -errno as marks_arm(). */
int marks_scan(struct marks *marks);
/* Scans if mounts have changed, without waiting for the loop to tell. */
int marks_refresh(struct marks *marks);

/* An event came from this mount: if no scan has found it yet, one is due (a mount namespace that
 * was unshared inside the container has copies of every mount, with marks on none). */
bool marks_is_new(const struct marks *marks, uint64_t mount_id);
void marks_note_unlisted(struct marks *marks, uint64_t mount_id);

/* Since when is this mount watched? CLOCK_MONOTONIC; 0: it is not known (any more). */
uint64_t marks_since(const struct marks *marks, uint64_t mount_id);
uint64_t marks_now_ns(void);

/* Whose mounts they are. */
struct members_of marks_members(const struct marks *marks);

/* marks-watch.c: notices changes in a mount namespace, seen through thread tid of process pid;
 * nothing to do if it is watched already. Beyond the limit, changes are found by the next scan. */
void marks_watch(struct marks *marks, uint64_t mnt_ns, pid_t tid, pid_t pid);
void marks_unwatch_all(struct marks *marks);
