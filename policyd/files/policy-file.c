/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy-file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/kernel/caller-file.h"
#include "policy-set.h"
#include "policyd/policyd.h"

struct policy_file {
	struct view *view;
	enum proto_face face;
	policy_file_fn fn;
	void *userdata;
	struct policy_set set;
	size_t n_armed;              /* rules of the set that the measurer has marks for */
	bool arming, releasing;      /* arming: measurer_arm() will answer */
	struct caller_file *reading; /* the file whose path was written */
	uint32_t n_path;             /* what that write consumed */
};

DEFINE_CLEANUP(cleanup_policy, struct ima_policy, ima_policy_free)

int policy_file_new(struct view *view, enum proto_face face, policy_file_fn fn, void *userdata,
	struct policy_file **ret_file)
{
	struct policy_file *file = calloc(1, sizeof(*file));

	if (!file)
		return -ENOMEM;
	file->view = view;
	file->face = face;
	file->fn = fn;
	file->userdata = userdata;
	/* Ids mean what they mean in the namespace, whoever writes (ABI, "Who may open what", 6).
	 */
	file->set.ids = view_ids(view);
	file->set.n_in_force = ima_policy_n_rules(view->policy);
	*ret_file = file;
	return 0;
}

/* No set waits for its release any more; marks that only it needed are given back. */
static void stand_down(struct policy_file *file)
{
	if (!file->n_armed)
		return;
	file->n_armed = 0;
	atomic_fetch_and(&file->view->head->flags, ~VIEW_FLUSHED);
	(void)measurer_send_policy(file->view);
}

void policy_file_free(struct policy_file *file)
{
	if (!file)
		return;
	if (file->arming)
		measurer_arm_forget(file->view);
	stand_down(file);
	caller_file_free(file->reading);
	policy_set_done(&file->set);
	free(file);
}

static void answer(struct policy_file *file, int error, uint32_t count)
{
	file->fn(error, count, file->userdata);
}

/* A spoiled set will not be committed: what was armed for it stands down. */
static void refused(struct policy_file *file, int error, const struct ima_reason *reason)
{
	policy_set_spoil(&file->set, error);
	view_refuse(file->view, "policy", file->set.n_lines, reason, NULL);
	stand_down(file);
}

static void refused_because(struct policy_file *file, int error, const char *what)
{
	struct ima_reason reason = {0};

	snprintf(reason.text, sizeof(reason.text), "%s: %s", what, strerror(-error));
	refused(file, error, &reason);
}

/* ---- write ---- */

static void on_file(int error, const char *bytes, size_t n, void *userdata)
{
	struct policy_file *file = userdata;
	struct ima_reason reason;

	file->reading = NULL;
	if (error < 0) {
		refused_because(file, error, "the file that was named");
		answer(file, error, 0);
		return;
	}
	error = policy_set_file(&file->set, bytes, n, &reason);
	if (error < 0) {
		refused(file, error, &reason);
		answer(file, error, 0);
		return;
	}
	file->set.n_bytes += file->n_path;
	answer(file, 0, file->n_path);
}

static int read_path(
	struct policy_file *file, const struct proto_write *request, const char *bytes, size_t n)
{
	const char *end = memchr(bytes, '\n', n);
	size_t n_path = strnlen(bytes, end ? (size_t)(end - bytes) : n);

	file->n_path = (uint32_t)MIN(n_path + 1, n);
	return caller_file_read(&file->view->hung, file->view->policyd->loop,
		file->view->policyd->proc_fd, (pid_t)request->tid, request->uid, request->gid,
		bytes, n_path, on_file, file, &file->reading);
}

void policy_file_write(
	struct policy_file *file, const struct proto_write *request, const char *bytes, size_t n)
{
	struct ima_reason reason;
	int r;

	if (n == 0) {
		answer(file, 0, 0);
		return;
	}
	r = policy_set_at(&file->set, request->offset, request->append, &reason);
	if (r == 0 && bytes[0] == '/') {
		r = read_path(file, request, bytes, n);
		if (r == 0)
			return;
		refused_because(file, r, "the file that was named");
		answer(file, r, 0);
		return;
	}
	if (r == 0)
		r = policy_set_write(&file->set, bytes, n, &reason);
	if (r < 0)
		refused(file, r, &reason);
	answer(file, MIN(r, 0), r > 0 ? (uint32_t)r : 0);
}

/* ---- commit ---- */

static uint32_t policy_size(const struct view *view, const struct ima_ids *reader, int *error)
{
	_cleanup_free_ char *text = NULL;
	size_t n = 0;
	int r = ima_policy_format(view->policy, reader, &text, &n);

	if (r < 0)
		*error = r;
	return (uint32_t)n;
}

