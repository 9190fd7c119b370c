/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "inquiry.h"
#include "measurer.h"

#define DEFERRED_MAX 65536

enum witness_verdict witness_judge(
	const struct announced_for *found, uint64_t since_ns, bool script)
{
	if (!found->mount || since_ns > found->time_ns)
		return WITNESS_UNANNOUNCED;
	return script && !found->script ? WITNESS_SCRIPT_UNANNOUNCED : WITNESS_ANNOUNCED;
}

int witness_defer(struct measurer *measurer, const struct measure_witness *report, const char *path,
	size_t n_path)
{
	struct deferred *one;

	if (n_path > IMA_PATH_MAX)
		n_path = IMA_PATH_MAX;
	if (measurer->n_deferred == DEFERRED_MAX)
		return -ENOBUFS;
	one = malloc(sizeof(*one) + n_path + 1);
	if (!one)
		return -ENOMEM;
	*one = (struct deferred){.report = *report, .n_path = n_path};
	if (n_path)
		memcpy(one->path, path, n_path);
	one->path[n_path] = '\0';
	*measurer->deferred_last = one;
	measurer->deferred_last = &one->next;
	measurer->n_deferred++;
	return 0;
}

/* The process runs what no event announced. It is entered like any program, so that the list names
 * the content. *ret_measured: the policy wants it. Negative: it has gone, or executed something
 * else since, or its file system does not let us look. */
static int measure_running(
	struct measurer *measurer, const struct measure_witness *report, bool *ret_measured)
{
	static const struct decide_check check = {.func = IMA_BPRM_CHECK, .mask = IMA_MAY_EXEC};
	static const struct decide_check creds = {.func = IMA_CREDS_CHECK, .mask = IMA_MAY_EXEC};
	_cleanup_close_ int fd = -1;
	struct inquiry inquiry;
	struct file file;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "%d/exe", report->pid);
	fd = events_open(measurer, measurer->proc_fd, path);
	if (fd < 0)
		return fd;
	if (file_stat(fd, &file) < 0 || file.mount_id != report->mount_id)
		return -ESRCH;
	r = inquiry_begin(&inquiry, measurer, report->pid, &file, false);
	if (r < 0)
		return r;
	*ret_measured =
		inquiry_would_measure(&inquiry, &check) || inquiry_would_measure(&inquiry, &creds);
	r = inquiry_check(&inquiry, &check);
	if (r == 0)
		r = inquiry_check(&inquiry, &creds);
	(void)inquiry_end(&inquiry);
	return r;
}

static int enter_violation(struct measurer *measurer, const struct deferred *one)
{
	const struct view_head *head = measurer->head;
	struct ima_event event = {.template = atomic_load(&head->template),
		.hash = atomic_load(&head->hash),
		.pcr = 10,
		.violation = true,
		.path = one->n_path ? one->path : "?",
		.n_path = one->n_path ? one->n_path : 1};
	int error = 0, r = peer_enter(measurer, &event, &error);

	if (r == 0 && error < 0)
		peer_log(measurer, LOG_ERR, "an execution without an event is not in the list: %s",
			strerror(-error));
	return r;
}

/* Errors of the socket end the process; those of the container's files do not. */
static bool is_fatal(int r)
{
	return r == -EPIPE || r == -EPROTO || r == -ETIMEDOUT || r == -ENOMEM || r == -ENOBUFS;
}

static int run_one(struct measurer *measurer, const struct deferred *one)
{
	const struct measure_witness *report = &one->report;
	struct announced_for found;
	enum witness_verdict verdict;
	bool measured = true;
	int r;

	announced_take(
		&measurer->announced, report->tid, report->mount_id, report->time_ns, &found);
	if (!measurer->policy ||
		!(measurer->needs.funcs & (1u << IMA_BPRM_CHECK | 1u << IMA_CREDS_CHECK)) ||
		report->time_ns < measurer->executions_since_ns)
		return 0;
	(void)marks_refresh(&measurer->marks);
	verdict = witness_judge(
		&found, marks_since(&measurer->marks, report->mount_id), report->script);
	if (verdict == WITNESS_UNANNOUNCED) /* maybe a mount namespace that nobody knew */
		(void)marks_scan(&measurer->marks);
	if (verdict == WITNESS_ANNOUNCED)
		return 0;
	if (verdict == WITNESS_UNANNOUNCED) {
		r = measure_running(measurer, report, &measured);
		if (r < 0 && is_fatal(r))
			return r;
		if (r == 0 && !measured)
			return 0;
	}
	return enter_violation(measurer, one);
}

int witness_run_deferred(struct measurer *measurer)
{
	while (measurer->deferred) {
		_cleanup_free_ struct deferred *one = measurer->deferred;
		int r = peer_policy_current(measurer);

		measurer->deferred = one->next;
		if (!measurer->deferred)
			measurer->deferred_last = &measurer->deferred;
		measurer->n_deferred--;
		if (r == 0)
			r = run_one(measurer, one);
		if (r < 0)
			return r;
	}
	return 0;
}
