/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One open of `policy` for writing: the set of rules that its writes build and its release commits,
 * whole or not at all. Follows ima_write_policy() and ima_release_policy() of Linux, and what ABI
 * says otherwise. Pure but for reasons told (view_refuse()) and the policy it commits to. Limits:
 * IMA_RULES_MAX rules a view; more are accepted, dropped and counted. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"

struct policy_set {
	struct ima_rule **rules;
	size_t n_rules;
	unsigned n_lines; /* rules seen, refused and dropped ones too: numbers the refusals */
	uint32_t n_over;  /* dropped, over the limit */
	uint64_t n_bytes; /* taken by writes: where the next one continues */
	int spoiled;      /* first error; 0 */
};

void policy_set_done(struct policy_set *set);

/* Is a write at this offset one that continues the set? With O_APPEND (append) the kernel names the
 * end of the file, which is at least size. 0 or -EINVAL, which spoils the set as in the kernel. */
int policy_set_at(struct policy_set *set, uint64_t offset, bool append, uint64_t size);

/* Takes one rule from the n bytes of a write (not starting with '/'). Returns the bytes consumed:
 * up to and with the first newline or NUL. Or the errno of the refusal, which spoils the set: as
 * ima_rule_parse(), -EINVAL for what is not enforced here and for a rule of a page or more,
 * -ENOMEM. */
int policy_set_write(struct policy_set *set, struct view *view, const char *bytes, size_t n);

/* Takes every line of a file whose path was written, as ima_read_policy(): each line must end in a
 * newline. 0 or the first refusal. */
int policy_set_file(struct policy_set *set, struct view *view, const char *bytes, size_t n);

/* Notes an error of the write itself. Returns it. */
int policy_set_spoil(struct policy_set *set, int error);

/* What the view's policy would be with the set: canonical text, identity ids, malloc'd. 0 or
 * -ENOMEM. */
int policy_set_preview(
	const struct policy_set *set, const struct view *view, char **ret_text, size_t *ret_n);

/* Appends the set to the view's policy, all of it or, on -ENOMEM, nothing, and publishes the new
 * sizes; the set is empty after it. The generation is the caller's to publish, once the measurer
 * has been told. An empty or spoiled set is dropped: 1. */
int policy_set_commit(struct policy_set *set, struct view *view);

/* Sets the sizes of `policy` that the view's head shows. 0 or -ENOMEM. */
int policy_publish_sizes(struct view *view);
