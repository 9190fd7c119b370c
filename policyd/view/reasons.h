/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The last refusals of one view, for `vsecfs/last_error`. Pure but for memory: the caller says what
 * time it is. Limits: REASONS_MAX lines; older ones are forgotten. */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "vsecfs/ima.h"

#define REASONS_MAX 32

struct reasons;

/* 0 or -ENOMEM. */
int reasons_new(struct reasons **ret_reasons);
/* Accepts NULL. */
void reasons_free(struct reasons *reasons);

/* Notes one refusal as the line `TIME FILE RULE "TOKEN" "REASON" GRANT`: seconds since 1970 with
 * milliseconds, the file's name in the view, the rule's number in its set, the offending word, the
 * reason, and the grant that forbade it, `-` where there is none. Bytes that are not printable, and
 * quotation marks, appear as \xHH: what a container wrote cannot forge a line or a field. A line
 * that finds no memory is lost. */
void reasons_add(struct reasons *reasons, const struct timespec *when, const char *file,
	unsigned rule, const struct ima_reason *reason, const char *grant);

/* Bytes of the whole text. */
size_t reasons_size(const struct reasons *reasons);
/* The lines, oldest first; *ret_text is malloc'd and NUL-terminated. 0 or -ENOMEM. */
int reasons_format(const struct reasons *reasons, char **ret_text, size_t *ret_n);
