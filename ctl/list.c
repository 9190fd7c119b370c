/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>

#include "client.h"
#include "command.h"
#include "format.h"

struct views {
	struct ctl_view *views;
	size_t n, n_space;
};

static void views_done(struct views *views)
{
	free(views->views);
}

static int views_add(struct views *views, const struct ctl_view *view)
{
	if (views->n == views->n_space) {
		size_t n = MAX(64, 2 * views->n_space);
		struct ctl_view *larger = reallocarray(views->views, n, sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		views->views = larger;
		views->n_space = n;
	}
	views->views[views->n++] = *view;
	return 0;
}

static int fetch(const struct ctl *ctl, struct views *views, struct fault *fault)
{
	_cleanup_(client_close) struct client client = {0};
	struct ctl_none request = {0};
	struct ctl_view view;
	int r;

	r = client_open(&client, ctl->runtime_dir, fault);
	if (r < 0)
		return r;
	r = client_send(&client, CTL_LIST, &request, fault);
	if (r < 0)
		return r;
	while ((r = client_receive(&client, &view, NULL, fault)) > 0) {
		r = views_add(views, &view);
		if (r < 0)
			return fault_set(fault, r, "cannot keep the list");
	}
	return r;
}

static int print_json(const struct views *views)
{
	_cleanup_(json_decrefp) json_t *array = json_array();

	for (size_t i = 0; i < views->n; i++)
		if (json_array_append_new(array, format_json(&views->views[i])) < 0)
			return -ENOMEM;
	if (!array || json_dumpf(array, stdout, JSON_INDENT(2)) < 0)
		return -ENOMEM;
	putchar('\n');
	return 0;
}

static int run(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	_cleanup_(views_done) struct views views = {0};
	bool json = false;
	struct fault fault;
	int option, r;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (option == 'h')
			return command_help(&command_list);
		if (option != 'j')
			return command_usage(&command_list, NULL);
		json = true;
	}
	if (optind != argc)
		return command_usage(&command_list, "there is nothing to name");
	if (fetch(ctl, &views, &fault) < 0)
		return command_failed(&fault);
	r = json ? print_json(&views) : format_table(stdout, views.views, views.n);
	if (r < 0) {
		fault_set(&fault, r, "cannot print the list");
		return command_failed(&fault);
	}
	return command_done();
}

const struct command command_list = {
	.name = "list",
	.arguments = "[--json]",
	.summary = "List the views, one a line",
	.options = "  --json  as an array of objects\n",
	.run = run,
};
