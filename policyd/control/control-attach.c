/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control-conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "policyd/conf.h"
#include "policyd/view/unmounted.h"
#include "policyd/witness/witness.h"

#define ATTACH_AT "/sys/kernel/security"

/* One view a namespace. A dead one may have left its number to the new one: then it goes first. One
 * that the container unmounted is to be put back: *ret_view, else NULL. */
static int check_free(struct conn *conn, const struct target *target, struct view **ret_view)
{
	struct policyd *policyd = conn->control->policyd;
	struct view *view = registry_by_id(policyd, target->id);

	*ret_view = NULL;
	if (view && view->id64 != target->id64) {
		log_info("view %llu '%s': its namespace is gone", (unsigned long long)view->id,
			view->name);
		control_drop_view(policyd, view);
	} else if (view && view->spare_mount_fd >= 0) {
		*ret_view = view;
	} else if (view) {
		conn_error(conn, -EEXIST,
			"the namespace %llu of process %d has the view '%s' already: "
			"'vsecctl detach %llu' removes it",
			(unsigned long long)target->id, target->pid, view->name,
			(unsigned long long)target->id);
		return -EEXIST;
	}
	for (const struct job *job = conn->control->jobs; job; job = job->next) {
		if (job->id == target->id) {
			conn_error(conn, -EBUSY,
				"the namespace %llu is being attached or detached: try again",
				(unsigned long long)target->id);
			return -EBUSY;
		}
	}
	return 0;
}

/* The mount is in its place, or not. */
static void on_attached(const struct enter_result *result, void *userdata)
{
	struct job *job = userdata;
	struct policyd *policyd = job->control->policyd;
	struct view *view = registry_by_serial(policyd, job->serial);
	int r = result->error;
	const char *text = result->text;

	if (r == 0 && !view) {
		r = -ESRCH;
		text = "the container ended meanwhile";
	}
	if (r == 0 && !job->again) {
		r = view_bind(view, job->pid);
		if (r == 0 && (view->id != job->id || !target_alive(job->pidfd)))
			r = -ESRCH;
		text = r == -ESRCH ? "the process ended meanwhile" : strerror(-r);
	}
	if (r < 0) {
		conn_error(job->conn, r, "attach of process %d: %s", job->pid, text);
		/* One that was to be put back stays: with its mount its session ends, and it is
		 * kept again. */
		if (job->again)
			;
		else if (view && result->error == 0)
			control_abandon_view(policyd, view);
		else if (view)
			control_drop_view(policyd, view);
	} else {
		struct ctl_view body;

		if (witness_watch(policyd->witness, view) < 0)
			log_warning("view %llu: the witness cannot watch it",
				(unsigned long long)view->id);
		log_info("attached view %llu '%s' to process %d at %s%s%s",
			(unsigned long long)view->id, view->name, job->pid, view->at,
			result->n_detached ? ", in place of a dead one" : "",
			result->note[0] ? ", without --compat's effect" : "");
		if (result->note[0])
			log_notice("view %llu: %s", (unsigned long long)view->id, result->note);
		control_fill_view(view, &body);
		conn_reply_view(job->conn, &body, -1);
	}
	job_free(job);
}

static dev_t *live_devs(const struct policyd *policyd, size_t *ret_n)
{
	size_t n = 0;
	dev_t *devs;

	for (const struct view *view = policyd->views; view; view = view->next)
		n++;
	devs = calloc(n + 1, sizeof(*devs));
	*ret_n = 0;
	for (const struct view *view = policyd->views; view && devs; view = view->next)
		devs[(*ret_n)++] = view->dev;
	return devs;
}

/* Sends the child on its way. 0, or -errno after it answered. */
static int start_child(
	struct conn *conn, struct target *target, struct view *view, int mount_fd, bool compat)
{
	struct policyd *policyd = conn->control->policyd;
	_cleanup_free_ dev_t *devs = NULL;
	struct job *job = job_new(conn);
	struct enter_order order = {
		.what = ENTER_ATTACH,
		.pid = target->pid,
		.id = target->id,
		.id64 = target->id64,
		.at = view->at,
		.mount_fd = mount_fd,
		.compat = compat,
	};
	int r = -ENOMEM;

