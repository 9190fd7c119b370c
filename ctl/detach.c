/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>

#include "client.h"
#include "command.h"
#include "options.h"

static int run(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	_cleanup_(client_close) struct client client = {0};
	struct ctl_id request;
	struct ctl_view view;
	struct fault fault;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0)
		return option == 'h' ? command_help(&command_detach)
				     : command_usage(&command_detach, NULL);
	if (argc - optind != 1 || options_number(argv[optind], UINT64_MAX, &request.id) < 0)
		return command_usage(
			&command_detach, "name one view by its ID (see 'vsecctl list')");
	if (client_open(&client, ctl->runtime_dir, &fault) < 0 ||
		client_ask(&client, CTL_DETACH, &request, &view, NULL, &fault) < 0)
		return command_failed(&fault);
	return 0;
}

const struct command command_detach = {
	.name = "detach",
	.arguments = "ID",
	.summary = "Take a container's view away, with its policy and its list",
	.options = "",
	.run = run,
};
