/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/kernel/boot-aggregate.h"
#include "list-file.h"
#include "policyd/files/policy-file.h"
#include "policyd/policyd.h"
#include "policyd/kernel/proc.h"
#include "reasons.h"
#include "unmounted.h"

#define BOOT_AGGREGATE "boot_aggregate"
#define IMA_PCR        10 /* CONFIG_IMA_MEASURE_PCR_IDX */

DEFINE_CLEANUP(cleanup_view, struct view, view_free)

static void fill_head(struct view *view, const struct view_options *options)
{
	struct view_head *head = view->head;

	head->root_uid = view->root_uid;
	head->root_gid = view->root_gid;
	memcpy(head->name, view->name, sizeof(head->name));
	atomic_store(&head->hash, (uint32_t)options->hash);
	atomic_store(&head->template, (uint32_t)options->template);
}

int view_new(struct policyd *policyd, int runtime_dir_fd, uint32_t serial,
	const struct view_options *options, struct view **ret_view)
{
	_cleanup_(cleanup_view) struct view *view = calloc(1, sizeof(*view));
	int r;

	if (!view)
		return -ENOMEM;
	view->policyd = policyd;
	view->serial = serial;
	view->fuse_fd = -1;
	view->spare_mount_fd = -1;
	view->member_fd = -1;
	view->root_uid = options->root_uid;
	view->root_gid = options->root_gid;
	if (options->name)
		snprintf(view->name, sizeof(view->name), "%s", options->name);
	r = ima_policy_new(&view->policy);
	if (r == 0)
		r = list_file_new(runtime_dir_fd, serial, &view->list);
	if (r < 0)
		return r;
	view->head = list_file_head(view->list);
	fill_head(view, options);
	if (!options->explicit_activation)
		r = view_activate(view);
	if (r < 0)
		return r;
	*ret_view = take_ptr(view);
	return 0;
}

void view_free(struct view *view)
{
	if (!view)
		return;
	handle_drop_all(view);
	caller_file_hung_done(&view->hung);
	measurer_free(take_ptr(view->measurer));
	list_file_free(view->list);
	ima_policy_free(view->policy);
	reasons_free(view->reasons);
	free(view->uids);
	free(view->gids);
	unmounted_done(view);
	close_fd(&view->fuse_fd);
	free(view);
}

int view_bind(struct view *view, pid_t pid)
{
	int proc_fd = view->policyd->proc_fd, r;
	_cleanup_free_ struct ima_idmap *uids = NULL, *gids = NULL;
	uint64_t id, id64 = 0, userns;

	if (view->id)
		return -EEXIST;
	r = proc_ns(proc_fd, pid, "mnt", &id);
	if (r == 0)
		r = proc_ns(proc_fd, pid, "user", &userns);
	if (r == 0)
		r = proc_mntns_id64(proc_fd, pid, &id64);
	if (r == -EOPNOTSUPP) /* before Linux 6.12 */
		r = 0;
	if (r == 0)
		r = proc_idmaps(proc_fd, pid, &uids, &gids);
	if (r < 0)
		return r;
	view->id = id;
	view->id64 = id64;
	view->userns = userns;
	view->uids = take_ptr(uids);
	view->gids = take_ptr(gids);
	view->init_pid = pid;
	if (!view->name[0]) /* of 64 bytes: the longest number has 20 */
		snprintf(view->name, sizeof(view->name), "%llu", (unsigned long long)id);
	memcpy(view->head->name, view->name, sizeof(view->head->name));
	atomic_store(&view->head->id64, id64);
	atomic_store(&view->head->id, id);
	return 0;
}

/* The first entry: what the host booted, so that a verifier can tie the list to a machine. */
static int enter_boot_aggregate(struct view *view)
{
	_cleanup_close_ int sysfs_fd = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ima_event event = {.template = (enum ima_template)atomic_load(&view->head->template),
		.pcr = IMA_PCR,
		.path = BOOT_AGGREGATE,
		.n_path = strlen(BOOT_AGGREGATE)};
	struct boot_aggregate boot;
	struct ima_entry entry;
	int r;

	if (sysfs_fd < 0)
		return -errno;
	r = boot_aggregate_read(
		sysfs_fd, (enum ima_hash)atomic_load(&view->head->hash), event.template, &boot);
	if (r == 0)
		r = list_file_start_pcrs(view->list, &boot.pcrs);
	if (r < 0)
		return r;
	event.hash = boot.hash;
	memcpy(event.digest, boot.digest, sizeof(event.digest));
	r = ima_entry_make(&event, &entry);
	if (r < 0)
		return r;
	r = list_file_append(view->list, &entry);
	ima_entry_done(&entry);
	return MIN(r, 0);
}

int view_activate(struct view *view)
{
	int r;

	if (atomic_load(&view->head->flags) & VIEW_ACTIVE)
		return -EBUSY;
	r = enter_boot_aggregate(view);
	if (r < 0)
		return r;
	/* Last: whoever sees it finds the first entry. */
	atomic_fetch_or(&view->head->flags, VIEW_ACTIVE);
	return 0;
}

static void log_refusal(struct view *view, const char *file, unsigned rule,
	const struct ima_reason *reason, const char *grant)
{
	char token[sizeof(reason->token) * 4], text[sizeof(reason->text) * 4], which[16] = "";
	unsigned n_lost;

	if (!log_rate_allows(&view->log_rate, &n_lost))
		return;
	log_quote(token, sizeof(token), reason->token, strlen(reason->token));
	log_quote(text, sizeof(text), reason->text, strlen(reason->text));
	if (rule)
		snprintf(which, sizeof(which), " %u", rule);
	log_notice("view %llu '%s': %s%s: %s%s%s%s%s%s%s", (unsigned long long)view->id, view->name,
		file, which, *token ? "'" : "", token, *token ? "': " : "", text,
		grant ? ", by " : "", grant ? grant : "",
		n_lost ? " (others before it were not logged)" : "");
}

void view_refuse(struct view *view, const char *file, unsigned rule,
	const struct ima_reason *reason, const char *grant)
{
	struct timespec now;

	view->n_refusals++;
	log_refusal(view, file, rule, reason, grant);
	if (!view->reasons && reasons_new(&view->reasons) < 0)
		return; /* without memory for it the log alone tells */
	clock_gettime(CLOCK_REALTIME, &now);
	reasons_add(view->reasons, &now, file, rule, reason, grant);
	atomic_store(&view->head->last_error_size, (uint32_t)reasons_size(view->reasons));
}
