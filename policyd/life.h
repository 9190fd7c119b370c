/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* policyd from its first check to its last unmount. Owner: main. */
#include <stdbool.h>

struct policyd;
struct life;

struct life_options {
	const char *config; /* NULL: CONF_PATH, which may be absent */
	const char *runtime_dir, *mountpoint;
	int log_fd; /* vsecfs's stderr; -1: as policyd's own */
};

/* Checks what is needed and starts everything. Logs what is wrong and what to do about it. 0 or
 * -errno: then nothing is left behind. */
int life_start(const struct life_options *options, struct life **ret_life);
/* Serves until a signal or a fault ends it, and takes everything down. The exit status. */
int life_run(struct life *life);

/* Begins to stop, from the loop: takes the views away from every namespace, then leaves the loop
 * with status. The first call counts. */
void life_stop(struct policyd *policyd, int status);
/* Has it begun? */
bool life_stopping(const struct policyd *policyd);
