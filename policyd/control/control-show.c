/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control-conn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policyd/view/list-file.h"
#include "policyd/kernel/proc.h"

/* Its process may have ended, and its number be another one's by now. */
static int32_t live_init(const struct view *view)
{
	uint64_t id;

	if (view->init_pid <= 0 ||
		proc_ns(view->policyd->proc_fd, view->init_pid, "mnt", &id) < 0 || id != view->id)
		return 0;
	return view->init_pid;
}

void control_fill_view(const struct view *view, struct ctl_view *ret_view)
{
	*ret_view = (struct ctl_view){
		.id = view->id,
		.id64 = view->id64,
		.serial = view->serial,
		.root_uid = view->root_uid,
		.root_gid = view->root_gid,
		.active = !!(view->head->flags & VIEW_ACTIVE),
		.hash = view->head->hash,
		.template = view->head->template,
		.n_rules = (uint32_t)ima_policy_n_rules(view->policy),
		.n_rules_dropped = view->n_dropped,
		.n_entries = list_file_n_entries(view->list),
		.n_violations = list_file_n_violations(view->list),
		.init_pid = live_init(view),
		.measurer_pid = measurer_pid(view->measurer),
	};
	snprintf(ret_view->name, sizeof(ret_view->name), "%s", view->name);
	snprintf(ret_view->at, sizeof(ret_view->at), "%s", view->at);
}

void control_show(struct conn *conn, const struct ctl_id *request)
{
	const struct view *view = registry_by_id(conn->control->policyd, request->id);
	struct ctl_view body;

	if (!view) {
		conn_error(conn, -ENOENT, "no view has the id %llu: see 'vsecctl list'",
			(unsigned long long)request->id);
		return;
	}
	control_fill_view(view, &body);
	conn_reply_view(conn, &body, -1);
}

void control_list_more(struct conn *conn)
{
	const struct ctl_none none = {0};

	for (const struct view *view = conn->control->policyd->views; view; view = view->next) {
		struct ctl_view body;

		if (view->serial <= conn->list_after)
			continue;
		if (conn->wire.first)
			return; /* the socket is full: control.c calls again */
		control_fill_view(view, &body);
		conn->list_after = view->serial;
		conn_reply_view(conn, &body, -1);
	}
	conn->listing = false;
	conn_reply(conn, CTL_END, &none);
}

void control_list(struct conn *conn)
{
	conn->listing = true;
	conn->list_after = 0;
	control_list_more(conn);
}

void control_version(struct conn *conn)
{
	struct ctl_version body = {0};

	snprintf(body.version, sizeof(body.version), "%s", VSECFS_VERSION);
	conn_reply(conn, CTL_IS_VERSION, &body);
}
