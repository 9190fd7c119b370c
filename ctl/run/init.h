/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The container's process 1: moves into the finished root, starts the command, reaps what is
 * orphaned, passes signals on and ends with the command's status. It never executes a file, is not
 * dumpable and keeps no descriptor but its stdio, so the container's root finds nothing of the host
 * in it. */
#include <signal.h>
#include <stdbool.h>
#include <stdnoreturn.h>

/* What parent and child say to each other, one byte each, in this order. The end of the stream
 * stands for the death of the other one. */
#define INIT_MAPPED 'm' /* parent: the ids are mapped, set the container up */
#define INIT_READY  'r' /* child: it is set up */
#define INIT_GO     'g' /* parent: the view is bound, start the command */

struct init_plan {
	int parent_fd; /* a stream socket */
	bool userns;
	const char *hostname; /* or NULL: as the host's */
	char **argv;          /* of the command */
	sigset_t mask;        /* for the command */
};

/* In the cloned child, whose working directory is the new root. Ends with EXIT_RUN_FAILED and a
 * message if the container cannot be set up, else as the command does. */
noreturn void init_main(const struct init_plan *plan);
