/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>

#include "client.h"
#include "command.h"
#include "format.h"
#include "options.h"

static int print_json(const struct ctl_view *view)
{
	_cleanup_(json_decrefp) json_t *object = format_json(view);

	if (!object || json_dumpf(object, stdout, JSON_INDENT(2)) < 0)
		return -ENOMEM;
	putchar('\n');
	return 0;
}

static int run(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	_cleanup_(client_close) struct client client = {0};
	struct ctl_id request;
	struct ctl_view view;
	bool json = false;
	struct fault fault;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (option == 'h')
			return command_help(&command_show);
		if (option != 'j')
			return command_usage(&command_show, NULL);
		json = true;
	}
	if (argc - optind != 1 || options_number(argv[optind], UINT64_MAX, &request.id) < 0)
		return command_usage(&command_show, "name one view by its ID (see 'vsecctl list')");
	if (client_open(&client, ctl->runtime_dir, &fault) < 0 ||
		client_ask(&client, CTL_SHOW, &request, &view, NULL, &fault) < 0)
		return command_failed(&fault);
	if (!json)
		format_fields(stdout, &view);
	else if (print_json(&view) < 0) {
		fault_set(&fault, -ENOMEM, "cannot print the view");
		return command_failed(&fault);
	}
	return command_done();
}

const struct command command_show = {
	.name = "show",
	.arguments = "ID [--json]",
	.summary = "Show everything that is known of one view",
	.options = "  --json  as an object\n",
	.run = run,
};
