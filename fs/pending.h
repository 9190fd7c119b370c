/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Requests that wait for policyd's answer, by the cookie that the answer repeats. Owner: the
 * server. Limits: PENDING_SESSION_MAX a session, so that one container cannot fill it for all. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "known-readers.h"

struct fuse_req;
struct session;

#define PENDING_SESSION_MAX 1024
#define PENDING_SESSION_PAUSE                                                                      \
	256 /* from here on a session's further requests wait in the kernel                        \
	     */

struct pending {
	struct fuse_req *req;    /* NULL: its session ended, the answer goes nowhere */
	struct session *session; /* NULL as above */
	uint16_t op;             /* enum proto_op that was sent */
	int32_t flags;           /* of an open */
	uint32_t count;          /* bytes of a write */
	uint32_t kind;           /* enum file_kind of an open */
	bool only_judged;        /* an open that leaves nothing at policyd */
	struct reader reader;    /* then: who opens */
};

struct pending_slot {
	struct pending what;
	uint32_t generation; /* of the cookie; even: free */
	uint32_t next_free;
};

struct pending_table {
	struct pending_slot *slots;
	uint32_t n_allocated, first_free; /* index + 1; 0: none */
};

/* Keeps *what. 0 and the cookie, never 0; -ENOBUFS: too many of that session; -ENOMEM. */
int pending_add(struct pending_table *table, const struct pending *what, uint64_t *ret_cookie);
/* Takes out what was kept for a cookie. 0; -ENOENT: nothing was. */
int pending_take(struct pending_table *table, uint64_t cookie, struct pending *ret_what);
/* Answers every request of a session (NULL: of all) with -error and leaves its cookies valid. */
void pending_fail(struct pending_table *table, const struct session *session, int error);
void pending_done(struct pending_table *table);
