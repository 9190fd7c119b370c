/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control-conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>

#include "common/log.h"
#include "policyd/view/list-file.h"
#include "policyd/kernel/mount.h"
#include "policyd/kernel/proc.h"
#include "policyd/server/server.h"

void target_close(struct target *target)
{
	close_fd(&target->pidfd);
}

bool target_alive(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) == 0;
}

/* The initial namespace, or policyd's own, if that is another one. */
static bool is_host_namespace(const struct policyd *policyd, uint64_t id)
{
	static const pid_t init = 1;
	uint64_t host;

	return (proc_ns(policyd->proc_fd, getpid(), "mnt", &host) == 0 && host == id) ||
	       (proc_ns(policyd->proc_fd, init, "mnt", &host) == 0 && host == id);
}

/* Who owns the files of the view: the container's root, in the initial user namespace. */
static int read_root(const struct policyd *policyd, struct target *target)
{
	_cleanup_free_ struct ima_idmap *uids = NULL, *gids = NULL;
	int r = proc_idmaps(policyd->proc_fd, target->pid, &uids, &gids);

	if (r < 0)
		return r;
	if (!ima_id_to_host(uids, 0, &target->root_uid) ||
		!ima_id_to_host(gids, 0, &target->root_gid))
		return -EINVAL;
	return 0;
}

int target_open(struct conn *conn, pid_t pid, struct target *ret_target)
{
	const struct policyd *policyd = conn->control->policyd;
	struct target target = {.pid = pid, .pidfd = -1};
	int r;

	if (pid <= 0) {
		conn_error(conn, -EINVAL, "%d is not the number of a process", pid);
		return -EINVAL;
	}
	target.pidfd = pidfd_open(pid, 0);
	r = target.pidfd < 0 ? -errno : proc_ns(policyd->proc_fd, pid, "mnt", &target.id);
	if (r < 0) {
		conn_error(conn, r, "process %d: %s%s", pid, strerror(-r),
			r == -ESRCH ? "; give a process of the container, as the host numbers it"
				    : "");
	} else if (is_host_namespace(policyd, target.id)) {
		r = -EINVAL;
		conn_error(conn, r,
			"process %d has no mount namespace of its own: give one inside the container",
			pid);
	} else {
		(void)proc_mntns_id64(policyd->proc_fd, pid, &target.id64);
		r = read_root(policyd, &target);
		if (r < 0)
			conn_error(conn, r, "process %d: %s", pid,
				r == -EINVAL ? "its user namespace has no root yet: write uid_map "
					       "and gid_map first"
					     : strerror(-r));
	}
	if (r < 0)
		target_close(&target);
	else
		*ret_target = target;
	return r;
}

static bool is_plain(const char *name)
{
	if (name[0] == '.' || name[0] == '-')
		return false; /* a hidden file, an option */
	for (const char *c = name; *c; c++) {
		if (!(*c >= 'A' && *c <= 'Z') && !(*c >= 'a' && *c <= 'z') &&
			!(*c >= '0' && *c <= '9') && !strchr("_.-", *c))
			return false;
	}
	return true;
}

int target_name(struct conn *conn, const char *field, uint64_t id, char name[VIEW_NAME_MAX])
{
	if (wire_string(name, VIEW_NAME_MAX, field, VIEW_NAME_MAX) < 0 || !is_plain(name)) {
		conn_error(conn, -EINVAL,
			"a name is made of A-Z a-z 0-9 _ . - and does not start with . or -; at most "
			"%d characters",
			VIEW_NAME_MAX - 1);
		return -EINVAL;
	}
	if (!name[0] && id)
		snprintf(name, VIEW_NAME_MAX, "%llu", (unsigned long long)id);
	for (const struct view *view = conn->control->policyd->views; view; view = view->next) {
		if (name[0] && !strcmp(view->name, name)) {
			conn_error(conn, -EEXIST, "there is a view named '%s': give another --name",
				name);
			return -EEXIST;
		}
	}
	return 0;
}

int control_new_view(struct conn *conn, const struct view_options *options, struct view **ret_view,
	int *ret_mount_fd)
{
	struct policyd *policyd = conn->control->policyd;
	_cleanup_close_ int mount_fd = -1;
	struct view *view;
	unsigned n = 0;
	int r;

	for (view = policyd->views; view; view = view->next)
		n++;
	if (n >= VIEWS_MAX) {
		conn_error(
			conn, -ENOSPC, "there are %u views already, and no more can be served", n);
		return -ENOSPC;
	}
	r = view_new(policyd, policyd->runtime_dir_fd, ++policyd->next_serial, options, &view);
	if (r < 0) {
		conn_error(conn, r, "making the view: %s", strerror(-r));
		return r;
	}
	registry_add(policyd, view);
	r = mount_fuse_new(&view->fuse_fd, &mount_fd);
	if (r == 0)
		r = mount_dev(mount_fd, &view->dev);
	if (r == 0)
		r = server_session_add(policyd, view->serial, FACE_CONTAINER, view->fuse_fd,
			list_file_reader(view->list));
	if (r < 0) {
		conn_error(conn, r, "making the view's file system: %s", strerror(-r));
		registry_remove(policyd, view);
		return r;
	}
	*ret_view = view;
	*ret_mount_fd = take_fd(&mount_fd);
	return 0;
}

void control_drop_view(struct policyd *policyd, struct view *view)
{
	server_session_drop(policyd, view->serial);
	registry_remove(policyd, view);
}

static void on_abandoned(const struct sweep_result *result, void *userdata)
{
	(void)userdata;
	if (result->n_failed)
		log_warning("%u namespaces keep a dead view", result->n_failed);
}

void control_abandon_view(struct policyd *policyd, struct view *view)
{
	if (sweep_start(policyd, &view->dev, 1, 0, on_abandoned, NULL) < 0)
		log_warning("view '%s': a dead mount of it may stay behind", view->name);
	control_drop_view(policyd, view);
}
