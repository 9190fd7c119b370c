/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vsecctl: the administrator's command. See vsecctl(1). */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../common/log.h"
#include "command.h"

static const struct command *const commands[] = {&command_attach, &command_detach, &command_list,
	&command_show, &command_policy, &command_run};

static int help(void)
{
	puts("Usage: vsecctl [--runtime-dir DIR] COMMAND [ARGUMENT...]\n"
	     "Gives containers their own securityfs, through policyd.\n\n"
	     "Commands:");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("\nOptions:\n"
	     "  --runtime-dir DIR  where policyd's control socket is (default: /run/policyd)\n"
	     "  --version          print the version\n"
	     "  --help             print this; after a COMMAND, print what that one takes");
	return command_done();
}

/* A program started without stdio would open its sockets as 0, 1 and 2 and then hand them to the
 * container, or write its messages into them. */
static void open_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close_fd(&fd);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"runtime-dir", required_argument, NULL, 'r'},
		{"version", no_argument, NULL, 'V'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct ctl ctl = {.runtime_dir = "/run/policyd"};
	int option;

	open_stdio();
	log_open("vsecctl");
	while ((option = getopt_long(argc, argv, "+hV", options, NULL)) >= 0) {
		switch (option) {
		case 'r':
			ctl.runtime_dir = optarg;
			break;
		case 'V':
			puts("vsecctl " VSECFS_VERSION);
			return command_done();
		case 'h':
			return help();
		default:
			log_error("see 'vsecctl --help'");
			return EXIT_USAGE;
		}
	}
	argc -= optind;
	argv += optind;
	optind = 0; /* the command parses its own options, from the start */
	if (argc == 0) {
		log_error("which command? See 'vsecctl --help'");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[0], commands[i]->name) == 0)
			return commands[i]->run(&ctl, argc, argv);
	log_error("there is no command '%s': see 'vsecctl --help'", argv[0]);
	return EXIT_USAGE;
}
