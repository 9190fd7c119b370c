/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

DEFINE_CLEANUP(cleanup_policy, struct ima_policy, ima_policy_free)

int ima_policy_new(struct ima_policy **ret_policy)
{
	struct ima_policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return -ENOMEM;
	*ret_policy = policy;
	return 0;
}

void ima_policy_free(struct ima_policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->n; i++)
		ima_rule_free(policy->rules[i]);
	free(policy->rules);
	free(policy);
}

int ima_policy_add(struct ima_policy *policy, struct ima_rule *rule)
{
	_cleanup_(cleanup_rule) struct ima_rule *owned = rule;

	if (policy->n == IMA_RULES_MAX)
		return -ENOSPC;
	if (policy->n == policy->n_space) {
		size_t n_space = policy->n_space ? policy->n_space * 2 : 16;
		struct ima_rule **rules = reallocarray(policy->rules, n_space, sizeof(*rules));

		if (!rules)
			return -ENOMEM;
		policy->rules = rules;
		policy->n_space = n_space;
	}
	policy->rules[policy->n++] = take_ptr(owned);
	return 0;
}

size_t ima_policy_n_rules(const struct ima_policy *policy)
{
	return policy->n;
}

int ima_policy_format(const struct ima_policy *policy, const struct ima_ids *reader,
	char **ret_text, size_t *ret_n)
{
	_cleanup_free_ char *text = calloc(1, 1); /* an empty policy is an empty text */
	size_t n = 0;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n; i++) {
		int r = ima_rule_format(policy->rules[i], reader, &text, &n);

		if (r < 0)
			return r;
	}
	*ret_text = take_ptr(text);
	*ret_n = n;
	return 0;
}

int ima_policy_parse(const char *text, size_t n, struct ima_policy **ret_policy)
{
	_cleanup_(cleanup_policy) struct ima_policy *policy = NULL;
	int r = ima_policy_new(&policy);

	if (r < 0)
		return r;
	while (n) {
		const char *newline = memchr(text, '\n', n);
		struct ima_rule *rule;

		if (!newline)
			return -EINVAL;
		r = ima_rule_parse(text, (size_t)(newline - text), NULL, &rule, NULL);
		if (r == 0)
			r = ima_policy_add(policy, rule);
		if (r == -ENOMEM)
			return r;
		if (r != 0) /* policyd wrote rules and nothing else, and not too many */
			return -EINVAL;
		n -= (size_t)(newline - text) + 1;
		text = newline + 1;
	}
	*ret_policy = take_ptr(policy);
	return 0;
}
