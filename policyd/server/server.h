/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* vsecfs, from policyd's side: the process, the wire to it, the sessions it serves. What the other
 * parts send to it is in policyd.h. vsecfs is assumed compromised: what it says is passed to
 * handle.c, which judges; a message that does not fit ends it. Should it die, policyd stops with an
 * error rather than leave containers with a view that nobody serves. Owner: policyd's loop. Limits:
 * SERVER_BARRIERS_MAX barriers, each answered within SERVER_BARRIER_SECONDS. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVER_READY_SECONDS   30
#define SERVER_BARRIER_SECONDS 30
#define SERVER_BARRIERS_MAX    4096

struct policyd;
struct view;

/* Starts vsecfs, with log_fd as its stderr (-1: policyd's), and waits until it is ready. 0;
 * -ENOENT: no binary; -ETIMEDOUT, -EPIPE: it did not come up; otherwise -errno. Logs what is wrong.
 */
int server_start(struct policyd *policyd, int log_fd);
/* Ends and reaps vsecfs. Harmless if it does not run. */
void server_stop(struct policyd *policyd);
/* A child of policyd ended: true if it was vsecfs; policyd is then stopping. */
bool server_reaped(struct policyd *policyd, pid_t pid, int status);

/* Has vsecfs serve the session; it gets duplicates. state_fd: -1 for the host face. 0 or -errno of
 * wire_send(). */
int server_session_add(
	struct policyd *policyd, uint32_t serial, uint32_t face, int fuse_fd, int state_fd);
/* Has it forget the session. */
void server_session_drop(struct policyd *policyd, uint32_t serial);

/* The view ends: its barriers are answered now. */
void server_barrier_view_gone(struct policyd *policyd, struct view *view);
