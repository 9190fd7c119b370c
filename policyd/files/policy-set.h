/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The set of rules that the writes of one open of `policy` build, committed whole or not at all.
 * Follows ima_write_policy(), ima_read_policy() and ima_release_policy() of Linux, and what ABI
 * says otherwise. Pure. Limits: IMA_RULES_MAX rules in force; more are accepted, dropped and
 * counted. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vsecfs/ima.h"

struct policy_set {
	struct ima_ids ids; /* what ids in rules mean */
	size_t n_in_force;  /* rules that the policy had when it was opened */
	struct ima_rule **rules;
	size_t n_rules, n_space;
	unsigned n_lines; /* rules seen, also refused and dropped ones: numbers the refusals */
	uint32_t n_over;  /* dropped, over the limit */
	uint64_t n_bytes; /* taken by writes: where the next one continues */
	int spoiled;      /* the first error, or 0 */
};

/* Forgets the rules. Harmless on a zeroed one. */
void policy_set_done(struct policy_set *set);

/* Is a write at this offset one that continues the set? With O_APPEND the offset is whatever the
 * kernel last took the size for, and no say of the writer's. 0 or -EINVAL, which spoils the set, as
 * with the kernel. */
int policy_set_at(
	struct policy_set *set, uint64_t offset, bool append, struct ima_reason *ret_reason);

/* Takes one rule from the n > 0 bytes of a write that does not start with '/'. Returns the bytes
 * consumed: up to and with the first newline or NUL (behind a NUL the kernel does not look). Or
 * what refuses it and spoils the set: as ima_rule_parse(); -EINVAL for what is not enforced here,
 * and for a rule of a page or more; -ENOMEM. */
int policy_set_write(
	struct policy_set *set, const char *bytes, size_t n, struct ima_reason *ret_reason);

/* Takes every line of a file whose path was written. 0, or the first refusal, which spoils the set;
 * -EINVAL for an empty file, a last line without newline, a NUL. */
int policy_set_file(
	struct policy_set *set, const char *bytes, size_t n, struct ima_reason *ret_reason);

/* Notes an error of a write. Returns it. */
int policy_set_spoil(struct policy_set *set, int error);

/* What the policy would be with the set appended: canonical text, identity ids, malloc'd. 0 or
 * -ENOMEM. */
int policy_set_preview(const struct policy_set *set, const struct ima_policy *policy,
	char **ret_text, size_t *ret_n);
