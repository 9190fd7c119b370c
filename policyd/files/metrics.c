/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/cleanup.h"
#include "policyd/view/list-file.h"
#include "policyd/policyd.h"

static uint64_t n_rules(const struct view *view)
{
	return ima_policy_n_rules(view->policy);
}

static uint64_t n_dropped(const struct view *view)
{
	return view->n_dropped;
}

static uint64_t n_entries(const struct view *view)
{
	return list_file_n_entries(view->list);
}

static uint64_t n_violations(const struct view *view)
{
	return list_file_n_violations(view->list);
}

static uint64_t n_bytes(const struct view *view)
{
	return list_file_size(view->list);
}

static uint64_t n_refusals(const struct view *view)
{
	return view->n_refusals;
}

static const struct metric {
	const char *name, *type, *help;
	uint64_t (*value)(const struct view *view);
} metrics[] = {
	{"vsecfs_rules", "gauge", "Rules in force.", n_rules},
	{"vsecfs_rules_dropped_total", "counter", "Rules dropped over the limit.", n_dropped},
	{"vsecfs_entries_total", "counter", "Entries in the measurement list.", n_entries},
	{"vsecfs_violations_total", "counter", "Violations in the measurement list.", n_violations},
	{"vsecfs_list_bytes", "gauge", "Bytes of the state file.", n_bytes},
	{"vsecfs_refusals_total", "counter", "Refused writes and rules.", n_refusals},
};

/* A label's value: the format escapes these three. */
static void put_label(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void put_metric(FILE *out, const struct policyd *policyd, const struct metric *metric)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
		metric->type);
	for (const struct view *v = policyd->views; v; v = v->next) {
		/* The serial tells two views apart that wait for their namespace. */
		fprintf(out, "%s{serial=\"%u\",id=\"%" PRIu64 "\",name=\"", metric->name, v->serial,
			v->id);
		put_label(out, v->name);
		fprintf(out, "\"} %" PRIu64 "\n", metric->value(v));
	}
}

int metrics_format(const struct policyd *policyd, char **ret_text, size_t *ret_n)
{
	char *text = NULL;
	size_t n = 0, n_views = 0;
	FILE *out = open_memstream(&text, &n);
	bool failed;

	if (!out)
		return -ENOMEM;
	for (const struct view *v = policyd->views; v; v = v->next)
		n_views++;
	fprintf(out,
		"# HELP vsecfs_views Views attached.\n# TYPE vsecfs_views gauge\n"
		"vsecfs_views %zu\n",
		n_views);
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++)
		put_metric(out, policyd, &metrics[i]);
	failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_n = n;
	return 0;
}
