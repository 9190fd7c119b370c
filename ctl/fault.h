/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What failed and what to do about it, as one line for the administrator. Functions that can fail
 * in many ways fill one and return the errno beside it; only a command prints it. Owner: the
 * caller's stack. */
#include "../common/cleanup.h"

struct fault {
	char text[1024];
};

/* Sets the text from the format, followed by ": " and what error (-errno) means. Returns error. */
int fault_set(struct fault *fault, int error, const char *format, ...) _printf_(3, 4);

/* The same without the errno's words, for a text that already says what to do. Returns error. */
int fault_say(struct fault *fault, int error, const char *format, ...) _printf_(3, 4);
