/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A subcommand of vsecctl: one file each, found through the table in main.c. A command prints its
 * result to stdout and what went wrong to stderr, and returns the exit status. */
#include "fault.h"

#define EXIT_REFUSED 1 /* policyd, the kernel or a rule said no */
#define EXIT_USAGE   2

/* Of `run`, as env(1): a status of its own, so that it is not mistaken for the command's. */
#define EXIT_RUN_FAILED  125
#define EXIT_NOT_STARTED 126 /* the command was found but cannot be executed */
#define EXIT_NOT_FOUND   127

struct ctl {
	const char *runtime_dir;
};

struct command {
	const char *name;
	const char *arguments; /* for the usage line */
	const char *summary;   /* one line */
	const char *options;   /* what --help says below the usage line; may be empty */
	/* argv[0] is the command's name; getopt(3) has been reset. */
	int (*run)(const struct ctl *ctl, int argc, char **argv);
};

extern const struct command command_attach, command_detach, command_list, command_policy,
	command_run, command_show;

/* Prints the usage and what the options mean to stdout. Returns 0. */
int command_help(const struct command *command);
/* Prints the problem (NULL: getopt(3) already did) and how to ask for help to stderr. Returns
 * EXIT_USAGE. */
int command_usage(const struct command *command, const char *problem, ...) _printf_(2, 3);
/* Prints the fault to stderr. Returns EXIT_REFUSED. */
int command_failed(const struct fault *fault);
/* Flushes stdout. 0, or EXIT_REFUSED with a message: a full disk must not look like success. */
int command_done(void);
