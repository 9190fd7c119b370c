/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel's grammar says of bytes that are offered to it: ima_write_policy(),
 * ima_read_policy() and ima_parse_add_rule(), without keeping a rule. */
#include "rule.h"

#include <errno.h>
#include <string.h>

/* ima_parse_add_rule() of a line of n bytes: 0 or the errno. */
static int check_line(
	const char *line, size_t n, const struct ima_ids *ids, struct ima_reason *ret_reason)
{
	_cleanup_(cleanup_rule) struct ima_rule *rule = NULL;
	int r = ima_rule_parse(line, n, ids, &rule, ret_reason);

	return MIN(r, 0);
}

/* Bytes before the first newline or NUL. */
static size_t line_length(const char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && bytes[i] != '\n' && bytes[i] != '\0')
		i++;
	return i;
}

int ima_grammar_write(const char *bytes, size_t n, const struct ima_ids *ids, size_t *ret_used,
	struct ima_reason *ret_reason)
{
	size_t n_line;
	int r;

	if (n && bytes[0] == '/')
		return -ENOTSUP;
	n_line = line_length(bytes, MIN(n, (size_t)IMA_RULE_LINE_MAX));
	r = check_line(bytes, n_line, ids, ret_reason);
	if (r < 0)
		return r;
	*ret_used = MIN(n_line + 1, n); /* the kernel counts a newline that is not there */
	return 0;
}

int ima_grammar_file(
	const char *bytes, size_t n, const struct ima_ids *ids, struct ima_reason *ret_reason)
{
	if (!n)
		return rule_refuse(ret_reason, -EINVAL, "", "the file is empty");
	while (n) {
		size_t n_line = line_length(bytes, n);
		int r = check_line(bytes, n_line, ids, ret_reason);

		if (r < 0)
			return r;
		if (n_line == n)
			return rule_refuse(ret_reason, -EINVAL, "", "the last line has no newline");
		/* strsep() stops at a NUL for good; what stands behind it would go unread. */
		if (bytes[n_line] == '\0' && n_line + 1 < n)
			return rule_refuse(ret_reason, -EINVAL, "", "the file holds a NUL");
		bytes += n_line + 1;
		n -= n_line + 1;
	}
	return 0;
}
