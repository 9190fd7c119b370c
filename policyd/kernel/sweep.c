/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "mountinfo.h"
#include "policyd/policyd.h"
#include "proc.h"

struct sweep {
	struct policyd *policyd;
	unsigned n_waiting;
	struct sweep_result result;
	sweep_done_fn fn;
	void *userdata;
};

/* One child's share of it. */
struct sweep_part {
	struct sweep *sweep;
	bool counts; /* the namespace asked for */
};

/* Namespaces seen on the way through /proc. */
struct seen {
	uint64_t *ids;
	size_t n, size;
};

static bool seen_add(struct seen *seen, uint64_t id)
{
	for (size_t i = seen->n; i > 0; i--) { /* neighbours in /proc are often of one container */
		if (seen->ids[i - 1] == id)
			return false;
	}
	if (seen->n == seen->size) {
		size_t size = seen->size ? seen->size * 2 : 64;
		uint64_t *ids = reallocarray(seen->ids, size, sizeof(*ids));

		if (!ids)
			return true; /* looked at once more, no harm */
		seen->ids = ids;
		seen->size = size;
	}
	seen->ids[seen->n++] = id;
	return true;
}

static void sweep_unref(struct sweep *sweep)
{
	if (--sweep->n_waiting > 0)
		return;
	sweep->fn(&sweep->result, sweep->userdata);
	free(sweep);
}

static void on_part_done(const struct enter_result *result, void *userdata)
{
	struct sweep_part *part = userdata;
	struct sweep *sweep = part->sweep;

	sweep->result.n_detached += result->n_detached;
	sweep->result.n_failed += result->error < 0;
	if (part->counts && result->error < 0) {
		sweep->result.error = result->error;
		memcpy(sweep->result.text, result->text, sizeof(sweep->result.text));
	}
	free(part);
	sweep_unref(sweep);
}

/* Has the process's namespace a mount of one of them? */
static bool has_mount(struct policyd *policyd, pid_t pid, const dev_t *devs, size_t n_devs)
{
	_cleanup_free_ char *text = NULL;
	struct mountinfo mount;
	char *at;
	size_t n;
	int r;

	if (proc_read(policyd->proc_fd, pid, "mountinfo", &text, &n) < 0)
		return false;
	for (at = text; (r = mountinfo_next(&at, &mount)) != 0;) {
		for (size_t i = 0; r > 0 && i < n_devs; i++) {
			if (mountinfo_dev(&mount) == devs[i])
				return true;
		}
	}
	return false;
}

static void start_part(struct sweep *sweep, const struct enter_order *order, bool counts)
{
	struct sweep_part *part = malloc(sizeof(*part));

	if (part) {
		*part = (struct sweep_part){.sweep = sweep, .counts = counts};
		if (enter_start(sweep->policyd, order, on_part_done, part) == 0) {
			sweep->n_waiting++;
			return;
		}
		free(part);
	}
	sweep->result.n_failed++;
	if (counts) {
		sweep->result.error = -EAGAIN;
		snprintf(sweep->result.text, sizeof(sweep->result.text),
			"no process can be started to unmount it: try again");
	}
}

int sweep_start(struct policyd *policyd, const dev_t *devs, size_t n_devs, uint64_t id,
	sweep_done_fn fn, void *userdata)
{
	struct enter_order order = {
		.what = ENTER_DETACH, .devs = devs, .n_devs = n_devs, .mount_fd = -1};
	int proc_fd = openat(policyd->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *proc = proc_fd < 0 ? NULL : fdopendir(proc_fd);
	struct sweep *sweep = calloc(1, sizeof(*sweep));
	struct seen seen = {0};
	uint64_t own;

	if (!proc || !sweep) {
		if (proc)
			closedir(proc);
		else
			close_fd(&proc_fd);
		free(sweep);
		return -ENOMEM;
	}
	*sweep = (struct sweep){.policyd = policyd, .n_waiting = 1, .fn = fn, .userdata = userdata};
	if (proc_ns(policyd->proc_fd, getpid(), "mnt", &own) == 0)
		seen_add(&seen, own);
	for (struct dirent *entry; (entry = readdir(proc));) {
		order.pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (order.pid <= 0 || proc_ns(policyd->proc_fd, order.pid, "mnt", &order.id) < 0 ||
			!seen_add(&seen, order.id) || !has_mount(policyd, order.pid, devs, n_devs))
			continue;
		order.id64 = 0;
		(void)proc_mntns_id64(policyd->proc_fd, order.pid, &order.id64);
		start_part(sweep, &order, id && order.id == id);
	}
	closedir(proc);
	free(seen.ids);
	sweep_unref(sweep);
	return 0;
}
