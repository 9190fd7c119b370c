/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control-conn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "policyd/conf.h"
#include "policyd/kernel/mountinfo.h"
#include "policyd/kernel/proc.h"
#include "policyd/witness/witness.h"

void control_create(struct conn *conn, const struct ctl_create *request)
{
	struct policyd *policyd = conn->control->policyd;
	_cleanup_close_ int mount_fd = -1;
	char name[VIEW_NAME_MAX];
	struct ctl_view body;
	struct view *view;
	const struct view_options options = {
		.root_uid = request->root_uid,
		.root_gid = request->root_gid,
		.explicit_activation = request->flags & CTL_ACTIVATE_EXPLICIT,
		.name = name,
		.hash = policyd->conf->hash,
		.template = policyd->conf->template,
	};

	if (request->flags & ~(CTL_ACTIVATE_EXPLICIT | CTL_COMPAT) || request->reserved) {
		conn_error(conn, -EINVAL, "unknown flags: vsecctl is newer than policyd");
		return;
	}
	if (request->root_uid == UINT32_MAX || request->root_gid == UINT32_MAX) {
		conn_error(conn, -EINVAL, "the container's root has no id on the host");
		return;
	}
	if (conn->n_created >= CONTROL_CREATED_MAX) {
		conn_error(conn, -EBUSY, "%d views of this connection wait to be bound already",
			CONTROL_CREATED_MAX);
		return;
	}
	if (target_name(conn, request->name, 0, name) < 0 ||
		control_new_view(conn, &options, &view, &mount_fd) < 0)
		return;
	conn->created[conn->n_created++] = view->serial;
	log_info("created view '%s' (serial %u) for root %u:%u, asked by process %d", view->name,
		view->serial, view->root_uid, view->root_gid, conn->peer);
	control_fill_view(view, &body);
	conn_reply_view(conn, &body, mount_fd);
}

static bool take_created(struct conn *conn, uint32_t serial)
{
	for (unsigned i = 0; i < conn->n_created; i++) {
		if (conn->created[i] == serial) {
			conn->created[i] = conn->created[--conn->n_created];
			return true;
		}
	}
	return false;
}

void control_forget_created(struct conn *conn)
{
	struct policyd *policyd = conn->control->policyd;

	while (conn->n_created) {
		struct view *view = registry_by_serial(policyd, conn->created[--conn->n_created]);

		if (!view)
			continue; /* its mount vanished first */
		log_info(
			"view '%s' (serial %u) was never bound: dropped", view->name, view->serial);
		control_abandon_view(policyd, view);
	}
}

/* Where its mount was put, as far as can be seen. */
static void find_place(struct view *view, pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	struct mountinfo mount;
	char *at;
	size_t n;
	int r;

	if (proc_read(view->policyd->proc_fd, pid, "mountinfo", &text, &n) < 0)
		return;
	for (at = text; (r = mountinfo_next(&at, &mount)) != 0;) {
		if (r > 0 && mountinfo_dev(&mount) == view->dev &&
			strlen(mount.point) < sizeof(view->at)) {
			memcpy(view->at, mount.point, strlen(mount.point) + 1);
			return;
		}
	}
}

/* Is the namespace one that this view was made for? Returns false after it answered. */
static bool check_bind(struct conn *conn, const struct view *view, const struct target *target)
{
	const struct view *other = registry_by_id(conn->control->policyd, target->id);

	if (other && other->id64 == target->id64) {
		conn_error(conn, -EEXIST, "the namespace %llu has the view '%s' already",
			(unsigned long long)target->id, other->name);
		return false;
	}
	if (target->root_uid != view->root_uid || target->root_gid != view->root_gid) {
		conn_error(conn, -EINVAL,
			"root of process %d is %u:%u on the host, the view was made for %u:%u",
			target->pid, target->root_uid, target->root_gid, view->root_uid,
			view->root_gid);
		return false;
	}
	return true;
}

static void bind_view(struct conn *conn, struct view *view, const struct target *target)
{
	struct policyd *policyd = conn->control->policyd;
	struct view *stale = registry_by_id(policyd, target->id);
	struct ctl_view body;
	int r;

	if (stale) /* check_bind(): another namespace's, which had this number */
		control_drop_view(policyd, stale);
	if (!view->name[0]) {
		snprintf(view->name, sizeof(view->name), "%llu", (unsigned long long)target->id);
		memcpy(view->head->name, view->name, sizeof(view->head->name));
	}
	r = view_bind(view, target->pid);
	if (r == 0 && (view->id != target->id || !target_alive(target->pidfd)))
		r = -ESRCH;
	if (r < 0) {
		/* It may be bound to something else by now: nobody may use it. */
		conn_error(conn, r, "bind to process %d: %s; create the view anew", target->pid,
			strerror(-r));
		control_abandon_view(policyd, view);
		return;
	}
	(void)take_created(conn, view->serial);
	find_place(view, target->pid);
	if (witness_watch(policyd->witness, view) < 0)
		log_warning("view %llu: the witness cannot watch it", (unsigned long long)view->id);
	log_info("bound view %llu '%s' to process %d at %s", (unsigned long long)view->id,
		view->name, target->pid, view->at[0] ? view->at : "no place yet");
	control_fill_view(view, &body);
	conn_reply_view(conn, &body, -1);
}

void control_bind(struct conn *conn, const struct ctl_bind *request)
{
	struct view *view = registry_by_serial(conn->control->policyd, request->serial);
	bool own = false;
	struct target target;

	for (unsigned i = 0; i < conn->n_created; i++)
		own |= conn->created[i] == request->serial;
	if (!view || !own) {
		conn_error(conn, -ENOENT, "this connection created no view %u", request->serial);
		return;
	}
	if (target_open(conn, request->pid, &target) < 0)
		return;
	if (check_bind(conn, view, &target))
		bind_view(conn, view, &target);
	target_close(&target);
}
