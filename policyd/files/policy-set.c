/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy-set.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

DEFINE_CLEANUP(cleanup_rule_of_set, struct ima_rule, ima_rule_free)

void policy_set_done(struct policy_set *set)
{
	for (size_t i = 0; i < set->n_rules; i++)
		ima_rule_free(set->rules[i]);
	free(set->rules);
	set->rules = NULL;
	set->n_rules = set->n_space = 0;
}

int policy_set_spoil(struct policy_set *set, int error)
{
	if (!set->spoiled)
		set->spoiled = error;
	return error;
}

static int refuse(
	struct policy_set *set, int error, const char *text, struct ima_reason *ret_reason)
{
	*ret_reason = (struct ima_reason){0};
	snprintf(ret_reason->text, sizeof(ret_reason->text), "%s", text);
	return policy_set_spoil(set, error);
}

int policy_set_at(
	struct policy_set *set, uint64_t offset, bool append, struct ima_reason *ret_reason)
{
	if (offset == set->n_bytes || append)
		return 0;
	return refuse(
		set, -EINVAL, "a write does not continue where the last one ended", ret_reason);
}

/* Takes the rule. */
static int add_rule(struct policy_set *set, struct ima_rule *rule)
{
	_cleanup_(cleanup_rule_of_set) struct ima_rule *owned = rule;

	if (set->n_in_force + set->n_rules >= IMA_RULES_MAX) {
		set->n_over++;
		return 0;
	}
	if (set->n_rules == set->n_space) {
		size_t n = set->n_space ? set->n_space * 2 : 8;
		struct ima_rule **rules = reallocarray(set->rules, n, sizeof(*rules));

		if (!rules)
			return -ENOMEM;
		set->rules = rules;
		set->n_space = n;
	}
	set->rules[set->n_rules++] = take_ptr(owned);
	return 0;
}

/* One line without its end. 0 or the refusal. */
static int take_line(
	struct policy_set *set, const char *line, size_t n, struct ima_reason *ret_reason)
{
	_cleanup_(cleanup_rule_of_set) struct ima_rule *rule = NULL;
	int r;

	*ret_reason = (struct ima_reason){0};
	r = ima_rule_parse(line, n, &set->ids, &rule, ret_reason);
	if (r > 0)
		return 0;
	set->n_lines++;
	if (r == 0)
		r = ima_rule_enforceable(rule, ret_reason);
	if (r == 0)
		r = add_rule(set, take_ptr(rule));
	return r < 0 ? policy_set_spoil(set, r) : 0;
}

static size_t line_length(const char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && bytes[i] != '\n' && bytes[i] != '\0')
		i++;
	return i;
}

int policy_set_write(
	struct policy_set *set, const char *bytes, size_t n, struct ima_reason *ret_reason)
{
	size_t n_line = line_length(bytes, n);
	int r;

	if (n_line > IMA_RULE_LINE_MAX) {
		set->n_lines++;
		return refuse(set, -EINVAL, "the rule is as long as a page", ret_reason);
	}
	r = take_line(set, bytes, n_line, ret_reason);
	if (r < 0)
		return r;
	n = MIN(n_line + 1, n); /* the kernel counts a newline that is not there */
	set->n_bytes += n;
	return (int)n;
}

int policy_set_file(
	struct policy_set *set, const char *bytes, size_t n, struct ima_reason *ret_reason)
{
	if (!n)
		return refuse(set, -EINVAL, "the file is empty", ret_reason);
	while (n) {
		size_t n_line = line_length(bytes, n);
		int r = take_line(set, bytes, n_line, ret_reason);

		if (r < 0)
			return r;
		if (n_line == n)
			return refuse(set, -EINVAL, "the last line has no newline", ret_reason);
		if (bytes[n_line] == '\0' && n_line + 1 < n)
			return refuse(set, -EINVAL, "the file holds a NUL", ret_reason);
		bytes += n_line + 1;
		n -= n_line + 1;
	}
	return 0;
}

int policy_set_preview(const struct policy_set *set, const struct ima_policy *policy,
	char **ret_text, size_t *ret_n)
{
	static const struct ima_ids identity;
	_cleanup_free_ char *text = NULL;
	size_t n = 0;
	int r;

	r = ima_policy_format(policy, &identity, &text, &n);
	for (size_t i = 0; i < set->n_rules && r == 0; i++)
		r = ima_rule_format(set->rules[i], &identity, &text, &n);
	if (r < 0)
		return r;
	*ret_text = take_ptr(text);
	*ret_n = n;
	return 0;
}
