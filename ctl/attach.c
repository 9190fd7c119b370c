/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "client.h"
#include "command.h"
#include "options.h"

#define PID_LIMIT (1u << 22) /* the kernel's PID_MAX_LIMIT */

static int parse(int argc, char **argv, struct ctl_attach *request)
{
	static const struct option options[] = {{"at", required_argument, NULL, 'a'},
		{"name", required_argument, NULL, 'n'},
		{"activation", required_argument, NULL, 'A'}, {"compat", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'}, {0}};
	uint64_t pid;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 'a':
			if (optarg[0] != '/' ||
				options_string(optarg, request->at, sizeof(request->at)) < 0)
				return command_usage(&command_attach,
					"--at takes an absolute path of at most %zu bytes",
					sizeof(request->at) - 1);
			break;
		case 'n':
			if (options_string(optarg, request->name, sizeof(request->name)) < 0)
				return command_usage(&command_attach, "--name takes 1 to %zu bytes",
					sizeof(request->name) - 1);
			break;
		case 'A':
			if (options_activation(optarg, &request->flags) < 0)
				return command_usage(
					&command_attach, "--activation takes 'auto' or 'explicit'");
			break;
		case 'c':
			request->flags |= CTL_COMPAT;
			break;
		case 'h':
			command_help(&command_attach);
			return -1;
		default:
			return command_usage(&command_attach, NULL);
		}
	}
	if (argc - optind != 1 || options_number(argv[optind], PID_LIMIT, &pid) < 0)
		return command_usage(
			&command_attach, "name one process of the container by its PID");
	request->pid = pid;
	return 0;
}

static int run(const struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(client_close) struct client client = {0};
	struct ctl_attach request = {0};
	struct ctl_view view;
	struct fault fault;
	int r;

	r = parse(argc, argv, &request);
	if (r)
		return MAX(r, 0);
	if (client_open(&client, ctl->runtime_dir, &fault) < 0 ||
		client_ask(&client, CTL_ATTACH, &request, &view, NULL, &fault) < 0)
		return command_failed(&fault);
	printf("%" PRIu64 "\n", view.id);
	return command_done();
}

const struct command command_attach = {
	.name = "attach",
	.arguments = "PID [--at PATH] [--name NAME] [--activation auto|explicit] [--compat]",
	.summary = "Give a running container its view, and print the view's id",
	.options =
		"  --at PATH          where, as the container sees it (default: /sys/kernel/security)\n"
		"  --name NAME        what to call it (default: its id)\n"
		"  --activation WHEN  'explicit': nothing is kept before the container writes 1 to\n"
		"                     integrity/ima/active (default: auto)\n"
		"  --compat           mount a real securityfs first, the view over it\n",
	.run = run,
};