int policy_file_publish_sizes(struct view *view)
{
	static const struct ima_ids identity;
	struct ima_ids ids = view_ids(view);
	int error = 0;
	uint32_t inside = policy_size(view, &ids, &error);
	uint32_t host = policy_size(view, &identity, &error);

	if (error < 0)
		return error;
	atomic_store(&view->head->policy_size_inside, inside);
	atomic_store(&view->head->policy_size_host, host);
	return 0;
}

/* The whole new policy is made before the old one goes: without memory the old one stays, never
 * half of the set. */
static int swap_policy(struct policy_file *file)
{
	_cleanup_(cleanup_policy) struct ima_policy *policy = NULL;
	_cleanup_free_ char *text = NULL;
	struct view *view = file->view;
	struct ima_policy *old;
	size_t n;
	int r;

	r = policy_set_preview(&file->set, view->policy, &text, &n);
	if (r == 0)
		r = ima_policy_parse(text, n, &policy);
	if (r < 0)
		return r;
	old = view->policy;
	view->policy = policy;
	policy = old;
	r = policy_file_publish_sizes(view);
	if (r < 0) {
		policy = view->policy;
		view->policy = old;
	}
	return r;
}

static void tell_dropped(struct view *view, uint32_t n_over)
{
	struct ima_reason reason = {0};

	if (!n_over)
		return;
	view->n_dropped += n_over;
	snprintf(reason.text, sizeof(reason.text),
		"%u rules were dropped: a namespace has at most %d", n_over, IMA_RULES_MAX);
	view_refuse(view, "policy", 0, &reason, NULL);
}

static int commit(struct policy_file *file)
{
	struct view *view = file->view;
	int r = 0;

	if (file->set.n_rules)
		r = swap_policy(file);
	if (r < 0) {
		refused_because(file, r, "the set could not be committed");
		return r;
	}
	tell_dropped(view, file->set.n_over);
	if (!file->set.n_rules)
		return 0;
	/* In this order: a measurer that sees no VIEW_FLUSHED any more sees the new generation, and
	 * finds the policy of that generation in its socket. */
	atomic_fetch_add(&view->head->policy_generation, 1);
	(void)measurer_send_policy(
		view); /* one that cannot be told is ended, and its successor told */
	atomic_fetch_and(&view->head->flags, ~VIEW_FLUSHED);
	file->n_armed = 0;
	log_notice("view %llu '%s': policy: %zu rules appended, %zu in force, %u dropped",
		(unsigned long long)view->id, view->name, file->set.n_rules,
		ima_policy_n_rules(view->policy), view->n_dropped);
	return r;
}

/* ---- flush and release ---- */

static void on_armed(struct view *view, int error, void *userdata)
{
	struct policy_file *file = userdata;

	file->arming = false;
	if (error < 0) {
		refused_because(file, error, "the namespace cannot be measured");
		answer(file, error, 0);
		return;
	}
	file->n_armed = file->set.n_rules;
	atomic_fetch_or(&view->head->flags, VIEW_FLUSHED);
	if (file->releasing)
		error = commit(file);
	answer(file, error, 0);
}

/* 0: nothing to wait for. 1: on_armed() will answer. */
static int arm(struct policy_file *file)
{
	_cleanup_(cleanup_policy) struct ima_policy *policy = NULL;
	_cleanup_free_ char *text = NULL;
	struct ima_needs needs;
	size_t n;
	int r;

	if (file->n_armed == file->set.n_rules)
		return 0;
	r = policy_set_preview(&file->set, file->view->policy, &text, &n);
	if (r == 0)
		r = ima_policy_parse(text, n, &policy);
	if (r < 0)
		return r;
	ima_policy_needs(policy, &needs);
	if (!needs.funcs)
		return 0;
	r = measurer_arm(file->view, text, n, on_armed, file);
	file->arming = r == 0;
	return r < 0 ? r : 1;
}

void policy_file_flush(struct policy_file *file)
{
	int r = file->set.spoiled;

	if (!r)
		r = arm(file);
	if (r < 0 && !file->set.spoiled)
		refused_because(file, r, "the namespace cannot be measured");
	if (r <= 0)
		answer(file, r, 0);
}

void policy_file_release(struct policy_file *file)
{
	int r = file->set.spoiled;

	file->releasing = true;
	if (!r) /* a writer that was killed never flushed */
		r = arm(file);
	if (r < 0 && !file->set.spoiled)
		refused_because(file, r, "the namespace cannot be measured");
	if (r == 0)
		r = commit(file);
	if (r <= 0)
		answer(file, r, 0);
}
