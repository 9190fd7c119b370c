/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* FUSE sessions: one superblock each, all in one loop, through one buffer. Owner: the server.
 * Limits: about 1,020 sessions, for libfuse takes one of the process's 1,024 thread-specific keys
 * for each. */
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "known-readers.h"
#include "view.h"
#include "vsecfs/proto.h"

struct fuse_session;
struct server;

struct session {
	struct server *server;
	uint32_t serial; /* 0: the host face */
	enum proto_face face;
	struct fuse_session *fuse;
	struct loop_source source;
	struct view view;     /* of a container face */
	uint32_t n_pending;   /* requests at policyd */
	bool paused;          /* too many of them: its device is not read */
	uint32_t n_snapshots; /* held for open files */
	struct known_readers readers;
};

/* Serves fuse_fd, and view_fd's view (-1: none). Takes both descriptors, also on failure. 0;
 * -EEXIST: that serial is served already; -EPROTO: not a state file of that view; -ENOMEM; -EAGAIN:
 * too many sessions; -errno of fcntl(2), epoll_ctl(2). */
int session_add(
	struct server *server, uint32_t serial, enum proto_face face, int fuse_fd, int view_fd);
/* Ends it: what waits for policyd is answered EIO, its snapshots are closed. */
void session_remove(struct session *session);

/* The session of that serial, or NULL. */
struct session *session_find(const struct server *server, uint32_t serial);
/* The one with the least serial above `after` that has a view which is bound to its namespace, or
 * NULL: what the host face lists. */
struct session *session_next_bound(const struct server *server, uint32_t after);
/* The one whose view's id is written as name in plain decimal, or NULL. */
struct session *session_by_id(const struct server *server, const char *name);

/* An answer of policyd's came: reads the device again, if that was paused. */
void session_resume(struct session *session);
/* Handles every request that waits now, and drops the session if it is over. 0, or a negative
 * result that ends the server. */
int session_drain(struct session *session);
