/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Everything one vsecfs process has: its loop, the wire to policyd, the sessions. One thread. */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/loop.h"
#include "common/wire.h"
#include "pending.h"
#include "snapshots.h"

struct session;

#define LSM_TEXT_MAX 256

struct server {
	struct loop *loop;
	struct wire wire;
	struct loop_source wire_source;
	struct session **sessions; /* by rising serial */
	size_t n_sessions, n_sessions_allocated;
	struct pending_table pending;
	struct snapshot_table snapshots;
	time_t since;          /* when it started: the time of every file */
	uint64_t metrics_size; /* of the last snapshot of `metrics` */
	char lsm[LSM_TEXT_MAX];
};

/* Takes the socket to policyd, also on failure, and sends READY. host_lsm: the host's list, or NULL
 * where it is not known. 0 or -errno; then server_done() is still due. */
int server_init(struct server *server, int socket_fd, const char *host_lsm);
/* Answers what is still pending with EIO and closes every session. */
void server_done(struct server *server);

/* Writes the list of LSMs in force in a view: the host's, with ima where it has none (it is ours).
 * A list with other bytes than lsm_show() prints counts as unknown. */
void server_lsm(char dest[LSM_TEXT_MAX], const char *host_lsm);
