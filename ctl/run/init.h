/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The container's process 1: moves into the finished root, starts the command, reaps what is
 * orphaned, passes signals on and ends with the command's status. It never executes a file, is not
 * dumpable and keeps no descriptor but its stdio, so the container's root finds nothing of the host
 * in it. */
#include <signal.h>
#include <stdbool.h>
#include <stdnoreturn.h>

struct init_plan {
	int go_fd; /* a byte: go; closed without one, also later: the parent is gone */
	bool userns;
	const char *hostname; /* or NULL: as the host's */
	char **argv;          /* of the command */
	sigset_t mask;        /* for the command */
};

/* In the cloned child, whose working directory is the new root. Ends with EXIT_RUN_FAILED and a
 * message if the container cannot be set up, else as the command does. */
noreturn void init_main(const struct init_plan *plan);
