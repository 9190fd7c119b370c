/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the policy file of a namespace would say to a line, without a namespace. Pure: bytes in,
 * verdict out. */
#include <stdbool.h>
#include <stddef.h>

#include "vsecfs/ima.h"

struct verdict_rules {
	const struct ima_ids *ids; /* of the namespace that would load them */
	bool grammar; /* ask only what the kernel's grammar says, not what is enforced */
};

/* One line of n bytes, without its newline. 0: a rule. 1: blank or a comment. -EINVAL, -ERANGE:
 * refused, and ret_reason says why. -ENOTSUP: the line starts with '/' and so names a file of
 * rules. -ENOMEM. */
int verdict_line(const struct verdict_rules *rules, const char *line, size_t n,
	struct ima_reason *ret_reason);

/* The content of a file of rules that such a line names, all of it, as the kernel's
 * ima_read_policy(): the last line must have its newline, and a NUL ends the reading. Results of
 * verdict_line() but for -ENOTSUP; the reason names the line. */
int verdict_file(const struct verdict_rules *rules, const char *bytes, size_t n,
	struct ima_reason *ret_reason);
