/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The control socket, include/vsecfs/ctl.h: for the host's root only. Owner: policyd's loop.
 * Limits: CONTROL_CONNS_MAX connections, one request at a time each, CONTROL_CREATED_MAX views that
 * wait for their namespace each. */

#define CONTROL_CONNS_MAX   32
#define CONTROL_CREATED_MAX 16

struct policyd;

/* Creates <runtime-dir>/control and listens. 0 or -errno. */
int control_start(struct policyd *policyd);
/* Takes no more connections and requests; those at work are still answered. */
void control_quiesce(struct policyd *policyd);
/* Closes everything. Harmless when not started. */
void control_stop(struct policyd *policyd);
