/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be opened, by whom, and what an open gives. */
#include "handle.h"

#include <errno.h>
#include <fcntl.h>

#include "common/cleanup.h"
#include "metrics.h"
#include "policyd/view/reasons.h"
#include "policyd/view/snapshot.h"

/* Makes the text that a reader gets, as it is at the open. 0 or -ENOMEM. */
typedef int (*snapshot_fn)(struct policyd *policyd, const struct view *view,
	const struct ima_ids *reader, char **ret_text, size_t *ret_n);

static int policy_text(struct policyd *policyd, const struct view *view,
	const struct ima_ids *reader, char **ret_text, size_t *ret_n)
{
	(void)policyd;
	return ima_policy_format(view->policy, reader, ret_text, ret_n);
}

static int last_error_text(struct policyd *policyd, const struct view *view,
	const struct ima_ids *reader, char **ret_text, size_t *ret_n)
{
	(void)policyd;
	(void)reader;
	if (view->reasons)
		return reasons_format(view->reasons, ret_text, ret_n);
	*ret_n = 0;
	*ret_text = calloc(1, 1);
	return *ret_text ? 0 : -ENOMEM;
}

static int metrics_text(struct policyd *policyd, const struct view *view,
	const struct ima_ids *reader, char **ret_text, size_t *ret_n)
{
	(void)view;
	(void)reader;
	return metrics_format(policyd, ret_text, ret_n);
}

/* A row for each file whose open is judged; others are not opened through us. */
static const struct row {
	enum { NOT_OURS, OF_VIEW, OF_HOST } where;
	enum judge_need reader, writer;
	bool early;    /* may be opened before the view is active */
	bool writable; /* a write means something */
	snapshot_fn snapshot;
} rows[KIND_MAX + 1] = {
	[KIND_ACTIVE] = {OF_VIEW, JUDGE_READ, JUDGE_ADMIN, true, true, NULL},
	[KIND_HASH] = {OF_VIEW, JUDGE_READ, JUDGE_ADMIN, true, true, NULL},
	[KIND_TEMPLATE_NAME] = {OF_VIEW, JUDGE_READ, JUDGE_ADMIN, true, true, NULL},
	[KIND_POLICY] = {OF_VIEW, JUDGE_ADMIN, JUDGE_ADMIN, false, true, policy_text},
	/* Tells of rules, so whoever may read the policy may read it. */
	[KIND_LAST_ERROR] = {OF_VIEW, JUDGE_ADMIN, JUDGE_ADMIN, true, false, last_error_text},
	/* Lists: vsecfs reads the state file itself. The kernel lets root open them for writing. */
	[KIND_ASCII... KIND_VIOLATIONS] = {OF_VIEW, JUDGE_READ, JUDGE_READ, false, false, NULL},
	[KIND_PCRS_SHA1] = {OF_VIEW, JUDGE_READ, JUDGE_READ, false, false, NULL},
	[KIND_PCRS_SHA256] = {OF_VIEW, JUDGE_READ, JUDGE_READ, false, false, NULL},
	[KIND_HOST_METRICS] = {.where = OF_HOST, .snapshot = metrics_text},
};

/* O_WRONLY's bit alone makes a writer of `policy` (ima_open_policy()), any other mode than reading
 * one of the rest. */
static bool writes(const struct proto_open *request)
{
	if (request->kind == KIND_POLICY)
		return request->flags & O_WRONLY;
	return (request->flags & O_ACCMODE) != O_RDONLY;
}

static int judge(const struct row *row, const struct view *view, const struct proto_open *request,
	struct judge_caller *ret_caller)
{
	if (row->where == OF_HOST) {
		*ret_caller = (struct judge_caller){0};
		return !view && request->face == FACE_HOST ? 0 : -EACCES;
	}
	if (row->where != OF_VIEW || !view)
		return -EACCES;
	if (!row->early && !(atomic_load(&view->head->flags) & VIEW_ACTIVE))
		return -EACCES;
	if (request->kind == KIND_POLICY && (request->flags & O_ACCMODE) == O_RDWR)
		return -EACCES;
	return judge_open(view, writes(request) ? row->writer : row->reader, (pid_t)request->tid,
		request->uid, request->gid, ret_caller);
}

static int open_snapshot(const struct row *row, struct policyd *policyd, const struct view *view,
	const struct proto_open *request)
{
	struct ima_ids reader = {0};
	_cleanup_free_ char *text = NULL;
	size_t n = 0;
	int r;

	if (view && request->face != FACE_HOST)
		reader = view_ids(view);
	r = row->snapshot(policyd, view, &reader, &text, &n);
	return r < 0 ? r : snapshot_new("vsecfs", text, n);
}

static int open_policy_writer(struct view *view, const struct proto_open *request,
	const struct judge_caller *caller, struct handle **ret_handle)
{
	struct handle *h;
	int r;

	if (view->policy_writer)
		return -EBUSY;
	r = handle_new(view->policyd, view, request, caller, &h);
	if (r < 0)
		return r;
	r = policy_file_new(
		view, (enum proto_face)request->face, handle_policy_answer, h, &h->policy);
	if (r < 0) {
		handle_free(h);
		return r;
	}
	view->policy_writer = h;
	*ret_handle = h;
	return 0;
}

/* Opens what was judged. 0: *ret_number, and *ret_fd where there is a snapshot. */
static int open_judged(struct policyd *policyd, struct view *view, const struct proto_open *request,
	const struct judge_caller *caller, uint64_t *ret_number, int *ret_fd)
{
	const struct row *row = &rows[request->kind];
	_cleanup_close_ int fd = -1;
	struct handle *h = NULL;
	int r = 0;

	if (request->kind == KIND_POLICY && writes(request)) {
		r = open_policy_writer(view, request, caller, &h);
	} else if (row->snapshot) {
		fd = open_snapshot(row, policyd, view, request);
		r = fd < 0 ? fd : handle_new(policyd, view, request, caller, &h);
	} else if (row->writable && writes(request)) {
		r = handle_new(policyd, view, request, caller, &h);
	}
	if (r < 0)
		return r;
	/* An open that was only judged leaves nothing here and needs no limit. */
	*ret_number = h ? h->number : handle_number(policyd, view);
	*ret_fd = take_fd(&fd);
	return 0;
}

void handle_open(struct policyd *policyd, struct view *view, uint64_t cookie,
	const struct proto_open *request)
{
	struct handle *writer = view ? view->policy_writer : NULL;
	struct judge_caller caller;
	_cleanup_close_ int fd = -1;
	uint64_t number = 0;
	int r = -EACCES;

	if (request->kind <= KIND_MAX && request->face <= FACE_HOST)
		r = judge(&rows[request->kind], view, request, &caller);
	/* Closed, but its commit still runs: whoever comes next waits for that, and is not BUSY. */
	if (r == 0 && request->kind == KIND_POLICY && writes(request) && writer &&
		writer->releasing) {
		handle_wait_behind(writer, PROTO_OPEN, cookie, request, sizeof(*request), NULL, 0);
		return;
	}
	if (r == 0)
		r = open_judged(policyd, view, request, &caller, &number, &fd);
	(void)server_reply_opened(policyd, cookie, r, number, fd);
}
