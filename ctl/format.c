/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../common/cleanup.h"
#include "../common/log.h"

#define N_COLUMNS   9
#define N_CELL      (4 * VIEW_NAME_MAX + 1) /* every byte of a name may become \xHH */
#define QUOTED_PATH (4 * CTL_PATH_MAX + 1)

struct row {
	char cells[N_COLUMNS][N_CELL];
};

/* A policyd of another version may know hashes and templates that we do not. */
static const char *hash_name(const struct ctl_view *view)
{
	return view->hash < IMA_N_HASHES ? ima_hash_name(view->hash) : "?";
}

static const char *template_name(const struct ctl_view *view)
{
	return view->template <IMA_N_TEMPLATES ? ima_template_name(view->template) : "?";
}

static void row_of_view(struct row *row, const struct ctl_view *view)
{
	snprintf(row->cells[0], N_CELL, "%" PRIu64, view->id);
	log_quote(row->cells[1], N_CELL, view->name, strlen(view->name));
	snprintf(row->cells[2], N_CELL, "%" PRIu32, view->root_uid);
	snprintf(row->cells[3], N_CELL, "%s", view->active ? "yes" : "no");
	snprintf(row->cells[4], N_CELL, "%s", hash_name(view));
	snprintf(row->cells[5], N_CELL, "%s", template_name(view));
	snprintf(row->cells[6], N_CELL, "%" PRIu32, view->n_rules);
	snprintf(row->cells[7], N_CELL, "%" PRIu64, view->n_entries);
	snprintf(row->cells[8], N_CELL, "%" PRIu64, view->n_violations);
}

int format_table(FILE *out, const struct ctl_view *views, size_t n_views)
{
	static const struct row titles = {.cells = {"ID", "NAME", "ROOT-UID", "ACTIVE", "HASH",
						  "TEMPLATE", "RULES", "ENTRIES", "VIOLATIONS"}};
	_cleanup_free_ struct row *rows = calloc(n_views + 1, sizeof(*rows));
	size_t widths[N_COLUMNS] = {0};

	if (!rows)
		return -ENOMEM;
	rows[0] = titles;
	for (size_t i = 0; i < n_views; i++)
		row_of_view(&rows[i + 1], &views[i]);
	for (size_t i = 0; i <= n_views; i++)
		for (size_t j = 0; j < N_COLUMNS; j++)
			widths[j] = MAX(widths[j], strlen(rows[i].cells[j]));
	for (size_t i = 0; i <= n_views; i++) {
		for (size_t j = 0; j + 1 < N_COLUMNS; j++)
			fprintf(out, "%-*s  ", (int)widths[j], rows[i].cells[j]);
		fprintf(out, "%s\n", rows[i].cells[N_COLUMNS - 1]);
	}
	return 0;
}

void format_fields(FILE *out, const struct ctl_view *view)
{
	char name[N_CELL], at[QUOTED_PATH];

	fprintf(out, "id: %" PRIu64 "\nid64: %" PRIu64 "\nname: %s\nat: %s\nserial: %" PRIu32 "\n",
		view->id, view->id64, log_quote(name, sizeof(name), view->name, strlen(view->name)),
		log_quote(at, sizeof(at), view->at, strlen(view->at)), view->serial);
	fprintf(out, "root-uid: %" PRIu32 "\nroot-gid: %" PRIu32 "\nactive: %s\n", view->root_uid,
		view->root_gid, view->active ? "yes" : "no");
	fprintf(out, "hash: %s\ntemplate: %s\nrules: %" PRIu32 "\nrules-dropped: %" PRIu32 "\n",
		hash_name(view), template_name(view), view->n_rules, view->n_rules_dropped);
	fprintf(out, "entries: %" PRIu64 "\nviolations: %" PRIu64 "\n", view->n_entries,
		view->n_violations);
	fprintf(out, "init-pid: %" PRId32 "\nmeasurer-pid: %" PRId32 "\n", view->init_pid,
		view->measurer_pid);
}

/* json_string() refuses what is not UTF-8; such a name is shown as the terminal shows it. */
static json_t *json_text(const char *text)
{
	char quoted[QUOTED_PATH];
	json_t *string = json_string(text);

	if (string)
		return string;
	return json_string(log_quote(quoted, sizeof(quoted), text, strlen(text)));
}

json_t *format_json(const struct ctl_view *view)
{
	return json_pack("{s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:b, s:s, s:s, s:I, s:I, s:I, s:I, "
			 "s:i, s:i}",
		"id", (json_int_t)view->id, "id64", (json_int_t)view->id64, "name",
		json_text(view->name), "at", json_text(view->at), "serial",
		(json_int_t)view->serial, "root_uid", (json_int_t)view->root_uid, "root_gid",
		(json_int_t)view->root_gid, "active", (int)view->active, "hash", hash_name(view),
		"template", template_name(view), "rules", (json_int_t)view->n_rules,
		"rules_dropped", (json_int_t)view->n_rules_dropped, "entries",
		(json_int_t)view->n_entries, "violations", (json_int_t)view->n_violations,
		"init_pid", (int)view->init_pid, "measurer_pid", (int)view->measurer_pid);
}
