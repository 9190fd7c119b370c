/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "policy-file.h"
#include "small-file.h"
#include "vsecfs/tree.h"

/* A message that waits until the one before it is answered. */
struct waiting {
	struct waiting *next;
	uint64_t cookie;
	enum proto_op op;
	union {
		struct proto_open open;
		struct proto_write write;
		struct proto_handle handle;
	};
	size_t n;
	char bytes[];
};

/* ---- handles ---- */

static struct handle_set *set_of(struct policyd *policyd, struct view *view)
{
	return view ? &view->handles : &policyd->handles;
}

static struct handle *find(struct policyd *policyd, uint64_t number)
{
	uint32_t serial = (uint32_t)(number >> 32);
	struct view *view = serial ? registry_by_serial(policyd, serial) : NULL;
	struct handle *h = serial && !view ? NULL : set_of(policyd, view)->first;

	while (h && h->number != number)
		h = h->next;
	return h;
}

uint64_t handle_number(struct policyd *policyd, struct view *view)
{
	struct handle_set *set = set_of(policyd, view);
	uint64_t number;

	do {
		if (++set->last == 0)
			set->last = 1;
		number = (uint64_t)(view ? view->serial : 0) << 32 | set->last;
	} while (find(policyd, number));
	return number;
}

int handle_new(struct policyd *policyd, struct view *view, const struct proto_open *request,
	const struct judge_caller *caller, struct handle **ret_handle)
{
	struct handle_set *set = set_of(policyd, view);
	struct handle *h;

	if (set->n[request->face] >= VIEW_HANDLES_MAX)
		return -ENFILE;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->policyd = policyd;
	h->view = view;
	h->kind = (enum file_kind)request->kind;
	h->face = (enum proto_face)request->face;
	h->caller = *caller;
	h->last = &h->first;
	h->number = handle_number(policyd, view);
	h->next = set->first;
	set->first = h;
	set->n[h->face]++;
	*ret_handle = h;
	return 0;
}

static void unlink_handle(struct handle *h)
{
	struct handle_set *set = set_of(h->policyd, h->view);

	for (struct handle **at = &set->first; *at; at = &(*at)->next) {
		if (*at != h)
			continue;
		*at = h->next;
		set->n[h->face]--; /* once: released() unlinks before handle_free() does */
		break;
	}
	if (h->view && h->view->policy_writer == h)
		h->view->policy_writer = NULL;
}

void handle_refuse(struct policyd *policyd, enum proto_op op, uint64_t cookie, int error)
{
	if (op == PROTO_OPEN)
		(void)server_reply_opened(policyd, cookie, error, 0, -1);
	else if (op != PROTO_RELEASE)
		(void)server_reply_done(policyd, cookie, error, 0);
}

void handle_free(struct handle *h)
{
	unlink_handle(h);
	if (h->busy)
		handle_refuse(h->policyd, h->op, h->cookie, -ENODEV);
	while (h->first) {
		struct waiting *w = h->first;

		h->first = w->next;
		handle_refuse(h->policyd, w->op, w->cookie, -ENODEV);
		free(w);
	}
	policy_file_free(h->policy);
	free(h);
}

void handle_drop_all(struct view *view)
{
	while (view->handles.first)
		handle_free(view->handles.first);
}

void handle_drop_face(struct view *view, enum proto_face face)
{
	struct handle *next;

	for (struct handle *h = view->handles.first; h; h = next) {
		next = h->next;
		if (h->face == face)
			handle_free(h);
	}
}

void handle_drop_host(struct policyd *policyd)
{
	while (policyd->handles.first)
		handle_free(policyd->handles.first);
}

/* ---- messages in order ---- */

void handle_wait_behind(struct handle *h, enum proto_op op, uint64_t cookie, const void *request,
	size_t n_request, const void *bytes, size_t n)
{
	struct waiting *w = h->n_waiting < HANDLE_WAITING_MAX || op == PROTO_RELEASE
				    ? calloc(1, sizeof(*w) + n)
				    : NULL;

	if (!w) {
		handle_refuse(h->policyd, op, cookie, -EBUSY);
		return;
	}
	w->op = op;
	w->cookie = cookie;
	memcpy(&w->open, request, n_request);
	w->n = n;
	if (n)
		memcpy(w->bytes, bytes, n);
	*h->last = w;
	h->last = &w->next;
	h->n_waiting++;
}

static void run_write(struct handle *h, uint64_t cookie, const struct proto_write *request,
	const void *bytes, size_t n);
static void run_flush(struct handle *h, uint64_t cookie);
static void run_release(struct handle *h);

static struct waiting *take_waiting(struct handle *h)
{
	struct waiting *w = h->first;

	if (!w)
		return NULL;
	h->first = w->next;
	if (!h->first)
		h->last = &h->first;
	h->n_waiting--;
	return w;
}

