/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One open of `policy` for writing: what its writes, flushes and its release do to the view. Owner:
 * policyd's loop. Limits: one a view; one message at a time, the next waits for the answer. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vsecfs/proto.h"
#include "policyd/view/view.h"

struct policy_file;

/* The answer to a message, given once, now or later: error 0 or -errno; count: bytes taken. */
typedef void (*policy_file_fn)(int error, uint32_t count, void *userdata);

/* fn answers every message. 0 or -ENOMEM. */
int policy_file_new(struct view *view, enum proto_face face, policy_file_fn fn, void *userdata,
	struct policy_file **ret_file);
/* Drops what was not committed; an answer that is due is not given. Accepts NULL. */
void policy_file_free(struct policy_file *file);

/* One write of n bytes by thread tid, already judged, whose file system ids are uid and gid; they
 * open the file when the bytes are a path. Answers with the bytes consumed, or with the refusal as
 * policy_set_write() and caller_file_read() give it. */
void policy_file_write(
	struct policy_file *file, const struct proto_write *request, const char *bytes, size_t n);

/* Answers what the commit would: the first error of a spoiled set, else 0. Changes nothing that
 * anybody sees, but when it answers 0 to a set that measures, a measurer with marks for it stands
 * by (VIEW_FLUSHED), so that nothing which is executed after close(2) goes unseen though the
 * release comes later. -ESRCH, -ETIMEDOUT, ...: it cannot be measured, and the set is spoiled. */
void policy_file_flush(struct policy_file *file);

/* Commits a good set, drops another. Answers 0 or what kept the commit from happening, which nobody
 * is left to hear; free the file then. */
void policy_file_release(struct policy_file *file);

/* Sets the sizes of `policy` that the view's head shows. 0 or -ENOMEM. */
int policy_file_publish_sizes(struct view *view);
