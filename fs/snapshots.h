/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Sealed texts that policyd gave with an open, by the file handle; a successor of vsecfs would get
 * them again. Owner: the server. Limits: SNAPSHOTS_SESSION_MAX a session, for every one is a
 * descriptor of this process. */
#include <stdint.h>

struct session;
struct snapshot;

#define SNAPSHOTS_SESSION_MAX 256
#define SNAPSHOTS_BUCKETS     1024

struct snapshot_table {
	struct snapshot *buckets[SNAPSHOTS_BUCKETS];
};

/* Keeps fd for a handle that was opened through session; takes fd, also on failure. 0, -ENOMEM. */
int snapshots_add(struct snapshot_table *table, struct session *session, uint64_t handle, int fd);
/* The descriptor of a handle, borrowed; -1: it has none. */
int snapshots_find(const struct snapshot_table *table, uint64_t handle);
/* Harmless for a handle without one. */
void snapshots_remove(struct snapshot_table *table, uint64_t handle);
/* Closes those of a session (NULL: all). */
void snapshots_remove_session(struct snapshot_table *table, const struct session *session);
