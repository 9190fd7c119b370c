/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The recording data/ima-rules-6.1.tsv: what one write(2) of each of these byte strings to a Debian
 * 6.1 kernel's IMA policy file answered. A line is a verdict (ACCEPT or an errno's name), a tab and
 * the bytes, escaped. */
#include <stddef.h>

#define ORACLE_LINES 1177
#define ORACLE_BYTES (1 << 20)

struct oracle_line {
	unsigned number; /* from 1 */
	int error;       /* 0 or -errno */
	const char *escaped;
	size_t n;
	char *bytes;
};

/* Calls fn for every line and returns how many there were; -1 if the file cannot be read. */
int oracle_each(void (*fn)(const struct oracle_line *line, void *userdata), void *userdata);