static void run_waiting(struct handle *h)
{
	struct waiting *w;

	h->draining = true;
	while (!h->busy && (w = take_waiting(h))) {
		enum proto_op op = w->op;

		if (op == PROTO_WRITE)
			run_write(h, w->cookie, &w->write, w->bytes, w->n);
		else if (op == PROTO_FLUSH)
			run_flush(h, w->cookie);
		else if (op == PROTO_RELEASE)
			run_release(h);
		else
			handle_refuse(h->policyd, op, w->cookie, -EBUSY);
		free(w);
		if (op == PROTO_RELEASE) /* the handle is busy with it, or gone */
			return;
	}
	h->draining = false;
}

/* The writer is gone; the opens that waited for that are judged now. */
static void released(struct handle *h)
{
	struct waiting *w;

	unlink_handle(h);
	h->busy = false;
	while ((w = take_waiting(h))) {
		if (w->op == PROTO_OPEN)
			handle_open(h->policyd, h->view, w->cookie, &w->open);
		else
			handle_refuse(h->policyd, w->op, w->cookie, -EBADF);
		free(w);
	}
	handle_free(h);
}

void handle_policy_answer(int error, uint32_t count, void *userdata)
{
	struct handle *h = userdata;

	if (h->op == PROTO_RELEASE) {
		released(h);
		return;
	}
	(void)server_reply_done(h->policyd, h->cookie, error, count);
	h->busy = false;
	if (!h->draining) /* else the loop below goes on by itself */
		run_waiting(h);
}

/* ---- write, flush, release ---- */

static const char *small_name(enum file_kind kind)
{
	return kind == KIND_ACTIVE ? "active" : kind == KIND_HASH ? "hash" : "template_name";
}

static int write_small(
	struct handle *h, const struct proto_write *request, const void *bytes, size_t n)
{
	struct ima_reason reason = {0};
	int r;

	if (h->kind != KIND_ACTIVE && h->kind != KIND_HASH && h->kind != KIND_TEMPLATE_NAME)
		return -EINVAL; /* a snapshot, as the kernel's lists */
	r = small_file_write(h->view, h->kind, request->append ? 0 : request->offset, bytes, n);
	if (r == 0)
		return 0;
	if (n && ((const char *)bytes)[n - 1] == '\n')
		n--;
	snprintf(reason.token, sizeof(reason.token), "%.*s", (int)MIN(n, sizeof(reason.token) - 1),
		(const char *)bytes);
	snprintf(reason.text, sizeof(reason.text), "%s",
		r == -EBUSY || r == -EPERM ? "the view is active already"
		: r == -EINVAL             ? "not a value that this file takes"
					   : strerror(-r));
	view_refuse(h->view, small_name(h->kind), 0, &reason, NULL);
	return r;
}

static void start(struct handle *h, enum proto_op op, uint64_t cookie)
{
	h->busy = true;
	h->op = op;
	h->cookie = cookie;
}

static void run_write(struct handle *h, uint64_t cookie, const struct proto_write *request,
	const void *bytes, size_t n)
{
	int r = -EINVAL;

	if (h->view)
		r = judge_write(
			h->view, &h->caller, (pid_t)request->tid, request->uid, request->gid);
	if (r == 0 && h->policy) {
		start(h, PROTO_WRITE, cookie);
		policy_file_write(h->policy, request, bytes, n);
		return;
	}
	if (r == 0)
		r = write_small(h, request, bytes, n);
	(void)server_reply_done(h->policyd, cookie, r, r < 0 ? 0 : (uint32_t)n);
}

static void run_flush(struct handle *h, uint64_t cookie)
{
	if (!h->policy) {
		(void)server_reply_done(h->policyd, cookie, 0, 0);
		return;
	}
	start(h, PROTO_FLUSH, cookie);
	policy_file_flush(h->policy);
}

static void run_release(struct handle *h)
{
	start(h, PROTO_RELEASE, 0);
	if (h->policy)
		policy_file_release(h->policy);
	else
		released(h);
}

void handle_write(struct policyd *policyd, uint64_t cookie, const struct proto_write *request,
	const void *bytes, size_t n)
{
	struct handle *h = find(policyd, request->handle);

	if (!h)
		handle_refuse(policyd, PROTO_WRITE, cookie, -ENODEV);
	else if (h->busy || h->first)
		handle_wait_behind(h, PROTO_WRITE, cookie, request, sizeof(*request), bytes, n);
	else
		run_write(h, cookie, request, bytes, n);
}

void handle_flush(struct policyd *policyd, uint64_t cookie, const struct proto_handle *request)
{
	struct handle *h = find(policyd, request->handle);

	if (!h) /* its view has ended: what was written will never be in force */
		handle_refuse(policyd, PROTO_FLUSH, cookie, -ENODEV);
	else if (h->busy || h->first)
		handle_wait_behind(h, PROTO_FLUSH, cookie, request, sizeof(*request), NULL, 0);
	else
		run_flush(h, cookie);
}

void handle_release(struct policyd *policyd, const struct proto_handle *request)
{
	struct handle *h = find(policyd, request->handle);

	if (!h || h->releasing)
		return;
	h->releasing = true;
	if (h->busy || h->first)
		handle_wait_behind(h, PROTO_RELEASE, 0, request, sizeof(*request), NULL, 0);
	else
		run_release(h);
}