	devs = live_devs(policyd, &order.n_devs);
	order.devs = devs;
	if (job && devs) {
		job->serial = view->serial;
		job->id = target->id;
		job->pid = target->pid;
		job->pidfd = take_fd(&target->pidfd);
		job->mount_fd = mount_fd;
		job->again = view->id != 0;
		r = enter_start(policyd, &order, on_attached, job);
	}
	if (r < 0) {
		if (job) {
			job->mount_fd = -1; /* the caller's still */
			job_free(job);
		}
		conn_error(conn, r, "attach of process %d: %s", target->pid, strerror(-r));
	}
	return r;
}

/* Returns false after it answered. */
static bool check_request(
	struct conn *conn, const struct ctl_attach *request, char at[CTL_PATH_MAX])
{
	if (request->flags & ~(CTL_ACTIVATE_EXPLICIT | CTL_COMPAT)) {
		conn_error(conn, -EINVAL, "unknown flags: vsecctl is newer than policyd");
		return false;
	}
	if (wire_string(at, CTL_PATH_MAX, request->at, sizeof(request->at)) < 0 ||
		(at[0] && at[0] != '/')) {
		conn_error(conn, -EINVAL, "--at wants an absolute path of at most %d bytes",
			CTL_PATH_MAX - 1);
		return false;
	}
	if (!at[0])
		snprintf(at, CTL_PATH_MAX, "%s", ATTACH_AT);
	return true;
}

void control_attach(struct conn *conn, const struct ctl_attach *request)
{
	struct policyd *policyd = conn->control->policyd;
	char name[VIEW_NAME_MAX], at[CTL_PATH_MAX];
	_cleanup_close_ int mount_fd = -1;
	struct target target;
	struct view *view;

	if (!check_request(conn, request, at) || target_open(conn, request->pid, &target) < 0)
		return;
	if (check_free(conn, &target, &view) < 0) {
		target_close(&target);
		return;
	}
	if (view) {
		mount_fd = unmounted_take(view);
		memcpy(view->at, at, sizeof(view->at));
		if (start_child(conn, &target, view, mount_fd, request->flags & CTL_COMPAT) == 0)
			(void)take_fd(&mount_fd);
	} else if (target_name(conn, request->name, target.id, name) == 0) {
		const struct view_options options = {
			.root_uid = target.root_uid,
			.root_gid = target.root_gid,
			.explicit_activation = request->flags & CTL_ACTIVATE_EXPLICIT,
			.name = name,
			.hash = policyd->conf->hash,
			.template = policyd->conf->template,
		};

		if (control_new_view(conn, &options, &view, &mount_fd) == 0) {
			memcpy(view->at, at, sizeof(view->at));
			if (start_child(conn, &target, view, mount_fd,
				    request->flags & CTL_COMPAT) == 0)
				(void)take_fd(&mount_fd);
			else
				control_drop_view(policyd, view);
		}
	}
	target_close(&target);
}

static void on_detached(const struct sweep_result *result, void *userdata)
{
	struct job *job = userdata;
	struct policyd *policyd = job->control->policyd;
	struct view *view = registry_by_serial(policyd, job->serial);
	unsigned long long id = job->id;

	if (view)
		view->detaching = false;
	if (result->error < 0 && view) {
		conn_error(job->conn, result->error, "detach of view %llu: %s", id, result->text);
	} else {
		log_info(
			"detached view %llu '%s' (%u mounts removed, %u namespaces keep a dead one)",
			id, job->view.name, result->n_detached, result->n_failed);
		if (view)
			control_drop_view(policyd, view);
		conn_reply_view(job->conn, &job->view, -1);
	}
	job_free(job);
}

void control_detach(struct conn *conn, const struct ctl_id *request)
{
	struct policyd *policyd = conn->control->policyd;
	struct view *view = registry_by_id(policyd, request->id);
	struct job *job;
	int r;

	if (!view) {
		conn_error(conn, -ENOENT, "no view has the id %llu: see 'vsecctl list'",
			(unsigned long long)request->id);
		return;
	}
	for (job = conn->control->jobs; job; job = job->next) {
		if (job->serial == view->serial) {
			conn_error(conn, -EBUSY, "the view %llu is being detached already",
				(unsigned long long)request->id);
			return;
		}
	}
	job = job_new(conn);
	if (!job) {
		conn_error(conn, -ENOMEM, "out of memory");
		return;
	}
	job->serial = view->serial;
	job->id = view->id;
	control_fill_view(view, &job->view);
	view->detaching = true;
	r = sweep_start(policyd, &view->dev, 1, view->id, on_detached, job);
	if (r < 0) {
		view->detaching = false;
		conn_error(conn, r, "detach of view %llu: %s", (unsigned long long)view->id,
			strerror(-r));
		job_free(job);
	}
}
