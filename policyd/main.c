/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "daemon.h"
#include "life.h"
#include "policyd/measure/measure.h"
#include "policyd/kernel/privileges.h"

enum option_value { OPT_FOREGROUND = 1, OPT_CONFIG, OPT_RUNTIME_DIR, OPT_MOUNTPOINT, OPT_ROLE };

static const struct option long_options[] = {
	{"foreground", no_argument, NULL, OPT_FOREGROUND},
	{"config", required_argument, NULL, OPT_CONFIG},
	{"runtime-dir", required_argument, NULL, OPT_RUNTIME_DIR},
	{"mountpoint", required_argument, NULL, OPT_MOUNTPOINT},
	{"role", required_argument, NULL, OPT_ROLE},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
	"Usage: policyd [--foreground] [--config FILE] [--runtime-dir DIR] [--mountpoint DIR]\n"
	"\n"
	"Gives containers a securityfs of their own. Starts all that is needed for it and goes to\n"
	"the background once it is ready.\n"
	"\n"
	"  --foreground       stay, and log to stderr\n"
	"  --config FILE      default " SYSCONFDIR "/vsecfs/policyd.conf\n"
	"  --runtime-dir DIR  state and control socket, default /run/policyd\n"
	"  --mountpoint DIR   the host's view of all namespaces, default /run/vsecfs\n"
	"  --version, --help\n";

struct arguments {
	struct life_options life;
	bool foreground;
	const char *role;
};

/* -1: go on; otherwise the exit status. */
static int parse_arguments(int argc, char **argv, struct arguments *arguments)
{
	int c;

	while ((c = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_FOREGROUND:
			arguments->foreground = true;
			break;
		case OPT_CONFIG:
			arguments->life.config = optarg;
			break;
		case OPT_RUNTIME_DIR:
			arguments->life.runtime_dir = optarg;
			break;
		case OPT_MOUNTPOINT:
			arguments->life.mountpoint = optarg;
			break;
		case OPT_ROLE:
			arguments->role = optarg;
			break;
		case 'V':
			puts("policyd " VSECFS_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs("Try 'policyd --help'.\n", stderr);
			return EXIT_FAILURE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "policyd: what is '%s'? Try 'policyd --help'.\n", argv[optind]);
		return EXIT_FAILURE;
	}
	return -1;
}

/* What policyd starts itself as, for one namespace. */
static int run_role(const char *role)
{
	int r;

	if (strcmp(role, "measurer")) {
		log_error("there is no role '%s'", role);
		return EXIT_FAILURE;
	}
	log_open("measurer");
	r = privileges_drop(PRIVILEGES_MEASURER);
	if (r < 0) {
		log_error("dropping capabilities: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	return measure_main();
}

static int serve(struct arguments *arguments)
{
	struct life *life;
	int ready_fd = -1;

	if (!arguments->foreground) {
		ready_fd = daemon_fork();
		if (ready_fd >= 0)
			arguments->life.log_fd = daemon_open_log();
		if (ready_fd < 0 || arguments->life.log_fd < 0) {
			log_error("going to the background: %s",
				strerror(-MIN(ready_fd, arguments->life.log_fd)));
			return EXIT_FAILURE;
		}
	}
	if (life_start(&arguments->life, &life) < 0)
		return EXIT_FAILURE;
	log_info("ready: version " VSECFS_VERSION ", %s, control socket %s/control",
		arguments->life.mountpoint, arguments->life.runtime_dir);
	if (!arguments->foreground)
		daemon_ready(ready_fd, arguments->life.log_fd);
	daemon_notify("READY=1");
	return life_run(life);
}

int main(int argc, char **argv)
{
	struct arguments arguments = {
		.life = {.runtime_dir = "/run/policyd", .mountpoint = "/run/vsecfs", .log_fd = -1}};
	int status = parse_arguments(argc, argv, &arguments);

	if (status >= 0)
		return status;
	log_open("policyd");
	return arguments.role ? run_role(arguments.role) : serve(&arguments);
}
