/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../common/cleanup.h"

DEFINE_CLEANUP(cleanup_rule, struct ima_rule, ima_rule_free)

static int refuse(struct ima_reason *ret_reason, const char *text)
{
	*ret_reason = (struct ima_reason){0};
	snprintf(ret_reason->text, sizeof(ret_reason->text), "%s", text);
	return -EINVAL;
}

/* Rules that parse but that nothing here would enforce are refused: a rule that reads back is a
 * rule in force. */
static int judge_rule(const struct verdict_rules *rules, const char *line, size_t n,
	struct ima_reason *ret_reason)
{
	_cleanup_(cleanup_rule) struct ima_rule *rule = NULL;
	int r;

	r = ima_rule_parse(line, n, rules->ids, &rule, ret_reason);
	if (r != 0 || rules->grammar)
		return r;
	return ima_rule_enforceable(rule, ret_reason);
}

int verdict_line(const struct verdict_rules *rules, const char *line, size_t n,
	struct ima_reason *ret_reason)
{
	if (n > 0 && line[0] == '/')
		return -ENOTSUP;
	n = strnlen(line, n); /* the kernel sees a string: nothing behind a NUL counts */
	if (n > IMA_RULE_LINE_MAX) {
		if (!rules->grammar)
			return refuse(
				ret_reason, "a rule must be shorter than a page (4096 bytes)");
		n = IMA_RULE_LINE_MAX; /* the kernel takes the rest for the next write's */
	}
	return judge_rule(rules, line, n, ret_reason);
}

/* Puts the number of the line in front of what is wrong with it. */
static void name_line(struct ima_reason *reason, unsigned number)
{
	char text[sizeof(reason->text)];

	snprintf(text, sizeof(text), "line %u of that file: %.120s", number, reason->text);
	memcpy(reason->text, text, sizeof(text));
}

int verdict_file(const struct verdict_rules *rules, const char *bytes, size_t n,
	struct ima_reason *ret_reason)
{
	unsigned number = 1;
	int r;

	if (n == 0)
		return refuse(ret_reason, "that file is empty");
	for (const char *end; n > 0; number++) {
		size_t n_line;

		end = memchr(bytes, '\n', n);
		n_line = end ? (size_t)(end - bytes) : n;
		if (strnlen(bytes, n_line) < n_line)
			r = refuse(ret_reason, "a NUL byte");
		else
			r = judge_rule(rules, bytes, n_line, ret_reason);
		if (r >= 0 && !end)
			r = refuse(ret_reason, "the newline is missing");
		if (r < 0) {
			name_line(ret_reason, number);
			return r;
		}
		bytes = end + 1;
		n -= n_line + 1;
	}
	return 0;
}
